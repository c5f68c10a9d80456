"""The documentation points at things that exist (S25)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from container.gateway.control import _JsonLines
from container.gateway.envoy.access_log import FIELDS
from container.gateway.output_copy import OutputCopy
from container.gateway.telemetry import Telemetry

ROOT = Path(__file__).resolve().parents[2]
GENERATED = {".venv", "node_modules", ".local"}
PAGES = sorted(
    path for path in ROOT.glob("**/*.md") if not GENERATED & set(path.relative_to(ROOT).parts)
)
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
QUERIES = re.findall(r"```text\n(.*?)```", RUNBOOK, re.DOTALL)

INSIGHTS = """filter stats count avg max min sum by bin as sort desc asc limit display like in and or not ispresent fields parse"""
INSIGHTS_WORDS = frozenset(re.findall(r"\w+", INSIGHTS))


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link names a file of the checkout."""
    links = re.findall(
        r"\]\(([^)\s]+)\)", re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.DOTALL)
    )
    local = [link.split("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    assert [link for link in local if not (page.parent / link).exists()] == []


def code(page: Path) -> str:
    """Blocks and spans of code, each on a separate line: prose begins lines with "make", too."""
    return "\n".join(
        block or span
        for block, span in re.findall(
            r"```[^\n]*\n(.*?)```|`([^`\n]+)`", page.read_text(), re.DOTALL
        )
    )


def test_make_targets_in_the_documentation_exist() -> None:
    """Each `make target` that a page names is in the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for page in PAGES
        for target in re.findall(
            r"(?:^|\s{2,})make (?:[A-Z]+=\S+ )*([a-z][a-z-]+)", code(page), re.MULTILINE
        )
    }
    assert {"up", "test", "preview"} <= named
    assert named - targets == set()


OF_THE_ENVIRONMENT = {"ENGINE", "PYTHON", "UPGRADE"}
"""Variables that a program reads which `make` starts."""


def test_variables_of_make_in_the_documentation_exist() -> None:
    """The Makefile reads each `NAME=value` that a page gives to `make`; paths of tests exist."""
    text = (ROOT / "Makefile").read_text()
    known = set(re.findall(r"\$\((?:or |if |filter \w+,|origin )*\$?\(?([A-Z]+)\b", text))
    given: dict[str, str] = {}
    for page in PAGES:
        for command in re.findall(
            r"(?:^|\s{2,})((?:[A-Z]+=\S+ )*make [^\n#|]*)", code(page), re.MULTILINE
        ):
            for name, value in re.findall(r"\b([A-Z]+)=([^\s`\])]*)", command):
                given[f"{name}={value}"] = name
    assert {"STACK", "TASKS", "ONLY"} <= set(given.values())
    assert {each for each, name in given.items() if name not in known | OF_THE_ENVIRONMENT} == set()
    paths = [each.partition("=")[2] for each, name in given.items() if name == "ONLY"]
    tests = [path for path in paths if path.startswith("tests/") and "…" not in path]
    assert tests
    assert [path for path in tests if not (ROOT / path).exists()] == []


def telemetry_fields() -> set[str]:
    """Fields of the events that the gateway writes about sessions, from the lines themselves."""
    lines: list[str] = []
    telemetry = Telemetry(write=lines.append)
    numbers = {"seconds": 1.0, "starts": 1, "restarts": 0, "sockets": 0, "memory_mib": 0}
    telemetry.session_changed("demo", before="starting", state="ready", cause="started", **numbers)
    telemetry.session_failed("demo", "build", "text")
    telemetry.build_ended("demo", outcome="failed", seconds=1.0, memory_mib=1, build=None)
    now = [0.0]
    copy = OutputCopy("demo", 60, telemetry.event, clock=lambda: now[0])
    for _ in range(60):
        copy.line("text")
    now[0] = 60.0
    copy.line("text")
    return {field for line in lines for field in json.loads(line)}


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.split("\n")[0][:40])
def test_queries_use_fields_that_are_logged(query: str) -> None:
    """The names in a Logs Insights query are fields of Envoy's access log or of the control plane's
    log lines, or made by the query.
    """
    import logging

    record = logging.LogRecord(
        "container.gateway.sessions", logging.INFO, "", 0, "text", None, None
    )
    logged = set(FIELDS) | set(json.loads(_JsonLines().format(record))) | telemetry_fields()
    made = set(re.findall(r"\bas (\w+)", query))
    bare = re.sub(r'"[^"]*"|/[^/\n]*/|@\w+|\b\d+\w*', "", query)
    assert set(re.findall(r"[A-Za-z_]\w*", bare)) - INSIGHTS_WORDS - made - logged == set()


def test_there_are_queries() -> None:
    """The pattern above does find the runbook's queries."""
    assert len(QUERIES) >= 5
