"""Another commit's tree for a project: switched to, or what the remote has with the session's own
commits replayed on it.

Merges are made on trees, without touching the project (`git merge-tree`). Only when there is no
conflict are the files changed, as a batch is: all or none. So nothing is ever half merged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..codes import Code
from ..files.changes import Change
from . import trees
from .errors import GitConflict
from .program import Repository, run
from .repository import Person, changed, head

MOST_REPLAYED: Final = 200
KINDS: Final[dict[tuple[int, ...], str]] = {
    (1, 2, 3): "both-modified",
    (2, 3): "both-added",
    (1, 2): "deleted-here",
    (1, 3): "deleted-there",
}
PLACEHOLDER: Final = Person(name="astro-live", email="astro-live@localhost")

Apply = Callable[[Sequence[Change]], Any]


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """What a pull has come to."""

    commit: str
    replayed: int
    """The session's own commits, now on top of the remote's."""


def check_clean(repository: Repository) -> None:
    """`GitConflict` when files that the repository knows differ from the last commit."""
    dirty = changed(repository, untracked=False)
    if dirty:
        raise GitConflict(
            f"{len(dirty)} files differ from the last commit, such as {dirty[0].path[:100]!r}."
            " Commit them first, or restore a checkpoint",
            Code.GIT_UNCOMMITTED,
            [(each.path, "uncommitted") for each in dirty],
        )


def put(
    repository: Repository, before: str, after: str, stage: Path, total_bytes: int, apply: Apply
) -> None:
    """Change the project's files from one commit's to another's. Files that the repository does not
    know stay; one in the way is a conflict.
    """
    wanted = trees.differences(repository, before, after)
    trees.check([each.entry for each in wanted if each.entry], total_bytes)
    root = repository.work_tree
    assert root is not None
    in_the_way = [
        (each.path, "untracked")
        for each in wanted
        if each.state == "added" and (root / each.path).is_symlink() | (root / each.path).exists()
    ]
    if in_the_way:
        raise GitConflict(
            f"{len(in_the_way)} files that are not committed would be replaced, such as"
            f" {in_the_way[0][0][:100]!r}. Commit, move or delete them first",
            Code.GIT_UNTRACKED,
            in_the_way,
        )
    apply(trees.as_changes(repository, wanted, stage))


def replayed(repository: Repository, onto: str) -> Pulled:
    """The remote's commit with the session's own ones on top; no reference and no file is changed.
    `GitConflict` lists the files that do not merge.
    """
    mine = head(repository).commit
    if mine is None or _is_ancestor(repository, mine, onto):
        return Pulled(commit=onto, replayed=0)
    if _is_ancestor(repository, onto, mine):
        return Pulled(commit=mine, replayed=0)
    base = run(repository, "merge-base", mine, onto, allowed=(0, 1)).decode().strip()
    if not base:
        raise GitConflict(
            "the remote's history and the session's have no commit in common, as far as they were"
            " fetched. Make a session from the repository again"
        )
    own = run(
        repository, "rev-list", "--reverse", "--no-merges", f"--max-count={MOST_REPLAYED + 1}",
        f"{base}..{mine}",
    ).decode().split()  # fmt: skip
    if len(own) > MOST_REPLAYED:
        raise GitConflict(
            f"more than {MOST_REPLAYED} commits are to be replayed. Push to another branch"
        )
    current = onto
    for each in own:
        current = _picked(repository, each, current)
    return Pulled(commit=current, replayed=len(own))


def _is_ancestor(repository: Repository, one: str, other: str) -> bool:
    """Whether `other` has all that `one` has."""
    return not run(repository, "rev-list", "--max-count=1", one, f"^{other}")


def _tree(repository: Repository, commit: str) -> str:
    return run(repository, "rev-parse", commit + "^{tree}").decode().strip()


def _picked(repository: Repository, commit: str, onto: str) -> str:
    """One commit on top of another. Their merge base has to be the commit's own parent, so a
    commit with the other tree is put on that.
    """
    parent = commit + "^"
    beside = run(
        repository, "commit-tree", "-p", parent, "-m", "beside", _tree(repository, onto),
        extra=PLACEHOLDER.environment,
    ).decode().strip()  # fmt: skip
    output = run(
        repository, "merge-tree", "--write-tree", "-z", "--no-messages", beside, commit,
        allowed=(0, 1),
    )  # fmt: skip
    records = output.split(b"\0")
    tree, stages = records[0].decode(), defaultdict[str, list[int]](list)
    for record in records[1:]:
        entry, _, path = record.partition(b"\t")
        if path:
            stages[path.decode("utf-8", "surrogateescape")].append(int(entry.split()[2]))
    if stages:
        subject = run(repository, "log", "-1", "--format=%s", commit).decode("utf-8", "replace")
        files = [
            (path, KINDS.get(tuple(sorted(set(found))), "conflict"))
            for path, found in sorted(stages.items())
        ]
        raise GitConflict(
            f"{len(files)} files of the session's commit {commit[:10]} ({subject.strip()[:80]})"
            f" conflict with what the remote has, such as {files[0][0][:100]!r}. Nothing was changed",
            Code.GIT_MERGE_CONFLICT,
            files,
        )
    if tree == _tree(repository, onto):
        return onto  # the remote has it already
    name, email, at, message = (
        run(repository, "log", "-1", "--format=%an%x1f%ae%x1f%ad%x1f%B", "--date=raw", commit)
        .decode("utf-8", "replace")
        .split("\x1f", 3)
    )
    author = {**Person(name=name, email=email).environment, "GIT_AUTHOR_DATE": "@" + at}
    made = run(
        repository, "commit-tree", "-p", onto, "--no-gpg-sign", tree,
        data=message.encode(), extra=author,
    )  # fmt: skip
    return made.decode().strip()
