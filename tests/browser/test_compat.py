"""What an Astro site may use, each of it in Chromium under the session's prefix and each edited
live (S1).

The site is tests/sites/compat, an ordinary site with its own packages. docs/compatibility.md is the
table of what is shown here.
"""

from __future__ import annotations

import contextlib
import json
import ssl
import time
import urllib.request
from http.client import HTTPException

import pytest
from playwright.sync_api import Route

from .from_scripts import *  # noqa: F403 (its tests are collected here)
from .stack import ROOT, Session, Stack
from .visitor import WAIT_MS, Tab

SITE = ROOT / "tests" / "sites" / "compat"


@pytest.fixture(scope="module")
def session(stack: Stack) -> Session:
    if not (SITE / "node_modules" / "astro").is_dir():
        pytest.fail(
            "tests/sites/compat/node_modules is missing: run scripts/setup.sh test", pytrace=False
        )
    return stack.session_from("compat", SITE)


@pytest.fixture(scope="module")
def warm_paths() -> tuple[str, ...]:
    return ("", "posts/second", "forms")


@pytest.fixture
def tab(shared_tab: Tab) -> Tab:
    return shared_tab


def test_the_home_page_is_whole(tab: Tab) -> None:
    tab.see("Compat home")
    assert tab.failures == []


def test_a_script_runs_and_its_edit_shows(tab: Tab, session: Session) -> None:
    tab.see("script has run")
    session.edit("src/components/announce.ts", "script has run", "script has run again")
    tab.see("script has run again")
    session.edit("src/components/announce.ts", "script has run again", "script has run")
    tab.page.get_by_text("script has run again").wait_for(state="hidden")


def test_global_css(tab: Tab, session: Session) -> None:
    tab.style(".global", "color", "rgb(1, 2, 3)")
    tab.mark()
    session.edit("src/styles/global.css", "rgb(1, 2, 3)", "rgb(11, 12, 13)")
    tab.style(".global", "color", "rgb(11, 12, 13)")
    assert not tab.was_reloaded()
    session.edit("src/styles/global.css", "rgb(11, 12, 13)", "rgb(1, 2, 3)")


def test_scoped_css(tab: Tab, session: Session) -> None:
    tab.style("#scoped", "letterSpacing", "3px")
    tab.mark()
    session.edit("src/pages/index.astro", "letter-spacing: 3px;", "letter-spacing: 5px;")
    tab.style("#scoped", "letterSpacing", "5px")
    assert not tab.was_reloaded()
    session.edit("src/pages/index.astro", "letter-spacing: 5px;", "letter-spacing: 3px;")


def test_css_module(tab: Tab, session: Session) -> None:
    tab.style("#modular", "borderLeftColor", "rgb(9, 9, 9)")
    session.edit("src/components/modular.module.css", "rgb(9, 9, 9)", "rgb(19, 19, 19)")
    tab.style("#modular", "borderLeftColor", "rgb(19, 19, 19)")
    session.edit("src/components/modular.module.css", "rgb(19, 19, 19)", "rgb(9, 9, 9)")


def test_tailwind_makes_a_class_that_was_just_written(tab: Tab, session: Session) -> None:
    tab.style("#tailwind", "fontSize", "17px")
    session.edit("src/pages/index.astro", "text-[17px]", "text-[23px]")
    tab.style("#tailwind", "fontSize", "23px")
    session.edit("src/pages/index.astro", "text-[23px]", "text-[17px]")
    tab.style("#tailwind", "fontSize", "17px")


def test_css_urls_stay_within_the_session(tab: Tab) -> None:
    tab.until(
        "getComputedStyle(document.body).backgroundImage.includes('/session/compat/src/assets/square.png')"
    )
    tab.until(
        "getComputedStyle(document.querySelector('#public')).backgroundImage.includes('/session/compat/icon.svg')"
    )


@pytest.mark.parametrize(
    ("label", "file"),
    [
        ("react", "src/components/ReactCounter.tsx"),
        ("svelte", "src/components/SvelteCounter.svelte"),
        ("vue", "src/components/VueCounter.vue"),
        ("react only", "src/components/ReactCounter.tsx"),
    ],
)
def test_island_works_and_its_edit_shows(tab: Tab, session: Session, label: str, file: str) -> None:
    framework = label.split()[0]
    button = tab.page.locator(f'[data-counter="{label}"]')
    tab.until("!document.querySelector('astro-island[ssr]')")
    button.click()
    button.get_by_text(f"{framework} says 1").wait_for()
    tab.mark()
    session.edit(file, f"{framework} says", f"{framework} tells")
    # Svelte's hot replacement mounts the component again; React's and Vue's keep what it counted.
    button.get_by_text(f"{framework} tells {0 if framework == 'svelte' else 1}").wait_for()
    assert not tab.was_reloaded()
    session.edit(file, f"{framework} tells", f"{framework} says")
    button.get_by_text(f"{framework} says").wait_for()


def use_react(tab: Tab) -> None:
    """Wait until the React island works. When a view transition takes it away between Astro's word
    that it is hydrated and React's first rendering of it, React complains.
    """
    tab.until("!document.querySelector('astro-island[ssr]')")
    tab.page.locator('[data-counter="react"]').click()
    tab.see("react says 1")


def test_images(tab: Tab) -> None:
    tab.until(
        "[...document.querySelectorAll('#image, picture img')].every((image) => image.complete &&"
        " image.naturalWidth > 0)"
    )
    assert any("/_image?" in url for url in tab.requests)


def test_an_image_of_a_collection_entry(tab: Tab, session: Session) -> None:
    tab.go("posts/first")
    tab.until("document.querySelector('#cover').naturalWidth === 30")
    tab.until("document.querySelector('article img').naturalWidth > 0")


@pytest.mark.parametrize(
    ("path", "file", "old", "new"),
    [
        (
            "posts/first",
            "src/content/posts/first.md",
            "Markdown body of the first",
            "Changed markdown of the first",
        ),
        (
            "posts/second",
            "src/content/posts/second.mdx",
            "MDX body of the second",
            "Changed MDX of the second",
        ),
        ("", "src/content/facts.json", "fact number two", "fact changed to two and a half"),
        ("", "src/content/people/ada.json", "Ada Example", "Ada Changed"),
    ],
    ids=["md", "mdx", "json file", "json folder"],
)
def test_collection(tab: Tab, session: Session, path: str, file: str, old: str, new: str) -> None:
    tab.go(path)
    tab.see(old)
    session.edit(file, old, new)
    tab.see(new)
    session.edit(file, new, old)
    tab.see(old)


def test_an_island_within_mdx(tab: Tab) -> None:
    tab.go("posts/second")
    tab.until("!document.querySelector('astro-island[ssr]')")
    tab.page.locator('[data-counter="react in mdx"]').click()
    tab.see("react says 1")


def test_a_dynamic_route_appears_with_its_entry(tab: Tab, session: Session) -> None:
    file = session.folder / "src/content/posts/third.md"
    file.write_text("---\ntitle: Third post\nauthor: ada\n---\n\nThe third body.\n")
    tab.see("Third post")
    use_react(tab)
    tab.page.get_by_role("link", name="Third post").click()
    tab.see("The third body.")
    file.unlink()
    tab.go()
    tab.until("!document.body.textContent.includes('Third post')")


def test_an_endpoint(tab: Tab, session: Session) -> None:
    ask = "fetch('api/echo?word=yes').then((answer) => answer.json())"
    answer = tab.evaluate(ask)
    assert answer == {"asked": "yes", "href": f"{session.url}api/echo?word=yes"}
    post = (
        "fetch('api/echo', {method: 'POST', body: '[1]', headers: {'content-type':"
        " 'application/json'}}).then((a) => a.json())"
    )
    assert tab.evaluate(post) == {"got": [1]}
    session.edit("src/pages/api/echo.ts", 'get("word")', 'get("word")?.toUpperCase()')
    tab.eventually(f"{ask}.then(({{ asked }}) => asked)", "YES")
    session.edit("src/pages/api/echo.ts", 'get("word")?.toUpperCase()', 'get("word")')


def test_what_a_navigation_ends_is_no_complaint_and_what_fails_is_one(tab: Tab) -> None:
    """The request of a server island, which has a script that does not expect either."""
    island = "**/_server-islands/**"
    tab.until("!document.body.textContent.includes('waiting for the island')")
    tab.forget()
    tab.page.route(island, lambda route: route.abort("connectionrefused"))
    tab.go()
    tab.until_said("Failed to fetch")
    assert tab.unexpected() == ["Failed to fetch"]
    tab.page.unroute(island)
    tab.forget()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    tab.page.route(island, hold)
    tab.go()
    tab.until("document.readyState === 'complete'")
    assert held
    tab.go("forms")
    tab.page.unroute(island)
    tab.see("Forms")
    assert any("/_server-islands/" in url for url in tab.aborted)
    assert tab.unexpected() == []


def test_an_action_by_form(tab: Tab) -> None:
    tab.go("forms")
    tab.page.get_by_role("button", name="shout").click()
    tab.see("HELLO")
    assert tab.page.url.startswith(tab.session.url + "forms")


def test_an_action_by_script(tab: Tab, session: Session) -> None:
    tab.go("forms")
    tab.page.get_by_role("button", name="add", exact=True).click()
    tab.see("sum 5")
    session.edit("src/actions/index.ts", "a + b", "a + b + 100")
    for _ in range(20):
        tab.go("forms")
        tab.settle()  # a page that loads while the action changes is loaded again
        tab.page.get_by_role("button", name="add", exact=True).click()
        tab.until("/^sum \\d/.test(document.querySelector('#sum')?.textContent)")
        if tab.page.get_by_text("sum 105").count():
            break
    else:
        pytest.fail("the action still gives its old answer")
    session.edit("src/actions/index.ts", "a + b + 100", "a + b")


def test_markup_beside_a_script_is_edited_in_place_and_the_script_is_not(
    tab: Tab, session: Session
) -> None:
    tab.go("forms")
    tab.settle()
    tab.mark()
    tab.follow("src/pages/forms.astro", ">send<", ">send it<", shows="send it")
    assert not tab.was_reloaded()
    session.edit("src/pages/forms.astro", "`sum ${", "`the sum ${")
    tab.until("window.__mark === undefined")
    tab.until(
        "document.querySelector('#add').click() ??"
        " document.querySelector('#sum').textContent.startsWith('the sum 5')"
    )
    session.edit("src/pages/forms.astro", "`the sum ${", "`sum ${")


def test_a_form_post_to_the_page(tab: Tab) -> None:
    tab.go("forms")
    tab.page.get_by_role("button", name="send").click()
    tab.page.locator("#plain-result", has_text="plain words").wait_for()


def test_view_transitions_keep_the_document(tab: Tab) -> None:
    use_react(tab)
    tab.mark()
    tab.page.locator("#kept").fill("still here")
    tab.page.get_by_role("link", name="First", exact=True).click()
    tab.see("Markdown body of the first post.")
    assert tab.page.url == tab.session.url + "posts/first"
    assert not tab.was_reloaded()
    assert tab.page.locator("#kept").input_value() == "still here"
    tab.page.go_back()
    tab.see("Compat home")
    assert not tab.was_reloaded()


def test_middleware(tab: Tab, session: Session) -> None:
    tab.see("hello from the middleware")
    session.edit("src/middleware.ts", "hello from", "greetings from")
    tab.page.locator("#locals", has_text="greetings from the middleware").wait_for()
    tab.page.wait_for_load_state(
        "networkidle"
    )  # a reload in the middle of a server island's fetch is an error of Astro's script
    session.edit("src/middleware.ts", "greetings from", "hello from")
    tab.page.locator("#locals", has_text="hello from the middleware").wait_for()
    tab.page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("path", ["old-post", "away"])
def test_redirects_stay_within_the_session(tab: Tab, path: str) -> None:
    tab.go(path)
    tab.see("Markdown body of the first post.")
    assert tab.page.url.rstrip("/") == tab.session.url + "posts/first"


def test_a_server_island(tab: Tab, session: Session) -> None:
    tab.see("rendered on the server, later")
    session.edit(
        "src/components/Deferred.astro",
        "rendered on the server, later",
        "rendered again on the server",
    )
    tab.see("rendered again on the server")
    session.edit(
        "src/components/Deferred.astro",
        "rendered again on the server",
        "rendered on the server, later",
    )
    tab.see("rendered on the server, later")


def test_a_page_of_ones_own_for_what_is_missing(tab: Tab) -> None:
    tab.go("no/such/page")
    tab.see("Nothing of that name here")


def test_the_page_knows_its_public_address_and_its_cookie_stays_in_the_session(tab: Tab) -> None:
    assert tab.page.locator("#address").inner_text().rstrip("/") == tab.session.url.rstrip("/")
    paths = {
        cookie["name"]: cookie["path"]
        for cookie in tab.page.context.cookies()
        if "name" in cookie and "path" in cookie
    }
    assert paths["visited"].rstrip("/") == "/session/compat"


def test_the_error_overlay_of_a_page(tab: Tab, session: Session) -> None:
    session.edit("src/pages/index.astro", "<Modular />", "<Modular />{missing.thing}")
    tab.page.locator("vite-error-overlay").get_by_text("missing is not defined").first.wait_for()
    session.edit("src/pages/index.astro", "<Modular />{missing.thing}", "<Modular />")
    tab.see("Compat home")
    tab.page.locator("vite-error-overlay").wait_for(state="detached")


def test_the_error_overlay_of_a_stylesheet(tab: Tab, session: Session) -> None:
    session.edit("src/components/modular.module.css", "}", "")
    tab.page.locator("vite-error-overlay").first.wait_for()
    session.edit("src/components/modular.module.css", "rgb(9, 9, 9);\n", "rgb(9, 9, 9);\n}")
    tab.see("Compat home")
    tab.page.locator("vite-error-overlay").wait_for(state="detached")


def test_the_dev_toolbar(tab: Tab) -> None:
    tab.page.locator("astro-dev-toolbar").wait_for(state="attached")
    tab.until(
        "document.querySelector('astro-dev-toolbar').shadowRoot.querySelectorAll('button').length"
        " >= 3"
    )
    tab.page.evaluate(
        "document.querySelector('astro-dev-toolbar').shadowRoot.querySelector('[data-app-id=\"astro:xray\"]').click()"
    )
    tab.until(
        "document.querySelector('astro-dev-toolbar').shadowRoot.querySelector('astro-dev-toolbar-app-canvas[data-active]')"
    )


def test_an_edit_of_the_configuration_restarts_the_dev_server(tab: Tab, session: Session) -> None:
    """The open page follows by itself: nobody reloads it here."""
    tab.see("first edition")
    steps = [
        ("astro.config.mjs", "first edition", "second edition"),
        ("src/content/facts.json", "fact number one", "fact after the restart"),
        ("src/content/facts.json", "fact after the restart", "fact number one"),
        ("astro.config.mjs", "second edition", "first edition"),
    ]
    for file, old, new in steps:
        tab.connections = 0
        session.edit(file, old, new)
        tab.see(new)
        tab.settle()


def _text(tab: Tab, url: str) -> str:
    """What the tab's visitor gets at an address, without the tab."""
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in tab.page.context.cookies(url))
    request = urllib.request.Request(url, headers={"Cookie": cookies, "Accept": "*/*"})
    trusting = ssl._create_unverified_context()
    with urllib.request.urlopen(request, timeout=WAIT_MS / 1000, context=trusting) as answer:
        return str(answer.read().decode())


def test_a_page_whose_live_connection_never_opened_comes_back(tab: Tab, session: Session) -> None:
    """The server restarts between the page and its connection: Vite's client, which has the earlier
    server's token, is refused, and gives up.
    """
    held: list[str] = []

    def answer_late(route: Route) -> None:
        client = _text(tab, route.request.url)
        if not held:
            held.append(route.request.url)
            session.edit("astro.config.mjs", "first edition", "second edition")
            deadline = time.monotonic() + WAIT_MS / 1000
            restarted = False
            while not restarted:
                assert time.monotonic() < deadline
                time.sleep(0.2)
                with contextlib.suppress(OSError, HTTPException):  # it restarts
                    restarted = "second edition" in _text(tab, session.url)
        route.fulfill(body=client, content_type="text/javascript")

    tab.page.route("**/@vite/client", answer_late)
    try:
        tab.go()
        tab.see("second edition")
        tab.settle()
        assert held
    finally:
        tab.page.unroute("**/@vite/client")
        session.edit("astro.config.mjs", "second edition", "first edition")
    tab.see("first edition")
    tab.forget()


def test_an_environment_file_takes_effect(tab: Tab, session: Session) -> None:
    tab.go("env")
    tab.settle()
    tab.see("no word yet")
    tab.connections = 0
    (session.folder / ".env").write_text("PUBLIC_WORD=the word of the environment\n")
    tab.see("the word of the environment")
    tab.settle()
    (session.folder / ".env").unlink()
    tab.see("no word yet")


def test_a_new_page_is_served_and_a_deleted_one_is_not(tab: Tab, session: Session) -> None:
    page = session.folder / "src/pages/fresh.astro"
    page.write_text("<h1>A fresh page</h1>\n")
    tab.eventually("fetch('fresh').then((answer) => answer.status)", 200)
    tab.go("fresh")
    tab.see("A fresh page")
    page.unlink()
    tab.go("fresh")
    tab.see("Nothing of that name here")


def test_a_public_file_is_added_and_replaced(tab: Tab, session: Session) -> None:
    """Vite serves a new file of `public/` from the moment it has noticed it."""
    file = session.folder / "public/data.json"
    read = "fetch('data.json', {cache: 'no-store'}).then((answer) => answer.text())"
    for number in (1, 2):
        text = json.dumps({"n": number})
        file.write_text(text)
        tab.eventually(read, text)
    file.unlink()
