"""One site with a feature of every kind, live in Chromium on each release of Astro with its own
Vite (S1, S2, S27).

`make releases` runs all releases that have a lock file in tests/sites/releases; `make test` a few.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from .releases import release_site, wanted_releases
from .stack import Session, Stack
from .visitor import Tab

VITE_5: Final = "4."
"""Astro 4 comes with Vite 5, which reloads pages for every edit of their markup."""


@pytest.fixture(scope="module", params=wanted_releases())
def release(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def session(
    stack: Stack, release: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    session_id = "release-" + release.replace(".", "-")
    site = release_site(release, tmp_path_factory.mktemp("release") / "site")
    yield stack.session_from(session_id, site)
    stack.api("POST", f"/sessions/{session_id}/stop")


@pytest.fixture(scope="module")
def warm_paths() -> tuple[str, ...]:
    return ("", "form")


@pytest.fixture
def tab(shared_tab: Tab) -> Tab:
    return shared_tab


def test_the_api_says_what_runs(stack: Stack, session: Session, release: str) -> None:
    """Its release, that pages are live, and that every acceleration has found its place."""
    answer = stack.api("GET", f"/sessions/{session.id}")
    assert answer["versions"]["astro"] == release


def test_the_page_is_whole(tab: Tab) -> None:
    tab.see("Home of the releases")
    tab.see("script has run")
    tab.see("The first note")
    tab.until("document.querySelector('#image').naturalWidth > 0")
    tab.style(".global", "color", "rgb(1, 2, 3)")
    assert tab.page.locator("#address").inner_text().rstrip("/") == tab.session.url.rstrip("/")
    assert tab.failures == []


def test_styles(tab: Tab, session: Session) -> None:
    tab.mark()
    session.edit("src/styles/global.css", "rgb(1, 2, 3)", "rgb(11, 12, 13)")
    tab.style(".global", "color", "rgb(11, 12, 13)")
    session.edit("src/pages/index.astro", "letter-spacing: 3px;", "letter-spacing: 5px;")
    tab.style("#scoped", "letterSpacing", "5px")
    assert not tab.was_reloaded()
    session.edit("src/styles/global.css", "rgb(11, 12, 13)", "rgb(1, 2, 3)")
    session.edit("src/pages/index.astro", "letter-spacing: 5px;", "letter-spacing: 3px;")
    tab.style("#scoped", "letterSpacing", "3px")


def test_markup(tab: Tab, release: str) -> None:
    tab.mark()
    tab.follow(
        "src/pages/index.astro",
        "Home of the releases",
        "Home of all releases",
        shows="Home of all releases",
    )
    assert release.startswith(VITE_5) or not tab.was_reloaded(), tab.reasons


def test_a_script(tab: Tab, session: Session) -> None:
    session.edit("src/components/announce.ts", "script has run", "script has run again")
    tab.see("script has run again")
    session.edit("src/components/announce.ts", "script has run again", "script has run")
    tab.until("document.querySelector('#script-result')?.textContent === 'script has run'")


def test_an_island(tab: Tab, session: Session) -> None:
    button = tab.page.locator("#counter")
    button.click()
    button.get_by_text("counted 1").wait_for()
    tab.mark()
    session.edit("src/components/Counter.jsx", "counted {", "tallied {")
    button.get_by_text("tallied 1").wait_for()
    assert not tab.was_reloaded()
    session.edit("src/components/Counter.jsx", "tallied {", "counted {")
    button.get_by_text("counted 1").wait_for()


def test_a_collection(tab: Tab, session: Session) -> None:
    tab.follow(
        "src/content/notes/first.md",
        "The first note",
        "The first note, changed",
        shows="The first note, changed",
    )
    file = session.folder / "src/content/notes/second.md"
    file.write_text("---\ntitle: A second note\n---\n\nText.\n")
    tab.see("A second note")
    file.unlink()
    tab.until("!document.body.textContent.includes('A second note')")


def test_an_endpoint_and_a_form(tab: Tab, session: Session) -> None:
    answer = tab.evaluate("fetch('api/hello.json').then((answer) => answer.json())")
    assert answer == {"href": f"{session.url}api/hello.json"}
    tab.go("form")
    tab.page.get_by_role("button", name="send").click()
    tab.see("got plain words")


def test_the_site_asks_its_own_public_address(tab: Tab, session: Session) -> None:
    tab.go("asks-itself")
    tab.see(f"{session.url}api/hello.json")


def test_a_view_transition(tab: Tab) -> None:
    tab.mark()
    tab.page.get_by_role("link", name="form").click()
    tab.see("got nothing yet")
    assert tab.page.url.rstrip("/") == tab.session.url + "form"
    tab.page.get_by_role("link", name="home").click()
    tab.see("Home of the releases")
    assert not tab.was_reloaded()


def test_the_error_overlay(tab: Tab, session: Session) -> None:
    session.edit("src/pages/index.astro", "<Counter", "{missing.thing}<Counter")
    tab.page.locator("vite-error-overlay").get_by_text("missing is not defined").first.wait_for()
    session.edit("src/pages/index.astro", "{missing.thing}<Counter", "<Counter")
    tab.see("Home of the releases")
    tab.page.locator("vite-error-overlay").wait_for(state="detached")


@pytest.mark.parametrize("opened", [True, False], ids=["page open", "no page open"])
def test_an_error_after_the_head(tab: Tab, session: Session, opened: bool) -> None:
    """Most releases have answered with status 200 by then. The verdict has its place, and an open
    page shows it (S32).
    """
    if not opened:
        tab.page.goto("about:blank")
    layout = "src/layouts/Base.astro"

    def verdict(old: str, new: str) -> dict[str, Any]:
        answer: dict[str, Any] = session.stack.api(
            "PATCH",
            f"/sessions/{session.id}/files/{layout}?wait=30",
            {"edits": [{"old": old, "new": new}]},
        )
        found: dict[str, Any] = answer["verdict"]
        return found

    broken = verdict("<slot />", "<p><slot />{missing.thing}</p>")
    assert broken["outcome"] == "error", broken
    assert [
        (each["file"], each["line"], each["message"])
        for each in broken["problems"]
        if each["source"] == "page"
    ] == [(layout, 15, "missing is not defined")]
    if opened:
        overlay = tab.page.locator("vite-error-overlay")
        overlay.get_by_text("missing is not defined").first.wait_for()
    healed = verdict("<p><slot />{missing.thing}</p>", "<slot />")
    assert healed["outcome"] == ("shown" if opened else "rendered"), healed
    if opened:
        tab.see("Home of the releases")
        tab.page.locator("vite-error-overlay").wait_for(state="detached")


def test_middleware(tab: Tab, session: Session, release: str) -> None:
    """It comes, is edited, imports what is edited, goes, and comes again. `astro dev` of Astro 6
    and 7.0 shows most of that only after a restart.
    """
    if release.startswith(VITE_5):
        pytest.skip("Astro 4 looks for middleware when it starts")
    file, data = session.folder / "src/middleware.ts", session.folder / "src/lib/word.ts"
    data.parent.mkdir(exist_ok=True)

    def write(word: str) -> None:
        file.write_text(
            'import { word } from "./lib/word";\n'
            "export const onRequest = async (_: unknown, next: () => Promise<Response>) => {\n"
            "  const answer = await next();\n"
            '  if (!answer.headers.get("content-type")?.includes("html")) return answer;\n'
            f'  const html = (await answer.text()).replace("</h1>", "</h1><p>{word} " + word);\n'
            "  return new Response(html, answer);\n"
            "};\n"
        )

    def gone() -> None:
        file.unlink()
        tab.until("!document.body.textContent.includes('passed by')")

    data.write_text('export const word = "here";\n')
    write("passed by")
    tab.see("passed by here")
    write("also passed by")
    tab.see("also passed by here")
    data.write_text('export const word = "there";\n')
    tab.see("also passed by there")
    gone()
    write("passed by again")
    tab.see("passed by again there")
    gone()
    data.unlink()


def test_paths_of_a_page_that_are_imported(tab: Tab, session: Session) -> None:
    """`astro dev` of Astro 6.0 keeps what `getStaticPaths` has returned."""
    page, data = session.folder / "src/pages/of/[id].astro", session.folder / "src/paths.ts"
    page.parent.mkdir()
    data.write_text('export const word = "first word";\n')
    page.write_text(
        '---\nimport Base from "../../layouts/Base.astro";\nimport { word } from "../../paths";\n'
        'export const getStaticPaths = () => [{ params: { id: "a" }, props: { word } }];\n'
        "---\n<Base><p>{Astro.props.word}</p></Base>\n"
    )
    tab.go("of/a")
    tab.see("first word")
    data.write_text('export const word = "second word";\n')
    tab.see("second word")
    tab.go()
    page.unlink()
    page.parent.rmdir()
    data.unlink()


def test_an_edit_of_the_configuration(tab: Tab, session: Session) -> None:
    """The server restarts, the open page follows, and so it does from then on."""
    steps = [
        ("astro.config.mjs", "first edition", "second edition"),
        ("src/content/notes/first.md", "The first note", "The note after the restart"),
        ("src/content/notes/first.md", "The note after the restart", "The first note"),
        ("astro.config.mjs", "second edition", "first edition"),
    ]
    for file, old, new in steps:
        tab.connections = 0
        session.edit(file, old, new)
        tab.see(new)
        if file == "astro.config.mjs":
            tab.settle()
