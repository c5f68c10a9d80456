"""What does it cost to come through a task that is not the session's owner? Two gateways, one table
(moto's), one stub dev server.

Requests take turns between the owner's own port and the other task's, which forwards them over
mutual TLS. The other task's Envoy is tied to one processor; everything else shares the other one.
In a service each task has its own machine, so the rate that counts is that of the forwarding
Envoy's processor time; the rate that clients saw here is given beside it.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import boto3
import psutil

from bench.core import gateway, processes
from bench.core.registry import Options, Unavailable
from bench.core.result import Measurement, Series, compare
from bench.throughput import CONNECTIONS, Side, load_side, tie
from container.gateway.tokens import SigningKey, TokenService
from local.dynamodb import make_api

QUESTION = (
    "What does a session cost through a task that is not its owner, beside the owner's own port?"
)
DIRECT, FORWARDED = "at the owner", "through another task"
REGION: Final = "eu-central-1"
ROUTED_SECONDS: Final = 30.0


def run(options: Options) -> Measurement:
    """Rounds in turns, one request at a time for latency and many at once for rates."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise Unavailable(
            "this benchmark needs two processors: one for the task that forwards, one for"
            " everything else"
        )
    seconds = 3.0 if not options.quick else 0.5
    with ExitStack() as stack:
        owner, edge, headers = _service(stack, options.scratch)
        path = owner.contract.session_base("bench") + "x.js"
        sides = {
            kind: [
                Side(
                    name=DIRECT,
                    host=owner.address,
                    port=owner.port,
                    path=path,
                    headers=headers,
                    pids=(owner.envoy_pid,),
                ),
                Side(
                    name=FORWARDED,
                    host=edge.address,
                    port=edge.port,
                    path=path,
                    headers=headers,
                    pids=(edge.envoy_pid,),
                ),
            ]
            for kind in ("one", "many")
        }
        tie([edge.envoy_pid], cores[0])
        tie(
            [
                owner.envoy_pid,
                *processes.named(psutil.Process().children(recursive=True), gateway.STUB[1]),
            ],
            cores[1],
        )
        for kind, connections in (("one", 1), ("many", CONNECTIONS)):
            for side in sides[kind]:
                load_side(side, 0.5, cores[1], connections=connections)
                side.clear()
            for _ in range(options.pick(7, 1)):
                for side in sides[kind]:
                    load_side(side, seconds, cores[1], connections=connections)
    return _measurement(sides)


def _measurement(sides: dict[str, list[Side]]) -> Measurement:
    latency = [
        Series(
            name=side.name,
            unit="ms, one request at a time",
            values=tuple(1000 / rate for rate in side.rates),
        )
        for side in sides["one"]
    ]
    rates = [
        Series(name=side.name, unit="requests/s", values=tuple(side.rates))
        for side in sides["many"]
    ]
    cpu = [
        Series(name=side.name, unit="requests per CPU second", values=tuple(side.per_cpu_second))
        for side in sides["many"]
    ]
    aim = (
        "requests per second of Envoy's processor time, through a task that is not the owner,"
        " against the owner's own"
    )
    return Measurement(
        series=[*latency, *rates, *cpu],
        checks=[compare(aim, cpu[1], cpu[0], "at least", 0.8)],
        figures={
            "added_latency_ms": round(latency[1].summary.median - latency[0].summary.median, 3),
            "rate_on_this_machine": round(rates[1].summary.median / rates[0].summary.median, 2),
            "connections": CONNECTIONS,
        },
        notes=[
            (
                "Both tasks run on this machine's two processors: the owner's Envoy shares one with"
                " the dev server and the load."
            ),
            (
                "A change reaches a page over its WebSocket, for which the hop adds the latency of"
                " one direction."
            ),
        ],
    )


def _service(
    stack: ExitStack, scratch: Path
) -> tuple[gateway.LiveGateway, gateway.LiveGateway, dict[str, str]]:
    """The owner of session `bench`, another task with a route to it, and a module request's
    headers.
    """
    seed, credential = (
        base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode(),
        secrets.token_urlsafe(32),
    )
    keys = json.dumps([{"kid": "bench", "seed": seed}])
    settings = {
        **stack.enter_context(_table()),
        "ASTRO_LIVE_SIGNING_KEYS": keys,
        "ASTRO_LIVE_API_TOKEN": credential,
        "ASTRO_LIVE_SITES_DIR": str(scratch / "owner" / "sites"),
        "ASTRO_LIVE_ENVOY_CONCURRENCY": "1",
    }
    url = "http://edit.localhost:4321"
    owner, edge = (
        stack.enter_context(
            gateway.running(scratch / name, stub=True, settings=settings, public_url=url)
        )
        for name in ("owner", "edge")
    )
    for task in (owner, edge):
        task.credential, task.tokens = credential, TokenService(SigningKey.parse_list(keys))
    owner.create("bench")
    headers = {
        "Sec-Fetch-Mode": "cors",
        "Sec-Fetch-Dest": "script",
        "Accept": "*/*",
        "Cookie": owner.cookie("bench"),
    }
    _until_routed(edge, headers)
    return owner, edge, headers


def _until_routed(edge: gateway.LiveGateway, headers: dict[str, str]) -> None:
    """The first request at a task that is not the owner makes the route."""
    import http.client

    deadline = time.monotonic() + ROUTED_SECONDS
    while True:
        connection = http.client.HTTPConnection(edge.address, edge.port, timeout=10)
        connection.request("GET", edge.contract.session_base("bench") + "x.js", headers=headers)
        status = connection.getresponse().status
        connection.close()
        if status == 200:
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"the other task answers {status}\n{edge.tail()}")
        time.sleep(0.1)


@contextmanager
def _table() -> Iterator[dict[str, str]]:
    """Settings that lead to a new table on a DynamoDB API of this process."""
    server = make_api("127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    access: dict[str, Any] = {
        "region_name": REGION,
        "aws_access_key_id": "bench",
        "aws_secret_access_key": "bench",
    }
    endpoint = f"http://127.0.0.1:{server.server_port}"
    boto3.client("dynamodb", endpoint_url=endpoint, **access).create_table(
        TableName="ownership",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    )
    try:
        yield {
            "ASTRO_LIVE_OWNERSHIP_TABLE": "ownership",
            "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
        }
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
