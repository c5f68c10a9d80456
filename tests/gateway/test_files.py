"""A project's files as an agent needs them: versions, exact edits, batches, moves, the tree and
search (S31).
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from container.gateway.errors import SessionError
from container.gateway.files import changes, locks

from .harness import API_TOKEN, Answer, Gateway, running_gateway

SESSION = "/api/v1/sessions/demo"
WRITERS, WRITES = 8, 15


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with one session."""
    with running_gateway(tmp_path_factory.mktemp("gw"), ASTRO_LIVE_MAX_FILE_MIB="1") as gateway:
        asyncio.run(gateway.start("demo"))
        yield gateway


@pytest.fixture
def project(served: Gateway) -> Path:
    return served.sites / "demo"


async def ask(
    gateway: Gateway, method: str, path: str, data: bytes | Any = None, **headers: str
) -> Answer:
    """With headers, whose names have `_` for `-`."""
    body = data if data is None or isinstance(data, bytes) else json.dumps(data).encode()
    stream = None if body is None else io.BytesIO(body)
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {API_TOKEN}"}) as session:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with session.request(
            method, gateway.api_url + SESSION + path, data=stream, headers=sent
        ) as answer:
            return Answer(answer.status, answer.headers, await answer.read())


async def heard(gateway: Gateway) -> list[tuple[str, str]]:
    """Events that the dev server was told, with paths of the project."""
    told = (await gateway.get("/session/demo/changes", headers=gateway.cookie("demo"))).json
    return [
        (entry["event"], str(Path(entry["path"]).relative_to(gateway.sites / "demo")))
        for entry in told
    ]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def test_a_version_is_the_hash_of_the_content(served: Gateway) -> None:
    """A write answers it, a read names it as entity tag, and a client that has it is told so."""
    written = await ask(served, "PUT", "/files/v/a.txt", b"0123456789")
    assert (written.status, written.json["sha256"], written.headers["ETag"]) == (
        201,
        sha256(b"0123456789"),
        f'"{sha256(b"0123456789")}"',
    )
    read = await ask(served, "GET", "/files/v/a.txt")
    assert (read.body, read.headers["ETag"]) == (b"0123456789", written.headers["ETag"])
    again = await ask(served, "GET", "/files/v/a.txt", If_None_Match=read.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    # If-None-Match compares weakly (RFC 9110, section 13.1.2).
    for tag, status in ((f"W/{read.headers['ETag']}", 304), ('W/"x"', 200), ("*", 304)):
        again = await ask(served, "GET", "/files/v/a.txt", If_None_Match=tag)
        assert again.status == status, tag


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ("bytes=2-4", 206, b"234"), ("bytes=7-", 206, b"789"), ("bytes=-3", 206, b"789"), ("bytes=8-100", 206, b"89"),
        ("bytes=10-", 416, None), ("bytes=-0", 416, None), ("bytes=5-2", 200, b"0123456789"), ("lines=1-2", 200, b"0123456789"),
        ("bytes=0-1,4-5", 200, b"0123456789"), ("bytes=-", 200, b"0123456789"), ("bytes=-100", 206, b"0123456789"),
    ],
)  # fmt: skip
async def test_ranges(served: Gateway, asked: str, status: int, body: bytes | None) -> None:
    """One range of bytes; what RFC 9110 lets a server leave aside is answered with the
    whole file.
    """
    await ask(served, "PUT", "/files/v/range.txt", b"0123456789")
    answer = await ask(served, "GET", "/files/v/range.txt", Range=asked)
    assert answer.status == status
    if body is not None:
        assert answer.body == body
    if status == 416:
        assert answer.headers["Content-Range"] == "bytes */10"


async def test_a_write_on_another_version_is_refused_with_what_is_there(
    served: Gateway, project: Path
) -> None:
    """412 for each method, with the current version; nothing is changed and nothing is reported."""
    await ask(served, "PUT", "/files/c/a.txt", b"mine")
    stale = f'"{sha256(b"theirs")}"'
    before = await heard(served)
    for method, data in (
        ("PUT", b"new"),
        ("DELETE", None),
        ("PATCH", {"edits": [{"old": "m", "new": "x"}]}),
    ):
        refused = await ask(served, method, "/files/c/a.txt", data, If_Match=stale)
        assert (refused.status, refused.json["code"]) == (
            412,
            "precondition-failed",
        ), method
        assert refused.json["current"]["sha256"] == sha256(b"mine")
    created = await ask(served, "PUT", "/files/c/a.txt", b"new", If_None_Match="*")
    assert (created.status, created.json["current"]["bytes"]) == (412, 4)
    missing = await ask(served, "PUT", "/files/c/none.txt", b"new", If_Match="*")
    assert (missing.status, missing.json["current"]) == (412, None)
    assert (project / "c/a.txt").read_bytes() == b"mine"
    assert await heard(served) == before
    assert (
        await ask(served, "PUT", "/files/c/a.txt", b"new", If_Match=f'"x", "{sha256(b"mine")}"')
    ).status == 200
    assert (await ask(served, "PUT", "/files/c/a.txt", b"new", If_Match="x")).status == 400


@pytest.mark.parametrize(
    ("content", "fix"),
    [(b"mine", "Send it without W/"), (b"old", "Read 'c/w.txt' again, and send its ETag without")],
)
async def test_a_weak_tag_is_refused_with_the_reason(
    served: Gateway, content: bytes, fix: str
) -> None:
    """Proxies that compress answers make tags weak; If-Match compares strongly, so that none
    matches.
    """
    await ask(served, "PUT", "/files/c/w.txt", b"mine")
    weak = f'W/"{sha256(content)}"'
    for tags in (weak, f'"x", {weak}'):
        refused = await ask(served, "PUT", "/files/c/w.txt", b"new", If_Match=tags)
        assert (refused.status, refused.json["code"]) == (412, "precondition-failed")
        assert refused.json["detail"].startswith(
            f"If-Match has the weak entity tag {weak}, which no version of 'c/w.txt' matches:"
            " If-Match compares strongly (RFC 9110, section 13.1.1). " + fix
        )
        assert refused.json["current"]["sha256"] == sha256(b"mine")
    both = f'{weak}, "{sha256(b"mine")}"'
    assert (await ask(served, "PUT", "/files/c/w.txt", b"new", If_Match=both)).status == 200
    exists = await ask(served, "PUT", "/files/c/w.txt", b"new", If_Match=weak, If_None_Match="*")
    assert "exists already" in exists.json["detail"]


async def test_no_conditional_write_of_many_writers_is_lost(served: Gateway, project: Path) -> None:
    """Eight writers count up in one file, each on the version that it has read: every success is
    one more.
    """
    await ask(served, "PUT", "/files/race.txt", b"0")

    async def count(session: aiohttp.ClientSession) -> int:
        done = refused = 0
        while done < WRITES:
            async with session.get(f"{served.api_url}{SESSION}/files/race.txt") as read:
                value, etag = int(await read.read()), read.headers["ETag"]
            async with session.put(
                f"{served.api_url}{SESSION}/files/race.txt",
                data=str(value + 1).encode(),
                headers={"If-Match": etag},
            ) as answer:
                assert answer.status in (200, 412), await answer.text()
                done += answer.status == 200
                refused += answer.status == 412
        return refused

    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {API_TOKEN}"}) as session:
        refused = await asyncio.gather(*(count(session) for _ in range(WRITERS)))
    assert (project / "race.txt").read_text() == str(WRITERS * WRITES)
    assert sum(refused) > 0, "they did race"


async def test_exact_text_is_edited_when_it_is_there_as_often_as_expected(
    served: Gateway, project: Path
) -> None:
    """All edits of a call, or none; the refusal tells how often the text is there."""
    await ask(
        served, "PUT", "/files/e/a.astro", "<h1>Grüße</h1>\r\n<p>a</p>\r\n<p>a</p>\r\n".encode()
    )
    edits = [{"old": "Grüße", "new": "Hallo"}, {"old": "<p>a</p>", "new": "<p>b</p>", "count": 2}]
    done = await ask(served, "PATCH", "/files/e/a.astro", {"edits": edits})
    assert done.status == 200, done.text
    assert (project / "e/a.astro").read_bytes() == b"<h1>Hallo</h1>\r\n<p>b</p>\r\n<p>b</p>\r\n"
    assert done.json["sha256"] == sha256((project / "e/a.astro").read_bytes())
    refused = await ask(
        served,
        "PATCH",
        "/files/e/a.astro",
        {"edits": [{"old": "Hallo", "new": "x"}, {"old": "<p>b</p>", "new": "c"}]},
    )
    assert (refused.status, refused.json["code"], refused.json["found"]) == (
        409,
        "changed",
        2,
    )
    assert refused.json["current"] == {name: done.json[name] for name in refused.json["current"]}
    assert b"Hallo" in (project / "e/a.astro").read_bytes()
    (project / "e/binary").write_bytes(b"\xff\xfe")
    assert (
        await ask(served, "PATCH", "/files/e/binary", {"edits": [{"old": "a", "new": "b"}]})
    ).status == 400
    assert (
        await ask(served, "PATCH", "/files/e/none", {"edits": [{"old": "a", "new": "b"}]})
    ).status == 404
    edit = {"old": "a", "new": "b"}
    bad: list[Any] = [
        {},
        {"edits": []},
        {"edits": [{**edit, "old": ""}]},
        {"edits": [{**edit, "count": 0}]},
        {"edit": 1},
    ]
    for wrong in bad:
        assert (await ask(served, "PATCH", "/files/e/a.astro", wrong)).status == 400, wrong
    big = {"edits": [{"old": "Hallo", "new": "y" * (1 << 20)}]}
    assert (await ask(served, "PATCH", "/files/e/a.astro", big)).status == 413


async def test_a_batch_is_all_or_nothing(served: Gateway, project: Path) -> None:
    """Write, edit, move and delete, each on what the ones before leave; told to the dev server
    together.
    """
    for name, content in (("one", b"one"), ("two", b"two"), ("three", b"three")):
        await ask(served, "PUT", f"/files/b/{name}.txt", content)
    operations = [
        {
            "op": "write",
            "path": "b/new/four.txt",
            "content": "Zm91cg==",
            "encoding": "base64",
            "if_absent": True,
        },
        {
            "op": "edit",
            "path": "b/one.txt",
            "edits": [{"old": "one", "new": "1"}],
            "if_sha256": sha256(b"one"),
        },
        {"op": "edit", "path": "b/one.txt", "edits": [{"old": "1", "new": "uno"}]},
        {"op": "move", "path": "b/two.txt", "to": "b/new/two.txt"},
        {"op": "delete", "path": "b/three.txt"},
    ]
    done = await ask(served, "POST", "/batch", {"operations": operations})
    assert done.status == 200, done.text
    made = {
        entry["path"]: (entry["event"], entry["file"] and entry["file"]["sha256"])
        for entry in done.json["changes"]
    }
    assert made == {
        "b/new/four.txt": ("add", sha256(b"four")),
        "b/one.txt": ("change", sha256(b"uno")),
        "b/new/two.txt": ("add", sha256(b"two")),
        "b/two.txt": ("unlink", None),
        "b/three.txt": ("unlink", None),
    }
    assert {str(file.relative_to(project / "b")) for file in (project / "b").rglob("*") if file.is_file()} == {
        "new/four.txt", "one.txt", "new/two.txt",
    }  # fmt: skip
    assert set((await heard(served))[-5:]) == {
        (entry["event"], entry["path"]) for entry in done.json["changes"]
    }
    assert not changes.stage_folder(served.sites, "demo").exists()


@pytest.mark.parametrize(
    ("last", "status"),
    [
        ({"op": "write", "path": "b2/one.txt", "content": "x", "if_sha256": "0" * 64}, 409),
        ({"op": "write", "path": "b2/one.txt", "content": "x", "if_absent": True}, 409),
        ({"op": "edit", "path": "b2/one.txt", "edits": [{"old": "absent", "new": "x"}]}, 409),
        ({"op": "delete", "path": "b2/none.txt"}, 404),
        ({"op": "move", "path": "b2/one.txt", "to": "b2/kept.txt"}, 409),
        ({"op": "write", "path": "../x", "content": "x"}, 400),
        ({"op": "write", "path": "link/x", "content": "x"}, 409),
        ({"op": "write", "path": "b2", "content": "a folder is there"}, 409),
        ({"op": "write", "path": "b2/first.txt/below", "content": "x"}, 409),
        ({"op": "write", "path": "b2/kept.txt/below", "content": "x"}, 409),
        ({"op": "write", "path": "b2/big", "content": "x" * (1 << 19), "extra": 1}, 400),
    ],
)  # fmt: skip
async def test_a_batch_with_one_bad_change_leaves_nothing(
    served: Gateway, project: Path, last: dict[str, Any], status: int
) -> None:
    """Whatever the change and the reason."""
    for name in ("one.txt", "kept.txt"):
        await ask(served, "PUT", f"/files/b2/{name}", name.encode())
    if not (project / "link").is_symlink():
        (project / "link").symlink_to("/")
    before, told = listing(project), await heard(served)
    good = [
        {"op": "write", "path": "b2/first.txt", "content": "1"},
        {"op": "write", "path": "b2/deep/er/second.txt", "content": "2"},
        {"op": "write", "path": "b2/kept.txt", "content": "replaced"},
    ]
    refused = await ask(served, "POST", "/batch", {"operations": [*good, last]})
    assert refused.status == status, refused.text
    assert refused.json["detail"]
    assert listing(project) == before
    assert await heard(served) == told


def listing(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize("fails_at", [*range(1, 12)])
def test_a_batch_that_breaks_off_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    """Whichever step on the disk fails, or is the last before the process dies: what was there is
    there again, and no page was told. When all is in place it is told at once, before what was
    replaced is removed.
    """
    root, stage = tmp_path / "sites/demo", tmp_path / "sites/.sessions/demo.changes"
    (root / "a").mkdir(parents=True)
    for name in ("a/one", "a/two", "a/three"):
        (root / name).write_text(name)
    before = listing(root)
    wanted: list[changes.Change] = [
        changes.Write(path="a/one", content=b"1"),
        changes.Write(path="b/c/new", content=b"2"),
        changes.Delete(path="a/two"),
        changes.Move(path="a/three", to="b/three"),
    ]
    told: list[tuple[list[str], bytes, bool]] = []

    def tell(done: list[changes.Done]) -> None:
        kept = any(changes.OLD.fullmatch(each.name) for each in stage.iterdir())
        told.append(([each.path for each in done], (root / "a/one").read_bytes(), kept))

    calls = 0
    for name in ("rename", "link", "unlink", "mkdir"):
        real = getattr(os, name)

        def broken(*arguments: Any, real: Any = real, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls >= fails_at:  # a dead process does not clear away either
                raise KeyboardInterrupt
            return real(*arguments, **named)

        monkeypatch.setattr(os, name, broken)
    planned = changes.plan(root, wanted, 1000)
    with pytest.raises(KeyboardInterrupt):
        changes.apply(root, stage, planned, made=tell)
    monkeypatch.undo()
    changes.recover(root, stage)
    assert listing(root) == before
    assert not stage.exists()
    assert told == []
    changes.apply(root, stage, changes.plan(root, wanted, 1000), made=tell)
    assert told == [(["a/one", "b/c/new", "a/two", "b/three", "a/three"], b"1", True)]
    assert not stage.exists()
    assert listing(root) == {
        "a": None,
        "a/one": b"1",
        "b": None,
        "b/c": None,
        "b/c/new": b"2",
        "b/three": b"a/three",
    }


async def test_files_and_folders_are_moved_and_deleted_in_one_step(
    served: Gateway, project: Path
) -> None:
    """Each file is reported; nothing is replaced unless that is asked for, and no folder ever."""
    for name in ("m/a.txt", "m/deep/b.txt", "other.txt"):
        await ask(served, "PUT", f"/files/{name}", name.encode())
    moved = await ask(served, "POST", "/move", {"path": "m", "to": "moved/here"})
    assert moved.status == 200, moved.text
    assert {(entry["event"], entry["path"]) for entry in moved.json["changes"]} == {
        ("unlink", "m/a.txt"), ("unlink", "m/deep/b.txt"), ("add", "moved/here/a.txt"), ("add", "moved/here/deep/b.txt"),
    }  # fmt: skip
    assert not (project / "m").exists()
    refused = await ask(served, "POST", "/move", {"path": "other.txt", "to": "moved/here/a.txt"})
    assert (refused.status, refused.json["current"]["path"]) == (409, "moved/here/a.txt")
    assert (
        await ask(
            served,
            "POST",
            "/move",
            {"path": "other.txt", "to": "moved/here/a.txt", "overwrite": True},
        )
    ).status == 200
    assert (project / "moved/here/a.txt").read_text() == "other.txt"
    for body, status in (
        ({"path": "moved", "to": "moved/here/x"}, 400), ({"path": "none", "to": "x"}, 404), ({"path": "moved", "to": "moved"}, 400),
        ({"path": "moved/here/a.txt", "to": "moved/here", "overwrite": True}, 409), ({"path": "../x", "to": "y"}, 400),
    ):  # fmt: skip
        assert (await ask(served, "POST", "/move", body)).status == status, body
    assert (await ask(served, "DELETE", "/files/moved")).status == 409
    assert (await ask(served, "DELETE", "/files/moved?recursive=1")).status == 204
    assert not (project / "moved").exists()
    assert (await heard(served))[-2:] == [
        ("unlink", "moved/here/a.txt"),
        ("unlink", "moved/here/deep/b.txt"),
    ]


async def test_the_tree_has_sizes_times_and_hashes_and_goes_on_where_it_ended(
    served: Gateway, project: Path
) -> None:
    """Page by page the same as at once; generated folders are left out, and a link is
    not followed.
    """
    folder = project / "t"
    for name in (
        "a.txt",
        "b/c.txt",
        "b-d.txt",
        "node_modules/x.js",
        ".git/config",
        "z/deep/er.txt",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (folder / "link").symlink_to("/etc/passwd")
    whole = (await ask(served, "GET", "/tree?path=t")).json
    assert [(entry["path"], entry["type"]) for entry in whole["entries"]] == [
        ("t/a.txt", "file"), ("t/b", "folder"), ("t/b/c.txt", "file"), ("t/b-d.txt", "file"), ("t/link", "link"), ("t/z", "folder"),
        ("t/z/deep", "folder"), ("t/z/deep/er.txt", "file"),
    ]  # fmt: skip
    first = whole["entries"][0]
    assert (first["bytes"], first["sha256"]) == (5, sha256(b"a.txt"))
    assert abs(first["modified_at"] - time.time()) < 100
    paged: list[Any] = []
    after: str | None = ""
    while after is not None:
        page = (await ask(served, "GET", f"/tree?path=t&limit=3&after={after}")).json
        paged, after = paged + page["entries"], page["next"]
    assert paged == whole["entries"]
    (folder / "a.txt").write_text("other")  # as long as before, in the same moment perhaps
    again = (await ask(served, "GET", "/tree?path=t&depth=1")).json
    assert [entry["path"] for entry in again["entries"]] == [
        "t/a.txt",
        "t/b",
        "t/b-d.txt",
        "t/link",
        "t/z",
    ]
    assert again["entries"][0]["sha256"] == sha256(b"other")
    assert (await ask(served, "GET", "/tree?path=t&hashes=0")).json["entries"][0]["sha256"] is None
    for wrong in (
        "path=../x",
        "path=t/none",
        "limit=0",
        "limit=5001",
        "depth=x",
        "hashes=2",
        "x=1",
        "path=a&path=b",
        "after=..",
        "path=link",
    ):
        assert (await ask(served, "GET", f"/tree?{wrong}")).status in (400, 404, 409), wrong


async def test_search_finds_what_ripgrep_finds(served: Gateway, project: Path) -> None:
    """With its rules about ignored, hidden and binary files."""
    folder = project / "s"
    texts = {
        "a.astro": "before\nlet Überschrift = 1; // needle\nafter\n", "b.ts": "Needle\nneedles\n", "ignored.txt": "needle\n",
        ".hidden": "needle\n", ".gitignore": "ignored.txt\n", "node_modules/x.js": "needle\n",
    }  # fmt: skip
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "binary.bin").write_bytes(b"\0\1needle\n")

    async def found(question: str) -> list[tuple[str, int, int]]:
        answer = await ask(served, "GET", f"/search?path=s&{question}")
        assert answer.status == 200, answer.text
        return [(match["path"], match["line"], match["column"]) for match in answer.json["matches"]]

    assert await found("q=needle") == [("s/a.astro", 2, 25), ("s/b.ts", 2, 1)]
    assert await found("q=needle&word=1&ignore_case=1") == [("s/a.astro", 2, 25), ("s/b.ts", 1, 1)]
    assert await found(r"q=^n\w%2Bs$&regex=1") == [("s/b.ts", 2, 1)]
    assert await found("q=needle&glob=*.ts") == [("s/b.ts", 2, 1)]
    assert [path for path, _, _ in await found("q=needle&hidden=1")] == [
        "s/.hidden",
        "s/a.astro",
        "s/b.ts",
        "s/ignored.txt",
    ]
    assert await found("q=Nothing-like-it") == []
    lines = (await ask(served, "GET", "/search?path=s/a.astro&q=needle&context=1")).json["matches"][
        0
    ]
    assert (lines["before"], lines["after"]) == (
        [{"line": 1, "text": "before"}],
        [{"line": 3, "text": "after"}],
    )
    some = (await ask(served, "GET", "/search?path=s&q=e&limit=1")).json
    assert (len(some["matches"]), some["complete"]) == (1, False)
    for wrong in (
        "q=",
        "q=(&regex=1",
        "q=a&path=s/none",
        "q=a&path=../x",
        "q=a&glob=%00",
        "q=a%0Ab",
        "q=a&limit=0",
        "q=" + "a" * 1001,
        "x=1",
    ):
        assert (await ask(served, "GET", f"/search?{wrong}")).status == 400, wrong


async def test_a_search_that_takes_long_for_others_does_not_here(
    served: Gateway, project: Path
) -> None:
    """A pattern that backtracks in other engines, on a long line: an answer all the same, and the
    line is cut.
    """
    (project / "long").mkdir(exist_ok=True)
    (project / "long" / "line.txt").write_text("a" * 500_000 + "!\n")
    answer = await ask(served, "GET", "/search?path=long&regex=1&q=(a%2B)%2B$")
    assert (answer.status, answer.json["matches"]) == (200, [])
    shown = await ask(served, "GET", "/search?path=long&q=!")
    assert len(shown.json["matches"][0]["text"]) == 400


def test_two_tasks_do_not_change_a_session_at_the_same_time(tmp_path: Path) -> None:
    """The lock on the disk: held once, refused after a while, and again to have when it is let go,
    or when the session is another one.
    """
    (tmp_path / ".sessions").mkdir()
    with locks.on_disk(tmp_path, "demo"):
        with (
            pytest.raises(SessionError, match="another task"),
            locks.on_disk(tmp_path, "demo", seconds=0.05),
        ):
            pass
        with locks.on_disk(tmp_path, "neighbour"):
            pass
        locks.remove_lock(tmp_path, "demo")
        with locks.on_disk(tmp_path, "demo", seconds=0.05):
            pass
    with locks.on_disk(tmp_path, "demo", seconds=0.05):
        pass


@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "journal"])
def test_what_a_site_puts_in_the_way_wedges_no_change(tmp_path: Path, kind: str) -> None:
    """In the place of the lock, of the folder of changes and of the journal (S37)."""
    root, stage, lock = (
        tmp_path / "demo",
        changes.stage_folder(tmp_path, "demo"),
        locks.lock_path(tmp_path, "demo"),
    )
    root.mkdir()
    stage.parent.mkdir()
    (tmp_path / "other").write_text("of another session")
    for path in (lock, stage):
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
        elif kind == "link":
            path.symlink_to(tmp_path / "other")
    if kind == "journal":
        stage.mkdir()
        (stage / changes.JOURNAL).write_text(
            json.dumps({"files": [{"path": "stolen", "old": "../../other"}], "folders": []})
        )
    with locks.on_disk(tmp_path, "demo", seconds=0.05):
        done = changes.apply(
            root, stage, changes.plan(root, [changes.Write(path="a", content=b"x")], 10)
        )
    assert [each.path for each in done] == ["a"]
    assert (tmp_path / "other").read_text() == "of another session"
    assert listing(root) == {"a": b"x"}
