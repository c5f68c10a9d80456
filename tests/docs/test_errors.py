"""The page about the API's errors is what the table of codes says (S25, S30)."""

from __future__ import annotations

from container.gateway.codes import PROBLEMS
from scripts.gen_error_docs import PAGE, page


def test_the_page_is_up_to_date() -> None:
    """scripts/gen_error_docs.py writes it."""
    assert PAGE.read_text() == page()


def test_every_code_has_a_paragraph_under_its_own_anchor() -> None:
    """The heading is the code, so that its anchor on any renderer is the code, too."""
    text = PAGE.read_text()
    for code in PROBLEMS:
        assert f"\n## {code}\n" in text
        assert text.count(f"(#{code})") == 1
