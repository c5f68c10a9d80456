"""Holds an open page against what it has to show, and against a fresh load of the same address."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from playwright.sync_api import Error as PageError
from playwright.sync_api import Page

from .model import Site

PATIENCE_S: Final = 20.0
"""For a fresh load to be whole, and for an open page to become the same: patience with a busy
machine.
"""

SNAPSHOT: Final = """() => {
  const overlay = document.querySelector("vite-error-overlay");
  if (overlay) {
    const said = [...overlay.shadowRoot.querySelectorAll("*:not(style)")];
    const own = (element) => [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join(" ");
    return { error: said.map(own).filter(Boolean).join(" ").replace(/\\s+/g, " ") };
  }
  const shown = {};
  for (const place of document.querySelectorAll("[data-from]")) shown[place.dataset.from] = place.textContent;
  const style = (element, name) => element && getComputedStyle(element).getPropertyValue(name).trim();
  shown.sheet = style(document.documentElement, "--sheet");
  shown.script = document.documentElement.dataset.script;
  const card = document.querySelector(".card");
  if (card) shown.cardStyle = style(card, "--card");
  const copy = document.documentElement.cloneNode(true);
  for (const gone of copy.querySelectorAll("script, style, link, vite-error-overlay, astro-dev-toolbar")) gone.remove();
  for (const element of copy.querySelectorAll("*")) {
    for (const name of element.getAttributeNames()) {
      if (/^(data-astro-(source|cid)|(server|client)-render-time|(component|renderer|before-hydration)-url|ssr|uid|prefix)/.test(name))
        element.removeAttribute(name);
    }
  }
  const text = (copy.innerHTML ?? "").replace(/<!--.*?-->/gs, "").replace(/\\s+/g, " ").replace(/> </g, "><");
  return { shown, html: text, title: document.title, state: document.readyState };
}"""


def snapshot(page: Page) -> dict[str, Any]:
    """What the page shows now. A page that is being replaced shows nothing."""
    try:
        return dict(page.evaluate(SNAPSHOT))
    except PageError:
        return {}


def agrees(seen: Mapping[str, Any], expected: dict[str, str] | str) -> bool:
    if expected == "404":
        return "shown" in seen and "404" in f"{seen['title']} {seen['html']}"
    if isinstance(expected, str):
        return "error" in seen and all(word in seen["error"] for word in expected.split()[1:])
    shown = seen.get("shown")
    return (
        shown is not None
        and {name: value for name, value in shown.items() if value not in (None, "")} == expected
    )


def follow(
    tabs: Mapping[str, Page], site: Site, *, limit_s: float
) -> tuple[dict[str, float], dict[str, Any]]:
    """Wait until every open page shows what the files say: milliseconds by page, and what those
    show that never did.
    """
    began = time.monotonic()
    taken: dict[str, float] = {}
    seen: dict[str, Any] = {}
    while len(taken) < len(tabs) and time.monotonic() - began < limit_s:
        for page in tabs.keys() - taken.keys():
            seen[page] = snapshot(tabs[page])
            if agrees(seen[page], site.shows(page)):
                taken[page] = (time.monotonic() - began) * 1000
        next(iter(tabs.values())).wait_for_timeout(15)
    return taken, {page: seen[page] for page in tabs.keys() - taken.keys()}


def lost(fresh: Page, url: str, page: str, site: Site, seen: Any) -> str:
    """Says what an open page shows that never agreed, and whether a fresh load would."""
    expected = site.shows(page)
    again = load(fresh, url + page, expected)
    stale = (
        "a fresh load is right" if agrees(again, expected) else "the server itself is out of date"
    )
    state = (
        f"{seen.get('state')}, {seen.get('title')!r}, {str(seen.get('html'))[:200]}"
        if isinstance(seen, dict)
        else ""
    )
    return (
        f"{page!r} shows\n  {_instead(seen, expected)}\n  {state}\n({stale}:"
        f" {_instead(again, expected)})"
    )


def difference(opened: Page, fresh: Page, url: str, page: str, site: Site) -> str:
    """How an open page differs from a fresh load, for good; empty when it does not. What comes late
    may not take away what was right.
    """
    expected = site.shows(page)
    again = load(fresh, url + page, expected)
    if not agrees(again, expected):
        return f"a fresh load of {page!r} shows {_instead(again, expected)}"
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        seen = snapshot(opened)
        if agrees(seen, expected) and (isinstance(expected, str) or seen["html"] == again["html"]):
            return ""
        opened.wait_for_timeout(25)
    return f"{page!r} differs from a fresh load:\n  {_difference(seen, again)}"


def load(fresh: Page, url: str, expected: dict[str, str] | str) -> dict[str, Any]:
    """A fresh load of the address, hydrated."""
    seen: dict[str, Any] = {}
    for _ in range(3):
        try:
            fresh.goto("about:blank")
            fresh.goto(url, wait_until="load")
        except PageError:
            continue
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            seen = snapshot(fresh)
            if agrees(seen, expected):
                return seen
            fresh.wait_for_timeout(25)
    return seen


def _instead(seen: Any, expected: dict[str, str] | str) -> str:
    """What is shown, and what ought to be; of a whole page only the places that differ."""
    if not (isinstance(expected, dict) and isinstance(seen, dict) and "shown" in seen):
        return f"{_short(seen)} and not {_short(expected)}"
    shown = {name: value for name, value in seen["shown"].items() if value not in (None, "")}
    wrong = sorted(
        name for name in shown.keys() | expected.keys() if shown.get(name) != expected.get(name)
    )
    return (
        ", ".join(f"{name} {_apart(shown.get(name), expected.get(name))}" for name in wrong)
        or "what it ought to"
    )


def _apart(seen: object, expected: object) -> str:
    """Two values from the place on where they differ."""
    one, other = str(seen), str(expected)
    at = next(
        (number for number, (x, y) in enumerate(zip(one, other, strict=False)) if x != y),
        min(len(one), len(other)),
    )
    at = max(0, at - 20)
    return f"{one[at : at + 80]!r} and not {other[at : at + 80]!r}"


def _short(seen: Any) -> str:
    if isinstance(seen, dict) and "shown" in seen:
        return str(seen["shown"])[:700] or seen["html"][:300]
    return str(seen)[:700]


def _difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    a, b = str(one.get("html", one)), str(other.get("html", other))
    at = next(
        (number for number, (x, y) in enumerate(zip(a, b, strict=False)) if x != y),
        min(len(a), len(b)),
    )
    return f"…{a[max(0, at - 80) : at + 120]}…\n  …{b[max(0, at - 80) : at + 120]}…"
