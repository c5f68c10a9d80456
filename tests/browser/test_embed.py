"""A session in another site's frame: `examples/embed` as it is, with third-party cookies blocked,
in the oldest and newest releases; and pages that mean harm (docs/embed.md).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Frame, Page, Route, expect

from tests.addresses import own_address

from .parents import PARENT, answer, framed, greet, running_example, serving
from .releases import SHORT, release_site
from .stack import ROOT, Session, Stack, running_stack
from .visitor import FIRST_VISIT_MS, WAIT_MS, launched

NEWEST: Final = "7.3.5"
RELEASES: Final = (SHORT[0], NEWEST)
PAGE: Final = "src/pages/index.astro"
SCOPED: Final = 'id="scoped"'
EDITOR_PORT: Final = 5180
BLOCKED: Final = ("--test-third-party-cookie-phaseout",)
OPEN: Final = """
export const onRequest = async ({ url }, next) => {
  const response = await next();
  if (url.searchParams.has("open"))
    response.headers.set("Content-Security-Policy", "frame-ancestors *");
  if (url.searchParams.has("own"))
    response.headers.set("Content-Security-Policy", "img-src *");
  return response;
};
"""
"""A site that lets anybody frame it at one address, and has another policy at one."""
HELLO: Final = {"astroLive": 1, "type": "hello"}
COOKIES: Final = """() => {
  document.cookie = "control=1; SameSite=None; Secure";
  document.cookie = "kept=1; SameSite=None; Secure; Partitioned";
  return document.cookie;
}"""

TOOLBAR: Final = """() => {
  const noted = document.querySelectorAll("[data-astro-source-file]");
  for (const element of noted)
    for (const name of ["file", "loc"]) element.removeAttribute(`data-astro-source-${name}`);
  return noted.length;
}"""
"""What the dev toolbar does to a document, in releases since 5.7. It does not start in a frame that
may keep nothing, as here.
"""


@pytest.fixture(scope="module")
def cms() -> str:
    """Address of those who may frame."""
    return own_address()


@pytest.fixture(scope="module")
def parent(cms: str) -> Iterator[str]:
    with serving(cms, {"/": PARENT}) as origin:
        yield origin


@pytest.fixture(scope="module")
def stack(
    executable: str, cms: str, parent: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    ancestors = f'frameAncestors=["http://{cms}:{EDITOR_PORT}", "{parent}"]'
    folder = tmp_path_factory.mktemp("embed")
    with running_stack(folder, config=(ancestors, "cookieSameSite=none")) as running:
        yield running


@pytest.fixture(scope="module")
def chromium(executable: str) -> Iterator[Browser]:
    expect.set_options(timeout=WAIT_MS)
    with launched(executable, more=BLOCKED) as browser:
        yield browser


def session_of(stack: Stack, version: str, to: Path) -> Session:
    site = release_site(version, to)
    (site / "src" / "middleware.js").write_text(OPEN)
    return stack.session_from(f"of-{version.replace('.', '-')}", site)


@pytest.fixture(scope="module")
def session(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Session:
    return session_of(stack, NEWEST, tmp_path_factory.mktemp("newest") / "site")


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest, stack: Stack, tmp_path: Path) -> Session:
    """A session of a release; the newest is shared."""
    version: str = request.param
    if version == NEWEST:
        shared: Session = request.getfixturevalue("session")
        return shared
    return session_of(stack, version, tmp_path / "site")


def picked(page: Page, selector: str) -> str:
    """What the editor says when this element is picked."""
    button = page.get_by_role("button", name="Pick")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true", timeout=WAIT_MS)
    page.frame_locator("#session").locator(selector).first.click()
    expect(button).to_have_attribute("aria-pressed", "false", timeout=WAIT_MS)
    return page.locator("#source").inner_text()


def line_of(session: Session, text: str, file: str = PAGE) -> int:
    lines = (session.folder / file).read_text().split("\n")
    return next(number for number, line in enumerate(lines, 1) if text in line)


def live(page: Page) -> None:
    expect(page.locator("#live")).to_have_text("live", timeout=FIRST_VISIT_MS)


def test_the_example_follows_the_session(
    chromium: Browser, release: Session, cms: str, tmp_path: Path
) -> None:
    """Signed in without third-party cookies; edits, problems, elements of a site without the
    toolbar, other pages.
    """
    with followed(chromium, release, cms, tmp_path) as (page, inner):
        expect(page.frame_locator("#session").locator("h1")).to_have_text("Home of the releases")
        assert inner.evaluate(COOKIES) == "kept=1", "third-party cookies are blocked"
        assert picked(page, "h1") == f"<h1> is in {PAGE}, line {line_of(release, '<h1')}"
        assert inner.evaluate(TOOLBAR) > 5
        scoped, island = picked(page, "#scoped"), picked(page, "astro-island button")
        assert scoped == f"<p> is in {PAGE}, line {line_of(release, SCOPED)}"
        assert island.endswith(", and of src/components/Counter.jsx"), island
        follows_edits(page, release)
        assert picked(page, "#scoped") == (f"<p> is in {PAGE}, line {line_of(release, SCOPED)}"), (
            "after an edit above it"
        )
        goes_on_in_the_document(page, inner)


def test_a_selection_outlives_a_load_of_the_page(
    chromium: Browser, session: Session, cms: str, tmp_path: Path
) -> None:
    """Clicks do nothing until the page that comes picks; what is ended meanwhile is over in it."""
    with followed(chromium, session, cms, tmp_path) as (page, inner):
        button, preview = page.get_by_role("button", name="Pick"), page.locator("#session")
        element = page.frame_locator("#session").locator("#scoped")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        with held_scripts(page, inner):
            expect(preview).to_have_css("pointer-events", "none")
            inner.evaluate("addEventListener('click', () => { window.clicked = true }, true)")
            box = element.bounding_box()
            assert box
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            assert inner.evaluate("window.clicked") is None
        element.click()
        expect(button).to_have_attribute("aria-pressed", "false")
        expect(page.locator("#source")).to_contain_text(f"<p> is in {PAGE}, line ")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        with held_scripts(page, inner):
            button.click()
        expect(button).to_have_attribute("aria-pressed", "false")
        expect(preview).to_have_css("pointer-events", "auto")


@contextmanager
def held_scripts(page: Page, inner: Frame) -> Iterator[None]:
    """Load the frame's page again; its scripts come after the block."""
    held: list[Route] = []
    holding = True

    def route(request: Route) -> None:
        if holding and request.request.resource_type == "script":
            held.append(request)
        else:
            request.continue_()

    page.route("**/*", route)
    inner.evaluate("setTimeout(() => location.reload())")
    expect(page.frame_locator("#session").locator("astro-island[ssr]")).not_to_have_count(0)
    deadline = time.monotonic() + WAIT_MS / 1000
    while not held:
        assert time.monotonic() < deadline, "the page was not loaded again"
        page.wait_for_timeout(50)
    yield
    holding = False
    for each in held:
        each.continue_()
    page.unroute("**/*")


@contextmanager
def followed(
    chromium: Browser, session: Session, cms: str, tmp_path: Path
) -> Iterator[tuple[Page, Frame]]:
    """The example with the session in its frame, live and at rest; both."""
    context = chromium.new_context()
    with running_example(session, cms, EDITOR_PORT, tmp_path / "log") as editor:
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.goto(editor)
        live(page)
        (inner,) = [each for each in page.frames if each.parent_frame]
        first_visited(page, inner)
        yield page, inner
    context.close()


def first_visited(page: Page, inner: Frame) -> None:
    """Vite may load the page again when it has bundled packages for the first time."""
    expect(page.frame_locator("#session").locator("astro-island[ssr]")).to_have_count(0)
    inner.wait_for_function("performance.now() > 2000")


def follows_edits(page: Page, session: Session) -> None:
    """In place, by a reload, and as a problem that comes and goes."""
    edits, problems = page.locator("#edits li"), page.locator("#problems li")
    frame = page.frame_locator("#session")
    session.edit(PAGE, '  <h1 class="global">', '  <p id="new">new</p>\n\n  <h1 class="global">')
    expect(frame.locator("#new")).to_have_text("new")
    expect(edits.first).to_contain_text(f"{PAGE}, shown after ")
    seen = edits.count()
    session.edit(PAGE, "announce);", 'announce);\n  document.body.dataset.again = "yes";')
    expect(frame.locator("body[data-again=yes]")).to_have_count(1)
    expect(edits).not_to_have_count(seen)
    session.edit(PAGE, "const notes = await", "const notes == await")
    expect(problems.filter(has_text=PAGE).first).to_be_visible()
    session.edit(PAGE, "const notes == await", "const notes = await")
    expect(frame.locator("#scoped")).to_have_text("scoped style")
    expect(problems.filter(has_text=PAGE)).to_have_count(0)


def goes_on_in_the_document(page: Page, inner: Frame) -> None:
    """A view transition reports the new address, and elements of the new page have places."""
    inner.evaluate("window.kept = true")
    page.frame_locator("#session").get_by_role("link", name="form").click()
    expect(page.locator("#address")).to_have_value("form")
    assert inner.evaluate("window.kept") is True
    assert picked(page, "#answer").startswith("<p> is in src/pages/form.astro, line ")
    page.locator("#address").fill("?again=1")
    page.locator("#address").press("Enter")
    expect(page.locator("#address")).to_have_value("?again=1")
    expect(page.frame_locator("#session").locator("h1")).to_have_text("Home of the releases")


def test_a_page_of_a_build_says_that_it_is_not_live(chromium: Browser, parent: str) -> None:
    """Its scripts as they are served (embedding.test.mjs, test_production.py), without the session
    around them: navigated and reloaded, without sources.
    """
    settings = {"origins": [parent], "base": "/", "folders": []}
    folder = ROOT / "container" / "astro" / "lib" / "page"
    pages = {
        **{f"/frame/{script.name}": script.read_text() for script in folder.glob("*.js")},
        "/frame/begin.js": f'import {{ begin }} from "./built.js"; begin({json.dumps(settings)});',
        **dict.fromkeys(
            ("/", "/about"),
            '<title>Built</title><script type="module" src="/frame/begin.js"></script>',
        ),
    }
    context = chromium.new_context()
    with serving(own_address(), pages) as built:
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.goto(parent)
        page.evaluate("(url) => { document.getElementById('frame').src = url }", f"{built}/")
        greeted = greet(page)
        assert (greeted["mode"], greeted["live"], greeted["title"]) == (
            "production",
            False,
            "Built",
        )
        picking = {"astroLive": 1, "type": "pick", "on": True, "id": 2}
        assert answer(page, picking)["code"] == "not-live"
        going = {"astroLive": 1, "type": "navigate", "address": "about", "id": 3}
        assert answer(page, going)["type"] == "done"
        deadline = time.monotonic() + WAIT_MS / 1000
        while greet(page)["address"] != "about":
            assert time.monotonic() < deadline
    context.close()


# Others


def silent(page: Page) -> None:
    """Nothing was heard, a moment after everything that was sent before has been handled."""
    page.wait_for_timeout(300)
    assert page.evaluate("heard.filter(({ data }) => data?.astroLive)") == []


def test_a_page_that_is_not_named_hears_nothing(
    chromium: Browser, session: Session, parent: str
) -> None:
    """It cannot frame the session; and where the site itself lets it, nobody speaks to it. Nor to
    one that a named page frames.
    """
    with (
        serving(own_address(), {"/": PARENT}) as evil,
        framed(chromium, parent, session) as (_, frame),
    ):
        context = frame.page.context
        page = context.new_page()
        page.goto(evil)
        page.evaluate(f"document.getElementById('frame').src = {session.one_time_url()!r}")
        page.wait_for_function("document.getElementById('frame').contentWindow.length === 0")
        page.evaluate("(hello) => say(hello)", HELLO)
        silent(page)
        assert session.url not in [each.url for each in page.frames]
        # The sign-in was not a page, so it is good here, too. Astro knows no query of pages that it
        # renders ahead.
        page.evaluate(
            "(url) => { document.getElementById('frame').src = url }", session.url + "form?open=1"
        )
        connected(page, session)
        page.evaluate("(hello) => say(hello)", HELLO)
        silent(page)


def connected(page: Page, session: Session) -> Frame:
    """The session's page in the frame, whose scripts have run."""
    deadline = time.monotonic() + WAIT_MS / 1000
    while True:
        for frame in page.frames:
            if frame.url.startswith(session.url) and frame.evaluate(
                "document.readyState === 'complete'"
            ):
                return frame
        assert time.monotonic() < deadline, [each.url for each in page.frames]
        page.wait_for_timeout(50)


def test_only_the_parent_is_heard(chromium: Browser, session: Session, parent: str) -> None:
    """Not a frame beside it of the same origin, not the site within itself, not who has opened a
    window.
    """
    with framed(chromium, parent, session) as (page, frame):
        page.evaluate(
            """(hello) => {
              const sibling = document.createElement("iframe");
              sibling.srcdoc = "<script>addEventListener('message', ({ data }) => parent.heard.push({ data }))</" + "script>";
              sibling.onload = () => {
                heard.length = 0;
                sibling.contentWindow.eval(`parent.frames[0].postMessage(${JSON.stringify(hello)}, "*")`);
                window.sent = true;
              };
              document.body.append(sibling);
            }""",
            HELLO,
        )
        page.wait_for_function("window.sent")
        silent(page)
        frame.evaluate(
            """(hello) => new Promise((resolve) => {
              window.heard = [];
              addEventListener("message", ({ data }) => heard.push({ data }));
              const inner = document.createElement("iframe");
              inner.src = location.href;
              inner.onload = () => { inner.contentWindow.postMessage(hello, "*"); setTimeout(resolve, 500); };
              document.body.append(inner);
            })""",
            HELLO,
        )
        assert frame.evaluate("heard.filter(({ data }) => data?.astroLive)") == []
        page.evaluate("heard.length = 0")
        with page.context.expect_page() as opened:
            page.evaluate(f"window.popup = open({session.one_time_url()!r})")
        connected(opened.value, session)
        page.evaluate("(hello) => popup.postMessage(hello, '*')", HELLO)
        silent(page)
        assert answer(page, {**HELLO, "id": 9})["type"] == "ready", "the parent still is"


def test_what_does_not_fit_is_refused_with_a_reason(
    chromium: Browser, session: Session, parent: str
) -> None:
    """And nothing happens, above all no navigation out of the session."""
    with framed(chromium, parent, session) as (page, frame):
        before = frame.url
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"type": "unheard-of"}, "unknown-type"),
            ({"type": "reload", "more": {"deep": [1]}}, "bad-field"),
            ({"type": "pick", "on": "yes"}, "bad-field"),
            ({"type": "reveal", "file": "x" * 1025, "line": 1}, "bad-field"),
            ({"type": "navigate", "address": "x" * 1_000_000}, "bad-field"),
            *(
                ({"type": "navigate", "address": address}, "outside-session")
                for address in (
                    "/", "../", "../demo/", "//example.com/", "\\\\example.com",
                    "https://example.com/", "javascript:alert(1)", "data:text/html,x", "%2e%2e/demo/",
                    "..%2f..%2fsession%2fdemo", "x%5c..%5C..%5cdemo", " \t//example.com/",
                )
            ),
        ]  # fmt: skip
        for number, (command, code) in enumerate(wrong, 10):
            refused = answer(page, {"astroLive": 1, "id": number, **command})
            assert (refused["type"], refused.get("code")) == ("error", code), command
        refused = answer(page, {"astroLive": 7, "type": "hello", "id": 5})
        assert (refused["code"], refused["versions"]) == ("version", [1])
        assert frame.url == before
        revealed = {"astroLive": 1, "type": "reveal", "file": PAGE}
        line = line_of(session, SCOPED)
        assert answer(page, {**revealed, "line": line, "id": 6})["found"] is True
        assert (
            answer(page, {**revealed, "file": "no.astro", "line": line, "id": 7})["found"] is False
        )


def test_ten_thousand_commands_keep_the_page_alive(
    chromium: Browser, session: Session, parent: str
) -> None:
    """They are answered to the bound, and the page goes on."""
    with framed(chromium, parent, session) as (page, frame):
        page.evaluate(
            """() => {
              heard.length = 0;
              window.began = performance.now();
              for (let at = 0; at < 10_000; at++)
                say({ astroLive: 1, type: "reveal", file: "no.astro", line: 1 });
            }"""
        )
        assert (
            frame.evaluate("new Promise((resolve) => requestAnimationFrame(() => resolve(1)))") == 1
        )
        greet_again = "say({ astroLive: 1, type: 'hello', id: 3 })"
        deadline = time.monotonic() + WAIT_MS / 1000
        while not page.evaluate("heard.some(({ data }) => data.type === 'ready')"):
            assert time.monotonic() < deadline
            page.evaluate(greet_again)
            page.wait_for_timeout(200)
        answers, seconds = page.evaluate("[heard.length, (performance.now() - began) / 1000]")
        assert answers <= 100 + 52 * seconds + 2
        assert page.evaluate("heard.filter(({ data }) => data.code === 'too-many').length") >= 1


def test_a_site_cannot_make_the_page_deaf_or_speak_for_another(
    chromium: Browser, session: Session, parent: str
) -> None:
    """By what it does to the page's own functions afterwards, and by messages that nobody sent."""
    with framed(chromium, parent, session) as (page, frame):
        frame.evaluate(
            """(origin) => {
              window.addEventListener = EventTarget.prototype.addEventListener = () => {};
              window.postMessage = () => {};
              window.forged = 0;
              const real = window.parent;
              Object.defineProperty(window, "parent", { value: { postMessage: () => forged++ } });
              window.dispatchEvent(new MessageEvent("message", {
                data: { astroLive: 1, type: "navigate", address: "form" }, origin, source: real,
              }));
            }""",
            parent,
        )
        assert answer(page, {**HELLO, "id": 4})["address"] == ""
        assert frame.evaluate("forged") == 0


def test_picking_keeps_clicks_from_the_page_and_ends_with_escape(
    chromium: Browser, session: Session, parent: str
) -> None:
    with framed(chromium, parent, session) as (page, frame):
        assert answer(page, {"astroLive": 1, "type": "pick", "on": True, "id": 2})["type"] == "done"
        link = frame.get_by_role("link", name="form")
        link.hover()
        box = frame.evaluate(
            "document.querySelector('astro-live-outline').getBoundingClientRect().toJSON()"
        )
        assert box["width"] == pytest.approx(
            link.evaluate("(link) => link.getBoundingClientRect().width")
        )
        link.click()
        page.wait_for_function("heard.some(({ data }) => data.type === 'picked')")
        told = page.evaluate("heard.find(({ data }) => data.type === 'picked').data")
        assert (told["tag"], told["text"], told["exact"]) == ("a", "form", True)
        assert not told["source"]["file"].startswith("/")
        assert frame.url == session.url, "the link was not followed"
        assert frame.evaluate("document.hasFocus()")
        page.keyboard.press("Escape")
        page.wait_for_function(
            "heard.some(({ data }) => data.type === 'picking' && data.on === false)"
        )
        assert frame.locator("astro-live-outline").count() == 0
        link.click()
        page.wait_for_function("heard.some(({ data }) => data.address === 'form')")


QUIET: Final = """() => document.body.insertAdjacentHTML("afterbegin",
  '<button id="off" disabled style="display: block">off</button>' +
  '<iframe id="within" srcdoc="within" style="display: block; height: 60px"></iframe>')"""
"""Elements whose clicks are told to nobody."""


def test_frames_and_disabled_buttons_are_picked(
    chromium: Browser, session: Session, parent: str
) -> None:
    with framed(chromium, parent, session) as (page, frame):
        frame.evaluate(QUIET)
        answer(page, {"astroLive": 1, "type": "pick", "on": True, "id": 2})
        for selector, tag in (("#off", "button"), ("#within", "iframe"), ("h1", "h1")):
            box = frame.locator(selector).bounding_box()
            assert box is not None
            middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            page.mouse.move(*middle)
            page.mouse.move(middle[0] + 3, middle[1])
            frame.wait_for_function(
                """(selector) => {
                  const [box, outline] = [selector, "astro-live-outline"].map((each) =>
                    document.querySelector(each).getBoundingClientRect());
                  return outline.width === box.width && outline.y === box.y;
                }""",
                arg=selector,
            )
            page.mouse.down()
            page.mouse.up()
            page.wait_for_function(
                "(tag) => heard.some(({ data }) => data.type === 'picked' && data.tag === tag)",
                arg=tag,
            )


def test_a_touch_picks(chromium: Browser, session: Session, parent: str) -> None:
    with framed(chromium, parent, session, touch=True) as (page, frame):
        frame.evaluate("addEventListener('touchstart', () => (window.touched = true))")
        answer(page, {"astroLive": 1, "type": "pick", "on": True, "id": 2})
        frame.get_by_role("link", name="form").tap()
        page.wait_for_function(
            "heard.some(({ data }) => data.type === 'picked' && data.tag === 'a')"
        )
        assert frame.evaluate("[location.href, window.touched]") == [session.url, None]


def test_a_page_outside_of_a_frame_loads_nothing_for_it(
    chromium: Browser, session: Session
) -> None:
    context = chromium.new_context()
    page = context.new_page()
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    with page.expect_console_message(
        lambda message: "[astro-live] connected" in message.text, timeout=FIRST_VISIT_MS
    ):
        page.goto(session.one_time_url())
    ours = {url.rpartition("astro-live/")[2] for url in loaded if "__x00__astro-live/" in url}
    assert "page.js" in ours
    assert ours <= {
        "page.js",
        "badge.js",
        "in-place.js",
        "presence.js",
        "reload.js",
        "unopened.js",
    }
    context.close()


def test_a_sites_own_policy_admits_nobody_else(
    chromium: Browser, session: Session, parent: str
) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(session.one_time_url())
    answer_of_site = page.goto(session.url + "form?own=1")
    assert answer_of_site is not None
    policy = answer_of_site.header_value("content-security-policy") or ""
    assert policy.startswith("img-src *")
    assert "frame-ancestors 'self' http" in policy
    assert parent in policy
    context.close()


def test_a_lost_connection_is_reported_and_comes_back(
    chromium: Browser, session: Session, parent: str
) -> None:
    with framed(chromium, parent, session) as (page, _):
        session.stack.api("POST", f"/sessions/{session.id}/stop")
        try:
            page.wait_for_function(
                "heard.some(({ data }) => data.type === 'connection' && data.live === false)"
            )
            assert answer(page, {**HELLO, "id": 8})["live"] is False
        finally:
            session.stack.api("POST", f"/sessions/{session.id}/start")
        page.wait_for_function(
            """() => {
              say({ astroLive: 1, type: "hello", id: 77 });
              return heard.some(({ data }) => data.id === 77 && data.live === true);
            }""",
            polling=300,
        )
        assert greet(page)["mode"] == "development"
