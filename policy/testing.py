"""A pytest fixture for testing resources against a policy pack: this one, or any other in Python.

In `conftest.py`:

    pytest_plugins = ["policy.testing"]

In a test:

    def test_edge_is_refused(policy_pack):
        edge = policy_pack.resource("aws:lb/loadBalancer:LoadBalancer", "edge", idleTimeout=60)
        assert "alb-idle-timeout" in policy_pack.violations(edge)

`policy_pack` is this pack without configuration. For another pack or configuration, make one with
the fixture `policy_packs`:

    pack = policy_packs("path/to/pack", {"alb-idle-timeout": {"heartbeatSeconds": 30}})
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from .harness import Analyzer, Diagnostic, Resource

PACK = Path(__file__).resolve().parent


class PackUnderTest:
    """A running pack with short names for what tests ask."""

    def __init__(self, analyzer: Analyzer) -> None:
        self.analyzer = analyzer

    def resource(self, type_: str, name: str, /, **properties: Any) -> Resource:
        """A resource with a plausible URN; properties in Pulumi's camelCase."""
        return Resource(
            urn=f"urn:pulumi:test::test::{type_}::{name}",
            type=type_,
            name=name,
            properties=properties,
        )

    def diagnostics(self, *resources: Resource) -> list[Diagnostic]:
        """What the engine would report: of each resource by its properties, then of all
        together.
        """
        found = [each for answer in self.analyzer.analyze_all(resources) for each in answer]
        return found + self.analyzer.analyze_stack(resources)

    def violations(self, *resources: Resource) -> set[str]:
        """Names of the mandatory policies that these resources break."""
        return {each.policy for each in self.diagnostics(*resources) if each.level == "mandatory"}

    def warnings(self, *resources: Resource) -> set[str]:
        """Names of the policies that speak of these resources without stopping them, open questions
        included.
        """
        return {each.policy for each in self.diagnostics(*resources) if each.level == "advisory"}


PackFactory = Callable[..., PackUnderTest]


@pytest.fixture(scope="session")
def policy_packs() -> Iterator[PackFactory]:
    """Starts packs; each is kept for the session and ended with it."""
    running: dict[str, PackUnderTest] = {}
    with ExitStack() as stack:

        def start(
            pack_dir: str | Path = PACK, config: Mapping[str, object] | None = None
        ) -> PackUnderTest:
            key = f"{Path(pack_dir).resolve()} {config!r}"
            if key not in running:
                running[key] = PackUnderTest(stack.enter_context(Analyzer(pack_dir, config)))
            return running[key]

        yield start


@pytest.fixture(scope="session")
def policy_pack(policy_packs: PackFactory) -> PackUnderTest:
    """This pack with its defaults."""
    return policy_packs()
