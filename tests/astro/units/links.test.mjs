// Root-absolute links in HTML are moved under the session's base, and nothing else is (S1).

import assert from "node:assert/strict";
import test from "node:test";
import { LinkRewriter } from "../../../container/astro/lib/links.mjs";
import { mover } from "../../../container/astro/lib/urls.mjs";

const move = mover({ base: "/session/x", origin: "https://edit.example.com" });

/** @type {Record<string, [string, string]>} */
const MOVED = {
  link: ['<a href="/about">x</a>', '<a href="/session/x/about">x</a>'],
  root: ['<a href="/">x</a>', '<a href="/session/x/">x</a>'],
  "single quotes": ["<a href='/a'>", "<a href='/session/x/a'>"],
  "no quotes": ["<a href=/a class=b>", "<a href=/session/x/a class=b>"],
  "upper case": ['<A HREF="/a">', '<A HREF="/session/x/a">'],
  "space around it": ['<a href=" /a ">', '<a href="/session/x/a">'],
  "public address": [
    '<a href="https://edit.example.com/a">',
    '<a href="https://edit.example.com/session/x/a">',
  ],
  image: ['<img src="/i.png" alt="/i.png">', '<img src="/session/x/i.png" alt="/i.png">'],
  "source set": [
    '<img srcset="/a.png 1x, /b.png 2x">',
    '<img srcset="/session/x/a.png 1x, /session/x/b.png 2x">',
  ],
  "source set without spaces": [
    '<img srcset="/a.png 1x,/b.png 2x">',
    '<img srcset="/session/x/a.png 1x,/session/x/b.png 2x">',
  ],
  form: ['<form action="/send">', '<form action="/session/x/send">'],
  icon: ['<link rel="icon" href="/i.svg"/>', '<link rel="icon" href="/session/x/i.svg"/>'],
  refresh: [
    '<meta http-equiv="refresh" content="0;url=/next">',
    '<meta http-equiv="refresh" content="0;url=/session/x/next">',
  ],
  "refresh, the other way round": [
    '<meta content="0; url=/next" http-equiv="Refresh">',
    '<meta content="0; url=/session/x/next" http-equiv="Refresh">',
  ],
  island: [
    '<astro-island component-url="/src/A.jsx" renderer-url="/@id/r.js" before-hydration-url="/@id/b.js" props="{}">',
    '<astro-island component-url="/session/x/src/A.jsx" renderer-url="/session/x/@id/r.js" before-hydration-url="/session/x/@id/b.js" props="{}">',
  ],
  "inline style": [
    "<p style=\"background: url('/b.png')\">",
    "<p style=\"background: url('/session/x/b.png')\">",
  ],
  "style element": [
    "<style>a{background:url(/b.png)}</style>",
    "<style>a{background:url(/session/x/b.png)}</style>",
  ],
  "imported style": [
    '<style>@import "/b.css";</style>',
    '<style>@import "/session/x/b.css";</style>',
  ],
  sprite: [
    '<svg><use xlink:href="/s.svg#a"/></svg>',
    '<svg><use xlink:href="/session/x/s.svg#a"/></svg>',
  ],
  "greater-than in a value": [
    '<a title="a > b" href="/a">',
    '<a title="a > b" href="/session/x/a">',
  ],
};

const UNCHANGED = {
  "with the base": '<a href="/session/x/about">x</a>',
  "the base itself":
    '<a href="/session/x">x</a><a href="/session/x?y=1">x</a><a href="/session/x#z">x</a>',
  relative:
    '<a href="about">x</a><a href="../up">x</a><a href="#here">x</a><a href="?q=/a">x</a><a href="">x</a>',
  "another host":
    '<a href="//host/a">x</a><a href="https://host/a">x</a><a href="https://edit.example.com.host/a">x</a>',
  "public address with the base": '<a href="https://edit.example.com/session/x/a">x</a>',
  text: '<p>see href="/about" and url(/x)</p>',
  script: '<script>const a = "<a href=\\"/x\\">"; fetch("/api")</script>',
  "text area": '<textarea><a href="/x"></textarea>',
  comment: '<!-- <a href="/x"> -->',
  "other attributes": '<p data-href="/x" title="/y" content="/z">',
  description: '<meta name="description" content="0;url=/x">',
  "inline image":
    '<img src="data:image/jpeg;base64,/9j/4A==" srcset="data:image/jpeg;base64,/9j/4A== 2x">',
  "link in a text field's value": "<input value='<a href=\"/x\">'>",
  "less-than in text": "<p>1 < 2 and 3 <4</p>",
  "document type": "<!doctype html>",
  entities: '<a href="about?a=1&amp;b=2" title="&lt;/x&gt;">&amp;</a>',
};

/**
 * @param {string[]} chunks
 * @param {() => string} [insert]
 */
function rewrite(chunks, insert) {
  const rewriter = new LinkRewriter(move, insert);
  return chunks.map((chunk) => rewriter.push(chunk)).join("") + rewriter.end();
}

for (const [name, [before, after]] of Object.entries(MOVED))
  test(`moved: ${name}`, () => assert.equal(rewrite([before]), after));

for (const [name, text] of Object.entries(UNCHANGED))
  test(`unchanged: ${name}`, () => assert.equal(rewrite([text]), text));

test("it does not matter how the document is cut", () => {
  const whole =
    Object.values(MOVED)
      .map(([before]) => before)
      .join("") + Object.values(UNCHANGED).join("");
  const expected =
    Object.values(MOVED)
      .map(([, after]) => after)
      .join("") + Object.values(UNCHANGED).join("");
  assert.equal(rewrite([...whole]), expected, "one by one");
  let seed = 7;
  const dice = (/** @type {number} */ most) => (seed = (seed * 48271) % 2147483647) % most;
  for (let round = 0; round < 300; round++) {
    const cuts = Array.from({ length: 1 + dice(12) }, () => dice(whole.length)).sort(
      (a, b) => a - b,
    );
    const chunks = [0, ...cuts].map((from, at) => whole.slice(from, cuts[at] ?? whole.length));
    assert.equal(rewrite(chunks), expected, `cut at ${cuts}`);
  }
});

test("what is complete is sent at once: a page that streams does not wait for its end", () => {
  const rewriter = new LinkRewriter(move);
  assert.equal(rewriter.push("<p>one</p><a hr"), "<p>one</p>");
  assert.equal(rewriter.push('ef="/x">two</a>'), '<a href="/session/x/x">two</a>');
});

for (const text of [
  '<a href="/x',
  "<!-- never closed",
  "<script>never closed",
  "<style>a{b:c}",
  "<",
  "</",
  "<style>a{b:url(/c",
]) {
  test(`an unfinished document is not lost: ${text}`, () =>
    assert.equal(rewrite([text]).replace("/session/x", ""), text));
}

test("a tag or style that never ends is not held for ever", () => {
  for (const open of ['<a title="', "<style>"]) {
    const rewriter = new LinkRewriter(move);
    let out = "";
    for (let piece = 0; piece < 20; piece++)
      out += rewriter.push(piece === 0 ? open : "x".repeat(100_000));
    assert.ok(out.length > 500_000, `${open}: ${out.length} characters are out`);
    assert.equal((out + rewriter.end()).length, open.length + 1_900_000);
  }
});

test("a notice stands at the end of the body, or of the document where that has none", () => {
  const insert = () => "<b>notice</b>";
  assert.equal(
    rewrite(["<body><p>a</p></bo", "dy></html>"], insert),
    "<body><p>a</p><b>notice</b></body></html>",
  );
  assert.equal(rewrite(["<p>a</p>"], insert), "<p>a</p><b>notice</b>");
});

/** @type {Record<string, [string, string]>} */
const BEGINNINGS = {
  "a head": [
    "<!doctype html><html><head><meta charset=utf-8></head>",
    "<!doctype html><html><head>FIRST<meta charset=utf-8></head>",
  ],
  "a head with attributes": [
    '<html>\n<head lang="en">\n<title>',
    '<html>\n<head lang="en">FIRST\n<title>',
  ],
  "no head": ["<!DOCTYPE html><script>1</script>", "<!DOCTYPE html>FIRST<script>1</script>"],
  "no head, but a moved link": [
    '<!doctype html><a href="/x">',
    '<!doctype html>FIRST<a href="/session/x/x">',
  ],
  "a comment before it": [
    "<!doctype html><!-- c --><html><head></head>",
    "<!doctype html><!-- c --><html><head>FIRST</head>",
  ],
  "a fragment": ["<p>one</p><head></head>", "<p>one</p><head></head>"],
  "no tag at all": ["<!doctype html>text", "<!doctype html>text"],
};

for (const [name, [before, after]] of Object.entries(BEGINNINGS)) {
  test(`the start of a page's head is found: ${name}`, () => {
    for (const pieces of [[before], [...before]]) {
      const rewriter = new LinkRewriter(move, undefined, "FIRST");
      assert.equal(pieces.map((piece) => rewriter.push(piece)).join("") + rewriter.end(), after);
    }
  });
}
