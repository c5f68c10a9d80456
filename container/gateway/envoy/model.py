"""What the configuration functions are told about a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """A dev server that is ready for traffic."""

    session_id: str
    life: str
    """Id of this start of the session. It is part of the cluster's name, so that a port that the system hands out again never
    meets pooled connections of the session that had it before."""
    host: str
    port: int

    @property
    def cluster(self) -> str:
        return f"session.{self.session_id}.{self.life}"
