"""Commands of the offline engine that need no Pulumi CLI, and what they say where there is none
(S23, S24).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from local import offline
from local.config import ConfigError
from local.errors import LocalError
from local.provider.cli import Engine, EngineBusy, EngineMissing, claimed, environment

SHOW = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], 'w'))"


def test_a_command_reaches_the_pretend_cloud_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the caller is logged in to: the backend is a folder, the providers are ours, and no
    AWS key goes along.
    """
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "somebody's")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "somebody's")
    shown = tmp_path / "environment.json"
    assert offline.run([sys.executable, "-c", SHOW, str(shown)], tmp_path, tmp_path / "cloud") == 0
    found = json.loads(shown.read_text())
    assert found["PULUMI_BACKEND_URL"] == f"file://{tmp_path / 'cloud' / 'state'}"
    assert {each.partition(":")[0] for each in found["PULUMI_DEBUG_PROVIDERS"].split(",")} == {
        "aws",
        "awsx",
        "docker",
    }
    assert not {"PULUMI_ACCESS_TOKEN", "AWS_SECRET_ACCESS_KEY"} & found.keys()


def test_the_command_s_exit_code_is_the_answer(tmp_path: Path) -> None:
    assert (
        offline.run([sys.executable, "-c", "raise SystemExit(7)"], tmp_path, tmp_path / "cloud")
        == 7
    )


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"cannot run 'no-such-program'.*name a command"):
        offline.run(["no-such-program"], tmp_path, tmp_path / "cloud")


def test_without_the_cli_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineMissing, match="install it"):
        offline.operate("up", "dev", {}, tmp_path / "engine")


def test_an_unknown_stack_is_named_with_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no stack 'nosuch'.*Known stacks: dev, local, prod"):
        Engine(directory=tmp_path / "engine").prepare("nosuch")


def test_without_providers_the_variables_name_none(tmp_path: Path) -> None:
    assert "PULUMI_DEBUG_PROVIDERS" not in environment(tmp_path, "")


def test_two_operations_do_not_change_one_cloud_at_once(tmp_path: Path) -> None:
    """A preview changes nothing and may run beside them."""
    with claimed(tmp_path, "up"):
        with claimed(tmp_path, "preview"):
            pass
        with (
            pytest.raises(EngineBusy, match="another operation changes the pretend cloud"),
            claimed(tmp_path, "destroy"),
        ):
            pass
    with claimed(tmp_path, "destroy"):
        pass
