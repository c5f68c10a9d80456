"""`python -m tests.browser.series --seconds 300 --seed 7`: series of edits for a time; `make
edits`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from bench.core.browser import chromium
from tests.browser.stack import running_gateway, running_stack

from .run import Lost, live_series, search


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.series", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument(
        "--seed", type=int, help="the first series' seed; from the clock by default"
    )
    parser.add_argument("--gateway", action="store_true", help="without the load balancer")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else int(time.time()) % 1_000_000
    print(f"seed {seed}", flush=True)
    start = running_gateway if arguments.gateway else running_stack
    with (
        tempfile.TemporaryDirectory(prefix="series-") as folder,
        start(Path(folder)) as stack,
        chromium() as browser,
        live_series(stack, browser, "series") as running,
    ):
        try:
            search(running, seed=seed, seconds=arguments.seconds, shrink=True)
        except Lost as lost:
            print(f"{lost}\n\nlog:\n{stack.log.read_text()[-2000:]}", file=sys.stderr)
            return 1
        finally:
            print(running.tally)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
