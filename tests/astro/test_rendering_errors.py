"""Errors of rendering, on each release of Astro: Astro sends the head of a page before it has
rendered the rest, so that many of them come after status 200 (S32).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from tests.browser.releases import release_site, wanted_releases

from .driver import LiveSite, StartArgs, copy_starter, live_site

HEAD: Final = "<html><head><title>t</title></head><body>\n"
FILES: Final = {
    "src/components/Inner.astro": "---\nconst label = 'inner';\n---\n<p>{label}</p>\n",
    "src/components/Later.astro": (
        "---\nawait new Promise((done) => setTimeout(done, 20));\nconst label = 'late';\n---\n"
        "<p>{label}</p>\n"
    ),
    "src/components/Slotted.astro": (
        "---\nconst html = await Astro.slots.render('default');\n---\n<div set:html={html} />\n"
    ),
    "src/components/Isle.jsx": "export default function Isle() {\n  return <b>isle</b>;\n}\n",
    "src/layouts/Plain.astro": f"{HEAD}<slot /><i>foot</i>\n</body></html>\n",
    "src/pages/plain.astro": f"{HEAD}<h1>plain</h1>\n</body></html>\n",
    "src/pages/nested.astro": (
        f"---\nimport Inner from '../components/Inner.astro';\n---\n{HEAD}<Inner />\n</body></html>\n"
    ),
    "src/pages/laid.astro": (
        "---\nimport Plain from '../layouts/Plain.astro';\n---\n<Plain><p>laid</p></Plain>\n"
    ),
    "src/pages/later.astro": (
        f"---\nimport Later from '../components/Later.astro';\n---\n{HEAD}<Later />\n</body></html>\n"
    ),
    "src/pages/slotted.astro": (
        f"---\nimport Slotted from '../components/Slotted.astro';\n---\n{HEAD}<Slotted>\n"
        "<p>slotted</p>\n</Slotted>\n</body></html>\n"
    ),
    "src/pages/isle.astro": (
        f"---\nimport Isle from '../components/Isle.jsx';\n---\n{HEAD}<Isle client:load />\n"
        "</body></html>\n"
    ),
    "src/pages/promised.astro": (
        f"---\nconst word = Promise.resolve('kept');\n---\n{HEAD}<p>{{word}}</p>\n</body></html>\n"
    ),
    "src/pages/many/[name].astro": (
        "---\nexport function getStaticPaths() {\n"
        "  return ['a', 'b'].map((name) => ({ params: { name } }));\n}\n"
        f"const {{ name }} = Astro.params;\n---\n{HEAD}<h1>{{name}}</h1>\n</body></html>\n"
    ),
    "src/pages/data.json.ts": "export function GET() {\n  return new Response('{}');\n}\n",
    "src/pages/styled.astro": (
        f"---\nimport '../styles/more.css';\n---\n{HEAD}<p>styled</p>\n</body></html>\n"
    ),
    "src/styles/more.css": "p {\n  color: red;\n}\n",
    "src/middleware.ts": "export const onRequest = (context, next) => {\n  return next();\n};\n",
}
"""Added to the site of the releases, whose island renderer is Preact's."""

VISITED: Final = ("nested", "laid", "later", "isle", "many/a", "many/b", "data.json", "plain")


class Fault(NamedTuple):
    file: str
    old: str
    new: str
    line: int
    message: str = "missing is not defined"
    placed: tuple[int, ...] = ()
    """The release from which on Astro says in which line of the source, and this `message`."""
    read: tuple[int, ...] = ()
    """The release from which on Astro reads the file again after an edit."""


FAULTS: Final = {
    "page": Fault("src/pages/plain.astro", "<h1>plain", "<h1>{missing}", 2),
    "frontmatter": Fault("src/pages/promised.astro", "const", "missing();\nconst", 2),
    "text thrown": Fault(
        "src/pages/plain.astro", "plain<", "{(() => { throw 'a text'; })()}<", 0, '"a text"'
    ),
    "component": Fault("src/components/Inner.astro", "{label}", "{missing}", 4),
    "layout after its head": Fault("src/layouts/Plain.astro", "foot", "{missing}", 2),
    "asynchronous component": Fault("src/components/Later.astro", "{label}", "{missing}", 5),
    "rendered slot": Fault("src/pages/slotted.astro", "<p>slotted", "<p>{missing}", 6),
    "island": Fault("src/components/Isle.jsx", "  return", "  missing();\n  return", 2),
    "rejected promise": Fault(
        "src/pages/promised.astro", ".resolve('kept')", ".reject(new Error('broken'))", 2, "broken"
    ),
    "one of several routes": Fault(
        "src/pages/many/[name].astro", "{name}</h1>", "{name === 'a' && missing}</h1>", 8
    ),
    "endpoint": Fault("src/pages/data.json.ts", "  return", "  missing();\n  return", 2),
    "body of an endpoint": Fault(
        "src/pages/data.json.ts",
        "'{}'",
        "new ReadableStream({ pull(to) { to.enqueue(new Uint8Array(1)); missing(); } })",
        2,
    ),
    "getStaticPaths": Fault("src/pages/many/[name].astro", "  return", "  missing();\n  return", 3),
    "middleware": Fault("src/middleware.ts", "  return", "  missing();\n  return", 2),
    "import in a stylesheet": Fault(
        "src/styles/more.css",
        "p {",
        "@import './none.css';\np {",
        1,
        "[postcss] ENOENT: no such file or directory, open './none.css'",
    ),
    "end of a stylesheet": Fault(
        "src/styles/more.css", "red;", "red; }}", 3, "Unexpected end of input"
    ),
    "import of an island": Fault(
        "src/components/Isle.jsx",
        "export",
        "import x from './none.js';\nexport",
        1,
        'Failed to resolve import "./none.js" from "src/components/Isle.jsx". Does the file exist?',
    ),
    "package of an island": Fault(
        "src/components/Isle.jsx",
        "export",
        "import x from 'nonesuch';\nexport",
        1,
        'Failed to resolve import "nonesuch" from "src/components/Isle.jsx". Does the file exist?',
    ),
    "import of an endpoint": Fault(
        "src/pages/data.json.ts",
        "export",
        "import x from './none';\nexport",
        1,
        'Failed to resolve import "./none" from "src/pages/data.json.ts". Does the file exist?',
    ),
    "import of the middleware": Fault(
        "src/middleware.ts",
        "export",
        "import x from './none';\nexport",
        1,
        'Failed to resolve import "./none" from "src/middleware.ts". Does the file exist?',
    ),
    "tags of an island": Fault(
        "src/components/Isle.jsx",
        "<b>isle</b>",
        "<b>isle</i>",
        2,
        "src/components/Isle.jsx: Expected corresponding JSX closing tag for <b>. (2:16)",
    ),
    "brace of an island": Fault(
        "src/components/Isle.jsx",
        "  return",
        "  if (true) {\n  return",
        4,
        "src/components/Isle.jsx: Unexpected token (5:0)",
    ),
    "syntax of frontmatter": Fault(
        "src/components/Inner.astro", "const label", "const = 1;\nconst label", 2, ""
    ),
    "brace of frontmatter": Fault(
        "src/components/Inner.astro",
        "const label",
        "function a() {\nconst label",
        4,
        "Expected `}` but found `EOF`",
        placed=(7,),
    ),
    "expression": Fault(
        "src/components/Inner.astro", "{label}", "{label +}", 4, "Unexpected token", placed=(7,)
    ),
    "front matter of an entry": Fault(
        "src/content/notes/first.md",
        "title:",
        "title: [",
        2,
        "src/content/notes/first.md: unexpected end of the stream within a flow collection",
        placed=(5,),
    ),
    "field of an entry": Fault(
        "src/content/notes/first.md", "title: The first note", "title: [1]", 2, ""
    ),
    "field that an entry lacks": Fault("src/content/notes/first.md", "title:", "heading:", 1, ""),
    "schema": Fault(
        "src/content.config.ts", "title: z.string()", "title: z.number()", 2, "", read=(5, 1)
    ),
    "configuration of collections": Fault(
        "src/content.config.ts",
        "export",
        "missing();\nexport",
        4,
        "src/content.config.ts: missing is not defined",
        read=(5, 1),
    ),
    "syntax of the configuration of collections": Fault(
        "src/content.config.ts",
        "export",
        "const = 1;\nexport",
        4,
        "src/content.config.ts: Unexpected token (4:6)",
        read=(5, 1),
    ),
    "configuration": Fault(
        "astro.config.mjs",
        "export default",
        "missing();\nexport default",
        3,
        "astro.config.mjs: missing is not defined",
    ),
    "syntax of the configuration": Fault(
        "astro.config.mjs", "export default", "const = 1;\nexport default", 3, "", placed=(5,)
    ),
}
AT: Final = {"schema": "src/content/notes/first.md"}
"""Where it shows, if elsewhere."""
MARKUP: Final = re.compile(r"\*\*|<code>|&[a-z]+;|^\s*>?\s*\d+ [|:]|\n\d+:", re.MULTILINE)


class Site(NamedTuple):
    live: LiveSite
    release: str

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(int(number) for number in self.release.split("."))

    def write(self, file: str, text: str | None) -> dict[str, Any]:
        """The verdict on a file's new text, or on its removal, where no page is open."""
        path = self.live.args.root / file
        event = "change" if path.exists() else "add"
        if text is None:
            path.unlink()
            event = "unlink"
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        runner = self.live.runner
        change = {"event": event, "path": str(path)}
        runner.send({"type": "changes", "changes": [change]})
        number = len(runner.messages) + 1
        check = {"type": "check", "id": number, "paths": [str(path)], "ms": 50_000, "shown": True}
        runner.send(check)
        return runner.wait_for("checked", lambda message: message["id"] == number)

    def broken(self, fault: Fault) -> dict[str, Any]:
        """The verdict on a fault, which is taken out again."""
        text = (self.live.args.root / fault.file).read_text()
        assert fault.old in text
        verdict = self.write(fault.file, text.replace(fault.old, fault.new))
        healed = self.write(fault.file, text)
        assert (healed["outcome"], healed["problems"]) == ("rendered", [])
        return verdict


@pytest.fixture(scope="module", params=wanted_releases(("5.0.9", "7.3.5")))
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("rendering")
    root = release_site(request.param, folder / "site")
    for file, text in FILES.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
    with live_site(StartArgs(root=root, scratch=folder / "scratch")) as live:
        for page in VISITED:
            assert live.request(page).status == 200
        yield Site(live, str(request.param))


@pytest.mark.parametrize("name", FAULTS)
def test_an_error_is_reported_where_it_is_and_heals(site: Site, name: str) -> None:
    """Once, with its file below the site's folder, its line in the source and lines of the source,
    in the words of who found it.
    """
    fault = FAULTS[name]
    if site.release.startswith("4.") and fault.read:  # another file, which it does read again
        fault = fault._replace(file="src/content/config.ts", placed=(5,), read=())
    verdict = site.broken(fault)
    if site.numbers < fault.read:
        assert verdict["outcome"] == "rendered"
        return
    assert verdict["outcome"] == "error", verdict
    at = AT.get(name, fault.file)
    [problem] = [each for each in verdict["problems"] if each["file"] == at]
    assert not MARKUP.search(problem["message"])
    assert len({(each["file"], each["message"]) for each in verdict["problems"]}) == 1
    if site.numbers < fault.placed:
        return
    assert problem["message"] == (fault.message or problem["message"])
    assert problem["line"] == fault.line
    if fault.line > 0:
        assert problem["column"] > 0
        text = (site.live.args.root / at).read_text()
        lines = (text.replace(fault.old, fault.new) if at == fault.file else text).splitlines()
        assert f"> {fault.line} | {lines[fault.line - 1]}" in problem["frame"].splitlines()


@pytest.mark.parametrize("before", ["astro.config.mjs", "tsconfig.json", ".env"])
@pytest.mark.parametrize("pause", [0.02, 0.05, 0.2])
def test_the_last_of_two_edits_of_the_configuration_counts(
    site: Site, pause: float, before: str
) -> None:
    """Astro ignores an edit while it restarts, for whichever file."""
    page = f"---\n---\n{HEAD}<p>{{String(Astro.site)}}</p></body></html>\n"
    assert site.write("src/pages/site.astro", page)["outcome"] == "rendered"
    text = (site.live.args.root / "astro.config.mjs").read_text()
    first, last = (
        text.replace("export default {", f"export default {{\n  site: 'https://{name}.example',", 1)
        for name in ("first", f"last{pause}{before.strip('.')}")
    )
    file = site.live.args.root / before
    event = "change" if file.exists() else "add"
    if before == "astro.config.mjs":
        file.write_text(first)
    else:
        with file.open("a") as appended:
            appended.write("\n")
    site.live.runner.send({"type": "changes", "changes": [{"event": event, "path": str(file)}]})
    time.sleep(pause)
    assert site.write("astro.config.mjs", last)["outcome"] == "rendered"
    assert f"https://last{pause}{before.strip('.')}" in site.live.request("site").text
    assert site.write("astro.config.mjs", text)["outcome"] == "rendered"


def test_a_configuration_of_another_name_is_followed(tmp_path: Path) -> None:
    """So are environment files, for which Astro reads it again."""
    root = copy_starter(tmp_path / "site")
    manifest = json.loads((root / "package.json").read_text())
    manifest["scripts"]["dev"] = "astro dev --config other.config.mjs"
    (root / "package.json").write_text(json.dumps(manifest))
    text = (root / "astro.config.mjs").read_text()
    (root / "astro.config.mjs").rename(root / "other.config.mjs")
    shown = "{String(Astro.site)} {import.meta.env.PUBLIC_WORD}"
    link = '<a href="/own/there">there</a>'
    (root / "src/pages/site.astro").write_text(f"{HEAD}<p>{shown}</p>{link}</body></html>\n")
    with live_site(StartArgs(root=root, scratch=tmp_path / "scratch")) as live:
        site = Site(live, "7.3.5")
        live.request("site")
        named = text.replace(
            "defineConfig({",
            "defineConfig({\n  base: '/own',\n  site: 'https://other.example',",
            1,
        )
        assert named != text
        assert site.write("other.config.mjs", named)["outcome"] == "rendered"
        page = live.request("site").text
        assert "https://other.example" in page
        assert f'href="{live.args.base.rstrip("/")}/there"' in page, "moved from the base"
        assert site.write("other.config.mjs", "missing();\n" + named)["outcome"] == "error"
        assert site.write("other.config.mjs", named)["outcome"] == "rendered"
        assert site.write(".env", "PUBLIC_WORD=heard\n")["outcome"] == "rendered"
        deadline = time.monotonic() + 10
        while "heard" not in live.request("site").text:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_address_and_base_of_the_dev_script_hold(tmp_path: Path) -> None:
    root = copy_starter(tmp_path / "site")
    manifest = json.loads((root / "package.json").read_text())
    manifest["scripts"]["dev"] = "astro dev --site https://script.example --base /own"
    (root / "package.json").write_text(json.dumps(manifest))
    link = '<a href="/own/there">{String(Astro.site)}</a>'
    (root / "src/pages/site.astro").write_text(f"{HEAD}{link}</body></html>\n")
    with live_site(StartArgs(root=root, scratch=tmp_path / "scratch")) as live:
        page = live.request("site").text
        assert "https://script.example" in page
        assert f'href="{live.args.base.rstrip("/")}/there"' in page


@pytest.mark.parametrize("name", ["astro.config.ts", "config/other.mjs"])
def test_an_error_in_a_configuration_of_another_name_is_in_that_file(
    tmp_path: Path, name: str
) -> None:
    """Also where a file of the usual name is there and not used."""
    root = copy_starter(tmp_path / "site")
    text = (root / "astro.config.mjs").read_text()
    if name == "astro.config.ts":
        (root / "astro.config.mjs").unlink()
    else:
        manifest = json.loads((root / "package.json").read_text())
        manifest["scripts"]["dev"] = f"astro dev --config {name}"
        (root / "package.json").write_text(json.dumps(manifest))
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text(text)
    with live_site(StartArgs(root=root, scratch=tmp_path / "scratch")) as live:
        site = Site(live, "7.3.5")
        live.request("")
        for fault, line in (
            (text.replace("defineConfig({", "defineConfig({\n  site: missing,", 1), None),
            (f"missing();\n{text}", 1),
        ):
            [problem] = site.write(name, fault)["problems"]
            assert problem["file"] == name
            assert problem["message"] == f"{name}: missing is not defined"
            assert line in (None, problem["line"])
            assert site.write(name, text)["outcome"] == "rendered"


@pytest.mark.parametrize("part", ["<style>p { color: red; }</style>", "<script>let a;</script>"])
def test_a_part_of_a_component_that_is_gone_is_no_error(site: Site, part: str) -> None:
    """Its module stays in Vite's graph."""
    component = site.live.args.root / "src/components/Later.astro"
    text = component.read_text()
    for content in (f"{text}{part}\n", text):
        verdict = site.write("src/components/Later.astro", content)
        assert (verdict["outcome"], verdict["problems"]) == ("rendered", [])
        assert site.live.request("later").status == 200


def test_the_same_error_is_at_the_same_place_again(site: Site) -> None:
    """Stacks of what runs for the second time are mapped by somebody else (lib/stacks.mjs)."""
    layout = "src/layouts/Base.astro"
    fault = Fault(layout, "<slot />", "<p>{missing}<slot /></p>", 15)
    places = [
        [(each["file"], each["line"]) for each in site.broken(fault)["problems"]] for _ in range(3)
    ]
    assert places == [[(layout, 15)]] * 3


def test_an_error_that_the_site_has_a_page_for(site: Site) -> None:
    """Astro only logs it then; the page for errors is not one itself."""
    page = site.write("src/pages/500.astro", f"{HEAD}our own words</body></html>\n")
    assert (page["outcome"], page["problems"]) == ("rendered", [])
    verdict = site.broken(FAULTS["page"])
    [problem] = verdict["problems"]
    assert (problem["file"], problem["line"]) == ("src/pages/plain.astro", 2)
    assert problem["message"] == "missing is not defined"
    assert site.write("src/pages/500.astro", None)["outcome"] == "rendered"


def test_an_endpoint_without_an_end_is_no_error(site: Site) -> None:
    endless = "new Response(new ReadableStream({ start(to) { to.enqueue(new Uint8Array(1)); } }))"
    verdict = site.broken(Fault("src/pages/data.json.ts", "new Response('{}')", endless, 0))
    assert (verdict["outcome"], verdict["problems"]) == ("rendered", [])


def test_a_page_without_an_end_is_an_error(site: Site) -> None:
    """It waits for what never comes: the verdict says so, once a page would have been there."""
    page = f"---\nawait new Promise(() => {{}});\n---\n{HEAD}<p>never</p></body></html>\n"
    verdict = site.write("src/pages/endless.astro", page)
    assert verdict["outcome"] == "error", verdict
    [problem] = verdict["problems"]
    assert problem["message"].startswith("the page has not been answered for 20 s")
    assert problem["file"] == "src/pages/endless.astro"
    began = time.monotonic()
    other = site.write("src/pages/other.astro", f"{HEAD}{{missing}}</body></html>\n")
    assert {each["file"] for each in other["problems"]} == {
        "src/pages/other.astro",
        "src/pages/endless.astro",
    }
    assert site.write("src/pages/other.astro", f"{HEAD}</body></html>\n")["outcome"] == "error"
    healed = site.write("src/pages/endless.astro", page.replace("await new Promise(() => {});", ""))
    assert (healed["outcome"], healed["problems"]) == ("rendered", [])
    assert time.monotonic() - began < 15, "nothing waits for that page"


def test_a_missing_image_of_an_entry_leaves_the_server_well(site: Site) -> None:
    """Astro asks for it in turns, and once the session never came to an end of asking again. Astro
    keeps the image's import until it starts again, so this comes last.
    """
    page = (
        "---\nimport * as content from 'astro:content';\n"
        "const [entry] = await content.getCollection('notes');\n"
        "const { Content } = await (content.render ?? ((each) => each.render()))(entry);\n---\n"
        f"{HEAD}<Content />\n</body></html>\n"
    )
    assert site.write("src/pages/note.astro", page)["outcome"] == "rendered"
    entry = "src/content/notes/first.md"
    text = (site.live.args.root / entry).read_text()
    verdict = site.write(entry, f"{text}\n![none](./none.png)\n")
    if verdict["outcome"] == "error":
        # Astro 4 does not always name the entry.
        named = {entry, *(["src/pages/note.astro"] if site.release.startswith("4.") else [])}
        assert {each["file"] for each in verdict["problems"]} <= named
    for _ in range(5):
        assert site.write("src/pages/note.astro", page)["type"] == "checked"
        assert site.live.request("data.json").status == 200
