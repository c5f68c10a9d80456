"""What docs/alternatives.md says of other AWS services, asked of the API models that botocore
carries; what it says of this project names tests, and of others a page (S25).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import botocore.session
from botocore.model import Shape

SESSION = botocore.session.get_session()
LONGEST_SECONDS = 8 * 3600
ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "alternatives.md").read_text()


def rows(heading: str) -> list[str]:
    """Of the table below a heading, without its head."""
    part = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [line for line in part.splitlines() if line.startswith("| ")][1:]


def test_each_claim_about_this_project_names_a_test_that_exists() -> None:
    files = [
        path for path in (ROOT / "tests").rglob("test_*.py") if "node_modules" not in path.parts
    ]
    defined = set(re.findall(r"def (test_\w+)", "\n".join(map(Path.read_text, files))))
    claims = rows("What this project does")
    assert len(claims) > 5
    assert [row for row in claims if not re.search(r"`test_\w+`", row)] == []
    assert set(re.findall(r"`(test_\w+)`", PAGE)) <= defined


def test_each_claim_about_others_names_a_page_and_the_day() -> None:
    peers = rows("Hosted sandboxes and development environments")
    assert len(peers) > 8
    assert [row for row in peers if "](https://" not in row.split("|")[-2]] == []
    assert re.search(r"Read on\s+20\d\d-\d\d-\d\d", PAGE)


def fields(shape: Shape, depth: int = 4) -> Iterator[str]:
    """Names of a shape's members, those of its members included."""
    for name, member in getattr(shape, "members", {}).items():
        yield name
        if depth:
            yield from fields(member, depth - 1)


def test_an_express_service_takes_no_volume_and_no_idle_timeout() -> None:
    asked = (
        SESSION.get_service_model("ecs").operation_model("CreateExpressGatewayService").input_shape
    )
    assert asked is not None
    named = {name.lower() for name in fields(asked)}
    assert {"primarycontainer", "securitygroups"} <= named
    assert [
        name
        for name in named
        if "volume" in name or "mount" in name or "timeout" in name or "stick" in name
    ] == []


def test_a_microvm_lives_eight_hours_and_takes_no_file_system() -> None:
    asked = SESSION.get_service_model("lambda-microvms").operation_model("RunMicrovm").input_shape
    assert asked is not None
    longest = asked.members["maximumDurationInSeconds"].metadata
    assert longest["max"] == LONGEST_SECONDS
    assert asked.members["idlePolicy"].members["maxIdleDurationSeconds"].metadata["min"] == 60
    assert [
        name for name in fields(asked) if "filesystem" in name.lower() or "mount" in name.lower()
    ] == []
