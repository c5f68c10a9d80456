# ruff: noqa: PTH110, PTH115, PTH118, PTH123 - the functions that pathlib calls are what is wrapped here
"""Injects errors into the file operations of the control plane. Python imports this module at its
start when its folder is on PYTHONPATH.

In the folder that PYTHONFAULTS names:
    fault.json   `{"operation", "pattern", "errno"}` of the fault that is active; absent when none is
    seen.jsonl   every operation so far, one `[operation, path]` per line, while the file `record`
                 is there
    met          there as soon as the active fault has been raised

Operations are Python's audit events (https://docs.python.org/3/library/audit_events.html) and,
since writes and questions raise none, some functions of `os`, which are wrapped. Paths are made
comparable: see `comparable`.
"""  # noqa: W505 - a table

from __future__ import annotations

import functools
import json
import os
import re
import sys
import threading
from typing import Any, Final

FOLDER: Final = os.environ.get("PYTHONFAULTS", "")
AUDITED: Final = frozenset({
    "open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.scandir", "os.listdir", "os.chmod",
    "os.truncate", "os.utime",
})  # fmt: skip
BY_PATH: Final = ("stat", "lstat", "statvfs", "access")
BY_DESCRIPTOR: Final = ("write", "pwrite", "fsync", "ftruncate", "posix_fallocate", "sendfile")

CHECKOUT: Final = __file__.removesuffix("tests/gateway/faults/sitecustomize.py")
"""Its files are not the gateway's own, whatever folder it lies in."""

SHORTER: Final = (
    (r"^.*/(?=(sites|scratch)(/|$))", ""),
    (r"/gateway-[^/]+", "/gateway"),
    (r"/case-[0-9]+", "/case"),
    (r"[0-9a-f]{12,}", "*"),
    (r"/[a-z]+\.json(\.before)?$", r"/*.json\1"),
    (r"^(sites/(?:\.new-\*|\.gone-\*|case)|scratch/runners/\*|scratch/sessions/case)/.*", r"\1/**"),
)
"""What is random, and what is one of many."""

busy = threading.local()
faults = os.path.join(FOLDER, "fault.json")
record = os.path.join(FOLDER, "record")
seen = os.path.join(FOLDER, "seen.jsonl")
met = os.path.join(FOLDER, "met")


def comparable(path: str) -> str:
    """The path with every random part replaced, and only if it is in the gateway's own folders."""
    for pattern, short in SHORTER:
        path = re.sub(pattern, short, path)
    return path


def check(operation: str, path: Any, descriptor: Any = None) -> None:
    """Raise the active fault if it is for this operation."""
    if getattr(busy, "now", False):
        return
    busy.now = True
    try:
        if isinstance(path, int):
            descriptor, path = path, ""
        text = os.fsdecode(path) if path else ""
        if isinstance(descriptor, int) and descriptor >= 0:
            text = os.path.join(os.readlink(f"/proc/self/fd/{descriptor}"), text).rstrip("/")
        if text.startswith(CHECKOUT) or ("/sites" not in text and "/scratch" not in text):
            return
        name = comparable(text)
        if os.path.exists(record):
            with open(seen, "a") as log:
                log.write(json.dumps([operation, name]) + "\n")
        try:
            with open(faults) as file:
                fault = json.load(file)
        except (FileNotFoundError, ValueError):
            return
        if fault["operation"] != operation or not re.fullmatch(fault["pattern"], name):
            return
        with open(met, "w"):
            pass
    except OSError:
        return
    finally:
        busy.now = False
    raise OSError(fault["errno"], os.strerror(fault["errno"]), text)


def audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in AUDITED:
        return
    path, descriptor = arguments[0], -1
    operation = event.removeprefix("os.")
    if event == "open":
        flags = arguments[2] if isinstance(arguments[2], int) else 0
        operation = (
            "open to write" if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) else "open to read"
        )
    if event in ("os.remove", "os.rmdir", "os.mkdir"):
        descriptor = arguments[-1]
    if event in ("os.rename", "os.link"):
        descriptor = arguments[2]
    check(operation, path, descriptor)


def wrap(name: str, *, by_path: bool) -> None:
    real = getattr(os, name)

    @functools.wraps(real)
    def call(target: Any, *arguments: Any, **options: Any) -> Any:
        if by_path:
            check(name, target, options.get("dir_fd"))
        else:
            check(name, "", target)
        return real(target, *arguments, **options)

    setattr(os, name, call)


if FOLDER and "container.gateway.control" in sys.orig_argv:
    for function in BY_PATH:
        wrap(function, by_path=True)
    for function in BY_DESCRIPTOR:
        wrap(function, by_path=False)
    sys.addaudithook(audit)
