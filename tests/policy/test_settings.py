"""Configuration: defaults without any, the engine's merging and validation, levels, open questions,
remediation (S20, S21).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from moto.elbv2.ssl_policies import SSL_POLICIES

from contract import hmr
from policy.harness import UNKNOWN, Analyzer, PolicyConfigError, Secret
from policy.rules import ALL_RULES
from policy.rules.core.rule import Finding, ResourceRule, Settings
from policy.rules.core.rule import Resource as RuleResource
from policy.rules.core.run import Run
from policy.rules.core.values import UNKNOWN as UNKNOWN_INSIDE
from policy.rules.load_balancers import ALB_IDLE_TIMEOUT, ALB_LONGEST_IDLE_TIMEOUT_SECONDS
from policy.rules.target_groups import TARGET_GROUP_STICKINESS
from tests.policy.complying import (
    BUCKET_BLOCK,
    GROUP,
    KEY,
    LB,
    LISTENER,
    SERVICE,
    SUBNET,
    TARGETS,
    but,
)
from tests.policy.conftest import resource
from tests.policy.inside import Inside
from tests.policy.scenes import INLINE, one, port

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = hmr.HmrContract(public_url="https://edit.example.com")


def levels(analyzer: Analyzer, type_: str, changes: dict[str, Any], rule: str) -> set[str]:
    return {
        each.level
        for each in analyzer.analyze(resource(type_, **but(type_, changes)))
        if each.policy == rule
    }


@pytest.fixture(scope="module")
def settings_pack() -> Iterator[Analyzer]:
    """A pack of this module's own, whose configuration the tests change."""
    with Inside(ROOT / "policy") as analyzer:
        yield analyzer


@contextmanager
def configured(analyzer: Analyzer, config: Mapping[str, object]) -> Iterator[Analyzer]:
    """The pack with this configuration."""
    analyzer.configure(config)
    yield analyzer


# The HMR contract's numbers


def test_idle_timeout_bounds_are_the_contracts() -> None:
    """The pack carries them as settings, so that it stands alone; they may not drift."""
    settings = ALB_IDLE_TIMEOUT.settings()
    assert settings["heartbeatSeconds"] == hmr.HIDDEN_TAB_HEARTBEAT_SECONDS
    assert (
        int(str(settings["heartbeatSeconds"])) * (1 + int(str(settings["lostHeartbeats"])))
        == hmr.SHORTEST_IDLE_TIMEOUT_SECONDS
    )
    assert hmr.ALB_IDLE_TIMEOUT_SECONDS[1] == ALB_LONGEST_IDLE_TIMEOUT_SECONDS
    assert settings["remedySeconds"] == CONTRACT.idle_timeout_seconds


def test_stickiness_is_the_contracts() -> None:
    """One hour."""
    settings = TARGET_GROUP_STICKINESS.settings()
    assert settings["minimumSeconds"] == settings["remedySeconds"] == CONTRACT.stickiness_seconds


# Defaults, merging, validation


def test_defaults_hold_without_any_configuration() -> None:
    """Also for an analyzer that nobody configured, which sees an empty configuration."""
    for rule in ALL_RULES:
        shared = rule.shares.settings() if rule.shares else {}
        assert (
            rule.settings({})
            == rule.settings(None)
            == {**shared, **{name: schema["default"] for name, schema in rule.schema.items()}}
        )
        assert shared.keys() & rule.schema.keys() <= {"whenUnknown"}


def test_given_settings_go_over_defaults_one_by_one(settings_pack: Analyzer) -> None:
    """What is not given keeps its default, as in the engine."""
    with configured(settings_pack, {"alb-idle-timeout": {"heartbeatSeconds": 100}}) as analyzer:
        assert analyzer.settings()["alb-idle-timeout"].properties["lostHeartbeats"] == 1
        assert levels(analyzer, LB, {"idleTimeout": 199}, "alb-idle-timeout") == {"mandatory"}
        assert levels(analyzer, LB, {"idleTimeout": 200}, "alb-idle-timeout") == set()


def test_level_for_all_and_for_one(settings_pack: Analyzer) -> None:
    """`all` sets every level, a rule's own level goes over it."""
    with configured(settings_pack, {"all": "disabled", "alb-idle-timeout": "advisory"}) as analyzer:
        assert {each.level for each in analyzer.settings().values()} == {"disabled", "advisory"}
        found = analyzer.analyze(resource(LB, idleTimeout=60))
        assert {(each.policy, each.level) for each in found} == {("alb-idle-timeout", "advisory")}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"alb-idle-timeout": {"heartbeatSeconds": "often"}},
            "heartbeatSeconds is 'often'; allowed is integer",
        ),
        (
            {"alb-idle-timeout": {"heartbeatSeconds": 0}},
            "heartbeatSeconds is 0; allowed is at least 1",
        ),
        (
            {"alb-idle-timeout": {"remedySeconds": 4001}},
            "remedySeconds is 4001; allowed is at most 4000",
        ),
        (
            {"alb-idle-timeout": {"heartbeatSeconds": 1.5}},
            "heartbeatSeconds is 1.5; allowed is integer",
        ),
        (
            {"alb-idle-timeout": {"whenUnknown": "maybe"}},
            "whenUnknown is 'maybe'; allowed is one of advisory, mandatory, ignore",
        ),
        (
            {"no-public-port": ["advisory"]},
            r"no-public-port is \['advisory'\]; allowed is an enforcement level",
        ),
        ({"no-public-port": {"enforcementLevel": ["advisory"]}}, "allowed is an enforcement level"),
        ({"all": 1}, "all is 1; allowed is an enforcement level"),
        (
            {"alb-idle-timeout": "strict"},
            "enforcement level is 'strict', which does not exist; allowed is one of",
        ),
        (
            {"alb-idle-timeout": "mandatry"},
            "enforcement level is 'mandatry', which does not exist; did you mean 'mandatory'",
        ),
        (
            {"alb-idle-timeout": {"heartbeatsSeconds": 60}},
            "no setting 'heartbeatsSeconds'; did you mean 'heartbeatSeconds'",
        ),
        (
            {"alb-idle-timeout": {"lostHeartbeats": "1", "remedySeconds": 0}},
            "lostHeartbeats is '1'.*remedySeconds is 0",
        ),
        (
            {"listener-tls-policy": {"policyPattern": "ELB("}},
            "listener-tls-policy.policyPattern is 'ELB.'; allowed is a regular expression",
        ),
        (
            {"no-public-port": {"frontDoorCidrs": ["the office"]}},
            r"frontDoorCidrs\[0\] is 'the office'; allowed is a CIDR block",
        ),
        (
            {"no-public-port": {"frontDoorPorts": ["443"]}},
            r"frontDoorPorts\[0\] is '443'; allowed is integer",
        ),
        (
            {"alb-idle-timeuot": "mandatory"},
            "'alb-idle-timeuot' is not a rule of this pack; did you mean 'alb-idle-timeout'",
        ),
        ({"alb-idle-timeuot": {"heartbeatSeconds": 60}}, "did you mean 'alb-idle-timeout'"),
        (
            {"all": {"enforcementLevel": "advisory", "whenUnkown": "mandatory"}},
            "all has 'whenUnkown'; allowed is 'enforcementLevel' only",
        ),
        ({"all": {"whenUnknown": "mandatory"}}, "all has 'whenUnknown'"),
        ({"no-public-port": None}, "no-public-port is null; allowed is an enforcement level"),
        (
            {"alb-idle-timeout": {"heartbeatSeconds": 5000}},
            r"heartbeatSeconds times \(1 \+ lostHeartbeats\) is 10000; allowed is at most 4000",
        ),
        (
            {"alb-idle-timeout": {"remedySeconds": 10}},
            "remedySeconds is 10; allowed is at least 120",
        ),
        (
            {"target-group-stickiness": {"minimumSeconds": 7200}},
            "remedySeconds is 3600; allowed is at least 7200",
        ),
        ({"log-retention": {"minimumDays": 900}}, "minimumDays is 900; allowed is at most 731"),
        (
            {"no-public-port": {"trustedCidrs": ["0.0.0.0/0"]}},
            "trustedCidrs hold .*To switch the rule off, set its enforcementLevel",
        ),
        ({"no-public-port": {"trustedCidrs": ["0.0.0.0/1", "128.0.0.0/1"]}}, "trustedCidrs hold"),
        (
            {"no-public-port": {"frontDoorCidrs": ["198.51.100.7/8"]}},
            "allowed is a CIDR block whose address is its first",
        ),
        (
            {"listener-tls-policy": {"policyPattern": ".*"}},
            "which admits ELBSecurityPolicy-2016-08",
        ),
        ({"listener-tls-policy": {"policyPattern": ""}}, "which admits ELBSecurityPolicy-2016-08"),
        (
            {"no-public-port": {"frontDoorPorts": [443, 22, 3389]}},
            r"frontDoorPorts have 22 \(SSH\), 3389 \(remote desktop\); allowed",
        ),
        (
            {"no-public-port": {"frontDoorPorts": list(range(8000, 8051))}},
            "frontDoorPorts are 51 ports; allowed are at most 50",
        ),
        (
            {"listeners-stack": {"internalLoadBalancers": ["*"]}},
            r"internalLoadBalancers\[0\] is '\*'; allowed is text that matches",
        ),
        ({"listener-redirect-target": {"redirectHosts": ["*"]}}, r"redirectHosts\[0\] is '\*'"),
        ({"task-plain-secrets": {"allowedNames": [".*"]}}, r"allowedNames\[0\] is '\.\*'"),
        (
            {"service-platform-version": {"platformVersions": ["newest"]}},
            r"platformVersions\[0\] is 'newest'",
        ),
        (
            {"service-platform-version": {"platformVersions": []}},
            r"platformVersions is \[\]; allowed are at least 1",
        ),
        (
            {"security-group-egress": {"allowedCidrs": ["0.0.0.0/0"]}},
            "allowedCidrs hold .*To switch the rule off",
        ),
        (
            {"security-group-egress": {"allowedCidrs": ["anywhere"]}},
            r"allowedCidrs\[0\] is 'anywhere'; allowed is a CIDR block",
        ),
        ({"log-retention": {"maximumDays": 4000}}, "maximumDays is 4000; allowed is at most 3653"),
        (
            {"secret-rotation": {"maximumDays": 1001}},
            "maximumDays is 1001; allowed is at most 1000",
        ),
        (
            {"no-opaque-resource": {"harmlessProviders": ["aws-native"]}},
            r"harmlessProviders\[0\] is 'aws-native'",
        ),
        ({"exemptions": {"longestDays": 100000}}, "longestDays is 100000; allowed is at most 1096"),
        ({"exemptions": {"entries": {"rule": "x"}}}, "allowed is a list"),
        (
            {"exemptions": {"entries": [{"rule": "log-retention"}]}},
            "lacks 'resource', 'reason', 'expires'",
        ),
        (
            {"xyz": "mandatory"},
            "'xyz' is not a rule of this pack; allowed is one of alb-access-logs, alb-",
        ),
    ],
)
def test_bad_configuration_names_setting_value_and_what_is_allowed(
    settings_pack: Analyzer, config: dict[str, object], message: str
) -> None:
    """Before anything is judged."""
    with pytest.raises(PolicyConfigError, match=message):
        settings_pack.configure(config)


@pytest.mark.parametrize("name", sorted(SSL_POLICIES))
def test_a_pattern_of_tls_policies_admits_no_old_protocol(
    settings_pack: Analyzer, name: str
) -> None:
    """Whatever policy of AWS speaks TLS 1.0 or 1.1, a pattern that admits it is refused; one of TLS
    1.2 may be chosen.
    """
    config = {"listener-tls-policy": {"policyPattern": f"^{name}$"}}
    if {"TLSv1", "TLSv1.1"} & set(SSL_POLICIES[name]["ssl_protocols"]):
        with pytest.raises(PolicyConfigError, match=f"which admits {name} and so TLS 1.0 or 1.1"):
            settings_pack.configure(config)
    else:
        settings_pack.configure(config)


@pytest.mark.parametrize("stack", ["dev", "prod", "local"])
def test_configuration_of_our_stacks_is_valid(settings_pack: Analyzer, stack: str) -> None:
    """The files that `make preview` and the CLI use; none of them lowers a mandatory rule."""
    config = json.loads((ROOT / "policy" / "config" / f"{stack}.json").read_text())
    defaults = {rule.id: rule.level for rule in ALL_RULES}
    with configured(settings_pack, config) as analyzer:
        for name, settings in analyzer.settings().items():
            assert defaults[name] != "mandatory" or settings.level == "mandatory", name


# No rule depends on another one's level


def test_a_rule_switched_off_does_not_blind_another(settings_pack: Analyzer) -> None:
    """Rules share settings and what the pack remembers, not their levels."""
    off: dict[str, object] = {
        "no-public-port": {"enforcementLevel": "disabled", "frontDoorPorts": [8443]},
        "exemptions": "disabled",
    }
    balancer, listener, group = (
        one(LB, "edge"),
        one(LISTENER, "l", port=443, loadBalancerArn="arn:edge"),
        one(GROUP, "t", **INLINE),
    )
    resources = [balancer, listener, group, port("a", referencedSecurityGroupId="sg-1")]
    with configured(settings_pack, off) as analyzer:
        analyzer.analyze_all(resources)
        found = {
            (each.policy, each.urn.split("::")[-1]) for each in analyzer.analyze_stack(resources)
        }
    assert {("listeners-stack", "l"), ("security-group-rule-modes", "t")} <= found


def test_rules_in_any_order_say_the_same() -> None:
    """Nothing that one rule does is seen by another."""
    resources = [
        RuleResource(
            type=LB,
            name="edge",
            urn="urn:pulumi:d::p::x::edge",
            props={"idleTimeout": 60, "securityGroups": []},
        ),
        RuleResource(
            type=GROUP, name="t", urn="urn:pulumi:d::p::x::t", props={"ingress": UNKNOWN_INSIDE}
        ),
    ]
    said = []
    for rules in (ALL_RULES, tuple(reversed(ALL_RULES))):
        run = Run(rules)
        verdicts = [
            each for resource in resources for each in run.analyze(resource)
        ] + run.analyze_stack(resources)
        said.append({(each.rule.id, each.level, each.message, each.urn) for each in verdicts})
    assert said[0] == said[1]
    assert len(said[0]) > 3


def test_a_rule_that_fails_is_a_violation_that_names_it_and_not_the_value() -> None:
    """The operation does not end in a traceback, the secret stays secret, and the other rules are
    heard.
    """

    def fail(resource: RuleResource, _: Settings) -> Iterable[Finding]:
        raise KeyError(resource.props["password"])

    broken = replace(ALB_IDLE_TIMEOUT, id="broken", check=fail, level="advisory")
    edge = RuleResource(
        type=LB, name="edge", urn="urn", props={"idleTimeout": 60, "password": "hunter2"}
    )
    verdicts = {each.rule.id: each for each in Run((broken, ALB_IDLE_TIMEOUT)).analyze(edge)}
    assert verdicts.keys() == {"broken", "alb-idle-timeout"}
    assert verdicts["broken"].level == "mandatory"
    assert "KeyError at test_settings.py:" in verdicts["broken"].message
    assert "hunter2" not in verdicts["broken"].message


# Open questions


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("advisory", {"advisory"}), ("mandatory", {"mandatory"}), ("ignore", set())],
)
def test_what_cannot_be_judged_is_reported_as_configured(
    settings_pack: Analyzer, setting: str, expected: set[str]
) -> None:
    """S21: at a level that configuration sets, for each rule."""
    with configured(settings_pack, {"alb-idle-timeout": {"whenUnknown": setting}}) as analyzer:
        assert levels(analyzer, LB, {"idleTimeout": UNKNOWN}, "alb-idle-timeout") == expected


@pytest.mark.parametrize("setting", ["advisory", "mandatory", "ignore"])
def test_unknown_never_hides_a_known_violation(settings_pack: Analyzer, setting: str) -> None:
    """Whatever happens to the unknown, the violation beside it is mandatory."""
    config: dict[str, object] = {"no-public-port": {"whenUnknown": setting}}
    with configured(settings_pack, config) as analyzer:
        assert "mandatory" in levels(
            analyzer, GROUP, {"ingress[0].cidrBlocks": [UNKNOWN, "0.0.0.0/0"]}, "no-public-port"
        )


# Remediation

REMEDIES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("alb-idle-timeout", LB, {"idleTimeout": 60}, {"idleTimeout": 3600}),
    (
        "alb-drop-invalid-headers",
        LB,
        {"dropInvalidHeaderFields": False},
        {"dropInvalidHeaderFields": True},
    ),
    (
        "target-group-stickiness",
        TARGETS,
        {"stickiness": {"enabled": False, "type": "app_cookie", "cookieDuration": 7200}},
        {"stickiness": {"enabled": True, "type": "lb_cookie", "cookieDuration": 7200}},
    ),
    (
        "target-group-stickiness",
        TARGETS,
        {"stickiness": {"enabled": False}},
        {"stickiness": {"enabled": True, "type": "lb_cookie", "cookieDuration": 3600}},
    ),
]


REMEDIES += [
    ("no-public-bucket", BUCKET_BLOCK, {"blockPublicAcls": False}, {"blockPublicAcls": True}),
    ("kms-key-rotation", KEY, {"enableKeyRotation": False}, {"enableKeyRotation": True}),
    (
        "subnet-auto-assign",
        SUBNET,
        {"mapPublicIpOnLaunch": True},
        {"mapPublicIpOnLaunch": False, "assignIpv6AddressOnCreation": False},
    ),
    (
        "service-platform-version",
        SERVICE,
        {"platformVersion": "1.3.0"},
        {"platformVersion": "LATEST"},
    ),
]


@pytest.mark.parametrize(
    ("rule", "type_", "broken", "fixed"),
    REMEDIES,
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_remediation_sets_a_safe_value_and_changes_nothing_else(
    settings_pack: Analyzer, rule: str, type_: str, broken: dict[str, Any], fixed: dict[str, Any]
) -> None:
    """Only under the level `remediate`. Secrets stay secret and unknowns unknown."""
    properties = {**but(type_, broken), "vpcId": UNKNOWN, "tags": Secret({"owner": "team"})}
    with configured(settings_pack, {rule: "remediate"}) as analyzer:
        (change,) = analyzer.remediate(resource(type_, **properties))
        assert change.policy == rule
        assert change.properties == {**properties, **fixed}
        assert analyzer.remediate(resource(type_, **but(type_, {}))) == []
        assert rule not in {
            each.policy
            for each in analyzer.analyze(
                resource(type_, "subject", **dict(change.properties or {}))
            )
        }


def test_nothing_is_remediated_by_default(pack: Analyzer) -> None:
    """A rewrite is a surprise; it has to be asked for."""
    assert pack.remediate(resource(LB, idleTimeout=60)) == []


def test_rules_with_a_remedy() -> None:
    """Exactly those where a safe value exists that needs no knowledge of the stack."""
    assert {rule.id for rule in ALL_RULES if isinstance(rule, ResourceRule) and rule.remedy} == {
        each[0] for each in REMEDIES
    }
