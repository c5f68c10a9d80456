"""What a restart of the dev server keeps from an edit: another edit while it goes on, an
integration that fails in it, another name of the collections' configuration (S2, S28, S32).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.browser.releases import release_site, wanted_releases

from .driver import StartArgs, live_site
from .test_rendering_errors import HEAD, Site

MOVED = "export default {\n  srcDir: './lib',"
CONFIG, COLLECTIONS = "astro.config.mjs", "src/content.config.ts"
PAGE = f"---\n---\n{HEAD}<p>{{String(Astro.site)}}</p></body></html>\n"
ALL = (
    "---\nimport { getCollection } from 'astro:content';\n"
    "const all = await getCollection('notes');\n---\n"
    f"{HEAD}<p>{{JSON.stringify(all.map((entry) => entry.data))}}</p></body></html>\n"
)


@pytest.fixture(params=wanted_releases(("7.3.5",)))
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    root = release_site(request.param, tmp_path / "site")
    (root / "src/pages/site.astro").write_text(PAGE)
    (root / "src/pages/all.astro").write_text(ALL)
    with live_site(StartArgs(root=root, scratch=tmp_path / "scratch")) as live:
        yield Site(live, str(request.param))


def read(site: Site, file: str) -> str:
    return (site.live.args.root / file).read_text()


def named(text: str, name: str) -> str:
    """The configuration with another address of the site."""
    changed = text.replace("export default {", f"export default {{\n  site: 'https://{name}',", 1)
    assert changed != text
    return changed


def failing(text: str) -> str:
    changed = text.replace(
        "integrations: [",
        "integrations: [{ name: 'fails', hooks: { 'astro:server:setup': () => {"
        " throw new Error('no setup today'); } } },",
        1,
    )
    assert changed != text
    return changed


def with_plugin(text: str, plugin: str) -> str:
    changed = text.replace("vite: {", f"vite: {{ plugins: [{plugin}],", 1)
    assert changed != text
    return changed


def replacing(site: Site, text: str) -> str:
    """Why a configuration has another process go on."""
    path = site.live.args.root / CONFIG
    path.write_text(text)
    site.live.runner.send({"type": "changes", "changes": [{"event": "change", "path": str(path)}]})
    return str(site.live.runner.wait_for("replace")["reason"])


def test_an_integration_that_fails_in_the_setup_of_the_server(site: Site) -> None:
    """Vite logs it and goes on with the server of before, which follows edits. Before 7 Astro has
    closed that one.
    """
    text = read(site, CONFIG)
    if site.numbers < (7,):
        assert replacing(site, failing(text)) == "astro.config.mjs: no setup today"
        return
    for attempt in ("one", "two"):
        verdict = site.write(CONFIG, named(failing(text), attempt))
        assert verdict["outcome"] == "error", verdict
        [problem] = verdict["problems"]
        assert problem["message"] == "astro.config.mjs: no setup today"
        assert problem["file"] == CONFIG
        page = PAGE.replace("<p>", f"<p>after {attempt} ")
        still = site.write("src/pages/site.astro", page)
        assert [each["message"] for each in still["problems"]] == [problem["message"]]
        assert f"after {attempt} undefined" in site.live.request("site").text
    healed = site.write(CONFIG, named(text, "healed"))
    assert (healed["outcome"], healed["problems"]) == ("rendered", [])
    assert "https://healed" in site.live.request("site").text
    last = site.write("src/pages/site.astro", PAGE.replace("<p>", "<p>at last "))
    assert last["outcome"] == "rendered"
    assert "at last" in site.live.request("site").text


SLOW = """---
import { existsSync } from 'node:fs';
while (!existsSync('GATE')) await new Promise((done) => setTimeout(done, 20));
---
<p>late</p>
"""


def test_a_page_of_which_a_part_was_sent_comes_whole(site: Site) -> None:
    """A browser that has a part of a document and no end runs none of its modules, so no client
    would bring the page back. Nor can it be asked for again.
    """
    root, text = site.live.args.root, read(site, CONFIG)
    gate = root.parent / "gate"
    (root / "src/components/Slow.astro").write_text(SLOW.replace("GATE", str(gate)))
    gate.touch()
    imported = "---\nimport Slow from '../components/Slow.astro';\n---\n"
    site.write("src/pages/slow.astro", f"{imported}{HEAD}<p>early</p><Slow /></body></html>\n")
    change = {"event": "change", "path": str(root / CONFIG)}
    for kind, whole in (("document", True), ("empty", False)):
        gate.unlink()
        with site.live.asking("slow", headers={"sec-fetch-dest": kind}) as page:
            begin = page.read1()
            assert b"early" in begin
            (root / CONFIG).write_text(named(text, kind))
            site.live.runner.send({"type": "changes", "changes": [change]})
            deadline = time.monotonic() + 20
            while not is_served(site, f"https://{kind}"):
                assert time.monotonic() < deadline
            gate.touch()
            if whole:
                assert (begin + page.read()).rstrip().endswith(b"<p>late</p></body></html>")
            else:  # its reader can ask again
                with pytest.raises(HTTPException):
                    page.read()


def is_served(site: Site, text: str) -> bool:
    with contextlib.suppress(OSError, HTTPException):  # of the server that is replaced
        return text in site.live.request("site").text
    return False


@pytest.mark.parametrize("pause", [0.0, 0.1, 0.3])
def test_collections_are_configured_while_the_server_restarts(site: Site, pause: float) -> None:
    """Astro loads their configuration ahead of the restart's end, notes the digest of the file when
    that is done, and follows the file afterwards only.
    """
    if site.numbers < (5, 1):
        pytest.skip("this release does not read their configuration again (docs/compatibility.md)")
    text, config = read(site, COLLECTIONS), read(site, CONFIG)
    for attempt in ("one", "two"):
        path = site.live.args.root / CONFIG
        path.write_text(named(config, attempt))
        change = {"event": "change", "path": str(path)}
        site.live.runner.send({"type": "changes", "changes": [change]})
        time.sleep(pause)
        title = f"title: z.string().transform((title) => `${{title}}, {attempt}`)"
        verdict = site.write(COLLECTIONS, text.replace("title: z.string()", title))
        assert (verdict["outcome"], verdict["problems"]) == ("rendered", [])
        assert f", {attempt}" in site.live.request("all").text


@pytest.mark.parametrize("plugin", ["options", "configureServer"])
def test_a_plugin_that_fails_before_the_server_is_known(site: Site, plugin: str) -> None:
    """The folder of the sources is that of the configuration in use."""
    text = read(site, CONFIG)
    thrower = (
        "{ name: 'fails', enforce: 'pre', options() { throw new Error('no plugin today'); } }"
        if plugin == "options"
        else "{ name: 'fails', enforce: 'pre', configureServer: { order: 'pre', handler() {"
        " throw new Error('no plugin today'); } } }"
    )
    changed = with_plugin(text, thrower).replace("export default {", MOVED, 1)
    if site.numbers < (7,):  # as where the setup fails
        assert "no plugin today" in replacing(site, changed)
        return
    verdict = site.write(CONFIG, changed)
    assert verdict["outcome"] == "error", verdict
    assert "no plugin today" in verdict["problems"][0]["message"]
    broken = site.write("src/pages/site.astro", PAGE.replace("String(", "missing("))
    assert "missing is not defined" in [each["message"] for each in broken["problems"]]
    assert site.write("src/pages/site.astro", PAGE)["outcome"] == "error"
    assert site.write(CONFIG, text)["outcome"] == "rendered"


@pytest.mark.parametrize("gap", [0.6, 1.2])
@pytest.mark.parametrize("hook", ["config", "configureServer"])
def test_what_nobody_tells_during_a_restart_is_followed(site: Site, gap: float, hook: str) -> None:
    """First there is the server of before only, and Astro has looked for the pages of the next one.
    Then both watch the files, and the first to hear of one may be the earlier.
    """
    slow = f"{{ name: 'slow', {hook}: () => new Promise((done) => setTimeout(done, 1500)) }}"
    path = site.live.args.root / CONFIG
    path.write_text(with_plugin(read(site, CONFIG), slow))
    site.live.runner.send({"type": "changes", "changes": [{"event": "change", "path": str(path)}]})
    time.sleep(gap)
    entry = site.live.args.root / "src/content/notes/first.md"
    entry.write_text(entry.read_text().replace("The first note", "The very first note"))
    (site.live.args.root / "src/pages/new.astro").write_text(PAGE.replace("<p>", "<p>new "))
    deadline = time.monotonic() + 20
    seen = {"new": False, "all": False}
    while not all(seen.values()):
        assert time.monotonic() < deadline, seen
        time.sleep(0.2)
        with contextlib.suppress(OSError, HTTPException):  # of the server that is replaced
            seen["new"] = site.live.request("new").status == 200
            seen["all"] = "very first" in site.live.request("all").text


def slow(text: str, when: str, seconds: float) -> str:
    """The configuration with a wait: while it is read, or while the next server is set up."""
    wait = f"new Promise((done) => {{ setTimeout(done, {seconds * 1000:.0f}); }})"
    if when == "setup":
        return with_plugin(text, f"{{ name: 'slow', configureServer: () => {wait} }}")
    return text.replace("export default {", f"await {wait};\nexport default {{", 1)


@pytest.mark.parametrize("when", ["reading", "setup"])
def test_pages_show_edits_while_a_slow_configuration_loads(site: Site, when: str) -> None:
    """By the server of before: while the configuration is read, and from Astro 7 on while the next
    server is set up. The verdict is that of the next one.
    """
    path = site.live.args.root / CONFIG
    path.write_text(slow(named(read(site, CONFIG), "slow"), when, 4))
    site.live.runner.send({"type": "changes", "changes": [{"event": "change", "path": str(path)}]})
    began = time.monotonic()
    time.sleep(1)
    if when == "reading" or site.numbers >= (7,):
        page = site.live.args.root / "src/pages/site.astro"
        page.write_text(PAGE.replace("<p>", "<p>meanwhile "))
        change = {"event": "change", "path": str(page)}
        site.live.runner.send({"type": "changes", "changes": [change]})
        while "meanwhile undefined" not in site.live.request("site").text:
            assert time.monotonic() - began < 3.5
            time.sleep(0.1)
    verdict = site.write("src/pages/site.astro", PAGE.replace("<p>", "<p>at last "))
    assert (verdict["outcome"], verdict["problems"]) == ("rendered", [])
    assert "at last https://slow" in site.live.request("site").text


def test_collections_are_those_of_the_last_edit_in_a_slow_setup(site: Site) -> None:
    """The next server may load their configuration as it is set up, and hears of edits later: its
    entries would have the schema of before, under the digest of the newest.
    """
    if site.numbers < (5, 1):
        pytest.skip("this release does not read their configuration again (docs/compatibility.md)")
    root, runner = site.live.args.root, site.live.runner
    text, entry = read(site, COLLECTIONS), root / "src/content/notes/first.md"

    def put(file: str, content: str) -> None:
        (root / file).write_text(content)
        change = {"event": "change", "path": str(root / file)}
        runner.send({"type": "changes", "changes": [change]})

    for attempt in ("one", "two"):
        put(CONFIG, slow(named(read(site, CONFIG), attempt), "setup", 2.5))
        for number, pause in enumerate((0.3, 0.03, 0.3)):
            time.sleep(pause)
            title = f"title: z.string().transform((title) => `${{title}}, {attempt} {number}`)"
            put(COLLECTIONS, text.replace("title: z.string()", title))
        time.sleep(0.3)
        changed = entry.read_text().replace("The first note", "The very first note")
        put(str(entry.relative_to(root)), changed.replace("very first", f"very first {attempt}"))
        verdict = site.write("src/pages/site.astro", PAGE.replace("<p>", f"<p>{attempt} "))
        assert (verdict["outcome"], verdict["problems"]) == ("rendered", [])
        shown = site.live.request("all").text
        assert f", {attempt} 2" in shown
        assert f"very first {attempt}" in shown
        assert f", {attempt} 1" not in shown


@pytest.mark.parametrize("when", ["reading", "setup"])
def test_a_configuration_without_an_end(site: Site, when: str) -> None:
    """It is told, edits are shown, and the next edit of it has another process go on: nothing else
    ends the one that is being loaded.
    """
    text = read(site, CONFIG)
    if when == "setup" and site.numbers < (7,):
        assert "did not come back from a restart" in replacing(site, slow(text, when, 3600))
        return
    verdict = site.write(CONFIG, slow(text, when, 3600))
    assert verdict["outcome"] == "error", verdict
    [problem] = verdict["problems"]
    assert problem["message"].startswith(f"{CONFIG}: has been loading for 15 s")
    assert problem["file"] == CONFIG
    page = site.write("src/pages/site.astro", PAGE.replace("<p>", "<p>all the same "))
    assert [each["message"] for each in page["problems"]] == [problem["message"]]
    assert "all the same undefined" in site.live.request("site").text
    assert "had not finished loading" in replacing(site, text)


@pytest.mark.parametrize("becomes", ["src/content.config.mjs", ""])
def test_a_configuration_of_collections_of_another_name_needs_another_process(
    site: Site, becomes: str
) -> None:
    """Astro looks for it at its start, and keeps collections that have none any more."""
    old = site.live.args.root / COLLECTIONS
    text = old.read_text()
    old.unlink()
    changes = [{"event": "unlink", "path": str(old)}]
    if becomes:
        (site.live.args.root / becomes).write_text(text)
        changes.append({"event": "add", "path": str(site.live.args.root / becomes)})
    site.live.runner.send({"type": "changes", "changes": changes})
    reason = site.live.runner.wait_for("replace")["reason"]
    assert reason == (
        f"the configuration of content collections is {Path(becomes).name if becomes else 'gone'}"
    )


def test_a_configuration_of_collections_that_is_made_again_does_not(site: Site) -> None:
    text = read(site, COLLECTIONS)
    path = site.live.args.root / COLLECTIONS
    path.unlink()
    change = {"event": "unlink", "path": str(path)}
    site.live.runner.send({"type": "changes", "changes": [change]})
    time.sleep(0.1)
    assert site.write(COLLECTIONS, text)["outcome"] == "rendered"
    assert not [each for each in site.live.runner.messages if each["type"] == "replace"]
