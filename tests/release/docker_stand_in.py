#!/usr/bin/env python
"""A `docker` for machines without an engine: it "builds" by hashing, and pushes to the ECR of the
tests.

Its flags are those that `scripts/release/image.py` may use, with docker's own rules about them; a
tag that exists in an immutable repository is refused by the registry (moto), as on AWS.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(prog="docker")
    commands = parser.add_subparsers(required=True, dest="command")
    login = commands.add_parser("login")
    login.add_argument("--username", required=True)
    login.add_argument("--password-stdin", action="store_true", required=True)
    login.add_argument("registry")
    build = commands.add_parser("buildx").add_subparsers(required=True).add_parser("build")
    for flag in ("--platform", "--file", "--tag"):
        build.add_argument(flag, required=True)
    build.add_argument("--target", default="")
    build.add_argument("--cache-from", default="")
    # The default builder of an engine without the containerd image store knows no other cache
    # export.
    build.add_argument("--cache-to", choices=["type=inline"])
    build.add_argument("--provenance", choices=["false"], required=True)
    build.add_argument("--push", action="store_true", required=True)
    build.add_argument("context", type=Path)
    options = parser.parse_args()
    if options.command == "login":
        return 0 if sys.stdin.read() and options.username == "AWS" else 1
    if f"FROM ${{BASE}} AS {options.target or 'gateway'}" not in Path(options.file).read_text():
        print(
            f"ERROR: failed to build: target stage {options.target!r} could not be found",
            file=sys.stderr,
        )
        return 1
    push(options)
    return 0


def push(options: argparse.Namespace) -> None:
    sys.path.insert(0, os.environ["DOCKER_STAND_IN_PATH"])
    import boto3

    from tests.release.mirror import push_image

    registry, _, rest = options.tag.partition("/")
    repository, _, tag = rest.partition(":")
    ecr = boto3.client(
        "ecr",
        endpoint_url=os.environ["DOCKER_STAND_IN_ECR"],
        region_name=registry.split(".")[3],
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    digest = hashlib.sha256(
        f"{options.target} {options.platform} {os.urandom(8).hex()}".encode()
    ).hexdigest()
    push_image(ecr, repository, tag, f"sha256:{digest}")


if __name__ == "__main__":
    sys.exit(main())
