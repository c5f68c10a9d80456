"""Loopback addresses, so that stacks and gateways that run at the same time each have the standard
ports.
"""

from __future__ import annotations

import itertools
import os

_numbers = itertools.count()


def own_address() -> str:
    """A loopback address that nothing else in this test run uses; a local stack takes the addresses
    after it for its tasks.

    Each call has its own network within the worker's, and each process begins at another place in
    it, so that test runs beside this one rarely meet it. A stack that lives as long as the worker
    keeps its address while others come and go.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    call, process = next(_numbers), os.getpid()
    if call >= 20 * 250:
        raise RuntimeError(
            f"a test process has taken {call} loopback addresses; 5,000 is the limit"
        )
    return f"127.{20 + worker % 10 * 20 + (process + call // 250) % 20}.{call % 250 + 1}.{process // 20 % 15 * 16 + 1}"
