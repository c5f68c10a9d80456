"""Which changes of a page's HTML are shown in place, and which need the page to be reloaded (S1,
S2).

The script that decides runs in Chromium on three documents: what the server sent before, what it
sends now, and the live page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from .in_page import counted
from .stack import ROOT

SCRIPT: Final = (
    (ROOT / "container/astro/lib/page/in-place.js")
    .read_text()
    .replace("export function", "function")
)
RUN: Final = (
    "([script, before, after, meddle]) => { const { changesOf, parsed } = Function(script + ';"
    " return { changesOf, parsed }\\n//# sourceURL=astro-live/in-place.js')(); Function(meddle)();"
    " let answer; try { const changes = changesOf(parsed(before), parsed(after), document); for"
    " (const change of changes) change(); answer = changes.length; } catch (error) { answer ="
    " error.message; } return { answer, html: document.documentElement.outerHTML }; }"
)
PAGE: Final = (
    "<!doctype html><html lang='en'><head><title>one</title><style data-vite-dev-id='a.css'>p"
    " {{}}</style></head><body>{}</body></html>"
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """`meddle` is what a script of the page did before the edit. `expected` has to be in the live
    page afterwards.
    """

    before: str
    after: str
    meddle: str = ""
    expected: str = ""


IN_PLACE: Final = {
    "text": Case(before="<p>one</p>", after="<p>two</p>", expected="<p>two</p>"),
    "attribute": Case(
        before="<a href='/x'>l</a>", after="<a href='/y'>l</a>", expected='href="/y"'
    ),
    "attribute gone": Case(before="<p hidden>l</p>", after="<p>l</p>", expected="<p>l</p>"),
    "element added": Case(
        before="<ul><li>a</li></ul>",
        after="<ul><li>a</li><li>b</li></ul>",
        expected="<li>a</li><li>b</li>",
    ),
    "element removed": Case(
        before="<ul><li>a</li><li>b</li></ul>",
        after="<ul><li>b</li></ul>",
        expected="<ul><li>b</li></ul>",
    ),
    "element replaced": Case(
        before="<p>a</p>", after="<h2>a</h2>", expected="<body><h2>a</h2></body>"
    ),
    "into an empty element": Case(
        before="<div></div>", after="<div><b>x</b></div>", expected="<div><b>x</b></div>"
    ),
    "class beside one that a script added": Case(
        before="<p class='a b'>x</p>",
        after="<p class='a c'>x</p>",
        meddle="document.querySelector('p').classList.add('open')",
        expected='class="a open c"',
    ),
    "a script's own places stay": Case(
        before="<p>one</p><output>0</output>",
        after="<p>two</p><output>0</output>",
        meddle="document.querySelector('output').textContent = '7'",
        expected="<p>two</p><output>7</output>",
    ),
    "typed text stays": Case(
        before="<p>one</p><input value='a'>",
        after="<p>two</p><input value='a'>",
        meddle=(
            "document.querySelector('input').value = 'typed';"
            " document.querySelector('input').setAttribute('data-dirty', '')"
        ),
        expected='<p>two</p><input value="a" data-dirty="">',
    ),
    "behind it stays what a script appended": Case(
        before="<p>one</p>",
        after="<p>one</p><p>two</p>",
        meddle="document.body.append(document.createElement('astro-dev-toolbar'))",
        expected="<p>one</p><p>two</p><astro-dev-toolbar>",
    ),
    "head that a script added to": Case(
        before="one",
        after="two",
        meddle="document.head.prepend(document.createElement('style'))",
        expected="<body>two</body>",
    ),
    "island that stays the same": Case(
        before="<p>one</p><astro-island uid='1' ssr server-render-time='0.1'>0</astro-island>",
        after="<p>two</p><astro-island uid='1' ssr server-render-time='0.2'>0</astro-island>",
        meddle=(
            "const i = document.querySelector('astro-island'); i.removeAttribute('ssr');"
            " i.textContent = '5'"
        ),
        expected='<p>two</p><astro-island uid="1" server-render-time="0.1">5</astro-island>',
    ),
    "places in source files": Case(
        before="<p data-astro-source-loc='1:1'>one</p><p data-astro-source-loc='2:1'>x</p>",
        after="<p data-astro-source-loc='2:1'>two</p><p data-astro-source-loc='3:1'>x</p>",
        expected=">two</p>",
    ),
    "already shown": Case(
        before="<p>one</p>",
        after="<p>two</p>",
        meddle="document.querySelector('p').textContent = 'two'",
        expected="two",
    ),
}

RELOADED: Final = {
    "script added": (Case(before="one", after="one<script>1</script>"), "its scripts have changed"),
    "script changed": (
        Case(before="<script>1</script>", after="<script>2</script>"),
        "its scripts have changed",
    ),
    "data for a script": (
        Case(
            before="<script type='application/json'>1</script>",
            after="<script type='application/json'>2</script>",
        ),
        "its scripts have changed",
    ),
    "template": (
        Case(before="<template>1</template>", after="<template>2</template>"),
        "its templates have changed",
    ),
    "policy": (
        Case(
            before="x", after="<meta http-equiv='content-security-policy' content='default-src *'>x"
        ),
        "its document settings have changed",
    ),
    "props of an island": (
        Case(
            before="<astro-island props='1'></astro-island>",
            after="<astro-island props='2'></astro-island>",
        ),
        "a <astro-island> has changed",
    ),
    "island added": (
        Case(before="<p>x</p>", after="<p>x</p><astro-island></astro-island>"),
        "came or went",
    ),
    "frame removed": (Case(before="<p>x</p><iframe></iframe>", after="<p>x</p>"), "came or went"),
    "text that a script wrote": (
        Case(
            before="<output>0</output>",
            after="<output>1</output>",
            meddle="document.querySelector('output').textContent = '7'",
        ),
        "a script has changed the text",
    ),
    "attribute that a script wrote": (
        Case(
            before="<p title='a'>x</p>",
            after="<p title='b'>x</p>",
            meddle="document.querySelector('p').title = 'c'",
        ),
        "a script has changed the attribute title of a <p>",
    ),
    "list that a script wrote": (
        Case(
            before="<ul><li>a</li></ul>",
            after="<ul><li>a</li><li>b</li></ul>",
            meddle="document.querySelector('ul').prepend(document.createElement('hr'))",
        ),
        "a script has changed the content of a <ul>",
    ),
    "removal of what a script changed": (
        Case(
            before="<ul><li>a</li></ul>",
            after="<ul></ul>",
            meddle="document.querySelector('li').textContent = 'mine'",
        ),
        "a script has changed what goes away",
    ),
}


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    with counted(page):
        yield page
    context.close()


def decide(page: Page, case: Case) -> dict[str, Any]:
    page.set_content(PAGE.format(case.before))
    found: dict[str, Any] = page.evaluate(
        RUN, [SCRIPT, PAGE.format(case.before), PAGE.format(case.after), case.meddle]
    )
    return found


@pytest.mark.parametrize("name", list(IN_PLACE))
def test_shown_in_place(page: Page, name: str) -> None:
    found = decide(page, IN_PLACE[name])
    assert isinstance(found["answer"], int), found["answer"]
    assert IN_PLACE[name].expected in found["html"]


@pytest.mark.parametrize("name", list(RELOADED))
def test_loaded_anew_and_nothing_done(page: Page, name: str) -> None:
    case, reason = RELOADED[name]
    page.set_content(PAGE.format(case.before))
    found = decide(page, case)
    assert reason in str(found["answer"])
    page.set_content(PAGE.format(case.before))
    untouched = page.evaluate(
        f"() => {{ {case.meddle}; return document.documentElement.outerHTML }}"
    )
    assert found["html"] == untouched


def test_a_style_that_came_or_went_needs_a_new_page(page: Page) -> None:
    """Vite's client knows the styles of the page that it began with."""
    one = "<html><head>{}</head><body>x</body></html>"
    before, after = one.format(""), one.format("<style data-vite-dev-id='b.css'>p {}</style>")
    page.set_content(before)
    assert "came or went" in page.evaluate(RUN, [SCRIPT, before, after, ""])["answer"]


def test_a_style_is_replaced_unless_vite_was_first(page: Page) -> None:
    one = "<html><head><style data-vite-dev-id='a.css'>{}</style></head><body>x</body></html>"
    for meddle in ("", "document.querySelector('style').textContent = 'p { color: red }'"):
        page.set_content(one.format("p {}"))
        html = page.evaluate(
            RUN, [SCRIPT, one.format("p {}"), one.format("p { color: red }"), meddle]
        )["html"]
        assert html.count("color: red") == 1


def test_title(page: Page) -> None:
    one = "<html><head><title>{}</title></head><body>x</body></html>"
    page.set_content(one.format("one"))
    assert page.evaluate(RUN, [SCRIPT, one.format("one"), one.format("two"), ""])["answer"] == 1
    assert page.title() == "two"


BRING: Final = (
    "async ([script, before, answers, edits]) => { const { inPlaceUpdates } = Function(script + ';"
    " return { inPlaceUpdates }\\n//# sourceURL=astro-live/in-place.js')(); let reloads = 0; const"
    " given = window.fetch; window.fetch = async () => { const [html, edit] = answers.shift();"
    " return { status: 200, redirected: false, text: async () => html, headers: new Headers({"
    " 'content-type': 'text/html', 'x-astro-live-edit': edit }) } }; try { const bring ="
    " inPlaceUpdates({ earlier: async () => before, reload: () => reloads++ }); for (const edit of"
    " edits) await bring(edit); } finally { window.fetch = given; } return { reloads, html:"
    " document.body.innerHTML }; }"
)


@pytest.mark.parametrize(
    ("answers", "reloads"),
    [
        pytest.param([("two", 2), ("two", 2)], 0, id="the first answer had both edits"),
        pytest.param([("two", 1), ("two", 2)], 1, id="the second shows elsewhere"),
        pytest.param([("one", 2)], 1, id="none of them shows here"),
        pytest.param([("two", 1), ("three", 2)], 0, id="each shows"),
    ],
)
def test_edits_that_are_told_one_by_one(
    page: Page, answers: list[tuple[str, int]], reloads: int
) -> None:
    """A batch whose announcement came late: the page has what the server knew when it answered."""
    page.set_content(PAGE.format("one"))
    told = [[PAGE.format(text), str(edit)] for text, edit in answers]
    numbers = list(range(1, len(told) + 1))
    found = page.evaluate(BRING, [SCRIPT, PAGE.format("one"), told, numbers])
    assert found == {"reloads": reloads, "html": answers[-1][0]}
