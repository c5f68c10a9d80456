"""What the release commands know of a stack: its configuration, outputs and history, through the
Pulumi CLI.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scripts.release import account, pins
from scripts.release.errors import ReleaseError
from scripts.release.shell import CommandFailed, Shell

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "astro-live"
POLICY_PACK = "policy"
IMAGE_DIGEST_KEY = f"{PROJECT}:imageDigest"
HISTORY_LENGTH = 20
"""Operations looked at for a pin: refreshes and renames may follow the update that made it."""

_STACK_NAME = re.compile(r"(?:[A-Za-z0-9_.-]+/){0,2}[A-Za-z0-9_.-]+")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def check_stack_name(name: str) -> str:
    """`dev`, `prod` or `org/project/dev`; anything else is refused before a command sees it."""
    if not _STACK_NAME.fullmatch(name):
        raise ReleaseError(
            f"stack name is {name!r}; allowed are letters, digits, '-', '_' and '.', as in 'dev' or"
            " 'my-org/astro-live/dev'"
        )
    return name


def short_name(stack: str) -> str:
    """`dev` of `my-org/astro-live/dev`: the part that names the stack's files."""
    return stack.rsplit("/", 1)[-1]


def check_digest(text: str) -> str:
    """An image digest as registries write it: `sha256:` and 64 hexadecimal digits."""
    if not _DIGEST.fullmatch(text):
        raise ReleaseError(
            f"image digest is {text!r}; allowed is 'sha256:' followed by 64 hexadecimal digits"
        )
    return text


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """The stack outputs that the release commands use."""

    url: str
    session_url_pattern: str
    cluster_name: str
    service_name: str
    repository_url: str
    image_digest: str
    api_token_secret_arn: str
    api_url: str = ""
    """Empty where the load balancer does not forward to the API."""
    private_api_url: str = ""
    alb_dns_name: str = ""
    task_definition_arn: str = ""
    """Of the last update; empty for a stack that an earlier version deployed."""


OUTPUT_NAMES = {
    "url": "url",
    "session_url_pattern": "sessionUrlPattern",
    "cluster_name": "clusterName",
    "service_name": "serviceName",
    "repository_url": "repositoryUrl",
    "image_digest": "imageDigest",
    "api_token_secret_arn": "apiTokenSecretArn",
}
OPTIONAL_NAMES = {
    "api_url": "apiUrl",
    "private_api_url": "privateApiUrl",
    "alb_dns_name": "albDnsName",
    "task_definition_arn": "taskDefinitionArn",
}


def read_config(shell: Shell, stack: str) -> dict[str, Any]:
    """The stack's configuration by full key, with the project's defaults; encrypted values are
    absent.

    Raises ReleaseError when the backend has no such stack.
    """
    try:
        text = shell.read("pulumi", "config", "--json", "--stack", stack)
    except CommandFailed as failure:
        if "no stack named" not in failure.output:
            raise
        raise ReleaseError(
            f"the backend has no stack '{stack}'; create it once with: pulumi stack init {stack}"
            " (with a bucket as the backend, name the key that encrypts its secrets:"
            " --secrets-provider=awskms://alias/astro-live)"
        ) from failure
    config = account.decoded(json.loads(text or "{}"))
    encrypted = [
        key
        for key in ("aws:accessKey", "aws:secretKey", "aws:token")
        if key in config and config[key] is None
    ]
    for key in encrypted:  # the provider opens these too
        config[key] = shell.read("pulumi", "config", "get", key, "--stack", stack).strip()
    return config


def read_outputs(shell: Shell, stack: str) -> Outputs:
    """Outputs of a deployed stack. Raises ReleaseError when the stack was never deployed."""
    found = json.loads(shell.read("pulumi", "stack", "output", "--json", "--stack", stack) or "{}")
    missing = [name for name in OUTPUT_NAMES.values() if not isinstance(found.get(name), str)]
    if missing:
        raise ReleaseError(
            f"stack '{stack}' has no output {', '.join(missing)}; deploy it first: make deploy"
            f" STACK={stack}"
        )
    optional = {field: str(found.get(name) or "") for field, name in OPTIONAL_NAMES.items()}
    return Outputs(**{field: found[name] for field, name in OUTPUT_NAMES.items()}, **optional)


def pin_image(shell: Shell, stack: str, digest: str) -> None:
    """Write the digest into the stack's configuration: from the next update on, this very image
    runs.
    """
    shell.change(
        "pulumi", "config", "set", IMAGE_DIGEST_KEY, check_digest(digest), "--stack", stack
    )


def unpin_image(shell: Shell, stack: str) -> None:
    """Take the digest out of the stack's configuration again, if it is there."""
    if _digest_in(_stack_file(stack).read_text() if _stack_file(stack).is_file() else ""):
        shell.change("pulumi", "config", "rm", IMAGE_DIGEST_KEY, "--stack", stack)


def decide_image(
    shell: Shell, stack: str, *, unpin: bool = False, pinned: str = ""
) -> pins.Decision:
    """Which image the next update of `stack` runs: see `pins`. `pinned` is a digest just written
    into the stack's file.
    """
    history = json.loads(
        shell.read(
            "pulumi",
            "stack",
            "history",
            "--json",
            "--page-size",
            str(HISTORY_LENGTH),
            "--stack",
            stack,
        )
        or "[]"
    )
    file = _stack_file(stack)
    work = pinned or _digest_in(file.read_text() if file.is_file() else "")
    return pins.decide(
        committed=_committed_digest(file, work), work=work, held=pins.held_by(history), unpin=unpin
    )


def update(shell: Shell, stack: str, decision: pins.Decision) -> None:
    """`pulumi up` with the policy pack enforced."""
    message = ("--message", decision.mark.message) if decision.mark else ()
    with _configured(stack, decision) as config:
        shell.change(
            "pulumi", "up", "--yes", "--stack", stack, *config, *message, *policy_arguments(stack)
        )


def preview(shell: Shell, stack: str, decision: pins.Decision, *options: str) -> None:
    """`pulumi preview` as `update` would run it, with the policy pack enforced."""
    with _configured(stack, decision) as config:
        shell.show(
            "pulumi",
            "preview",
            "--diff",
            *options,
            "--stack",
            stack,
            *config,
            *policy_arguments(stack),
        )


def policy_arguments(stack: str) -> tuple[str, ...]:
    """The pack and its configuration for a stack, as arguments of `pulumi preview` and `pulumi up`.

    A stack without its own file runs under the rules' defaults.
    """
    file = f"{POLICY_PACK}/config/{short_name(stack)}.json"
    own = ("--policy-pack-config", file) if (ROOT / file).is_file() else ()
    return "--policy-pack", POLICY_PACK, *own


@contextmanager
def _configured(stack: str, decision: pins.Decision) -> Iterator[Sequence[str]]:
    """`--config-file` with the pin that this checkout's file does not have. The checkout stays as
    it is.
    """
    file = _stack_file(stack)
    text = file.read_text() if file.is_file() else ""
    if decision.digest == _digest_in(text):
        yield ()
        return
    content: dict[str, Any] = yaml.safe_load(text) or {}
    content["config"] = {**(content.get("config") or {}), IMAGE_DIGEST_KEY: decision.digest}
    with tempfile.TemporaryDirectory(prefix="astro-live-") as folder:
        held = Path(folder) / file.name
        held.write_text(yaml.safe_dump(content, sort_keys=False))
        yield "--config-file", str(held)


def _stack_file(stack: str) -> Path:
    return ROOT / f"Pulumi.{short_name(stack)}.yaml"


def _digest_in(text: str) -> str:
    """`imageDigest` of a stack file's text; empty when it has none."""
    try:
        content = yaml.safe_load(text) or {}
    except yaml.YAMLError:
        return ""  # the CLI says what is wrong with it
    config: Mapping[str, Any] = content.get("config") or {} if isinstance(content, dict) else {}
    return str(config.get(IMAGE_DIGEST_KEY) or "")


def head_commit() -> str:
    """The commit that is checked out; empty outside of a git checkout."""
    command = ["git", "rev-parse", "HEAD"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _committed_digest(file: Path, otherwise: str) -> str:
    """`imageDigest` in the stack's file as committed; outside of a git checkout the file itself
    counts.
    """
    done = subprocess.run(
        ["git", "show", f"HEAD:./{file.name}"],  # noqa: S607 (the git of PATH)
        cwd=file.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if (
        done.returncode != 0
        and "exists on disk, but not in" not in done.stderr
        and "does not exist in" not in done.stderr
    ):
        return otherwise
    return _digest_in(done.stdout)
