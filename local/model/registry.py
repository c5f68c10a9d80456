"""The registry's side of a pushed image: which tags a repository holds, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping

from local.model.conflicts import REPOSITORY, Entry, Existing

IMAGE = "docker:index/image:Image"


def repository_of(image_name: str, existing: Existing) -> tuple[Entry, str] | None:
    """The repository that `image_name` lies in, and its tag; None for a registry that the model
    does not have.
    """
    repository, _, tag = image_name.rpartition(":")
    for entry in existing.of_type(REPOSITORY):
        if entry.properties.get("repositoryUrl") == repository:
            return entry, tag
    return None


def refused(entry: Entry, tag: str, digest: str) -> str | None:
    """Why the repository refuses `digest` under `tag`, or None."""
    if entry.images.get(tag, digest) == digest or not _immutable(entry, tag):
        return None
    return (
        f"tag invalid: the image tag {tag!r} already exists in the {entry.id!r} repository and"
        " cannot be overwritten because the tag is immutable"
    )


def _immutable(entry: Entry, tag: str) -> bool:
    mode = entry.properties.get("imageTagMutability")
    filters = entry.properties.get("imageTagMutabilityExclusionFilters") or []
    excluded = any(_wildcard(each, tag) for each in filters)
    return (
        mode == "IMMUTABLE"
        or (mode == "IMMUTABLE_WITH_EXCLUSION" and not excluded)
        or (mode == "MUTABLE_WITH_EXCLUSION" and excluded)
    )


def _wildcard(each: Mapping[str, str], tag: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, each["filter"].split("*"))), tag) is not None
