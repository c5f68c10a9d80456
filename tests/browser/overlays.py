"""Errors of a site and its packages in the session's page: shown as Vite's overlay, gone after the
fix (S1).

Test functions for a module that has the fixtures `tab` and `session`: both routing modes run them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from .stack import Session
from .visitor import Tab

PAGE: Final = "src/pages/index.astro"
CONFIG: Final = "astro.config.mjs"
PROOF: Final = "Your site is awake."

EDITS: Final = {
    "a package that the page imports is missing": (
        PAGE,
        "---\n",
        '---\nimport "not-installed-here";\n',
        "not-installed-here",
    ),
    "a package that a script imports is missing": (
        PAGE,
        "<style>",
        '<script>\n  import "not-installed-either";\n</script>\n<style>',
        "not-installed-either",
    ),
    "a syntax error in the configuration": (
        CONFIG,
        "export default ",
        "export default {{ (",
        "astro.config.mjs",
    ),
    "an error in an integration": (
        CONFIG,
        "integrations: [",
        (
            'integrations: [{ name: "broken", hooks: { "astro:config:setup": () => { throw new'
            ' Error("the hook gave up"); } } }, '
        ),
        "the hook gave up",
    ),
    "a package.json that is not JSON": ("package.json", "{", "{ not JSON", "package.json"),
}
"""File, text, what it becomes, and a word of the error."""


@contextmanager
def broken(session: Session, name: str) -> Iterator[str]:
    """The session with one of the edits; taken back at the end. Gives a word of the error."""
    file, old, new, word = EDITS[name]
    path = session.folder / file
    before = path.read_text()
    assert old in before, f"{old!r} is not in {file}"
    path.write_text(before.replace(old, new, 1))
    try:
        yield word
    finally:
        path.write_text(before)


@pytest.mark.parametrize("name", EDITS)
def test_an_error_is_shown_and_goes_with_its_fix(tab: Tab, session: Session, name: str) -> None:
    """In the page that was open before, and for a page that is opened meanwhile."""
    with broken(session, name) as word:
        overlay = tab.page.locator("vite-error-overlay")
        overlay.get_by_text(word).first.wait_for()
        tab.page.reload()
        overlay.get_by_text(word).first.wait_for()
    overlay.wait_for(state="detached")
    tab.see(PROOF)
    tab.forget()
