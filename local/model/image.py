"""Digest of a modelled image: the same inputs and files give the same digest, a changed file another one."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from local.values import UNKNOWN, has_unknown, redact

_NEVER = {".git", ".venv", "node_modules", "__pycache__", ".local"}


def image_digest(inputs: dict[str, Any], root: Path = Path()) -> Any:
    """`sha256:…` over the image's inputs and its build context, or unknown when an input is.

    Registry credentials do not enter, as with a real image. Files that `.dockerignore` names are left out.
    A relative context is one of the program's directory, `root`.
    """
    described = {name: value for name, value in inputs.items() if name not in ("registry", "imageName", "skipPush", "buildOnPreview")}
    if has_unknown(described):
        return UNKNOWN
    digest = hashlib.sha256(json.dumps(redact(described), sort_keys=True, default=str).encode())
    build = described.get("build")
    context = build.get("context") if isinstance(build, dict) else None
    if isinstance(context, str) and (root / context).is_dir():
        for path in context_files(root / context):
            digest.update(str(path.relative_to(root / context)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return f"sha256:{digest.hexdigest()}"


def context_files(context: Path) -> list[Path]:
    """The regular files that a build of `context` would send, in a stable order."""
    ignore = _ignore_patterns(context / ".dockerignore")
    files = []
    for folder, names, leaves in os.walk(context):
        here = Path(folder).relative_to(context)
        names[:] = sorted(name for name in names if name not in _NEVER)
        files += [Path(folder) / leaf for leaf in sorted(leaves) if not _ignored((here / leaf).as_posix(), ignore)]
    return [path for path in files if path.is_file() and not path.is_symlink()]


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
