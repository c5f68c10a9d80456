"""A large batch, its undo and a restored checkpoint reach an open page in one wave, in place (S31,
S34).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.gateway.git_server import git_reason

from .stack import Session, Stack
from .visitor import Tab
from .waves import Heard

pytestmark = pytest.mark.skipif(bool(git_reason()), reason=git_reason())

PARTS = 60
NOTES = 18
STYLE, PAGE = "src/styles/many.css", "src/pages/many.astro"
"""With the parts and notes they are 80 files."""


def site(word: str) -> dict[str, str]:
    """80 files that one page is made of, each of which says `word`."""
    parts = {
        f"src/parts/p{number:02}.astro": f"<li>part {number} is {word}</li>\n"
        for number in range(PARTS)
    }
    notes = {
        f"src/content/notes/n{number:02}.md": (
            f"---\ntitle: Note {number}\nsummary: note {number} is {word}\norder: {number + 9}\n"
            "---\n\nText.\n"
        )
        for number in range(NOTES)
    }
    page = f"""---
import {{ getCollection }} from "astro:content";
import "../styles/many.css";
const parts = Object.values(import.meta.glob("../parts/*.astro", {{ eager: true }}));
const notes = await getCollection("notes");
---
<html><head><title>{word}</title></head><body><h1>The page is {word}</h1>
<ul>{{parts.map(({{ default: Part }}) => <Part />)}}</ul>
<ol>{{notes.map((note) => <li>{{note.data.summary}}</li>)}}</ol></body></html>
"""
    return {**parts, **notes, STYLE: f"h1 {{ --word: {word}; }}\n", PAGE: page}


def batch(session: Session, files: dict[str, str]) -> Any:
    """Write them all at once; the answer, when the page shows them."""
    operations = [{"op": "write", "path": path, "content": text} for path, text in files.items()]
    return session.stack.api(
        "POST", f"/sessions/{session.id}/batch?wait=30", {"operations": operations}
    )


def counted(tab: Tab, word: str) -> int:
    """How many of the 80 files the page shows with this word."""
    return int(
        tab.evaluate(
            f"document.body.innerText.split('is {word}').length - 1"
            " + (getComputedStyle(document.querySelector('h1')).getPropertyValue('--word').trim()"
            f" === '{word}')"
        )
    )


@pytest.fixture(scope="module")
def session(stack: Stack) -> Session:
    made = stack.api("POST", "/sessions", {"id": "restored"})
    assert made["state"] == "ready", made
    session = stack.session("restored")
    assert len(site("one")) == 80
    batch(session, site("one"))
    return session


@pytest.fixture(scope="module")
def warm_paths() -> tuple[str, ...]:
    return ("many",)


@pytest.fixture
def heard(tab: Tab, session: Session) -> Iterator[Heard]:
    """What the page hears, which shows the 80 files as `one`."""
    heard = Heard(tab.page)
    tab.go("many")
    tab.settle()
    if counted(tab, "one") != 80:  # a test before this one has failed
        shown = batch(session, site("one"))
        assert shown["verdict"]["outcome"] in ("shown", "rendered"), shown["verdict"]
        tab.go("many")
        tab.settle()
    assert counted(tab, "one") == 80
    tab.mark()
    heard.forget()
    yield heard
    tab.forget()


def assert_one_wave(tab: Tab, heard: Heard) -> None:
    """The style in a message, and the page's HTML asked for once; nothing reloaded."""
    tab.evaluate("0")  # what has come before is counted then
    assert heard.messages == {"update": 1, "astro-live:update": 1}, heard.messages
    assert heard.renders == 1
    assert not tab.was_reloaded(), tab.reasons
    heard.forget()


def test_a_batch_of_80_files_is_one_wave_and_its_undo_another(
    tab: Tab, session: Session, heard: Heard
) -> None:
    """Both are shown when the API says so."""
    shown = batch(session, site("two"))
    assert (shown["verdict"]["outcome"], len(shown["changes"])) == ("shown", 80), shown["verdict"]
    assert counted(tab, "two") == 80
    assert_one_wave(tab, heard)
    undone = session.stack.api("POST", f"/sessions/{session.id}/undo?wait=30")
    assert (undone["verdict"]["outcome"], len(undone["changes"])) == ("shown", 80)
    assert counted(tab, "one") == 80
    assert_one_wave(tab, heard)


def test_a_checkpoint_comes_back_in_part_and_in_whole(
    tab: Tab, session: Session, heard: Heard
) -> None:
    """By path first, then all of it, each in one wave; a component that keeps its place in the page
    is the same element afterwards.
    """
    path = f"/sessions/{session.id}/checkpoints"
    made = session.stack.api("POST", path, {"name": "all are one"})
    batch(session, site("three"))
    assert_one_wave(tab, heard)
    tab.evaluate("window.__first = document.querySelector('ul li')")
    restore = f"{path}/{made['number']}/restore?wait=30"
    part = session.stack.api("POST", restore, {"paths": ["src/parts", STYLE]})
    assert part["verdict"]["outcome"] == "shown", part["verdict"]
    assert (counted(tab, "one"), counted(tab, "three")) == (PARTS + 1, NOTES + 1)
    assert_one_wave(tab, heard)
    whole = session.stack.api("POST", restore)
    assert (whole["verdict"]["outcome"], len(whole["changes"])) == ("shown", NOTES + 1)
    assert counted(tab, "one") == 80
    assert heard.messages == {"astro-live:update": 1}, heard.messages
    assert tab.evaluate("window.__first === document.querySelector('ul li')")
    assert not tab.was_reloaded(), tab.reasons
