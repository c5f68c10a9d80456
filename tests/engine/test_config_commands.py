"""The commands that documents and errors name are taken by the CLI as they are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from local.engine import ROOT
from settings import StackSettings, command_for

ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:git/acme-AbCdEf"
VALUES = {
    "gitSecretNames": f"acme=https://github.com/acme={ARN}",
    "gitSecretKeyArns": "arn:aws:kms:eu-central-1:123456789012:key/12345678-1234-1234-1234-123456789012",
    "oidcClientSecret": "vR7w2Kq9ZxL4mT8bN1cY6dF3",
    "ingressCidrs": "203.0.113.0/24",
    "oidcTokenEndpoint": (
        "https://login.example.com/0b4d7a1c-93ee-4d2f-9f6f-2a3b4c5d6e7f/oauth2/v2.0/token"
    ),
    "maxSessions": "8",
}
KEYS = {entry.key: entry for entry in StackSettings.declared().values()}


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """A folder with the program's keys and a stack `dev` without values."""
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
    (tmp_path / "state").mkdir()
    made = set_with(tmp_path, "pulumi stack init dev")
    assert made.returncode == 0, made.stderr
    return tmp_path


def set_with(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={
            **os.environ,
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_keys_with_secret_in_their_names_are_all_tried() -> None:
    assert {key for key in KEYS if re.search("pass|pwd|secret|token", key, re.I)} <= VALUES.keys()


def test_every_command_sets_its_key(stack: Path) -> None:
    for key, value in VALUES.items():
        done = set_with(stack, command_for(KEYS[key]).replace("<value>", f"'{value}'"))
        assert done.returncode == 0, (key, done.stderr)
    kept = yaml.safe_load((stack / "Pulumi.dev.yaml").read_text())["config"]
    assert kept["astro-live:gitSecretNames"] == [VALUES["gitSecretNames"]]
    assert kept["astro-live:ingressCidrs"] == [VALUES["ingressCidrs"]]
    assert "secure" in kept["astro-live:oidcClientSecret"]


def test_the_command_of_the_documentation_sets_two_entries(stack: Path) -> None:
    """That of docs/projects.md, and the same for the next entry; without `--plaintext` the CLI
    stops.
    """
    text = (ROOT / "docs" / "projects.md").read_text()
    (command,) = re.findall(
        r"^pulumi config set --plaintext --path 'gitSecretNames.*\n.*$", text, re.M
    )
    for index in (0, 1):
        done = set_with(stack, command.replace("[0]", f"[{index}]"))
        assert done.returncode == 0, done.stderr
    kept = yaml.safe_load((stack / "Pulumi.dev.yaml").read_text())["config"]
    assert kept["astro-live:gitSecretNames"] == [VALUES["gitSecretNames"]] * 2
    refused = set_with(stack, command.replace("--plaintext ", ""))
    assert "looks like a secret" in refused.stderr
