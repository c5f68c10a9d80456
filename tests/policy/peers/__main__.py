"""`python -m tests.policy.peers FOLDER… [--list]`: translate peers' fixtures, judge them, count.

`--list` prints each miss and each refusal of a case that its authors call good.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from policy.harness import Analyzer

from .fixtures import fixtures
from .judge import Verdict, judge

PACK = Path(__file__).resolve().parents[3] / "policy"


def main(arguments: list[str]) -> int:
    """Returns 0 when at least 98 % of the violating cases in scope are caught, else 1; 2 when the folders hold no case."""
    parser = argparse.ArgumentParser(prog="python -m tests.policy.peers", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, help="checkouts of peers: KICS, Trivy checks, AWS Guard rules, Checkov")
    parser.add_argument("--list", action="store_true", help="print each miss and each refusal of a good case")
    parser.add_argument("--check", default="", help="only checks whose name contains this")
    options = parser.parse_args(arguments)
    cases = [each for folder in options.folders for each in fixtures(folder) if options.check in each.check]
    if not cases:
        print("No fixture of a known peer in these folders.", file=sys.stderr)
        return 2
    with Analyzer(PACK) as analyzer:
        verdicts = list(judge(analyzer, cases))
    if options.list:
        for each in verdicts:
            if each.outcome in ("missed", "refused", "unreadable"):
                print(f"{each.outcome}: {each.fixture.peer}: {each.fixture.check}: {each.fixture.name}", *each.messages[:3], sep="\n    ")
    print(table(cases_total=Counter(each.peer for each in cases), verdicts=verdicts))
    counts = Counter(each.outcome for each in verdicts)
    return 0 if counts["caught"] >= 0.98 * (counts["caught"] + counts["missed"]) else 1


def table(cases_total: Counter[str], verdicts: list[Verdict]) -> str:
    """Counts per peer, as a Markdown table."""
    lines = [
        "| peer | fixtures | in scope | violating | caught | missed | complying | passed | refused | not translated |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for peer in [*sorted(cases_total), "all"]:
        found = [each for each in verdicts if peer in (each.fixture.peer, "all")]
        counts = Counter(each.outcome for each in found)
        total = sum(cases_total.values()) if peer == "all" else cases_total[peer]
        cells = [
            peer,
            total,
            len(found),
            counts["caught"] + counts["missed"],
            counts["caught"],
            counts["missed"],
            counts["passed"] + counts["refused"],
            counts["passed"],
            counts["refused"],
            counts["unreadable"] + counts["empty"],
        ]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
