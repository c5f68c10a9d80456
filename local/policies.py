"""Send a deployment through the policy pack: every resource's inputs, then the stack as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.engine import ROOT, Deployment
from local.errors import LocalError
from local.monitor import Resource
from local.values import ResourceReference, Secret, Unknown, transform
from policy import harness
from policy.reports import Report

PACK = ROOT / "policy"


class PackError(LocalError):
    """The policy pack did not start, refuses its configuration, or failed."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the pack says about a deployment."""

    diagnostics: tuple[harness.Diagnostic, ...]
    report: Report
    """The same, for people and machines."""

    @property
    def blocks(self) -> bool:
        """Whether the engine would refuse the update."""
        return any(diagnostic.level == "mandatory" for diagnostic in self.diagnostics)


def pack_config(stack: str, pack: Path = PACK) -> Mapping[str, object]:
    """The pack's configuration for `stack`, `policy/config/{stack}.json`; without one the rules'
    defaults hold.
    """
    file = pack / "config" / f"{stack}.json"
    if not file.is_file():
        return {}
    content: dict[str, object] = json.loads(file.read_text())
    return content


def start(stack: str, project: str, pack: Path = PACK) -> harness.Analyzer:
    """The pack for `stack`. It starts when its context is entered, beside whatever else runs."""
    return harness.Analyzer(pack, pack_config(stack, pack), project=project, stack=stack)


def judge(analyzer: harness.Analyzer, deployment: Deployment) -> Verdict:
    """Every diagnostic, in the order of the resources. Raises `PackError` when the pack does not
    start or answer.
    """
    try:
        return _judge(analyzer, deployment)
    except (harness.AnalyzerError, harness.PolicyConfigError) as error:
        raise PackError(str(error)) from error


def _judge(analyzer: harness.Analyzer, deployment: Deployment) -> Verdict:
    providers = {
        f"{r.urn}::{r.id}": _sent(r, r.inputs)
        for r in deployment.resources
        if r.type.startswith("pulumi:providers:")
    }
    resources = [_sent(resource, resource.inputs, providers) for resource in deployment.resources]
    outputs = [_sent(resource, resource.outputs, providers) for resource in deployment.resources]
    found = [diagnostic for answer in analyzer.analyze_all(resources) for diagnostic in answer]
    found += analyzer.analyze_stack(outputs)
    disabled = sorted(
        name for name, settings in analyzer.settings().items() if settings.level == "disabled"
    )
    report = Report.of(analyzer.info(), found, stack=deployment.stack, disabled=disabled)
    return Verdict(diagnostics=tuple(found), report=report)


def _sent(
    resource: Resource,
    properties: Mapping[str, Any],
    providers: Mapping[str, harness.Resource] | None = None,
) -> harness.Resource:
    return harness.Resource(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        properties=transform(properties, _leaf),
        parent=resource.parent,
        dependencies=resource.dependencies,
        property_dependencies=resource.property_dependencies,
        provider=(providers or {}).get(resource.provider or ""),
        protect=resource.protect,
        ignore_changes=resource.ignore_changes,
    )


def _leaf(value: Any) -> Any:
    if isinstance(value, Unknown):
        return harness.UNKNOWN
    if isinstance(value, Secret):
        return harness.Secret(transform(value.value, _leaf))
    return value.urn if isinstance(value, ResourceReference) else value
