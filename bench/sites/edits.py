"""One edit of each kind of file that a page is made from, and how to see it in the page."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Error as PageError
from playwright.sync_api import Page

Kind = Literal["markup", "style", "content", "component"]
KINDS: Final[tuple[Kind, ...]] = ("markup", "style", "content", "component")
MOST_PAGES: Final = 6
"""Pages that are opened in search of one that shows a content file."""
SHORTEST_SENTENCE: Final = 30
STYLES_MS: Final = 5000
HTML: Final = "fetch(location.href).then((answer) => answer.text())"
"""As the server sends it: in the page, the toolbar has taken the names of files away. Asked by the
page, since only the browser knows where the hosts of sessions are."""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A file that a page shows, and where. `url` is the page's path below the site's base."""

    kind: Kind
    file: Path
    url: str

    def write(self, mark: str, original: str) -> None:
        """Change the file so that the page at `url` shows `mark`. `original` is its text without
        any mark.
        """
        self.file.write_text(_marked(self.kind, self.file, original, mark))

    def expression(self, mark: str) -> str:
        """JavaScript that is true in the page once the edit shows. A component's is told by the
        message that the page gets.
        """
        if self.kind == "style":
            return (
                "getComputedStyle(document.documentElement).getPropertyValue('--astro-live').trim()"
                f" === '{mark}'"
            )
        return f"document.documentElement.outerHTML.includes('{mark}')"

    def expression_after_load(self, mark: str) -> str:
        """The same for a page that was loaded after the edit. A component is on a page that has
        loaded its module.
        """
        if self.kind == "component":
            return (
                "performance.getEntriesByType('resource').some((entry) =>"
                f" decodeURIComponent(entry.name).split('?')[0].endsWith('/{self.file.name}'))"
            )
        return self.expression(mark)


def _marked(kind: Kind, file: Path, text: str, mark: str) -> str:
    if kind == "markup":
        return f'{text.rstrip()}\n<span data-astro-live="{mark}"></span>\n'
    if kind == "style":
        rule = f"--astro-live: {mark};"
        if file.suffix in (".astro", ".vue", ".svelte"):
            return re.sub(r"(<style[^>]*>)", rf"\1\n:global(:root) {{ {rule} }}\n", text, count=1)
        return f"{text.rstrip()}\n:root {{ {rule} }}\n"
    if kind == "content":
        sentence = sentence_of(text)
        return text if sentence is None else text.replace(sentence, f"{sentence} {mark}", 1)
    return _marked_component(file, text, mark)


def _marked_component(file: Path, text: str, mark: str) -> str:
    """A comment will do for scripts; compilers of templates send no update for one."""
    element = f'<span hidden data-astro-live="{mark}"></span>'
    if file.suffix == ".vue":
        return f"{element}</template>".join(text.rsplit("</template>", 1))
    if file.suffix == ".svelte":
        return f"{text.rstrip()}\n{element}\n"
    return f"{text.rstrip()}\n/* {mark} */\n"


def sentence_of(text: str) -> str | None:
    """A run of plain prose in a Markdown file, which its page shows as it is."""
    body = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    body = re.sub(r"```.*?```", "", body, flags=re.DOTALL)
    for line in body.splitlines():
        if not re.match(r"[A-Z\w]", line) or line.startswith(("import ", "export ")):
            continue
        # Not inside of a link, a tag or code: what stands before it on its line is plain, too.
        if found := re.match(
            rf"[\w ,.;:'’-]*?([A-Z][A-Za-z0-9 ,]{{{SHORTEST_SENTENCE - 1},}})", line
        ):
            return found[1].rstrip(" ,")
    return None


def find(page: Page, *, site: Path, base: str) -> Iterator[Edit]:
    """Edits that the page that is open, or one that it leads to, would show. `base` is the site's
    address, with a slash at its end.
    """
    here = urlsplit(page.url).path.removeprefix(urlsplit(base).path)
    if markup := _markup(page, site):
        yield Edit(kind="markup", file=markup, url=here)
    if style := _style(page, site):
        yield Edit(kind="style", file=style, url=here)
    found: set[Kind] = set()
    for url in [here, *_links(page, base)][:MOST_PAGES]:
        if not _open(page, base + url):
            continue
        if "content" not in found and (content := _content(page, site)):
            found.add("content")
            yield Edit(kind="content", file=content, url=url)
        if "component" not in found and (component := _component(page, site)):
            found.add("component")
            yield Edit(kind="component", file=component, url=url)
        if len(found) == 2:
            return


def _open(page: Page, url: str) -> bool:
    try:
        page.goto(url, wait_until="load", timeout=60_000)
    except PageError:
        return False
    return True


def _markup(page: Page, site: Path) -> Path | None:
    """The page's own file, or a component that it shows, as the HTML names them for the dev
    toolbar; a guess from the names of files where the toolbar is off.
    """
    with contextlib.suppress(PageError):
        named = sources_of(page.evaluate(HTML), site)
        pages = [file for file in named if (site / "src" / "pages") in file.parents]
        if pages or named:
            return (pages or named)[0]
    return _guessed_page(site)


def sources_of(html: str, site: Path) -> list[Path]:
    """The site's Astro files that made the elements of a page in development, in their order."""
    names = dict.fromkeys(re.findall(r'data-astro-source-file="([^"]+)"', html))
    files = [file for name in names if (file := _file(site, unescape(name))) is not None]
    return [file for file in files if file.suffix == ".astro"]


def _guessed_page(site: Path) -> Path | None:
    for name in (
        "index.astro",
        "[...page].astro",
        "[...slug].astro",
        "[...lang]/index.astro",
        "[lang]/index.astro",
    ):
        if (file := site / "src" / "pages" / name).is_file():
            return file
    pages = sorted(
        (site / "src" / "pages").glob("[[]*/**/index.astro"), key=lambda file: len(file.parts)
    )
    return pages[0] if pages else None


def _style(page: Page, site: Path) -> Path | None:
    with contextlib.suppress(PageError):  # it may be loading after an edit
        page.wait_for_selector("style[data-vite-dev-id]", state="attached", timeout=STYLES_MS)
    ids: list[str] = page.evaluate(
        "[...document.querySelectorAll('style[data-vite-dev-id]')].map((style) =>"
        " style.dataset.viteDevId)"
    )
    files = [_file(site, name) for name in ids if re.search(r"\.(css|scss|sass|less)$", name)]
    parts = [_file(site, name.split("?")[0]) for name in ids if ".astro?" in name]
    own = [file for file in [*files, *parts] if file is not None]
    usable = [
        file
        for file in own
        if file.suffix != ".astro" or re.search(r"<style[^>]*>", file.read_text())
    ]
    return usable[0] if usable else None


def _file(site: Path, name: str) -> Path | None:
    file = Path(name) if name.startswith(str(site)) else site / name.lstrip("/")
    return file if file.is_file() and "node_modules" not in file.parts else None


def _links(page: Page, base: str) -> list[str]:
    prefix = urlsplit(base).path
    urls: list[str] = page.evaluate(
        "[...document.querySelectorAll('a[href]')].map((link) => link.href)"
    )
    inside = [urlsplit(url) for url in urls if urlsplit(url).netloc == urlsplit(base).netloc]
    paths = [parts.path.removeprefix(prefix) for parts in inside if parts.path.startswith(prefix)]
    unique = [path for path in dict.fromkeys(paths) if path and not re.search(r"\.\w{2,5}$", path)]
    return sorted(unique, key=lambda path: -path.count("/"))  # articles lie deeper than lists


def _content(page: Page, site: Path) -> Path | None:
    text: str = page.evaluate("document.body.innerText")
    shown = []
    for file in sorted([*site.glob("src/**/*.md"), *site.glob("src/**/*.mdx")])[:400]:
        sentence = sentence_of(file.read_text(errors="replace"))
        if sentence is not None and sentence in text:
            shown.append(file)
    # Sample articles often hold the same text: the one that gives the page its address, or the only
    # one.
    address = unquote(urlsplit(page.url).path).strip("/").split("/")
    named = [
        file
        for file in shown
        if file.stem in address or (file.stem == "index" and file.parent.name in address)
    ]
    return named[0] if named else shown[0] if len(shown) == 1 else None


def _component(page: Page, site: Path) -> Path | None:
    urls: list[str] = page.evaluate(
        "[...document.querySelectorAll('astro-island')].map((island) =>"
        " island.getAttribute('component-url'))"
    )
    for url in filter(None, urls):
        path = unquote(urlsplit(url).path)
        for part in (path, path[path.find("/src/") :]):
            if (file := _file(site, part.split("/@fs")[-1])) is not None:
                return file
    return None
