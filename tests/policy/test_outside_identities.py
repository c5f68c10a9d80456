"""Identities outside the stack: what the settings do, and every role in the SDK (S18, S19)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from policy.harness import Analyzer, Diagnostic, Resource
from policy.rules.core.resource import Resource as Judged
from policy.rules.core.rule import Stack
from policy.rules.core.sdk import with_former
from policy.rules.outside_identities import NAMED, NOT_TAKEN, OUTSIDE_IDENTITIES
from tests.policy.identity_scenes import ACCOUNT, LIVE, MEMBER, RULE, runs
from tests.policy.inside import Inside
from tests.policy.scenes import one

OTHER: Final = f"{ACCOUNT}role/other"


def _found(analyzer: Analyzer, *resources: Resource, read: tuple[Resource, ...] = ()) -> list[str]:
    return [each.level for each in _diagnostics(analyzer, *resources, read=read)]


def _diagnostics(
    analyzer: Analyzer, *resources: Resource, read: tuple[Resource, ...] = ()
) -> list[Diagnostic]:
    analyzer.analyze_all(list(resources))
    found = analyzer.analyze_stack([*resources, *read])
    return [each for each in found if each.policy == RULE]


def test_reviewed_identities_pass_and_others_are_refused(pack_dir: Path) -> None:
    """By the ARN or the name that the program writes; nothing else that is like it."""
    config = {RULE: {"enforcementLevel": "mandatory", "knownIdentities": [OTHER, "release"]}}
    with Inside(pack_dir, config) as analyzer:
        assert _found(analyzer, runs(OTHER)) == []
        assert _found(analyzer, one(MEMBER, "m", user="u", groups=["release"])) == []
        assert _found(analyzer, one(MEMBER, "n", user="u", groups=["release", "x"])) == [
            "mandatory"
        ]
        for arn in (f"{OTHER}s", OTHER.replace("123", "999"), f"{ACCOUNT}role/release"):
            assert _found(analyzer, runs(arn)) == ["mandatory"]


def test_a_role_that_the_stack_only_reads_is_outside(pack_dir: Path) -> None:
    """`Role.get`: its policies are not resources of this stack."""
    read = replace(LIVE, urn=LIVE.urn.replace("SCENE", "read"))
    function = runs(f"{ACCOUNT}role/live")
    with Inside(pack_dir) as analyzer:
        found = _diagnostics(analyzer, function, read=(read,))
        assert [(each.level, each.urn) for each in found] == [("advisory", function.urn)]
        assert "only read by this stack" in found[0].message
    with Inside(pack_dir, {RULE: {"knownIdentities": ["live"]}}) as analyzer:
        assert _found(analyzer, function, read=(read,)) == []


def test_a_message_shows_no_text_that_may_be_a_secret(pack: Analyzer) -> None:
    """An ARN is shown; any other text is counted."""
    found = _diagnostics(pack, one(MEMBER, "quiet", user="u", groups=["canary-0f8c"]))
    assert "canary" not in "".join(each.message for each in found)
    assert "a text of 11 characters" in found[0].message
    assert OTHER in _diagnostics(pack, runs(OTHER))[0].message


def _at(path: str, value: object) -> dict[str, Any]:
    for key in reversed(path.split(".")):
        value = {key: value}
    assert isinstance(value, dict)
    return value


def _messages(type_: str, properties: dict[str, Any]) -> list[str]:
    judged = Judged(type=type_, name="s", urn="u", props=properties, inputs=properties)
    check = OUTSIDE_IDENTITIES.check(Stack([judged]), OUTSIDE_IDENTITIES.settings())
    return [each.message for each in check]


def _label(type_: str, path: str) -> str:
    return f"{type_.split(':')[1]} {path}"


NAMED_PATHS: Final = [(type_, path) for type_, paths in NAMED.items() for path, _ in paths]
EVERY: Final = [(type_, path) for type_, paths in with_former("roles").items() for path in paths]


def test_every_role_in_the_sdk_is_asked_about_or_set_aside() -> None:
    """Hundreds of properties, at every depth; a newer SDK's are among them by themselves."""
    assert len(EVERY) > 300
    silent = {
        _label(type_, path) for type_, path in EVERY if not _messages(type_, _at(path, OTHER))
    }
    assert silent == {label for label in silent if NOT_TAKEN.fullmatch(label)}
    spoken = {_label(*each) for each in EVERY} - silent
    assert [label for label in spoken if NOT_TAKEN.fullmatch(label)] == []


@pytest.mark.parametrize(("type_", "path"), NAMED_PATHS)
def test_a_bare_name_is_asked_about(type_: str, path: str) -> None:
    """Where AWS takes one, at each path of the table."""
    assert _messages(type_, _at(path, "x"))


def test_every_instance_profile_may_be_a_name() -> None:
    """Those that the SDK has and that are not ARNs are in the table of names."""
    names = {
        (type_, path)
        for type_, path in EVERY
        if "instanceprofile" in path.lower()
        and not path.lower().endswith(("arn", "arns"))
        and not NOT_TAKEN.fullmatch(_label(type_, path))
    }
    named = {(type_, path.removesuffix(".name")) for type_, path in NAMED_PATHS}
    assert names <= named
