"""Whose a process is, and how much a folder takes (S37)."""

from __future__ import annotations

import os
import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from container.gateway.channel import Allowance
from container.gateway.cleaner import remove_tree
from container.gateway.disk_use import folder_bytes, folder_use
from container.gateway.family import Families, Process, process_table

SUPERVISOR, CONTROL, FIRST, SECOND = 1, 10, 20, 30


def process(parent: int, session: int = 0, started: int = 0) -> Process:
    return Process(parent=parent, session=session, started=started)


BASE = {
    SUPERVISOR: process(0),
    CONTROL: process(SUPERVISOR),
    FIRST: process(SUPERVISOR, FIRST),
    SECOND: process(SUPERVISOR, SECOND),
}


def look(families: Families, table: dict[int, Process]) -> tuple[dict[int, set[int]], set[int]]:
    found, strays = families.look([FIRST, SECOND], [CONTROL], {**BASE, **table})
    return found, set(strays)


def test_what_is_below_a_dev_server_is_its_own_whatever_its_session() -> None:
    found, strays = look(
        Families(supervisor=SUPERVISOR),
        {21: process(FIRST, FIRST), 22: process(21, 22), 11: process(CONTROL)},
    )
    assert (found, strays) == ({FIRST: {FIRST, 21, 22}, SECOND: {SECOND}}, set())


def test_an_orphan_is_known_by_its_session_or_from_before() -> None:
    """Its children with it. Another process with the same number is not."""
    families = Families(supervisor=SUPERVISOR)
    look(families, {21: process(FIRST, 21), 22: process(21, 21)})
    orphans = {21: process(SUPERVISOR, 21), 23: process(21, 21), 24: process(SUPERVISOR, SECOND)}
    assert look(families, orphans) == ({FIRST: {FIRST, 21, 23}, SECOND: {SECOND, 24}}, set())
    found, strays = look(families, {21: process(SUPERVISOR, 21, started=7)})
    assert (found, strays) == ({FIRST: {FIRST}, SECOND: {SECOND}}, {21})


def test_only_the_first_of_a_line_of_strays_is_one() -> None:
    """Below an operator's agent, which is spared, is the operator's shell. Below a site's stray is
    what becomes one when it has ended.
    """
    families = Families(supervisor=SUPERVISOR)
    assert look(families, {50: process(SUPERVISOR, 50), 51: process(50, 51)})[1] == {50}
    assert look(families, {51: process(SUPERVISOR, 51)})[1] == {51}


def test_processes_of_others_are_nobodys_business() -> None:
    """Of the machine, of the gateway itself, and of a parent that has gone from the table."""
    table = {40: process(0), 41: process(40), 42: process(99), 11: process(CONTROL, FIRST + 5)}
    assert look(Families(supervisor=SUPERVISOR), table) == (
        {FIRST: {FIRST}, SECOND: {SECOND}},
        set(),
    )


@given(
    st.dictionaries(
        st.integers(2, 60), st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=40
    )
)
def test_no_process_belongs_to_two_and_no_table_hangs(drawn: dict[int, tuple[int, int]]) -> None:
    """Also one with circles, which a table that is read while it changes can have."""
    table = {pid: process(*line) for pid, line in drawn.items() if pid not in BASE}
    found, strays = look(Families(supervisor=SUPERVISOR), table)
    assert not found[FIRST] & found[SECOND]
    assert not strays & (found[FIRST] | found[SECOND] | {SUPERVISOR, CONTROL})


def test_the_systems_own_table_is_read() -> None:
    mine = process_table()[os.getpid()]
    assert (mine.parent, mine.session) == (os.getppid(), os.getsid(0))


def test_a_folder_takes_what_is_allocated(tmp_path: Path) -> None:
    """Not the length of a file with holes; a file with two names counts half for each."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(os.urandom(1 << 20))
    with (tmp_path / "holes").open("wb") as file:
        file.truncate(1 << 30)
    assert 1 << 20 <= folder_bytes(tmp_path, seconds=5) < 1.2 * (1 << 20)
    other = tmp_path.with_name(tmp_path.name + "-other")
    other.mkdir()
    os.link(tmp_path / "deep" / "file", other / "file")
    assert folder_bytes(tmp_path, seconds=5) < 0.7 * (1 << 20)
    assert folder_bytes(tmp_path / "none", seconds=5) == 0
    began = time.monotonic()
    folder_bytes(Path("/"), seconds=0.05)
    assert time.monotonic() - began < 2


def test_an_allowance_recovers_at_once_when_a_flood_is_over() -> None:
    now = [0.0]
    allowance = Allowance(10, clock=lambda: now[0])
    assert sum(allowance.take() for _ in range(10_000)) == 10
    now[0] += 0.5
    assert sum(allowance.take() for _ in range(10_000)) == 5


def test_folders_deeper_than_any_path_are_counted(tmp_path: Path) -> None:
    """A file below 600 folders of 20 characters; a walk by paths would stop at 4,096."""
    current = os.open(tmp_path, os.O_RDONLY)
    for _ in range(600):
        os.mkdir("a folder of its depth", dir_fd=current)
        below = os.open("a folder of its depth", os.O_RDONLY, dir_fd=current)
        os.close(current)
        current = below
    descriptor = os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=current)
    os.write(descriptor, b"x" * (4 << 20))
    os.close(descriptor)
    os.close(current)
    found = folder_use(tmp_path, seconds=60)
    assert (found.entries, found.bytes >= 4 << 20) == (601, True)
    assert remove_tree(tmp_path / "a folder of its depth")
