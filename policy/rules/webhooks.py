"""Webhooks of CodeBuild: whose pushes and pull requests run code with the build's role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .core.place import Place
from .core.rule import Finding, Resource
from .core.values import Value, as_dict, boolean

WEBHOOK: Final = "aws:codebuild/webhook:Webhook"

_STRANGERS: Final = re.compile(r"PULL_REQUEST_(?!MERGED|CLOSED)\w+")
"""Events that somebody without write access to the repository can cause:
https://docs.aws.amazon.com/codebuild/latest/userguide/github-webhook.html"""

_APPROVED: Final = ("ALL_PULL_REQUESTS", "FORK_PULL_REQUESTS")
"""Values of `requiresCommentApproval` under which somebody with write access has to agree first:
https://docs.aws.amazon.com/codebuild/latest/userguide/pull-request-build-policy.html"""

_ANCHORED: Final = re.compile(
    r"\^(?:[\w-]+|\((?:\?:)?[\w-]+(?:\|[\w-]+)*\))\$(?:\|\^[\w-]+\$)*", re.ASCII
)
"""Accounts by name: `^123$`, `^(123|456)$`. A pattern without its ends fits every longer account
id.
"""


def webhook(resource: Resource) -> Iterator[Finding]:
    """Findings about a webhook that runs what unauthenticated clients write. Groups are
    alternatives; the filters of one hold together.
    """
    if _is_approved(resource.at("pullRequestBuildPolicy", "requiresCommentApproval")):
        return
    groups = resource.at("filterGroups")
    allowed = (
        "a group with EVENT 'PUSH' or ACTOR_ACCOUNT_ID '^…$', or a pullRequestBuildPolicy that asks"
        " for approval"
    )
    if groups.unknown:
        yield groups.question()
    elif not groups.each():
        yield groups.wrong(allowed, found="not set, so that anyone's pull request is built")
    for group in groups.each():
        yield from _group(group, allowed)


def _is_approved(place: Place) -> bool:
    return place.unknown or place.value in _APPROVED


def _group(group: Place, allowed: str) -> Iterator[Finding]:
    filters = group.at("filters")
    if group.unknown or filters.unknown:
        yield filters.question()
        return
    kinds = [as_dict(each.value) for each in filters.each() if not each.unknown]
    events = [each.get("pattern") for each in kinds if _is(each, "EVENT")]
    if not any(map(_may_be_anyones, events or [None])):
        return
    if any(_is(each, "ACTOR_ACCOUNT_ID") and _names_accounts(each) for each in kinds):
        return
    yield group.wrong(allowed, found="a group that builds pull requests of anyone")


def _is(each: dict[str, Value], kind: str) -> bool:
    return str(each.get("type")).upper() == kind


def _may_be_anyones(events: Value) -> bool:
    if not isinstance(events, str):
        return True
    return any(_STRANGERS.fullmatch(each.strip()) for each in events.split(","))


def _names_accounts(each: dict[str, Value]) -> bool:
    pattern = each.get("pattern")
    excludes = boolean(each.get("excludeMatchedPattern")) is True
    return isinstance(pattern, str) and not excludes and _ANCHORED.fullmatch(pattern) is not None
