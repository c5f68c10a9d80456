"""A real DynamoDB API on loopback (moto's server), with the table that the program declares."""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


class OneAtATime:
    """moto checks a condition and writes in two steps; DynamoDB does both in one. Requests that take turns make up for it."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._lock = threading.Lock()

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        with self._lock:
            return list(self._application(environ, start_response))


@contextlib.contextmanager
def running_api(port: int = 0) -> Iterator[int]:
    """moto's server, and the port that it listens on. Its tables live as long as this process."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for each request otherwise
    application = OneAtATime(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", port, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.fixture(scope="session")
def dynamodb() -> Iterator[dict[str, Any]]:
    """Arguments of a client of the API."""
    with running_api() as port:
        yield client_options(port)


def client_options(port: int) -> dict[str, Any]:
    credentials = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "eu-central-1"}
    return {"endpoint_url": f"http://127.0.0.1:{port}", **credentials}


@pytest.fixture
def table(dynamodb: dict[str, Any]) -> str:
    """A new table with the keys that the program declares."""
    name = f"ownership-{secrets.token_hex(4)}"
    boto3.client("dynamodb", **dynamodb).create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )
    return name
