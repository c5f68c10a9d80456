"""URLs that the scripts of a page make from the root of the site (S1).

Test functions for a module that has the fixtures `tab` and `session` of the compat site. On a
separate host nothing is moved.
"""

from __future__ import annotations

from typing import Final

import pytest

from .visitor import Tab

PROOF: Final = "Markdown body of the first post."
LINK: Final = (
    "Object.assign(document.body.appendChild(document.createElement('a')), {href: '/posts/first',"
    " textContent: 'go'})"
)
FORM: Final = (
    "Object.assign(document.body.appendChild(document.createElement('form')), {action:"
    " '/from-scripts', method: 'post'})"
)
WORD: Final = (
    "form.append(Object.assign(document.createElement('input'), {name: 'word', value: 'sent"
    " along'}))"
)

NAVIGATIONS: Final = {
    "location.href": "location.href = '/posts/first'",
    "location.assign": "location.assign('/posts/first')",
    "location.replace": "location.replace('/posts/first')",
    "window.location": "window.location = location.origin + '/posts/first'",
    "a link": f"{LINK}.click()",
    "a form that asks": (
        f"Object.assign({FORM}, {{action: '/posts/first', method: 'get'}}).submit()"
    ),
}


@pytest.mark.parametrize("name", NAVIGATIONS)
def test_a_navigation_by_script_stays_in_the_session(tab: Tab, name: str) -> None:
    tab.go("from-scripts")
    tab.settle()
    tab.page.evaluate(f"setTimeout(() => {{ {NAVIGATIONS[name]}; }})")
    tab.see(PROOF)
    assert tab.page.url.split("?")[0] == tab.session.url + "posts/first"


def test_a_page_that_sends_its_visitor_on_stays_in_the_session(tab: Tab) -> None:
    """It does so while it loads, before any module has run."""
    tab.go("language")
    tab.see(PROOF)
    assert tab.page.url == tab.session.url + "posts/first"


@pytest.mark.parametrize("how", ["form.submit()", "form.requestSubmit()"])
def test_a_form_made_by_a_script_is_sent_to_the_session(tab: Tab, how: str) -> None:
    tab.go("from-scripts")
    tab.settle()
    tab.page.evaluate(f"setTimeout(() => {{ const form = {FORM}; {WORD}; {how}; }})")
    tab.until("document.querySelector('#sent')?.textContent === 'sent along'")


def test_a_new_tab_opens_in_the_session(tab: Tab) -> None:
    tab.go("from-scripts")
    tab.settle()
    for how in ("open('/posts/first')", f"Object.assign({LINK}, {{target: '_blank'}}).click()"):
        with tab.page.context.expect_page() as opened:
            tab.page.evaluate(f"setTimeout(() => {{ {how}; }})")
        opened.value.get_by_text(PROOF).first.wait_for()
        opened.value.close()


def test_an_address_that_a_router_shows_can_be_loaded_again(tab: Tab) -> None:
    tab.go("from-scripts")
    tab.settle()
    tab.page.evaluate("history.pushState({}, '', '/posts/first')")
    assert tab.page.url == tab.session.url + "posts/first"
    tab.page.reload()
    tab.see(PROOF)


def test_a_transition_that_a_script_begins_stays_in_the_session(tab: Tab) -> None:
    """A link that an island has made, followed by Astro's router without a new document."""
    tab.settle()
    tab.mark()
    tab.page.evaluate(f"setTimeout(() => {LINK}.click())")
    tab.see(PROOF)
    assert tab.page.url == tab.session.url + "posts/first"
    assert not tab.was_reloaded()


REQUESTS: Final = {
    "fetch": "fetch('/api/echo?word=yes').then((answer) => answer.json())",
    "fetch of a request": (
        "fetch(new Request('/api/echo?word=yes')).then((answer) => answer.json())"
    ),
    "XMLHttpRequest": (
        "new Promise((done) => { const ask = new XMLHttpRequest(); ask.open('GET',"
        " '/api/echo?word=yes'); ask.onload = () => done(JSON.parse(ask.responseText));"
        " ask.send(); })"
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_by_script_is_answered_by_the_session(tab: Tab, name: str) -> None:
    tab.go("from-scripts")
    tab.settle()
    assert tab.evaluate(REQUESTS[name]) == {
        "asked": "yes",
        "href": f"{tab.session.url}api/echo?word=yes",
    }


def test_a_request_with_a_body_keeps_it(tab: Tab) -> None:
    tab.go("from-scripts")
    tab.settle()
    options = "{method: 'POST', body: '[1]', headers: {'content-type': 'application/json'}}"
    for request in (f"'/api/echo', {options}", f"new Request('/api/echo', {options})"):
        assert tab.evaluate(f"fetch({request}).then((answer) => answer.json())") == {"got": [1]}
    assert tab.evaluate("new EventSource('/api/echo').url") == f"{tab.session.url}api/echo"
    tab.evaluate("navigator.sendBeacon('/api/echo', new Blob(['[1]'], {type: 'application/json'}))")
