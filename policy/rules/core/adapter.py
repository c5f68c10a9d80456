"""Bridge from our rules to the classes of Pulumi's policy SDK."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from .rule import Finding, Resource, ResourceRule, Rule, Settings, StackRule
from .session import SESSION
from .values import plain


def policies(rules: Iterable[Rule]) -> list[Policy]:
    """One SDK policy per rule, in the same order."""
    return [_resource_policy(rule) if isinstance(rule, ResourceRule) else _stack_policy(rule) for rule in rules]


def _resource_policy(rule: ResourceRule) -> Policy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        settings = SESSION.settings[rule.id] = rule.settings(args.get_config())
        if rule.types is not None and args.resource_type not in rule.types:
            return
        resource = _resource(args)
        _report(rule, rule.check(resource, settings), settings, report, resource.urn)

    return ResourceValidationPolicy(validate=validate, remediate=_remediation(rule), **_common(rule))


def _remediation(rule: ResourceRule) -> Callable[[ResourceValidationArgs], Any] | None:
    remedy = rule.remedy
    if remedy is None:
        return None

    def remediate(args: ResourceValidationArgs) -> Mapping[str, Any] | None:
        if rule.types is not None and args.resource_type not in rule.types:
            return None
        resource = _resource(args)
        settings = rule.settings(args.get_config())
        known = [each for each in rule.check(resource, settings) if each.known]
        if all(SESSION.spares(rule.id, resource.urn, each.message) for each in known):
            return None
        # The SDK's proxy goes back as it came, so that secrets stay secret and unknowns unknown.
        for name, value in remedy(resource, settings).items():
            args.props[name] = value  # type: ignore[index]
        return args.props

    return remediate


def _stack_policy(rule: Rule) -> Policy:
    assert isinstance(rule, StackRule)
    stack_rule = rule

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        resources = [
            Resource(
                type=each.resource_type,
                name=each.name,
                urn=each.urn,
                props=plain(each.props),
                parent=each.parent.urn if each.parent else "",
                references={name: tuple(other.urn for other in others) for name, others in each.property_dependencies.items()},
                dependencies=tuple(other.urn for other in each.dependencies),
                inputs=SESSION.inputs.get(each.urn),
            )
            for each in args.resources
        ]
        settings = stack_rule.settings(args.get_config())
        _report(stack_rule, stack_rule.check(resources, settings), settings, report, "")

    return StackValidationPolicy(validate=validate, **_common(rule))


def _resource(args: ResourceValidationArgs) -> Resource:
    return Resource(type=args.resource_type, name=args.name, urn=args.urn, props=plain(args.props), parent=args.opts.parent or "")


def _report(rule: Rule, findings: Iterable[Finding], settings: Settings, report: ReportViolation, urn: str) -> None:
    """Report what is known first; what cannot be judged goes out last, at the level that `whenUnknown` asks for."""
    open_questions = []
    for finding in findings:
        subject = finding.urn or urn
        if SESSION.spares(rule.id, subject, finding.message):
            continue
        if finding.known or settings["whenUnknown"] == "mandatory":
            report(message(rule, finding), subject or None)
        elif settings["whenUnknown"] == "advisory":
            open_questions.append(finding.message)
    if open_questions:
        # The SDK turns this exception into an advisory diagnostic of this rule and keeps the violations reported before it.
        error = UnknownValueError(UNKNOWN_STRING_VALUE, [])
        error.message = "; ".join(dict.fromkeys(open_questions))
        raise error


def message(rule: Rule, finding: Finding) -> str:
    """What a person reads: the finding, the fix and where to learn more."""
    return f"{finding.message}.\nFix: {rule.fix}.\nDocs: docs/policies/{rule.id}.md, {rule.link}"


_LEVELS = {
    "mandatory": EnforcementLevel.MANDATORY,
    "advisory": EnforcementLevel.ADVISORY,
    "disabled": EnforcementLevel.DISABLED,
}


def _common(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.id,
        "display_name": rule.title,
        "description": rule.title,
        "enforcement_level": _LEVELS[rule.level],
        "config_schema": PolicyConfigSchema(properties=rule.schema),
        "severity": Severity(rule.severity),
        "remediation_steps": rule.fix,
        "url": rule.link,
        "tags": rule.spec.split(),
    }
