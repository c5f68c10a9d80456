"""Search in a project's files, by ripgrep: its syntax, its rules about ignored and binary files,
and time that grows with the text only.

It runs as a process of lower priority, so that what one session searches for does not hold up
others, and is ended when it has found enough or takes too long.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from contract.messages.runner import TEMPORARY

from .. import hardening
from ..errors import BadRequest, Crowded
from ..programs import ripgrep_executable
from .paths import split_path

LONGEST_QUERY: Final = 1000
LONGEST_GLOB: Final = 200
MOST_MATCHES: Final = 1000
MOST_CONTEXT: Final = 5
LONGEST_LINE: Final = 400
"""Characters of a line that are answered."""
SEARCH_SECONDS: Final = 8.0
LARGEST_FILE: Final = "2M"
AT_ONCE: Final = 2
NICENESS: Final = 10
LINE_BYTES: Final = 8 << 20
"""Of ripgrep's output: one line of a file of `LARGEST_FILE`, escaped."""
WAIT_SECONDS: Final = 5.0


@dataclass(frozen=True, kw_only=True)
class Query:
    """What to search for."""

    text: str
    regex: bool = False
    ignore_case: bool = False
    word: bool = False
    hidden: bool = False
    """Files that .gitignore names or whose name begins with a dot, too."""
    glob: str = ""
    path: str = ""
    context: int = 0
    most: int = 200

    def arguments(self) -> list[str]:
        """Of ripgrep."""
        found = [
            "--json",
            "--no-config",
            "--no-messages",
            "--no-require-git",
            "--sort=path",
            "--threads=1",
            f"--max-filesize={LARGEST_FILE}",
        ]
        found += [
            "--regex-size-limit=10M",
            "--dfa-size-limit=10M",
            "--glob=!node_modules",
            "--glob=!.git",
            f"--glob=!*{TEMPORARY}",
        ]
        found += [] if self.regex else ["--fixed-strings"]
        found += ["--ignore-case"] if self.ignore_case else []
        found += ["--word-regexp"] if self.word else []
        found += ["--hidden", "--no-ignore"] if self.hidden else []
        found += [f"--glob={self.glob}"] if self.glob else []
        found += [f"--context={self.context}"] if self.context else []
        return [*found, f"--regexp={self.text}", "--", f"./{self.path}" if self.path else "./"]


class Search:
    """Searches of all sessions of a task: `AT_ONCE` at a time."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)

    async def find(self, root: Path, query: Query) -> dict[str, Any]:
        """The matches, by file and line, and whether that is all. `BadRequest` when ripgrep does
        not take the query.
        """
        if query.path:
            split_path(query.path)
        try:
            await asyncio.wait_for(self._room.acquire(), WAIT_SECONDS)
        except TimeoutError:
            raise Crowded("other searches are under way. Try again in a moment") from None
        try:
            return await self._run(root, query)
        finally:
            self._room.release()

    async def _run(self, root: Path, query: Query) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            str(ripgrep_executable()), *query.arguments(),
            cwd=root, env={"LC_ALL": "C.UTF-8"}, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, limit=LINE_BYTES, start_new_session=True,
        )  # fmt: skip
        hardening.yield_processors(process.pid, niceness=NICENESS)
        found = _Found(query.most)
        ended = False
        try:
            async with asyncio.timeout(SEARCH_SECONDS):
                assert process.stdout is not None
                while not found.full and (line := await process.stdout.readline()):
                    found.take(line)
                ended = not found.full
                if ended and await process.wait() > 1:
                    raise BadRequest(await _refusal(process, query))
        except (TimeoutError, ValueError):  # ValueError: a line longer than `LINE_BYTES`
            ended = False
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)
            await process.wait()
        return {"matches": found.matches, "complete": ended}


async def _refusal(process: asyncio.subprocess.Process, query: Query) -> str:
    assert process.stderr is not None
    text = (await process.stderr.read(4000)).decode("utf-8", "replace").strip().replace("\n", " ")
    if "No such file" in text or not text:
        return f"the project has no file or folder {query.path!r} to search in"
    return (
        f"the query is {query.text[:80]!r}: {text[:600]}. See"
        " https://docs.rs/regex/latest/regex/#syntax, or send regex=0"
    )


class _Found:
    def __init__(self, most: int) -> None:
        self.matches: list[dict[str, Any]] = []
        self._most = most
        self._before: list[dict[str, Any]] = []
        self.full = False

    def take(self, line: bytes) -> None:
        """One message of ripgrep's `--json`."""
        message = json.loads(line)
        kind, data = message["type"], message["data"]
        if kind in ("begin", "end"):
            self._before = []
        elif kind == "context":
            entry = {"line": data["line_number"], "text": _text(data["lines"])}
            self._before.append(entry)
            if (
                self.matches
                and self.matches[-1]["line"] < entry["line"]
                and self.matches[-1]["path"] == _path(data)
            ):
                self.matches[-1]["after"].append(entry)
        elif kind == "match":
            if len(self.matches) >= self._most:
                self.full = True
                return
            self.matches.append(
                {
                    "path": _path(data),
                    "line": data["line_number"],
                    "column": _column(data),
                    "text": _text(data["lines"]),
                    "before": [
                        entry for entry in self._before if not self._shown(entry, _path(data))
                    ],
                    "after": [],
                }
            )
            self._before = []

    def _shown(self, entry: dict[str, Any], path: str) -> bool:
        return (
            bool(self.matches)
            and self.matches[-1]["path"] == path
            and entry in self.matches[-1]["after"]
        )


def _path(data: dict[str, Any]) -> str:
    return _whole(data["path"]).removeprefix("./")


def _whole(value: dict[str, str]) -> str:
    """A text, or what ripgrep cannot tell as one, in base64."""
    if "text" in value:
        return value["text"]
    import base64

    return base64.b64decode(value["bytes"]).decode("utf-8", "replace")


def _text(value: dict[str, str]) -> str:
    return _whole(value).rstrip("\r\n")[:LONGEST_LINE]


def _column(data: dict[str, Any]) -> int:
    """Of the first match in its line, counted in characters from 1."""
    if not data["submatches"]:
        return 1
    before = _whole(data["lines"]).encode()[: data["submatches"][0]["start"]]
    return len(before.decode("utf-8", "replace")) + 1
