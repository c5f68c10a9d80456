"""The page of requirements is what the tests say (S25)."""

from __future__ import annotations

from pathlib import Path

from scripts import gen_requirements_docs as generator


def test_the_page_is_current() -> None:
    """scripts/gen_requirements_docs.py writes what the checkout holds."""
    assert generator.PAGE.read_text() == generator.page(), "run scripts/gen_requirements_docs.py"


def test_tests_name_requirements_that_exist() -> None:
    """A mistyped id in a docstring would count for nothing."""
    known = {identifier for group in generator.REQUIREMENTS.values() for identifier in group}
    assert set(generator.holders()) - known == set()


def test_each_requirement_has_a_test() -> None:
    """A mark that is not found, such as one in a list over two lines, leaves one without."""
    known = {identifier for group in generator.REQUIREMENTS.values() for identifier in group}
    assert known - set(generator.holders()) == set()


def test_a_list_of_marks_may_go_over_two_lines(tmp_path: Path) -> None:
    """As the formatter of the docstrings wraps them."""
    module = tmp_path / "test_it.py"
    module.write_text('"""A sentence that is long (S7, S12,\nS23).\n"""\n')
    assert list(generator.marks(module)) == ["S7", "S12", "S23"]
