"""Checkpoints and undo: states of a project that come back byte for byte, in one wave (S34)."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from container.gateway.files import changes
from container.gateway.git import checkpoints, listing, trees
from container.gateway.git.checkpoints import open_store, store_folder
from container.gateway.git.errors import GitConflict, GitSlow, GitUnsupported
from container.gateway.git.program import run

from .git_server import git, git_reason
from .harness import Gateway, running_gateway

pytestmark = pytest.mark.skipif(bool(git_reason()), reason=git_reason())

SESSION = "/api/v1/sessions/demo"
LIMIT = 1 << 20


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with one session."""
    with running_gateway(tmp_path_factory.mktemp("gw"), ASTRO_LIVE_MAX_FILE_MIB="1") as gateway:
        asyncio.run(gateway.start("demo"))
        yield gateway


@pytest.fixture
def project(served: Gateway) -> Path:
    return served.sites / "demo"


async def batch(gateway: Gateway, **files: str | None) -> None:
    operations = [
        {"op": "delete", "path": path}
        if text is None
        else {"op": "write", "path": path, "content": text}
        for path, text in files.items()
    ]
    answer = await gateway.api("POST", SESSION + "/batch", body={"operations": operations})
    assert answer.status == 200, answer.text


async def listed(gateway: Gateway) -> list[dict[str, Any]]:
    answer = await gateway.api("GET", SESSION + "/checkpoints")
    assert answer.status == 200, answer.text
    return list(answer.json["checkpoints"])


async def undo(gateway: Gateway) -> int:
    return (await gateway.api("POST", SESSION + "/undo")).status


async def heard(gateway: Gateway) -> list[dict[str, str]]:
    found = await gateway.get("/session/demo/changes", headers=gateway.cookie("demo"))
    return list(found.json)


async def test_an_undo_that_cannot_be_done_says_what_makes_checkpoints(tmp_path: Path) -> None:
    """Single writes make none; and where the way back ends, the way forward is named."""
    made_by = (
        "A checkpoint is made before each batch, archive, restore, pull and switch of branches, and"
        " by POST …/checkpoints; single writes make none"
    )
    with running_gateway(tmp_path / "gw", wait=False) as gateway:
        await gateway.ready()
        await gateway.start("demo")
        written = await gateway.api("PUT", f"{SESSION}/files/u/a.txt", body="1")
        assert written.status in (200, 201), written.text
        refused = await gateway.api("POST", SESSION + "/undo")
        assert (refused.status, refused.json["code"]) == (409, "nothing-to-undo")
        assert f"the session has no checkpoint. {made_by}" in refused.json["detail"]
        await batch(gateway, **{"u/a.txt": "2"})
        assert await undo(gateway) == 200
        refused = await gateway.api("POST", SESSION + "/undo")
        assert "POST …/checkpoints/2/restore goes to the latest" in refused.json["detail"]
        assert made_by in refused.json["detail"]


async def test_undo_goes_back_turn_by_turn(served: Gateway, project: Path) -> None:
    """Each batch is undone in whole, edits of others in between are kept, and what was undone can
    be restored.
    """
    await batch(served, **{"u/a.txt": "1", "u/gone.txt": "x"})
    await batch(served, **{"u/a.txt": "2", "u/gone.txt": None, "u/new.txt": "n"})
    (project / "u/a.txt").write_text("3")  # by a developer, on the disk
    await batch(served, **{"u/a.txt": "4"})
    before = len(await heard(served))
    assert await undo(served) == 200
    assert (project / "u/a.txt").read_text() == "3"
    assert [entry["event"] for entry in (await heard(served))[before:]] == ["change"]
    assert await undo(served) == 200
    assert (project / "u/a.txt").read_text() == "1"
    assert (project / "u/gone.txt").read_text() == "x"
    assert not (project / "u/new.txt").exists()
    assert await undo(served) == 200
    assert not (project / "u/a.txt").exists()
    last = max(await listed(served), key=lambda each: int(each["number"]))
    again = await served.api("POST", f"{SESSION}/checkpoints/{last['number']}/restore")
    assert again.status == 200
    assert (project / "u/a.txt").read_text() == "4"
    assert await undo(served) == 200
    await batch(served, **{"u/a.txt": "5"})  # another way from here
    assert await undo(served) == 200
    assert (project / "u/a.txt").read_text() != "4"


async def test_some_files_are_restored_and_compared(served: Gateway, project: Path) -> None:
    """By path, with what is there now kept; a name that is not there leaves everything."""
    await batch(served, **{"p/a.txt": "1\n", "p/deep/b.txt": "1\n", "p/c.txt": "1\n"})
    made = await served.api("POST", SESSION + "/checkpoints", body={"name": "Turn one"})
    assert (made.status, made.json["created"], made.json["kind"]) == (201, True, "named")
    number = made.json["number"]
    again = await served.api("POST", SESSION + "/checkpoints", body={"name": "Turn one"})
    assert (again.status, again.json["number"]) == (200, number)
    await batch(served, **{"p/a.txt": "2\n", "p/deep/b.txt": "2\n", "p/c.txt": "2\n"})
    diff = (await served.api("GET", f"{SESSION}/checkpoints/{number}/diff?path=p/deep")).json
    assert diff["files"] == [{"path": "p/deep/b.txt", "state": "modified"}]
    assert "-1\n+2\n" in diff["patch"]
    body = {"paths": ["p/deep", "p/c.txt"]}
    restored = await served.api("POST", f"{SESSION}/checkpoints/{number}/restore", body=body)
    assert sorted(each["path"] for each in restored.json["changes"]) == ["p/c.txt", "p/deep/b.txt"]
    assert (project / "p/a.txt").read_text() == "2\n"
    assert (project / "p/deep/b.txt").read_text() == "1\n"
    nothing = await served.api(
        "POST", f"{SESSION}/checkpoints/{number}/restore", body={"paths": ["no/such"]}
    )
    assert nothing.json["changes"] == []
    assert await undo(served) == 200
    assert (project / "p/deep/b.txt").read_text() == "2\n"
    for path in ("0", "x", "99999999", "-1", "1.5"):
        answer = await served.api("POST", f"{SESSION}/checkpoints/{path}/restore")
        assert answer.status in (400, 404), path
    assert (await served.api("DELETE", f"{SESSION}/checkpoints/{number}")).status == 204
    gone = await served.api("GET", f"{SESSION}/checkpoints/{number}/diff")
    assert (gone.status, gone.json["code"]) == (404, "unknown-checkpoint")


async def test_a_restore_is_one_wave(served: Gateway) -> None:
    """The dev server hears of all of it in one message, however many files."""
    await batch(served, **{f"w/{number}.txt": "1" for number in range(80)})
    await batch(served, **{f"w/{number}.txt": "2" for number in range(80)})
    before = len(await heard(served))
    assert await undo(served) == 200
    wave = (await heard(served))[before:]
    assert len(wave) == 80
    assert {entry["event"] for entry in wave} == {"change"}


async def test_changes_at_once_are_never_mixed(served: Gateway, project: Path) -> None:
    """Restores of two checkpoints, a restore of some files, a batch and an undo: each is made as a
    whole, one after the other, so all files have one state. An undo right after the restore of
    the first checkpoint leads to where that one came from: there are no files yet.
    """
    paths = [f"race/{number}.txt" for number in range(40)]
    files = [project / path for path in paths]
    numbers = []
    for state in ("1", "2"):
        await batch(served, **dict.fromkeys(paths, state))
        made = await served.api("POST", SESSION + "/checkpoints", body={"name": f"race {state}"})
        numbers.append(made.json["number"])
    restores = [f"{SESSION}/checkpoints/{number}/restore" for number in numbers]
    operations = [{"op": "write", "path": path, "content": "3"} for path in paths]
    for _ in range(3):
        answers = await asyncio.gather(
            served.api("POST", restores[0]),
            served.api("POST", restores[1]),
            served.api("POST", f"{SESSION}/batch", body={"operations": operations}),
            served.api("POST", restores[0], body={"paths": ["race"]}),
            served.api("POST", restores[1], body={"paths": ["race"]}),
            served.api("POST", f"{SESSION}/undo"),
        )
        *changed, undone = answers
        assert {answer.status for answer in changed} == {200}, [each.text for each in answers]
        assert undone.status == 200 or undone.json["code"] == "nothing-to-undo", undone.text
        states = {path.read_text() if path.exists() else None for path in files}
        assert len(states) == 1, states
    positions = [each["number"] for each in await listed(served)]
    assert len(set(positions)) == len(positions)


async def test_checkpoints_go_with_their_session(served: Gateway) -> None:
    """They survive the gateway: they are on the projects' disk. They have nothing generated."""
    await served.start("other")
    for path in ("node_modules/x/index.js", "dist/index.html", ".astro/types.d.ts", ".git/HEAD"):
        (served.sites / "other" / path).parent.mkdir(parents=True, exist_ok=True)
        (served.sites / "other" / path).write_text("generated")
    path = "/api/v1/sessions/other"
    assert (await served.api("POST", path + "/checkpoints", body={"name": "x"})).status == 201
    store = store_folder(served.sites, "other")
    with open_store(served.sites, served.scratch / "t", "other", served.sites / "other") as opened:
        tree = opened.all()[0].tree
        names = [each.path for each in trees.entries(opened._repository, tree)]
    assert names == ["fake.json"]
    assert store.is_dir()
    assert (await served.api("DELETE", path)).status == 204
    assert not store.exists()
    await served.start("other")
    assert (await served.api("GET", path + "/checkpoints")).json["checkpoints"] == []


# The store by itself

NAMES = st.sampled_from(
    ["a", "b.txt", ".env", "dir/a", "dir/b", "dir/sub/c", "ü", "sp ace", "-x", "q'\"", ".gitignore", ".gitattributes", "CR.txt"]
)  # fmt: skip
CONTENTS = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(
        [b"", b"a\r\nb\r\n", b"$Id$\n", b"* text=auto eol=lf filter=x\n", b"*\n", b"\0\1"]
    ),
)


def write(root: Path, files: dict[str, bytes]) -> None:
    """Have exactly these files."""
    for entry in list(root.iterdir()):
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def read(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


class Place:
    """A sites folder with one project."""

    def __init__(self, folder: Path) -> None:
        self.sites, self.scratch = folder / "sites", folder / "scratch"
        self.root = self.sites / "demo"
        self.root.mkdir(parents=True)

    def open(self) -> open_store:
        return open_store(self.sites, self.scratch, "demo", self.root)

    def restore(self, number: int) -> None:
        stage = self.sites / ".new-x"
        stage.mkdir()

        def apply(wanted: Any) -> None:
            planned = changes.plan(self.root, wanted, LIMIT)
            changes.apply(self.root, changes.stage_folder(self.sites, "demo"), planned)

        try:
            with self.open() as store:
                store.restore(store.one(number), [], stage, apply)
        finally:
            shutil.rmtree(stage)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@given(st.lists(st.dictionaries(NAMES, CONTENTS, max_size=6), min_size=2, max_size=4))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_state_comes_back_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, states: list[dict[str, bytes]]
) -> None:
    """Whatever attributes and ignore rules the project has."""
    place = Place(tmp_path_factory.mktemp("states"))
    numbers: list[int] = []
    for state in states:
        write(place.root, state)
        with place.open() as store:
            numbers.append(store.keep("named", "x" * (len(numbers) + 1))[0].number)
    for number, state in reversed(list(zip(numbers, states, strict=True))):
        place.restore(number)
        assert read(place.root) == state


def test_modes_and_links_come_back(place: Place) -> None:
    (place.root / "run").write_text("x")
    (place.root / "run").chmod(0o755)
    (place.root / "link").symlink_to("../elsewhere")
    with place.open() as store:
        number = store.keep("named", "x")[0].number
    (place.root / "run").chmod(0o644)
    (place.root / "link").unlink()
    (place.root / "link").write_text("a file")
    os.mkfifo(place.root / "pipe")
    place.restore(number)
    assert stat.S_IMODE((place.root / "run").stat().st_mode) == 0o755
    assert (place.root / "link").readlink() == Path("../elsewhere")
    (place.root / "link").unlink()
    (place.root / "link").symlink_to("other")
    place.restore(number)
    assert (place.root / "link").readlink() == Path("../elsewhere")


def test_the_oldest_go_and_the_store_stays_small(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those without a name first; a store above its share loses the older half."""
    monkeypatch.setattr(checkpoints, "MOST", 6)
    monkeypatch.setattr(checkpoints, "PACKED_EVERY", 4)
    for number in range(12):
        (place.root / "a.bin").write_bytes(os.urandom(50_000))
        with place.open() as store:
            store.keep("named" if number == 2 else "batch", "kept" if number == 2 else "")
    with place.open() as store:
        known = store.all()
        assert [each.number for each in known] == [3, 8, 9, 10, 11, 12]
        store.shrink(400_000)
        assert len(store.all()) == 6
        store.shrink(270_000)
        assert [each.number for each in store.all()] == [10, 11, 12]
        store.shrink(1)
        assert [each.number for each in store.all()] == [12]
    place.restore(12)


@pytest.mark.parametrize(
    "damage",
    [
        "config",
        "head",
        "index",
        "position",
        "ref",
        "objects",
        "file",
        "half",
        "alternates",
        "link",
        "pipe-index",
        "pipe-packed-refs",
    ],
)
def test_a_store_that_somebody_damaged_hurts_nobody(place: Place, damage: str) -> None:
    """The site's code can write there: nothing of it runs, and the next checkpoint is good."""
    (place.root / "a").write_text("1")
    with place.open() as store:
        store.keep("named", "x")
    folder, ran = store_folder(place.sites, "demo") / ".git", place.sites / "ran"
    match damage:
        case "config":
            (folder / "config").write_text(f"[core]\n\tfsmonitor = touch {ran}\n\tworktree = /\n")
        case "head":
            (folder / "HEAD").write_bytes(b"\xff")
        case "index":
            (folder / "index").write_bytes(b"DIRC\0\0\0\2" + os.urandom(50))
        case "position":
            (folder.parent / "position").write_text("-7")
        case "ref":
            (folder / "refs/checkpoints/00000009").write_text("nonsense\n")
        case "objects":
            shutil.rmtree(folder / "objects")
            (folder / "objects").mkdir()
        case "pipe-index" | "pipe-packed-refs":
            name = damage.removeprefix("pipe-")
            (folder / name).unlink(missing_ok=True)
            os.mkfifo(folder / name)
        case "half":  # as a skeleton on a disk that was full
            shutil.rmtree(folder / "refs")
        case "alternates":
            (folder / "objects/info/alternates").write_text("/etc\n")
        case "link":
            folder.rename(place.sites / "elsewhere")
            folder.symlink_to(place.sites / "elsewhere")
        case "file":
            shutil.rmtree(folder.parent)
            folder.parent.write_text("in the way")
    (place.root / "a").write_text("2")
    with place.open() as store:
        made, new = store.keep("named", "y")
    assert new
    (place.root / "a").write_text("3")
    place.restore(made.number)
    assert not ran.exists()
    assert (place.root / "a").read_text() == "2"


def test_the_index_is_counted_without_git(place: Place) -> None:
    """As git counts it; a pipe in its place keeps nobody waiting."""
    with place.open() as store:
        index = store_folder(place.sites, "demo") / ".git" / "index"
        assert store.indexed() == 0
        for number in range(7):
            (place.root / f"f{number}").write_text("x")
        store.keep("batch")
        assert store.indexed() == 7
        index.write_bytes(b"DIRC")
        assert store.indexed() == 0
        index.unlink()
        os.mkfifo(index)
        assert store.indexed() == 0


@pytest.mark.parametrize("packed", [100, 1])
def test_what_is_restored_is_not_pruned_for_it(
    place: Place, monkeypatch: pytest.MonkeyPatch, packed: int
) -> None:
    """The oldest of as many checkpoints as there may be, also when unnamed objects go at once."""
    monkeypatch.setattr(checkpoints, "MOST", 4)
    monkeypatch.setattr(checkpoints, "PACKED_EVERY", packed)
    for number in range(4):
        (place.root / "a").write_text(str(number))
        with place.open() as store:
            store.keep("batch")
    (place.root / "a").write_text("now")
    place.restore(1)
    assert (place.root / "a").read_text() == "0"
    with place.open() as store:
        known = store.all()
        assert [each.number for each in known] == [1, 3, 4, 5]
        at = store.position(known)
        assert at is not None
        assert at.number == 1


def test_a_project_larger_than_its_share_is_not_packed_at_each_checkpoint(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be made smaller is left until it has grown."""
    packed: list[int] = []
    pack = checkpoints.Store._pack

    def counted(store: checkpoints.Store) -> None:
        packed.append(1)
        pack(store)

    monkeypatch.setattr(checkpoints.Store, "_pack", counted)
    (place.root / "a.bin").write_bytes(os.urandom(4_000_000))
    for number in range(10):
        (place.root / "b.txt").write_text(str(number))
        with place.open() as store:
            store.keep("batch")
            store.shrink(3_000_000)
    assert len(packed) == 1
    with place.open() as store:
        assert len(store.all()) == 10
    for _ in range(4):
        (place.root / "a.bin").write_bytes(os.urandom(4_000_000))
        with place.open() as store:
            store.keep("batch")
            store.shrink(3_000_000)
    with place.open() as store:
        assert len(store.all()) < 3


@pytest.mark.parametrize(
    "lock",
    ["index.lock", "packed-refs.lock", "HEAD.lock", "refs/checkpoints/00000001.lock",
     "refs/checkpoints/00000002.lock"],
)  # fmt: skip
def test_a_lock_of_a_git_that_was_ended_is_in_nobodys_way(place: Place, lock: str) -> None:
    (place.root / "a").write_text("1")
    with place.open() as store:
        store.keep("batch")
    (store_folder(place.sites, "demo") / ".git" / lock).write_text("")
    (place.root / "a").write_text("2")
    with place.open() as store:
        assert store.keep("batch")[1]
        store.remove(1)


def test_a_number_is_not_used_twice(place: Place) -> None:
    """Also not that of the newest, after it was removed: a client may still have it."""
    for number in range(3):
        (place.root / "a").write_text(str(number))
        with place.open() as store:
            store.keep("batch")
    with place.open() as store:
        store.remove(3)
    (place.root / "a").write_text("x")
    with place.open() as store:
        assert store.keep("batch")[0].number == 4


def test_references_of_others_are_passed_over(place: Place) -> None:
    """Whatever their names are and whatever they name."""
    (place.root / "a").write_text("1")
    with place.open() as store:
        store.keep("batch")
    folder = store_folder(place.sites, "demo") / ".git"
    (folder / "refs/checkpoints/x\u2028y").write_text(
        (folder / "refs/checkpoints/00000001").read_text()
    )
    blob = git(folder, "rev-parse", "refs/checkpoints/00000001:a")
    (folder / "refs/checkpoints/00000007").write_text(blob + "\n")
    with place.open() as store:
        assert [each.number for each in store.all()] == [1]


@pytest.mark.parametrize(
    "member",
    [
        '"parent": 9',
        '"parent": 10',
        '"parent": Infinity',
        '"at": Infinity',
        '"x": ' + "[" * 100_000,
    ],
)
def test_a_commit_that_somebody_wrote_hurts_nobody(place: Place, member: str) -> None:
    """Nor makes undo go round and round: a checkpoint comes from an older one."""
    (place.root / "a").write_text("1")
    with place.open() as store:
        store.keep("batch")
    folder = store_folder(place.sites, "demo") / ".git"
    tree = git(folder, "rev-parse", "refs/checkpoints/00000001^{tree}")
    known = '"name": "", "kind": "batch", "parent": null, "at": 1, '
    for number in (9, 10):
        text = f"{{{known}{member}}}"
        commit = git(folder, "commit-tree", tree, "-m", text)
        (folder / f"refs/checkpoints/{number:08}").write_text(commit + "\n")
    (folder.parent / checkpoints.POSITION).write_text("9")
    with place.open() as store:
        assert store.all()[0].number == 1
        with pytest.raises(GitConflict, match="no earlier state"):
            store.undo_target()


def test_a_file_that_goes_while_its_folder_is_read_hides_no_other(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a restore would delete the others."""
    for number in range(20):
        (place.root / f"f{number}").write_text("x")
    scandir = os.scandir

    @contextlib.contextmanager
    def racing(folder: Any) -> Iterator[Any]:
        with scandir(folder) as entries:
            found = list(entries)
        Path(os.fsdecode(found[3].path)).unlink(missing_ok=True)
        yield iter(found)

    monkeypatch.setattr(os, "scandir", racing)
    assert len(listing.files_of(place.root)) == 19


def test_a_disk_that_does_not_answer_makes_no_checkpoint(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than one without the files of a folder that cannot be read."""

    def broken(_: Any) -> None:
        raise OSError(errno.EIO, "input/output error")

    with place.open() as store:
        monkeypatch.setattr(os, "scandir", broken)
        with pytest.raises(OSError, match="input/output"):
            store.keep("batch")
    monkeypatch.undo()
    with place.open() as store:
        assert store.all() == []


def test_a_pipe_for_attributes_is_named_instead_of_waited_for(place: Place) -> None:
    (place.root / "sub").mkdir()
    os.mkfifo(place.root / "sub/.gitattributes")
    with place.open() as store, pytest.raises(GitUnsupported, match="is not a file"):
        store.keep("batch")


@pytest.mark.parametrize("name", ["git~1", ".gitmodules", "a:b", "con", " a ", "nested/x"])
def test_names_that_mean_something_to_git_come_back(place: Place, name: str) -> None:
    (place.root / "nested").mkdir()
    git(place.root, "init", "-q", "nested")
    git(place.root / "nested", "commit", "-q", "--allow-empty", "-m", "x")
    (place.root / name).write_text("1")
    with place.open() as store:
        number = store.keep("named", "x")[0].number
    (place.root / name).unlink()
    place.restore(number)
    assert (place.root / name).read_text() == "1"


def test_a_name_that_the_api_does_not_take_is_left_as_it_is(place: Place) -> None:
    """It would have all of a restore refused."""
    (place.root / "a").write_text("1")
    with place.open() as store:
        number = store.keep("named", "x")[0].number
    (place.root / "back\\slash").write_text("kept")
    (place.root / "a").write_text("2")
    place.restore(number)
    assert (place.root / "a").read_text() == "1"
    assert (place.root / "back\\slash").read_text() == "kept"


def test_a_large_project_is_taken_in_parts(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the time is up, what was read is kept, and the next checkpoint goes on from there; the
    objects of many new files are one pack.
    """
    monkeypatch.setattr(checkpoints, "PATHS_AT_ONCE", 50)
    monkeypatch.setattr(checkpoints, "PATHS_PACKED", 20)
    for number in range(200):
        (place.root / f"f{number:03}").write_text(f"{number}\n")
    calls, limited = 0, run

    def slow(repository: Any, *arguments: str, **more: Any) -> bytes:
        nonlocal calls
        if arguments[:2] == ("update-index", "--add"):
            calls += 1
            if calls == 3:
                raise GitSlow("git update-index took longer than 60 s")
        return limited(repository, *arguments, **more)

    monkeypatch.setattr(checkpoints, "run", slow)
    with place.open() as store, pytest.raises(GitSlow):
        store.keep("batch")
    assert calls == 3
    folder = store_folder(place.sites, "demo") / ".git"
    entries = git(folder, "ls-files")
    assert len(entries.splitlines()) == 100
    with place.open() as store:
        number = store.keep("batch")[0].number
    assert len(list((folder / "objects").glob("??/*"))) < 20
    (place.root / "f007").write_text("changed\n")
    with place.open() as store:
        _, patch, complete = store.compare(store.one(number), [])
    assert complete
    assert "-7\n+changed\n" in patch
