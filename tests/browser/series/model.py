"""A small site as a model: which files it has, what they say, and what each page then shows.

Every source says a word that is different after each edit, so a page shows which version of each of
its files it was made of.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

PAGES: Final = ("", "notes/a", "about", "later")
"""Addresses that a tab waits at, below the session's."""

CONFIG: Final = """import preact from "@astrojs/preact";

export default { devToolbar: { enabled: false }, integrations: [preact()] };
"""
MANIFEST: Final = """{ "name": "series", "private": true, "type": "module",
  "dependencies": { "astro": "*", "@astrojs/preact": "*", "preact": "*" } }
"""


@dataclass(frozen=True, kw_only=True)
class Note:
    """An entry of the content collection. `broken` says the schema's field with a value that it
    does not allow.
    """

    title: str
    body: str
    field_name: str = "title"
    broken: bool = False

    def source(self) -> str:
        value = "[1, 2]" if self.broken else self.title
        return (
            f"---\n{self.field_name}: {value}\n---\n\nBody <b data-from='body'>{self.body}</b>.\n"
        )


@dataclass(frozen=True, kw_only=True)
class Site:
    """One state of the site. Words are versions of the files that they are named for."""

    layout: str = "layout-0"
    card: str = "card-0"
    card_style: str = "style-0"
    island: str = "island-0"
    words: str = "words-0"
    facts: str = "facts-0"
    sheet: str = "sheet-0"
    script: str = "script-0"
    middleware: str = "middleware-0"
    said: str = "said-0"
    """What a module that the middleware imports says."""
    index: str = "index-0"
    about: str = "about-0"
    card_name: str = "Card"
    """The component's file name, and below the name that the page imports."""
    card_import: str = "Card"
    schema_field: str = "title"
    later: str | None = None
    """The page that is not there at first."""
    index_broken: bool = False
    notes: dict[str, Note] = field(
        default_factory=lambda: {
            id: Note(title=f"{id}-title-0", body=f"{id}-body-0") for id in "ab"
        }
    )

    def with_(self, **changes: object) -> Site:
        return replace(self, **changes)  # type: ignore[arg-type]

    def with_notes(self, **notes: Note | None) -> Site:
        kept = {name: note for name, note in ({**self.notes, **notes}).items() if note is not None}
        return replace(self, notes=kept)

    def wrong_notes(self) -> list[str]:
        """Entries that the schema refuses."""
        return sorted(
            name
            for name, note in self.notes.items()
            if note.broken or note.field_name != self.schema_field
        )

    def files(self) -> dict[str, str]:
        """Every source by its path."""
        found = {
            "package.json": MANIFEST,
            "astro.config.mjs": CONFIG,
            "src/content.config.ts": _schema(self.schema_field),
            "src/layouts/Base.astro": _layout(self.layout),
            f"src/components/{self.card_name}.astro": _card(self.card, self.card_style),
            "src/components/Counter.jsx": _island(self.island),
            "src/components/announce.ts": f'export const announcement = "{self.script}";\n',
            "src/lib/words.ts": f'export const words = "{self.words}";\n',
            "src/middleware.ts": _middleware(self.middleware),
            "src/lib/said.ts": f'export const said = "{self.said}";\n',
            "src/data/facts.json": f'{{ "fact": "{self.facts}" }}\n',
            "src/styles/global.css": f":root {{ --sheet: {self.sheet}; }}\n",
            "src/pages/index.astro": _index(self),
            "src/pages/about.md": (
                "---\nlayout: ../layouts/Base.astro\n---\n\nAbout <b"
                f" data-from='about'>{self.about}</b>.\n"
            ),
            "src/pages/notes/[id].astro": _note_page(self.schema_field),
            **{f"src/content/notes/{name}.md": note.source() for name, note in self.notes.items()},
        }
        if self.later is not None:
            found["src/pages/later.astro"] = _later(self.later)
        return found

    def shows(self, page: str) -> dict[str, str] | str:
        """What a page shows, by source; or a word of the error that it has to report; or `404`."""
        page_is_broken = page == "" and (self.index_broken or self.card_import != self.card_name)
        if wrong := self.wrong_notes():  # every page has this, also one that is not there
            return "error" if page_is_broken else f"error notes/{wrong[0]}.md {self.schema_field}"
        if page == "later" and self.later is None:
            return "404"
        if page.startswith("notes/") and page.removeprefix("notes/") not in self.notes:
            return "404"
        if page_is_broken:
            return "error nothing" if self.card_import == self.card_name else "error"
        shown = {"layout": self.layout, "sheet": self.sheet, "script": self.script}
        shown |= {"middleware": self.middleware, "said": self.said}
        if page == "":
            titles = ",".join(note.title for _, note in sorted(self.notes.items()))
            own = {
                "index": self.index,
                "card": self.card,
                "cardStyle": self.card_style,
                "island": self.island,
                "words": self.words,
            }
            return shown | own | {"facts": self.facts, "titles": titles}
        if page == "about":
            return shown | {"about": self.about}
        if page == "later":
            return shown | {"later": self.later or ""}
        note = self.notes[page.removeprefix("notes/")]
        return shown | {"title": note.title, "body": note.body}


def _schema(name: str) -> str:
    return f"""import {{ defineCollection }} from "astro:content";
import {{ glob }} from "astro/loaders";
import {{ z }} from "astro/zod";

export const collections = {{
  notes: defineCollection({{
    loader: glob({{ pattern: "*.md", base: "./src/content/notes" }}),
    schema: z.object({{ {name}: z.string() }}),
  }}),
}};
"""


def _middleware(word: str) -> str:
    return f"""import {{ said }} from "./lib/said";

export const onRequest = (context, next) => {{
  Object.assign(context.locals, {{ word: "{word}", said }});
  return next();
}};
"""


def _layout(word: str) -> str:
    return f"""---
import "../styles/global.css";
---
<html lang="en">
  <head><meta charset="utf-8" /><title>Series</title></head>
  <body>
    <p data-from="layout">{word}</p>
    <p data-from="middleware">{{Astro.locals.word}}</p>
    <p data-from="said">{{Astro.locals.said}}</p>
    <slot />
    <script>
      import {{ announcement }} from "../components/announce";
      document.documentElement.dataset.script = announcement;
    </script>
  </body>
</html>
"""


def _card(word: str, style: str) -> str:
    return f"""<p data-from="card" class="card">{word}</p>
<style>
  .card {{ --card: {style}; }}
</style>
"""


def _island(word: str) -> str:
    return f"""export default function Counter() {{
  return <p data-from="island">{word}</p>;
}}
"""


def _index(site: Site) -> str:
    return f"""---
import {{ getCollection }} from "astro:content";
import Card from "../components/{site.card_import}.astro";
import Counter from "../components/Counter.jsx";
import Base from "../layouts/Base.astro";
import facts from "../data/facts.json";
import {{ words }} from "../lib/words";

const notes = (await getCollection("notes")).sort((one, other) => (one.id < other.id ? -1 : 1));
---
<Base>
  <p data-from="index">{site.index}{"{nothing.here}" if site.index_broken else ""}</p>
  <Card />
  <Counter client:load />
  <p data-from="words">{{words}}</p>
  <p data-from="facts">{{facts.fact}}</p>
  <p data-from="titles">{{notes.map((note) => note.data.{site.schema_field}).join(",")}}</p>
</Base>
"""


def _note_page(name: str) -> str:
    return f"""---
import {{ getCollection, render }} from "astro:content";
import Base from "../../layouts/Base.astro";

export async function getStaticPaths() {{
  return (await getCollection("notes")).map((note) => ({{ params: {{ id: note.id }}, props: {{ note }} }}));
}}
const {{ note }} = Astro.props;
const {{ Content }} = await render(note);
---
<Base>
  <h1 data-from="title">{{note.data.{name}}}</h1>
  <Content />
</Base>
"""


def _later(word: str) -> str:
    return f"""---
import Base from "../layouts/Base.astro";
---
<Base><p data-from="later">{word}</p></Base>
"""
