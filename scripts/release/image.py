"""Building the container image for a stack's CPU architecture and pushing it to the stack's
repository.

The repository's tags are immutable, so a tag names what the image is made from: the same checkout
is pushed once, another one under another tag. The slow stage, the installed dependencies, is a
separate image, tagged by the lock files, and is the cache of every later build on any machine.
The prefixes are those that the repository's lifecycle policy expires
(`components/docker_image.py`).
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any, get_args

from botocore.exceptions import ClientError

from components.build_context import context_hash, files_hash
from components.docker_image import CACHE_PREFIX, PLATFORM, SOURCE_PREFIX, Architecture
from components.live_editing import CACHE_STAGE
from scripts.release.account import Account
from scripts.release.earlier_images import repository_of
from scripts.release.errors import ReleaseError
from scripts.release.shell import Shell

DOCKERFILE = "container/Dockerfile"
AHEAD = "ahead-"
"""Sets these tags apart from the program's own, which would otherwise push to a tag that exists."""


_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


def build_and_push(
    shell: Shell,
    account: Account,
    *,
    root: Path,
    repository_url: str,
    architecture: str,
    tag: str = "",
) -> str:
    """Build the image from the checkout at `root`, push it, and return its digest (empty in a dry
    run).

    Without `tag` the tag is a hash of the image's sources. A tag that the repository has already is
    not built again: its digest is the answer. Either begins with the prefix that the repository's
    lifecycle expires.
    """
    if tag and not _TAG.fullmatch(tag):
        raise ReleaseError(
            f"--tag is {tag!r}; allowed are 1-100 letters, digits, '_', '.' and '-', the first of"
            " them a letter or a digit"
        )
    if architecture not in get_args(Architecture):
        raise ReleaseError(
            f"architecture is {architecture!r}; allowed are {' and '.join(get_args(Architecture))}"
        )
    platform = PLATFORM[architecture]  # type: ignore[index]
    repository = repository_of(repository_url)
    ecr = account.client("ecr", region=repository.region)
    dockerfile = root / DOCKERFILE
    name = (
        tag.removeprefix(SOURCE_PREFIX)
        or f"{AHEAD}{context_hash(root, dockerfile, platform=platform)}"
    )
    source = f"{SOURCE_PREFIX}{name}"
    if digest := _pushed(ecr, repository.names, source):
        print(f"{repository_url}:{source} is there already")
        return digest
    lock_files = [dockerfile, *(root / name for name in CACHE_STAGE.files)]
    cache = f"{CACHE_PREFIX}{AHEAD}{files_hash(lock_files, platform=platform)}"
    _log_in(shell, ecr, repository_url.partition("/")[0])
    options = ("--platform", platform, "--file", DOCKERFILE)
    if not _pushed(ecr, repository.names, cache):
        _build(shell, f"{repository_url}:{cache}", *options, "--target", CACHE_STAGE.target)
    _build(
        shell, f"{repository_url}:{source}", *options, "--cache-from", f"{repository_url}:{cache}"
    )
    if shell.dry_run:
        return ""
    if digest := _pushed(ecr, repository.names, source):
        return digest
    raise ReleaseError(
        f"docker pushed {repository_url}:{source}, but the repository does not have it; look at"
        " docker's output"
    )


def _build(shell: Shell, image: str, *options: str) -> None:
    shell.change(
        "docker", "buildx", "build",
        *options,
        "--tag", image,
        # also with Docker's default builder, which cannot write any other
        "--cache-to", "type=inline",
        "--provenance=false",  # one manifest, so that the digest names the image itself
        "--push",
        ".",
    )  # fmt: skip


def _pushed(ecr: Any, repository: dict[str, str], tag: str) -> str:
    """Digest of `tag` in the repository; empty when it is not there."""
    try:
        found = ecr.describe_images(**repository, imageIds=[{"imageTag": tag}])["imageDetails"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ImageNotFoundException":
            raise
        return ""
    return str(found[0]["imageDigest"])


def _log_in(shell: Shell, ecr: Any, registry: str) -> None:
    password = ""
    if not shell.dry_run:
        granted = ecr.get_authorization_token()["authorizationData"][0]
        password = base64.b64decode(granted["authorizationToken"]).decode().partition(":")[2]
    shell.change(
        "docker", "login", "--username", "AWS", "--password-stdin", registry, stdin=password
    )
