"""A project's own repository: what differs, what was, and commits.

Functions that change it are called with the session's lock held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ..codes import Code
from ..errors import BadRequest, TooLarge
from ..records import read_record
from . import trees
from .cloning import check_branch
from .errors import GitConflict, NotARepository, UnknownRevision
from .program import Repository, run, streamed

MOST_CHANGED: Final = 20_000
PATCH_BYTES: Final = 1 << 20
INDEX_BYTES: Final = 64 << 20
CONFIG_BYTES: Final = 256 * 1024
MOST_COMMITS: Final = 500

FileState = Literal["added", "modified", "deleted", "untracked", "conflicted"]


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A file that is not as in the last commit."""

    path: str
    state: FileState


@dataclass(frozen=True, kw_only=True)
class Person:
    """Author of a commit."""

    name: str
    email: str

    @property
    def environment(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for role in ("AUTHOR", "COMMITTER"):
            found |= {f"GIT_{role}_NAME": self.name, f"GIT_{role}_EMAIL": self.email}
        return found


@dataclass(frozen=True, kw_only=True)
class Head:
    branch: str | None
    """None: a commit, not a branch, is checked out."""
    commit: str | None
    """None: there is none yet."""


@dataclass(frozen=True, kw_only=True)
class Commit:
    id: str
    parents: list[str]
    author: str
    email: str
    at: int
    message: str


def head(repository: Repository) -> Head:
    name = run(repository, "symbolic-ref", "-q", "HEAD", allowed=(0, 1)).decode().strip()
    commit = run(repository, "rev-parse", "-q", "--verify", "HEAD^{commit}", allowed=(0, 1, 128))
    return Head(
        branch=name.removeprefix("refs/heads/") if name.startswith("refs/heads/") else None,
        commit=commit.decode().strip() or None,
    )


def current_branch(repository: Repository) -> str:
    """The branch that is checked out. `GitConflict` when there is none."""
    branch = head(repository).branch
    if branch is None:
        raise GitConflict(
            "a commit, not a branch, is checked out. Switch to a branch first, or create one"
        )
    return check_branch(branch)


def origin_url(repository: Repository) -> str:
    """The address of `origin` in the project's configuration, which anybody may have written."""
    file = repository.git_dir / "config"
    copy = repository.spare("theirs")
    copy.write_bytes(read_record(file, CONFIG_BYTES) or b"")
    found = run(
        repository, "config", "--file", str(copy), "--no-includes", "--get", "remote.origin.url",
        allowed=(0, 1),
    )  # fmt: skip
    if not found:
        raise NotARepository("the repository has no remote 'origin'. Send the `url`")
    return found.decode("utf-8", "replace").strip()


def seen_at(repository: Repository, url: str | None, branch: str, tip: str) -> None:
    """Keep what `origin` has. Another remote (`url`) says nothing about it."""
    if url is not None:
        try:
            known = origin_url(repository)
        except NotARepository:
            return
        if known != url:
            return
    run(repository, "update-ref", f"refs/remotes/origin/{branch}", tip)


def distance(repository: Repository, branch: str | None) -> tuple[int, int] | None:
    """Commits that only the branch has, and that only the remote's has as last seen; None when it
    was not seen.
    """
    if branch is None or not _has(repository, f"refs/remotes/origin/{branch}"):
        return None
    counts = run(
        repository, "rev-list", "--left-right", "--count",
        f"refs/heads/{branch}...refs/remotes/origin/{branch}", allowed=(0, 128),
    ).split()  # fmt: skip
    return (int(counts[0]), int(counts[1])) if len(counts) == 2 else None


def _has(repository: Repository, ref: str) -> bool:
    return bool(run(repository, "rev-parse", "-q", "--verify", ref, allowed=(0, 1, 128)))


def changed(repository: Repository, *, untracked: bool = True) -> list[Changed]:
    """Files that differ from the last commit, by path; folders that are repositories are left
    out.
    """
    output = run(
        repository, "status", "--porcelain=v2", "-z", "--no-renames", "--ignore-submodules=all",
        f"--untracked-files={'all' if untracked else 'no'}",
    )  # fmt: skip
    found = []
    for record in output.split(b"\0"):
        text = record.decode("utf-8", "surrogateescape")
        kind = text[:1]
        if kind == "1":
            path, xy = text.split(" ", 8)[8], text[2:4]
            if text[5] == "S":
                continue
            state: FileState = "deleted" if "D" in xy else "added" if "A" in xy else "modified"
        elif kind == "u":
            path, state = text.split(" ", 10)[10], "conflicted"
        elif kind == "?":
            path, state = text[2:], "untracked"
        else:
            continue
        if not path.endswith("/"):
            found.append(Changed(path=path, state=state))
    if len(found) > MOST_CHANGED:
        raise TooLarge(f"more than {MOST_CHANGED} files differ from the last commit")
    return sorted(found, key=lambda each: each.path)


def below(path: str, wanted: Sequence[str]) -> bool:
    """Whether a path is one of `wanted`, or in one of them."""
    return not wanted or any(path == each or path.startswith(each + "/") for each in wanted)


def patch(repository: Repository, files: Sequence[Changed]) -> tuple[str, bool]:
    """The differences as text, new files included, and whether that is all."""
    index = repository.spare("index")
    if repository.index is not None:
        known = read_record(repository.index, INDEX_BYTES + 1)
        if known is not None and len(known) > INDEX_BYTES:
            raise TooLarge(f"the repository's index has more than {INDEX_BYTES} bytes")
        if known is not None:
            index.write_bytes(known)
    other = Repository(**{**repository.__dict__, "index": index})
    new = [each.path for each in files if each.state == "untracked"]
    if new:
        data = "\0".join(new).encode("utf-8", "surrogateescape")
        run(
            other, "add", "--intent-to-add", "--force",
            "--pathspec-from-file=-", "--pathspec-file-nul", data=data,
        )  # fmt: skip
    before = head(repository).commit or trees.EMPTY_TREE
    paths = [each.path for each in files]
    return _text(other, "diff", before, paths)


def patch_between(
    repository: Repository, before: str, after: str, paths: Sequence[str]
) -> tuple[str, bool]:
    return _text(repository, "diff-tree", before, paths, after)


def _text(
    repository: Repository, command: str, before: str, paths: Sequence[str], *after: str
) -> tuple[str, bool]:
    """A patch, cut after `PATCH_BYTES`."""
    if not paths:
        return "", True
    few = paths if sum(len(path) + 1 for path in paths) < 32_000 else []
    with streamed(
        repository, command, "-p", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames",
        "--ignore-submodules=all", before, *after, "--", *few,
    ) as output:  # fmt: skip
        data = output.read(PATCH_BYTES + 1)
    return data[:PATCH_BYTES].decode("utf-8", "replace"), len(data) <= PATCH_BYTES


def log(repository: Repository, name: str, most: int) -> list[Commit]:
    """The commits that lead to `name`, the newest first. None in a repository without commits."""
    if name == "HEAD" and head(repository).commit is None:
        return []
    start = trees.revision(repository, name)
    output = run(
        repository, "log", "-z", f"--max-count={most}",
        "--format=%H%x1f%P%x1f%an%x1f%ae%x1f%at%x1f%B", start,
    )  # fmt: skip
    found = []
    for record in output.decode("utf-8", "replace").split("\0"):
        parts = record.split("\x1f", 5)
        if len(parts) == 6:
            found.append(
                Commit(
                    id=parts[0],
                    parents=parts[1].split(),
                    author=parts[2],
                    email=parts[3],
                    at=int(parts[4]) if parts[4].isdigit() else 0,
                    message=parts[5].strip(),
                )
            )
    return found


def branches(repository: Repository) -> list[tuple[str, str]]:
    """Name and commit of each, those of the remote that were seen as `origin/…`."""
    output = run(
        repository, "for-each-ref", "--format=%(refname)%00%(objectname)", "--count=1000",
        "refs/heads", "refs/remotes/origin",
    )  # fmt: skip
    found = []
    for each in output.decode("utf-8", "replace").splitlines():
        name, _, commit = each.partition("\0")
        found.append((name.removeprefix("refs/heads/").removeprefix("refs/remotes/"), commit))
    return found


def commit(repository: Repository, message: str, author: Person, paths: Sequence[str]) -> str:
    """Commit what differs, or of it what is in `paths`; the commit's id. `GitConflict` when nothing
    does.
    """
    current_branch(repository)
    now = head(repository)
    wanted = [each for each in changed(repository) if below(each.path, paths)]
    for each in wanted:
        if each.state == "conflicted":
            raise GitConflict(f"{each.path!r} has a conflict that a merge has left. Resolve it")
    if not wanted:
        text = "nothing differs from the last commit" + _of(paths)
        raise GitConflict(text, Code.GIT_NOTHING)
    run(repository, "read-tree", now.commit) if now.commit else run(
        repository, "read-tree", "--empty"
    )
    data = "\0".join(each.path for each in wanted).encode("utf-8", "surrogateescape")
    run(repository, "update-index", "--add", "--remove", "--replace", "-z", "--stdin", data=data)
    tree = run(repository, "write-tree").decode().strip()
    parents = ("-p", now.commit) if now.commit else ()
    made = run(
        repository, "commit-tree", *parents, "--no-gpg-sign", tree,
        data=message.encode(), extra=author.environment,
    ).decode().strip()  # fmt: skip
    first = message.strip().splitlines()[0][:200] if message.strip() else ""
    move_head(repository, made, now.commit, f"commit: {first}")
    run(repository, "update-index", "-q", "--refresh", allowed=(0, 1))
    return made


def _of(paths: Sequence[str]) -> str:
    return f" in {', '.join(map(repr, paths[:5]))}" if paths else ""


def move_head(repository: Repository, to: str, before: str | None, why: str) -> None:
    """Have the branch that is checked out, or HEAD itself, name another commit."""
    run(repository, "update-ref", "-m", why, "HEAD", to, before or trees.NOTHING)


def create_branch(repository: Repository, name: str) -> str:
    """A new branch at the commit that is checked out, which becomes the current one."""
    check_branch(name)
    now = head(repository)
    if _has(repository, f"refs/heads/{name}"):
        raise GitConflict(f"the branch {name!r} exists already. Switch to it without `create`")
    if now.commit:
        run(repository, "update-ref", f"refs/heads/{name}", now.commit, trees.NOTHING)
    run(repository, "symbolic-ref", "HEAD", f"refs/heads/{name}")
    return now.commit or ""


def branch_tip(repository: Repository, name: str) -> str:
    """The commit of a local branch, made from the remote's as last seen when there is none."""
    check_branch(name)
    for ref in (f"refs/heads/{name}", f"refs/remotes/origin/{name}"):
        if _has(repository, ref):
            return run(repository, "rev-parse", "--verify", ref + "^{commit}").decode().strip()
    raise UnknownRevision(
        f'the repository has no branch {name[:80]!r}. Send "create": true to make it'
    )


def check_message(message: str) -> str:
    if not message.strip() or "\0" in message:
        raise BadRequest("the commit's message is empty, or has a NUL character")
    return message
