"""The HMR contract: one object owns every number and path that load balancer, policy, gateway and
dev server must agree on.

The Pulumi program, the container and the local stack all import it: the program turns it into
listener rules, the target group and the task's environment, and the container reads that
environment back into the same object.

Sources of the limits:
  ALB idle timeout 1-4000 s, 5 condition values per rule:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
  Vite's HMR client (`server.ws`, subprotocol `vite-hmr`, heartbeat every 30 s):
  https://vite.dev/config/server-options Timers of hidden tabs run about once a minute:
  https://developer.chrome.com/blog/timer-throttling-in-chrome-88
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal
from urllib.parse import urlsplit

from contract.api import API_PREFIX
from contract.ranges import TASK_PORTS
from contract.settings import (
    InvalidSettings,
    Names,
    Problem,
    Problems,
    Rule,
    Settings,
    Shape,
    read_environment,
    setting,
)
from contract.words import SocketScheme

VITE_SUBPROTOCOL: Final = "vite-hmr"

HIDDEN_TAB_HEARTBEAT_SECONDS: Final = 60
"""The longest gap between two heartbeats of a healthy HMR client: it sends one every 30 s, and
browsers throttle the timers of hidden tabs to one a minute.
"""

ALB_IDLE_TIMEOUT_SECONDS: Final = (1, 4000)

SHORTEST_IDLE_TIMEOUT_SECONDS: Final = 2 * HIDDEN_TAB_HEARTBEAT_SECONDS
"""One heartbeat may be lost without losing the socket."""

SESSION_PORT: Final = 4321
API_PORT: Final = 8080

LAPTOP_URL: Final = f"http://localhost:{SESSION_PORT}"
"""Public address of a container that is not told one."""

SESSION_ID: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""A session id is a DNS label in lower case (1-63 characters), so that it can become a host name
under host routing.
"""

Routing = Literal["path", "host"]


class ContractError(InvalidSettings):
    """A value of the contract is out of its range, or two of them contradict each other."""


def is_session_id(text: str) -> bool:
    """Whether `text` may name a session: a lower-case DNS label of 1-63 characters."""
    return SESSION_ID.fullmatch(text) is not None


def as_browsers_write_it(text: str) -> str:
    """The origin of an address as the Origin header has it: lower case, without a default port and
    a path.

    An empty text when the address is not http or https, or has no host.
    """
    parts = urlsplit(text)
    host, port = parts.hostname or "", parts.port  # a ValueError when the port is not one
    if parts.scheme not in ("http", "https") or not host:
        return ""
    bare = f"[{host}]" if ":" in host else host
    default = 443 if parts.scheme == "https" else 80
    return f"{parts.scheme}://{bare}" + ("" if port in (None, default) else f":{port}")


def correct_origin(text: str) -> str:
    """How to write the origin that `text` was meant to be."""
    try:
        meant = as_browsers_write_it(text)
    except ValueError:
        return ""
    return f"write {meant}" if meant else ""


Origin = Annotated[
    str,
    Shape(
        "an origin without a path",
        lambda text: text != "" and text == as_browsers_write_it(text),
        example="https://edit.example.com or https://localhost:8443",
        fix=correct_origin,
    ),
]
UrlPath = Annotated[
    str,
    Shape(
        "path segments of letters, digits, '_' and '-'",
        lambda text: re.fullmatch(r"(/[A-Za-z0-9_-]+)+", text) is not None,
        example="/session",
    ),
]


def ports_differ(names: Names, session_port: int, api_port: int, peers_port: int) -> Problems:
    """Two listeners cannot share a port."""
    ports = {"session_port": session_port, "api_port": api_port, "peers_port": peers_port}
    for name, earlier in (
        ("api_port", "session_port"),
        ("peers_port", "session_port"),
        ("peers_port", "api_port"),
    ):
        if ports[name] == ports[earlier]:
            yield Problem(
                key=names[name],
                value=str(ports[name]),
                allowed=f"another port than {names[earlier]}, which is {ports[earlier]} too",
                fix=f"choose another port for {names[name]}",
            )


class SharedContract(Settings):
    """What a stack decides of the contract; these are stack keys, too."""

    public_url: Origin = setting(
        help=(
            "Origin that browsers use. Its host gets the DNS record and, with `hostedZoneId`, the"
            " certificate."
        ),
        group="Address",
    )
    routing: Routing = setting(
        "path",
        "How sessions are told apart: by path (`/session/{id}/` of one origin) or by host (`{id}.`"
        " before the host of `publicUrl`, each session at `/` of a separate origin). By host needs"
        " a wildcard certificate and record.",
        group="Address",
    )
    idle_timeout_seconds: int = setting(
        3600,
        "Cut a connection after this silence. Must outlast two heartbeats of a hidden tab.",
        group="Load balancer",
        within=(SHORTEST_IDLE_TIMEOUT_SECONDS, ALB_IDLE_TIMEOUT_SECONDS[1]),
        unit="s",
    )
    stickiness_seconds: int = setting(
        3600,
        "Lifetime of the cookie that keeps a browser on its task.",
        group="Load balancer",
        within=(1, 604800),
        unit="s",
    )


class HmrContract(SharedContract):
    """Paths, ports and times of a live session, from the browser down to the dev server.

    Its scheme and port decide the HMR client's. Raises `ContractError`.
    """

    failure: ClassVar[type[InvalidSettings]] = ContractError
    rules: ClassVar[tuple[Rule, ...]] = (ports_differ,)

    session_prefix: UrlPath = setting(
        "/session", "Under path routing sessions live under `{session_prefix}/{id}/`."
    )
    hmr_path: UrlPath = setting(
        "/_hmr",
        "Path of the HMR WebSocket, relative to the session's base: `/session/{id}/_hmr`, or"
        " `/_hmr` of the session's host.",
    )
    legacy_hmr_path: UrlPath = setting(
        "/vite-hmr",
        "Second path under which the load balancer admits HMR traffic, for sites that set their own"
        " `server.ws.path`.",
    )
    session_port: int = setting(
        SESSION_PORT, "Port of the task that carries session traffic.", within=TASK_PORTS
    )
    api_port: int = setting(
        API_PORT, "Port of the task that carries the API and the health check.", within=TASK_PORTS
    )
    peers_port: int = setting(
        4322,
        "Port of the task that other tasks of the service forward sessions to.",
        within=TASK_PORTS,
    )

    # What the browser sees

    @property
    def scheme(self) -> Literal["http", "https"]:
        return "https" if urlsplit(self.public_url).scheme == "https" else "http"

    @property
    def public_host(self) -> str:
        """Host name of `public_url`, without the port."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def client_protocol(self) -> SocketScheme:
        return "wss" if self.scheme == "https" else "ws"

    @property
    def client_port(self) -> int:
        """Port that the HMR client connects to: 443 behind TLS, on a laptop the local one."""
        return urlsplit(self.public_url).port or (443 if self.scheme == "https" else 80)

    @property
    def by_host(self) -> bool:
        """Whether each session has its own host, and so its own browser origin."""
        return self.routing == "host"

    def session_base(self, session_id: str) -> str:
        """Path of the session, with the closing slash that Vite's `base` wants: `/session/{id}/`,
        or `/` under host routing.
        """
        return "/" if self.by_host else f"{self.session_prefix}/{session_id}/"

    def session_host(self, session_id: str) -> str:
        """Host name of the session's pages, without a port."""
        return f"{session_id}.{self.public_host}" if self.by_host else self.public_host

    def session_origin(self, session_id: str) -> str:
        """Origin of the session's pages, as browsers write it in the Origin header."""
        if not self.by_host:
            return self.public_url
        scheme, _, authority = self.public_url.partition("://")
        return f"{scheme}://{session_id}.{authority}"

    def session_authority(self, session_id: str) -> str:
        """Host header of requests for the session's pages: a host, with a port unless it is the
        scheme's own.
        """
        return self.session_origin(session_id).partition("://")[2]

    def session_url(self, session_id: str) -> str:
        """Address of the session's first page."""
        return self.session_origin(session_id) + self.session_base(session_id)

    def session_of_authority(self, authority: str) -> str | None:
        """Under host routing: the session that a Host header names, or None. `session_authority` is
        its inverse.
        """
        public = self.public_url.partition("://")[2]
        label, dot, rest = authority.lower().partition(".")
        return label if self.by_host and dot and rest == public and is_session_id(label) else None

    # What the load balancer and the policy need

    @property
    def hmr_rule_patterns(self) -> tuple[str, ...]:
        """Path patterns of the listener rule for HMR traffic (at most 5 values by AWS's quota,
        hosts included).
        """
        inside = self.hmr_path if self.by_host else f"{self.session_prefix}/*{self.hmr_path}"
        return (f"{self.hmr_path}/*", f"{self.legacy_hmr_path}/*", inside)

    @property
    def session_rule_patterns(self) -> tuple[str, ...]:
        return ("/*",) if self.by_host else (f"{self.session_prefix}/*",)

    @property
    def session_rule_hosts(self) -> tuple[str, ...]:
        """Hosts that the listener rules for sessions are limited to; empty: any."""
        return (f"*.{self.public_host}",) if self.by_host else ()

    @property
    def api_rule_patterns(self) -> tuple[str, ...]:
        return (f"{API_PREFIX}/*",)

    @property
    def api_rule_hosts(self) -> tuple[str, ...]:
        """Under host routing the API has the public host; `/api/…` of a session's host belongs to
        its site.

        AWS takes no host without a dot: on a laptop's `localhost` the API's paths are the API's on
        every host.
        """
        return (self.public_host,) if self.by_host and "." in self.public_host else ()

    # What the container needs

    @property
    def upstream_keep_alive_seconds(self) -> int:
        """Idle timeout of the gateway's own listener. Must outlast the ALB's, or clients see 502 on
        a reused connection.
        """
        return self.idle_timeout_seconds + 60

    def environment(self) -> dict[str, str]:
        """The contract as environment variables of the container; `from_environment` is its
        inverse.
        """
        return self.environment_of(type(self))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> HmrContract:
        """Read the contract back. Absent variables take the defaults, the public URL the laptop's.

        Raises `ContractError` that names every bad variable.
        """
        return read_environment(
            cls, {"ASTRO_LIVE_PUBLIC_URL": LAPTOP_URL, **environment}
        ).settings()
