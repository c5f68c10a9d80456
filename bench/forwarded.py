"""What does it cost to come through a task that is not the session's owner? Two gateways, one table
(moto's), one stub dev server.

Requests take turns between the owner's own port and the other task's, which forwards them over
mutual TLS. For rates the Envoy that clients talk to has one processor to itself, the owner's in its
turn as the other task's, and everything else shares the other one: an Envoy that shares one with
its clients finds several requests at each look, and each is cheaper. In a service each task has its
own machine, so the rate that counts is that of the asked Envoy's processor time; the rate that
clients saw here is given beside it. Both ways of one round make a ratio, and the median of the
rounds counts: what else a machine does meets both.

One request at a time is measured with everything on one processor. Across two, each hop would wake
an idle processor, which here takes longer than the work of an Envoy, on the way through the other
task only; in a service both ways cross a network.
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
from bench.core.result import Check, Measurement, Series
from bench.core.stats import ratio
from bench.throughput import CONNECTIONS, Side, load_side, tie
from container.gateway.tokens import SigningKey, TokenService
from local.dynamodb import make_api

QUESTION = (
    "What does a session cost through a task that is not its owner, beside the owner's own port?"
)
DIRECT, FORWARDED, ALONE = "at the owner", "through another task", "the only task, no table"
REGION: Final = "eu-central-1"
PUBLIC_URL: Final = "http://edit.localhost:4321"
ROUTED_SECONDS: Final = 30.0
ROUNDS: Final = 11
KEYS: Final = "ASTRO_LIVE_SIGNING_KEYS"
CREDENTIAL: Final = "ASTRO_LIVE_API_TOKEN"


def run(options: Options) -> Measurement:
    """Rounds in turns, one request at a time for latency and many at once for rates."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise Unavailable(
            "this benchmark needs two processors: one for the task that forwards, one for"
            " everything else"
        )
    seconds, warm_up = (0.3, 0.1) if options.quick else (3.0, 0.5)
    with ExitStack() as stack:
        owner, edge, headers = _service(stack, options.scratch)
        alone = stack.enter_context(
            gateway.running(
                options.scratch / "alone",
                stub=True,
                settings={"ASTRO_LIVE_ENVOY_CONCURRENCY": "1"},
                public_url=PUBLIC_URL,  # whether the host is the public one has its price, too
            )
        )
        alone.create("bench")
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
                Side(
                    name=ALONE,
                    host=alone.address,
                    port=alone.port,
                    path=path,
                    headers={**headers, "Cookie": alone.cookie("bench")},
                    pids=(alone.envoy_pid,),
                ),
            ]
            for kind in ("one", "many")
        }
        stubs = processes.named(psutil.Process().children(recursive=True), gateway.STUB[1])
        tie([owner.envoy_pid, edge.envoy_pid, alone.envoy_pid, *stubs], cores[1])
        for kind, connections, place in (("one", 1, cores[1]), ("many", CONNECTIONS, cores[0])):
            for side in sides[kind]:
                load_side(side, warm_up, cores[1], connections=connections)
                side.clear()
            for number in range(options.pick(ROUNDS, 1)):
                for side in sides[kind][:: 1 if number % 2 else -1]:
                    tie(side.pids, place)
                    load_side(side, seconds, cores[1], connections=connections)
                    tie(side.pids, cores[1])
    return _measurement(sides)


def _measurement(sides: dict[str, list[Side]]) -> Measurement:
    latency = [
        Series(
            name=side.name,
            unit="ms, one request at a time",
            values=tuple(side.latencies),
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
    rounds = Series(
        name="through another task against the owner's own, of each round",
        unit="× requests per CPU second",
        values=tuple(
            ours / theirs for ours, theirs in zip(cpu[1].values, cpu[0].values, strict=True)
        ),
    )
    return Measurement(
        series=[*latency, *rates, *cpu, rounds],
        checks=[_check(rounds)],
        figures={
            "added_latency_ms": round(latency[1].summary.median - latency[0].summary.median, 3),
            "owner_among_several_to_the_only_task": round(
                cpu[0].summary.median / cpu[2].summary.median, 2
            ),
            "latency_p50_ratio": round(latency[1].summary.median / latency[0].summary.median, 2),
            "latency_p95_ratio": round(latency[1].summary.p95 / latency[0].summary.p95, 2),
            "rate_on_this_machine": round(rates[1].summary.median / rates[0].summary.median, 2),
            "connections": CONNECTIONS,
        },
        notes=[
            (
                "Both tasks run on this machine's two processors: the Envoy that is asked has one,"
                " and shares the machine with the other task, the dev server and the load."
            ),
            (
                "A change reaches a page over its WebSocket, for which the hop adds the latency of"
                " one direction."
            ),
        ],
    )


def _check(rounds: Series) -> Check:
    return Check(
        aim=(
            "requests per second of Envoy's processor time, through a task that is not the owner,"
            " against the owner's own"
        ),
        measured=ratio(rounds.values, (1.0,)),  # to one: the median, with its interval
        unit="×",
        direction="at least",
        bound=0.8,
    )


def _service(
    stack: ExitStack, scratch: Path
) -> tuple[gateway.LiveGateway, gateway.LiveGateway, dict[str, str]]:
    """The owner of session `bench`, another task with a route to it, and a module request's
    headers.
    """
    settings = shared_settings(stack, scratch)
    owner, edge = (
        stack.enter_context(running_task(scratch / name, settings)) for name in ("owner", "edge")
    )
    owner.create("bench")
    headers = {
        # The public one, as a load balancer leaves it: another one takes the longer way.
        "Host": PUBLIC_URL.partition("://")[2],
        "Sec-Fetch-Mode": "cors",
        "Sec-Fetch-Dest": "script",
        "Accept": "*/*",
        "Cookie": owner.cookie("bench"),
    }
    until_routed(edge, headers)
    return owner, edge, headers


def shared_settings(stack: ExitStack, scratch: Path) -> dict[str, str]:
    """What all tasks of one service have in common: a table, keys and the folder of projects."""
    seed, credential = (
        base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode(),
        secrets.token_urlsafe(32),
    )
    return {
        **stack.enter_context(_table()),
        KEYS: json.dumps([{"kid": "bench", "seed": seed}]),
        CREDENTIAL: credential,
        "ASTRO_LIVE_SITES_DIR": str(scratch / "sites"),
        "ASTRO_LIVE_ENVOY_CONCURRENCY": "1",
    }


@contextmanager
def running_task(
    folder: Path, settings: dict[str, str], *, stub: bool = True
) -> Iterator[gateway.LiveGateway]:
    """A task of the service that these settings are of, with stubs for dev servers or with real
    ones.
    """
    (folder.parent / "sites").mkdir(parents=True, exist_ok=True)
    with gateway.running(folder, stub=stub, settings=settings, public_url=PUBLIC_URL) as task:
        task.credential = settings[CREDENTIAL]
        task.tokens = TokenService(SigningKey.parse_list(settings[KEYS]))
        task.sites_folder = folder.parent / "sites"

        yield task


def until_routed(edge: gateway.LiveGateway, headers: dict[str, str]) -> None:
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
    server, name = make_api("127.0.0.1", 0), f"ownership-{secrets.token_hex(4)}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    access: dict[str, Any] = {
        "region_name": REGION,
        "aws_access_key_id": "bench",
        "aws_secret_access_key": "bench",
    }
    endpoint = f"http://127.0.0.1:{server.server_port}"
    boto3.client("dynamodb", endpoint_url=endpoint, **access).create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    )
    try:
        yield {
            "ASTRO_LIVE_OWNERSHIP_TABLE": name,
            "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
        }
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
