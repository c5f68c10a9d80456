"""`python -m tests.policy.evasions [--pack FOLDER] [--list]`: how many evasions a pack refuses, by
family, plain and in every disguise.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from contextlib import ExitStack
from pathlib import Path

from policy.harness import Analyzer

from .catalog import EVASIONS
from .core import DISGUISES, OPEN_FRONT_DOOR, moved, outcome

PACK = Path(__file__).resolve().parents[3] / "policy"


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.policy.evasions", description=__doc__)
    parser.add_argument("--pack", type=Path, default=PACK)
    parser.add_argument(
        "--list", action="store_true", help="print each evasion that is not refused"
    )
    parser.add_argument(
        "--anyone",
        action="store_true",
        help="a refusal by any rule counts, for packs with other rules",
    )
    options = parser.parse_args()
    plain: dict[str, Counter[str]] = defaultdict(Counter)
    disguised: dict[str, Counter[str]] = defaultdict(Counter)
    with ExitStack() as stack:
        packs = {
            closed: stack.enter_context(Analyzer(options.pack, None if closed else OPEN_FRONT_DOOR))
            for closed in (True, False)
        }
        for index, evasion in enumerate(EVASIONS):
            for name in ("", *DISGUISES):
                resources = moved(
                    evasion, [name] if name else [], f"e{index}-{name.replace(' ', '-')}"
                )
                found = outcome(packs[evasion.closed], evasion, resources, any_rule=options.anyone)
                (disguised if name else plain)[evasion.family][found] += 1
                if options.list and found != "refused":
                    print(
                        f"{found}: {evasion.family}: {evasion.name}{f' ({name})' if name else ''}"
                    )
    print("| family | evasions | refused | advised | silent | in disguise | refused |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for family in [*plain, "all"]:
        one, many = (
            sum(table.values(), Counter()) if family == "all" else table[family]
            for table in (plain, disguised)
        )
        cells = (
            sum(one.values()),
            one["refused"],
            one["advised"],
            one["silent"],
            sum(many.values()),
            many["refused"],
        )
        print(f"| {family} | {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    main()
