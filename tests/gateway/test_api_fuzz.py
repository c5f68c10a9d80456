"""Every call of the description with a credential of each scope, by generated requests (S5, S30,
S37). The long run is `make fuzz`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import api_fuzz
from .api_fuzz import Fuzz
from .git_server import git_reason
from .test_scopes import SCOPES

pytestmark = pytest.mark.skipif(bool(git_reason()), reason=git_reason())
REQUESTS = 2


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzz]:
    with api_fuzz.running(tmp_path_factory.mktemp("fuzz")) as running:
        yield running


@pytest.mark.parametrize("scope", SCOPES)
def test_every_call_with_every_scope_answers_as_described(fuzz: Fuzz, scope: str) -> None:
    """The same requests in each run."""
    cells = [fuzz.cell(each, scope, REQUESTS, None) for each in api_fuzz.operations()]
    assert [text for cell in cells for text in cell.failures] == []
    assert all(cell.sent > 0 for cell in cells)
    if scope == "service":
        assert sum(cell.accepted for cell in cells) > len(cells) / 4, "not all are refused"
