"""What the API says about a session: declared once, for its answers and for its description
(`openapi.py`).
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from contract import messages
from contract.hmr import SESSION_ID
from contract.messages import ErrorCode, Stage
from contract.words import PackageManager

from .errors import RunnerError
from .states import State

ID_PATTERN: Final = f"^{SESSION_ID.pattern}$"


class View(BaseModel):
    """Part of an answer."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_serialization_defaults_required=True
    )


class Nothing(View):
    """Not known yet, or not in this mode: an empty object."""


class PackagesView(View):
    """How the packages were installed."""

    manager: PackageManager
    version: str
    lock: str
    seconds: float
    refused_scripts: list[str]
    failed_scripts: list[str]

    @classmethod
    def of(cls, packages: messages.Packages) -> PackagesView:
        return cls(**packages.model_dump(exclude={"root"}, by_alias=False))


class VersionsView(View):
    astro: str
    vite: str


class BuildView(View):
    """Production mode: what is served and whether a build is under way."""

    serving: int | None
    pinned: bool
    building: bool
    waiting: Annotated[bool, Field(description="For another session's build")]


class ErrorView(View):
    """Why the session does not run, or what is wrong although it does."""

    code: ErrorCode
    message: str
    fix: str

    @classmethod
    def of(cls, error: RunnerError) -> ErrorView:
        return cls(code=error.code, message=error.message, fix=error.fix)


class SessionView(View):
    """A session as it is now."""

    id: Annotated[str, Field(pattern=ID_PATTERN)]
    state: State
    url: Annotated[str, Field(json_schema_extra={"format": "uri"})]
    stage: Stage | Annotated[str, Field(pattern="^$")]
    """Where a start is; empty when none is under way."""
    idle_seconds: float
    sockets: int
    memory_mib: int
    started_at: float | None
    restarts: int
    pid: int | None
    root: Annotated[
        str, Field(description="The site's folder in the repository; empty for its own")
    ]
    packages: PackagesView | Nothing
    watch: messages.WatchReport | Nothing
    versions: VersionsView | Nothing
    report: messages.SiteReport | Nothing
    build: BuildView | Nothing
    error: ErrorView | None


def session_schemas() -> dict[str, Any]:
    """Name → JSON Schema of the session and of its parts, for `#/components/schemas`."""
    reference = "#/components/schemas/{model}"
    _, schema = models_json_schema(
        [(SessionView, "serialization")], by_alias=True, ref_template=reference
    )
    found = dict(schema["$defs"])
    return {"Session": found.pop("SessionView"), **found}
