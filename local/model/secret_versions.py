"""The versions of a secret: which staging labels they have, and which of them still exist.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

VERSION: Final = "aws:secretsmanager/secretVersion:SecretVersion"
CURRENT: Final = "AWSCURRENT"
PREVIOUS: Final = "AWSPREVIOUS"


def put(
    labels: Mapping[str, Iterable[str]], version: str, stages: Iterable[str]
) -> dict[str, list[str]]:
    """Labels by version after `version` was put, or got the labels `stages` by another request.

    A label is on one version only. The version that loses AWSCURRENT gets AWSPREVIOUS. A version
    without labels is missing: Secrets Manager deletes such versions whenever it wants to, which the
    model does at once.
    """
    wanted = set(stages)
    found = {name: set(each) for name, each in labels.items()}
    former = next(
        (name for name, each in found.items() if CURRENT in each and name != version), None
    )
    for each in found.values():
        each -= wanted
    found[version] = wanted
    if former is not None and CURRENT in wanted:
        for each in found.values():
            each.discard(PREVIOUS)
        found[former].add(PREVIOUS)
    return {name: sorted(each) for name, each in found.items() if each}
