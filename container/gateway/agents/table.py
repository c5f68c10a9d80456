"""Which operations of the API are tools. `tests/gateway/test_mcp.py` fails on one that is in
neither table, so that each new call is decided about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Hints:
    """What a client tells its user before a tool is called."""

    read_only: bool = False
    destructive: bool = False
    idempotent: bool = False
    outward: bool = False
    """Whether something outside of the session changes, or is asked."""
    text: str = ""
    """Instead of the operation's summary."""


READ: Final = Hints(read_only=True, idempotent=True)
WRITE: Final = Hints(destructive=True)
WRITE_AGAIN: Final = Hints(destructive=True, idempotent=True)
RUN: Final = Hints(idempotent=True)

TOOLS: Final[dict[str, Hints]] = {
    "showSession": READ,
    "listFiles": READ,
    "searchFiles": READ,
    "readFile": READ,
    "writeFile": WRITE_AGAIN,
    "editFile": WRITE,
    "changeFiles": WRITE,
    "moveFile": WRITE,
    "deleteFile": WRITE_AGAIN,
    "listProblems": READ,
    "listViewers": READ,
    "readLogs": Hints(
        read_only=True, idempotent=True, text="The last lines of the dev server's output"
    ),
    "undo": WRITE,
    "listCheckpoints": READ,
    "makeCheckpoint": Hints(),
    "diffCheckpoint": READ,
    "restoreCheckpoint": WRITE_AGAIN,
    "gitStatus": READ,
    "gitDiff": READ,
    "gitLog": READ,
    "gitBranches": READ,
    "gitCommit": Hints(),
    "gitSwitch": WRITE,
    "gitPull": Hints(destructive=True, outward=True),
    "gitPush": Hints(outward=True),
    "startSession": RUN,
    "restartSession": Hints(),
    "stopSession": RUN,
    "rebuildSession": Hints(),
    "listBuilds": READ,
    "serveBuild": RUN,
}
"""By operation, in the order in which they are listed."""

NO_TOOLS: Final[dict[str, str]] = {
    "listSessions": "the address is one session's",
    "streamEvents": "a stream for programs; problems are listed by a tool",
    "createSession": "the address is one session's",
    "deleteSession": "the program that made the session ends it",
    "changeSession": "what is served is decided where the session is made",
    "mintToken": "a link is for the program that knows the person",
    "revokeTokens": "who may look is decided where the links are made",
    "removeCheckpoint": "the way back is not the agent's to remove; the oldest go by themselves",
    "listCredentials": "who may what is decided where the sessions are made",
    "createCredential": "who may what is decided where the sessions are made",
    "revokeCredential": "who may what is decided where the sessions are made",
    "downloadArchive": "bytes for a program; files are read by name",
    "uploadArchive": "bytes for a program; changeFiles takes many files",
}
"""Operations that are no tools, and why."""

DROPPED: Final = frozenset({"follow", "If-Range", "Idempotency-Key"})
"""Parameters that make no sense in a tool: its answer is one message, and each call has its own key
(`calls.py`).
"""
WAIT_SECONDS: Final = 20
"""A tool that changes files is answered with its verdict unless it says otherwise."""
