"""The tables of docs/scaling.md, from the capacity model."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path

from bench.capacity import DEV, SESSIONS, SITES, Prices, Session, Stack, first_limit, plan

from .result import Result

PRICES = Path(__file__).parents[1] / "prices.json"


def blocks(_results: Mapping[str, Result]) -> dict[str, Callable[[], str]]:
    return {
        "plans": plans_table,
        "costs": costs_table,
        "months": months_table,
        "limits": limits_table,
        "session": session_table,
        "prices": prices_table,
        "sizes": sizes_table,
        "sites": sites_table,
    }


def plans_table() -> str:
    session, stack, prices = Session(), Stack(), Prices.read()
    rows = [
        (
            "| live sessions | tasks | vCPU | memory | LCU: new connections | active connections |"
            " bytes | billed LCU | EFS operations/s | USD per hour | USD per session-hour | default"
            " limits exceeded |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for count in SESSIONS:
        p = plan(count, session, stack, prices)
        lcu = " | ".join(
            f"{p.lcu[name]:,.2f}" for name in ("new connections", "active connections", "bytes")
        )
        rows.append(
            f"| {count:,} | {p.tasks:,} | {p.vcpus:,.0f} | {p.memory_gib:,.0f} GiB | {lcu} |"
            f" {p.lcu_billed:,.2f} | {p.efs_operations_second:,.0f} |"
            f" {sum(p.dollars_hour.values()):,.2f} | {p.dollars_session_hour:.4f} |"
            f" {', '.join(p.exceeded) or 'none'} |"
        )
    return "\n".join(rows)


def months_table() -> str:
    """What the shipped stacks cost a month, around the clock."""
    prices = Prices.read()
    rows = ["| stack as shipped | live sessions | tasks | USD per month |", "|---|---|---|---|"]
    for name, stack, sessions in (("dev", DEV, 5), ("prod", Stack(), 10)):
        p = plan(sessions, Session(), stack, prices)
        rows.append(
            f"| {name} | {sessions} | {p.tasks} |"
            f" {sum(p.dollars_hour.values()) * prices.month_hours:,.0f} |"
        )
    return "\n".join(rows)


def costs_table() -> str:
    session, stack, prices = Session(), Stack(), Prices.read()
    parts = list(plan(1, session, stack, prices).dollars_hour)
    rows = [f"| live sessions | {' | '.join(parts)} |", "|---" * (len(parts) + 1) + "|"]
    for count in SESSIONS:
        p = plan(count, session, stack, prices)
        total = sum(p.dollars_hour.values())
        rows.append(
            f"| {count:,} | "
            + " | ".join(f"{p.dollars_hour[part] / total:.0%}" for part in parts)
            + " |"
        )
    return "\n".join(rows)


def limits_table() -> str:
    session, stack, prices = Session(), Stack(), Prices.read()
    rows = [
        "| limit | default | holds up to | raised by AWS | what lifts it |",
        "|---|---|---|---|---|",
    ]
    names = [name for name in prices.limits if name != "launches_per_minute"]
    reach = {name: first_limit(session, stack, prices, name) for name in names}
    for name in sorted(names, key=reach.__getitem__):
        limit = prices.limits[name]
        rows.append(
            f"| [{limit['what']}]({limit['source']}) | {limit['value']:,} per {limit['per']} |"
            f" {reach[name]:,} sessions | {'yes' if limit['adjustable'] else 'no'} |"
            f" {limit['lift']} |"
        )
    return "\n".join(rows)


def session_table() -> str:
    rows = ["| what one session needs | value |", "|---|---|"]
    rows += [
        f"| {entry.name.replace('_', ' ')} | {getattr(Session(), entry.name):g} |"
        for entry in fields(Session)
    ]
    return "\n".join(rows)


def sizes_table() -> str:
    """Cost of a session-hour at 1,000 sessions by size of the task."""
    session, prices = Session(), Prices.read()
    rows = [
        "| task | sessions per task | tasks | USD per session-hour, arm64 | x86_64 |",
        "|---|---|---|---|---|",
    ]
    for cpu, memory in (
        (512, 4096),
        (1024, 4096),
        (1024, 8192),
        (2048, 8192),
        (2048, 16384),
        (4096, 30720),
        (8192, 61440),
    ):
        plans = [
            plan(
                1000,
                session,
                Stack(cpu=cpu, memory_mib=memory, max_sessions=200, arch=arch),
                prices,
            )
            for arch in ("arm64", "x86_64")
        ]
        density = Stack(cpu=cpu, memory_mib=memory, max_sessions=200).sessions_per_task(session)
        dollars = " | ".join(f"{each.dollars_session_hour:.4f}" for each in plans)
        rows.append(
            f"| {cpu / 1024:g} vCPU, {memory // 1024} GiB | {density} | {plans[0].tasks:,} |"
            f" {dollars} |"
        )
    return "\n".join(rows)


def sites_table() -> str:
    """Sessions of each size of site on the shipped tasks, all being edited."""
    prices = Prices.read()
    rows = [
        (
            "| site | MiB while edited | sessions on a `dev` task | on a `prod` task | USD per"
            " session-hour of 1,000, `prod` |"
        ),
        "|---|--:|--:|--:|--:|",
    ]
    for name, memory in SITES.items():
        session = Session(memory_mib=memory)
        on_dev, on_prod = (each.sessions_per_task(session) for each in (DEV, Stack()))
        dollars = plan(1000, session, Stack(), prices).dollars_session_hour
        rows.append(f"| {name} | {memory:.0f} | {on_dev} | {on_prod} | {dollars:.4f} |")
    return "\n".join(rows)


def prices_table() -> str:
    content = json.loads(PRICES.read_text(encoding="utf-8"))
    rows = ["| price | | source | as of |", "|---|---|---|---|"]
    for entry in content["prices"].values():
        rows.append(
            f"| {entry['unit']} | {entry['value']:g} | {entry['source']} | {entry['seen']} |"
        )
    return "\n".join(rows)
