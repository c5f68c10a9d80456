"""Settings of the container process, read once from its environment.

Each setting is declared once, as a field of `GatewaySettings` with its variable, default, range and help; `docs/gateway.md` and
`python -m container.gateway --help` are made from the same declarations.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from contract.hmr import ContractError, HmrContract

from .errors import SettingsError, TokenError
from .tokens import SigningKey

HERE: Final = Path(__file__).resolve().parent
ASTRO_DIR: Final = HERE.parent / "astro"
NODE_FLAGS: Final = ("--max-semi-space-size=16", "--initial-old-space-size=128", "--heap-growing-percent=50")
"""How much garbage a dev server may hold before V8 collects it, in MiB and percent of what lives. V8's own limits suit a program that has
the machine to itself: 128 MiB for young objects, a first full collection at some 500 MiB, and then four times what lives."""

SECRET_VARIABLES: Final = ("ASTRO_LIVE_SIGNING_KEYS", "ASTRO_LIVE_API_TOKEN")
MINIMUM_API_TOKEN_LENGTH: Final = 24

Mode = Literal["development", "production"]
WatchMode = Literal["auto", "native", "hybrid", "polling"]
PageUpdates = Literal["in-place", "reload"]
SameSite = Literal["lax", "none"]


# ruff: noqa: RUF009 - `_setting` is `dataclasses.field` with our metadata; its defaults are immutable
def _setting(variable: str, default: Any, text: str, *, low: int | None = None, high: int | None = None) -> Any:
    return field(default=default, metadata={"variable": variable, "help": text, "low": low, "high": high})


@dataclass(frozen=True, kw_only=True)
class GatewaySettings:
    """Everything the gateway can be told, apart from the HMR contract and the secrets."""

    mode: Mode = _setting("NODE_ENV", "development", "development serves `astro dev`; production builds each site and serves the result")
    sites_dir: Path = _setting("ASTRO_LIVE_SITES_DIR", Path("/sites"), "folder of the projects: session X is {SITES_DIR}/X")
    scratch_dir: Path = _setting("ASTRO_LIVE_SCRATCH_DIR", Path("/scratch"), "local disk for caches, installs, builds and sockets")
    bind_address: str = _setting("ASTRO_LIVE_BIND_ADDRESS", "0.0.0.0", "address of both listeners")  # noqa: S104 - the task's own interface
    starter_dir: Path = _setting("ASTRO_LIVE_STARTER_DIR", ASTRO_DIR / "starter", "site that new sessions start from")
    runner_command: str = _setting(
        "ASTRO_LIVE_RUNNER_COMMAND",
        "",
        "JSON list: program and arguments that run a dev server; empty means the bundled Node.js and runner",
    )
    max_sessions: int = _setting("ASTRO_LIVE_MAX_SESSIONS", 20, "dev servers running at once", low=1, high=200)
    warm_runners: int = _setting("ASTRO_LIVE_WARM_RUNNERS", 1, "dev servers started ahead of need; 0 turns the pool off", low=0, high=10)
    session_idle_seconds: int = _setting(
        "ASTRO_LIVE_SESSION_IDLE_SECONDS", 1800, "a session without page requests or edits for so long is stopped", low=5, high=604800
    )
    session_memory_mib: int = _setting(
        "ASTRO_LIVE_SESSION_MEMORY_MIB",
        1024,
        "a dev server above this is restarted when idle, and at 1.5 times this at once",
        low=128,
        high=16384,
    )
    session_descriptors: int = _setting("ASTRO_LIVE_SESSION_DESCRIPTORS", 4096, "open files per dev server", low=256, high=65536)
    start_timeout_seconds: int = _setting(
        "ASTRO_LIVE_START_TIMEOUT_SECONDS", 60, "a dev server that reports no progress for so long is given up", low=5, high=600
    )
    request_timeout_seconds: int = _setting(
        "ASTRO_LIVE_REQUEST_TIMEOUT_SECONDS",
        60,
        "time for a client to send a whole request, and for a dev server to take up a WebSocket",
        low=1,
        high=3600,
    )
    watch_mode: WatchMode = _setting("ASTRO_LIVE_WATCH_MODE", "auto", "how file changes are noticed")
    poll_interval_ms: int = _setting("ASTRO_LIVE_POLL_INTERVAL_MS", 100, "interval of the polling watcher", low=20, high=5000)
    page_updates: PageUpdates = _setting(
        "ASTRO_LIVE_PAGE_UPDATES",
        "in-place",
        "how an open page shows an edit of its markup or content: in place where possible, or always anew",
    )
    stop_timeout_seconds: int = _setting(
        "ASTRO_LIVE_STOP_TIMEOUT_SECONDS", 30, "time from SIGTERM to SIGKILL (ECS: at most 120)", low=2, high=120
    )
    cookie_seconds: int = _setting(
        "ASTRO_LIVE_COOKIE_SECONDS", 43200, "life of a session cookie, renewed as pages are opened", low=60, high=2592000
    )
    handoff_seconds: int = _setting("ASTRO_LIVE_HANDOFF_SECONDS", 300, "life of a one-time link", low=5, high=86400)
    cookie_same_site: SameSite = _setting(
        "ASTRO_LIVE_COOKIE_SAME_SITE", "lax", "none sends the cookie inside another site's frame too, partitioned by that site; needs https"
    )
    frame_ancestors: str = _setting(
        "ASTRO_LIVE_FRAME_ANCESTORS", "", "origins, space-separated, that may show sessions in a frame; empty allows the own origin alone"
    )
    max_file_mib: int = _setting("ASTRO_LIVE_MAX_FILE_MIB", 25, "largest file written through the API", low=1, high=1024)
    max_connections: int = _setting("ASTRO_LIVE_MAX_CONNECTIONS", 12000, "client connections the task accepts", low=100, high=100000)
    envoy_concurrency: int = _setting(
        "ASTRO_LIVE_ENVOY_CONCURRENCY", 0, "Envoy's worker threads; 0 means one per processor", low=0, high=64
    )
    task_protection_minutes: int = _setting(
        "ASTRO_LIVE_TASK_PROTECTION_MINUTES",
        0,
        "a task with live sessions is protected from scale-in and deployments, for so long at a time; 0 turns it off",
        low=0,
        high=2880,
    )
    ecs_agent_uri: str = _setting("ECS_AGENT_URI", "", "set by ECS: address of its agent, for task protection")
    emf_namespace: str = _setting(
        "ASTRO_LIVE_EMF_NAMESPACE",
        "",
        "mark the log's numbers as metrics of this CloudWatch namespace (embedded metric format); empty does not",
    )

    @property
    def node_environment(self) -> str:
        return self.mode

    def project_dir(self, session_id: str) -> Path:
        return self.sites_dir / session_id


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What must never reach a dev server. `repr` shows nothing of it."""

    signing_keys: tuple[SigningKey, ...] = field(repr=False)
    api_token: str = field(repr=False)
    ephemeral: bool = False
    """Made up at start because none was given (a quick `docker run` on a laptop)."""


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """All that a gateway process needs to know."""

    contract: HmrContract
    settings: GatewaySettings
    secrets: Secrets


def fields() -> list[tuple[str, str, str, str]]:
    """`(variable, allowed, default, help)` of each setting, for the documentation and `--help`."""
    hints = get_type_hints(GatewaySettings)
    rows = []
    for entry in dataclasses.fields(GatewaySettings):
        default = str(entry.default).lower() if isinstance(entry.default, bool) else str(entry.default)
        if isinstance(entry.default, Path) and entry.default.is_relative_to(HERE.parent):
            default = f"container/{entry.default.relative_to(HERE.parent)}"
        rows.append((entry.metadata["variable"], _allowed(hints[entry.name], entry.metadata), default, entry.metadata["help"]))
    return rows


def _allowed(kind: Any, metadata: Mapping[str, Any]) -> str:
    if get_origin(kind) is Literal:
        return " | ".join(get_args(kind))
    if kind is int:
        return f"{metadata['low']}-{metadata['high']}"
    return {bool: "true | false", Path: "absolute path", str: "text"}[kind]


def _parse(kind: Any, metadata: Mapping[str, Any], text: str) -> Any:
    variable, allowed = metadata["variable"], _allowed(kind, metadata)
    problem = SettingsError(f"{variable} is {text!r}; allowed is {allowed}. Correct the variable or remove it ({metadata['help']})")
    if get_origin(kind) is Literal:
        if text not in get_args(kind):
            raise problem
        return text
    if kind is bool:
        if text not in ("true", "false"):
            raise problem
        return text == "true"
    if kind is int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not metadata["low"] <= int(text) <= metadata["high"]:
            raise problem
        return int(text)
    if kind is Path:
        if not text.startswith("/") or "\0" in text:
            raise problem
        return Path(text)
    return text


def read_settings(environment: Mapping[str, str]) -> GatewaySettings:
    """Read the settings; `SettingsError` names variable, value, what is allowed and the fix."""
    hints = get_type_hints(GatewaySettings)
    values: dict[str, Any] = {}
    for entry in dataclasses.fields(GatewaySettings):
        text = environment.get(entry.metadata["variable"])
        if text is not None and text != "":
            values[entry.name] = _parse(hints[entry.name], entry.metadata, text)
    settings = GatewaySettings(**values)
    try:
        ipaddress.ip_address(settings.bind_address)
    except ValueError:
        raise SettingsError(f"ASTRO_LIVE_BIND_ADDRESS is {settings.bind_address!r}; allowed is an IP address, such as 0.0.0.0") from None
    if settings.runner_command:
        runner_command(settings)
    for origin in settings.frame_ancestors.split():
        if not re.fullmatch(r"https?://[A-Za-z0-9.*-]+(:[0-9]+)?", origin):
            raise SettingsError(f"ASTRO_LIVE_FRAME_ANCESTORS holds {origin!r}; allowed are origins, such as https://cms.example.com")
    return settings


def runner_command(settings: GatewaySettings) -> list[str]:
    """Program and arguments of a dev-server process."""
    if not settings.runner_command:
        from .programs import node_executable

        flags = NODE_FLAGS if settings.mode == "development" else ()  # a build inherits them, and is over soon
        return [str(node_executable()), *flags, str(ASTRO_DIR / "runner.mjs")]
    try:
        command = json.loads(settings.runner_command)
    except ValueError:
        command = None
    if not isinstance(command, list) or not command or not all(isinstance(part, str) for part in command):
        raise SettingsError(
            f"ASTRO_LIVE_RUNNER_COMMAND is {settings.runner_command!r}; allowed is a JSON list of strings, "
            'such as ["node", "/app/runner.mjs"]'
        )
    return command


def read_secrets(environment: Mapping[str, str], contract: HmrContract) -> Secrets:
    """Read the signing keys and the API credential; make them up only for a gateway that a laptop's own browser talks to."""
    keys_text, token = environment.get("ASTRO_LIVE_SIGNING_KEYS", ""), environment.get("ASTRO_LIVE_API_TOKEN", "")
    if not keys_text and not token:
        if contract.public_host not in ("localhost", "127.0.0.1", "::1"):
            raise SettingsError(
                "ASTRO_LIVE_SIGNING_KEYS and ASTRO_LIVE_API_TOKEN are not set; without them the gateway only serves a loopback "
                f"ASTRO_LIVE_PUBLIC_URL (it is {contract.public_url!r}). Set both, from a secret store"
            )
        return Secrets(signing_keys=(SigningKey.generate(),), api_token=SigningKey.random_credential(), ephemeral=True)
    if len(token) < MINIMUM_API_TOKEN_LENGTH or not token.isascii() or any(character.isspace() for character in token):
        raise SettingsError(
            f"ASTRO_LIVE_API_TOKEN has {len(token)} characters; allowed are {MINIMUM_API_TOKEN_LENGTH} or more ASCII characters "
            "without white space. Make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    try:
        keys = SigningKey.parse_list(keys_text)
    except TokenError as error:
        raise SettingsError(f"ASTRO_LIVE_SIGNING_KEYS: {error}") from None
    return Secrets(signing_keys=keys, api_token=token)


def read_configuration(environment: Mapping[str, str]) -> Configuration:
    """Read everything; `SettingsError` on the first value that will not do."""
    try:
        contract = HmrContract.from_environment(environment)
    except ContractError as error:
        raise SettingsError(str(error)) from None
    settings = read_settings(environment)
    if settings.cookie_same_site == "none" and contract.scheme != "https":
        raise SettingsError(
            f"ASTRO_LIVE_COOKIE_SAME_SITE is 'none' while ASTRO_LIVE_PUBLIC_URL is {contract.public_url!r}; browsers take such cookies "
            "over https alone. Use an https URL, or 'lax'"
        )
    return Configuration(contract=contract, settings=settings, secrets=read_secrets(environment, contract))
