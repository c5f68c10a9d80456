"""How keeper and control plane talk: one JSON object per packet of a Unix SEQPACKET socket, descriptors beside it.

control plane → keeper
    spawn     id, argv, environment, cwd, channel, capture, descriptors, note → spawned
    signal    pid, number: to the child's whole group
    note      pid, note: replaces what the keeper will say of the child to a later control plane
    remember  key, value: kept for a later control plane; null forgets
    serving   from now on a death of the control plane is followed by a restart
keeper → control plane
    hello     environment (secrets included), memory; then a `child` (pid, note, descriptors) per living child, an `exit` per death
              meanwhile, `begin`
    spawned   id, pid and descriptors (channel, output), or id, error
    exit      pid, status, note
"""

from __future__ import annotations

import array
import json
import os
import socket
from collections.abc import Mapping, Sequence
from typing import Any, Final

DESCRIPTOR_VARIABLE: Final = "ASTRO_LIVE_KEEPER_FD"
MAX_PACKET: Final = 160 * 1024
MAX_DESCRIPTORS: Final = 4

START_VARIABLES: Final = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
"""What Python needs to start, besides its own `PYTHON…` variables."""


def bare(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of `environment` that a control plane is started with."""
    return {name: value for name, value in environment.items() if name in START_VARIABLES or name.startswith("PYTHON")}


def send(sender: socket.socket, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Send one packet. `OSError` when the other side is gone or the packet does not fit."""
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    sender.sendmsg([json.dumps(message).encode()], ancillary)


def receive(receiver: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """The next packet and its descriptors (not inheritable); None when the other side has closed."""
    size = array.array("i").itemsize
    data, ancillary, flags, _ = receiver.recvmsg(MAX_PACKET, socket.CMSG_SPACE(MAX_DESCRIPTORS * size), socket.MSG_CMSG_CLOEXEC)
    descriptors = array.array("i")
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(content[: len(content) - len(content) % size])
    if not data:
        return None, []
    if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
        for descriptor in descriptors:
            os.close(descriptor)
        raise ConnectionError("a packet between keeper and control plane was cut off")
    message: dict[str, Any] = json.loads(data)
    return message, list(descriptors)
