"""Dev server ↔ the processes of production mode (`container/astro/lib/jobs`): objects on the
channel that Node.js opens to a child.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from .base import BuildNumber, FilePath, Line, Message, Name, Page, Paragraph, VisitorConnections

HeaderName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
VariableName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Text = Annotated[str, StringConstraints(max_length=8192)]
Counted = Annotated[int, Field(ge=0, le=2**53)]
Folder = Annotated[str, StringConstraints(max_length=4096)]
"""Below another one; empty for that one itself."""


class Layout(Message):
    """What has to be known of a build to serve it without the site's sources. Paths are relative to
    the build's output folder.
    """

    trailing_slash: Literal["always", "never", "ignore"]
    format: Literal["file", "directory", "preserve"]
    assets: Folder
    """Folder of files whose names have a hash of their content."""
    client: Folder
    """Folder of what is served as it is."""
    server: FilePath | None = None
    """The entry of a site that renders on demand."""
    preview: FilePath | None = None
    """Module that serves that entry: a package's, or a path."""
    headers: Annotated[dict[HeaderName, Text], Field(max_length=64)]


class BuildSummary(Message):
    """What the API lists of a good build."""

    number: BuildNumber
    created_at: Annotated[Counted, Field(description="Unix time")]
    seconds: Annotated[
        float, Field(ge=0, le=86_400, allow_inf_nan=False, description="What the build took")
    ]
    memory_mib: Annotated[
        Counted, Field(description="The most memory that the build was seen to use")
    ]
    bytes: Counted
    files: Counted
    astro: Annotated[Name, Field(description="Version")]


class Build(BuildSummary):
    """What is known of a good build: `build.json` beside it."""

    fingerprint: Name
    """Of the sources."""
    vite: Name | None = None
    environment: Annotated[dict[VariableName, Text], Field(max_length=64)]
    """Of the site's build script."""
    own_base: Line
    """Base that the site's own configuration asks for."""
    layout: Layout


class Job(Message):
    """What both kinds of process learn about their session."""

    base: Line
    public_url: Line
    scratch_dir: FilePath
    allowed_hosts: Annotated[list[Line], Field(max_length=16)]
    astro: FilePath
    """Folder of the Astro to use."""


# To a process


class BuildJob(Job):
    """Build the site, and end."""

    type: Literal["build-job"] = "build-job"
    root: FilePath
    """The site's folder."""
    out_dir: FilePath
    config_file: FilePath | None = None
    """What the site's build script gives `--config`."""
    mode: Name | None = None
    """What it gives `--mode`."""
    site_url: Line | None = None
    """What it gives `--site`."""
    own_base: Line | None = None
    """What it gives `--base`."""


class ServeJob(Job):
    """Serve a build, until `Retire` or the end of the channel. Connections come with
    `Connection`.
    """

    type: Literal["serve-job"] = "serve-job"
    build: Build
    folder: FilePath
    """Of the build."""
    others: Annotated[list[FilePath], Field(max_length=1000)]
    """Folders of earlier builds, whose assets open pages may still ask for."""
    visitor_connections: VisitorConnections | None = None
    """Requests and WebSockets of one visitor at a time; None for no limit."""
    frame_ancestors: list[Line] = Field(default_factory=list, max_length=50)
    """Origins of pages that may frame the session and speak with it."""


class Connection(Message):
    """A connection, whose socket comes along. Answered by `Taken`."""

    type: Literal["connection"] = "connection"
    number: Counted


class Retire(Message):
    """A newer build serves: finish what is under way, then end. Answered by `Retired`."""

    type: Literal["retire"] = "retire"


class EndJobVisits(Message):
    """Close what visitors have open whom a credential of the API has signed in: it has ended."""

    type: Literal["end-visits"] = "end-visits"
    credential: Name


# From a process


class BuildMade(Message):
    """The site was built."""

    type: Literal["build-made"] = "build-made"
    layout: Layout
    own_base: Line


class ServerUp(Message):
    """The server takes connections."""

    type: Literal["server-up"] = "server-up"


class JobFailed(Message):
    """The job cannot be done; the process ends."""

    type: Literal["job-failed"] = "job-failed"
    message: Paragraph
    stack: Page | None = None


class Taken(Message):
    """The process has the connection."""

    type: Literal["taken"] = "taken"
    number: Counted


class Retired(Message):
    """The answer to `Retire`: idle connections are closed, so no further request meets
    this build.
    """

    type: Literal["retired"] = "retired"


JobMessage = BuildJob | ServeJob | Connection | Retire | EndJobVisits
JobAnswer = BuildMade | ServerUp | JobFailed | Taken | Retired

ToJob: Final[TypeAdapter[JobMessage]] = TypeAdapter(
    Annotated[JobMessage, Field(discriminator="type")]
)
FromJob: Final[TypeAdapter[JobAnswer]] = TypeAdapter(
    Annotated[JobAnswer, Field(discriminator="type")]
)
