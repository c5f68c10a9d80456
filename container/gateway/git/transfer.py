"""Objects between a remote and a repository: git's own plumbing makes and takes the packs, and the
control plane carries them (`remote.py`), as git's program for HTTP does.

Requests of the plumbing come as packets on its output, each request ended by a flush; answers go to
its input.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

from ..codes import Code
from ..errors import SessionError
from .errors import GitConflict, GitFailed, GitRemote
from .program import ERROR_BYTES, Repository, bound, git_program, readable
from .remote import Advertised, Remote, Service

BUFFERED: Final = 1 << 20
"""Of a request that is sent with its length; a longer one is sent in chunks, as git does."""
END_SECONDS: Final = 120.0
"""From the last byte to the pack's being checked and put away."""


def packet(text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    return b"%04x" % (len(data) + 4) + data


class _Plumbing:
    """A git process that asks for what is to be sent."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self._in = process.stdin
        self._out = process.stdout

    async def give(self, data: bytes) -> None:
        self._in.write(data)
        await self._in.drain()

    async def packet(self) -> bytes | None:
        """The next one; None for a flush."""
        size = int(await self._out.readexactly(4), 16)
        return await self._out.readexactly(size - 4) if size > 4 else None

    async def requests(self, remote: Remote, service: Service) -> None:
        """Carry requests and answers until there are no more."""
        while (first := await self.packet()) is not None:
            data, ended = first, False
            while len(data) < BUFFERED:
                if (more := await self.packet()) is None:
                    ended = True
                    break
                data += more
            await remote.post(service, data if ended else self._chunks(data), self.give)
            if service == "git-receive-pack":
                return

    async def _chunks(self, first: bytes) -> AsyncIterator[bytes]:
        yield first
        while (more := await self.packet()) is not None:
            yield more

    async def rest(self) -> bytes:
        """What it says at its end."""
        self._in.close()
        return (await self._out.read()).removeprefix(b"0000")


async def _carried(
    repository: Repository,
    arguments: Sequence[str],
    preamble: bytes,
    remote: Remote,
    service: Service,
) -> str:
    """Run the plumbing; what it says at its end."""
    process = await asyncio.create_subprocess_exec(
        git_program(), *arguments,
        env=repository.environment, cwd=repository.git_dir, start_new_session=True,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    bound(process.pid)
    assert process.stderr is not None
    errors = asyncio.create_task(_tail(process.stderr))
    plumbing, failure = _Plumbing(process), None
    said = b""
    try:
        try:
            await plumbing.give(preamble)
            await plumbing.requests(remote, service)
            async with asyncio.timeout(END_SECONDS):
                said = await plumbing.rest()
                await process.wait()
        except (asyncio.IncompleteReadError, BrokenPipeError, ConnectionResetError, ValueError):
            pass  # it has ended, and says why
        except SessionError as error:
            failure = error
        except TimeoutError:
            failure = GitRemote("what the remote has sent takes too long to be checked")
    finally:
        if process.returncode is None and failure is not None:
            _kill(process)
        elif process.returncode is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(END_SECONDS / 12):
                    await process.wait()
            _kill(process)
        await process.wait()
        text = await errors
    if failure is not None:
        raise failure
    if process.returncode != 0 and service == "git-upload-pack":
        raise GitFailed(
            f"what the remote has sent is refused: {readable(text) or f'git ended with {process.returncode}'}"
        )
    if process.returncode != 0 and not said:
        raise GitRemote(f"the push failed: {readable(text) or 'git failed'}")
    return said.decode("utf-8", "replace")


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


async def _tail(stream: asyncio.StreamReader) -> bytes:
    """The last of what a process complains about."""
    found = b""
    while data := await stream.read(ERROR_BYTES):
        found = (found + data)[-ERROR_BYTES:]
    return found


async def fetch(
    repository: Repository,
    remote: Remote,
    advertised: Advertised,
    refs: Sequence[str],
    *,
    depth: int | None = None,
) -> None:
    """Bring what is missing of `refs` into the repository's objects; no reference is changed."""
    # Without --lock-pack, git 2.39 ends with a segmentation fault.
    arguments = ["fetch-pack", "--stateless-rpc", "--stdin", "--no-progress", "--thin"]
    arguments.append("--lock-pack")
    if depth is not None:
        arguments += [f"--depth={depth}", "--update-shallow"]
    wanted = "".join(f"{advertised.refs[ref]} {ref}\n" for ref in refs)
    preamble = b"".join(packet(each + "\n") for each in wanted.splitlines()) + b"0000"
    await _carried(
        repository, [*arguments, "remote"], preamble + advertised.body, remote, "git-upload-pack"
    )
    await asyncio.to_thread(_unlock, repository.git_dir / "objects" / "pack")


def _unlock(packs: Path) -> None:
    """Packs are locked until references name what is in them; the caller is about to do that."""
    for kept in packs.glob("*.keep"):
        kept.unlink(missing_ok=True)


async def push(
    repository: Repository, remote: Remote, advertised: Advertised, spec: str, branch: str
) -> None:
    """Send what is missing at the remote, and move its branch. `GitConflict` when it does not move
    it.
    """
    preamble = packet(spec + "\n") + b"0000" + advertised.body
    arguments = ["send-pack", "--stateless-rpc", "--helper-status", "--thin", "--quiet"]
    said = await _carried(
        repository, [*arguments, "--stdin", "remote"], preamble, remote, "git-receive-pack"
    )
    ref = f"refs/heads/{branch}"
    for line in said.splitlines():
        if line == f"ok {ref}" or line.startswith(f"ok {ref} "):
            return
        if line.startswith(f"error {ref} "):
            reason = readable(line.removeprefix(f"error {ref} ").encode())
            fix = "Pull first when it has commits that the session does not have"
            if "shallow" in reason:
                fix = (
                    "The session has the last commits only, and the remote does not have those"
                    " before them. Make the session with a larger `depth`"
                )
            raise GitConflict(
                f"the remote does not take the branch {branch!r}: {reason}. {fix}",
                Code.GIT_REJECTED,
            )
    raise GitRemote(f"the remote did not report the result of the push: {readable(said.encode())}")
