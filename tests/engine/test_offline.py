"""The commands around the offline engine: operations, several at once, and other people's programs
(S23, S24).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
import yaml

from local import compare, offline
from local.config import ConfigError
from local.engine import ROOT
from local.errors import LocalError
from local.provider.cli import Engine, EngineBusy, claimed
from scripts.release import comment

from .conftest import needs_yaml
from .test_policies import BALANCER, PROGRAM, project


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("program") / "program", PROGRAM)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("offline")


def test_operations_in_order(
    program: Path, directory: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Created, no drift, drift seen, drift taken over, destroyed: each a command with its exit
    code.
    """

    def operate(operation: str) -> int:
        return offline.operate(operation, "dev", {}, directory, program)

    assert operate("up") == 0
    assert operate("drift") == 0
    cloud = json.loads((directory / "cloud.json").read_text())
    for entry in cloud.values():
        if entry["type"] == BALANCER:
            entry["properties"]["idleTimeout"] = 120
    (directory / "cloud.json").write_text(json.dumps(cloud))
    capfd.readouterr()
    assert operate("drift") != 0
    assert "idleTimeout" in "".join(capfd.readouterr())
    assert operate("refresh") == 0
    assert operate("destroy") != 0
    assert "has deletion protection; turn it off first" in "".join(capfd.readouterr())
    cloud = json.loads((directory / "cloud.json").read_text())
    for entry in cloud.values():
        if entry["type"] == BALANCER:
            entry["properties"]["enableDeletionProtection"] = False
    (directory / "cloud.json").write_text(json.dumps(cloud))
    assert operate("destroy") == 0
    assert json.loads((directory / "cloud.json").read_text()) == {}


def test_one_change_at_a_time(program: Path, directory: Path) -> None:
    """Two updates of one pretend cloud would lose each other's resources."""
    with (
        claimed(directory, "up"),
        pytest.raises(EngineBusy, match="another operation changes the pretend cloud"),
    ):
        offline.operate("destroy", "dev", {}, directory, program)


def test_two_previews_at_once_do_not_mix(tmp_path: Path) -> None:
    """Of two stacks, with other configuration each, in one checkout: each report is its own
    stack's.
    """
    running = {
        stack: subprocess.Popen(
            [
                sys.executable,
                "-m",
                "local",
                "preview",
                stack,
                "--engine",
                "pulumi",
                "--report",
                str(tmp_path / stack),
                *config,
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for stack, config in {
            "dev": ["--config", 'ingressCidrs=["198.51.100.0/24"]'],
            "local": [],
        }.items()
    }
    for process in running.values():
        printed, _ = process.communicate(timeout=300)
        assert process.returncode == 0, printed
    for stack, cidr in {"dev": "198.51.100.0/24", "local": "127.0.0.0/8"}.items():
        report = json.loads((tmp_path / stack / "preview.json").read_text())
        assert report["stack"] == stack
        assert {urn.split("::")[0] for urn in (each["urn"] for each in report["resources"])} == {
            f"urn:pulumi:{stack}"
        }
        ranges = {
            each["inputs"].get("cidrIpv4")
            for each in report["resources"]
            if each["type"].endswith("IngressRule")
        }
        assert cidr in ranges
    disabled = Xml.parse(tmp_path / "dev" / "policy.junit.xml").find(
        ".//testsuite[@name='alb-access-logs']"
    )
    assert disabled is not None
    assert disabled.get("skipped") == "1", "a rule that did not run is no rule that passed"


def test_a_list_that_is_none_is_refused_before_the_engine(tmp_path: Path) -> None:
    """The same message as in process."""
    engine = Engine(directory=tmp_path / "engine")
    with pytest.raises(
        ConfigError,
        match=r"astro-live:ingressCidrs is 10\.0\.0\.0/8; allowed: a list of texts: ",
    ):
        engine.prepare("dev", {"ingressCidrs": "10.0.0.0/8"})


def test_another_persons_secrets_are_not_needed(tmp_path: Path) -> None:
    """A stack's file after `pulumi stack init` and `config set --secret`: with its own salt or key,
    and encrypted values.
    """
    source = (
        'import pulumi\nconfig = pulumi.Config()\npulumi.export("shown",'
        ' config.require_secret("token"))\n'
    )
    root = project(tmp_path / "program", source)
    for provider in (
        {"encryptionsalt": "v1:CzITRUidpU8=:v1:39xa:9AoiTFCB"},
        {"secretsprovider": "awskms://alias/x", "encryptedkey": "QUJD"},
    ):
        content = {**provider, "config": {"sample:token": {"secure": "v1:39xa:9AoiTFCB"}}}
        (root / "Pulumi.dev.yaml").write_text(yaml.safe_dump(content))
        assert offline.operate("up", "dev", {}, tmp_path / "engine", root) == 0
    shown = Engine(directory=tmp_path / "engine", root=root)
    shown.prepare("dev")
    printed = shown.run(
        ["stack", "output", "--show-secrets", "--json", "--stack", "dev"], quiet=True
    ).stdout
    assert json.loads(printed) == {"shown": "[encrypted]"}


def test_a_stack_without_a_file_is_named(tmp_path: Path) -> None:
    """Instead of a traceback."""
    with pytest.raises(
        ConfigError,
        match=(
            r"there is no stack 'qa': Pulumi\.qa\.yaml is missing. Known stacks: dev, local, prod"
        ),
    ):
        Engine(directory=tmp_path / "engine").prepare("qa")


# Other people's programs


def yaml_program(folder: Path, **changes: object) -> Path:
    """The YAML example with other arguments."""
    content = yaml.safe_load((ROOT / "examples" / "yaml" / "Pulumi.yaml").read_text())
    content["packages"]["astro-live"] = str(ROOT / "components" / "provider")
    content["resources"]["editing"]["properties"].update(changes)
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    return folder


def serve(folder: Path, state: Path, capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """`scripts/offline.sh` in `folder`: exit code and output."""
    code = offline.run(
        ["sh", "-c", "pulumi stack init demo && pulumi preview --stack demo --non-interactive"],
        folder,
        state,
    )
    return code, "".join(capfd.readouterr())


@needs_yaml
def test_the_yaml_example_previews_offline(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The whole service in a VPC of the program's own, through the component package."""
    code, printed = serve(yaml_program(tmp_path / "program"), tmp_path / "state", capfd)
    assert code == 0, printed
    assert "aws:ecs:Service editing-svc-service create" in printed
    assert "awsx:ec2:Vpc vpc create" in printed


def test_the_python_example_previews_offline(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """With the values that stand beside it."""
    folder = tmp_path / "examples" / "python"
    shutil.copytree(ROOT / "examples" / "python", folder)
    for part in ("components", "contract", ".venv"):
        (tmp_path / part).symlink_to(ROOT / part)
    code, printed = serve(folder, tmp_path / "state", capfd)
    assert code == 0, printed
    assert "aws:lb:ListenerRule chat-uploads-rule create" in printed


@needs_yaml
def test_bad_arguments_name_the_argument_and_the_fix(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """No stack file of this project, which another program does not have, and no traceback."""
    folder = yaml_program(tmp_path / "program", publicSubnetIds="${vpc.publicSubnetIds}")
    code, printed = serve(folder, tmp_path / "state", capfd)
    assert code != 0
    assert "publicSubnetIds is an output as a whole; allowed is a list of a known length" in printed
    assert '["${vpc.publicSubnetIds[0]}", "${vpc.publicSubnetIds[1]}"]' in printed
    assert "Pulumi.demo.yaml" not in printed


def test_a_command_that_does_not_exist_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="cannot run 'pulumy'"):
        offline.run(["pulumy"], tmp_path, tmp_path / "state")


def test_a_real_backend_is_out_of_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A login elsewhere must not put resources that do not exist into a real stack."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://production")
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "pul-production")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "production")
    assert offline.run(["env"], tmp_path, tmp_path / "state") == 0
    printed = capfd.readouterr().out
    assert f"PULUMI_BACKEND_URL=file://{tmp_path / 'state' / 'state'}" in printed
    assert "production" not in printed


# What a branch changes


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("base") / "program", PROGRAM)


def changed(base: Path, report: Path, config: dict[str, object], code: int) -> dict[str, Any]:
    """`changes.json` of the base's program under `config`, over the base."""
    assert compare.run("dev", base, report, config, base) == code
    return comment.read_changes(report / comment.FILE)


def test_a_replacement_is_the_engines_own(base: Path, tmp_path: Path) -> None:
    """Its old and new value, by the name of the input; what did not change is counted."""
    found = changed(base, tmp_path, {"port": 4322}, 0)
    (only,) = found["changes"]
    assert (only["operation"], only["name"]) == ("replace", "sessions")
    assert only["values"] == [
        {"path": "port", "old": "4321", "new": "4322", "replaces": True, "follows": None}
    ]
    assert found["unchanged"] == 5


def test_a_violation_of_the_branch_is_new(base: Path, tmp_path: Path) -> None:
    """The idle timeout of 60 that the pack refuses."""
    found = changed(base, tmp_path, {"idle": 60}, 1)
    new = [each for each in found["violations"] if each["new"]]
    assert [(each["policy"], each["level"], each["name"]) for each in new] == [
        ("alb-idle-timeout", "mandatory", "edit")
    ]


def test_a_program_that_fails_is_reported_as_failed(base: Path, tmp_path: Path) -> None:
    """Nothing that was not judged passes for clean."""
    broken = project(tmp_path / "program", "raise RuntimeError('no such thing')\n")
    assert compare.run("dev", base, tmp_path / "report", {}, broken) == 1
    assert "no such thing" in comment.read_changes(tmp_path / "report" / comment.FILE)["failed"]


def test_a_base_that_fails_costs_the_comparison_only(base: Path, tmp_path: Path) -> None:
    broken = project(tmp_path / "program", "raise RuntimeError('no such thing')\n")
    assert compare.run("dev", broken, tmp_path / "report", {}, base) == 0
    found = comment.read_changes(tmp_path / "report" / comment.FILE)
    assert found["base"].startswith("the base could not be deployed")
    assert {each["operation"] for each in found["changes"]} == {"create"}
