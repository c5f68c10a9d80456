"""Options of the load balancer: logs, firewall, sign-in, DNS, dual stack, more rules (S11)."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from components.base import ComponentError
from components.dns_alias import DnsAlias
from components.firewall import Firewall
from components.listener_rules import Rule
from components.log_bucket import LogBucket, LogBucketArgs
from components.sign_in import CognitoSignIn, OidcSignIn, SignIn
from components.web_socket_alb import WebSocketAlb
from tests.components.examples import alb_args
from tests.components.harness import ACCOUNT, Graph, run


def declare(**changes: Any) -> Graph:
    return run(lambda: WebSocketAlb("edge", alb_args(**changes)))


# Access logs


@pytest.fixture(scope="module")
def logged() -> Graph:
    return run(
        lambda: WebSocketAlb(
            "edge", alb_args(access_logs=LogBucket("logs", LogBucketArgs(retention_days=30)))
        )
    )


def test_access_logs_go_to_a_private_encrypted_expiring_bucket(logged: Graph) -> None:
    block = logged["logs-public-access-block"].inputs
    assert all(
        block[name]
        for name in (
            "blockPublicAcls",
            "blockPublicPolicy",
            "ignorePublicAcls",
            "restrictPublicBuckets",
        )
    )
    encryption = logged["logs-encryption"].inputs["rules"][0]["applyServerSideEncryptionByDefault"]
    assert encryption == {"sseAlgorithm": "AES256"}
    assert logged["logs-lifecycle"].inputs["rules"][0]["expiration"] == {"days": 30}
    assert logged["logs-ownership"].inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}


def test_only_load_balancing_may_write_logs_and_only_over_tls(logged: Graph) -> None:
    write, deny = json.loads(logged["logs-policy"].inputs["policy"])["Statement"]
    assert write["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    assert write["Resource"].endswith(f"/AWSLogs/{ACCOUNT}/*")
    assert (deny["Effect"], deny["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )


def test_logs_are_turned_on_after_the_bucket_admits_them(logged: Graph) -> None:
    assert logged["edge-lb"].inputs["accessLogs"]["enabled"] is True
    assert "logs-policy" in logged["edge-lb"].dependencies


def test_a_bucket_with_logs_is_not_destroyed_by_default(logged: Graph) -> None:
    assert logged["logs-bucket"].inputs["forceDestroy"] is False


@pytest.mark.parametrize("days", [0, 3651])
def test_retention_is_bounded(days: int) -> None:
    with pytest.raises(ComponentError, match=f"retention_days is {days}; allowed is 1-3650 days"):
        LogBucketArgs(retention_days=days)


# Firewall


def test_the_firewall_limits_by_address_and_counts_what_editing_trips() -> None:
    graph = declare(firewall=Firewall(rate_limit=2000))
    limit, common, *_ = graph["edge-web-acl"].inputs["rules"]
    assert limit["statement"]["rateBasedStatement"] == {
        "limit": 2000,
        "evaluationWindowSec": 300,
        "aggregateKeyType": "IP",
    }
    assert limit["action"] == {"block": {}}
    group = common["statement"]["managedRuleGroupStatement"]
    counted = {rule["name"] for rule in group["ruleActionOverrides"]}
    assert group["name"] == "AWSManagedRulesCommonRuleSet"
    assert {"SizeRestrictions_BODY", "RestrictedExtensions_URIPATH"} <= counted
    assert graph["edge-web-acl-association"].inputs["resourceArn"] == graph["edge-lb"].arn
    priorities = [rule["priority"] for rule in graph["edge-web-acl"].inputs["rules"]]
    assert priorities == sorted(set(priorities))


def test_there_is_no_firewall_unless_asked_for() -> None:
    assert declare().of_type("WebAcl") == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"rate_limit": 9}, "rate_limit is 9; allowed is 10-"),
        ({"managed_groups": ("A", "A")}, "names a group twice"),
    ],
)
def test_firewall_refusals(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ComponentError, match=words):
        Firewall(**values)


# Sign-in

OIDC: dict[str, Any] = {
    "issuer": "https://login.example.com",
    "authorization_endpoint": "https://login.example.com/authorize",
    "token_endpoint": "https://login.example.com/token",
    "user_info_endpoint": "https://login.example.com/userinfo",
    "client_id": "astro-live",
    "client_secret": "s3cret",
}


def test_people_sign_in_pages_redirect_sockets_are_denied_programs_pass() -> None:
    """An upgrade cannot follow a redirect, and the API's callers bring their own credential."""
    graph = run(
        lambda: WebSocketAlb(
            "edge",
            alb_args(
                expose_api=True,
                sign_in=OidcSignIn(**{**OIDC, "client_secret": pulumi.Output.secret("s3cret")}),
            ),
        )
    )
    actions = {rule.name: rule.inputs["actions"] for rule in graph.of_type("ListenerRule")}
    assert [action["type"] for action in actions["edge-session-rule"]] == [
        "authenticate-oidc",
        "forward",
    ]
    assert (
        actions["edge-session-rule"][0]["authenticateOidc"]["onUnauthenticatedRequest"]
        == "authenticate"
    )
    assert actions["edge-hmr-rule"][0]["authenticateOidc"]["onUnauthenticatedRequest"] == "deny"
    assert [action["type"] for action in actions["edge-api-rule"]] == ["forward"]


@pytest.mark.parametrize(
    "sign_in",
    [
        OidcSignIn(**OIDC),
        CognitoSignIn(
            user_pool_arn="arn:aws:cognito-idp:eu-central-1:1:userpool/a",
            client_id="c",
            domain="astro-live",
        ),
    ],
)
def test_with_sign_in_the_load_balancer_reaches_the_provider(sign_in: SignIn) -> None:
    """It fetches tokens itself, and its group lets nothing else out."""

    def ways_out(**changes: Any) -> list[tuple[str, int, int]]:
        rules = [rule.inputs for rule in declare(**changes).of_type("SecurityGroupEgressRule")]
        assert {rule["securityGroupId"] for rule in rules} <= {"edge-security-group-id"}
        return sorted((rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) for rule in rules)

    assert ways_out() == []
    assert ways_out(sign_in=sign_in) == [("0.0.0.0/0", 443, 443)]
    assert ways_out(sign_in=sign_in, sign_in_cidrs=("192.0.2.0/24",)) == [
        ("192.0.2.0/24", 443, 443)
    ]
    with pytest.raises(
        ComponentError, match=r"sign_in_cidrs names '::/0'; allowed are IPv4 ranges"
    ):
        declare(sign_in=sign_in, sign_in_cidrs=("::/0",))


def test_cognito_is_the_same_with_a_user_pool() -> None:
    pool = f"arn:aws:cognito-idp:eu-central-1:{ACCOUNT}:userpool/p"
    graph = declare(sign_in=CognitoSignIn(user_pool_arn=pool, client_id="c", domain="astro-live"))
    first = graph["edge-session-rule"].inputs["actions"][0]
    assert (first["type"], first["authenticateCognito"]["userPoolArn"]) == (
        "authenticate-cognito",
        pool,
    )


@pytest.mark.parametrize(
    "name", ["issuer", "authorization_endpoint", "token_endpoint", "user_info_endpoint"]
)
def test_a_provider_is_asked_over_https_only(name: str) -> None:
    with pytest.raises(
        ComponentError, match=f"{name} is 'http://login.example.com'; allowed is an https address"
    ):
        OidcSignIn(**{**OIDC, name: "http://login.example.com"})


@pytest.mark.parametrize("seconds", [0, 604801])
def test_a_sign_in_lasts_a_week_at_most(seconds: int) -> None:
    with pytest.raises(
        ComponentError, match=f"session_seconds is {seconds}; allowed is 1-604800 s"
    ):
        OidcSignIn(**OIDC, session_seconds=seconds)


# DNS and addresses


def test_the_public_name_points_to_the_load_balancer() -> None:
    graph = declare(dns_alias=DnsAlias(zone_id="Z1", name="edit.example.com"))
    record = graph["edge-alias-a"].inputs
    assert (record["type"], record["name"]) == ("A", "edit.example.com")
    assert record["aliases"][0]["name"] == graph["edge-lb"].outputs["dnsName"]
    assert "edge-alias-aaaa" not in graph.resources


def test_dual_stack_has_both_records() -> None:
    graph = declare(
        ip_address_type="dualstack", dns_alias=DnsAlias(zone_id="Z1", name="edit.example.com")
    )
    assert graph["edge-lb"].inputs["ipAddressType"] == "dualstack"
    assert graph["edge-alias-aaaa"].inputs["type"] == "AAAA"


def test_an_ipv6_range_needs_an_ipv6_address() -> None:
    with pytest.raises(
        ComponentError,
        match=(
            r"ingress_cidrs names '::/0', but the load balancer has no IPv6 address; set"
            r" ip_address_type"
        ),
    ):
        alb_args(ingress_cidrs=("::/0",))


def test_internal_and_protected() -> None:
    inputs = declare(internal=True)["edge-lb"].inputs
    assert (inputs["internal"], inputs["enableDeletionProtection"]) == (True, True)
    assert declare(deletion_protection=False)["edge-lb"].inputs["enableDeletionProtection"] is False


def test_browsers_are_told_to_insist_on_https() -> None:
    header = "routingHttpResponseStrictTransportSecurityHeaderValue"
    assert declare()["edge-https-listener"].inputs[header] == "max-age=31536000"
    assert declare(hsts_seconds=0)["edge-https-listener"].inputs[header] == "max-age=0"
    with pytest.raises(ComponentError, match="hsts_seconds is -1"):
        alb_args(hsts_seconds=-1)


# More rules


def test_extra_rules_keep_their_names_when_others_come_before() -> None:
    """Rules are keyed, not numbered: a new one replaces none."""
    assets = {"assets": Rule(priority=40, patterns=("/assets/*",))}
    before = declare(extra_rules=assets)
    after = declare(extra_rules={"first": Rule(priority=30, patterns=("/first/*",)), **assets})
    assert (
        before["edge-assets-rule"].inputs["priority"]
        == after["edge-assets-rule"].inputs["priority"]
        == 40
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"extra_rules": {"mine": Rule(priority=25, patterns=("/a",))}},
            "'hmr' and 'mine' both have priority 25",
        ),
        (
            {"extra_rules": {"hmr": Rule(priority=26, patterns=("/a",))}},
            "'hmr', which the load balancer has itself",
        ),
        (
            {"extra_rules": {"x": Rule(priority=26, patterns=("/a",), target="api")}},
            "only with expose_api=True",
        ),
        ({"extra_rules": {"Mine": Rule(priority=26, patterns=("/a",))}}, "rule key is 'Mine'"),
        ({"rule_quota": 1}, "2 listener rules; allowed is 1"),
    ],
)
def test_extra_rules_are_checked_with_the_built_in_ones(
    changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(ComponentError) as error:
        alb_args(**changes)
    assert words in str(error.value)


def test_a_name_too_long_for_aws_is_refused_before_aws_does() -> None:
    """Pulumi adds a random suffix, so that a replacement can stand beside the old target group."""
    with pytest.raises(ComponentError, match="has 16 characters; allowed is 15"):
        run(lambda: WebSocketAlb("a" * 16, alb_args()))
    assert all("name" not in group.inputs for group in declare().of_type("TargetGroup"))
