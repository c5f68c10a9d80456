"""What was broken or missing for a moment is whole again without anybody's help, where bare Astro
needs a restart (S1, S2).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.browser.series.model import Note, Site
from tests.browser.series.operations import Files, Operation, apply
from tests.browser.series.run import write_site

from .driver import LiveSite, StartArgs, live_site

WAIT_S = 30.0
NEVER_MS = 600_000


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    folder = tmp_path_factory.mktemp("recovery")
    write_site(folder / "project", Site())
    with live_site(StartArgs(root=folder / "project", scratch=folder / "scratch")) as site:
        assert site.request().status == 200
        yield site


def until(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not check():
        assert time.monotonic() < deadline, f"not within {WAIT_S} s"
        time.sleep(0.05)


def titles(live: LiveSite, site: Site) -> bool:
    """Whether the page lists the entries' titles."""
    wanted = ",".join(note.title for _, note in sorted(site.notes.items()))
    return f'data-from="titles">{wanted}<' in live.request().text


SLOW_ROUTES = """import { existsSync } from "node:fs";
const page = new URL("src/pages/about.astro", import.meta.url);
const setup = () =>
  existsSync(page) ? undefined : new Promise((resolve) => setTimeout(resolve, 700));
export default { integrations: [{ name: "slow", hooks: { "astro:route:setup": setup } }] };
"""
"""Lists of routes without a page take longer than those with it, as they may on a busy machine."""


def test_a_page_that_is_deleted_and_written_again_at_once_is_there(tmp_path: Path) -> None:
    """The list of routes without it, which Astro began first, ends last."""
    project = tmp_path / "project"
    page = project / "src/pages/about.astro"
    page.parent.mkdir(parents=True)
    (page.parent / "index.astro").write_text("<p>The front page</p>")
    page.write_text("<p>About, first</p>")
    (project / "astro.config.mjs").write_text(SLOW_ROUTES)
    with live_site(StartArgs(root=project, scratch=tmp_path / "scratch")) as site:
        assert "About, first" in site.request("about").text
        page.unlink()
        until(lambda: site.request("about").status == 404)
        page.write_text("<p>About, second</p>")
        until(lambda: "About, second" in site.request("about").text)
        page.unlink()
        time.sleep(0.4)
        page.write_text("<p>About, third</p>")
        until(lambda: "About, third" in site.request("about").text)
        time.sleep(3)
        assert "About, third" in site.request("about").text


@pytest.mark.parametrize("seconds", [0.06, 1.0])
def test_a_page_that_is_away_while_routes_are_listed_is_there(
    tmp_path: Path, seconds: float
) -> None:
    """Another page comes while a writer that deletes a page first has not written it again, and the
    watcher tells that as a change (chokidar's `atomic`).
    """
    project = tmp_path / "project"
    page = project / "src/pages/about.astro"
    page.parent.mkdir(parents=True)
    page.write_text("<p>About, first</p>")
    args = StartArgs(
        root=project, scratch=tmp_path / "scratch", watch_mode="polling", interval_ms=NEVER_MS
    )
    with live_site(args) as site:

        def tell(event: str, file: Path) -> None:
            site.runner.send({"type": "change", "event": event, "path": str(file)})

        assert "About, first" in site.request("about").text
        page.unlink()
        (page.parent / "news.astro").write_text("<p>News</p>")
        tell("add", page.parent / "news.astro")
        time.sleep(seconds)
        page.write_text("<p>About, second</p>")
        tell("change", page)
        until(lambda: "About, second" in site.request("about").text)
        until(lambda: "News" in site.request("news").text)
        time.sleep(1)
        assert "About, second" in site.request("about").text


@pytest.mark.parametrize(
    "name",
    [
        "src/styles/global.css",
        "src/components/Card.astro",
        "src/lib/words.ts",
        "src/data/facts.json",
    ],
)
def test_a_file_that_was_missing_is_found_when_it_comes(live: LiveSite, name: str) -> None:
    """Its importer is not edited again."""
    file = live.args.root / name
    text = file.read_text()
    file.unlink()
    for importer in ("src/layouts/Base.astro", "src/pages/index.astro"):
        source = live.args.root / importer
        source.write_text(source.read_text() + "\n")
    until(lambda: live.request().status == 500)
    time.sleep(0.3)
    file.write_text(text)
    until(lambda: live.request().status == 200)


@pytest.mark.parametrize("seed", range(6))
def test_a_schema_and_its_entries_are_edited_together(live: LiveSite, seed: int) -> None:
    """In any order, with edits of entries while Astro reads them."""
    site = Site()
    for kind in ("schema", "note", "schema", "note"):
        site = apply(Operation(kind=kind, seed=seed, pause_ms=seed * 20), site, live.args.root)
    until(lambda: titles(live, site))
    Files(live.args.root, Random(seed)).change(site, Site(), shuffled=False, way="plain")
    until(lambda: titles(live, Site()))


def test_a_session_starts_in_spite_of_an_entry_that_breaks_its_schema(tmp_path: Path) -> None:
    """Pages get the error with file and field, and it goes when the entry is put right."""
    wrong = Site().with_notes(b=Note(title="b", body="b", broken=True))
    write_site(tmp_path / "project", wrong)
    with live_site(StartArgs(root=tmp_path / "project", scratch=tmp_path / "scratch")) as live:
        client = live.request("@vite/client", headers={"accept": "*/*"}).text
        token = client.split('const wsToken = "')[1].split('"')[0]
        with live.connect(f"{live.args.base}_hmr?token={token}") as socket:
            seen = [json.loads(socket.recv(timeout=10)) for _ in range(2)]
            error = next(message["err"] for message in seen if message["type"] == "error")
            assert error["message"].startswith("src/content/notes/b.md: ")
            assert "title" in error["message"]
            Files(live.args.root, Random(0)).change(wrong, Site(), way="safe")
            while json.loads(socket.recv(timeout=10))["type"] != "full-reload":
                pass
        until(lambda: titles(live, Site()))


def test_the_styles_of_a_component_are_those_of_its_file(live: LiveSite) -> None:
    """Markup and style edited at once, and a page requests the styles before it is
    rendered again.
    """
    site = Site()
    for seed in range(8):
        changed = site.with_(card=f"card-{seed}", card_style=f"style-{seed}")
        Files(live.args.root, Random(seed)).change(
            site, changed, way=("plain", "recreated")[seed % 2]
        )
        site = changed
        url = f"src/components/{site.card_name}.astro?astro&type=style&index=0&lang.css"
        until(
            lambda url=url, word=site.card_style: (  # type: ignore[misc]
                f"--card: {word};" in live.request(url, headers={"accept": "*/*"}).text
            )
        )
        assert live.request().status == 200
    Files(live.args.root, Random(0)).change(site, Site(), shuffled=False, way="plain")


@pytest.mark.parametrize("pause_s", [0, 0.02, 0.2])
def test_the_styles_of_a_component_that_was_away_are_those_of_its_file(
    live: LiveSite, pause_s: float
) -> None:
    """A page requests them while the file is missing, as in a rename. Bare Astro 5 to 7 then keeps
    the earlier style until a restart.
    """
    site = Site(card_import="Away", card_name="Away", card_style="first")
    Files(live.args.root, Random(0)).change(Site(), site, shuffled=False, way="plain")
    until(lambda: "--card: first;" in live.request().text)
    file = live.args.root / "src/components/Away.astro"
    url = "src/components/Away.astro?astro&type=style&index=0&lang.css"

    def shows(word: str) -> bool:
        return f"--card: {word};" in live.request(url, headers={"accept": "*/*"}).text

    text = file.read_text()
    file.unlink()
    time.sleep(pause_s)
    live.request(url, headers={"accept": "*/*"})
    for word in ("second", "third"):
        file.write_text(text.replace("first", word))
        until(lambda word=word: shows(word) and f"--card: {word};" in live.request().text)  # type: ignore[misc]
    Files(live.args.root, Random(0)).change(site, Site(), shuffled=False, way="plain")
    until(lambda: "--card: style-0;" in live.request().text)


def test_a_page_whose_file_was_empty_for_a_moment_has_what_follows_edits(live: LiveSite) -> None:
    """Writers empty a file before they fill it; who loads its page then must not be
    left with it.
    """
    file = live.args.root / "src/pages/index.astro"
    text = file.read_text()
    file.write_text("")

    def page() -> str:
        return live.request(headers={"accept": "text/html", "sec-fetch-dest": "document"}).text

    until(lambda: "data-from" not in page())
    assert 'src="/session/demo/@vite/client"' in page()
    file.write_text(text)
    until(lambda: "data-from" in page())


SLOW_PLUGIN = """import preact from "@astrojs/preact";

const slow = { name: "slow", watchChange: () => new Promise((done) => setTimeout(done, 1500)) };

export default {
  devToolbar: { enabled: false },
  integrations: [preact()],
  vite: { plugins: [slow] },
};
"""


def test_a_schema_is_loaded_as_it_is_before_plugins_have_heard_of_its_edit(tmp_path: Path) -> None:
    """Vite forgets the earlier schema once its plugins are done, and Astro loads it 50 ms after the
    edit: it would keep the earlier one for good.
    """
    project = tmp_path / "project"
    site = Site()
    write_site(project, site)
    (project / "astro.config.mjs").write_text(SLOW_PLUGIN)
    with live_site(StartArgs(root=project, scratch=tmp_path / "scratch")) as live:
        until(lambda: titles(live, site))
        notes = {id: replace(note, field_name="heading") for id, note in site.notes.items()}
        after = site.with_(schema_field="heading", notes=notes).with_notes(
            a=Note(title="another", body="body", field_name="heading")
        )
        Files(project, Random(0)).change(site, after, shuffled=False, way="plain")
        until(lambda: titles(live, after))
