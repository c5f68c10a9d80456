"""A protected stack is removed by the steps of docs/removal.md, with the real engine; without them
AWS refuses (S24, S36).
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.release.world import PROFILE, ROOT, Clone, world

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

PAGE = (ROOT / "docs" / "removal.md").read_text()


def steps(number: int) -> list[str]:
    """The commands of the page's step, without the first step's, which save things elsewhere."""
    section = PAGE.split(f"\n## {number}. ")[1].split("\n## ")[0]
    return [
        line
        for block in re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
        for line in block.splitlines()
    ]


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory, aws_server: str) -> Clone:
    """A deployed `prod`, with an image in its repository and a log in its bucket."""
    clone = world(tmp_path_factory.mktemp("removal"), aws_server).clone("checkout")
    clone.configure("prod", aws__profile=PROFILE)
    clone.must("pulumi", "stack", "init", "prod")
    clone.must("make", "deploy", "STACK=prod", "SMOKE=never")
    return clone


def cloud(clone: Clone) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((clone.world.home / "cloud.json").read_text())
    return found


def exempt(clone: Clone) -> None:
    """The page's exemption, for a week."""
    (entries,) = re.findall(r'"exemptions": (\{.*?^\})', PAGE, re.DOTALL | re.MULTILINE)
    found = json.loads(entries)
    found["entries"][0]["expires"] = str((datetime.now(UTC) + timedelta(days=7)).date())
    file: Path = clone.folder / "policy" / "config" / "prod.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "exemptions": found}))


def test_a_protected_stack_is_not_destroyed(prod: Clone) -> None:
    """Nothing is deleted, not even what nobody protects."""
    before = set(cloud(prod))
    done = prod.run("pulumi", "destroy", "--yes", "--stack", "prod")
    assert done.returncode != 0
    assert "is protected" in done.stdout + done.stderr
    assert set(cloud(prod)) == before


def test_aws_refuses_what_the_engine_would_not(
    prod: Clone, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Someone who only lifts the engine's protection: load balancer, table, repository and bucket
    stay.
    """
    state = prod.must("pulumi", "stack", "export", "--stack", "prod")
    kept = (prod.world.home / "cloud.json").read_text()
    prod.must("pulumi", "state", "unprotect", "--all", "--yes", "--stack", "prod")
    destroy = (
        "pulumi",
        "destroy",
        "--yes",
        "--skip-preview",
        "--continue-on-error",
        "--stack",
        "prod",
    )
    done = prod.run(*destroy)
    assert done.returncode != 0
    for refusal in (
        "OperationNotPermitted",
        "RepositoryNotEmptyException",
        "is protected against deletion",
    ):
        assert refusal in done.stdout
    console = cloud(prod)
    for entry in console.values():
        entry["properties"].pop("enableDeletionProtection", None)
        entry["properties"].pop("deletionProtectionEnabled", None)
    (prod.world.home / "cloud.json").write_text(json.dumps(console))
    done = prod.run(*destroy)
    assert done.returncode != 0
    assert "BucketNotEmpty" in done.stdout
    (prod.world.home / "cloud.json").write_text(kept)
    file = prod.world.home / "state.json"
    file.write_text(state)
    prod.must("pulumi", "stack", "import", "--force", "--file", str(file), "--stack", "prod")


def test_the_steps_of_the_page_remove_it(prod: Clone) -> None:
    """Protection can only be lifted with an exemption; then one update and one destroy leave the
    account empty.
    """
    set_config, deploy = steps(3)
    prod.must(*set_config.split())
    refused = prod.run(*deploy.split())
    assert refused.returncode != 0
    assert "alb-deletion-protection" in refused.stdout + refused.stderr
    exempt(prod)
    printed = prod.must(*deploy.split())
    assert "replace" not in printed
    destroy, remove = steps(5)
    prod.must(*destroy.split(), "--yes", "--skip-preview")
    left = {entry["type"]: entry["properties"] for entry in cloud(prod).values()}
    assert left.keys() <= {
        "docker:index/image:Image",
        "aws:ecs/taskDefinition:TaskDefinition",
        "aws:route53/record:Record",
    }, left
    assert left["aws:route53/record:Record"]["type"] == "CNAME", (
        "the validation record, which other certificates share"
    )
    prod.must(*remove.split(), "--yes", "--preserve-config")
