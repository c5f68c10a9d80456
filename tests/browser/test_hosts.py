"""Each session on its own host, in Chromium, through everything that `make up` runs (S28)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.addresses import own_address

from .installing import (
    installed,  # noqa: F401 (a fixture)
    test_what_cannot_be_installed_is_told_in_the_page,  # noqa: F401 (collected here)
)
from .overlays import test_an_error_is_shown_and_goes_with_its_fix  # noqa: F401 (collected here)
from .parents import PARENT, answer, framed, serving
from .stack import Session, Stack, running_stack
from .visitor import Tab, launched
from .watching import (
    test_a_lost_connection_says_so_and_moves_nothing,  # noqa: F401 (collected here)
    test_a_page_is_listed_with_whether_it_shows,  # noqa: F401 (collected here)
    test_an_ended_sign_in_says_so_and_what_to_do,  # noqa: F401 (collected here)
)


@pytest.fixture(scope="module")
def parent() -> Iterator[str]:
    """Origin of a page that may frame the sessions."""
    with serving(own_address(), {"/": PARENT}) as origin:
        yield origin


@pytest.fixture(scope="module")
def stack(
    executable: str, parent: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    framing = (f'frameAncestors=["{parent}"]', "cookieSameSite=none")
    with running_stack(tmp_path_factory.mktemp("hosts"), by_host=True, config=framing) as running:
        running.api("POST", "/sessions", {"id": "second", "template": "starter"})
        yield running


@pytest.fixture(scope="module")
def chromium(executable: str, stack: Stack) -> Iterator[Browser]:
    with launched(executable, hosts_at=stack.address) as browser:
        yield browser


@pytest.fixture(scope="module")
def session(stack: Stack) -> Session:
    return stack.session("demo")


def test_the_page_is_whole_at_the_root_of_its_host(tab: Tab) -> None:
    """Text, image and the island's script, and the HMR socket at `/_hmr`."""
    tab.see("Your site is awake.")
    tab.until("document.querySelector('img').naturalWidth > 0")
    tab.page.get_by_label("one more").click()
    assert tab.session.url == "https://demo.edit.localhost:8443/"
    assert any(
        url.startswith("https://demo.edit.localhost:8443/_hmr?token=") for url in tab.requests
    )
    assert tab.failures == []


def test_styles_pages_and_notes_follow_their_edits(tab: Tab, session: Session) -> None:
    """As under path routing: in place."""
    tab.mark()
    session.edit("src/styles/global.css", "letter-spacing: -0.015em;", "letter-spacing: 7px;")
    tab.style("h1", "letterSpacing", "7px")
    session.edit("src/styles/global.css", "letter-spacing: 7px;", "letter-spacing: -0.015em;")
    tab.follow(
        "src/pages/index.astro",
        "Your site is awake.",
        "Your site is wide awake.",
        shows="Your site is wide awake.",
    )
    text = "Change this word"
    tab.follow(
        "src/content/notes/write-here.md",
        "Change this sentence",
        text,
        shows=f"{text} and look at the front page.",
    )


def test_addresses_that_scripts_make_stay_in_the_session(tab: Tab) -> None:
    """What path routing cannot give: `fetch("/…")` reaches the own site."""
    status = tab.page.evaluate(
        "fetch('/favicon.svg').then((answer) => answer.status + ' ' +"
        " answer.headers.get('content-type'))"
    )
    assert status.startswith("200 image/svg")


def test_a_frame_is_spoken_with_and_stays_in_its_session(
    chromium: Browser, session: Session, stack: Stack, parent: str
) -> None:
    """As under path routing (test_embed.py): elements have their places, and no address leads to
    another session.
    """
    with framed(chromium, parent, session) as (page, frame):
        assert answer(page, {"astroLive": 1, "type": "pick", "on": True, "id": 2})["type"] == "done"
        frame.locator("h1").click()
        page.wait_for_function("heard.some(({ data }) => data.type === 'picked')")
        told = page.evaluate("heard.find(({ data }) => data.type === 'picked')")
        assert told["origin"] == "https://demo.edit.localhost:8443"
        assert told["data"]["source"]["file"] == "src/pages/index.astro"
        for number, address in enumerate(("/", stack.session("second").url, "//localhost/"), 3):
            command = {"astroLive": 1, "type": "navigate", "address": address, "id": number}
            assert answer(page, command)["code"] == "outside-session"
        assert frame.url == session.url


def test_another_sessions_page_is_out_of_reach(chromium: Browser, stack: Stack, tab: Tab) -> None:
    """In one browser that is signed in to both: neither its answers, nor its window, nor its
    cookies.
    """
    other = stack.session("second")
    tab.page.goto(other.one_time_url())
    tab.page.wait_for_url(other.url)
    tab.go()
    read = """url => fetch(url, { credentials: "include" }).then((answer) => answer.text(), (error) => error.name)"""
    assert tab.page.evaluate(read, other.url) == "TypeError"
    write = """url => fetch(url, { method: "POST", mode: "no-cors", credentials: "include" }).then(() => "sent", () => "failed")"""
    tab.page.evaluate(write, other.url)
    assert tab.page.evaluate("document.cookie") == ""
    names = {(cookie["name"], cookie["domain"]) for cookie in tab.page.context.cookies()}
    for host in ("demo.edit.localhost", "second.edit.localhost"):
        assert ("__Host-astro_live_session", host) in names
    tab.requests.clear()
    tab.complaints.clear()
