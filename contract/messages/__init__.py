"""The messages between the processes of a task, declared once.

    control plane ──▶ dev server    Start, Change, Expect, Changes, Check, Rebuild, BuildTurn, Serve, …   `runner.py`
    dev server ──▶ control plane    Warm, Progress, Ready, Update, Built, Log, …              `runner.py`
    dev server ◀──▶ its processes   BuildJob, ServeJob, Connection, … BuildMade, ServerUp, …   `jobs.py`
    control plane ──▶ supervisor    Spawn, Signal, Metadata, Remember, Forget, Hold, Alive    `supervisor.py`
    supervisor ──▶ control plane    Variable, Remembered, Held, Child, Begin, Spawned, …      `supervisor.py`

Each message is a frozen model with a `type`; each text and list has a bound, so that no peer can
make another hold or forward more than it says here. What does not fit its declaration is refused
where it enters, and only that message is lost.

`scripts/gen_messages.py` makes from these models the JSON Schema (`contract/messages.schema.json`)
and what the dev server's side imports (`container/astro/lib/messages.mjs` with its types);
`tests/contract/test_messages.py` holds all of them to the processes.
"""  # noqa: W505 - a table

from .base import Message, MessageError, decode, encode
from .enums import (
    BuildOutcome,
    ErrorCode,
    LogLevel,
    Outcome,
    ProblemSource,
    Stage,
    Turn,
    UpdateKind,
)
from .runner import (
    BuildEnded,
    BuildPolicy,
    BuildTurn,
    Built,
    Change,
    Changes,
    Check,
    Checked,
    Describe,
    EndVisits,
    Expect,
    Failure,
    FileChange,
    FileEvent,
    FromRunner,
    Healed,
    HmrClient,
    Log,
    Noticed,
    Packages,
    Problem,
    Production,
    Progress,
    Ready,
    Rebuild,
    Replace,
    Report,
    RunnerMessage,
    Serve,
    SiteReport,
    Start,
    Stop,
    ToRunner,
    Update,
    Viewer,
    Viewers,
    Warm,
    Watch,
    WatchReport,
)

__all__ = [
    "BuildEnded",
    "BuildOutcome",
    "BuildPolicy",
    "BuildTurn",
    "Built",
    "Change",
    "Changes",
    "Check",
    "Checked",
    "Describe",
    "EndVisits",
    "ErrorCode",
    "Expect",
    "Failure",
    "FileChange",
    "FileEvent",
    "FromRunner",
    "Healed",
    "HmrClient",
    "Log",
    "LogLevel",
    "Message",
    "MessageError",
    "Noticed",
    "Outcome",
    "Packages",
    "Problem",
    "ProblemSource",
    "Production",
    "Progress",
    "Ready",
    "Rebuild",
    "Replace",
    "Report",
    "RunnerMessage",
    "Serve",
    "SiteReport",
    "Stage",
    "Start",
    "Stop",
    "ToRunner",
    "Turn",
    "Update",
    "UpdateKind",
    "Viewer",
    "Viewers",
    "Warm",
    "Watch",
    "WatchReport",
    "decode",
    "encode",
]
