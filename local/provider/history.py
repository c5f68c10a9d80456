"""What the provider has seen of a resource's earlier lives: a replacement must not get the name or
id of what it replaces.
"""

from __future__ import annotations

import threading
from collections import defaultdict

from local.model import Cloud, Kind
from local.values import Properties


class History:
    """Names, ids and revisions that are taken, by URN."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._lock = threading.Lock()
        self._names: dict[str, set[str]] = defaultdict(set)
        self._ids: dict[str, set[str]] = defaultdict(set)
        self._revisions: dict[str, int] = defaultdict(int)

    def saw(self, urn: str, identifier: str, outputs: Properties) -> None:
        """`urn` exists as `identifier`."""
        with self._lock:
            self._ids[urn].add(identifier)
            self._revisions[urn] = max(self._revisions[urn], int(outputs.get("revision") or 0))

    def saw_name(self, urn: str, name: object) -> None:
        with self._lock:
            self._names[urn].add(str(name))

    def check(self, kind: Kind, urn: str, inputs: Properties, old: Properties | None) -> Properties:
        """The checked inputs: an existing resource keeps its generated name, a replacement gets a
        new one.
        """
        if old:
            checked = kind.check(urn, inputs, old=old, root=self._cloud.root)
            if kind.name and (name := old.get(kind.name)) is not None:
                self.saw_name(urn, name)
            return checked
        for attempt in range(1000):
            checked = kind.check(urn, inputs, seed=_seed(attempt), root=self._cloud.root)
            generated = kind.name and kind.name not in inputs and str(checked.get(kind.name))
            if not generated or generated not in self._names[urn]:
                break
        return checked

    def create(self, kind: Kind, urn: str, inputs: Properties) -> tuple[str, Properties]:
        """Id and outputs of a new resource, unlike those that it had before."""
        for attempt in range(1000):
            identifier, outputs = kind.create(self._cloud, urn, inputs, seed=_seed(attempt))
            if identifier not in self._ids[urn] or "revision" in outputs:
                break
        if "revision" in outputs and (earlier := self._revisions[urn]):
            revision = earlier + 1
            outputs |= {"revision": revision, "arn": f"{outputs['arnWithoutRevision']}:{revision}"}
        self.saw(urn, identifier, outputs)
        return identifier, outputs


def _seed(attempt: int) -> str:
    return "" if attempt == 0 else str(attempt)
