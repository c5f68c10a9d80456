"""Root-absolute links in HTML are moved under the session's base, and nothing else is (S1)."""

from __future__ import annotations

import random

import pytest

from .modules import call

BASE = "/session/x"
REWRITE = """
  return input.map(({ chunks }) => {
    const rewriter = new m.LinkRewriter("/session/x");
    return chunks.map((chunk) => rewriter.push(chunk)).join("") + rewriter.end();
  });
"""

CASES = {
    "link": ('<a href="/about">x</a>', '<a href="/session/x/about">x</a>'),
    "root": ('<a href="/">x</a>', '<a href="/session/x/">x</a>'),
    "single quotes": ("<a href='/a'>", "<a href='/session/x/a'>"),
    "no quotes": ("<a href=/a class=b>", "<a href=/session/x/a class=b>"),
    "upper case": ('<A HREF="/a">', '<A HREF="/session/x/a">'),
    "image": ('<img src="/i.png" alt="/i.png">', '<img src="/session/x/i.png" alt="/i.png">'),
    "source set": ('<img srcset="/a.png 1x, /b.png 2x">', '<img srcset="/session/x/a.png 1x, /session/x/b.png 2x">'),
    "form": ('<form action="/send">', '<form action="/session/x/send">'),
    "icon": ('<link rel="icon" href="/i.svg"/>', '<link rel="icon" href="/session/x/i.svg"/>'),
    "refresh": (
        '<meta http-equiv="refresh" content="0;url=/next">',
        '<meta http-equiv="refresh" content="0;url=/session/x/next">',
    ),
    "inline style": ("<p style=\"background: url('/b.png')\">", "<p style=\"background: url('/session/x/b.png')\">"),
    "style element": ("<style>a{background:url(/b.png)}</style>", "<style>a{background:url(/session/x/b.png)}</style>"),
    "sprite": ('<use xlink:href="/s.svg#a"/>', '<use xlink:href="/session/x/s.svg#a"/>'),
    "greater-than in a value": ('<a title="a > b" href="/a">', '<a title="a > b" href="/session/x/a">'),
    "link in a text field's value": ("<input value='<a href=\"/x\">'>", "<input value='<a href=\"/x\">'>"),
}

UNCHANGED = {
    "with the base": '<a href="/session/x/about">x</a>',
    "the base itself": '<a href="/session/x">x</a><a href="/session/x?y=1">x</a><a href="/session/x#z">x</a>',
    "relative": '<a href="about">x</a><a href="../up">x</a><a href="#here">x</a><a href="?q=/a">x</a>',
    "another host": '<a href="//host/a">x</a><a href="https://host/a">x</a>',
    "text": '<p>see href="/about" and url(/x)</p>',
    "script": '<script>const a = "<a href=\\"/x\\">"; fetch("/api")</script>',
    "text area": '<textarea><a href="/x"></textarea>',
    "comment": '<!-- <a href="/x"> -->',
    "other attributes": '<p data-href="/x" title="/y" content="/z">',
    "description": '<meta name="description" content="0;url=/x">',
    "less-than in text": "<p>1 < 2 and 3 <4</p>",
    "document type": "<!doctype html>",
}


def rewrite(*documents: list[str]) -> list[str]:
    answer: list[str] = call("links.mjs", REWRITE, [{"chunks": chunks} for chunks in documents])
    return answer


def test_links_are_moved() -> None:
    results = rewrite(*([before] for before, _ in CASES.values()))
    assert dict(zip(CASES, results, strict=True)) == {name: after for name, (_, after) in CASES.items()}


def test_everything_else_stays() -> None:
    results = rewrite(*([text] for text in UNCHANGED.values()))
    assert dict(zip(UNCHANGED, results, strict=True)) == UNCHANGED


def test_it_does_not_matter_how_the_document_is_cut() -> None:
    """A response arrives in pieces that end anywhere, within a tag or a closing tag too."""
    whole = "".join(before for before, _ in CASES.values()) + "".join(UNCHANGED.values())
    expected = "".join(after for _, after in CASES.values()) + "".join(UNCHANGED.values())
    dice = random.Random(7)
    documents = [list(whole)]
    for _ in range(300):
        cuts = sorted(dice.sample(range(len(whole)), dice.randint(1, 12)))
        documents.append([whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)])
    assert set(rewrite(*documents)) == {expected}


def test_what_is_complete_is_sent_at_once() -> None:
    """A page that streams must not wait for its end."""
    script = "const r = new m.LinkRewriter('/s'); return [r.push('<p>one</p><a hr'), r.push('ef=\"/x\">two</a>')];"
    assert call("links.mjs", script, None) == ["<p>one</p>", '<a href="/s/x">two</a>']


@pytest.mark.parametrize("text", ['<a href="/x', "<!-- never closed", "<script>never closed", "<style>a{b:c}", "<", "</"])
def test_an_unfinished_document_is_not_lost(text: str) -> None:
    assert rewrite([text]) == [text]
