"""Backups of file systems."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .core.actions import is_wild, pattern
from .core.documents import words
from .core.rule import Finding, Resource, Settings, Stack, StackRule, unjudged
from .core.types import FILE_SYSTEM
from .core.values import UNKNOWN, as_dict, as_list

_BACKUP_POLICY: Final = "aws:efs/backupPolicy:BackupPolicy"
_SELECTION: Final = "aws:backup/selection:Selection"


def _backups(stack: Stack, _: Settings) -> Iterable[Finding]:
    saved, asked = set(), set()
    for policy in stack.of({_BACKUP_POLICY}):
        status = as_dict(policy.props.get("backupPolicy")).get("status")
        found = stack.join(
            policy, "fileSystemId", policy.props.get("fileSystemId"), {FILE_SYSTEM}
        ).found
        if status is UNKNOWN:
            asked |= {each.urn for each in found}
        elif status == "ENABLED":
            saved |= {each.urn for each in found}
    selections = stack.of({_SELECTION})
    names = {each.urn for each in selections}
    for each in stack.of({FILE_SYSTEM}):
        if names & stack.mentioning(each).keys() or any(
            _selects(selection, each) for selection in selections
        ):
            saved.add(each.urn)
    for file_system in stack.of({FILE_SYSTEM}):
        if file_system.urn in saved:
            continue
        if file_system.urn in asked:
            yield unjudged(
                f"{file_system.name}: whether it is backed up is not known yet", file_system.urn
            )
            continue
        message = f"{file_system.name} is in no backup plan of this stack"
        yield Finding(
            message=(
                f"{message}; allowed is a backup policy that is ENABLED, or a plan that names it"
            ),
            urn=file_system.urn,
        )


def _selects(selection: Resource, file_system: Resource) -> bool:
    """Whether a selection covers a file system by an ARN that was put together, by a pattern or by
    a tag.
    """
    arn_known, ends = file_system.props.get("arn"), f":file-system/{file_system.props.get('id')}"
    own = (
        arn_known
        if isinstance(arn_known, str)
        else f"arn:aws:elasticfilesystem:eu-central-1:123456789012{ends}"
    )
    for arn in words(selection.props.get("resources")):
        if arn.endswith(ends) or (is_wild(arn) and pattern(arn).fullmatch(own)):
            return True
    tags = {**as_dict(file_system.props.get("tagsAll")), **as_dict(file_system.props.get("tags"))}
    return any(
        tag.get("type") == "STRINGEQUALS"
        and str(tag.get("key")) in tags
        and tags[str(tag.get("key"))] == tag.get("value")
        for tag in map(as_dict, as_list(selection.props.get("selectionTags")))
    )


EFS_BACKUP = StackRule(
    id="efs-backup",
    title="The file system is backed up",
    reason=(
        "Sites hold drafts that are nowhere else. What a site's own code deletes, only a backup"
        " brings back."
    ),
    fix="add an aws.efs.BackupPolicy with status 'ENABLED' for the file system",
    link="https://docs.aws.amazon.com/efs/latest/ug/automatic-backups.html",
    severity="medium",
    level="advisory",
    check=_backups,
)

RULES: Final = (EFS_BACKUP,)
