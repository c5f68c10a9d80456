"""What the release commands know of a stack: its outputs and its configuration, through the Pulumi CLI."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from scripts.release.errors import ReleaseError
from scripts.release.shell import Shell

PROJECT = "astro-live"
IMAGE_DIGEST_KEY = f"{PROJECT}:imageDigest"
POLICY_PACK = "policy"

_STACK_NAME = re.compile(r"(?:[A-Za-z0-9_.-]+/){0,2}[A-Za-z0-9_.-]+")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def check_stack_name(name: str) -> str:
    """`dev`, `prod` or `org/project/dev`; anything else is refused before a command sees it."""
    if not _STACK_NAME.fullmatch(name):
        raise ReleaseError(f"stack name is {name!r}; allowed are letters, digits, '-', '_' and '.', as in 'dev' or 'my-org/astro-live/dev'")
    return name


def check_digest(text: str) -> str:
    """An image digest as registries write it: `sha256:` and 64 hexadecimal digits."""
    if not _DIGEST.fullmatch(text):
        raise ReleaseError(f"image digest is {text!r}; allowed is 'sha256:' followed by 64 hexadecimal digits")
    return text


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """The stack outputs that the release commands use."""

    url: str
    cluster_name: str
    service_name: str
    repository_url: str
    image_digest: str
    api_token_secret_arn: str


OUTPUT_NAMES = {
    "url": "url",
    "cluster_name": "clusterName",
    "service_name": "serviceName",
    "repository_url": "repositoryUrl",
    "image_digest": "imageDigest",
    "api_token_secret_arn": "apiTokenSecretArn",
}


def read_outputs(shell: Shell, stack: str) -> Outputs:
    """Outputs of a deployed stack. Raises ReleaseError when the stack was never deployed."""
    found = json.loads(shell.read("pulumi", "stack", "output", "--json", "--stack", stack) or "{}")
    missing = [name for name in OUTPUT_NAMES.values() if not isinstance(found.get(name), str)]
    if missing:
        raise ReleaseError(f"stack '{stack}' has no output {', '.join(missing)}; deploy it first: make deploy STACK={stack}")
    return Outputs(**{field: found[name] for field, name in OUTPUT_NAMES.items()})


def pin_image(shell: Shell, stack: str, digest: str) -> None:
    """Write the digest into the stack's configuration: from the next update on, this very image runs."""
    shell.change("pulumi", "config", "set", IMAGE_DIGEST_KEY, check_digest(digest), "--stack", stack)


def update(shell: Shell, stack: str) -> None:
    """`pulumi up` with the policy pack enforced."""
    shell.change("pulumi", "up", "--yes", "--stack", stack, *policy_arguments(stack))


def policy_arguments(stack: str) -> tuple[str, ...]:
    """The pack and its configuration for a stack, as arguments of `pulumi preview` and `pulumi up`."""
    return "--policy-pack", POLICY_PACK, "--policy-pack-config", f"{POLICY_PACK}/config/{stack.rsplit('/', 1)[-1]}.json"
