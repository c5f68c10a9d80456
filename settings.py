"""The stack's settings: the only reader of Pulumi config, checked whole before any resource is
registered.

Each setting is a config key in the namespace `astro-live` (`idle_timeout_seconds` is
`astro-live:idleTimeoutSeconds`), declared in `components/config/` or, where the container has it
too, in `contract/`. Those declarations are the source of the schema in Pulumi.yaml and of
docs/config.md; `scripts/gen_config_docs.py` writes both.

Errors: `SettingsError` lists every bad key with its value, what is allowed and the fix.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable
from typing import Final

import pulumi
from pulumi.runtime import config as raw_config

from components.config.platform import PLATFORM, NamePrefix
from components.config.region import beside
from components.config.stack import StackKeys
from contract.settings import Problem, Setting, read_keys, setting

NAMESPACE = "astro-live"
OTHER_NAMESPACES: Final = ("aws", "awsx", "docker", "docker-build", "pulumi")
"""Of the providers that the program uses, and the engine's own. A key of any other one is refused:
nothing reads it. Name a provider here that you add to the program.
"""


class SettingsError(pulumi.RunError):
    """The stack's config cannot be used. Pulumi prints the message without a traceback."""

    def __init__(self, stack: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {_namespace(problem)}{problem}" for problem in self.problems)
        count = "a bad key" if len(self.problems) == 1 else f"{len(self.problems)} bad keys"
        super().__init__(f"config of stack {stack!r} has {count}:\n{lines}")


def _namespace(problem: Problem) -> str:
    return "" if ":" in problem.key else f"{NAMESPACE}:"


class StackSettings(StackKeys):
    """One stack's settings. Beside the keys of `LiveEditing`, what is a separate argument there."""

    name_prefix: NamePrefix = setting(
        "astro-live",
        "First part of every resource's name. Choose it before the first deployment: another one is"
        " an error.",
        group=PLATFORM,
    )

    @classmethod
    def load(cls) -> StackSettings:
        """Read and check the current stack's config. Raises `SettingsError`."""
        stack = pulumi.get_stack()
        config = pulumi.Config(NAMESPACE)
        present = {key: config.get(key) for key in _present_keys()}

        # A value is in the stack's file, or on the command line of the local stack.
        def advice(entry: Setting) -> str:
            command = f"{command_for(entry)} --stack {stack}"
            if entry.key not in present:
                return f"set it in Pulumi.{stack}.yaml, or: {command}"
            return f"correct it in Pulumi.{stack}.yaml or in --config, or: {command}"

        unknown = (
            f"remove it from Pulumi.{stack}.yaml or from --config; docs/config.md lists the keys"
        )
        reading = read_keys(cls, present, advice=advice, unknown=unknown, beside=beside(_region()))
        problems = [
            *reading.problems,
            *_plain_secrets(reading.values),
            *_other_namespaces(unknown),
        ]
        if problems:
            raise SettingsError(stack, problems)
        return reading.settings()


def command_for(entry: Setting) -> str:
    """The command that sets a key. Of a key with such a name the CLI wants to be told whether its
    value is a secret.
    """
    looks_secret = re.search("secret|token|password", entry.key, re.IGNORECASE)
    told = "--secret " if entry.secret else "--plaintext " if looks_secret else ""
    key = f"--path '{entry.key}[0]'" if entry.kind == "array" else entry.key
    return f"pulumi config set {told}{key} <value>"


def check_prefix(at_first: str, wanted: str) -> None:
    """Another name is another resource for the engine: the file system would be an empty one.
    Raises `SettingsError`.
    """
    if at_first == wanted:
        return
    stack = pulumi.get_stack()
    problem = Problem(
        key="namePrefix",
        value=f'"{wanted}"',
        allowed=(
            f'"{at_first}", with which the stack was made: another one would replace everything,'
            " files included"
        ),
        fix=(
            "set it back, or make a second stack (docs/runbook.md, 'Changes that replace"
            " something')"
        ),
    )
    raise SettingsError(stack, [problem])


def _region() -> str | None:
    """The region that the AWS provider will take, as far as that can be known here."""
    variables = (os.environ.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION"))
    return pulumi.Config("aws").get("region") or next(filter(None, variables), None)


def _present_keys() -> set[str]:
    """Keys of the namespace that the stack sets, known or not: a misspelt key must not
    be ignored.
    """
    prefix = f"{NAMESPACE}:"
    return {name.removeprefix(prefix) for name in _all_keys() if name.startswith(prefix)}


def _all_keys() -> set[str]:
    """Keys that the stack sets, with their namespaces."""
    return {*raw_config.CONFIG.get(), *raw_config.get_config_env()}


def _other_namespaces(unknown: str) -> list[Problem]:
    """Keys of namespaces that nothing reads, such as `astrolive:publicUrl`. `unknown` says what to
    do about one that resembles no key.
    """
    declared = [entry.key for entry in StackSettings.declared().values()]
    problems = []
    for name in sorted(_all_keys()):
        namespace, _, key = name.partition(":")
        if namespace in (NAMESPACE, *OTHER_NAMESPACES):
            continue
        meant = difflib.get_close_matches(namespace, (NAMESPACE, *OTHER_NAMESPACES), n=1)
        if meant == [NAMESPACE] or key in declared:
            close = difflib.get_close_matches(key, declared, n=1)
            fix = f"write {NAMESPACE}:{close[0]}" if close else unknown
        else:
            fix = f"write {meant[0]}:{key}" if meant else unknown
        allowed = f"only keys of {NAMESPACE}, {', '.join(OTHER_NAMESPACES)}"
        problems.append(Problem(key=name, value="set", allowed=allowed, fix=fix))
    return problems


def _plain_secrets(values: dict[str, object]) -> list[Problem]:
    """Secrets that are in the stack's file in plain text."""
    encrypted = {*raw_config.get_config_secret_keys_env()}
    problems = []
    for name, entry in StackSettings.declared().items():
        if not entry.secret or not values.get(name):
            continue
        key = f"{NAMESPACE}:{entry.key}"
        if key not in encrypted and not raw_config.is_config_secret(key):
            fix = (
                "revoke it, since it was written in plain text, and set the new one with: pulumi"
                f" config set --secret {entry.key}"
            )
            problems.append(
                Problem(
                    key=entry.key,
                    value="<secret>, in plain text",
                    allowed="only an encrypted value",
                    fix=fix,
                )
            )
    return problems
