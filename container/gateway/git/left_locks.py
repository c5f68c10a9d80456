"""Lock files that a git program which was ended has left in a project's repository.

Git never removes another one's lock: without this, one process that was killed would have every
later commit, switch and pull refused, and a pull would change files and then not be able to say so
in the index. The code of a site may run a git, too, so a lock is respected while it is young.
"""

from __future__ import annotations

import contextlib
import time
from typing import Final

from .errors import GitConflict
from .program import GIT_SECONDS, Repository

LEFT_SECONDS: Final = 3 * GIT_SECONDS
"""No command of the gateway holds a lock for so long."""
NAMES: Final = ("index.lock", "HEAD.lock", "packed-refs.lock")


def check_unlocked(repository: Repository, *refs: str) -> None:
    """To be called before a project is changed, with the references that will be. `GitConflict`
    while another git has a lock; one that was left is removed.
    """
    for name in (*NAMES, *(f"{ref}.lock" for ref in refs)):
        lock = repository.git_dir / name
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            age = time.time() - lock.lstat().st_mtime
            if age < LEFT_SECONDS:
                raise GitConflict(
                    f"another Git program is at work: .git/{name} is {max(0.0, age):.0f} s old. Try"
                    f" again; a lock that is {LEFT_SECONDS:.0f} s old is removed"
                )
            lock.unlink()
