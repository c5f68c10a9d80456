"""`python -m tests.policy.peers FOLDER… [--list]`: translate peers' fixtures, judge them, count.

Every case that is judged otherwise than its authors expect needs a reason in `argued.yaml`.
`--list` prints each of them.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from policy.harness import Analyzer

from . import argued
from .fixtures import fixtures
from .judge import Verdict, judge

PACK = Path(__file__).resolve().parents[3] / "policy"


def main(arguments: list[str]) -> int:
    """Returns 0 when every difference is argued, 1 when one is not, 2 when the folders hold no
    case.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.policy.peers", description=__doc__)
    parser.add_argument(
        "folders", nargs="+", type=Path, help="checkouts of peers; docs/policy-peers.md names them"
    )
    parser.add_argument(
        "--list", action="store_true", help="print each miss and each refusal of a good case"
    )
    parser.add_argument("--check", default="", help="only checks whose name contains this")
    options = parser.parse_args(arguments)
    cases = [
        each
        for folder in options.folders
        for each in fixtures(folder)
        if options.check in each.check
    ]
    if not cases:
        print("No fixture of a known peer in these folders.", file=sys.stderr)
        return 2
    with Analyzer(PACK) as analyzer:
        verdicts = list(judge(analyzer, cases))
    if options.list:
        for each in verdicts:
            if each.outcome in ("missed", "refused", "unreadable"):
                print(f"{each.outcome}: {_name(each)}", *each.messages, sep="\n    ")
    known = argued.reasons()
    counted = argued.account(verdicts, known)
    print(
        table(cases_total=Counter(each.peer for each in cases), verdicts=verdicts, counted=counted)
    )
    print(f"\n{share(verdicts, counted)}")
    print(argued.table(counted))
    for verdict, message in counted.open:
        print(f"not argued: {verdict.outcome}: {_name(verdict)}: {message}", file=sys.stderr)
    for reason in known:
        if not counted.used[reason]:
            print(f"argues nothing in these folders: {reason.why}", file=sys.stderr)
    return 1 if counted.open else 0


def share(verdicts: list[Verdict], counted: argued.Account) -> str:
    """How much is caught, of everything and of what is a violation in AWS's own meaning."""
    outcomes = Counter(each.outcome for each in verdicts)
    caught, missed = outcomes["caught"], outcomes["missed"]
    closed = sum(
        number
        for reason, number in counted.used.items()
        if reason.outcome == "missed" and reason.kind != "design"
    )
    real = caught + missed - closed
    return (
        f"Caught are {caught} of {caught + missed} ({caught / max(1, caught + missed):.1%}); of"
        f" those that are open in AWS's and the provider's own meaning {caught} of {real}"
        f" ({caught / max(1, real):.1%})."
    )


def _name(verdict: Verdict) -> str:
    return f"{verdict.fixture.peer}: {verdict.fixture.check}: {verdict.fixture.name}"


def table(cases_total: Counter[str], verdicts: list[Verdict], counted: argued.Account) -> str:
    """Counts per peer, as a Markdown table. What is not argued is counted apart; the rest of the
    misses has a reason.
    """
    lines = [
        (
            "| peer | fixtures | in scope | violating | caught | missed | not argued"
            " | complying | passed | refused | not argued | not translated |"
        ),
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    unargued = {
        (_name(verdict), verdict.fixture.peer, verdict.outcome) for verdict, _ in counted.open
    }
    for peer in [*sorted(cases_total), "all"]:
        found = [each for each in verdicts if peer in (each.fixture.peer, "all")]
        counts = Counter(each.outcome for each in found)
        open_ = Counter(outcome for _, owner, outcome in unargued if peer in (owner, "all"))
        cells = [
            peer,
            sum(cases_total.values()) if peer == "all" else cases_total[peer],
            len(found),
            counts["caught"] + counts["missed"],
            counts["caught"],
            counts["missed"],
            open_["missed"],
            counts["passed"] + counts["refused"],
            counts["passed"],
            counts["refused"],
            open_["refused"],
            counts["unreadable"] + counts["empty"],
        ]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
