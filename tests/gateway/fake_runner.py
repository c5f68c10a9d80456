# ruff: noqa: ASYNC110 - another process is waited for, which can only be asked
# ruff: noqa: ASYNC220, ASYNC240 - a single user, and nothing else to do meanwhile
"""A dev server for tests: a real HTTP and WebSocket process that speaks the runner's channel.

It does on demand what real ones do by accident. `fake.json` in the project says how it starts:
`{"start": "ready" | "error" | "hang" | "exit" | "progress", "error": {...}, "delay": seconds,
"listen": false, "link": path}`; the last two say that it is ready without listening, or with a link
to another socket in its place. `problems` is what a check finds.

HTTP paths below the session's base:
    echo               the request as JSON          start, changes, env  what it was told; its environment
    visited            paths and queries that were requested before
    crash              ends the process             ballast?mib=N        takes memory
    spawn              starts a child deaf to TERM  attack?path=…        reads a file as the site's code could
    breed?count=N      starts N children            detach?mib=N&how=…   starts one that leaves the group, or its parent, and takes memory
    fill?mib=N&path=…  writes to a file of its scratch folder
    say?times=N        writes the body to the channel, N times
    print?lines=N      prints N lines                large?kib=N          answers with so much
    torn?times=N       N times breaks the connection off instead of an answer
    headers?name=value answers with these headers  worker               a service worker's script that wants the whole origin
    hold?folder=P      makes P/arrived, and answers when P/go is there
    sleep?seconds=N    answers late                 silent               never answers
    loop               keeps the processor, for ever
    socket, _hmr       WebSocket echo ("headers?" is answered with the upgrade's)
    anything else      a small page
"""  # noqa: W505 - a table

from __future__ import annotations

import asyncio
import itertools
import json
import os
import pathlib
import socket
import subprocess
import sys
from typing import Any

from aiohttp import WSMsgType, web

CHANNEL = socket.socket(fileno=3)
CHANNEL.setblocking(False)
BALLAST: list[bytearray] = []
CHANGES: list[Any] = []
VISITED: list[str] = []
VITES = ("vite-hmr", "vite-ping")
START: dict[str, Any] = {}
READY = {
    "type": "ready",
    "astro": "7.3.5",
    "vite": "8.3.8",
    "watch": {"mode": "native", "reason": "fake"},
    "packages": {"manager": "pnpm", "version": "9.0.0", "lock": "pnpm-lock.yaml", "seconds": 1.5},
}
NUMBERS = itertools.count()
ENDED: set[str] = set()
VISITS: dict[tuple[str, int], Any] = {}
TORN: list[str] = []
"""Methods of the requests that were cut off."""


def send(message: dict[str, Any]) -> None:
    CHANNEL.sendall(json.dumps(message).encode() + b"\n")


def plan() -> dict[str, Any]:
    path = pathlib.Path(START["root"]) / "fake.json"
    return json.loads(path.read_text()) if path.exists() else {}


async def echo(request: web.Request) -> web.Response:
    body = await request.read()
    return web.json_response(
        {
            "pid": os.getpid(),
            "method": request.method,
            "path": request.raw_path,
            "headers": [[name, value] for name, value in request.headers.items()],
            "body": body.decode("latin-1"),
        }
    )


async def handle(request: web.Request) -> web.StreamResponse:
    """As the real one does, requests are noted by the credential that made their sign-in."""
    credential = request.headers.get("x-astro-live-audience", "").rpartition(".")[2]
    if credential in ENDED and request.transport is not None:  # Envoy tries reads again
        request.transport.abort()
    visit = (credential, next(NUMBERS))
    VISITS[visit] = request.transport
    try:
        return await answered(request)
    finally:
        del VISITS[visit]


async def answered(request: web.Request) -> web.StreamResponse:
    name = request.path.removeprefix(START["base"])
    if name == "visited":
        return web.json_response(VISITED)
    VISITED.append(request.path_qs)
    del VISITED[:-1000]
    if name == "_hmr" and request.headers.get("Sec-WebSocket-Protocol") not in VITES:
        await asyncio.sleep(3600)  # Vite answers an upgrade of another protocol never
    if name in ("socket", "_hmr"):
        return await websocket(request)
    if name == "large":
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(int(request.query["kib"]) // 32):
            await answer.write(b"x" * 32 * 1024)
        return answer
    if name == "silent":
        await asyncio.sleep(3600)
    while name == "loop":
        pass
    if name == "crash":
        os._exit(7)
    if name == "ballast":
        BALLAST.append(bytearray(os.urandom(1) * (int(request.query["mib"]) * 1024 * 1024)))
    if name == "torn":
        await request.read()
        if len(TORN) < int(request.query["times"]) and request.transport is not None:
            TORN.append(request.method)
            request.transport.abort()
        return web.json_response(TORN)
    if name == "spawn":
        child = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import signal,time; signal.signal(15, signal.SIG_IGN); time.sleep(600)",
            ]
        )
        return web.json_response({"pid": child.pid})
    if name == "breed":
        for _ in range(int(request.query["count"])):
            subprocess.Popen(["sleep", "600"])
    if name == "detach":
        return web.json_response({"pid": detach(request.query["how"], int(request.query["mib"]))})
    if name == "fill":
        with (pathlib.Path(START["scratchDir"]) / request.query["path"]).open("wb") as file:
            for _ in range(int(request.query["mib"])):
                file.write(os.urandom(1024) * 1024)
    if name == "sleep":
        await asyncio.sleep(float(request.query["seconds"]))
    if name == "hold":
        folder = pathlib.Path(request.query["folder"])
        (folder / "arrived").touch()
        while not (folder / "go").exists():
            await asyncio.sleep(0.02)
    if name == "env":
        return web.json_response(dict(os.environ))
    if name == "attack":
        try:
            return web.Response(body=pathlib.Path(request.query["path"]).read_bytes())
        except OSError as error:
            return web.Response(status=500, text=str(error))
    if name == "say":
        # As code of a site could: it has the descriptor.
        for _ in range(int(request.query.get("times", 1))):
            CHANNEL.setblocking(True)
            CHANNEL.sendall(await request.read())
            CHANNEL.setblocking(False)
    if name == "print":
        data = b"x" * 100 + b"\n"
        await asyncio.to_thread(sys.stdout.buffer.write, data * int(request.query["lines"]))
        sys.stdout.flush()
    if name == "changes":
        return web.json_response(CHANGES)
    if name == "start":
        return web.json_response(START)
    if name == "headers":
        return web.Response(
            text="with own headers", headers=[(key, value) for key, value in request.query.items()]
        )
    if name == "worker":
        wide = {"Service-Worker-Allowed": "/", "Content-Type": "text/javascript"}
        return web.Response(
            text=(
                "self.addEventListener('fetch', (event) => event.respondWith(new Response('taken"
                " over')))"
            ),
            headers=wide,
        )
    if name == "echo":
        return await echo(request)
    return web.Response(
        text=f"<!doctype html><title>fake</title><h1 id=site>site {name}</h1>",
        content_type="text/html",
    )


def detach(how: str, mib: int) -> int:
    """A process that left: `setsid` its process group, `orphan` its parent, `both` both at once,
    which no look can follow.
    """
    hold = f"import time; ballast = bytearray(b'x') * ({mib} << 20); time.sleep(600)"
    if how == "setsid":
        return subprocess.Popen([sys.executable, "-c", hold], start_new_session=True).pid
    leave = "os.setsid()" if how == "both" else "pass"
    program = (
        f"import os, sys\nif os.fork(): os._exit(0)\n{leave}\nprint(os.getpid(),"
        f" flush=True)\nos.close(1)\n{hold}"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, check=True, text=True
    )
    return int(done.stdout)


async def websocket(request: web.Request) -> web.WebSocketResponse:
    offered = [
        part.strip()
        for part in request.headers.get("Sec-WebSocket-Protocol", "").split(",")
        if part
    ]
    response = web.WebSocketResponse(protocols=offered, max_msg_size=32 * 1024 * 1024)
    await response.prepare(request)
    async for message in response:
        if message.type is WSMsgType.TEXT:
            told = json.dumps([[name, value] for name, value in request.headers.items()])
            await response.send_str(told if message.data == "headers?" else message.data)
        elif message.type is WSMsgType.BINARY:
            await response.send_bytes(message.data)
    return response


async def start() -> None:
    todo = plan()
    if todo.get("start") == "exit":
        sys.exit(3)
    if todo.get("start") == "hang":
        return
    if todo.get("start") == "error":
        send({"type": "error", **todo["error"]})
        sys.exit(1)
    if todo.get("start") == "progress":
        send({"type": "progress", "stage": "install", "detail": "3 of 7 packages"})
    await asyncio.sleep(todo.get("delay", 0))
    application = web.Application(client_max_size=64 * 1024 * 1024)
    application.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    path = START["socketPath"]
    if "link" in todo:
        pathlib.Path(path).symlink_to(todo["link"])
    elif todo.get("listen", True):
        try:
            await web.UnixSite(runner, path).start()
        except OSError as error:
            send(
                {
                    "type": "error",
                    "code": "storage",
                    "message": f"{error.strerror} on the scratch disk",
                }
            )
            sys.exit(1)
    print(f"fake dev server on {path}", flush=True)
    send(READY)


async def main() -> None:
    loop = asyncio.get_running_loop()
    send({"type": "warm"})
    rest = b""
    tasks = []
    while data := await loop.sock_recv(CHANNEL, 65536):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if message["type"] == "start":
                START.update(message)
                tasks.append(asyncio.create_task(start()))
            elif message["type"] == "change":
                CHANGES.append(message)
                send({"type": "noticed"})
            elif message["type"] == "check":
                send(
                    {
                        "type": "checked",
                        "id": message["id"],
                        "outcome": "rendered",
                        "pages": 0,
                        "ms": 1,
                        "problems": plan().get("problems", []),
                    }
                )
            elif message["type"] == "changes":
                CHANGES.extend(message["changes"])
                send({"type": "noticed"})
            elif message["type"] == "end-visits":
                ENDED.add(message["credential"])
                for (credential, _), transport in list(VISITS.items()):
                    if credential == message["credential"] and transport is not None:
                        transport.abort()
            elif message["type"] == "describe":
                send(READY)
            elif message["type"] == "stop":
                return


asyncio.run(main())
