"""Reports for people and machines, from our own runs and from the real engine's event log (S22)."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import jsonschema
import pytest

from policy.harness import Analyzer, Diagnostic, PackInfo
from policy.reports import (
    EventLogError,
    Kind,
    Report,
    from_event_log,
    junit,
    sarif,
    terminal,
    write,
)
from policy.reports.__main__ import main
from policy.rules import ALL_RULES
from policy.rules.core.run import LATER
from tests.policy.sarif_schema import SCHEMA

EDGE = "urn:pulumi:dev::site::my:Component$aws:lb/loadBalancer:LoadBalancer::edge"


def diagnostic(policy: str, level: str, message: str, urn: str = EDGE) -> Diagnostic:
    return Diagnostic(
        policy=policy,
        pack="astro-live",
        level=level,
        message=message,
        description="Title",
        urn=urn,
        severity="",
    )


REFUSED = diagnostic(
    "alb-idle-timeout",
    "mandatory",
    "Title\nedge: idleTimeout is 60 s.\nFix: raise it.\nDocs: a page",
)
WARNED = diagnostic("alb-access-logs", "advisory", "Title\nedge: no logs.")
OPEN = diagnostic("target-group-http1", "advisory", f"Title\nedge: port is not known yet.\n{LATER}")
EXEMPT = diagnostic(
    "exemptions-in-force",
    "advisory",
    "Title\nlog-retention does not hold for audit until 2030-01-01 (later)",
)
STACK = diagnostic("listeners-stack", "mandatory", "Title\nthe stack: a <b> & \x07 bell", urn="")
EVERYTHING = [REFUSED, WARNED, OPEN, EXEMPT, STACK]


@pytest.fixture(scope="module")
def info(pack: Analyzer) -> PackInfo:
    return pack.info()


@pytest.fixture
def report(info: PackInfo) -> Report:
    return Report.of(info, [*EVERYTHING, REFUSED], stack="dev", disabled=["log-retention"])


def test_diagnostics_are_taken_apart(report: Report) -> None:
    """Title, fix and last line go, the finding stays, fix and link come from the rule; duplicates
    count once.
    """
    kinds = [(each.kind, each.text) for each in report.entries]
    assert kinds == [
        (Kind.VIOLATION, "edge: idleTimeout is 60 s."),
        (Kind.WARNING, "edge: no logs."),
        (Kind.OPEN, "edge: port is not known yet."),
        (Kind.EXEMPTION, "log-retention does not hold for audit until 2030-01-01 (later)"),
        (Kind.VIOLATION, "the stack: a <b> & \x07 bell"),
    ]
    assert report.entries[0].resource == "aws:lb/loadBalancer:LoadBalancer edge"
    assert report.entries[0].fix.startswith("set idle_timeout")
    assert report.entries[0].severity == "high"
    assert report.entries[4].resource == "the stack"


@pytest.mark.parametrize(
    ("diagnostics", "blocks"), [([REFUSED], True), ([WARNED, OPEN, EXEMPT], False), ([], False)]
)
def test_only_violations_block(info: PackInfo, diagnostics: list[Diagnostic], blocks: bool) -> None:
    """Warnings, open questions and exemptions do not."""
    assert Report.of(info, diagnostics).blocks is blocks


# Terminal


def test_terminal_groups_by_resource_and_tells_the_fix(report: Report) -> None:
    """Each resource once, then its findings with rule, fix and page; a summary at the end."""
    text = terminal(report)
    assert text.count("aws:lb/loadBalancer:LoadBalancer edge\n") == 1
    for part in (
        "REFUSED  alb-idle-timeout (high)",
        "Fix: set idle_timeout on the load balancer, for example idle_timeout=3600.",
        "Docs: policy/docs/alb-idle-timeout.md",
        (
            "refused, 2 violations, 1 warning, 1 open question, 1 exemption in"
            f" {len(ALL_RULES) - 1} rules"
        ),
        "not run, as configured: log-retention",
    ):
        assert part in text
    assert "\x1b[" not in text
    assert "\x1b[31;1mREFUSED" in terminal(report, color=True)


def test_terminal_keeps_to_its_width(report: Report) -> None:
    """Except for names that are longer."""
    for line in terminal(report, width=60).splitlines():
        assert len(line) <= 60 or not line.startswith("           ") or " " not in line.strip()


# SARIF


def test_sarif_fits_its_schema(report: Report) -> None:
    """Whatever kinds of findings there are."""
    log = json.loads(json.dumps(sarif(report)))
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(log)


def test_sarif_of_nothing_fits_its_schema(info: PackInfo) -> None:
    """A clean run is a run."""
    log: Any = json.loads(json.dumps(sarif(Report.of(info, []))))
    jsonschema.Draft202012Validator(SCHEMA).validate(log)
    assert log["runs"][0]["results"] == []


def test_sarif_results_point_to_their_rule_and_resource(report: Report) -> None:
    """By index, id and URN; fingerprints tell findings apart and stay the same from run to run."""
    log: Any = sarif(report)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    levels = [(each["level"], each["kind"]) for each in run["results"]]
    assert levels == [
        ("error", "fail"),
        ("warning", "fail"),
        ("none", "open"),
        ("note", "fail"),
        ("error", "fail"),
    ]
    assert run["results"][0]["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == EDGE
    assert run["results"][3]["suppressions"][0]["status"] == "accepted"
    fingerprints = [
        each["partialFingerprints"]["ruleResourceFinding/v1"] for each in run["results"]
    ]
    assert len(set(fingerprints)) == len(fingerprints)
    assert not next(rule for rule in rules if rule["id"] == "log-retention")[
        "defaultConfiguration"
    ]["enabled"]


# JUnit


def test_junit_counts_and_fails(report: Report, info: PackInfo) -> None:
    """A suite per rule; counts agree with what is in it; characters that XML cannot hold are
    replaced.
    """
    root = Xml.fromstring(junit(report))
    suites = {suite.get("name"): suite for suite in root}
    assert set(suites) == {policy.name for policy in info.policies}
    assert (root.get("failures"), root.get("skipped")) == ("2", "1")
    assert root.get("tests") == str(len(root.findall("testsuite/testcase")))
    failure = suites["alb-idle-timeout"].find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "edge: idleTimeout is 60 s."
    assert "Fix: set idle_timeout" in (failure.text or "")
    note = suites["exemptions-in-force"].find("testcase/system-out")
    assert note is not None
    assert "until 2030-01-01" in (note.text or "")
    assert suites["log-retention"].find("testcase/skipped") is not None
    assert "\N{REPLACEMENT CHARACTER}" in junit(report)


def test_write_writes_all_three(report: Report, tmp_path: Path) -> None:
    """And says where."""
    files = write(report, tmp_path / "new")
    assert [file.name for file in files] == ["policy.txt", "policy.sarif", "policy.junit.xml"]
    assert all(file.stat().st_size > 100 for file in files)


# The real engine's event log. The lines below have the shape that `pulumi preview --event-log` of
# version 3.259 wrote.

Line = dict[str, Any]
PRE: Line = {
    "sequence": 1,
    "resourcePreEvent": {
        "metadata": {"urn": "urn:pulumi:dev::site::pulumi:pulumi:Stack::site-dev"}
    },
}
JUDGED: Line = {
    "sequence": 2,
    "policyAnalyzeSummaryEvent": {
        "resourceUrn": EDGE,
        "policyPackName": "astro-live",
        "passed": ["log-retention"],
    },
}
VIOLATION: Line = {
    "sequence": 3,
    "policyEvent": {
        "resourceUrn": EDGE,
        "message": "<{%fg 1%}>Title<{%reset%}>\nedge: idleTimeout is 60 s.",
        "policyName": "alb-idle-timeout",
        "policyPackName": "astro-live",
        "policyPackVersion": "0.1.0",
        "enforcementLevel": "mandatory",
        "severity": "high",
    },
}
OTHER_PACK: Line = {
    "sequence": 4,
    "policyEvent": {**VIOLATION["policyEvent"], "policyPackName": "another"},
}
DONE: Line = {"sequence": 5, "summaryEvent": {"isPreview": True, "result": "failed"}}

Log = Callable[..., Path]


@pytest.fixture
def log(tmp_path: Path) -> Log:
    def make(*lines: Line | str) -> Path:
        file = tmp_path / "events.json"
        file.write_text(
            "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines)
        )
        return file

    return make


def test_event_log_becomes_a_report(info: PackInfo, log: Log) -> None:
    """Of this pack's events alone, without the engine's colours."""
    report = from_event_log(log(PRE, JUDGED, VIOLATION, OTHER_PACK, DONE), info)
    assert [(each.rule, each.kind, each.text, each.urn) for each in report.entries] == [
        ("alb-idle-timeout", Kind.VIOLATION, "edge: idleTimeout is 60 s.", EDGE)
    ]
    assert report.stack == "dev"


def test_event_log_without_findings_is_clean(info: PackInfo, log: Log) -> None:
    """When the pack has judged and the engine was done."""
    assert not from_event_log(log(PRE, JUDGED, DONE), info).entries


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([PRE, JUDGED], "no summary"),
        ([PRE, DONE], "no judgement"),
        ([PRE, OTHER_PACK, DONE], "no judgement"),
        ([PRE, "not json", DONE], ":2 is not valid JSON"),
        (["[]"], ":1 is not a JSON object"),
        (
            [{"policyEvent": {**VIOLATION["policyEvent"], "enforcementLevel": "loud"}}, DONE],
            "enforcement level 'loud'",
        ),
    ],
    ids=["cut off", "pack not given", "another pack", "broken line", "no object", "unknown level"],
)
def test_event_log_that_says_nothing_is_an_error(
    info: PackInfo, log: Log, lines: list[Line | str], message: str
) -> None:
    """What was not judged does not pass for clean."""
    with pytest.raises(EventLogError, match=message):
        from_event_log(log(*lines), info)


def test_wrapper_reports_on_an_event_log(
    log: Log, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 for a violation, and all reports."""
    assert (
        main(
            ["--out", str(tmp_path / "out"), "--event-log", str(log(PRE, JUDGED, VIOLATION, DONE))]
        )
        == 1
    )
    assert "alb-idle-timeout" in capsys.readouterr().out
    assert (tmp_path / "out" / "policy.sarif").is_file()


@pytest.mark.parametrize(
    ("lines", "code", "expected"),
    [([PRE, JUDGED, DONE], 0, 0), ([PRE, JUDGED, DONE], 255, 255), ([PRE, VIOLATION, DONE], 0, 1)],
)
def test_wrapper_runs_a_command(
    log: Log, tmp_path: Path, lines: list[Line], code: int, expected: int
) -> None:
    """It adds the pack, its configuration and the event log, and the worse exit code wins."""
    events = log(*lines)
    command = tmp_path / "pulumi"
    command.write_text(
        f"#!{sys.executable}\nimport os, shutil, sys\narguments = dict(zip(sys.argv[2::2],"
        " sys.argv[3::2]))\nassert os.environ['PULUMI_DEBUG_COMMANDS'] == 'true'\nassert"
        " sys.argv[1] == 'preview' and arguments['--policy-pack'] and"
        f" arguments['--policy-pack-config']\nshutil.copy({str(events)!r},"
        f" arguments['--event-log'])\nsys.exit({code})\n"
    )
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    config = tmp_path / "config.json"
    config.write_text('{"alb-access-logs": "disabled"}')
    arguments = [
        "--out",
        str(tmp_path / "out"),
        "--config",
        str(config),
        "--",
        str(command),
        "preview",
    ]
    assert main(arguments) == expected
    assert (
        "not run, as configured: alb-access-logs" in (tmp_path / "out" / "policy.txt").read_text()
    )


def test_wrapper_without_the_command_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 127, as a shell's."""
    assert main(["--out", str(tmp_path), "--", str(tmp_path / "missing"), "preview"]) == 127
    assert "install the Pulumi CLI" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"no-public-prot": "advisory"}', "did you mean 'no-public-port'?"),
        (
            '{"alb-idle-timeout": {"heartbeatSeconds": 0}}',
            "alb-idle-timeout.heartbeatSeconds is 0; allowed is at least 1",
        ),
        ("{", "is not valid JSON"),
        ("[]", "is not a JSON object"),
        (None, "cannot be read"),
    ],
    ids=["rule", "setting", "no JSON", "no object", "missing"],
)
def test_wrapper_checks_the_configuration_before_the_engine_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, says: str
) -> None:
    """Exit code 2, the problem on standard error, and the command is not run."""
    config, ran = tmp_path / "config.json", tmp_path / "ran"
    if content is not None:
        config.write_text(content)
    assert (
        main(["--out", str(tmp_path), "--config", str(config), "--", "touch", str(ran), "preview"])
        == 2
    )
    assert says in capsys.readouterr().err
    assert not ran.exists()
