"""One running pack for all tests of this directory, and a pytest fixture as others would use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from policy.harness import Analyzer, Resource
from tests.policy.inside import Inside

PACK = Path(__file__).resolve().parents[2] / "policy"


def pytest_configure(config: pytest.Config) -> None:
    # Modules of the providers warn of each other when they are loaded.
    config.addinivalue_line("filterwarnings", r"ignore::DeprecationWarning:pulumi_awsx?\.")


@pytest.fixture(scope="session")
def pack_dir() -> Path:
    """The policy pack's directory."""
    return PACK


@pytest.fixture(scope="session")
def pack() -> Iterator[Analyzer]:
    """The pack with its defaults: no configuration at all."""
    with Inside(PACK) as analyzer:
        yield analyzer


@pytest.fixture(scope="session")
def open_pack() -> Iterator[Analyzer]:
    """The pack with a front door that is open to everyone."""
    with Inside(PACK, {"no-public-port": {"frontDoorCidrs": ["0.0.0.0/0", "::/0"]}}) as analyzer:
        yield analyzer


def resource(type_: str, /, name: str = "subject", **properties: Any) -> Resource:
    """A resource with a plausible URN."""
    return Resource(
        urn=f"urn:pulumi:dev::site::{type_}::{name}", type=type_, name=name, properties=properties
    )


@pytest.fixture
def violated(pack: Analyzer) -> Callable[..., set[tuple[str, str]]]:
    """(level, policy) of every diagnostic for one resource."""

    def run(type_: str, /, **properties: Any) -> set[tuple[str, str]]:
        return {(each.level, each.policy) for each in pack.analyze(resource(type_, **properties))}

    return run
