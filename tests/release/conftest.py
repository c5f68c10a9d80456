"""AWS for the release commands: moto's server in a process of its own, spoken to over HTTP by the real boto3."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"
FIRST, SECOND = "sha256:" + "1" * 64, "sha256:" + "2" * 64


@pytest.fixture(scope="session")
def aws_server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(aws_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Point boto3 at the server with credentials that belong to nobody."""
    for name, value in {
        "AWS_ENDPOINT_URL": aws_server,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    return aws_server


@pytest.fixture
def service(aws: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """A cluster with a service whose task definition has had two images."""
    ecs: Any = boto3.client("ecs")
    name = request.node.name.replace("[", "-").replace("]", "")
    ecs.create_cluster(clusterName=name)
    for digest in (FIRST, SECOND, SECOND):
        ecs.register_task_definition(
            family=name,
            containerDefinitions=[{"name": "gateway", "image": f"repo/astro-live@{digest}", "memory": 512, "essential": True}],
        )
    ecs.create_service(cluster=name, serviceName=name, taskDefinition=f"{name}:3", desiredCount=0)
    return {"clusterName": name, "serviceName": name}


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand-ins for `pulumi` and `docker`, which cannot do their work without an account and an engine.

    Each appends its arguments to `calls` in the returned directory; `pulumi stack output` prints `outputs.json`.
    """
    (tmp_path / "outputs.json").write_text("{}")
    _tool(tmp_path, "pulumi", 'case "$1 $2" in "stack output") cat "$dir/outputs.json" ;; "config --json") echo "{}" ;; esac')
    _tool(
        tmp_path,
        "docker",
        f'case "$1 $3" in "login --password-stdin") cat >/dev/null ;; "buildx inspect") echo \'{{"digest": "{SECOND}"}}\' ;; esac',
    )
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def _tool(directory: Path, name: str, body: str) -> None:
    path = directory / name
    path.write_text(f'#!/bin/sh\ndir={directory}\necho "{name} $*" >>"$dir/calls"\n{body}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def write_outputs(tools: Path, **outputs: str) -> None:
    defaults = {
        "url": "https://edit.example.com",
        "clusterName": "none",
        "serviceName": "none",
        "repositoryUrl": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/astro-live",
        "imageDigest": SECOND,
        "apiTokenSecretArn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:api",
    }
    (tools / "outputs.json").write_text(json.dumps({**defaults, **outputs}))


def calls(tools: Path) -> list[str]:
    path = tools / "calls"
    return path.read_text().splitlines() if path.exists() else []
