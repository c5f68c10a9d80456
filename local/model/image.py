"""A modelled image: what pulumi-docker adds to its inputs, and the digest that a build of them
gets.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

from local.values import UNKNOWN, Properties, has_unknown, redact

_NOT_BUILT_FROM = ("registry", "imageName", "skipPush", "buildOnPreview")
_NEVER = {".git", ".venv", "node_modules", "__pycache__", ".local"}


def with_context_digest(inputs: Properties, root: Path) -> Properties:
    """`inputs` with `build.contextDigest`, as pulumi-docker's Check adds it.

    It covers the path, mode and content of every file that a build would send, so a changed file or
    another umask is a change of the resource: the image is built and pushed again. Relative paths
    are read from the program's directory, `root`.
    """
    build = inputs.get("build")
    if (
        not isinstance(build, dict)
        or not isinstance(context := build.get("context"), str)
        or not (root / context).is_dir()
    ):
        return inputs
    digest = _context_digest(root, root / context, root / (build.get("dockerfile") or "Dockerfile"))
    return {**inputs, "build": {**build, "contextDigest": digest}}


def _context_digest(root: Path, context: Path, dockerfile: Path) -> str:
    digest = hashlib.sha256()
    if dockerfile.is_file():
        digest.update(b"Dockerfile\0" + hashlib.sha256(dockerfile.read_bytes()).digest())
    for path in context_files(context):
        # Of a link, the path of what it leads to, as the provider would write it.
        content = (
            os.fsencode(os.path.relpath(path.resolve(), root.resolve()))
            if path.is_symlink()
            else path.read_bytes()
        )
        mode = stat.filemode(path.lstat().st_mode)
        digest.update(
            f"{path.relative_to(context).as_posix()}{mode}".encode()
            + hashlib.sha256(content).digest()
            + b"\0"
        )
    return digest.hexdigest()


def image_digest(inputs: Properties, build: str = "") -> Any:
    """`sha256:…` over the image's inputs, its context among them, or unknown when an input is.

    Registry credentials do not enter, as with a real image. `build` tells builds of the same inputs
    apart: layers carry times, so two builds are not the same to the bit.
    """
    described = {name: value for name, value in inputs.items() if name not in _NOT_BUILT_FROM}
    if isinstance(build_inputs := described.get("build"), dict):
        described["build"] = {
            name: value for name, value in build_inputs.items() if name != "cacheFrom"
        }
    if has_unknown(described):
        return UNKNOWN
    text = json.dumps(redact(described), sort_keys=True, default=str)
    return f"sha256:{hashlib.sha256(f'{text}{build}'.encode()).hexdigest()}"


def context_files(context: Path) -> list[Path]:
    """The files and links that a build of `context` would send, in a stable order."""
    ignore = _ignore_patterns(context / ".dockerignore")
    files = []
    for folder, names, leaves in os.walk(context):
        here = Path(folder).relative_to(context)
        names[:] = sorted(name for name in names if name not in _NEVER)
        files += [
            Path(folder) / leaf
            for leaf in sorted(leaves)
            if not _ignored((here / leaf).as_posix(), ignore)
        ]
    return [path for path in files if path.is_file()]


def _ignore_patterns(file: Path) -> list[tuple[bool, str]]:
    lines = file.read_text().splitlines() if file.is_file() else []
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return [(pattern.startswith("!"), pattern.removeprefix("!").strip("/")) for pattern in patterns]


def _ignored(path: str, patterns: list[tuple[bool, str]]) -> bool:
    """Docker's rule: the last pattern that matches the path or one of its parents decides."""
    parts = path.split("/")
    prefixes = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    ignored = False
    for negated, pattern in patterns:
        names = {pattern, pattern.removeprefix("**/")}
        if any(fnmatch.fnmatchcase(prefix, name) for prefix in prefixes for name in names):
            ignored = not negated
    return ignored
