"""Building the container image for a stack's CPU architecture and pushing it to the stack's repository."""

from __future__ import annotations

import json
from typing import Literal
from urllib.parse import urlsplit

from scripts.release.errors import ReleaseError
from scripts.release.shell import Shell

Architecture = Literal["arm64", "x86_64"]

PLATFORMS: dict[Architecture, str] = {"arm64": "linux/arm64", "x86_64": "linux/amd64"}
CACHE_TAG = "buildcache"
DOCKERFILE = "container/Dockerfile"


def build_and_push(shell: Shell, *, repository_url: str, region: str, architecture: str, tag: str) -> str:
    """Build the image from the checkout, push it as `repository_url:tag`, and return its digest (empty in a dry run).

    The layers' cache lives in the same repository, under the tag `buildcache`, so that a machine without state builds fast.
    """
    if architecture not in PLATFORMS:
        raise ReleaseError(f"architecture is {architecture!r}; allowed are {' and '.join(PLATFORMS)}")
    registry = urlsplit(f"//{repository_url}").netloc
    if not registry:
        raise ReleaseError(f"repository is {repository_url!r}; expected '<account>.dkr.ecr.<region>.amazonaws.com/<name>'")
    image, cache = f"{repository_url}:{tag}", f"{repository_url}:{CACHE_TAG}"
    _log_in(shell, registry, region)
    shell.change(
        "docker", "buildx", "build",
        "--platform", PLATFORMS[architecture],
        "--file", DOCKERFILE,
        "--tag", image,
        "--cache-from", f"type=registry,ref={cache}",
        "--cache-to", f"type=registry,ref={cache},mode=max,image-manifest=true,oci-mediatypes=true",
        "--provenance=false",  # one manifest, so that the digest names the image itself
        "--push",
        ".",
    )  # fmt: skip
    if shell.dry_run:
        return ""
    described = json.loads(shell.read("docker", "buildx", "imagetools", "inspect", image, "--format", "{{json .Manifest}}"))
    return str(described["digest"])


def _log_in(shell: Shell, registry: str, region: str) -> None:
    import base64

    import boto3

    if shell.dry_run:
        shell.change("docker", "login", "--username", "AWS", "--password-stdin", registry)
        return
    granted = boto3.client("ecr", region_name=region).get_authorization_token()["authorizationData"][0]
    password = base64.b64decode(granted["authorizationToken"]).decode().partition(":")[2]
    shell.change("docker", "login", "--username", "AWS", "--password-stdin", registry, stdin=password)
