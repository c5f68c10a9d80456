"""First light: the starter site is edited live in Chromium, through everything that `make up` runs
(S1, S2).
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Route

from .installing import (
    installed,  # noqa: F401 (a fixture)
    test_what_cannot_be_installed_is_told_in_the_page,  # noqa: F401 (collected here)
)
from .overlays import test_an_error_is_shown_and_goes_with_its_fix  # noqa: F401 (collected here)
from .stack import Session, Stack
from .visitor import Tab


@pytest.fixture(scope="module")
def session(stack: Stack) -> Session:
    return stack.session("demo")


def test_the_page_is_whole(tab: Tab) -> None:
    """Text, image, styles and the island's script have all arrived, over the public
    address alone.
    """
    tab.see("Your site is awake.")
    tab.until("document.querySelector('img').naturalWidth > 0")
    assert tab.failures == []
    assert any("/_hmr?token=" in url for url in tab.requests)


def test_a_stylesheet_is_replaced_without_a_reload(tab: Tab, session: Session) -> None:
    """And without asking for it: it has come with the message about the edit, unless making it
    takes longer than the message waits (`PATIENCE_MS` in lib/styles.mjs), as on a busy machine.
    """
    tab.mark()
    before = "-0.015em"
    for pixels in range(7, 12):
        tab.forget()
        after = f"{pixels}px"
        session.edit(
            "src/styles/global.css", f"letter-spacing: {before};", f"letter-spacing: {after};"
        )
        tab.style("h1", "letterSpacing", after)
        assert not tab.was_reloaded()
        if not any("global.css" in url for url in tab.requests):
            session.edit(
                "src/styles/global.css", f"letter-spacing: {after};", "letter-spacing: -0.015em;"
            )
            return
        before = after
    pytest.fail("the page has asked for each of the styles")


def test_an_astro_page_shows_its_edit_and_stays_as_it_is(tab: Tab) -> None:
    """What a visitor did to the page outlives an edit of its markup: nothing is reloaded."""
    tab.page.get_by_label("one more").click()
    tab.mark()
    tab.follow(
        "src/pages/index.astro",
        "Your site is awake.",
        "Your site is wide awake.",
        shows="Your site is wide awake.",
    )
    tab.follow(
        "src/layouts/Page.astro", "</main>", "<p>a line more</p></main>", shows="a line more"
    )
    assert not tab.was_reloaded()
    assert tab.page.locator("output").inner_text() == "4"


def test_a_page_that_opens_its_socket_after_an_edit_catches_up(tab: Tab, session: Session) -> None:
    """The message about the edit has gone out by then. Vite keeps the last one while nobody is
    connected, but somebody is.
    """
    other = tab.page.context.new_page()
    with other.expect_console_message(lambda message: message.text == "[astro-live] connected."):
        other.goto(session.url)
    edits = [("Your site is awake.", "Your site woke up meanwhile.")]

    def hold(route: Route) -> None:
        while edits:
            session.edit("src/pages/index.astro", *edits.pop())
            while "woke up meanwhile" not in tab.evaluate(
                "fetch(location.href).then((answer) => answer.text())"
            ):
                pass
        route.continue_()

    tab.page.route("**/@vite/client", hold)
    tab.go()
    tab.see("Your site woke up meanwhile.")
    tab.page.unroute("**/@vite/client")
    other.close()
    session.edit("src/pages/index.astro", "Your site woke up meanwhile.", "Your site is awake.")
    tab.see("Your site is awake.")


def test_a_page_that_gets_another_island_is_loaded_anew(tab: Tab, session: Session) -> None:
    """Its scripts have to run: the page cannot be updated in place."""
    tab.mark()
    session.edit(
        "src/pages/index.astro",
        "<Counter client:load start={3} />",
        "<Counter client:load start={3} /><Counter client:load start={30} />",
    )
    tab.until("document.querySelectorAll('astro-island:not([ssr]) output').length === 2")
    assert tab.was_reloaded()
    session.edit("src/pages/index.astro", "<Counter client:load start={30} />", "")
    tab.until("document.querySelectorAll('astro-island:not([ssr]) output').length === 1")


def test_an_island_is_replaced_and_keeps_its_state(tab: Tab, session: Session) -> None:
    tab.until("!document.querySelector('astro-island[ssr]')")
    for _ in range(4):
        tab.page.get_by_label("one more").click()
    tab.mark()
    session.edit("src/components/Counter.jsx", "counted so far", "counted until now")
    tab.see("counted until now")
    assert tab.page.locator("output").inner_text() == "7"
    assert not tab.was_reloaded()
    session.edit("src/components/Counter.jsx", "counted until now", "counted so far")
    tab.see("counted so far")


def test_a_collection_entry_shows_its_edit(tab: Tab) -> None:
    tab.mark()
    text = "I changed this sentence"
    tab.follow(
        "src/content/notes/write-here.md",
        "Change this sentence",
        text,
        shows=f"{text} and look at the front page.",
    )
    assert not tab.was_reloaded()


def test_a_collection_entry_that_comes_and_goes_shows(tab: Tab, session: Session) -> None:
    tab.mark()
    file = session.folder / "src/content/notes/new-one.md"
    file.write_text("---\ntitle: A new note\nsummary: just written\norder: 9\n---\n\nText.\n")
    tab.see("just written")
    file.unlink()
    tab.until("!document.body.textContent.includes('just written')")
    assert not tab.was_reloaded()


def test_a_link_leads_within_the_session(tab: Tab) -> None:
    """The starter writes `/notes/…`, as a site with its own domain does."""
    tab.page.get_by_role("link", name="Write here").click()
    tab.see("This note is a markdown file.")
    assert tab.page.url == tab.session.url + "notes/write-here"
    tab.page.get_by_role("link", name="First Light").click()
    tab.see("Your site is awake.")


def test_an_error_is_shown_over_the_page_and_goes_away(tab: Tab, session: Session) -> None:
    session.edit(
        "src/pages/index.astro", "<Counter client:load", "{missing.name}<Counter client:load"
    )
    tab.page.locator("vite-error-overlay").wait_for()
    tab.page.locator("vite-error-overlay").get_by_text("missing is not defined").first.wait_for()
    session.edit(
        "src/pages/index.astro", "{missing.name}<Counter client:load", "<Counter client:load"
    )
    tab.see("Your site is awake.")
    tab.page.locator("vite-error-overlay").wait_for(state="detached")
