"""Sites that the benchmarks edit: copies of the starter with one number in each kind of file."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final, Literal

from .machine import ROOT

STARTER: Final = ROOT / "container" / "astro" / "starter"
NODE_MODULES: Final = ROOT / "container" / "astro" / "node_modules"
Kind = Literal["css", "astro", "collection"]
KINDS: Final[tuple[Kind, ...]] = ("css", "astro", "collection")

_FILES: Final[dict[Kind, str]] = {
    "css": "src/styles/global.css",
    "astro": "src/pages/index.astro",
    "collection": "src/content/notes/write-here.md",
}
_CARRIER: Final[dict[Kind, str]] = {
    "css": "\n:root {{ --bench: {number}; }}\n",
    "astro": '\n<data id="bench-astro" value="{number}"></data>\n',
    "collection": "---\ntitle: Write here\nsummary: bench {number}\norder: 1\n---\n\nA note.\n",
}

_COLLECTION: Final = "src/content/notes"
_CARDS: Final = 12
"""Entries on the front page, however many there are."""
_PROSE: Final = (
    4 * "A paragraph says something that takes a line or two, with *emphasis*, `code` and a"
    " [link](/notes/write-here). "
)
_ARTICLE: Final = """---
title: Article {number}
summary: What article {number} says
order: {order}
---

{text}

## First part

{text}

- one thing
- another thing

```js
export function article(number) {{
  return number === {number} ? "this one" : fetch(`/notes/article-${{number}}`).then((answer) => answer.text());
}}
```

## Second part

{text}

{text}
"""

OBSERVER: Final = """
(() => {
  const told = {};
  const read = {
    css: () => document.readyState === "complete" && getComputedStyle(document.documentElement).getPropertyValue("--bench").trim(),
    astro: () => document.getElementById("bench-astro")?.getAttribute("value"),
    collection: () => document.body?.textContent.match(/bench (\\d+)/)?.[1],
  };
  const look = () => {
    for (const kind in read) {
      const number = document.documentElement && read[kind]();
      if (number && told[kind] !== number) {
        told[kind] = number;
        window.benchSaw(kind, Number(number), performance.timeOrigin + performance.now());
      }
    }
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  document.addEventListener("DOMContentLoaded", look);
  window.addEventListener("load", look);
})();
"""
"""Runs in the page before its own scripts and reports, with the page's own clock, when a new number
shows.

Styles are asked for in a loaded page alone: asking at every step of a reload makes the browser
compute them every time, a quarter of the time that would be measured.
"""


def make(folder: Path, *, modules: bool, articles: int = 0) -> Path:
    """Copy the starter to `folder`. `modules` gives it the installed packages, as `npm install`
    would; `articles` is how many entries its collection shall have at least, of which the front
    page then shows the first few.
    """
    shutil.copytree(
        STARTER, folder, ignore=shutil.ignore_patterns("node_modules", ".astro", "dist")
    )
    _grow(folder, articles)
    prepare(folder)
    if modules:
        link_modules(folder)
    return folder


def link_modules(folder: Path) -> None:
    """A `node_modules` of the site's own with a link per package: Vite's cache, which goes in
    there, is not shared that way.
    """
    (folder / "node_modules").mkdir()
    for package in NODE_MODULES.iterdir():
        if package.name not in (".vite", ".astro", ".stamp"):
            (folder / "node_modules" / package.name).symlink_to(package)


def _grow(folder: Path, articles: int) -> None:
    missing = articles - len(list((folder / _COLLECTION).glob("*.md")))
    for number in range(missing):
        (folder / _COLLECTION / f"article-{number:04}.md").write_text(
            _ARTICLE.format(number=number, order=number + 100, text=_PROSE)
        )


def prepare(folder: Path) -> None:
    """Give the files of a copy of the starter their first numbers."""
    for kind in KINDS:
        edit(folder, kind, 0)


def edit(folder: Path, kind: Kind, number: int) -> None:
    """Write a kind's file with another number, in one step, as editors do."""
    file = folder / _FILES[kind]
    marker = _CARRIER[kind].format(number=number)
    original = (STARTER / _FILES[kind]).read_text()
    if kind == "astro":
        original = original.replace("{notes.map(", f"{{notes.slice(0, {_CARDS}).map(")
    text = (
        marker
        if kind == "collection"
        else original + marker
        if kind == "css"
        else original.replace("</Page>", marker + "</Page>")
    )
    file.write_text(text)
