"""What the gateway writes for Envoy, judged by Envoy itself.

At run time Envoy reads clusters, requirements and routes from files, where it skips a field that it
does not know: a misspelt one would do nothing, silently. Here the same texts are put into the
static configuration, where every field has to be one of Envoy's own schema.
"""

from __future__ import annotations

import copy
import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from container.gateway.envoy.access_log import LIMIT_FILE, limit_text
from container.gateway.envoy.auth import JWT_FILTER, jwt_requirements
from container.gateway.envoy.bootstrap import ListenerOptions, bootstrap
from container.gateway.envoy.clusters import clusters
from container.gateway.envoy.model import Json, Upstream
from container.gateway.envoy.peer_clusters import api_cluster, peer_clusters
from container.gateway.envoy.routes import PEERS_ROUTE_CONFIG, route_table
from container.gateway.ownership.model import Task
from container.gateway.peers.certificates import PeerIdentity
from container.gateway.programs import envoy_executable
from container.gateway.tokens import CookieNames, SigningKey
from contract.hmr import HmrContract
from contract.settings.session import SessionSettings

KEYS = (
    '{"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x":'
    ' "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}'
)
UPSTREAMS = [
    Upstream(session_id=name, generation="1", socket=f"{name}.sock") for name in ("blog", "demo")
]
HEADERS = {"Content-Security-Policy": "frame-ancestors 'self'", "X-Content-Type-Options": "nosniff"}
CONTRACTS = {
    "path": HmrContract(public_url="https://edit.example.com"),
    "host": HmrContract(public_url="https://edit.example.com", routing="host"),
    "laptop": HmrContract(public_url="http://localhost:8080"),
}
SIGNING_KEY = SigningKey.generate()
MISSPELT = 24
"""Fields that are misspelt, one at a time, to show that the judge sees it."""


ANOTHER = Task(id="other", run="r1", address="10.0.0.7:4322")


def as_one(
    contract: HmrContract, upstreams: list[Upstream], headers: dict[str, str], *, tasks: int = 1
) -> Json:
    """Bootstrap, clusters, requirements and routes as one static configuration, with the discovery
    of each taken out. Of several tasks another one owns the session `far`.
    """
    options = ListenerOptions(
        address="127.0.0.1",
        contract=contract,
        settings=SessionSettings(),
        peers_port=contract.peers_port if tasks > 1 else None,
    )
    whole = copy.deepcopy(bootstrap(options))
    del whole["dynamic_resources"]
    found = clusters(upstreams)
    peers = {"far": ANOTHER} if tasks > 1 else None
    if peers:
        found += [api_cluster(), *peer_clusters(ANOTHER)]
    for cluster in found:
        del cluster["@type"]
    whole["static_resources"]["clusters"] = found
    tables = [route_table(upstreams, contract, security_headers=headers, peers=peers)]
    if peers:
        tables.append(
            route_table(upstreams, contract, security_headers=headers, name=PEERS_ROUTE_CONFIG)
        )
    requirements = jwt_requirements(KEYS, upstreams, CookieNames.of(contract))
    for listener, routes in zip(whole["static_resources"]["listeners"], tables, strict=True):
        manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
        del manager["rds"], routes["@type"]
        manager["route_config"] = routes
        place = next(
            index
            for index, each in enumerate(manager["http_filters"])
            if each["name"] == JWT_FILTER
        )
        manager["http_filters"][place] = {
            "name": JWT_FILTER,
            "typed_config": requirements["typed_config"],
        }
    return whole


def refusal(configuration: Json, folder: Path) -> str:
    """What Envoy finds wrong with a configuration; empty when nothing."""
    file = folder / "envoy.json"
    file.write_text(json.dumps(configuration))
    (folder / LIMIT_FILE).write_text(limit_text())
    PeerIdentity.make("this", [SIGNING_KEY]).write(folder)
    command = [
        str(envoy_executable()),
        "-c",
        str(file),
        "--mode",
        "validate",
        "--log-level",
        "error",
        "--disable-hot-restart",
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, cwd=folder
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def fields(value: Any) -> Iterator[tuple[Json, str]]:
    """Every field of every message: the object that holds it, and its name. Maps, whose keys are
    free, are left out.
    """
    if isinstance(value, list):
        for each in value:
            yield from fields(each)
    elif isinstance(value, dict):
        free = any(
            not key.replace("_", "").replace("@", "").isalnum() or key in {*HEADERS, "blog", "demo"}
            for key in value
        )
        for key, inner in value.items():
            if not free and not key.startswith("@"):
                yield value, key
            if key not in {
                "json_format",
                "filter_metadata",
                "source_codes",
                "providers",
                "requirement_map",
            }:
                yield from fields(inner)


@pytest.mark.parametrize("headers", [{}, HEADERS], ids=["bare", "headers"])
@pytest.mark.parametrize("upstreams", [[], UPSTREAMS], ids=["idle", "sessions"])
@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_envoy_takes_every_field(
    contract: HmrContract, upstreams: list[Upstream], headers: dict[str, str], tmp_path: Path
) -> None:
    assert refusal(as_one(contract, upstreams, headers), tmp_path) == ""


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_envoy_takes_every_field_of_one_of_several_tasks(
    contract: HmrContract, tmp_path: Path
) -> None:
    """Its listener for peers, the routes to another task and that one's clusters among them."""
    assert refusal(as_one(contract, UPSTREAMS, HEADERS, tasks=2), tmp_path) == ""


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_misspelt_field_is_refused(name: str, tmp_path: Path) -> None:
    """The judge is awake: whichever field it is, and however deep."""
    whole = as_one(CONTRACTS[name], UPSTREAMS, HEADERS, tasks=2)
    places = list(fields(whole))
    for index in random.Random(name).sample(range(len(places)), MISSPELT // len(CONTRACTS)):
        changed = copy.deepcopy(whole)
        holder, key = list(fields(changed))[index]
        holder[f"{key}x"] = holder.pop(key)
        assert refusal(changed, tmp_path), f"{key}x of {sorted(holder)} was taken"
