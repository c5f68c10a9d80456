"""How the git program is run.

It sees objects, references and the index of a repository, and nothing else of it. The
configuration, hooks, attributes and excludes come from a folder that is made for each call
(`GIT_COMMON_DIR`, as a linked worktree has it), with links to the repository's objects and
references. What a repository or the site's code writes into `.git/config`, `.git/hooks` or
`.git/info/attributes` is not read. Protocols are off: a remote is reached by `remote.py` only, so
no git process ever has a credential.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import resource
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from .. import hardening
from ..errors import TooLarge
from ..records import read_record
from .errors import GitFailed, GitMissing, GitSlow, NotARepository

GIT_SECONDS: Final = 60.0
"""For one command that works on a repository's files."""
OUTPUT_BYTES: Final = 32 << 20
MEMORY_BYTES: Final = 1 << 30
"""Address space of one git process: a delta that unpacks to more ends it."""
ERROR_BYTES: Final = 4000
EXCLUDE_BYTES: Final = 64 * 1024
LEAST_VERSION: Final = (2, 38)
"""`git merge-tree --write-tree`."""
NICENESS: Final = 5
OUT_OF_MEMORY_SCORE: Final = 800
"""Above a dev server's: when memory is short, the kernel ends git first."""

ENVIRONMENT: Final = {
    "PATH": os.defpath,
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "HOME": "/nonexistent",
    "XDG_CONFIG_HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "false",
    "SSH_ASKPASS": "false",
    "GIT_SSH_COMMAND": "false",
    "GIT_EDITOR": "false",
    "GIT_PAGER": "cat",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_FLUSH": "0",
}
CONFIGURATION: Final = """\
[core]
\trepositoryFormatVersion = 0
\tfileMode = true
\tsymlinks = true
\tbare = false
\tignoreCase = false
\thooksPath = /dev/null
\tfsmonitor = false
\tuntrackedCache = false
\tattributesFile = /dev/null
\texcludesFile = /dev/null
\tsshCommand = false
\teditor = false
\tpager = cat
\tprotectNTFS = {guarded}
\tprotectHFS = {guarded}
\tquotePath = false
\tpackedGitWindowSize = 32m
\tpackedGitLimit = 256m
\tbigFileThreshold = 16m
\tlogAllRefUpdates = true
\tfsync = {fsync}
\tlooseCompression = 1
[protocol]
\tallow = never
[credential]
\thelper =
[transfer]
\tfsckObjects = true
\tunpackLimit = 1
[fetch]
\tfsckObjects = true
[fetch "fsck"]
\tzeroPaddedFilemode = ignore
\tmissingSpaceBeforeDate = ignore
\tbadTimezone = ignore
[diff]
\tignoreSubmodules = all
\trenames = false
[status]
\tsubmoduleSummary = false
[submodule]
\trecurse = false
[pack]
\tthreads = 1
\twindowMemory = 64m
[gc]
\tauto = 0
[maintenance]
\tauto = false
[commit]
\tgpgSign = false
[log]
\tshowSignature = false
[merge]
\trenormalize = false
"""
EXCLUDED: Final = "node_modules\n.astro/\n*.astro-live-tmp\n"
"""What is made in a project's folder by a start, whatever its .gitignore says."""
SHARED: Final = ("objects", "refs", "packed-refs", "shallow", "logs")
FILES: Final = ("HEAD", "index", "packed-refs", "shallow")
"""What git reads from nearly every time: a pipe there would have each call wait for its end."""
EXACT: Final = "* -text !eol -ident -filter !working-tree-encoding\n"
"""Attributes of a store that keeps bytes as they are."""


@functools.cache
def git_program() -> str:
    """The path of the git program. `GitMissing` says what to install."""
    program = shutil.which("git")
    if program is None:
        raise GitMissing(
            "this gateway has no git program. Install git 2.38 or later (the image has it)"
        )
    text = subprocess.run(
        [program, "--version"], capture_output=True, env=ENVIRONMENT, timeout=20, check=False
    ).stdout.decode()
    found = re.search(r"(\d+)\.(\d+)", text)
    if found is None or (int(found[1]), int(found[2])) < LEAST_VERSION:
        raise GitMissing(f"the git program is {text.strip()!r}; needed is git 2.38 or later")
    return program


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A repository that is open for calls of the git program."""

    git_dir: Path
    common: Path
    """The folder made for this call: configuration and links."""
    work_tree: Path | None = None
    index: Path | None = None

    @property
    def environment(self) -> dict[str, str]:
        found = {**ENVIRONMENT, "GIT_DIR": str(self.git_dir), "GIT_COMMON_DIR": str(self.common)}
        if self.work_tree is not None:
            found["GIT_WORK_TREE"] = str(self.work_tree)
        if self.index is not None:
            found["GIT_INDEX_FILE"] = str(self.index)
        return found

    def spare(self, name: str) -> Path:
        """A file for this call only."""
        return self.common / name


@contextlib.contextmanager
def opened(
    scratch: Path,
    git_dir: Path,
    *,
    work_tree: Path | None = None,
    exact: bool = False,
    configuration: str = "",
) -> Iterator[Repository]:
    """Open a repository. `exact` is for a store that only the gateway uses: bytes are kept as they
    are, and it is not synchronised object by object.

    Raises `NotARepository` for what is not one, or is arranged in a way that is not supported.
    """
    git_program()
    check(git_dir)
    scratch.mkdir(parents=True, exist_ok=True)
    common = Path(tempfile.mkdtemp(prefix="git-", dir=scratch))
    try:
        fsync = "none" if exact else "committed,loose-object"
        guarded = "false" if exact else "true"
        text = CONFIGURATION.format(fsync=fsync, guarded=guarded)
        (common / "config").write_text(text + configuration)
        (common / "info").mkdir()
        (common / "info" / "attributes").write_text(EXACT if exact else "")
        own = b"" if exact else read_record(git_dir / "info" / "exclude", EXCLUDE_BYTES) or b""
        (common / "info" / "exclude").write_bytes(own + b"\n" + EXCLUDED.encode())
        for name in SHARED:
            (common / name).symlink_to(git_dir / name)
        index = git_dir / "index"
        yield Repository(git_dir=git_dir, common=common, work_tree=work_tree, index=index)
    finally:
        shutil.rmtree(common, ignore_errors=True)


def check(git_dir: Path) -> None:
    """Raise unless the folder is a repository whose objects are its own."""
    for folder in (git_dir, git_dir / "objects", git_dir / "refs"):
        try:
            mode = folder.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            mode = 0
        if not stat.S_ISDIR(mode):
            raise NotARepository(
                "the project is not a Git repository with its own .git folder. Make the session"
                " from a repository"
            )
    for name in FILES:
        with contextlib.suppress(OSError):
            if not stat.S_ISREG((git_dir / name).stat().st_mode):
                raise NotARepository(
                    f".git/{name} is not a file, but git would wait for what it is. Remove it"
                )
    if os.path.lexists(git_dir / "objects" / "info" / "alternates"):
        raise NotARepository(
            "the repository borrows objects of another one (objects/info/alternates), which is not"
            " supported. Clone it without --shared and --reference"
        )


@dataclass
class _Call:
    process: subprocess.Popen[bytes]
    errors: IO[bytes]
    late: bool = False

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def time_is_up(self) -> None:
        self.late = True
        self.kill()

    def failure(self, arguments: tuple[str, ...], seconds: float) -> GitFailed:
        if self.late:
            return GitSlow(f"git {arguments[0]} took longer than {seconds:.0f} s")
        self.errors.seek(0)
        text = readable(self.errors.read(ERROR_BYTES))
        return GitFailed(f"git {arguments[0]} failed: {text or self.process.returncode}")


def readable(text: bytes) -> str:
    """A program's output as one line for people, without control characters."""
    found = re.sub(r"[\x00-\x1f\x7f]+", " ", text.decode("utf-8", "replace")).strip()
    return found[:800]


def bound(pid: int) -> None:
    """Hold a git process to its memory, and let others go first."""
    hardening.yield_processors(pid, niceness=NICENESS)
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text(str(OUT_OF_MEMORY_SCORE))
    if hasattr(resource, "prlimit"):
        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(pid, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
            resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))


@contextlib.contextmanager
def streamed(
    repository: Repository,
    *arguments: str,
    data: bytes = b"",
    seconds: float = GIT_SECONDS,
    allowed: tuple[int, ...] = (0,),
    extra: Mapping[str, str] | None = None,
) -> Iterator[IO[bytes]]:
    """The output of `git ARGUMENTS` while it runs. `GitFailed` when it ends with a status that is
    not `allowed`, or takes too long.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as errors:
        given.write(data)
        given.seek(0)
        process = subprocess.Popen(
            [git_program(), *arguments],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**repository.environment, **(extra or {})},
            cwd=repository.work_tree or repository.git_dir,
            start_new_session=True,
        )
        bound(process.pid)
        call = _Call(process, errors)
        timer = threading.Timer(seconds, call.time_is_up)
        timer.start()
        try:
            assert process.stdout is not None
            yield process.stdout
            while process.stdout.read(65536):
                pass
            if process.wait() not in allowed:
                raise call.failure(arguments, seconds)
        finally:
            timer.cancel()
            if process.poll() is None:
                call.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def run(
    repository: Repository,
    *arguments: str,
    data: bytes = b"",
    most: int = OUTPUT_BYTES,
    seconds: float = GIT_SECONDS,
    allowed: tuple[int, ...] = (0,),
    extra: Mapping[str, str] | None = None,
) -> bytes:
    """The whole output of `git ARGUMENTS`; `TooLarge` above `most` bytes."""
    with streamed(
        repository, *arguments, data=data, seconds=seconds, allowed=allowed, extra=extra
    ) as output:
        found = output.read(most + 1)
        if len(found) > most:
            raise TooLarge(f"git {arguments[0]} answers more than {most} bytes")
    return found


def line(repository: Repository, *arguments: str, allowed: tuple[int, ...] = (0,)) -> str:
    """One line of output."""
    return run(repository, *arguments, allowed=allowed).decode("utf-8", "replace").strip()
