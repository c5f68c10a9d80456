"""What is right passes without a word: the local stack and the example of other people's use (dev
and prod: `test_mutations`) (S18).
"""

from __future__ import annotations

import json
import runpy
from pathlib import Path

from pulumi.runtime import set_all_config

from local import policies
from local.engine import deploy
from tests.policy.inside import Inside
from tests.policy.programs import declare, judge

ROOT = Path(__file__).resolve().parents[2]


def test_local_stack() -> None:
    """No violation, warning or open question."""
    with policies.start("local", "astro-live") as analyzer:
        verdict = policies.judge(analyzer, deploy("local"))
    assert [each.message for each in verdict.diagnostics] == []


def test_python_example(pack_dir: Path) -> None:
    """The components on their own in another program, with the pack's defaults: only the production
    rules have advice.
    """

    def program() -> None:
        set_all_config(
            {
                "example:vpcId": "vpc-0123",
                "example:publicSubnetIds": json.dumps(["subnet-1", "subnet-2"]),
                "example:privateSubnetIds": json.dumps(["subnet-3", "subnet-4"]),
                "example:certificateArn": (
                    "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
                ),
            }
        )
        runpy.run_path(str(ROOT / "examples" / "python" / "__main__.py"), run_name="__main__")

    declared = declare(program)
    with Inside(pack_dir) as analyzer:
        found = {(each.policy, each.level) for each in judge(analyzer, declared)}
    assert len(declared) > 10
    assert found <= {("alb-access-logs", "advisory")}
