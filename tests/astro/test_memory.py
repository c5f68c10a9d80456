"""What a dev server does not need it gives back when nobody is looking (S3)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .driver import LiveSite
from .modules import call

IDLE = """
const sizes = [...input.sizes];
const collected = [];
const size = () => sizes.shift() << 20;
const collector = new m.IdleCollector({ quietMs: input.quietMs, size, collect: () => collected.push(sizes.length) });
const quiet = () => new Promise((resolve) => setTimeout(resolve, input.quietMs * 4));
for (let visit = 0; visit < input.visits; visit++) {
  collector.active();
  if (input.stop) collector.stop();
  await quiet();
}
return collected.length;
"""


def collections(*sizes: int, visits: int = 1, stop: bool = False) -> int:
    """How often a heap of these MiB (before and after each collection) is collected over some
    visits with pauses.
    """
    found = call(
        "memory.mjs", IDLE, {"sizes": sizes, "quietMs": 20, "visits": visits, "stop": stop}
    )
    assert isinstance(found, int)
    return found


def test_a_heap_that_has_grown_is_collected_after_a_pause() -> None:
    assert collections(150, 100) == 1


def test_a_heap_that_has_not_grown_much_is_left_alone() -> None:
    """A pause for nothing would be one too many."""
    assert collections(150, 100, 120, visits=2) == 1


def test_it_is_collected_again_once_it_has_grown_again() -> None:
    assert collections(150, 100, 140, 100, visits=2) == 2


def test_a_server_that_has_stopped_collects_nothing() -> None:
    assert collections(150, 100, stop=True) == 0


def test_activity_puts_a_collection_off() -> None:
    """Every request restarts the pause; the last one counts."""
    script = """
    let collected = 0;
    const collector = new m.IdleCollector({ quietMs: 400, size: () => 1 << 30, collect: () => collected++ });
    for (let i = 0; i < 40; i++) {
      collector.active();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const meanwhile = collected;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    return [meanwhile, collected];
    """
    assert call("memory.mjs", script, None) == [0, 1]


def test_a_choice_of_page_size_from_outside_stands() -> None:
    script = (
        "m.useSmallPages(); const ours = process.env.MIMALLOC_ALLOW_THP;"
        " process.env.MIMALLOC_ALLOW_THP = '1'; m.useSmallPages();"
    )
    assert call("memory.mjs", f"{script} return [ours, process.env.MIMALLOC_ALLOW_THP];", None) == [
        "0",
        "1",
    ]


def test_vites_allocator_uses_small_pages(site: LiveSite) -> None:
    """The bundler's allocator was told in time, and still listens: it then asks the kernel for no
    huge pages in the whole process.
    """
    status = Path(f"/proc/{site.runner.process.pid}/status").read_text()
    if (found := re.search(r"^THP_enabled:\s*(\d)", status, re.MULTILINE)) is None:
        pytest.skip(
            "no THP_enabled in /proc/PID/status: this kernel is older than Linux 5.0 or has no huge"
            " pages"
        )
    assert found[1] == "0"
