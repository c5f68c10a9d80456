"""Command line: `python -m bench [--only NAME ...] [--quick] [--publish]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.core import report
from bench.core.machine import ROOT, Machine, Theft, this_machine
from bench.core.registry import NAMES, Options, Question, Unavailable, question
from bench.core.result import Result

RESULTS = ROOT / ".local" / "bench"
PUBLISHED = ROOT / "bench" / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every chosen benchmark ran and met its aims, 1 when one missed an aim or failed, 2 for
    a wrong command line.
    """
    options = _parser().parse_args(arguments)
    names = [name for text in options.only for name in text.replace(",", " ").split()]
    if unknown := [name for name in names if name not in NAMES]:
        print(
            f"bench: there is no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}",
            file=sys.stderr,
        )
        return 2
    chosen = [question(name) for name in NAMES if not names or name in names]
    if options.list:
        for each in chosen:
            print(f"{each.name:14} {each.text}")
        return 0
    if options.redraw:
        report.publish(PUBLISHED, ROOT / "docs")
        return 0
    suite = Suite(quick=options.quick, results=options.results)
    suite.run(chosen)
    if options.publish:
        if options.quick:
            print(
                "bench: figures of a quick run are not published; leave --quick away",
                file=sys.stderr,
            )
            return 2
        for result in suite.done:
            result.write(PUBLISHED)
        report.publish(PUBLISHED, ROOT / "docs")
    return 0 if suite.met else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Benchmarks; see docs/benchmarks.md"
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="run these alone (several, or separated by commas)",
    )
    parser.add_argument(
        "--quick", action="store_true", help="smallest runs: they show that the benchmarks work"
    )
    parser.add_argument("--list", action="store_true", help="list the questions")
    parser.add_argument(
        "--results",
        type=Path,
        default=RESULTS,
        metavar="DIR",
        help="where the JSON files go (%(default)s)",
    )
    parser.add_argument(
        "--publish",
        action="store_true",
        help="also write bench/results, docs/plots and the tables of docs/",
    )
    parser.add_argument(
        "--redraw", action="store_true", help="only draw plots and tables again from bench/results"
    )
    return parser


class Suite:
    """Runs questions one after the other; those that mostly wait run beside the rest."""

    def __init__(self, *, quick: bool, results: Path) -> None:
        self._quick = quick
        self._results = results
        self._machine = this_machine()
        self.done: list[Result] = []
        self.failed: list[str] = []

    @property
    def met(self) -> bool:
        return not self.failed and all(
            check.met for result in self.done for check in result.measurement.checks
        )

    def run(self, chosen: Sequence[Question]) -> None:
        began = time.monotonic()
        waiting: list[threading.Thread] = []
        for each in chosen:
            if not each.background:
                self._one(each, None)
                continue
            settled = threading.Event()
            thread = threading.Thread(target=self._one, args=(each, settled), name=each.name)
            thread.start()
            waiting.append(thread)
            # Its busy opening must not disturb the others: they start once it says that it only
            # waits from here on.
            while thread.is_alive() and not settled.wait(0.1):
                pass
        for thread in waiting:
            thread.join()
        print(report.table(self.done))
        for name in self.failed:
            print(f"FAILED  {name}")
        print(
            f"{len(self.done)} benchmarks in {time.monotonic() - began:.0f} s; results in"
            f" {self._results}"
        )

    def _one(self, each: Question, settled: threading.Event | None) -> None:
        print(f"== {each.name}: {each.text}", flush=True)
        machine: Machine = self._machine
        started, began = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
        theft = Theft()
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
            try:
                measurement = each.run(
                    Options(
                        quick=self._quick,
                        scratch=Path(scratch),
                        settled=settled or threading.Event(),
                    )
                )
            except Unavailable as error:
                print(f"   not run: {error}", flush=True)
                self.failed.append(f"{each.name}: {error}")
                return
            except Exception:
                traceback.print_exc()
                self.failed.append(f"{each.name}: an error, see above")
                return
            finally:
                if settled is not None:
                    settled.set()
        result = Result(
            name=each.name,
            question=each.text,
            quick=self._quick,
            started=started,
            seconds=round(time.monotonic() - began, 1),
            stolen=theft.percent(),
            machine=machine,
            measurement=measurement,
        )
        result.write(self._results)
        self.done.append(result)
        print(report.lines(result), flush=True)


if __name__ == "__main__":
    sys.exit(main())
