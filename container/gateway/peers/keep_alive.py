"""How a task notices that a peer has vanished: its machine, its zone or the network between is
lost, and nothing says so. The kernel then keeps a connection for minutes or, when nothing is sent,
for hours, and a page that is connected through it shows no edit.

An idle connection is probed by TCP keep-alive; one with data under way is not, and has a user
timeout instead (RFC 5482; tcp(7), TCP_USER_TIMEOUT). Both answer for the machine, not for the
program: an Envoy that hangs is noticed by its own control plane (`envoy/service.py`).

The user timeout also ends a connection whose receiver takes nothing in for so long, however alive
it is. So it is short only where what is sent is short, and the listener for peers has none: its
answers wait for visitors who are slow.
"""

from __future__ import annotations

import socket
from typing import Any, Final

from ..ownership.model import LEASE_SECONDS

IDLE_SECONDS: Final = 2
PROBE_SECONDS: Final = 1
UNANSWERED_PROBES: Final = 3

NOTICED_SECONDS: Final = LEASE_SECONDS
"""Within a lease the session has another owner; no sooner is there anywhere else to go."""
BODY_SECONDS: Final = 60.0
"""User timeout of requests with a body: a dev server that is busy does not read an upload."""


def keep_alive() -> dict[str, int]:
    """Envoy's `TcpKeepalive`."""
    return {
        "keepalive_probes": UNANSWERED_PROBES,
        "keepalive_time": IDLE_SECONDS,
        "keepalive_interval": PROBE_SECONDS,
    }


def user_timeout(seconds: float) -> dict[str, Any]:
    """Envoy's `SocketOption`, set before a connection is made."""
    return {
        "description": "TCP_USER_TIMEOUT",
        "level": socket.IPPROTO_TCP,
        "name": socket.TCP_USER_TIMEOUT,
        "int_value": int(seconds * 1000),
        "state": "STATE_PREBIND",
    }


def probing_factory(address: tuple[Any, ...]) -> socket.socket:
    """For aiohttp's connector: a socket that notices."""
    family, kind, protocol, _, _ = address
    made = socket.socket(family=family, type=kind, proto=protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        (socket.TCP_KEEPIDLE, IDLE_SECONDS),
        (socket.TCP_KEEPINTVL, PROBE_SECONDS),
        (socket.TCP_KEEPCNT, UNANSWERED_PROBES),
        (socket.TCP_USER_TIMEOUT, int(BODY_SECONDS * 1000)),
    ):
        made.setsockopt(socket.IPPROTO_TCP, name, value)
    return made
