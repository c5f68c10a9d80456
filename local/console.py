"""The terminal, or what stands in its place: a file, a pipe whose reader leaves, nothing at all."""

from __future__ import annotations

import os
import signal
import sys
from typing import Final

from rich.console import Console

from local.errors import LocalError

WIDTH: Final = 200
"""Of what is not a terminal."""
EXIT_CODE: Final = 128 + signal.SIGPIPE
"""As shells report a program that a closed pipe has ended."""


class OutputClosed(LocalError):
    """The reader of the output has left, as `head` does. The command ends in order, and says
    nothing more.
    """


class Terminal(Console):
    """Raises `OutputClosed`; Rich raises `SystemExit`, which asyncio shows with its stack."""

    def __init__(self) -> None:
        super().__init__(width=None if sys.stdout.isatty() else WIDTH)

    def on_broken_pipe(self) -> None:
        self.quiet = True
        discard_output()
        raise OutputClosed("the reader of the output has left")


def discard_output() -> None:
    """Have what is written from now on, also at the interpreter's end, go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def open_missing() -> None:
    """Open what was closed when the program started (`>&-`): the next file would get its number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, which is this one
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False)
