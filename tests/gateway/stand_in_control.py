"""A control plane for tests of the supervisor: does what its standard input, given as a file, asks,
and writes down what it hears.

`python -m tests.gateway.stand_in_control FOLDER`: reads commands from the Unix socket
FOLDER/control.sock, one JSON object per line and connection: `{"do": "send", "message": {...}}`,
`{"do": "raw", "bytes": n}`, `{"do": "heard"}`, `{"do": "hang"}`. Its answer is JSON.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys
import time
from pathlib import Path
from typing import Any

from container.gateway import wire
from contract.messages import MessageError, decode, encode
from contract.messages.supervisor import FromSupervisor, ToSupervisor


def main() -> None:
    folder = Path(sys.argv[1])
    sock = socket.socket(fileno=int(os.environ.pop(wire.DESCRIPTOR_VARIABLE)))
    connection = wire.Connection(sock)
    heard: list[dict[str, Any]] = []
    path = folder / "control.sock"
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        while True:
            ready, _, _ = select.select(
                [server, sock], [sock] if connection.waiting else [], [], 1.0
            )
            if connection.waiting:
                connection.flush()
            if sock in ready:
                try:
                    event, descriptors = connection.receive(FromSupervisor)
                except wire.Gone:
                    return
                for descriptor in descriptors:
                    os.close(descriptor)
                heard.append({**json.loads(encode(event)), "descriptors": len(descriptors)})
            if server in ready:
                peer, _ = server.accept()
                with peer, peer.makefile("rw") as stream:
                    stream.write(
                        json.dumps(act(json.loads(stream.readline()), connection, sock, heard))
                        + "\n"
                    )


def act(
    command: dict[str, Any],
    connection: wire.Connection,
    sock: socket.socket,
    heard: list[dict[str, Any]],
) -> Any:
    match command["do"]:
        case "send":
            try:
                connection.send(decode(ToSupervisor, json.dumps(command["message"]).encode()))
            except MessageError as error:
                return str(error)
        case "raw":
            sock.setblocking(True)
            sock.send(b"x" * command["bytes"])
            sock.setblocking(False)
        case "hang":
            time.sleep(3600)
        case "heard":
            return heard
    return None


main()
