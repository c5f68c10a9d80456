"""The questions, in running order. Each is a module of `bench` with `QUESTION` and `run(options) ->
Measurement`.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from .result import Measurement

NAMES: Final = (
    "websockets",
    "edit_latency",
    "large_sites",
    "page_load",
    "throughput",
    "forwarded",
    "forwarded_edits",
    "session_start",
    "second_start",
    "checkpoints",
    "verdict",
    "density",
    "preview_time",
    "policy_time",
    "soak",
    "drain",
    "recovery",
    "owner_lost",
    "capacity",
    "ownership",
)


class Unavailable(RuntimeError):
    """This machine or checkout lacks what the benchmark needs; the message says what and how to get
    it.
    """


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a run is told."""

    quick: bool
    """Smallest run that still exercises everything."""
    scratch: Path
    """A folder of the run's own, removed afterwards."""
    settled: threading.Event = field(default_factory=threading.Event)
    """A benchmark with `BACKGROUND = True` sets it when from now on it only waits."""

    def pick(self, full: int, quick: int) -> int:
        """A number of repetitions."""
        return quick if self.quick else full


@dataclass(frozen=True, kw_only=True)
class Question:
    """One benchmark."""

    name: str
    text: str
    run: Callable[[Options], Measurement]
    background: bool
    """It mostly waits: the others run meanwhile."""


def question(name: str) -> Question:
    """Raises `KeyError` for an unknown name."""
    if name not in NAMES:
        raise KeyError(f"there is no benchmark {name!r}; there are {', '.join(NAMES)}")
    module = importlib.import_module(f"bench.{name}")
    return Question(
        name=name,
        text=module.QUESTION,
        run=module.run,
        background=getattr(module, "BACKGROUND", False),
    )
