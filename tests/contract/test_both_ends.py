"""Each declared message from one real end to the other: gateway and dev server, dev server and its
processes, gateway and supervisor.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import selectors
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from container.gateway.channel import Channel
from container.gateway.control_link import ControlLink
from contract.messages import FromRunner, RunnerMessage, ToRunner, decode, encode
from contract.messages import supervisor as messages
from contract.messages.jobs import FromJob, ToJob
from contract.messages.runner import MAX_LINE_BYTES
from contract.messages.supervisor import MAX_PACKET_BYTES, FromSupervisor, ToSupervisor
from tests.astro.driver import ASTRO_DIR, HAND_OVER, NODE, ROOT

from .examples import least, most

LONGER_THAN_A_PACKET = ("spawn", "variable")
"""What is in them is a site's command or the container's environment: one that does not fit is
refused by its sender.
"""

DEV_SERVER = """
import { readFileSync } from "node:fs";
import { openChannel } from %s;
const answers = JSON.parse(readFileSync(0, "utf8"));
const received = [];
const channel = openChannel({
  onClose: () => process.exit(1),
  async onMessage(message) {
    received.push(message);
    if (message.type !== "stop" || message.more !== undefined || received.length < %d) return;
    for (const answer of answers) channel.send(answer);
    await channel.flush();
    process.stdout.write(JSON.stringify(received), () => process.exit(0));
  },
});
"""


def test_the_longest_messages_fit() -> None:
    """With every field at its bound, and every character escaped."""
    for message in [*most(ToRunner), *most(FromRunner)]:
        assert len(json.dumps(message)) < MAX_LINE_BYTES, message["type"]
    for message in [*most(ToSupervisor), *most(FromSupervisor)]:
        assert (
            message["type"] in LONGER_THAN_A_PACKET or len(json.dumps(message)) < MAX_PACKET_BYTES
        ), message["type"]


def test_the_gateway_and_the_dev_server_understand_each_other(tmp_path: Path) -> None:
    """Both ends of the channel as they run: nothing is cut, refused or lost, at the least and at
    the most that a message may hold.
    """
    commands = sorted(
        least(ToRunner) + most(ToRunner), key=lambda message: message["type"] == "stop"
    )
    answers = least(FromRunner) + most(FromRunner)
    ours, theirs = socket.socketpair()
    program = tmp_path / "dev-server.mjs"
    program.write_text(
        DEV_SERVER % (json.dumps((ASTRO_DIR / "lib" / "channel.mjs").as_uri()), len(commands))
    )
    (tmp_path / "answers.json").write_text(json.dumps(answers))
    with theirs, (tmp_path / "answers.json").open() as given:
        process = subprocess.Popen(
            [sys.executable, "-IS", "-c", HAND_OVER, str(theirs.fileno()), NODE, program],
            stdin=given, stdout=subprocess.PIPE, pass_fds=(theirs.fileno(),), env={"PATH": "/usr/bin:/bin"},
        )  # fmt: skip
    received: list[RunnerMessage] = []
    refused: list[str] = []

    async def talk() -> bytes:
        channel = Channel(ours, received.append, refused.append)
        reading = asyncio.create_task(channel.read())
        for command in commands:
            assert channel.send(decode(ToRunner, json.dumps(command).encode()))
        output = asyncio.create_task(asyncio.to_thread(process.communicate, timeout=60))
        await asyncio.wait_for(asyncio.gather(reading, output), 60)
        channel.close()
        return output.result()[0]

    with process:
        understood = json.loads(asyncio.run(talk()))
    assert refused == []
    assert understood == [
        json.loads(encode(decode(ToRunner, json.dumps(command).encode()))) for command in commands
    ]
    assert received == [decode(FromRunner, json.dumps(answer).encode()) for answer in answers]


CONTROL_PLANE = """
import asyncio, json, os, sys
from pathlib import Path
from container.gateway.processes import Processes
from contract.messages import decode
from contract.messages.supervisor import ChildMetadata, ToSupervisor

async def main():
    processes = Processes.from_environment()
    processes.greet()
    processes.listen()
    inherited = [child.metadata.model_dump() for child in processes.inherited]
    memory = {key: entry.model_dump() for key, entry in processes.memory.items()}
    for command in json.loads(Path(sys.argv[1]).read_text()):
        processes.send(decode(ToSupervisor, json.dumps(command).encode()))
    spawn = lambda: processes.spawn(["x"], ChildMetadata(kind="envoy"), environment={}, cwd=Path("/"))
    child = await spawn()
    status = await child.wait()
    try:
        await spawn()
    except OSError as error:
        refusal = [error.errno, error.strerror]
    print(json.dumps({
        "environment": processes.environment, "memory": memory, "held": [*processes.held], "inherited": inherited,
        "pid": child.pid, "status": status, "refusal": refusal,
    }))

asyncio.run(main())
"""


def test_the_supervisor_and_the_control_plane_understand_each_other(tmp_path: Path) -> None:
    """Each command and each event, over the socket that a supervisor makes, in two processes."""
    spawns = ("spawn",)
    commands = [
        message
        for message in least(ToSupervisor) + most(ToSupervisor)
        if message["type"] not in spawns
    ]
    (tmp_path / "commands.json").write_text(json.dumps(commands))
    received: list[messages.Command] = []
    selector = selectors.DefaultSelector()
    link = ControlLink(selector, lambda command, _descriptors: received.append(command))
    events = [decode(FromSupervisor, json.dumps(event).encode()) for event in _greeting()]
    with (tmp_path / "said").open("w") as said, contextlib.redirect_stdout(said):
        out = os.dup(1)
        os.dup2(said.fileno(), 1)
        try:
            link.launch(
                [sys.executable, "-c", CONTROL_PLANE, str(tmp_path / "commands.json")],
                {**os.environ, "PYTHONPATH": str(ROOT)},
            )
        finally:
            os.dup2(out, 1)
            os.close(out)
    with (
        socket.socket(socket.AF_UNIX) as held,
        socket.socket(socket.AF_UNIX) as channel,
        (tmp_path / "output").open("w") as output,
    ):
        for event in events:
            descriptors = {
                messages.Held: [held.fileno()],
                messages.Child: _ends(event, channel.fileno(), output.fileno()),
            }
            link.send(event, descriptors.get(type(event), []))
    _serve(link, selector, received, until=len(commands) + 2)
    assert received[: len(commands)] == [
        decode(ToSupervisor, json.dumps(command).encode()) for command in commands
    ]
    told = json.loads((tmp_path / "said").read_text())
    variables = [event for event in events if isinstance(event, messages.Variable)]
    assert told["environment"] == {event.name: event.value for event in variables}
    entries = [
        entry
        for event in events
        if isinstance(event, messages.Remembered)
        for entry in event.entries
    ]
    assert told["memory"] == {entry.key: entry.model_dump() for entry in entries}
    assert told["held"] == [event.key for event in events if isinstance(event, messages.Held)]
    assert told["inherited"] == [
        event.metadata.model_dump() for event in events if isinstance(event, messages.Child)
    ]
    assert (told["pid"], told["status"], told["refusal"]) == (4_194_304, -64, [4095, "\x01" * 1000])


def _greeting() -> list[Any]:
    """What a control plane is greeted with: every event of that part at both bounds, the longest
    variable that fits a packet.
    """
    parts = [
        event
        for event in least(FromSupervisor) + most(FromSupervisor)
        if event["type"] in ("remembered", "held", "child")
    ]
    for number, event in enumerate(parts, 1):
        if event["type"] == "child":
            event["pid"] = number
    return [
        *parts,
        {"type": "variable", "name": "NAME", "value": "x" * messages.MAX_VARIABLE},
        {"type": "begin"},
    ]


def _ends(event: messages.Event, channel: int, output: int) -> list[int]:
    metadata = event.metadata if isinstance(event, messages.Child) else None
    return [
        number
        for number, wanted in (
            (channel, metadata and metadata.channel),
            (output, metadata and metadata.capture),
        )
        if wanted
    ]


def _serve(
    link: ControlLink,
    selector: selectors.BaseSelector,
    received: list[messages.Command],
    *,
    until: int,
) -> None:
    """Be the supervisor until it has `until` commands: the first child runs and ends, the second is
    refused.
    """
    spawned = False
    while len(received) < until:
        ready = selector.select(30)
        assert ready, "the control plane is silent"
        before = len(received)
        for key, mask in ready:
            key.data(mask)
        for command in received[before:]:
            if not isinstance(command, messages.Spawn):
                continue
            if spawned:
                link.send(messages.Refused(id=command.id, errno=4095, reason="\x01" * 1000))
            else:
                link.send(messages.Spawned(id=command.id, pid=4_194_304))
                link.send(messages.Exit(pid=4_194_304, status=-64))
            spawned = True
    _, status = os.waitpid(link.pid, 0)
    link.ended(os.waitstatus_to_exitcode(status))
    link.hear_out()


def test_a_dev_servers_processes_answer_as_declared() -> None:
    """Their jobs and answers are typed at both ends by `messages.d.mts` (tsc)."""
    adapters: tuple[TypeAdapter[Any], ...] = (ToJob, FromJob)
    for adapter in adapters:
        for message in least(adapter) + most(adapter):
            assert (
                decode(adapter, encode(decode(adapter, json.dumps(message).encode()))).type
                == message["type"]
            )
