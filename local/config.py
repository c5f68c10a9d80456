"""Stack configuration as the engine would hand it to the program.

The schema in `Pulumi.yaml` gives types and defaults, `Pulumi.{stack}.yaml` the values, and the
command line may override both. The engine checks types and required values before it starts a
program, so this does too
(https://www.pulumi.com/docs/iac/concepts/config/#project-level-configuration).
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from local.errors import LocalError

HTTP_PORT: Final = 8480
"""Where the local stack answers what is declared on port 80."""
ENCRYPTED: Final = "[encrypted]"
"""Stands for a value that only the stack's secrets provider can read."""


class ConfigError(LocalError):
    """Configuration that the engine would refuse, each problem in a line."""

    def __init__(
        self,
        text: str,
        problems: Sequence[tuple[str, str]] = (),
        config: StackConfig | None = None,
    ) -> None:
        super().__init__(text)
        self.problems = problems
        """Full key and line of each, where the message is about keys."""
        self.config = config
        """The configuration with the refused values as they were given."""


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """Everything `pulumi.Config` answers from."""

    project: str
    stack: str
    values: Mapping[str, str]
    """By full key (`astro-live:publicUrl`), in the engine's encoding: scalars as text, the rest as
    JSON.
    """
    secrets: frozenset[str] = frozenset()
    """Full keys whose values are secret."""

    def get(self, key: str) -> str | None:
        """The value of `key`, which may leave the project's namespace out."""
        return self.values.get(_full(self.project, key))


def load(root: Path, stack: str, overrides: Mapping[str, object] | None = None) -> StackConfig:
    """The configuration of `stack` in the project at `root`.

    Raises `ConfigError` that lists every problem with key, value and what is allowed.
    """
    project = _read(root / "Pulumi.yaml")
    name = _name(project)
    stack_file = root / f"Pulumi.{stack}.yaml"
    if not stack_file.is_file():
        known = sorted(path.name.split(".")[1] for path in root.glob("Pulumi.*.yaml"))
        raise ConfigError(
            f"there is no stack {stack!r}: {stack_file.name} is missing. Known stacks:"
            f" {', '.join(known) or 'none'}"
        )
    given = {
        _full(name, key): value for key, value in (_read(stack_file).get("config") or {}).items()
    }
    given |= {_full(name, key): value for key, value in (overrides or {}).items()}
    schema = {
        _full(name, key): _declaration(value)
        for key, value in (project.get("config") or {}).items()
    }

    values: dict[str, str] = {}
    secrets = set()
    problems: list[tuple[str, str]] = []
    for key, declaration in schema.items():
        value = given.pop(key, declaration.get("default", declaration.get("value")))
        if value is None:
            if "type" in declaration and "default" not in declaration:
                line = (
                    f"stack {stack!r} has no value for {key}, which Pulumi.yaml requires"
                    f" ({declaration['type']}); set it with: pulumi config set {key} VALUE --stack"
                    f" {stack}"
                )
                problems.append((key, line))
            continue
        value, secure = _open(value)
        if declaration.get("secret") and not secure:
            # The engine takes a default for a plain value too, and stops every stack that leaves
            # the key alone.
            line = (
                f"stack {stack!r} has {key} in plain text, which Pulumi.yaml declares a secret; "
                f"set it with: pulumi config set --secret {key} VALUE --stack {stack}"
            )
            problems.append((key, line))
        try:
            if "type" in declaration and not secure:
                value = _checked(key, value, declaration)
        except ConfigError as error:
            problems.append((key, str(error)))
        values[key] = _encode(value)
        if secure:
            secrets.add(key)
    for key, value in given.items():
        if key.split(":", 1)[0] == name and schema:
            line = (
                f"stack {stack!r} sets {key}, which Pulumi.yaml does not declare;"
                f" {_spelling(key, schema)}"
            )
            problems.append((key, line))
        value, secure = _open(value)
        values[key] = _encode(value)
        if secure:
            secrets.add(key)
    config = StackConfig(project=name, stack=stack, values=values, secrets=frozenset(secrets))
    if problems:
        raise ConfigError("\n".join(line for _, line in problems), problems, config)
    return config


def _spelling(key: str, schema: Iterable[str]) -> str:
    """What may be meant by a key that is not declared, or else all that are."""
    names = sorted(declared.split(":", 1)[1] for declared in schema)
    close = difflib.get_close_matches(key.split(":", 1)[1], names, n=1, cutoff=0.75)
    return f"did you mean {close[0]}?" if close else f"declared are: {', '.join(names)}"


def typed(root: Path, overrides: Mapping[str, object]) -> dict[str, object]:
    """`overrides` by full key, texts read by the type that `Pulumi.yaml` declares: what a stack's
    file would hold.

    Raises `ConfigError` that lists every value that is not of its type.
    """
    project = _read(root / "Pulumi.yaml")
    name = _name(project)
    schema = {
        _full(name, key): _declaration(value)
        for key, value in (project.get("config") or {}).items()
    }
    found: dict[str, object] = {}
    problems: list[tuple[str, str]] = []
    for short, value in overrides.items():
        key = _full(name, short)
        declaration = schema.get(key, {})
        try:
            found[key] = _checked(key, value, declaration) if "type" in declaration else value
        except ConfigError as error:
            problems.append((key, str(error)))
    if problems:
        raise ConfigError("\n".join(line for _, line in problems), problems)
    return found


def _name(project: Mapping[str, Any]) -> str:
    name = project.get("name")
    if not isinstance(name, str):
        raise ConfigError("Pulumi.yaml has no name; give the project one")
    return name


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise ConfigError(
            f"{path.name} is missing in {path.parent}; run this from the checkout"
        ) from None
    except yaml.YAMLError as error:
        raise ConfigError(
            f"{path.name} is not valid YAML: {' '.join(str(error).split())}"
        ) from error
    return content if isinstance(content, dict) else {}


def _full(project: str, key: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _declaration(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"default": value}


def _open(value: object) -> tuple[object, bool]:
    """The value of a `secure:` entry is encrypted for the stack's secrets provider; offline it
    stays a placeholder.
    """
    if isinstance(value, dict) and set(value) == {"secure"}:
        return ENCRYPTED, True
    return value, False


_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "array": list,
    "object": dict,
}


def _checked(key: str, value: object, declaration: Mapping[str, Any]) -> object:
    """`value` as the declared type. Text is read as the engine reads `pulumi config set`: by the
    declared type.
    """
    wanted = declaration["type"]
    if isinstance(value, str) and wanted != "string":
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            raise _mismatch(key, value, wanted) from None
    if wanted == "string" and isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    allowed = _TYPES.get(wanted)
    if allowed is None:
        raise ConfigError(
            f"Pulumi.yaml declares {key} as {wanted!r}; allowed types are {', '.join(_TYPES)}"
        )
    if not isinstance(value, allowed) or (wanted == "integer" and isinstance(value, bool)):
        raise _mismatch(key, value, wanted)
    if (
        wanted == "array"
        and isinstance(items := declaration.get("items"), dict)
        and isinstance(value, list)
    ):
        return [_checked(f"{key}[{index}]", item, items) for index, item in enumerate(value)]
    return value


def _mismatch(key: str, value: object, wanted: str) -> ConfigError:
    examples = {
        "boolean": "true or false",
        "integer": "a whole number, such as 900",
        "array": json.dumps([value] if value and isinstance(value, str) else ["one", "two"]),
        "object": json.dumps({"name": "value"}),
        "string": "a text, such as https://edit.example.com",
    }
    return ConfigError(
        f"{key} is {value!r}; Pulumi.yaml allows only a value of type {wanted}. Write"
        f" {examples[wanted]}"
    )


def _encode(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)
