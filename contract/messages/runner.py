"""Control plane ↔ dev server (`container/astro/runner.mjs`): newline-delimited JSON on descriptor
3, both ways.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from contract import ranges
from contract.words import Mode, PackageManager, PageUpdates, Publishing, SocketScheme, WatchMode

from .base import (
    BuildNumber,
    FilePath,
    Line,
    Message,
    Name,
    Page,
    Paragraph,
    VisitorConnections,
    within,
)
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

MAX_LINE_BYTES: Final = 576 * 1024
"""Longest message in bytes. The longest that the bounds admit, a `Ready` with every character
escaped, is shorter.
"""

MAX_LISTED: Final = 50
"""Entries in a list of packages or scripts."""

MAX_SOCKET_PATH: Final = 107
"""Characters in the path of a Unix socket, unix(7)."""


MAX_PROBLEMS: Final = 10
MAX_VIEWERS: Final = 60
"""Open pages in one message: so many fit a line, whatever they say of themselves."""
MAX_CHANGES: Final = 20
"""Of files in one message: that many of the longest paths fit a line."""

TEMPORARY: Final = ".astro-live-tmp"
"""How the names of files end that are about to be renamed into place. They are not the site's."""

MAX_ANCESTORS: Final = 50
"""Of the setting."""

FileEvent = Literal["add", "change", "unlink"]


class HmrClient(Message):
    """How a page's HMR client reaches its dev server from outside."""

    protocol: SocketScheme
    client_port: Annotated[int, Field(ge=1, le=65535)]
    path: Line


class Watch(Message):
    """How file changes are to be noticed."""

    mode: WatchMode
    interval_ms: Annotated[int, within(ranges.POLL_INTERVAL_MS)]


class WatchReport(Message):
    """How file changes are noticed, and why so."""

    mode: Literal["native", "hybrid", "polling", "off"]
    reason: Line


KEPT_MIB: Final = (
    ranges.SESSION_FILES_MIB[0] // ranges.BUILDS_SHARE,
    ranges.SESSION_FILES_MIB[1] // ranges.BUILDS_SHARE,
)


class BuildPolicy(Message):
    """Production mode: what a build may take, and what becomes of it."""

    folder: FilePath
    """Where the session's builds are kept, beyond the task's own disk."""
    keep: Annotated[int, within(ranges.BUILDS_KEPT)]
    """How many are kept."""
    kept_mib: Annotated[int, within(KEPT_MIB)] | None = None
    """What all that are kept may have together; None for any size."""
    memory_mib: Annotated[int, within(ranges.BUILD_MEMORY_MIB)]
    seconds: Annotated[int, within(ranges.BUILD_TIMEOUT_SECONDS)]
    publishing: Publishing
    """Whether a start builds changed sources and serves the result, or only a request does."""
    turns: bool = False
    """Whether a build waits for `BuildTurn`: the control plane has the sessions take turns."""


# To the dev server


class Start(Message):
    """Start the session. Sent once."""

    type: Literal["start"] = "start"
    mode: Mode
    root: FilePath
    """The project's folder."""
    site: Annotated[str, StringConstraints(max_length=1024)] | None = None
    """The site's folder within it; None has it found."""
    base: Line
    """Path of the session on the public origin: `/session/{id}/`."""
    public_url: Line
    hmr: HmrClient
    watch: Watch
    page_updates: PageUpdates
    scratch_dir: FilePath
    """The session's folder on local disk, which outlives the dev server."""
    shared_dir: FilePath | None = None
    """A folder on local disk that all sessions of the task share, for what is stored by content."""
    install_seconds: Annotated[int, within(ranges.INSTALL_TIMEOUT_SECONDS)]
    """Longest installation of packages."""
    allowed_hosts: Annotated[list[Line], Field(max_length=16)]
    socket_path: Annotated[str, Field(min_length=1, max_length=MAX_SOCKET_PATH)]
    """Unix socket to listen on. The dev server does not choose where its traffic goes."""
    builds: BuildPolicy | None = None
    """Of production mode, where it is required; None in development mode."""
    visitor_connections: VisitorConnections | None = None
    """Requests and WebSockets of one visitor at a time; None for no limit."""
    connection_badge: bool = True
    """Whether a page says that its live connection is lost."""
    frame_ancestors: list[Line] = Field(default_factory=list, max_length=MAX_ANCESTORS)
    """Origins of pages that may frame the session and speak with it."""


class Change(Message):
    """A file was written, added or removed; the watcher need not find out."""

    type: Literal["change"] = "change"
    event: FileEvent
    path: FilePath


class Expect(Message):
    """Files are about to be changed together; `Changes` follows. Pages hear about them once."""

    type: Literal["expect"] = "expect"


class FileChange(Message):
    """One of several."""

    event: FileEvent
    path: FilePath


class Changes(Message):
    """Files that were changed together: pages get what follows of all of them in one message."""

    type: Literal["changes"] = "changes"
    changes: Annotated[list[FileChange], Field(max_length=MAX_CHANGES)]
    """Empty when none was made after all."""
    more: bool = False
    """Whether another message follows with more of them."""


class Check(Message):
    """Find out what is wrong now, and (`shown`) wait until the open pages show the edits so far.
    Answered by `Checked`.
    """

    type: Literal["check"] = "check"
    id: Annotated[int, Field(ge=1, le=2**53)]
    paths: Annotated[list[FilePath], Field(max_length=MAX_CHANGES)]
    """Files that were changed."""
    ms: Annotated[int, Field(ge=1, le=60_000)]
    """The answer comes within this time."""
    shown: bool = True
    """Whether the open pages are asked."""


class Rebuild(Message):
    """Production mode: build again. Answered by `Built`, or by a `Failure` that is marked as the
    answer.
    """

    type: Literal["rebuild"] = "rebuild"
    publish: bool = True
    """Whether a good build is served, or only kept."""
    force: bool = False
    """Whether to build although the sources are those of a good build: something outside of them
    has changed.
    """


class BuildTurn(Message):
    """Production mode: the build that waits may begin."""

    type: Literal["build-turn"] = "build-turn"


class Serve(Message):
    """Production mode: serve a build that is kept. Answered as `Rebuild` is."""

    type: Literal["serve"] = "serve"
    build: BuildNumber


class Describe(Message):
    """Send `Ready` as it would be now, and in production mode `Production`, to a control plane that
    took over.
    """

    type: Literal["describe"] = "describe"


class EndVisits(Message):
    """Close what visitors have open whom a credential of the API has signed in: it has ended."""

    type: Literal["end-visits"] = "end-visits"
    credential: Name


class Stop(Message):
    """End in order."""

    type: Literal["stop"] = "stop"


# From the dev server


class Warm(Message):
    """Everything that can be loaded before the session is known is loaded."""

    type: Literal["warm"] = "warm"


class Progress(Message):
    """The start is under way."""

    type: Literal["progress"] = "progress"
    stage: Stage
    detail: Line = ""


class Packages(Message):
    """Where the site is in its repository, how its packages were installed, and which scripts ran
    or did not.
    """

    root: Annotated[str, StringConstraints(max_length=1024)] = ""
    """The site's folder in the repository; empty for the repository's own."""
    manager: PackageManager
    version: Line = ""
    lock: Line = ""
    """Name of the lock file."""
    seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] = 0
    """What the installation took; 0 where there was none to do."""
    refused_scripts: list[Line] = Field(default_factory=list, max_length=MAX_LISTED)
    """Packages whose install scripts did not run, because the project does not allow them."""
    failed_scripts: list[Line] = Field(default_factory=list, max_length=MAX_LISTED)
    """Scripts that failed, or were not run, with the reason."""


class Acceleration(Message):
    """A change to Astro's modules that makes a session faster or tidier, and whether this release
    has a place for it.
    """

    name: Name
    active: bool
    without: Line
    """What a site notices where it is missing."""


class Overridden(Message):
    """A setting of the site that does not hold in a session."""

    name: Line
    value: Line


class SiteReport(Message):
    """How a site runs in its session: whether open pages follow edits, and what differs from bare
    `astro dev`.
    """

    live: bool
    reason: Line
    """Why pages do not follow edits; empty when they do."""
    warnings: Annotated[list[Line], Field(max_length=16)]
    accelerations: Annotated[list[Acceleration], Field(max_length=32)]
    overridden: Annotated[list[Overridden], Field(max_length=64)]


class Ready(Message):
    """The dev server answers on the socket that `Start` named."""

    type: Literal["ready"] = "ready"
    astro: Name
    vite: Name | None = None
    watch: WatchReport
    packages: Packages | None = None
    site: SiteReport | None = None
    """None in production mode."""


class Report(Message):
    """What `Ready` said has changed: the site's configuration was edited, or its packages are
    installed only now.
    """

    type: Literal["report"] = "report"
    site: SiteReport | None = None
    packages: Packages | None = None


class Update(Message):
    """An edit reached the open pages."""

    type: Literal["update"] = "update"
    kind: UpdateKind
    path: FilePath
    ms: Annotated[float, Field(ge=0, le=3_600_000, allow_inf_nan=False)]
    """From the file's change to the message."""


class Built(Message):
    """Production mode: what `Rebuild` or `Serve` asked for is done."""

    type: Literal["built"] = "built"
    changed: bool
    """Whether another build is served than before, or (not published) a new one is kept."""
    build: BuildNumber
    ms: Annotated[float, Field(ge=0, le=86_400_000, allow_inf_nan=False)]


class Production(Message):
    """Production mode: what is served and whether a build is under way. Sent at each change."""

    type: Literal["production"] = "production"
    serving: BuildNumber | None = None
    pinned: bool = False
    """Whether an earlier build was chosen: a start does not replace it."""
    building_pid: Annotated[int, Field(ge=1, le=4_194_304)] | None = None
    """Leads the process group of the build, whose memory is not the session's."""
    turn: Turn = Turn.NONE


class BuildEnded(Message):
    """Production mode: a build is over, on request or not."""

    type: Literal["build-ended"] = "build-ended"
    outcome: BuildOutcome
    build: BuildNumber | None = None
    """Number of a good one."""
    ms: Annotated[float, Field(ge=0, le=86_400_000, allow_inf_nan=False)]
    memory_mib: Annotated[int, Field(ge=0, le=1_048_576)]
    """The most that was seen."""


class Problem(Message):
    """Something that is wrong with the site."""

    source: ProblemSource
    message: Annotated[str, StringConstraints(max_length=2000)]
    file: Annotated[str, StringConstraints(max_length=1024)] = ""
    """In the project; empty when it is not known."""
    line: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    """From 1; 0 when it is not known."""
    column: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    """From 1; 0 when it is not known."""
    frame: Annotated[str, StringConstraints(max_length=2000)] = ""
    """The lines around the place."""
    plugin: Line = ""
    fix: Annotated[str, StringConstraints(max_length=1000)] = ""
    page: Line = ""
    """Path of the page that it was seen in."""


class Checked(Message):
    """What `Check` has found."""

    type: Literal["checked"] = "checked"
    id: Annotated[int, Field(ge=1, le=2**53)]
    outcome: Outcome
    pages: Annotated[int, Field(ge=0, le=1_000_000)]
    """That show the edits."""
    ms: Annotated[float, Field(ge=0, le=3_600_000, allow_inf_nan=False)]
    problems: Annotated[list[Problem], Field(max_length=MAX_PROBLEMS)]


class Noticed(Message):
    """What a `Check` would find may have changed: a file, an open page, an error in one of them."""

    type: Literal["noticed"] = "noticed"


class Viewer(Message):
    """An open page."""

    id: Name
    visitor: Line
    """Name of the sign-in; empty where the gateway gives none."""
    name: Line
    """Given with the sign-in link; empty without one."""
    visible: bool
    page: Line
    since: Annotated[float, Field(ge=0, le=2**53, allow_inf_nan=False)]
    """Seconds since the epoch."""


class Viewers(Message):
    """The open pages, sent at each change."""

    type: Literal["viewers"] = "viewers"
    viewers: Annotated[list[Viewer], Field(max_length=MAX_VIEWERS)]
    more: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Pages that are not listed: hidden ones first."""


class Log(Message):
    """A line for the session's log."""

    type: Literal["log"] = "log"
    level: LogLevel
    message: Paragraph


class Healed(Message):
    """What the last `Failure` of a serving dev server said is over."""

    type: Literal["healed"] = "healed"


class Replace(Message):
    """The dev server has to be replaced by a new one: packages were installed that this one cannot
    load any more.
    """

    type: Literal["replace"] = "replace"
    reason: Line


class Failure(Message):
    """The start failed, or (production) the newest build did."""

    type: Literal["error"] = "error"
    code: ErrorCode
    message: Paragraph
    fix: Paragraph = ""
    stack: Page = ""
    answer: bool = False
    """Whether this answers `Rebuild` or `Serve`."""


RunnerMessage = (
    Warm
    | Progress
    | Ready
    | Report
    | Update
    | Checked
    | Built
    | Production
    | BuildEnded
    | Noticed
    | Viewers
    | Log
    | Healed
    | Replace
    | Failure
)

ToRunner: Final[
    TypeAdapter[
        Start
        | Change
        | Expect
        | Changes
        | Check
        | Rebuild
        | BuildTurn
        | Serve
        | Describe
        | EndVisits
        | Stop
    ]
] = TypeAdapter(
    Annotated[
        Start
        | Change
        | Expect
        | Changes
        | Check
        | Rebuild
        | BuildTurn
        | Serve
        | Describe
        | EndVisits
        | Stop,
        Field(discriminator="type"),
    ]
)
FromRunner: Final[TypeAdapter[RunnerMessage]] = TypeAdapter(
    Annotated[RunnerMessage, Field(discriminator="type")]
)
