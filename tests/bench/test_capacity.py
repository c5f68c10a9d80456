"""The capacity model: hand-computed cases, and laws that hold for every size."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from statistics import fmean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import capacity
from bench.capacity import SITES, Prices, Session, Stack, first_limit, plan
from bench.core.machine import ROOT

PRICES = Prices.read()
COUNTS = st.integers(min_value=1, max_value=200_000)


def test_a_small_stack_by_hand() -> None:
    """Two tasks of 2 vCPU and 8 GiB on arm64, one of them spare."""
    found = plan(10, Session(), Stack(), PRICES)
    assert found.tasks == 2
    assert found.dollars_hour["tasks"] == pytest.approx(
        2 * (2 * 0.03238 + 8 * 0.00356 + 10 * 0.000111)
    )
    assert found.lcu["active connections"] == pytest.approx(10 * 1.2 * 2 / 3000)
    assert found.lcu["rule evaluations"] == 0, "ten rules are free"
    assert found.dollars_session_hour == pytest.approx(sum(found.dollars_hour.values()) / 10)


def test_the_scarcest_resource_sets_the_density() -> None:
    """Memory, processor or the configured maximum, whichever admits least; never less than one."""
    stack = Stack(cpu=2048, memory_mib=8192, max_sessions=100, base_mib=500, headroom=0)
    assert stack.sessions_per_task(Session(memory_mib=500, vcpu=0.001)) == 15
    assert stack.sessions_per_task(Session(memory_mib=1, vcpu=0.5)) == 4
    assert replace(stack, max_sessions=3).sessions_per_task(Session(memory_mib=1, vcpu=0.001)) == 3
    assert stack.sessions_per_task(Session(memory_mib=100_000)) == 1


@given(COUNTS, COUNTS)
def test_more_sessions_never_need_less(one: int, other: int) -> None:
    """Tasks, units, operations and cost grow with sessions."""
    low, high = (plan(count, Session(), Stack(), PRICES) for count in sorted((one, other)))
    assert low.tasks <= high.tasks
    assert low.lcu_billed <= high.lcu_billed
    assert sum(low.dollars_hour.values()) <= sum(high.dollars_hour.values()) + 1e-9
    assert set(low.exceeded) <= set(high.exceeded)


@pytest.mark.parametrize(
    "name", ["fargate_vcpu", "alb_targets", "service_tasks", "efs_read_iops", "efs_connections"]
)
def test_the_first_limit_is_the_last_number_that_fits(name: str) -> None:
    reach = first_limit(Session(), Stack(), PRICES, name)
    assert name not in plan(reach, Session(), Stack(), PRICES).exceeded
    assert name in plan(reach + 1, Session(), Stack(), PRICES).exceeded


def test_no_sessions_are_refused() -> None:
    with pytest.raises(ValueError, match="sessions is 0"):
        plan(0, Session(), Stack(), PRICES)


def test_a_size_that_fargate_does_not_offer_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a Fargate size"):
        Stack(cpu=256, memory_mib=8192)


def test_every_price_and_limit_has_a_source_and_every_price_a_date() -> None:
    """Figures that nobody can look up again are worth nothing."""
    content = json.loads(Path(capacity.__file__).with_name("prices.json").read_text())
    for entry in content["prices"].values():
        assert entry["source"].startswith("https://aws.amazon.com/")
        assert entry["seen"][:2] == "20"
        assert entry["value"] > 0
    assert all(
        entry["source"].startswith("https://docs.aws.amazon.com/") and entry["lift"]
        for entry in content["limits"].values()
    )


def test_the_sizes_of_public_sites_are_those_that_were_measured() -> None:
    """The table of docs/sites.md may have been made again since: a fifth more or less is the same
    size.
    """
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in (ROOT / "docs" / "sites.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    column = rows[0].index("memory MiB")
    by_path = [row[column].split("/")[0].strip() for row in rows if len(row) == len(rows[0])]
    memory = sorted(float(text) for text in by_path if text.isdigit())
    third = len(memory) // 3
    assert third >= 5
    measured = {
        "public, small": median(memory[:third]),
        "public, middle": median(memory[third:-third]),
        "public, large": median(memory[-third:]),
        "public, mean of all": fmean(memory),
    }
    assert {name: SITES[name] for name in measured} == pytest.approx(measured, rel=0.2)
