"""What listens: the two ports of a task and nothing else, also while a session runs (S7)."""

from __future__ import annotations

from pathlib import Path

import psutil
from yarl import URL

from tests.gateway.harness import descendants, running_gateway


def listening(pid: int) -> set[tuple[str, int]]:
    """Address and port of every TCP listener of a process and its descendants."""
    found = set()
    for each in {pid, *descendants(pid)}:
        try:
            entries = psutil.Process(each).net_connections("tcp")
        except psutil.NoSuchProcess:
            continue
        found |= {(one.laddr.ip, one.laddr.port) for one in entries if one.status == "LISTEN"}
    return found


async def test_a_task_listens_on_its_two_ports_only(tmp_path: Path) -> None:
    """Before a session, and with a dev server, whose socket is a file."""
    with running_gateway(tmp_path / "gw", wait=False) as gateway:
        await gateway.ready()
        ports = {(gateway.address, URL(url).port) for url in (gateway.url, gateway.api_url)}
        assert len(ports) == 2
        assert listening(gateway.process.pid) == ports
        await gateway.start("demo")
        assert listening(gateway.process.pid) == ports
