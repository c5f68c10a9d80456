"""`make doctor` says what is missing and how to get it (S24)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from scripts.release import __main__ as cli
from scripts.release import doctor
from scripts.release.doctor import Finding, examine, report

ROOT = Path(__file__).resolve().parents[2]


def test_an_empty_checkout_lacks_its_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing installed, nothing on PATH: each is found missing with a fix, and no check raises."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    missing = {
        finding.subject: finding.fix for finding in examine(tmp_path) if finding.state == "missing"
    }
    assert set(missing) == {
        "Python packages",
        "Node packages",
        "chromium",
        "buildah",
        "pulumi",
        "docker",
        "AWS credentials",
    }
    assert all(missing.values())


@pytest.mark.parametrize(("state", "healthy"), [("ok", True), ("warn", True), ("missing", False)])
def test_only_what_the_local_stack_lacks_fails(state: str, healthy: bool) -> None:
    """A machine without Docker or an account is healthy for local work; one without packages is
    not.
    """
    lines: list[str] = []
    here = Finding(
        use="local stack",
        subject="Python packages",
        state=state,  # type: ignore[arg-type]
        detail="d",
        fix="make setup",
    )
    away = Finding(use="deployment", subject="docker", state="missing", detail="d", fix="install")
    assert report([here, away], lines.append) is healthy
    assert "           fix: install" in lines


def test_the_makefile_calls_it_with_a_stack() -> None:
    """The parser wants one; a target without it fails before any check."""
    assert "-m scripts.release doctor $(STACK)" in (ROOT / "Makefile").read_text()
    assert cli._parser().parse_args(["doctor", "dev"]).stack == "dev"


@pytest.mark.parametrize(
    ("stack", "vcpus", "state"), [("dev", 6.0, "ok"), ("prod", 6.0, "warn"), ("prod", 24.0, "ok")]
)
def test_a_new_accounts_vcpus_fit_dev_but_not_prod(stack: str, vcpus: float, state: str) -> None:
    """A rolling deployment runs every task twice: prod takes 6 tasks of 2 vCPUs, twice. The stub is
    held against the API model.
    """
    quotas = Stubber(
        boto3.client(
            "service-quotas",
            region_name="eu-central-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",
        )
    )
    asked = {"ServiceCode": "fargate", "QuotaCode": doctor.ON_DEMAND_QUOTA}
    quotas.add_response("get_service_quota", {"Quota": {"Value": vcpus}}, asked)
    with quotas:
        found = doctor._quota(quotas.client, doctor._config(ROOT, stack))
    assert found.state == state, found
    assert "--desired-value" in found.fix


@pytest.mark.parametrize(
    ("listed", "state"),
    [
        ("Platforms: linux/amd64, linux/amd64/v2", "missing"),
        ("Platforms: linux/amd64*, linux/arm64", "ok"),
    ],
)
def test_an_engine_that_cannot_build_the_stacks_cpu_is_found(
    listed: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stacks run arm64; an amd64 engine needs emulation for it."""
    tool = tmp_path / "docker"
    tool.write_text(f"#!/bin/sh\necho '{listed}'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    config: dict[str, Any] = doctor._config(ROOT, "dev")
    (found,) = doctor._platform(config)
    assert found.state == state, found


def test_an_examples_values_are_named() -> None:
    """The shipped stacks would get as far as the load balancer; a stack with its own values is
    fine.
    """
    (found,) = doctor._examples("prod", doctor._config(ROOT, "prod"))
    assert found.state == "missing"
    assert "publicUrl" in found.detail
    assert "hostedZoneId" in found.detail
    assert "alarmEmail" in found.detail
    own = {
        "publicUrl": "https://edit.acme.io",
        "certificateArn": "arn:aws:acm:eu-central-1:210987654321:certificate/1",
        "ingressCidrs": ["192.88.1.0/24"],
    }
    (found,) = doctor._examples(
        "dev", {**own, "cpu": 1024, "tlsPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}
    )
    assert (found.state, found.detail) == ("ok", "Pulumi.dev.yaml has no example's value")
