"""The verdict on an edit while a real browser looks (S32)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from .stack import Session, Stack
from .visitor import WAIT_MS, Tab
from .watching import (
    test_a_lost_connection_says_so_and_moves_nothing,  # noqa: F401 (collected here)
    test_a_page_is_listed_with_whether_it_shows,  # noqa: F401 (collected here)
    test_an_ended_sign_in_says_so_and_what_to_do,  # noqa: F401 (collected here)
)

PAGE = "src/pages/index.astro"


@pytest.fixture(scope="module")
def session(stack: Stack) -> Session:
    made = stack.api("POST", "/sessions", {"id": "verdict"})
    assert made["state"] == "ready", made
    return stack.session("verdict")


def change(session: Session, old: str, new: str, file: str = PAGE) -> Any:
    """The verdict on an exact-text edit through the API."""
    body = {"edits": [{"old": old, "new": new}]}
    return session.stack.api("PATCH", f"/sessions/{session.id}/files/{file}?wait=30", body)[
        "verdict"
    ]


def problems(session: Session) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = session.stack.api("GET", f"/sessions/{session.id}/problems")[
        "problems"
    ]
    return found


def test_an_edit_is_shown_breaks_and_heals(tab: Tab, session: Session) -> None:
    """In place, as a style, as an error with its place, and again."""
    tab.see("Your site is awake.")
    shown = change(session, "Your site is awake.", "Your site is seen.")
    assert (shown["outcome"], shown["pages"]) == ("shown", 1), shown
    assert "Your site is seen." in tab.evaluate("document.body.innerText"), (
        "the answer came when the page showed it"
    )
    style = change(session, "body {", "body { outline: 3px solid red;", "src/styles/global.css")
    assert style["outcome"] == "shown", style
    assert tab.evaluate("getComputedStyle(document.body).outlineWidth") == "3px"
    broken = change(session, "Your site is seen.", "{nothingOfThisName}")
    assert broken["outcome"] == "error", broken
    assert any(
        each["file"] == PAGE and each["line"] > 0 and each["frame"] for each in broken["problems"]
    ), broken
    healed = change(session, "{nothingOfThisName}", "Your site is awake.")
    assert healed["outcome"] == "shown", healed
    tab.see("Your site is awake.")
    tab.forget()


def test_whole_files_written_in_quick_succession_are_shown_in_place(
    tab: Tab, session: Session
) -> None:
    """The file that the API renames into place is not an edit that pages are reloaded for."""
    tab.see("Your site is awake.")
    file = session.stack.sites / session.id / PAGE
    before = file.read_text()
    texts = [before.replace("site is awake", f"site is at {number}") for number in range(4)]
    tab.evaluate("globalThis.stays = true")
    for text in [*texts, before]:
        answer = session.stack.api(
            "PUT", f"/sessions/{session.id}/files/{PAGE}?wait=30", raw=text.encode()
        )
        assert answer["verdict"]["outcome"] == "shown", answer
    assert tab.evaluate("globalThis.stays"), tab.reasons
    tab.see("Your site is awake.")
    tab.forget()


def test_an_error_in_the_page_is_a_problem_until_the_page_goes(tab: Tab, session: Session) -> None:
    """Thrown by a script of the site, in the browser."""
    tab.see("Your site is awake.")
    tab.evaluate("setTimeout(() => { throw new Error('thrown in the page') })")
    deadline = time.monotonic() + WAIT_MS / 1000
    while not (
        found := [
            each for each in problems(session) if each["message"].endswith("thrown in the page")
        ]
    ):
        assert time.monotonic() < deadline
    assert (found[0]["source"], found[0]["plugin"]) == ("browser", "uncaught")
    assert change(session, "Your site is awake.", "Your site is awake!")["outcome"] == "error"
    assert change(session, "Your site is awake!", "Your site is awake.")["outcome"] == "error"
    tab.go()
    while problems(session):
        assert time.monotonic() < deadline
    tab.forget()
