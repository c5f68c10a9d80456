"""Exemptions: named, reasoned, dated, listed; an expired one is a violation (S20)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from policy.harness import Analyzer, Diagnostic, PolicyConfigError, Resource
from policy.rules.core.exemption import today
from tests.policy.complying import LB, REPOSITORY, but
from tests.policy.conftest import resource
from tests.policy.inside import Inside

LOGS = "aws:cloudwatch/logGroup:LogGroup"
AUDIT = resource(LOGS, "audit", retentionInDays=0)
OTHER = resource(LOGS, "other", retentionInDays=0)


def entry(days: int = 30, **changes: str) -> dict[str, str]:
    expires = str(today() + timedelta(days=days))
    return {
        "rule": "log-retention",
        "resource": f"{LOGS}::audit",
        "reason": "the archive job comes later",
        "expires": expires,
        **changes,
    }


def config(*entries: dict[str, str], **settings: Any) -> dict[str, object]:
    return {"exemptions": {"entries": list(entries), **settings}}


def run(
    pack_dir: Path, configuration: Mapping[str, object], *resources: Resource
) -> list[Diagnostic]:
    with Inside(pack_dir, configuration) as analyzer:
        found = [each for answer in analyzer.analyze_all(resources) for each in answer]
        return found + analyzer.analyze_stack(resources)


def spoken(found: list[Diagnostic]) -> set[tuple[str, str, str]]:
    return {(each.policy, each.level, each.urn.rsplit("::", 1)[-1]) for each in found}


def test_exemption_spares_its_resource_and_no_other(pack_dir: Path) -> None:
    """And the report lists what it spared, with reason and date."""
    found = run(pack_dir, config(entry()), AUDIT, OTHER)
    assert spoken(found) == {
        ("log-retention", "mandatory", "other"),
        ("exemptions-in-force", "advisory", "audit"),
    }
    (listed,) = (each.message for each in found if each.policy == "exemptions-in-force")
    for part in (
        "log-retention",
        "the archive job comes later",
        str(today() + timedelta(days=30)),
        "retentionInDays is 0",
    ):
        assert part in listed


def test_exemption_by_urn(pack_dir: Path) -> None:
    """The whole URN names the resource, too."""
    found = run(pack_dir, config(entry(resource=AUDIT.urn)), AUDIT)
    assert spoken(found) == {("exemptions-in-force", "advisory", "audit")}


def test_exemption_of_one_rule_leaves_the_others(pack_dir: Path) -> None:
    """Per rule and resource."""
    edge = resource(LB, "edge", **but(LB, {"idleTimeout": 60, "dropInvalidHeaderFields": False}))
    found = run(pack_dir, config(entry(rule="alb-idle-timeout", resource=f"{LB}::edge")), edge)
    assert ("alb-drop-invalid-headers", "mandatory", "edge") in spoken(found)
    assert ("alb-idle-timeout", "mandatory", "edge") not in spoken(found)


def test_exemption_of_a_stack_rule(pack_dir: Path) -> None:
    """Stack rules heed them as well."""
    live = resource(REPOSITORY, "live", **but(REPOSITORY, {}))
    spared = entry(rule="ecr-lifecycle", resource=f"{REPOSITORY}::live")
    assert spoken(run(pack_dir, config(spared), live)) == {
        ("exemptions-in-force", "advisory", "live")
    }


@pytest.mark.parametrize("days", [0, 366])
def test_holds_through_its_last_day(pack_dir: Path, days: int) -> None:
    """Today included, and at most a year ahead."""
    assert ("log-retention", "mandatory", "audit") not in spoken(
        run(pack_dir, config(entry(days)), AUDIT)
    )


@pytest.mark.parametrize(
    "bad",
    [entry(-1), entry(367)],
    ids=["expired", "too far ahead"],
)
def test_exemption_that_does_not_hold_is_a_violation(pack_dir: Path, bad: dict[str, str]) -> None:
    """Its rule is broken again, and the exemption itself is reported."""
    assert spoken(run(pack_dir, config(bad), AUDIT)) == {
        ("log-retention", "mandatory", "audit"),
        ("exemptions", "mandatory", "audit"),
    }


def test_expired_exemption_of_a_rule_that_is_met_is_a_violation_all_the_same(
    pack_dir: Path,
) -> None:
    """A dead entry must not lie about."""
    found = run(pack_dir, config(entry(-1)), resource(LOGS, "audit", retentionInDays=30))
    assert spoken(found) == {("exemptions", "mandatory", "audit")}


def test_exemptions_that_can_go_say_so(pack_dir: Path) -> None:
    """One whose rule is met, one whose resource is gone."""
    found = run(
        pack_dir,
        config(entry(), entry(resource=f"{LOGS}::gone")),
        resource(LOGS, "audit", retentionInDays=30),
    )
    messages = [each.message for each in found if each.policy == "exemptions-in-force"]
    assert len(messages) == 2
    assert all("can go" in message for message in messages)


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        (f"{LOGS}::adit", f"{LOGS}::audit"),
        (f"{AUDIT.urn}s", AUDIT.urn),
    ],
)
def test_a_mistyped_resource_is_pointed_out(pack_dir: Path, wrong: str, meant: str) -> None:
    """The resource that is spelled almost so is named, and nothing is spared."""
    found = run(pack_dir, config(entry(resource=wrong)), AUDIT)
    assert ("log-retention", "mandatory", "audit") in spoken(found)
    (message,) = (each.message for each in found if each.policy == "exemptions-in-force")
    assert f"did you mean '{meant}'?" in message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"resource": f"{LOGS.lower()}::audit"}, f"did you mean '{LOGS}'"),
        ({"resource": "aws:cloudwatch:LogGroup::audit"}, f"did you mean '{LOGS}'"),
        (
            {"resource": f"{LB}::edge"},
            "which log-retention does not judge; it judges aws:cloudwatch/logGroup:LogGroup",
        ),
        ({"rule": "exemptions"}, "exemptions cannot be exempted"),
        ({"reason": " " * 20}, "reason"),
        ({"reason": "\u200b" * 20}, "allowed is one line of visible text"),
        ({"reason": "\u3164" * 20}, "allowed is one line of visible text"),
        ({"reason": "x" * 20}, "allowed is one line of visible text"),
        ({"reason": "n/a n/a n/a n/a"}, "allowed is one line of visible text"),
        ({"reason": "the archive job\u202e comes later"}, "allowed is one line of visible text"),
        ({"reason": "the archive job\x1b[2J comes later"}, "allowed is one line of visible text"),
        ({"reason": "the archive\nno rule is broken"}, "allowed is one line of visible text"),
        ({"expires": "20270131"}, "expires is '20270131'; allowed is a day as YYYY-MM-DD"),
        ({"expires": "2027-W05-1"}, "allowed is a day as YYYY-MM-DD"),
        ({"expires": "\uff12\uff10\uff12\uff17-01-31"}, "allowed is a day as YYYY-MM-DD"),
    ],
)
def test_an_exemption_that_means_nothing_is_refused_at_the_start(
    pack: Analyzer, changes: dict[str, str], message: str
) -> None:
    """A type that does not exist, one that the rule does not judge, a rule on exemptions, a blank
    reason.
    """
    with pytest.raises(PolicyConfigError, match=message):
        pack.configure(config({**entry(), **changes}))
    pack.configure({})


@pytest.mark.parametrize(
    "reason",
    [
        "das Archiv folgt mit der nächsten Version",
        "存档作业将随下一版本推出，故暂缓",
        "архив будет позже",
    ],
)
def test_a_reason_may_be_in_any_language(pack: Analyzer, reason: str) -> None:
    """Letters are letters."""
    pack.configure(config(entry(reason=reason)))
    pack.configure({})


def test_two_exemptions_of_one_thing_are_refused(pack: Analyzer) -> None:
    """Two dates and two reasons for one hole: nobody knows which holds."""
    with pytest.raises(
        PolicyConfigError, match=r"entries\[1\] is about 'log-retention' .* as entries\[0\] is"
    ):
        pack.configure(config(entry(), entry(days=90, reason="another reason altogether")))
    pack.configure({})


def _inside(component: str) -> Resource:
    urn = f"urn:pulumi:dev::site::my:site:{component}${LOGS}::audit"
    return Resource(urn=urn, type=LOGS, name="audit", properties={"retentionInDays": 0})


def test_an_exemption_spares_no_twin(pack_dir: Path) -> None:
    """A name that two components give is refused where the second one comes; the types of the
    parents, or a URN, say which is meant.
    """
    found = run(pack_dir, config(entry()), _inside("One"), _inside("Two"))
    assert {
        ("exemptions", "mandatory", "audit"),
        ("log-retention", "mandatory", "audit"),
    } <= spoken(found)
    message = next(each.message for each in found if each.policy == "exemptions")
    assert " fits urn:" in message
    # Which one comes second is the engine's choice.
    assert all(_inside(each).urn in message for each in ("One", "Two"))
    for resource_ in (f"my:site:One${LOGS}::audit", _inside("One").urn):
        found = run(pack_dir, config(entry(resource=resource_)), _inside("One"), _inside("Two"))
        assert [each.urn for each in found if each.level == "mandatory"] == [_inside("Two").urn]


def test_a_rule_that_is_switched_off_is_named(pack_dir: Path) -> None:
    """Its exemption is neither met nor needed."""
    found = run(pack_dir, {**config(entry()), "log-retention": "disabled"}, AUDIT)
    assert "the rule is switched off" in next(
        each.message for each in found if each.policy == "exemptions-in-force"
    )


def test_without_the_policy_there_are_no_exemptions(pack_dir: Path) -> None:
    """Who switches `exemptions` off gets no holes, but no exemptions."""
    disabled = {"exemptions": {"enforcementLevel": "disabled", "entries": [entry()]}}
    assert spoken(run(pack_dir, disabled, AUDIT)) == {("log-retention", "mandatory", "audit")}


@pytest.mark.parametrize(
    "bad",
    [
        entry(resource="*"),
        entry(resource=f"{LOGS}::*"),
        entry(resource="audit"),
        entry(reason="because"),
        entry(expires="tomorrow"),
        entry(expires="2026-02-31"),
        {key: value for key, value in entry().items() if key != "reason"},
        {**entry(), "until": "2030"},
    ],
    ids=[
        "everything",
        "pattern",
        "no type",
        "no reason to speak of",
        "no date",
        "no such day",
        "reason missing",
        "unknown key",
    ],
)
def test_malformed_exemption_is_refused_at_the_start(pack_dir: Path, bad: dict[str, str]) -> None:
    """The engine refuses it by the schema, and so does the harness."""
    with pytest.raises(PolicyConfigError, match="exemptions"):
        run(pack_dir, config(bad), AUDIT)
