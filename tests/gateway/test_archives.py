"""Archives of a project, out and in: whole, safe in their paths, and bounded (S31, S37)."""

from __future__ import annotations

import asyncio
import gzip
import io
import struct
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from container.gateway.errors import SessionError
from container.gateway.files import unpacking

from .harness import Gateway, running_gateway
from .test_files import ask, heard, listing

MEBIBYTE = 1024 * 1024
SMALL = unpacking.Bounds(file_bytes=MEBIBYTE, total_bytes=4 * MEBIBYTE)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with one session and small shares."""
    with running_gateway(
        tmp_path_factory.mktemp("gw"),
        ASTRO_LIVE_MAX_FILE_MIB="1",
        ASTRO_LIVE_SESSION_FILES_MIB="64",
    ) as gateway:
        asyncio.run(gateway.start("demo"))
        yield gateway


def tar(*members: tuple[tarfile.TarInfo, bytes], packed: bool = False) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz" if packed else "w") as archive:
        for member, content in members:
            member.size = member.size or len(content)
            archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


def member(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644
) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname, found.mode = kind, link, mode
    return found


def zipped(**names: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name.replace("__", "/"), content)
    return target.getvalue()


@pytest.mark.parametrize("form", ["tar", "tar.gz", "zip"])
async def test_a_folder_goes_out_and_in_again_the_same(served: Gateway, form: str) -> None:
    """Read by Python's own modules; names with every kind of character, an empty file and a large
    one.
    """
    folder = served.sites / "demo" / "out"
    contents = {
        "a b.txt": b"1",
        "ü/[slug].astro": b"<h1>",
        "empty": b"",
        "deep/" + "x" * 150 + "/y": b"long",
        "large": bytes(range(256)) * 4000,
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "node_modules").mkdir(exist_ok=True)
    (folder / "node_modules" / "x").write_text("left out")
    answer = await ask(served, "GET", f"/archive?path=out&format={form}")
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="out.{form}"'
    assert unpacked(answer.body, form) == contents
    back = await ask(served, "POST", f"/archive?path=back/{form}", answer.body)
    assert (back.status, back.json["files"], back.json["bytes"]) == (
        200,
        5,
        sum(map(len, contents.values())),
    ), back.text
    assert files_below(served.sites / "demo" / "back" / form) == contents
    assert {("add", f"back/{form}/{name}") for name in contents} <= set(await heard(served))
    again = await ask(served, "POST", f"/archive?path=back/{form}", answer.body)
    assert again.status == 200
    assert [path.name for path in served.sites.iterdir() if path.name.startswith(".new-")] == []


def unpacked(data: bytes, form: str) -> dict[str, bytes]:
    if form == "zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.testzip() is None
            return {
                info.filename: archive.read(info)
                for info in archive.infolist()
                if not info.is_dir()
            }
    with tarfile.open(fileobj=io.BytesIO(data)) as found:
        return {
            each.name: file.read()
            for each in found
            if (file := found.extractfile(each)) is not None
        }


def files_below(folder: Path) -> dict[str, bytes]:
    return {name: content for name, content in listing(folder).items() if content is not None}


async def test_links_of_the_project_leave_as_links(served: Gateway) -> None:
    """A link's target is its text; nothing is read through it."""
    folder = served.sites / "demo" / "links"
    folder.mkdir()
    (folder / "secret").symlink_to("/etc/passwd")
    data = (await ask(served, "GET", "/archive?path=links&format=tar")).body
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert [(each.name, each.issym(), each.linkname) for each in archive] == [
            ("secret", True, "/etc/passwd")
        ]
    assert b"root:" not in data


BOMB = gzip.compress(tar((member("bomb"), bytes(8 * MEBIBYTE))))
HOSTILE: dict[str, Callable[[], bytes]] = {
    "parent": lambda: tar((member("../x"), b"x")),
    "parent inside": lambda: tar((member("a/../../x"), b"x")),
    "absolute": lambda: tar((member("/etc/x"), b"x")),
    "backslash": lambda: tar((member("..\\x"), b"x")),
    "control character": lambda: tar((member("a\nb"), b"x")),
    "too deep": lambda: tar((member("d/" * 40 + "x"), b"x")),
    "symbolic link": lambda: tar(
        (member("link", tarfile.SYMTYPE, "/etc"), b""), (member("link/x"), b"x")
    ),
    "hard link": lambda: tar((member("link", tarfile.LNKTYPE, "/etc/passwd"), b"")),
    "device": lambda: tar((member("device", tarfile.CHRTYPE), b"")),
    "pipe": lambda: tar((member("pipe", tarfile.FIFOTYPE), b"")),
    "a file and a folder": lambda: tar((member("a"), b"x"), (member("a/b"), b"x")),
    "zip parent": lambda: zipped(**{"..__x": b"x"}),
    "zip absolute": lambda: zipped(__etc__x=b"x"),
    "zip link": lambda: zip_with(lambda info: setattr(info, "external_attr", 0o120777 << 16)),
    "zip bomb": lambda: zipped(bomb=bytes(80 * MEBIBYTE)),
    "bomb": lambda: BOMB,
    "bomb in pieces": lambda: gzip.compress(
        tar(*((member(f"b{number}"), bytes(MEBIBYTE)) for number in range(70)))
    ),
    "bomb that is left out": lambda: gzip.compress(
        tar((member("node_modules/b"), bytes(80 * MEBIBYTE)))
    ),
    "header bomb": lambda: gzip.compress(longest_name(100 * MEBIBYTE)),
    "many headers": lambda: gzip.compress(
        b"".join(longest_name(MEBIBYTE - 1024) for _ in range(80))
    ),
    "sparse": lambda: gzip.compress(sparse(200_000)),
    "100,000 entries": lambda: many_entries(100_000),
    "100,000 zip entries": lambda: many_zip_entries(100_000),
    "cut off": lambda: BOMB[:-2000][:200],
    "no archive": lambda: b"<html>",
    "empty": lambda: b"",
    "empty tar": lambda: tar(),
    "empty zip": lambda: zipped(),
    "zip with a lie": lambda: zipped(a=b"x").replace(b"PK\x01\x02", b"PK\x01\x03"),
}


def zip_with(change: Callable[[zipfile.ZipInfo], None]) -> bytes:
    target, info = io.BytesIO(), zipfile.ZipInfo("link")
    change(info)
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(info, b"/etc/passwd")
    return target.getvalue()


def longest_name(size: int) -> bytes:
    """A header that says that a name of so many bytes follows (GNU's `L`), with it."""
    return (
        member("././@LongLink", tarfile.GNUTYPE_LONGNAME).tobuf(tarfile.GNU_FORMAT)[:124]
        + sized(size)
        + bytes(size)
    )


def sized(size: int) -> bytes:
    """The rest of that header, with size and checksum."""
    head = member("././@LongLink", tarfile.GNUTYPE_LONGNAME).tobuf(tarfile.GNU_FORMAT)
    changed = head[:124] + b"%011o\0" % size + head[136:148] + b" " * 8 + head[156:]
    return changed[124:148] + b"%06o\0 " % sum(changed) + changed[156:]


def sparse(blocks: int) -> bytes:
    """A sparse file (GNU's `S`) whose map goes on in so many blocks."""
    head = bytearray(member("s", tarfile.GNUTYPE_SPARSE).tobuf(tarfile.GNU_FORMAT))
    head[482] = 1
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    block = (b"%011o\0" % 512) * 42 + b"\1" + bytes(7)
    return bytes(head) + block * blocks


def many_entries(count: int) -> bytes:
    head = member("d/x", tarfile.DIRTYPE).tobuf(tarfile.GNU_FORMAT)
    return gzip.compress(head * count + bytes(1024), compresslevel=1)


def many_zip_entries(count: int) -> bytes:
    """Only the list of them, with an end that names it: no module need write it."""
    entry = (
        struct.pack(
            "<4s4B4HL2L5H2L",
            b"PK\x01\x02",
            20,
            0,
            20,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            200,
            0,
            0,
            0,
            0,
            0,
            0,
        )
        + b"n" * 200
    )
    directory = entry * count
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65_535, 65_535, len(directory), 0, 0)
    return directory + end


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_hostile_archive_is_refused_and_leaves_nothing(served: Gateway, kind: str) -> None:
    """With a reason, soon, and with the control plane's memory as it was."""
    project = served.sites / "demo"
    before = listing(project)
    data = HOSTILE[kind]()
    began = time.monotonic()
    answer = await ask(served, "POST", "/archive?path=in", data)
    assert answer.status in (400, 409, 413), answer.text
    assert answer.json["detail"]
    assert time.monotonic() - began < 60
    assert listing(project) == before
    assert [
        path.name
        for path in served.sites.iterdir()
        if path.name not in ("demo", ".sessions", ".epochs", ".builds")
    ] == []
    assert (await ask(served, "GET", "")).json["state"] == "ready"


@pytest.mark.parametrize(
    "kind", ["header bomb", "many headers", "sparse", "100,000 zip entries", "bomb"]
)
def test_unpacking_takes_bounded_memory(tmp_path: Path, kind: str) -> None:
    """What pretends to be long is refused before it is read whole."""
    import tracemalloc

    (tmp_path / "archive").write_bytes(HOSTILE[kind]())
    (tmp_path / "files").mkdir()
    tracemalloc.start()
    try:
        with pytest.raises(SessionError):
            unpacking.unpack(tmp_path / "archive", tmp_path / "files", "", SMALL)
        assert tracemalloc.get_traced_memory()[1] < 48 * MEBIBYTE
    finally:
        tracemalloc.stop()


async def test_what_a_repository_has_besides_is_left_out(served: Gateway) -> None:
    """`.git` and `node_modules` are counted and skipped, an executable stays one, and names with a
    leading `./` are the same.
    """
    data = tar(
        (member("./.git/config"), b"x"), (member("a/node_modules/x.js"), b"x"), (member("./run.sh", mode=0o755), b"#!"), packed=True
    )  # fmt: skip
    answer = await ask(served, "POST", "/archive?path=repository", data)
    assert answer.json == {"files": 1, "bytes": 2, "skipped": 2}
    assert (served.sites / "demo/repository/run.sh").stat().st_mode & 0o111 == 0o111


async def test_an_archive_may_not_have_more_than_the_session(served: Gateway) -> None:
    """507 names the share."""
    data = tar(*((member(f"f{number}"), bytes(MEBIBYTE)) for number in range(30)), packed=True)
    assert (await ask(served, "POST", "/archive?path=share/one", data)).status == 200
    refused = await ask(served, "POST", "/archive?path=share/two", data)
    assert (refused.status, refused.json["code"]) == (507, "quota")
    assert not (served.sites / "demo/share/two").exists()
