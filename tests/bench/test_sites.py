"""What `make sites` does around a site: its copies, its edits, its table."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bench.sites import table, visit
from bench.sites.bare import bare_copy
from bench.sites.edits import Edit, sentence_of, sources_of
from bench.sites.source import Source
from bench.sites.trial import Side, Trial, fault
from bench.sites.visit import Tab, hear_answer, hear_load, shown, without_colours


@pytest.mark.parametrize(
    ("text", "name", "root"),
    [
        ("https://example.com/someone/blog.git", "blog", ""),
        ("/sites/mono/repo#apps/web", "mono (apps/web)", "apps/web"),
        ("/sites/owner+name/repo", "name", ""),
    ],
)
def test_a_source_has_a_name_and_a_session_id(text: str, name: str, root: str) -> None:
    source = Source.parse(text)
    assert (source.name, source.root) == (name, root)
    assert source.session_id == source.session_id.strip("-").lower()


def test_a_copy_leaves_packages_and_output_out(tmp_path: Path) -> None:
    for name in ("src/a.astro", "node_modules/x/index.js", "dist/a.html"):
        (tmp_path / "site" / name).parent.mkdir(parents=True)
        (tmp_path / "site" / name).write_text("")
    Source.parse(str(tmp_path / "site")).copy_to(tmp_path / "copy")
    assert [
        str(path.relative_to(tmp_path / "copy")) for path in (tmp_path / "copy").rglob("*.*")
    ] == ["src/a.astro"]


@pytest.mark.parametrize(
    ("kind", "name", "before", "after"),
    [
        ("markup", "a.astro", "<h1>x</h1>\n", '<h1>x</h1>\n<span data-astro-live="m1"></span>\n'),
        ("style", "a.css", "a {}\n", "a {}\n:root { --astro-live: m1; }\n"),
        (
            "style",
            "a.astro",
            "<style>a {}</style>",
            "<style>\n:global(:root) { --astro-live: m1; }\na {}</style>",
        ),
        (
            "content",
            "a.md",
            "# T\n\nA line of prose that is long enough.\n",
            "# T\n\nA line of prose that is long enough m1.\n",
        ),
        ("component", "a.tsx", "x\n", "x\n/* m1 */\n"),
        (
            "component",
            "a.vue",
            "<template>x</template>\n",
            '<template>x<span hidden data-astro-live="m1"></span></template>\n',
        ),
        ("component", "a.svelte", "x\n", 'x\n<span hidden data-astro-live="m1"></span>\n'),
    ],
)
def test_an_edit_puts_its_mark_into_the_file(
    tmp_path: Path, kind: str, name: str, before: str, after: str
) -> None:
    file = tmp_path / name
    file.write_text(before)
    Edit(kind=kind, file=file, url="").write("m1", before)  # type: ignore[arg-type]
    assert file.read_text() == after


def test_a_sentence_is_plain_prose_outside_front_matter_and_code() -> None:
    text = (
        "---\ntitle: A title that is long enough to be taken\n---\n```\nCode that is long enough to"
        " be taken too\n```\n- a list\n"
    )
    assert sentence_of(text) is None
    assert (
        sentence_of(text + "Here is a line of plain prose, at last.\n")
        == "Here is a line of plain prose, at last"
    )


def test_the_html_names_the_files_of_a_page(tmp_path: Path) -> None:
    for name in ("src/pages/a b.astro", "src/layouts/base.astro", "node_modules/x/y.astro"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("")
    html = "".join(
        f'<p data-astro-source-file="{file}" data-astro-source-loc="1:1">'
        for file in (
            f"{tmp_path}/src/layouts/base.astro",
            f"{tmp_path}/node_modules/x/y.astro",
            f"{tmp_path}/src/pages/a b.astro",
            f"{tmp_path}/src/pages/gone.astro",
            f"{tmp_path}/src/layouts/base.astro",
        )
    )
    names = [str(file.relative_to(tmp_path)) for file in sources_of(html, tmp_path)]
    assert names == ["src/layouts/base.astro", "src/pages/a b.astro"]


def test_bare_astro_gets_a_copy_with_the_installed_packages_in_it(tmp_path: Path) -> None:
    installed = tmp_path / "scratch" / "dependencies" / "abc" / "web" / "node_modules"
    for name in ("x/index.js", ".vite/deps/x.js"):
        (installed / name).parent.mkdir(parents=True)
        (installed / name).write_text("")
    (tmp_path / "repo" / "web").mkdir(parents=True)
    (tmp_path / "repo" / "web" / "node_modules").symlink_to(installed)
    bare_copy(tmp_path / "repo", tmp_path / "copy")
    modules = tmp_path / "copy" / "web" / "node_modules"
    assert [str(path.relative_to(modules)) for path in modules.rglob("*.js")] == ["x/index.js"]
    assert not modules.is_symlink()
    assert (installed / "x" / "index.js").samefile(modules / "x" / "index.js")
    assert (tmp_path / "repo" / "web" / "node_modules").is_symlink()


def test_a_dependency_that_was_outdated_is_no_complaint_once_it_has_come() -> None:
    tab = Tab(page=None, base="https://edit.localhost:8443/session/a/")  # type: ignore[arg-type]
    hear_answer(tab, 504, f"{tab.base}deps/x.js?v=1")
    hear_answer(tab, 504, f"{tab.base}deps/y.js?v=1")
    hear_answer(tab, 404, f"{tab.base}deps/z.js")
    hear_answer(tab, 200, f"{tab.base}deps/x.js?v=2")
    hear_answer(tab, 200, f"{tab.base}deps/z.js")
    assert tab.complaints == ["504 /deps/y.js?v=1", "404 /deps/z.js"]


def test_what_a_page_complained_about_goes_with_it_if_vite_has_replaced_it() -> None:
    tab = Tab(page=None, base="https://edit.localhost:8443/session/a/")  # type: ignore[arg-type]
    hear_answer(tab, 404, f"{tab.base}a.png")
    hear_load(tab)
    hear_answer(tab, 500, f"{tab.base}b.png")
    hear_answer(tab, 504, f"{tab.base}deps/x.js?v=1")
    tab.complaints.append("Failed to fetch dynamically imported module: /island.js")
    hear_load(tab)
    assert tab.complaints == ["404 /a.png"]
    hear_answer(tab, 504, f"{tab.base}deps/y.js?v=1")
    hear_answer(tab, 200, f"{tab.base}deps/y.js?v=2")
    hear_answer(tab, 404, f"{tab.base}c.png")
    hear_load(tab)
    assert tab.complaints == ["404 /a.png", "404 /c.png"]
    for text in ("Failed to fetch an hour ago", "Failed to fetch when it was left"):
        tab.complaints.append(text)
        tab.last_complaint = 0.0 if "hour" in text else time.monotonic()
        hear_load(tab)
    assert tab.complaints[2:] == ["Failed to fetch an hour ago"]


def test_a_message_of_the_console_is_kept_without_its_colours() -> None:
    text = "%cAstro background: linear-gradient(1deg, #D83333 0%); padding: 4px; Error: no"
    assert without_colours(text) == "Astro Error: no"
    assert without_colours("100%c of it: fine; a") == "100%c of it: fine; a"


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        ('{"type":"update","updates":[{"path":"/src/main.tsx"}]}', True),
        ('{"type":"full-reload","path":"*"}', True),
        ('{"type":"custom","event":"astro-live:reload","data":{}}', True),
        ('{"type":"custom","event":"astro-live:update","data":{"edit":3}}', True),
        ('{"type":"update","updates":[{"path":"/src/other.tsx"}]}', False),
    ],
)
def test_a_component_is_edited_once_the_page_has_the_message(frame: str, told: bool) -> None:
    """A session's own messages, too, which a page gets where bare Astro reloads it."""
    tab = Tab(page=Patient(), base="http://localhost/", frames=[frame])  # type: ignore[arg-type]
    edit = Edit(kind="component", file=Path("src/main.tsx"), url="")
    assert (shown(tab, edit, "m1", time.monotonic(), 0.01) is not None) is told


class Patient:
    """A page that waits."""

    def wait_for_timeout(self, _ms: float) -> None:
        time.sleep(0.005)


class Slow(Patient):
    """A page that shows an edit once another tab has been opened, or never, and that tab."""

    def __init__(self, *, fresh: bool, late: bool) -> None:
        self.fresh, self.late, self.opened, self.context = fresh, late, False, self
        self.url = "http://localhost/"

    def new_page(self) -> Slow:
        self.opened = True
        return Slow(fresh=self.fresh, late=self.fresh)

    def goto(self, *_where: object, **_how: object) -> None:
        self.opened = True

    def evaluate(self, _expression: str) -> bool:
        return self.opened and self.late

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("fresh", "late", "lost", "absent"),
    [(True, True, False, False), (True, False, True, False), (False, False, False, True)],
)
def test_an_edit_is_lost_only_if_the_open_page_never_shows_what_a_fresh_load_does(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    fresh: bool,
    late: bool,
    lost: bool,
    absent: bool,
) -> None:
    """On a busy machine it may show it late."""
    file = tmp_path / "index.astro"
    file.write_text("<p>hello</p>\n")
    page = Slow(fresh=fresh, late=late)
    tab = Tab(page=page, base=page.url)  # type: ignore[arg-type]
    for name in ("EDIT_SECONDS", "LATE_SECONDS"):
        monkeypatch.setattr(visit, name, 0.02)
    monkeypatch.setattr(visit, "open_page", lambda *_: 0.0)
    monkeypatch.setattr(visit, "settle", lambda _: True)
    edit = Edit(kind="markup", file=file, url="")
    monkeypatch.setattr(visit, "find", lambda *_, **__: [edit])
    edited = visit.measure_edits(tab, tmp_path, "m", 1)
    assert edited.absent == (["markup"] if absent else [])
    assert (edited.times.get("markup", 0.0) is None) is lost
    assert file.read_text() == "<p>hello</p>\n"


@pytest.mark.parametrize(
    ("session", "bare", "verdict"),
    [
        (Side(page=1, live=True), Side(page=1, live=True), ""),
        (Side(page=1, live=False), Side(page=1, live=True), "the page has no live connection"),
        (Side(page=1, live=False), Side(page=1, live=False), ""),
        (Side(error="no page"), Side(page=1), "no page"),
        (Side(error="no page"), Side(error="no key"), "bare Astro fails, too: no key"),
        (Side(), Side(page=1), "not tried"),
        (
            Side(page=1, complaints=["404 /a", "404 /b"]),
            Side(page=1, complaints=["404 /a"]),
            "404 /b",
        ),
        (
            Side(page=1, complaints=["500 /_image?href=%2Fsession%2Fx%2Fa.svg", "Error: why?"]),
            Side(page=1, complaints=["500 /_image?href=%2Fa.svg"]),
            "Error: why?",
        ),
        (
            Side(page=1, edits={"style": None}),
            Side(page=1, edits={"style": None}),
            "an edit of style does not show",
        ),
        (Side(page=1, absent=["markup"]), Side(page=1, edits={"markup": 5.0}), ""),
    ],
)
def test_a_verdict_names_what_bare_astro_does_not_have(
    session: Side, bare: Side, verdict: str
) -> None:
    """And an edit that is lost, even if bare Astro loses it too."""
    assert fault(session, bare) == verdict


def test_the_table_shows_pairs_losses_and_the_first_error(tmp_path: Path) -> None:
    trial = Trial(name="blog", astro="5.0.0", manager="pnpm 10.0.0", install=9.6)
    trial.session = Side(
        ready=4.4,
        page=2.0,
        again=3.0,
        memory_mib=400.4,
        edits={"markup": 20.0, "style": None},
        live=True,
    )
    trial.host = Side(
        ready=4.0, page=2.0, memory_mib=390.0, edits={"markup": 21.0, "style": 25.0}, live=True
    )
    trial.bare = Side(
        ready=3.0, page=2.0, again=5.0, memory_mib=300.0, edits={"markup": 40.0, "style": 30.0}
    )
    row = table.row(trial)
    start = (
        "| blog | 5.0.0 | pnpm 10.0.0 | 10 | 6.4 / 6.0 / 5.0 | 3.0 / 5.0 | 20 / 21 / 40 | lost / 25"
        " / 30 "
    )
    assert row == start + "| – | – | 400 / 390 / 300 | an edit of style does not show | runs |"
    trial.host.error = "504 /@fs/home/someone/scratch/deps/a.js?v=1 a|b " + "x" * 200
    assert "| 504 /@fs/…/a.js?v=1 a\\|b xxx" in table.row(trial)
    assert table.row(trial).endswith("x… |")
    trial.host.error = ""
    page = tmp_path / "sites.md"
    page.write_text(f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n")
    table.write(page, [trial])
    assert row in page.read_text()
    assert "old" not in page.read_text()
    trial.host.edits, trial.host.absent = {}, ["markup"]
    table.write(page, [Trial(name="a", astro="7.0.0"), trial])
    rows = [line for line in page.read_text().splitlines() if line.startswith("| ")]
    assert [line.split(" | ")[0] for line in rows] == ["| site", "| a", "| blog"]
    assert "| 20 / not on the page / 40 |" in rows[2]
    table.write(page, [Trial(name="c")])
    assert rows == [line for line in page.read_text().splitlines() if line.startswith("| ")][:3]
    page.write_text("no place")
    with pytest.raises(ValueError, match="no place for the table"):
        table.write(page, [trial])


def test_details_of_several_runs_make_one_table(tmp_path: Path) -> None:
    earlier = [
        Trial(name="b", astro="5.0.0"),
        Trial(name="c", session=Side(edits={"markup": None})),
    ]
    table.save(tmp_path / "earlier.json", earlier)
    assert table.load(tmp_path / "earlier.json") == earlier
    joined = table.join(
        earlier, [Trial(name="A"), Trial(name="b", astro="6.0.0"), Trial(name="c", install=3)]
    )
    assert [(trial.name, trial.astro) for trial in joined] == [
        ("A", ""),
        ("b", "5.0.0"),
        ("b", "6.0.0"),
        ("c", ""),
    ]
    assert joined[-1].install == 3
