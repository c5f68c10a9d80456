"""A live stack takes each option, and gives it up again: nothing is refused, and nothing that holds
data goes without a word (S36).

The real engine walks some of these in tests/engine/test_later_operations.py; here are all, by what
the provider answers to a change.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from local.model import conflicts, kind_of
from local.values import Properties, reveal
from tests.aws.variants import PARTITIONS, custom, options, preview

REGION: Final = next(iter(PARTITIONS))

HOLDS_DATA: Final = frozenset(
    {
        "aws:efs/fileSystem:FileSystem",
        "aws:ecr/repository:Repository",
        "aws:secretsmanager/secret:Secret",
        "aws:secretsmanager/secretVersion:SecretVersion",
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:s3/bucket:Bucket",
    }
)

SAID: Final = {
    ("reuse", "astro-live-sites-file-system"): "`fileSystemId` says so",
    ("reuse", "astro-live-image-repository"): "`repositoryName` says so",
    (
        "reuse",
        "astro-live-logs-bucket",
    ): "access logs are the listener's owner's, as docs/config.md says",
    ("reuse", "astro-live-net-flow-log-group"): "flow logs are the VPC's owner's",
    ("existing-vpc", "astro-live-net-flow-log-group"): "flow logs are the VPC's owner's",
    ("dual-stack", "astro-live-net-flow-log-group"): "flow logs are the VPC's owner's",
    ("topic", "astro-live-logs-bucket"): "the option turns access logs off",
    (
        "restoring",
        "astro-live-sites-file-system",
    ): "`fileSystemRevision` says that it makes another one",
    ("platform", "*"): "`namePrefix` says that another one replaces everything",
}
"""What goes, and where its user reads so; an own bucket with logs is kept by
`deletionProtection`.
"""


def resources(name: str) -> dict[str, Any]:
    """Custom resources by type and logical name."""
    return {f"{each.type} {each.name}": each for each in custom(preview(REGION, name))}


def base(name: str) -> str:
    return options(REGION)[name][0]


def changed(old: Any, new: Any) -> tuple[Properties, Properties]:
    """Inputs before and after, as the engine compares them: an ignored input stays what it was."""
    before, after = reveal(dict(old.inputs)), reveal(dict(new.inputs))
    for ignored in new.ignore_changes:
        after.pop(ignored, None)
        if ignored in before:
            after[ignored] = before[ignored]
    return before, after


@pytest.mark.parametrize("name", options(REGION))
def test_an_option_is_taken_and_given_up_on_a_live_stack(name: str) -> None:
    """Each resource that stays: the provider refuses no change of it."""
    one, other = resources(base(name)), resources(name)
    for before, after in ((one, other), (other, one)):
        for key in before.keys() & after.keys():
            refused = conflicts.on_update(before[key].type, *changed(before[key], after[key]))
            assert refused is None, f"{key}: {refused}"


@pytest.mark.parametrize("name", options(REGION))
def test_nothing_that_holds_data_goes_without_a_word(name: str) -> None:
    """Neither replaced nor left out, unless the option's description says so."""
    before, after = resources(base(name)), resources(name)
    gone = set()
    for key, old in before.items():
        if old.type not in HOLDS_DATA or (name, "*") in SAID:
            continue
        if key not in after or kind_of(old.type).changes(*changed(old, after[key]))[1]:
            gone.add(old.name)
    assert gone == {logical for option, logical in SAID if option == name and logical != "*"}
