"""What the configuration functions are told about a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]

PROBE_PATH: Final = "/__astro_live_probe"
"""By which the control plane asks whether Envoy answers."""


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """A dev server that is ready for traffic."""

    session_id: str
    generation: str
    """Id of this dev server. It is part of the cluster's name, so that the next dev server of the
    session never meets pooled connections of the one before.
    """
    socket: str
    """Name of the dev server's Unix socket in the folder that Envoy runs in."""
    epoch: str = ""
    """The session's epoch: cookies of an earlier one are refused."""
    sign_ins: tuple[str, ...] = ()
    """Credentials of the API whose sign-ins are let in."""

    @property
    def cluster(self) -> str:
        return f"session.{self.session_id}.{self.generation}"


def file_source(name: str) -> Json:
    """A file in Envoy's folder that it reads again whenever another is renamed into its place."""
    return {
        "path_config_source": {"path": name, "watched_directory": {"path": "."}},
        "resource_api_version": "V3",
    }
