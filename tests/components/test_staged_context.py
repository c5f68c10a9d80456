"""Each image is built from its own context, the same on every machine (S13, S36)."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from components.staged_context import KEPT_SECONDS, StagedContext, stage
from local.model.image import with_context_digest

LOCK = "requirements.txt"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout, and the program's directory."""
    folder = tmp_path / "one"
    (folder / "app").mkdir(parents=True)
    for name, text in {
        "Dockerfile": "FROM x AS deps\n",
        LOCK: "aiohttp==3\n",
        "app/main.py": "print()\n",
        "app/run": "#!/bin/sh\n",
        "notes.md": "not for the image\n",
        ".dockerignore": "*.md\n.dockerignore\nDockerfile\n",
    }.items():
        (folder / name).write_text(text)
    (folder / "app" / "run").chmod(0o755)
    (folder / "app" / "link").symlink_to("main.py")
    monkeypatch.chdir(folder)
    return folder


def staged(folder: Path, *files: str) -> StagedContext:
    return stage(folder, folder / "Dockerfile", platform="linux/arm64", files=files or None)


def digest(found: StagedContext) -> str:
    """What pulumi-docker compares: modes of files included."""
    inputs = {"build": {"context": found.context, "dockerfile": found.dockerfile}}
    return str(with_context_digest(inputs, Path())["build"]["contextDigest"])


def contents(found: StagedContext) -> list[str]:
    base = Path(found.context)
    return sorted(
        path.relative_to(base).as_posix() for path in base.rglob("*") if not path.is_dir()
    )


def test_the_context_holds_what_the_tag_is_a_hash_of(checkout: Path) -> None:
    assert contents(staged(checkout)) == ["app/link", "app/main.py", "app/run", LOCK]
    cache = staged(checkout, LOCK)
    assert contents(cache) == [LOCK]
    assert Path(cache.dockerfile).read_text() == "FROM x AS deps\n"


@pytest.mark.parametrize("umask", [0o002, 0o022, 0o077])
def test_neither_umask_nor_times_nor_place_change_what_is_built(
    checkout: Path, umask: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths, hash and pulumi-docker's own digest are those of the first machine."""
    first = staged(checkout)
    before = (first, digest(first))
    other = tmp_path / "elsewhere" / "two"
    shutil.copytree(checkout, other, symlinks=True, ignore=shutil.ignore_patterns(".local"))
    for path in other.rglob("*"):
        if not path.is_symlink():
            path.chmod((0o777 if path.is_dir() or path.stat().st_mode & 0o100 else 0o666) & ~umask)
            os.utime(path, (1, 1))
    monkeypatch.chdir(other)
    old = os.umask(umask)
    try:
        second = staged(other)
    finally:
        os.umask(old)
    assert (second, digest(second)) == before


def test_a_source_file_is_no_business_of_the_cache(checkout: Path) -> None:
    """Its context is its lock files."""
    cache, image = staged(checkout, LOCK), staged(checkout)
    cache_digest = digest(cache)
    (checkout / "app" / "main.py").write_text("print(1)\n")
    assert staged(checkout, LOCK) == cache
    assert digest(staged(checkout, LOCK)) == cache_digest
    assert staged(checkout).hash != image.hash
    (checkout / LOCK).write_text("aiohttp==4\n")
    assert staged(checkout, LOCK).hash != cache.hash


def test_a_changed_copy_is_made_again(checkout: Path) -> None:
    """What is built is what the tag says, whatever has happened to the copy since."""
    first = staged(checkout)
    before = digest(first)
    copy = Path(first.context)
    (copy / "app" / "main.py").write_text("print('other')\n")
    assert digest(staged(checkout)) == before
    (copy / "more.py").write_text("")
    assert digest(staged(checkout)) == before
    (copy / "app" / "run").chmod(0o644)
    assert digest(staged(checkout)) == before
    shutil.rmtree(copy)
    assert digest(staged(checkout)) == before


@pytest.mark.parametrize("before", ["nothing", "a damaged copy"])
def test_programs_at_once_get_one_whole_copy(checkout: Path, before: str) -> None:
    """In every order in which they read, remove and rename: thirty rounds of eight."""
    whole = digest(staged(checkout))
    for _ in range(30):
        if before == "nothing":
            shutil.rmtree(".local/build")
        else:
            (Path(staged(checkout).context) / "app" / "main.py").write_text("print('other')\n")
        found: list[StagedContext] = []
        threads = [
            threading.Thread(target=lambda found=found: found.append(staged(checkout)))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8
        assert digest(found[0]) == whole
        assert sorted(path.name for path in Path(".local/build").iterdir()) == [
            ".gitignore",
            ".lock",
            found[0].hash,
        ]


def test_copies_do_not_pile_up(checkout: Path) -> None:
    """Those of a week ago go, and none is taken into a commit."""
    first = staged(checkout)
    old = Path(first.context).parent
    os.utime(old, (old.stat().st_atime, old.stat().st_mtime - KEPT_SECONDS - 60))
    (checkout / "app" / "main.py").write_text("print(1)\n")
    second = staged(checkout)
    assert not old.exists()
    assert Path(second.context).is_dir()
    assert Path(".local/build/.gitignore").read_text() == "*\n"


def test_copies_do_not_enter_a_context_that_leaves_them_in(checkout: Path) -> None:
    """The second run hashes what the first one did."""
    (checkout / ".dockerignore").unlink()
    assert staged(checkout) == staged(checkout)


def test_a_missing_lock_file_is_named(checkout: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"uv\.lock"):
        staged(checkout, "uv.lock")
