"""A gateway process shared by a module's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .harness import Gateway, running_gateway


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The real gateway with a fake dev server behind it."""
    with running_gateway(tmp_path_factory.mktemp("gw")) as running:
        yield running
