"""Write policy/rules/core/managed_policies.json from AWS's managed policies: `python
scripts/gen_managed_policies.py [--check]`.

Moto carries the documents of every policy that AWS manages. This script keeps the names of those
that give on every resource what a task should not have: to change rights, to open networks or run
code, to pass any role, to read data. Policies that AWS writes for the role of one service
(`service-role/…`, `…RolePolicy`) are left out: they are what that service documents. With --check
nothing is written; the exit code is 1 when the file is not what moto says.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "policy" / "rules" / "core" / "managed_policies.json"
sys.path.insert(0, str(ROOT))

from policy.rules.core.actions import Action, is_everything, matching  # noqa: E402
from policy.rules.core.conditions import narrows_resources  # noqa: E402
from policy.rules.core.documents import statements, words  # noqa: E402

_DATA: Final = frozenset(
    """secretsmanager:getsecretvalue ssm:getparameter ssm:getparameters s3:getobject kms:decrypt dynamodb:getitem
    dynamodb:scan""".split()  # noqa: SIM905 (a table to read, not code)
)
_OPENING: Final = frozenset(
    """ec2:authorizesecuritygroupingress ec2:createroute ec2:modifyinstanceattribute elasticloadbalancing:createlistener
    elasticloadbalancing:createrule elasticloadbalancing:modifylistener lambda:updatefunctioncode lambda:createfunctionurlconfig
    ssm:sendcommand ssm:startsession ssm:startautomationexecution cloudformation:createstack cloudformation:updatestack
    ecs:executecommand""".split()  # noqa: SIM905
)
_FOR_ONE_SERVICE: Final = re.compile(
    r".*(RoleFor|RolePolicy|ServiceRole|InstanceProfile|PermissionsBoundary|ManagedInstanceCore|FileSystemsUtils).*|AmazonEKS\w+Policy"
    r"|AmazonESCognitoAccess|AWSElasticBeanstalk(WebTier|WorkerTier|MulticontainerDocker)"
)
REASONS: Final = ("rights", "opens", "passes", "reads")
"""In the order of their weight; the first that fits is kept."""


def _reason(action: Action) -> str:
    name = f"{action.service}:{action.name}".lower()
    if "Permissions management" in action.level and not name.partition(":")[2].startswith(
        ("get", "list", "describe")
    ):
        return "rights"
    if name in _OPENING:
        return "opens"
    if name == "iam:passrole":
        return "passes"
    return "reads" if name in _DATA else ""


def _reasons(document: Any) -> Iterator[str]:
    for statement in statements(document):
        resources = words(statement.get("resource")) or ["*"]
        allowed = str(statement.get("effect")).lower() == "allow" and any(
            map(is_everything, resources)
        )
        if allowed and not narrows_resources(statement.get("condition")):
            actions = ["*"] if "notaction" in statement else words(statement.get("action"))
            yield from (
                reason
                for each in actions
                for action in matching(each)
                if (reason := _reason(action))
            )


def content() -> dict[str, Any]:
    """What the file should hold."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    found = {}
    for name, policy in sorted(json.loads(aws_managed_policies_data).items()):
        if policy["Path"] in ("/", "/job-function/") and not _FOR_ONE_SERVICE.fullmatch(name):
            reasons = set(_reasons(policy["Document"]))
            if reasons:
                found[name] = min(reasons, key=REASONS.index)
    return {"source": f"moto {metadata.version('moto')}", "policies": found}


def main(arguments: list[str]) -> int:
    """Write or check the file; returns the exit code."""
    text = json.dumps(content(), indent=1) + "\n"
    if "--check" in arguments:
        if not FILE.is_file() or FILE.read_text(encoding="utf-8") != text:
            print(
                f"{FILE.relative_to(ROOT)} is not what moto says; run"
                " scripts/gen_managed_policies.py"
            )
            return 1
        return 0
    FILE.write_text(text, encoding="utf-8")
    print(f"wrote {FILE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
