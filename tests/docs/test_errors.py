"""The page about the API's errors is what the table of codes says (S25, S30)."""

from __future__ import annotations

from container.gateway.codes import PROBLEMS
from scripts.gen_api_docs import (
    CREDENTIALS,
    ERRORS,
    METRICS,
    credentials_page,
    errors_page,
    metrics_page,
)


def test_the_pages_are_up_to_date() -> None:
    """scripts/gen_api_docs.py writes them."""
    assert ERRORS.read_text() == errors_page()
    assert CREDENTIALS.read_text() == credentials_page()
    assert METRICS.read_text() == metrics_page()


def test_every_code_has_a_paragraph_under_its_own_anchor() -> None:
    """The heading is the code, so that its anchor on any renderer is the code, too."""
    text = ERRORS.read_text()
    for code in PROBLEMS:
        assert f"\n## {code}\n" in text
        assert text.count(f"(#{code})") == 1
