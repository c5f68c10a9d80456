"""The real engine, offline: skipped where no `pulumi` CLI is on PATH."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from local.engine import ROOT
from local.provider.cli import Engine
from local.provider.store import Store

REASON = "no `pulumi` CLI on PATH (https://www.pulumi.com/docs/iac/download-install/)"

needs_yaml = pytest.mark.skipif(
    shutil.which("pulumi-language-yaml") is None, reason="no pulumi-language-yaml beside the CLI"
)


def pytest_configure(config: pytest.Config) -> None:
    """Loading `pulumi_aws.ec2` names its own deprecated resources, and `pulumi_awsx.ec2` an open
    issue; neither is used here.
    """
    config.addinivalue_line("filterwarnings", r"ignore::DeprecationWarning:pulumi_awsx?\.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here, and skip it where it cannot run."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.engine)
            item.add_marker(pytest.mark.timeout(600))
            if shutil.which("pulumi") is None:
                item.add_marker(pytest.mark.skip(reason=REASON))


@dataclass
class Run:
    """What one operation of the engine did."""

    code: int
    output: str
    steps: dict[str, str]
    """URN to the operation on it, without `same`."""
    changed: dict[str, list[str]]
    """URN to the properties that the provider says differ."""
    resources: dict[str, dict[str, Any]]
    """URN to type and inputs of every resource that took part."""
    policies: list[dict[str, Any]]

    def step(self, name: str) -> str | None:
        return next((step for urn, step in self.steps.items() if urn.endswith(f"::{name}")), None)


@dataclass
class Stack:
    """A separate stack with the engine's whole life in `engine.directory`."""

    engine: Engine
    name: str

    def run(
        self,
        operation: str,
        *options: str,
        config: dict[str, object] | None = None,
        policies: bool = True,
    ) -> Run:
        """Run an operation and read what happened from the engine's event log."""
        self.engine.prepare(self.name, config)
        log = self.engine.directory / "events.json"
        log.unlink(missing_ok=True)
        skip = ["--skip-preview"] if operation in ("up", "refresh", "destroy") else []
        result = self.engine.operate(
            operation,
            self.name,
            *skip,
            *options,
            "--event-log",
            str(log),
            capture=True,
            pack=policies,
        )
        return _read(result, log)

    def resources(self) -> list[dict[str, Any]]:
        """The state, without the stack and providers."""
        exported = json.loads(
            self.engine.run(["stack", "export", "--stack", self.name], quiet=True).stdout
        )
        return [
            each
            for each in exported["deployment"].get("resources") or []
            if not each["type"].startswith("pulumi:")
        ]

    @property
    def cloud(self) -> dict[str, Any]:
        """What the providers have created and not deleted."""
        file = self.engine.directory / "cloud.json"
        found: dict[str, Any] = json.loads(file.read_text()) if file.is_file() else {}
        return found

    def rotate(self, logical: str) -> str:
        """Give the secret a new current value, as the runbook's `put-secret-value` does; returns
        the version's id.
        """
        secret = next(
            each["id"] for each in self.resources() if each["urn"].endswith(f"::{logical}")
        )
        version = str(uuid4())
        Store(self.engine.directory / "cloud.json").put_secret_value(secret, version)
        return version

    def drift(self, kind: str, **properties: Any) -> None:
        """Change a resource behind the engine's back."""
        content = self.cloud
        for entry in content.values():
            if entry["type"] == kind:
                entry["properties"].update(properties)
        (self.engine.directory / "cloud.json").write_text(json.dumps(content))


def _read(result: subprocess.CompletedProcess[str], log: Path) -> Run:
    run = Run(
        code=result.returncode,
        output=result.stdout + result.stderr,
        steps={},
        changed={},
        resources={},
        policies=[],
    )
    for line in log.read_text().splitlines() if log.is_file() else []:
        event = json.loads(line)
        if step := event.get("resourcePreEvent"):
            metadata = step["metadata"]
            new = metadata.get("new") or metadata.get("old") or {}
            run.resources[metadata["urn"]] = {
                "type": metadata["type"],
                "inputs": new.get("inputs") or {},
                "parent": new.get("parent"),
            }
            if metadata["op"] != "same":
                run.steps[metadata["urn"]] = metadata["op"]
            if metadata.get("diffs"):
                run.changed[metadata["urn"]] = metadata["diffs"]
        if policy := event.get("policyEvent"):
            run.policies.append(policy)
    return run


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """An empty stack of the project's local configuration."""
    return Stack(Engine(directory=tmp_path / "engine", root=ROOT), "local")
