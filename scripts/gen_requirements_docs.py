#!/usr/bin/env python3
"""Write docs/requirements.md: each requirement in a sentence, and the tests that name it.

scripts/gen_requirements_docs.py           rewrite the page
scripts/gen_requirements_docs.py --check   exit 1 when the page is out of date

A test module names the requirements that it holds in its docstring, or in a test's docstring: `(S8,
S24)`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "requirements.md"
MARK: Final = re.compile(r"\((S\d+(?:,\s+S\d+)*)\)")
"""A docstring is wrapped at 100 columns, in the middle of a list, too."""

REQUIREMENTS: Final[dict[str, dict[str, str]]] = {
    "Live editing": {
        "S1": (
            "`astro dev`, its client and its HMR WebSocket work under a session's address, with the"
            " site's own configuration."
        ),
        "S2": "A change of any kind of file reaches the open page within 500 ms.",
        "S3": (
            "One object owns the HMR settings and generates the listener rules and the dev server's"
            " settings from them."
        ),
        "S4": (
            "File changes are noticed by events, by polling or by a push from the API; the choice"
            " is automatic."
        ),
        "S5": (
            "Dev servers are started, awaited, stopped, restarted and reaped per session, by visits"
            " and by a REST API."
        ),
        "S6": (
            "In production mode the site is built, and the last good build is served at the same"
            " address."
        ),
        "S7": (
            "Port 4321 serves sessions, port 8080 serves API and health; nothing else listens"
            " beyond loopback."
        ),
        "S8": (
            "Every request to a session is authenticated, and one session's credential opens no"
            " other session."
        ),
        "S9": (
            "Signing keys, API credentials and AWS credentials are out of reach of a site's code."
        ),
        "S10": "Stop, crash and session end leave no process, and long sessions leak nothing.",
    },
    "Infrastructure": {
        "S11": (
            "The load balancer keeps WebSockets alive, redirects to HTTPS, denies by default and"
            " keeps visitors on their task."
        ),
        "S12": (
            "The service runs on encrypted EFS with least privilege, a read-only root, health"
            " checks and autoscaling."
        ),
        "S13": (
            "The image is built for the task's CPU, pushed under immutable tags and run by digest."
        ),
        "S14": (
            "The network is created, or an existing one is used; NAT, single NAT or VPC endpoints."
        ),
        "S15": (
            "Alarms, dashboard and metrics cover errors, unhealthy hosts, reconnects, HMR latency"
            " and memory."
        ),
        "S16": (
            "The configuration is typed; bad values are reported together, each with key, value,"
            " allowed values and fix."
        ),
        "S17": "Every child resource can be reached and transformed without a fork.",
    },
    "Policy pack": {
        "S18": (
            "Idle timeout, stickiness and public ports are enforced before an update, and cannot be"
            " evaded."
        ),
        "S19": "TLS, EFS, tasks, images, logs, IAM and secrets are held to stated rules.",
        "S20": (
            "Each rule has an id, a reason, a fix, a page, a schema and a level; exemptions are"
            " named, dated and listed."
        ),
        "S21": "A value unknown at preview hides no known violation.",
        "S22": "Reports for people and machines: terminal, SARIF, JUnit.",
    },
    "Ways of use": {
        "S23": (
            "One command runs the declared stack on a fresh machine without an AWS account; another"
            " runs all tests."
        ),
        "S24": (
            "Preview, deployment, drift check and rollback work with the Pulumi CLI, per stack and"
            " in pull requests."
        ),
        "S25": "The documentation points at things that exist, and its references are generated.",
    },
    "Several tasks": {
        "S26": (
            "A session has one owner among all tasks, and a lost owner is replaced without a lost"
            " edit."
        ),
    },
    "Any site": {
        "S27": (
            "A site runs as its owner has it: Astro release, package manager, workspace and install"
            " scripts."
        ),
        "S28": "Sessions are told apart by path or by host, from one contract.",
    },
    "Agents and applications": {
        "S30": (
            "Credentials have a scope, can be listed and revoked, and the API can be reached in"
            " every stack."
        ),
        "S31": (
            "Files are listed, read, written, moved, deleted and exchanged in batches, with"
            " conditions."
        ),
        "S32": (
            "A write can wait for its outcome in the open pages; problems and events can be read."
        ),
        "S33": "An MCP server and typed clients are generated from the one API description.",
        "S34": (
            "A session comes from a Git repository and goes back to it; checkpoints can be"
            " restored."
        ),
        "S35": "A visible tab keeps its session, and who watches is known.",
    },
    "AWS and the engine": {
        "S36": (
            "AWS's schemas and API models accept every declared input; the second and the last"
            " operation work like the first."
        ),
    },
    "Hostile input": {
        "S37": (
            "No input and no full disk ends a task, wedges a session or grows memory, logs or"
            " metrics without bound."
        ),
        "S38": (
            "What a site can do to another session is listed and tested, for each setting of"
            " `isolation`."
        ),
    },
}

HEAD: Final = """\
<!-- Written by scripts/gen_requirements_docs.py from its own sentences and the docstrings of the tests. -->

# Requirements

Each requirement, and the tests whose docstrings name it. A test fails
while one has none.
"""


def marks(path: Path) -> Iterator[str]:
    """The ids that a test module names, in its own docstring or those of its tests."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for group in MARK.findall(ast.get_docstring(node) or ""):
                yield from re.split(r",\s+", group)


def holders() -> dict[str, list[str]]:
    """Id to the test modules that name it, sorted. An id that REQUIREMENTS does not
    have is kept.
    """
    found: dict[str, set[str]] = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        if "node_modules" not in path.parts:
            for identifier in marks(path):
                found.setdefault(identifier, set()).add(path.relative_to(ROOT).as_posix())
    return {identifier: sorted(paths) for identifier, paths in found.items()}


def page() -> str:
    """The whole page."""
    tests = holders()
    lines = [HEAD]
    for title, requirements in REQUIREMENTS.items():
        lines += [f"## {title}\n", "| id | requirement | tests |", "|---|---|---|"]
        for identifier, sentence in requirements.items():
            links = (
                ", ".join(f"[{Path(path).stem}](../{path})" for path in tests.get(identifier, []))
                or "none yet"
            )
            lines.append(f"| {identifier} | {sentence} | {links} |")
        lines.append("")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        if PAGE.is_file() and PAGE.read_text() == page():
            return 0
        print(
            f"{PAGE.relative_to(ROOT)} is out of date: run scripts/gen_requirements_docs.py",
            file=sys.stderr,
        )
        return 1
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
