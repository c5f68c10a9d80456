"""AWS for the release commands: moto's server, spoken to over HTTP by the real boto3; the engine is
the real `pulumi`.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"
REPOSITORY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/mine"
FIRST, SECOND = "sha256:" + "1" * 64, "sha256:" + "2" * 64


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the engine where there is none."""
    here = Path(__file__).parent
    if shutil.which("pulumi") is None:
        reason = "no `pulumi` CLI on PATH (https://www.pulumi.com/docs/iac/download-install/)"
        for item in items:
            if here in item.path.parents and item.get_closest_marker("engine"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def aws_server() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line per request otherwise
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
            containerDefinitions=[
                {
                    "name": "gateway",
                    "image": f"{REPOSITORY}@{digest}",
                    "memory": 512,
                    "essential": True,
                }
            ],
        )
    ecs.create_service(cluster=name, serviceName=name, taskDefinition=f"{name}:3", desiredCount=0)
    return {"clusterName": name, "serviceName": name}
