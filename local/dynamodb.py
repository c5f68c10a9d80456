"""A DynamoDB API on this machine: moto's server, in memory. Run as `python -m local.dynamodb
ADDRESS PORT`.

Tables live as long as the process.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

from local.engine import Deployment
from local.errors import LocalError
from local.values import reveal

PORT: Final = 4323
CREDENTIALS: Final = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}


class OneAtATime:
    """moto checks a condition and writes in two steps; DynamoDB does both in one. Requests that
    take turns make up for it.
    """

    def __init__(self, application: Any) -> None:
        self._application = application
        self._lock = threading.Lock()

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        with self._lock:
            return list(self._application(environ, start_response))


def make_api(
    address: str, port: int, around: Callable[[Any], Any] = lambda application: application
) -> Any:
    """A server with `serve_forever` and `shutdown`. `around` puts a WSGI application before the
    API's.
    """
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for each request otherwise
    return make_server(
        address,
        port,
        around(OneAtATime(DomainDispatcherApplication(create_backend_app))),
        threaded=True,
    )


def environment(address: str, region: str) -> dict[str, str]:
    """Variables by which a task reaches the API."""
    return {
        "AWS_ENDPOINT_URL_DYNAMODB": f"http://{address}:{PORT}",
        "AWS_REGION": region,
        **CREDENTIALS,
    }


def create_tables(deployment: Deployment, address: str, region: str) -> None:
    """Make every table that the deployment declares, with its keys."""
    import boto3

    client = boto3.client(
        "dynamodb",
        endpoint_url=f"http://{address}:{PORT}",
        region_name=region,
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - nobody checks it
    )
    for resource in deployment.of_type("aws:dynamodb/table:Table"):
        declared, keys = reveal(resource.inputs), []
        for kind, name in (("HASH", declared.get("hashKey")), ("RANGE", declared.get("rangeKey"))):
            keys += [{"AttributeName": name, "KeyType": kind}] if name else []
        if not keys:
            raise LocalError(f"table {resource.name} has no hashKey")
        client.create_table(
            TableName=reveal(resource.outputs)["name"],
            BillingMode=declared.get("billingMode", "PROVISIONED"),
            AttributeDefinitions=[
                {"AttributeName": each["name"], "AttributeType": each["type"]}
                for each in declared["attributes"]
            ],
            KeySchema=keys,
        )


if __name__ == "__main__":
    make_api(sys.argv[1], int(sys.argv[2])).serve_forever()
