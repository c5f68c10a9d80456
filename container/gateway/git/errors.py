"""What can go wrong with Git, as the API answers it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..codes import Code
from ..errors import SessionError

MOST_NAMED: Final = 1000


class GitMissing(SessionError):
    """The machine has no git program, or one that is too old."""

    code = Code.GIT_MISSING


class NotARepository(SessionError):
    code = Code.GIT_NOT_A_REPOSITORY


class GitUnsupported(SessionError):
    """Submodules, LFS, links that lead out, names: the detail `unsupported` says which."""

    code = Code.GIT_UNSUPPORTED

    def __init__(self, what: str, message: str) -> None:
        super().__init__(message)
        self.details = {"unsupported": what}


class GitConflict(SessionError):
    """What is there contradicts the request. `files` are named in the answer: path and kind."""

    def __init__(
        self,
        message: str,
        code: Code = Code.GIT_CONFLICT,
        files: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        if files:
            self.details = {
                "conflicts": [
                    {"path": path.encode("utf-8", "replace").decode(), "kind": kind}
                    for path, kind in files[:MOST_NAMED]
                ]
            }


class GitAddress(SessionError):
    """The remote's address is one that the gateway does not talk to."""

    code = Code.GIT_ADDRESS


class GitCredential(SessionError):
    """The remote demands a credential, or refuses the one that was sent."""

    code = Code.GIT_CREDENTIAL


class GitRemote(SessionError):
    """The remote does not answer, not in time, or not as a Git server does."""

    code = Code.GIT_REMOTE


class GitFailed(SessionError):
    """The git program failed on what is in the repository."""

    code = Code.GIT_FAILED


class GitSlow(GitFailed):
    """The git program was ended because it took too long."""


class UnknownRevision(SessionError):
    code = Code.UNKNOWN_REVISION


class UnknownCheckpoint(SessionError):
    code = Code.UNKNOWN_CHECKPOINT
