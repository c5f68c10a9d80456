"""A new project from a remote: its objects are fetched, its tree is checked, and then its files are
written, all beside the projects. What is not finished is never a session.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import BadRequest
from ..session_options import no_such_folder
from . import trees
from .errors import UnknownRevision
from .program import Repository, opened, run
from .remote import Advertised, Credential, Remote, remote_url, timed
from .transfer import fetch

_BRANCH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+@#-]{0,199}")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
NAMED: Final = 10
"""Branches that an error names."""

Disk = Callable[..., Awaitable[Any]]
"""Calls a function on the projects' disk, in a thread."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a new project is made from."""

    url: str
    ref: str = ""
    depth: int = 1
    root: str = ""
    """A folder that has to be there."""
    credential: Credential | None = None


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a project may have, and which hosts are internal Git servers."""

    total_bytes: int
    internal: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Of what a remote has."""

    ref: str
    branch: str | None
    """None for a tag."""


def check_branch(name: str) -> str:
    """The name of a branch. `BadRequest` says what is allowed."""
    parts = name.split("/")
    bad = not _BRANCH.fullmatch(name) or ".." in name or "@{" in name or name.endswith(".")
    if bad or any(not part or part.startswith(".") or part.endswith(".lock") for part in parts):
        raise BadRequest(
            f"the branch is {name[:80]!r}; allowed are 1 to 200 letters, digits and . _ / + @ # -,"
            " without '..' and not from '.' or '-'"
        )
    return name


def choose(advertised: Advertised, ref: str) -> Chosen:
    """The branch or tag that is meant; without `ref` the remote's own choice. `UnknownRevision`
    names what there is.
    """
    refs = advertised.refs
    candidates = [f"refs/heads/{ref}", f"refs/tags/{ref}", ref] if ref else [advertised.head or ""]
    if _COMMIT.fullmatch(ref):
        candidates = [name for name, tip in refs.items() if tip == ref and name != "HEAD"]
    elif not ref and not advertised.head:
        candidates = ["refs/heads/main", "refs/heads/master"]
    for name in candidates:
        if name.startswith("refs/heads/") and name in refs:
            return Chosen(ref=name, branch=check_branch(name.removeprefix("refs/heads/")))
        if name.startswith("refs/tags/") and name in refs:
            return Chosen(ref=name, branch=None)
    branches = [name.removeprefix("refs/heads/") for name in refs if name.startswith("refs/heads/")]
    known = ", ".join(branches[:NAMED])[:400] or "none"
    raise UnknownRevision(
        f"the remote has no branch or tag {ref[:80]!r}; its branches are {known}"
        if ref
        else f"the remote does not say which branch to take; its branches are {known}. Send `ref`"
    )


async def clone(origin: Origin, target: Path, scratch: Path, bounds: Bounds, disk: Disk) -> Chosen:
    """Make `target`, a new folder on the projects' disk, a project of what is returned."""
    url = remote_url(origin.url, bounds.internal)
    async with (
        Remote(url, origin.credential, bounds.internal, bounds.total_bytes) as remote,
        contextlib.AsyncExitStack() as stack,
    ):

        async def work() -> Chosen:
            advertised = await remote.advertised("git-upload-pack")
            chosen = choose(advertised, origin.ref)
            await disk(skeleton, target, str(remote.url), chosen.branch)
            opening = opened(scratch, target / ".git", work_tree=target)
            repository = await disk(opening.__enter__)
            stack.callback(opening.__exit__, None, None, None)
            await fetch(repository, remote, advertised, [chosen.ref], depth=origin.depth)
            tip = advertised.refs[chosen.ref]
            await disk(_fill, repository, target, tip, chosen, origin.root, bounds)
            return chosen

        made: Chosen = await timed(work())
        return made


def skeleton(target: Path, url: str, branch: str | None) -> None:
    """An empty repository, whose own configuration a developer's git understands."""
    folder = target / ".git"
    for name in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info"):
        (folder / name).mkdir(parents=True)
    (folder / "HEAD").write_text(f"ref: refs/heads/{branch or 'main'}\n")
    tracking = (
        f'[branch "{branch}"]\n\tremote = origin\n\tmerge = refs/heads/{branch}\n' if branch else ""
    )
    quoted = url.replace("\\", "\\\\").replace('"', '\\"')
    (folder / "config").write_text(
        "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n"
        "\tlogallrefupdates = true\n"
        f'[remote "origin"]\n\turl = "{quoted}"\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n'
        + tracking
    )


def _fill(
    repository: Repository, target: Path, tip: str, chosen: Chosen, root: str, bounds: Bounds
) -> None:
    """The files, references and index of what was fetched."""
    commit = run(repository, "rev-parse", "--verify", tip + "^{commit}").decode().strip()
    run(repository, "rev-list", "--objects", "--quiet", commit)  # all of it has come
    found = trees.entries(repository, commit)
    trees.check(found, bounds.total_bytes)
    if root and not any(entry.path.startswith(root + "/") for entry in found):
        raise no_such_folder(root)
    trees.write_out(repository, found, target)
    message = ("-m", "clone")
    if chosen.branch:
        run(repository, "update-ref", f"refs/remotes/origin/{chosen.branch}", commit)
        run(repository, "update-ref", *message, f"refs/heads/{chosen.branch}", commit)
    else:
        run(repository, "update-ref", chosen.ref, tip)
        run(repository, "update-ref", "--no-deref", *message, "HEAD", commit)
    refresh_index(repository, commit)


def refresh_index(repository: Repository, commit: str) -> None:
    """Have the index say what is in `commit`."""
    run(repository, "read-tree", commit)
    run(repository, "update-index", "-q", "--refresh", allowed=(0, 1))
