"""`python -m tests.policy.peers.examples FOLDER… [--config KEY=VALUE]`: published Python programs
before the pack, with its defaults.

Each folder holds a `__main__.py`. It runs on mocks: AWS is asked for nothing, and data sources
answer with ids that look like AWS's.
"""

from __future__ import annotations

import argparse
import runpy
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pulumi.runtime

from policy.examples.recording import declare
from policy.harness import Analyzer
from policy.rules.core.run import LATER
from tests.policy.programs import judge

from .__main__ import PACK

_IDS: Final = {
    "getVpc": "vpc-0123",
    "getSubnet": "subnet-0123",
    "getAmi": "ami-0123",
    "getSecurityGroup": "sg-0123",
}


def _answer(token: str, arguments: dict[str, Any]) -> dict[str, object]:
    name = token.rsplit(":", 1)[-1]
    arguments = {key: value for key, value in arguments.items() if key != "mostRecent"}
    found = _IDS.get(name, f"{name}-0123")
    return {
        **arguments,
        "id": found,
        "arn": f"arn:aws:mock:::{found}",
        "ids": ["subnet-1", "subnet-2"],
        "names": ["eu-central-1a", "eu-central-1b"],
    }


def findings(folder: Path, settings: dict[str, str]) -> Counter[tuple[str, str]]:
    """Level and rule of each finding about a program, open questions left out."""

    def program() -> None:
        pulumi.runtime.set_all_config(settings)
        runpy.run_path(str(folder / "__main__.py"), run_name="__main__")

    sys.path.insert(0, str(folder))
    try:
        declared = declare(
            program,
            _answer,
            {"dnsName": "edge.example.com", "endpoint": "db.example.com:3306", "result": "r4nd0m"},
        )
    finally:
        sys.path.remove(str(folder))
    with Analyzer(PACK) as analyzer:
        found = [each for each in judge(analyzer, declared) if not each.message.endswith(LATER)]
    print(f"{folder.name}: {len(declared)} resources")
    for each in found:
        print(
            "   ",
            each.level,
            each.policy,
            each.message.splitlines()[1] if "\n" in each.message else each.message,
        )
    return Counter((each.level, each.policy) for each in found)


def main() -> None:
    """Print a table of levels and rules."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.policy.peers.examples", description=__doc__
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument(
        "--config",
        action="append",
        default=[],
        help="a value that the program requires, as example:key=value",
    )
    options = parser.parse_args()
    settings = dict(each.split("=", 1) for each in options.config)
    total = sum(
        (findings(each.resolve(), settings) for each in options.folders), Counter[tuple[str, str]]()
    )
    print("| rule | level | findings |\n|---|---|--:|")
    for (level, rule), number in sorted(total.items(), key=lambda one: (-one[1], one[0])):
        print(f"| {rule} | {level} | {number} |")


if __name__ == "__main__":
    main()
