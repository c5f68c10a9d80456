"""Configuration is read and refused as the engine would (S16)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from local.config import ConfigError, load

PROJECT = """
name: sample
runtime: python
config:
  idleTimeoutSeconds: {type: integer, default: 3600}
  publicUrl: {type: string}
  exposed: {type: boolean, default: false}
  cidrs: {type: array, items: {type: string}, default: []}
  limits: {type: object, default: {cpu: 1}}
  token: {type: string, default: hush}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "Pulumi.dev.yaml").write_text(
        "config:\n  aws:region: eu-west-1\n  sample:publicUrl: https://edit.example.com\n"
    )
    return tmp_path


def test_defaults_stack_values_and_overrides_in_that_order(project: Path) -> None:
    """Values arrive in the engine's encoding: text, or JSON for what is structured."""
    found = load(project, "dev", {"exposed": True, "sample:cidrs": ["10.0.0.0/8"]})
    assert dict(found.values) == {
        "aws:region": "eu-west-1",
        "sample:idleTimeoutSeconds": "3600",
        "sample:publicUrl": "https://edit.example.com",
        "sample:exposed": "true",
        "sample:cidrs": '["10.0.0.0/8"]',
        "sample:limits": '{"cpu": 1}',
        "sample:token": "hush",
    }
    assert found.secrets == frozenset()
    assert found.get("idleTimeoutSeconds") == "3600"


def test_text_from_the_command_line_is_read_by_the_declared_type(project: Path) -> None:
    """`--config` gives text only."""
    found = load(
        project, "dev", {"idleTimeoutSeconds": "900", "exposed": "true", "cidrs": '["::/0"]'}
    )
    assert (found.get("idleTimeoutSeconds"), found.get("exposed"), found.get("cidrs")) == (
        "900",
        "true",
        '["::/0"]',
    )


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("idleTimeoutSeconds", "soon", "integer"),
        ("idleTimeoutSeconds", 1.5, "integer"),
        ("idleTimeoutSeconds", True, "integer"),
        ("publicUrl", ["x"], "string"),
        ("exposed", "maybe", "boolean"),
        ("cidrs", "10.0.0.0/8", "array"),
        ("cidrs", [1, True], "string"),
        ("limits", [], "object"),
    ],
)
def test_a_value_of_the_wrong_type_names_key_value_and_type(
    project: Path, key: str, value: object, wanted: str
) -> None:
    """One line says what to change."""
    with pytest.raises(
        ConfigError, match=rf"^sample:{key}(\[1\])? is .*of type {wanted}"
    ) as caught:
        load(project, "dev", {key: value})
    assert "\n" not in str(caught.value)


def test_a_required_value_has_to_be_there(project: Path) -> None:
    """The message says how to set it."""
    (project / "Pulumi.dev.yaml").write_text("config: {}\n")
    with pytest.raises(
        ConfigError, match=r"no value for sample:publicUrl.*pulumi config set sample:publicUrl"
    ):
        load(project, "dev")


@pytest.mark.parametrize(
    ("key", "hint"),
    [("idleTimeout", "did you mean idleTimeoutSeconds?"), ("qqq", "declared are: cidrs, ")],
)
def test_a_misspelt_key_is_not_ignored(project: Path, key: str, hint: str) -> None:
    """The key that is meant is named, or all are."""
    with pytest.raises(
        ConfigError, match=rf"sample:{key}, which Pulumi.yaml does not declare; {re.escape(hint)}"
    ):
        load(project, "dev", {key: 1})


def test_every_problem_is_listed_at_once(project: Path) -> None:
    """A misspelt key hides no other bad value."""
    (project / "Pulumi.dev.yaml").write_text("config: {}\n")
    with pytest.raises(ConfigError) as caught:
        load(project, "dev", {"idleTimeout": 1, "exposed": "maybe", "cidrs": "10.0.0.0/8"})
    problems = str(caught.value).splitlines()
    assert [
        next(key for key in ("publicUrl", "idleTimeout,", "exposed", "cidrs") if key in line)
        for line in problems
    ] == [
        "publicUrl",
        "exposed",
        "cidrs",
        "idleTimeout,",
    ]


def test_an_unknown_stack_lists_the_known_ones(project: Path) -> None:
    """A typo in STACK is one clear line."""
    with pytest.raises(ConfigError, match=r"no stack 'staging'.*Known stacks: dev"):
        load(project, "staging")


def test_a_declared_secret_in_plain_is_refused_as_the_engine_does(project: Path) -> None:
    """A default counts as a plain value: `secret: true` beside a default stops every stack that
    leaves the key alone.
    """
    (project / "Pulumi.yaml").write_text(
        PROJECT.replace("default: hush", "secret: true, default: hush")
    )
    with pytest.raises(
        ConfigError, match=r"sample:token in plain text.*pulumi config set --secret sample:token"
    ):
        load(project, "dev")


def test_an_encrypted_value_stays_a_secret_placeholder(project: Path) -> None:
    """Offline there is no key to decrypt it with."""
    (project / "Pulumi.dev.yaml").write_text(
        "config:\n  sample:publicUrl: https://x\n  sample:token: {secure: 'v1:abc'}\n"
    )
    found = load(project, "dev")
    assert found.get("token") == "[encrypted]"
    assert "sample:token" in found.secrets
