"""Control plane ↔ supervisor: one JSON object per packet of a Unix SEQPACKET socket, with file
descriptors beside it.

`container/gateway/wire.py` sends and receives them.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from .base import MAX_PATH, FilePath, Message

MAX_PACKET_BYTES: Final = 160 * 1024
"""Longest packet. The kernel's default send buffer of a Unix socket holds one of 208
KiB at most.
"""

MAX_VARIABLE: Final = 128 * 1024
"""Longest value of an environment variable: Linux's own limit (MAX_ARG_STRLEN)."""

MAX_REMEMBERED: Final = 200_000
"""Values that the supervisor keeps for later control planes. A used sign-in link is one of them
until it expires.
"""

FOLDER: Final = "folder"
"""Key of the value that names the control plane's folder of sockets and routes. The supervisor
removes it when all is over.
"""

MAX_SIGN_INS: Final = 200
"""Credentials of one session, the last ones: so many fit a packet."""

BATCH: Final = 50
"""Remembered values per `Remembered` message: so many fit a packet whatever is in them."""

Pid = Annotated[int, Field(ge=1, le=4_194_304)]
"""Linux gives no higher number (`PID_MAX_LIMIT`)."""
RequestId = Annotated[int, Field(ge=1, le=2**53)]
Seconds = Annotated[float, Field(ge=0, le=2**53, allow_inf_nan=False)]
"""Since the epoch."""
ChildKind = Literal["envoy", "runner"]
Key = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Value = Annotated[str, StringConstraints(max_length=300)]
Argument = Annotated[str, StringConstraints(max_length=8192)]
Descriptors = Annotated[int, Field(ge=0, le=1_048_576)]


class Serving(Message):
    """A session that a dev server serves, as a later control plane must know it. The rest it asks
    the dev server for (`Describe`).
    """

    session: Key
    epoch: Annotated[str, StringConstraints(max_length=100)] = ""
    started_at: Seconds
    sign_ins: Annotated[list[Key], Field(max_length=MAX_SIGN_INS)] = Field(default_factory=list)
    """Credentials of the API whose sign-ins are let in."""


class ChildMetadata(Message):
    """What a later control plane is told about a child."""

    kind: ChildKind
    channel: bool = False
    capture: bool = False
    home: Annotated[str, StringConstraints(max_length=MAX_PATH)] = ""
    """Of a dev server: its private folder on the scratch disk."""
    warm: bool = False
    """Of a dev server: waits for a session with everything loaded."""
    session: Annotated[str, StringConstraints(max_length=100)] = ""
    """Of a dev server: the session that it was started for."""
    serving: Serving | None = None
    """Of a dev server that is ready."""


class Entry(Message):
    """A value that the supervisor keeps."""

    key: Key
    value: Value = ""
    until: Annotated[int, Field(ge=0, le=2**60)] | None = None
    """Unix time after which it is forgotten; None keeps it."""


# To the supervisor


class Spawn(Message):
    """Start a child, in its own process group. Answered by `Spawned` or `Refused`."""

    type: Literal["spawn"] = "spawn"
    id: RequestId
    argv: Annotated[list[Argument], Field(min_length=1, max_length=64)]
    environment: Annotated[dict[Key, Argument], Field(max_length=64)]
    cwd: FilePath
    descriptors: Descriptors = 0
    """Most files that it may have open; 0 leaves the limit as it is."""
    processes: Descriptors = 0
    """It can start no process or thread while its user has so many; 0 leaves the limit as it is."""
    metadata: ChildMetadata


class Signal(Message):
    """Send a signal to a child's whole group."""

    type: Literal["signal"] = "signal"
    pid: Pid
    number: Annotated[int, Field(ge=1, le=64)]


class Metadata(Message):
    """Replace what a later control plane is told about a child."""

    type: Literal["metadata"] = "metadata"
    pid: Pid
    metadata: ChildMetadata


class Remember(Message):
    """Keep a value for a later control plane."""

    type: Literal["remember"] = "remember"
    entry: Entry


class Forget(Message):
    """Keep a value no longer."""

    type: Literal["forget"] = "forget"
    key: Key


class Hold(Message):
    """Keep a descriptor, which comes along, for later control planes: the listener that requests
    wait at while there is none.
    """

    type: Literal["hold"] = "hold"
    key: Key


class Alive(Message):
    """The control plane serves: from the first of these on its death is followed by a restart, and
    its silence by its end.
    """

    type: Literal["alive"] = "alive"


# From the supervisor


class Variable(Message):
    """A variable of the container's environment, secrets included. One per message: an environment
    may be larger than a packet.
    """

    type: Literal["variable"] = "variable"
    name: Annotated[str, StringConstraints(max_length=1000)]
    value: Annotated[str, StringConstraints(max_length=MAX_VARIABLE)]


class Remembered(Message):
    """Some of the values that an earlier control plane had remembered."""

    type: Literal["remembered"] = "remembered"
    entries: Annotated[list[Entry], Field(max_length=BATCH)]


class Held(Message):
    """A descriptor that an earlier control plane wanted kept. It comes along."""

    type: Literal["held"] = "held"
    key: Key


class Child(Message):
    """A child that an earlier control plane had started and that still runs. Its descriptors come
    along.
    """

    type: Literal["child"] = "child"
    pid: Pid
    metadata: ChildMetadata


class Begin(Message):
    """The greeting is complete."""

    type: Literal["begin"] = "begin"


class Spawned(Message):
    """The child of `Spawn` runs. Its descriptors come along: channel, output."""

    type: Literal["spawned"] = "spawned"
    id: RequestId
    pid: Pid


class Refused(Message):
    """The child of `Spawn` could not be started."""

    type: Literal["refused"] = "refused"
    id: RequestId
    errno: Annotated[int, Field(ge=0, le=4095)] = 0
    reason: Annotated[str, StringConstraints(max_length=1000)]


class Exit(Message):
    """A child ended and everything it had started with it."""

    type: Literal["exit"] = "exit"
    pid: Pid
    status: Annotated[int, Field(ge=-64, le=255)]
    """Exit status; negative is the number of the signal that ended it."""


Command = Spawn | Signal | Metadata | Remember | Forget | Hold | Alive
Event = Variable | Remembered | Held | Child | Begin | Spawned | Refused | Exit

ToSupervisor: Final[TypeAdapter[Command]] = TypeAdapter(
    Annotated[Command, Field(discriminator="type")]
)
FromSupervisor: Final[TypeAdapter[Event]] = TypeAdapter(
    Annotated[Event, Field(discriminator="type")]
)
