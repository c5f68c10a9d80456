"""Settings of the container process, read once from its environment.

What a stack can set, too, is declared in `contract/`; here are the container's own.
`docs/gateway.md` and `python -m container.gateway --help` are made from the declarations.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from contract.hmr import LAPTOP_URL, HmrContract
from contract.settings import Problem, Shape, read_environment, setting
from contract.settings.session import SessionSettings
from contract.settings.task import (
    API_TOKEN,
    CONTAINER,
    SECRET_VARIABLES,
    SIGNING_KEYS,
    AbsolutePath,
    TaskSettings,
)
from contract.words import Mode

from .errors import SettingsError, TokenError
from .tokens import KEYS_ALLOWED, SigningKey

HERE: Final = Path(__file__).resolve().parent
ASTRO_DIR: Final = HERE.parent / "astro"
NO_INSPECTOR: Final = "--disable-sigusr1"
"""Or any process of the same user could open a debugger in this one:
https://nodejs.org/api/cli.html#--disable-sigusr1
"""
NODE_FLAGS: Final = (
    "--max-semi-space-size=16",
    "--initial-old-space-size=128",
    "--heap-growing-percent=50",
)
"""How much garbage a dev server may hold before V8 collects it, in MiB and percent of what lives.
V8's own limits suit a program that has the machine to itself: 128 MiB for young objects, a first
full collection at some 500 MiB, and then four times what lives.
"""

MINIMUM_API_TOKEN_LENGTH: Final = 24
MOST_API_TOKENS: Final = 2
"""While the credential is rotated, the old one and the new one."""


def _is_command(text: str) -> bool:
    command = json.loads(text)
    return (
        isinstance(command, list)
        and bool(command)
        and all(isinstance(part, str) for part in command)
    )


Command = Annotated[
    str,
    Shape("a JSON list of strings", _is_command, example='["node", "/app/runner.mjs"]'),
]


class GatewaySettings(TaskSettings, SessionSettings):
    """Everything the gateway can be told, apart from the HMR contract and the secrets."""

    tmp_dir: str = setting(
        "",
        "Folder that all sites of a container share for temporary files, and nobody else uses:"
        " emptied when it has more than `sessionDiskMib`. Empty: none is watched.",
        group=CONTAINER,
    )
    starter_dir: AbsolutePath = setting(
        ASTRO_DIR / "starter", "Site that new sessions start from.", group=CONTAINER
    )
    runner_command: Command = setting(
        "",
        "Program and arguments that run a dev server. Empty: the bundled Node.js and runner.",
        group=CONTAINER,
    )
    ecs_agent_uri: str = setting(
        "",
        "Address of ECS's agent, for task protection; ECS sets it.",
        group=CONTAINER,
        variable="ECS_AGENT_URI",
    )
    emf_namespace: str = setting(
        "",
        "Mark the log's numbers as metrics of this CloudWatch namespace (embedded metric format)."
        " Empty: do not; the stack makes metrics of the log by filters.",
        group=CONTAINER,
    )

    @property
    def mode(self) -> Mode:
        """`NODE_ENV`: development or production."""
        return self.node_env

    @property
    def node_environment(self) -> str:
        return self.node_env

    def project_dir(self, session_id: str) -> Path:
        return self.sites_dir / session_id


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What must never reach a dev server. `repr` shows nothing of it."""

    signing_keys: tuple[SigningKey, ...] = field(repr=False)
    api_tokens: tuple[str, ...] = field(repr=False)
    """All are valid; the first is the one that is handed out."""
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
    rows = []
    for entry in GatewaySettings.declared().values():
        default = (
            " ".join(entry.default) if isinstance(entry.default, tuple) else str(entry.default)
        )
        if entry.is_path and entry.default.is_relative_to(HERE.parent):
            default = f"container/{entry.default.relative_to(HERE.parent)}"
        rows.append((entry.variable, entry.description, default, entry.help))
    return rows


def runner_command(settings: GatewaySettings) -> list[str]:
    """Program and arguments of a dev-server process."""
    if settings.runner_command:
        command: list[str] = json.loads(settings.runner_command)
        return command
    from .programs import node_executable

    flags = (
        NODE_FLAGS if settings.mode == "development" else ()
    )  # a build inherits them, and is over soon
    return [str(node_executable()), NO_INSPECTOR, *flags, str(ASTRO_DIR / "runner.mjs")]


def _is_token(text: str) -> bool:
    return (
        len(text) >= MINIMUM_API_TOKEN_LENGTH and text.isascii() and not any(map(str.isspace, text))
    )


def read_secrets(
    environment: Mapping[str, str], public_url: str | None
) -> tuple[Secrets | None, list[Problem]]:
    """The signing keys and the API credential, and what is wrong with them.

    They are made up only for a gateway that a laptop's own browser talks to. `public_url` is None
    when it is not valid.
    """
    keys_text, token = environment.get(SIGNING_KEYS, ""), environment.get(API_TOKEN, "")
    if not keys_text and not token:
        return _made_up_secrets(public_url)
    problems = []
    keys: tuple[SigningKey, ...] = ()
    try:
        keys = SigningKey.parse_list(keys_text)
    except TokenError as error:
        problems.append(
            Problem(
                key=SIGNING_KEYS,
                value="not valid" if keys_text else "not set",
                allowed=f"a JSON list of keys ({error})" if keys_text else KEYS_ALLOWED,
                fix=(
                    "correct it in the secret store"
                    if keys_text
                    else "set it from the secret store, as the credential is"
                ),
            )
        )
    tokens = tuple(token.split(" "))
    if len(tokens) > MOST_API_TOKENS or not all(map(_is_token, tokens)):
        lengths = " and ".join(str(len(each)) for each in tokens[:3])
        problems.append(
            Problem(
                key=API_TOKEN,
                value=f"{lengths} characters long",
                allowed=(
                    f"{MINIMUM_API_TOKEN_LENGTH} or more ASCII characters without white space;"
                    f" during a rotation {MOST_API_TOKENS} such, with one space between them"
                ),
                fix="make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'",
            )
        )
    return None if problems else Secrets(signing_keys=keys, api_tokens=tokens), problems


def _made_up_secrets(public_url: str | None) -> tuple[Secrets | None, list[Problem]]:
    if public_url is None:
        return None, []  # that is the problem to solve first
    if HmrContract(public_url=public_url).public_host not in ("localhost", "127.0.0.1", "::1"):
        allowed = f"only a loopback ASTRO_LIVE_PUBLIC_URL without it, and that is {public_url!r}"
        fix = "set it from a secret store"
        return None, [
            Problem(key=key, value="not set", allowed=allowed, fix=fix) for key in SECRET_VARIABLES
        ]
    keys, token = (SigningKey.generate(),), SigningKey.random_credential()
    return Secrets(signing_keys=keys, api_tokens=(token,), ephemeral=True), []


def read_configuration(environment: Mapping[str, str]) -> Configuration:
    """Read everything; `SettingsError` lists every value that cannot be used."""
    contract = read_environment(HmrContract, {"ASTRO_LIVE_PUBLIC_URL": LAPTOP_URL, **environment})
    settings = read_environment(GatewaySettings, environment, beside=contract)
    secrets, problems = read_secrets(environment, contract.values.get("public_url"))
    problems = [*contract.problems, *settings.problems, *problems]
    if problems or secrets is None:
        raise SettingsError(_text(problems))
    return Configuration(
        contract=contract.settings(), settings=settings.settings(), secrets=secrets
    )


def _text(problems: list[Problem]) -> str:
    return "\n".join(map(str, problems))
