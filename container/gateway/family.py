"""Which processes belong to which dev server: also those that left its process group, or lost their
parent.

What a dev server starts is below it in the tree of processes. A process that detaches itself
(`setsid`) is still below it; one whose parent has ended becomes a child of the supervisor, and is
known by its session of processes or from an earlier look. One that is neither, because it did both
between two looks, belongs to nobody: it is a stray, and can only be ended.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")


@dataclass(frozen=True, kw_only=True)
class Process:
    """A line of the system's table."""

    parent: int
    session: int
    """Of processes: the id of the process that called `setsid`."""
    started: int
    """In ticks since the machine started: with the process id it names a process for ever."""
    stopped: bool = False
    """By a signal, until another one has it go on."""


def process_table(proc: Path = PROC, *, only: Collection[int] | None = None) -> dict[int, Process]:
    """All processes that run, or `only` these, zombies left out. Empty where there is no `/proc` (a
    laptop's macOS).
    """
    table = {}
    entries = proc.iterdir() if only is None else (proc / str(pid) for pid in only)
    for entry in entries if proc.is_dir() else ():
        if entry.name.isdigit():
            try:
                words = (entry / "stat").read_text("latin-1").rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
            if words[0] not in "ZX":
                numbers = {
                    "parent": int(words[1]),
                    "session": int(words[3]),
                    "started": int(words[19]),
                }
                table[int(entry.name)] = Process(**numbers, stopped=words[0] == "T")
    return table


@dataclass(kw_only=True)
class Families:
    """Remembers from look to look whose a process is."""

    supervisor: int
    _known: dict[tuple[int, int], int] = field(default_factory=dict)
    """`(pid, started)` → the dev server it belongs to."""

    def look(
        self, leaders: Collection[int], others: Collection[int], table: Mapping[int, Process]
    ) -> tuple[dict[int, set[int]], dict[int, Process]]:
        """The processes of each dev server in `leaders`, itself included, and the strays. `others`
        are the supervisor's other children.

        What a stray has started is none until the stray has ended: it may be the agent of an
        operator's shell.
        """
        families: dict[int, set[int]] = {leader: {leader} for leader in leaders if leader in table}
        strays = {}
        for pid, process in table.items():
            line = self._line(pid, table)
            if line[-1] != self.supervisor:
                continue
            owner = self._owner(line[:-1], families, table)
            if owner is not None:
                families[owner].add(pid)
            elif len(line) == 2 and pid not in others:
                strays[pid] = process
        self._known = {
            (pid, table[pid].started): leader
            for leader, family in families.items()
            for pid in family
        }
        return families, strays

    def _line(self, pid: int, table: Mapping[int, Process]) -> list[int]:
        """The process, its parent, and so on up to the supervisor, or to a process that has none in
        the table.
        """
        line = [pid]
        while (
            line[-1] != self.supervisor and line[-1] in table and table[line[-1]].parent not in line
        ):
            line.append(table[line[-1]].parent)
        return line

    def _owner(
        self, line: list[int], families: Mapping[int, set[int]], table: Mapping[int, Process]
    ) -> int | None:
        for pid in line:
            if pid in families:
                return pid
        for pid in line:
            known = self._known.get((pid, table[pid].started))
            if known in families:
                return known
            if table[pid].session in families:
                return table[pid].session
        return None
