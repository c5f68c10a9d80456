"""The page of requirements is what the tests say (S25)."""

from __future__ import annotations

from scripts import gen_requirements_docs as generator


def test_the_page_is_current() -> None:
    """scripts/gen_requirements_docs.py writes what the checkout holds."""
    assert generator.PAGE.read_text() == generator.page(), "run scripts/gen_requirements_docs.py"


def test_tests_name_requirements_that_exist() -> None:
    """A mistyped id in a docstring would count for nothing."""
    known = {identifier for group in generator.REQUIREMENTS.values() for identifier in group}
    assert set(generator.holders()) - known == set()
