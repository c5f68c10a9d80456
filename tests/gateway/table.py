"""A real DynamoDB API on loopback (moto's server), with the table that the program declares."""

from __future__ import annotations

import contextlib
import random
import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest

from local.dynamodb import make_api


@dataclass
class Faults:
    """What the API does wrong, for as long as it is set."""

    delay: float = 0.0
    """Seconds before each answer."""
    throttled: float = 0.0
    """Part of the requests that are refused for load, as DynamoDB does."""
    cut_off: set[str] = field(default_factory=set)
    """Access keys whose requests get no answer."""

    def around(self, application: Any) -> Any:
        """The API with these faults."""

        def answer(environ: Any, start_response: Any) -> Iterable[bytes]:
            time.sleep(self.delay)
            if self.cut_off and _key_of(environ) in self.cut_off:
                time.sleep(CUT_OFF_SECONDS)
                start_response("504 Gateway Timeout", [("Content-Length", "0")])
                return [b""]
            if random.random() < self.throttled:
                body = (
                    b'{"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message":'
                    b' "too many"}'
                )
                start_response(
                    "400 Bad Request",
                    [
                        ("Content-Type", "application/x-amz-json-1.0"),
                        ("Content-Length", str(len(body))),
                    ],
                )
                return [body]
            answered: Iterable[bytes] = application(environ, start_response)
            return answered

        return answer


CUT_OFF_SECONDS = 2.0
"""Longer than a client waits for an answer."""


def _key_of(environ: Any) -> str:
    """The access key of a signed request."""
    _, _, credential = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")
    return str(credential.partition("/")[0])


@contextlib.contextmanager
def running_api(port: int = 0, faults: Faults | None = None) -> Iterator[int]:
    """moto's server, and the port that it listens on. Its tables live as long as this process."""
    server = make_api("127.0.0.1", port, (faults or Faults()).around)
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
    credentials = {
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
        "region_name": "eu-central-1",
    }
    return {"endpoint_url": f"http://127.0.0.1:{port}", **credentials}


@pytest.fixture
def table(dynamodb: dict[str, Any]) -> str:
    return new_table(dynamodb)


def new_table(dynamodb: dict[str, Any]) -> str:
    """A new table with the keys that the program declares."""
    name = f"ownership-{secrets.token_hex(4)}"
    boto3.client("dynamodb", **dynamodb).create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    )
    return name


def restore(items: Any, contents: list[dict[str, Any]], *, but: str = "") -> None:
    """What the table (a resource of boto3) holds becomes `contents`, but for partitions that begin
    with `but`.
    """

    def stays(item: dict[str, Any]) -> bool:
        return bool(but) and str(item["pk"]).startswith(but)

    keys = [
        {name: item[name] for name in ("pk", "sk")}
        for item in items.scan()["Items"]
        if not stays(item)
    ]
    with items.batch_writer() as batch:
        for key in keys:
            batch.delete_item(Key=key)
    with items.batch_writer() as batch:
        for item in contents:
            if not stays(item):
                batch.put_item(Item=item)
