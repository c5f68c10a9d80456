"""The pretend cloud: which resources exist, with which properties, in one JSON file.

An edit of the file is drift; removing an entry deletes the resource behind the engine's back.
Secret values are not in it, only marks.
"""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

from local.model import secret_versions
from local.model.conflicts import Entry
from local.values import Properties, redact


class Store:
    """Existing resources by type and id. Every change is on disk before it is answered."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.RLock()

    def put(self, kind: str, identifier: str, urn: str, properties: Properties) -> None:
        with self._lock:
            content = self._read()
            key = _key(kind, identifier, properties)
            kept = content.get(key, {})
            content[key] = {
                **kept,
                "type": kind,
                "id": identifier,
                "urn": urn,
                "properties": redact(properties),
            }
            if kind == secret_versions.VERSION:
                _label(content, key, properties.get("versionStages") or [])
            self._write(content)

    def put_secret_value(
        self, secret: str, version: str, stages: tuple[str, ...] = (secret_versions.CURRENT,)
    ) -> None:
        """Give a secret, by its ARN, a new value behind the engine's back, as `aws secretsmanager
        put-secret-value` does.
        """
        identifier = f"{secret}|{version}"
        properties: Properties = {
            "secretId": secret,
            "arn": secret,
            "versionId": version,
            "secretString": "[secret]",
        }
        self.put(
            secret_versions.VERSION, identifier, "", {**properties, "versionStages": list(stages)}
        )

    def get(self, kind: str, identifier: str, known: Properties) -> Properties | None:
        """The properties that the resource has now, or None when it is gone. `known` is what the
        engine's state says.
        """
        with self._lock:
            entry = self._read().get(_key(kind, identifier, known))
        return None if entry is None else dict(entry["properties"])

    def remove(self, kind: str, identifier: str, known: Properties) -> None:
        with self._lock:
            content = self._read()
            content.pop(_key(kind, identifier, known), None)
            if kind == "aws:secretsmanager/secret:Secret":
                content = {
                    key: entry
                    for key, entry in content.items()
                    if entry["properties"].get("secretId") != identifier
                }
            self._write(content)

    def named(self, kind: str, property_name: str, name: object) -> list[dict[str, Any]]:
        """Resources of `kind` whose `property_name` is `name`."""
        with self._lock:
            entries = [entry for entry in self._read().values() if entry["type"] == kind]
        return [entry for entry in entries if entry["properties"].get(property_name) == name]

    def of_type(self, *types: str) -> list[Entry]:
        """The resources of some types."""
        with self._lock:
            entries = [entry for entry in self._read().values() if entry["type"] in types]
        return [
            Entry(
                type=entry["type"],
                id=entry["id"],
                properties=entry["properties"],
                images=entry.get("images", {}),
            )
            for entry in entries
        ]

    def push(self, repository: Entry, tag: str, digest: str) -> None:
        """Keep an image of a repository, or an object of a bucket."""
        with self._lock:
            content = self._read()
            content[_key(repository.type, repository.id, repository.properties)].setdefault(
                "images", {}
            )[tag] = digest
            self._write(content)

    def __len__(self) -> int:
        with self._lock:
            return len(self._read())

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            content: dict[str, dict[str, Any]] = json.loads(self._file.read_text())
        except FileNotFoundError:
            return {}
        return content

    def _write(self, content: dict[str, dict[str, Any]]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(content, file, indent=1)
        part.replace(self._file)


def _key(kind: str, identifier: str, properties: Properties) -> str:
    """The ARN where there is one: the revisions of a task definition share their id. The versions
    of a secret share their ARN.
    """
    arn = properties.get("arn") if kind != secret_versions.VERSION else None
    return f"{kind}|{arn or identifier}"


def _label(content: dict[str, dict[str, Any]], key: str, stages: list[str]) -> None:
    """Move the labels `stages` to the version `key`; versions without labels go."""
    secret = content[key]["properties"]["secretId"]
    versions = {
        name: entry["properties"]
        for name, entry in content.items()
        if entry["type"] == secret_versions.VERSION and entry["properties"]["secretId"] == secret
    }
    labels = {
        name: properties.get("versionStages") or []
        for name, properties in versions.items()
        if name != key
    }
    after = secret_versions.put(labels, key, stages)
    for name, properties in versions.items():
        if name in after:
            properties["versionStages"] = after[name]
        else:
            del content[name]
