"""Sign-in at the load balancer: no rule before it takes the same requests without (S8, S11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from .core.listening import denies
from .core.place import Place, be_true
from .core.routing import covers
from .core.rule import Finding, Resource, Settings, Stack, StackRule, unjudged
from .core.types import LISTENER, LISTENER_RULE
from .core.values import UNKNOWN, Value, has_unknown, integer

_SIGN_IN: Final = ("authenticate-oidc", "authenticate-cognito", "jwt-validation")
_LAST: Final = 1_000_000
"""Where a rule without a priority stands: AWS puts it behind all others."""


def _check(stack: Stack, _: Settings) -> Iterable[Finding]:
    rules: dict[str, list[Resource]] = {}
    for rule in stack.of(LISTENER_RULE):
        listener = rule.props.get("listenerArn")
        join = stack.join(rule, "listenerArn", listener, LISTENER)
        if join.unknown and not rule.references.get("listenerArn"):
            yield unjudged(f"{rule.name}: listenerArn is not known yet", rule.urn)
        for key in [each.urn for each in join.found] or (
            [listener] if isinstance(listener, str) else []
        ):
            rules.setdefault(key, []).append(rule)
    for listener_rules in rules.values():
        yield from _passed_by(sorted(listener_rules, key=_priority))
    yield from _open_pools(stack)
    yield from _optional(stack)


def _optional(stack: Stack) -> Iterator[Finding]:
    """Sign-in that lets people through who have not signed in."""
    for types, prop in ((LISTENER, "defaultActions"), (LISTENER_RULE, "actions")):
        for resource in stack.of(types):
            for kind in ("authenticateOidc", "authenticateCognito"):
                for place in resource.at().within(f"{prop}.{kind}.onUnauthenticatedRequest"):
                    if (
                        not place.unknown or kind in place.path
                    ):  # an action that is not known at all is asked about by other rules
                        yield from place.must(
                            _keeps_out, "'authenticate' or 'deny'", default="authenticate"
                        )


def _keeps_out(answer: Value) -> bool:
    return str(answer).lower() in ("authenticate", "deny")


def _open_pools(stack: Stack) -> Iterator[Finding]:
    """User pools behind a sign-in in which anyone may make an account: signing in then keeps nobody
    out.
    """
    for types, prop in ((LISTENER, "defaultActions"), (LISTENER_RULE, "actions")):
        for resource in stack.of(types):
            for arn in resource.at().within(f"{prop}.authenticateCognito.userPoolArn"):
                for pool in stack.join(resource, prop, arn.value, {_USER_POOL}).found:
                    switch = pool.at("adminCreateUserConfig", "allowAdminCreateUserOnly")
                    yield from switch.must(
                        be_true,
                        f"true, as {resource.name} signs people in with this pool",
                        default=False,
                    )


_USER_POOL: Final = "aws:cognito/userPool:UserPool"


def _passed_by(rules: list[Resource]) -> Iterator[Finding]:
    """Rules with sign-in of which an earlier one without takes every request."""
    if len(rules) > 1 and any(_may_sign_in(each) for each in rules):
        for rule in rules:
            yield from (
                unjudged(f"{rule.name}: {prop} is not known yet", rule.urn)
                for prop in _undecided(rule)
            )
    open_: list[Resource] = []
    for rule in rules:
        actions = rule.at("actions").each()
        if any(each.at("type").value in _SIGN_IN for each in actions):
            for earlier in open_:
                if _priority(earlier) >= _priority(rule):
                    continue
                covered = covers(earlier, rule)
                if covered is None:
                    yield unjudged(
                        f"{earlier.name}: whether its expressions take requests of {rule.name}"
                        " cannot be told",
                        earlier.urn,
                    )
                elif covered:
                    yield Finding(
                        message=(
                            f"{earlier.name} forwards requests of {rule.name}, which comes after"
                            " it, without its sign-in; allowed is a lower priority, or the same"
                            " sign-in"
                        ),
                        urn=earlier.urn,
                    )
        elif any(_serves(each) for each in actions):
            open_.append(rule)


def _may_sign_in(rule: Resource) -> bool:
    types = [each.at("type").value for each in rule.at("actions").each()]
    return any(each is UNKNOWN or each in _SIGN_IN for each in types)


def _undecided(rule: Resource) -> Iterator[str]:
    """Properties of a rule that decide which requests it takes, or how, and are not known yet."""
    if rule.at("priority").unknown:
        yield "priority"
    if has_unknown(rule.at("conditions").value):
        yield "conditions"
    if any(each.at("type").unknown for each in rule.at("actions").each()):
        yield "actions"


def _serves(action: Place) -> bool:
    return not action.unknown and not denies(action.value) and action.at("type").value == "forward"


def _priority(rule: Resource) -> int:
    number = integer(rule.at("priority").value)
    return _LAST if number is None else number


LISTENER_SIGN_IN: Final = StackRule(
    id="listener-sign-in",
    title="Sign-in at the load balancer is asked for, and keeps people out",
    reason=(
        "The load balancer takes the first rule that matches. A rule in front of the one with"
        " sign-in, for the same paths and hosts, lets everyone in, and the sign-in is never asked"
        " for. With 'allow' for requests without sign-in it is asked of nobody. A user pool in"
        " which anyone may make an account keeps nobody out."
    ),
    fix=(
        "give the rule with authenticate-oidc or authenticate-cognito the lower priority number, or"
        " sign in in both; leave on_unauthenticated_request at 'authenticate' or 'deny'; let only"
        " administrators make accounts: admin_create_user_config={'allow_admin_create_user_only':"
        " True} on the user pool"
    ),
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html",
    severity="high",
    level="mandatory",
    check=_check,
)

RULES: Final = (LISTENER_SIGN_IN,)
