"""Fixtures of the local stack's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.engine import Deployment, deploy
from tests.addresses import own_address


def pytest_configure(config: pytest.Config) -> None:
    """Loading `pulumi_aws.ec2` names its own deprecated resources, and `pulumi_awsx.ec2` an open
    issue; neither is used here.
    """
    config.addinivalue_line("filterwarnings", r"ignore::DeprecationWarning:pulumi_awsx?\.")


PROGRAM = Path(__file__).parent / "program"


@pytest.fixture
def address() -> str:
    """The first address of a loopback network that no other test uses, so that servers can take
    their usual ports.
    """
    return own_address()


@pytest.fixture(scope="session")
def sample() -> Deployment:
    """The sample program, run once."""
    return deploy("local", root=PROGRAM)


@pytest.fixture(scope="session")
def local_stack() -> Deployment:
    """The project's own local stack, run once."""
    return deploy("local", preview=False)
