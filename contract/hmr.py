"""The HMR contract: one object owns every number and path that load balancer, policy, gateway and dev server must agree on.

Standard library only. The Pulumi program, the container and the local stack all import it: the program turns it into listener
rules, the target group and the task's environment, and the container reads that environment back into the same object.

Sources of the limits:
  ALB idle timeout 1-4000 s, 5 condition values per rule:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
  Vite's HMR client (`server.ws`, subprotocol `vite-hmr`, heartbeat every 30 s): https://vite.dev/config/server-options
  Timers of hidden tabs run about once a minute: https://developer.chrome.com/blog/timer-throttling-in-chrome-88
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

ENVIRONMENT_PREFIX: Final = "ASTRO_LIVE_"
VITE_SUBPROTOCOL: Final = "vite-hmr"

VITE_HEARTBEAT_SECONDS: Final = 30
"""Vite's client sends a heartbeat over the open WebSocket this often."""

HIDDEN_TAB_HEARTBEAT_SECONDS: Final = 60
"""Browsers throttle the timers of hidden tabs, so this is the longest gap between two heartbeats of a healthy client."""

ALB_IDLE_TIMEOUT_SECONDS: Final = (1, 4000)

SESSION_ID: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""A session id is a DNS label in lower case (1-63 characters), so that it can become a host name under host routing."""

Scheme = Literal["http", "https"]


class ContractError(ValueError):
    """A value of the contract is out of its range, or two of them contradict each other."""


def is_session_id(text: str) -> bool:
    """Whether `text` may name a session: a lower-case DNS label of 1-63 characters."""
    return SESSION_ID.fullmatch(text) is not None


@dataclass(frozen=True, kw_only=True)
class HmrContract:
    """Paths, ports and times of a live session, from the browser down to the dev server."""

    public_url: str
    """Origin that browsers use, without a path: `https://edit.example.com`. Its scheme and port decide the HMR client's."""

    session_prefix: str = "/session"
    """Sessions live under `{session_prefix}/{id}/`."""

    hmr_path: str = "/_hmr"
    """Path of the HMR WebSocket, relative to the session's base: `/session/{id}/_hmr`."""

    legacy_hmr_path: str = "/vite-hmr"
    """Second name under which the load balancer admits HMR traffic, for sites that bring their own `server.ws.path`."""

    api_prefix: str = "/api"
    """The REST API's paths on `api_port`: `/api/v1/…`."""

    health_path: str = "/health/ready"
    """What the load balancer's health check asks on `api_port`."""

    session_port: int = 4321
    """Port of the task that carries session traffic."""

    api_port: int = 8080
    """Port of the task that carries the API and the health check."""

    heartbeat_seconds: int = VITE_HEARTBEAT_SECONDS
    """Interval of the HMR client's heartbeat in a visible tab."""

    idle_timeout_seconds: int = 3600
    """ALB idle timeout. Far above the heartbeat, so that a slept laptop or a hidden tab keeps its socket."""

    stickiness_seconds: int = 3600
    """Life of the load balancer's `lb_cookie`."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.public_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
            raise ContractError(
                f"public_url is {self.public_url!r}; allowed is an origin without a path, "
                "such as 'https://edit.example.com' or 'https://localhost:8443'"
            )
        low, high = self.minimum_idle_timeout_seconds, ALB_IDLE_TIMEOUT_SECONDS[1]
        if not low <= self.idle_timeout_seconds <= high:
            raise ContractError(
                f"idle_timeout_seconds is {self.idle_timeout_seconds}; allowed is {low}-{high} s: a hidden tab's heartbeat "
                f"comes every {self.hidden_heartbeat_seconds} s and one may be lost. Raise the timeout, or lower the heartbeat"
            )
        for name in ("session_prefix", "hmr_path", "legacy_hmr_path", "api_prefix", "health_path"):
            path = getattr(self, name)
            if not re.fullmatch(r"(/[A-Za-z0-9_-]+)+", path):
                raise ContractError(f"{name} is {path!r}; allowed are path segments of letters, digits, '_' and '-', as in '/session'")
        for name in ("session_port", "api_port"):
            port = getattr(self, name)
            if not 1024 <= port <= 65535:
                raise ContractError(f"{name} is {port}; allowed is 1024-65535: the task runs without root")
        if self.session_port == self.api_port:
            raise ContractError(f"session_port and api_port are both {self.api_port}; give each a port of its own")

    # What the browser sees

    @property
    def scheme(self) -> Scheme:
        return "https" if urlsplit(self.public_url).scheme == "https" else "http"

    @property
    def public_host(self) -> str:
        """Host name of `public_url`, without the port."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def client_protocol(self) -> Literal["ws", "wss"]:
        return "wss" if self.scheme == "https" else "ws"

    @property
    def client_port(self) -> int:
        """Port that the HMR client connects to: 443 behind TLS, on a laptop the local one."""
        return urlsplit(self.public_url).port or (443 if self.scheme == "https" else 80)

    def session_base(self, session_id: str) -> str:
        """`/session/{id}/`, with the closing slash that Vite's `base` wants."""
        return f"{self.session_prefix}/{session_id}/"

    def session_url(self, session_id: str) -> str:
        return self.public_url + self.session_base(session_id)

    # What the load balancer and the policy need

    @property
    def hidden_heartbeat_seconds(self) -> int:
        return max(self.heartbeat_seconds, HIDDEN_TAB_HEARTBEAT_SECONDS)

    @property
    def minimum_idle_timeout_seconds(self) -> int:
        """Twice the longest heartbeat gap: one heartbeat may be lost without losing the socket."""
        return 2 * self.hidden_heartbeat_seconds

    @property
    def hmr_rule_patterns(self) -> tuple[str, ...]:
        """Path patterns of the listener rule for HMR traffic (at most 5 by AWS's quota)."""
        return (f"{self.hmr_path}/*", f"{self.legacy_hmr_path}/*", f"{self.session_prefix}/*{self.hmr_path}")

    @property
    def session_rule_patterns(self) -> tuple[str, ...]:
        return (f"{self.session_prefix}/*",)

    @property
    def api_rule_patterns(self) -> tuple[str, ...]:
        return (f"{self.api_prefix}/*",)

    # What the container needs

    @property
    def upstream_keep_alive_seconds(self) -> int:
        """Idle timeout of the gateway's own listener. Must outlast the ALB's, or clients see 502 on a reused connection."""
        return self.idle_timeout_seconds + 60

    def environment(self) -> dict[str, str]:
        """The contract as environment variables of the container; `from_environment` is its inverse."""
        return {ENVIRONMENT_PREFIX + name.upper(): str(getattr(self, name)) for name in self.__dataclass_fields__}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> HmrContract:
        """Read the contract back. Absent variables take the defaults; `ASTRO_LIVE_PUBLIC_URL` falls back to the laptop's URL.

        Raises `ContractError` that names the variable when a number does not parse or a value is out of range.
        """
        values: dict[str, str | int] = {"public_url": "http://localhost:4321"}
        for name, field in cls.__dataclass_fields__.items():
            variable = ENVIRONMENT_PREFIX + name.upper()
            if (text := environment.get(variable)) is None:
                continue
            if field.type != "int":
                values[name] = text
            elif text.isascii() and text.isdigit():
                values[name] = int(text)
            else:
                raise ContractError(f"{variable} is {text!r}; allowed is a whole number. Correct the variable or remove it")
        return cls(**values)  # type: ignore[arg-type]
