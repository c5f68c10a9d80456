"""Listeners: TLS 1.2 and 1.3 only, and plain HTTP only to redirect (S19)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from .core.listening import action_must, protocol_of, redirects_to_https
from .core.place import be_set
from .core.rule import Finding, Resource, ResourceRule, Schema, Settings
from .core.types import LISTENER
from .core.values import UNKNOWN, Value

_TLS: Final = ("HTTPS", "TLS")

# TLS

_TLS_SETTINGS: Final[dict[str, Schema]] = {
    "policyPattern": {
        "type": "string",
        "format": "regex",
        "default": r"^ELBSecurityPolicy-TLS13-1-[23](-Res)?(-FIPS)?(-PQ)?-20[0-9]{2}-[0-9]{2}$",
        "description": (
            "Regular expression of the allowed security policies: TLS 1.2 and 1.3, without the"
            " extended ones that admit CBC."
        ),
    },
}


def _tls_policy(resource: Resource, settings: Settings) -> Iterable[Finding]:
    protocol = protocol_of(resource)
    if protocol is UNKNOWN:
        yield resource.at("protocol").question()
    if protocol not in _TLS:
        return

    def modern(policy: Value) -> bool:
        return (
            isinstance(policy, str)
            and policy == policy.strip()
            and bool(re.search(str(settings["policyPattern"]), policy))
        )

    allowed = "TLS 1.2 and 1.3, as 'ELBSecurityPolicy-TLS13-1-2-2021-06'"
    yield from resource.at("sslPolicy").must(
        modern, allowed, absent="not set, so AWS takes one with TLS 1.0"
    )
    if not resource.at("certificateArn").unknown:  # there will be one
        yield from resource.at("certificateArn").must(be_set, "the ARN of a certificate")


OLD_POLICIES: Final = tuple(
    f"ELBSecurityPolicy-{name}"
    for name in """
    2016-08 2015-05 2015-03 2015-02 2014-10 2014-01 2011-08 TLS-1-0-2015-04 TLS-1-1-2017-01 FS-2018-06 FS-1-1-2019-08
    TLS13-1-0-2021-06 TLS13-1-0-FIPS-2023-04 TLS13-1-0-PQ-2025-09 TLS13-1-0-FIPS-PQ-2025-09
    TLS13-1-1-2021-06 TLS13-1-1-FIPS-2023-04
    """.split()  # noqa: SIM905 (a table to read, not code)
)
"""AWS's policies that speak TLS 1.0 or 1.1, the default first; balancers' and classic balancers':
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""


def _tls_sense(settings: Settings) -> Iterable[str]:
    pattern = str(settings["policyPattern"])
    if old := next((each for each in OLD_POLICIES if re.search(pattern, each)), ""):
        yield (
            f"policyPattern is {pattern!r}, which admits {old} and so TLS 1.0 or 1.1; allowed is"
            " one as ^ELBSecurityPolicy-TLS13-1-2"
        )


LISTENER_TLS_POLICY = ResourceRule(
    id="listener-tls-policy",
    title="TLS listeners take TLS 1.2 and 1.3 only",
    reason=(
        "AWS's default policy for listeners still speaks TLS 1.0 and 1.1. The session cookie and"
        " everything a person edits goes through this listener."
    ),
    fix="set ssl_policy='ELBSecurityPolicy-TLS13-1-2-2021-06' and certificate_arn on the listener",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",
    severity="high",
    level="mandatory",
    properties=_TLS_SETTINGS,
    sense=_tls_sense,
    types=LISTENER,
    check=_tls_policy,
)

# Redirect


def _https_redirect(resource: Resource, _: Settings) -> Iterable[Finding]:
    if protocol_of(resource) is UNKNOWN:
        yield resource.at("protocol").question()
    if protocol_of(resource) != "HTTP":
        return
    actions = resource.at("defaultActions")
    if not actions.unknown and not actions.each():
        yield actions.wrong("a redirect to HTTPS")
    if len(actions.each()) > 1:
        yield actions.wrong("one redirect to HTTPS", found=f"{len(actions.each())} actions")
    for action in actions.each():
        yield from action_must(
            action,
            redirects_to_https,
            "a redirect to HTTPS, as everything else travels in plain text",
        )


HTTP_REDIRECT = ResourceRule(
    id="listener-https-redirect",
    title="Plain HTTP only redirects to HTTPS",
    reason=(
        "A page, a cookie or a one-time token that travels over plain HTTP once is known to"
        " everyone on the way."
    ),
    fix=(
        "give the HTTP listener one default action: type='redirect' with protocol='HTTPS',"
        " port='443', status_code='HTTP_301'"
    ),
    link=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html"
    ),
    severity="high",
    level="mandatory",
    types=LISTENER,
    check=_https_redirect,
)

RULES = (LISTENER_TLS_POLICY, HTTP_REDIRECT)
