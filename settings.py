"""The stack's settings: the only reader of Pulumi config, validated whole before any resource is registered.

Each field is a config key in the namespace `astro-live` (`idle_timeout_seconds` is `astro-live:idleTimeoutSeconds`), declared in
`components/config/`. Those declarations are the source of the schema in Pulumi.yaml and of docs/config.md; `scripts/gen_config_docs.py`
writes both.

Errors: `SettingsError` lists every bad key with its value, what is allowed and the fix.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi.runtime import config as raw_config

from components.config.keys import SPEC, Problem, fields, read
from components.config.stack import StackKeys

NAMESPACE = "astro-live"


class SettingsError(pulumi.RunError):
    """The stack's config cannot be used. Pulumi prints the message without a traceback."""

    def __init__(self, stack: str, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {NAMESPACE}:{problem}" for problem in problems)
        count = "a bad key" if len(problems) == 1 else f"{len(problems)} bad keys"
        super().__init__(f"config of stack {stack!r} has {count}:\n{lines}")


@dataclass(frozen=True, kw_only=True)
class StackSettings(StackKeys):
    """One stack's settings."""

    @classmethod
    def load(cls) -> StackSettings:
        """Read and validate the current stack's config. Raises `SettingsError`."""
        stack = pulumi.get_stack()
        config = pulumi.Config(NAMESPACE)
        values, problems = read(cls, config.get, _present_keys(), stack=stack)
        problems += _plain_secrets(values)
        if not problems:
            settings = cls(**values)
            problems = settings.contradictions()
        if problems:
            raise SettingsError(stack, problems)
        return settings


def _present_keys() -> set[str]:
    """Keys of the namespace that the stack sets, known or not: a misspelt key would otherwise do nothing and say nothing."""
    prefix = f"{NAMESPACE}:"
    names = (*raw_config.CONFIG.get(), *raw_config.get_config_env())
    return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


def _plain_secrets(values: dict[str, object]) -> list[Problem]:
    """Secrets that stand in the stack's file in plain."""
    encrypted = {*raw_config.get_config_secret_keys_env()}
    problems = []
    for name, field in fields(StackSettings).items():
        if not field.metadata[SPEC].secret or not values.get(field.name):
            continue
        key = f"{NAMESPACE}:{name}"
        if key not in encrypted and not raw_config.is_config_secret(key):
            fix = f"revoke it, since it stands in the file, and set the new one with: pulumi config set --secret {name}"
            problems.append(Problem(key=name, value="<secret>, in plain", allowed="only an encrypted value", fix=fix))
    return problems
