"""`preview`: what a stack would deploy and what the policy pack says of it, offline."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from local import policies, tree
from local.engine import ROOT, Deployment, deploy
from local.mutation import Mutation
from local.policies import Verdict
from local.values import redact
from policy.reports import write


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A deployment and its verdict."""

    deployment: Deployment
    verdict: Verdict
    seconds: float

    def document(self) -> dict[str, Any]:
        """The content of `preview.json`. Secrets are `"[secret]"`, values that are not known
        `"[unknown]"`.
        """
        return {
            "stack": self.deployment.stack,
            "resources": [
                {
                    "urn": resource.urn,
                    "type": resource.type,
                    "name": resource.name,
                    "parent": resource.parent,
                    "custom": resource.custom,
                    "inputs": redact(resource.inputs),
                }
                for resource in self.deployment.resources
            ],
            "outputs": redact(self.deployment.outputs),
            "violations": [asdict(diagnostic) for diagnostic in self.verdict.diagnostics],
            "seconds": round(self.seconds, 3),
        }


def make(
    stack: str,
    config: Mapping[str, object] | None = None,
    *,
    preview: bool = True,
    mutations: Sequence[Mutation] = (),
    root: Path = ROOT,
) -> Preview:
    """Run the program and the pack, which starts meanwhile.

    Raises what `local.engine.deploy` raises, and `local.policies.PackError` when the pack does not
    answer.
    """
    began = time.monotonic()
    with policies.start(stack, "astro-live") as analyzer:
        deployment = deploy(stack, config=config, preview=preview, mutations=mutations, root=root)
        verdict = policies.judge(analyzer, deployment)
    return Preview(deployment=deployment, verdict=verdict, seconds=time.monotonic() - began)


def run(
    console: Console,
    stack: str,
    config: Mapping[str, object],
    report: Path | None,
    mutations: Sequence[Mutation] = (),
) -> int:
    """The command: print, write the report, and answer 1 when the engine would refuse
    the update.
    """
    result = make(stack, config, mutations=mutations)
    tree.show(console, result.deployment, result.verdict, result.seconds)
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)
        (report / "preview.json").write_text(json.dumps(result.document(), indent=2) + "\n")
        files = [report / "preview.json", *write(result.verdict.report, report)]
        console.print(f"reports: {', '.join(map(str, files))}", highlight=False, soft_wrap=True)
    return 1 if result.verdict.blocks else 0
