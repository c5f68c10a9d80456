"""Sessions on separate hosts: rules, certificate, records, and what config may say (S28, S16)."""

from __future__ import annotations

from typing import Any

import pytest

from components.certificate import IssuedCertificate
from components.dns_alias import DnsAlias
from components.listener_rules import MAX_CONDITION_VALUES
from components.web_socket_alb import WebSocketAlb
from contract.hmr import HmrContract
from tests.components.examples import alb_args
from tests.components.harness import Graph, run
from tests.test_settings import load, refusal

CONTRACT = HmrContract(public_url="https://edit.example.com", routing="host")
ZONE = "Z0123456789EXAMPLE"


def declare(**changes: Any) -> Graph:
    return run(lambda: WebSocketAlb("edge", alb_args(contract=CONTRACT, **changes)))


def conditions(graph: Graph, rule: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for condition in graph[f"edge-{rule}-rule"].inputs["conditions"]:
        for field, value in condition.items():
            found[field] = value["values"]
    return found


def test_rules_keep_their_priorities_and_name_the_hosts() -> None:
    """HMR at 25, pages at 100, both for hosts of sessions only; the API at the public host only."""
    graph = declare(expose_api=True, api_cidrs=("203.0.113.0/24",))
    assert {
        name: graph[f"edge-{name}-rule"].inputs["priority"] for name in ("hmr", "api", "session")
    } == {
        "hmr": 25,
        "api": 50,
        "session": 100,
    }
    assert conditions(graph, "hmr") == {
        "pathPattern": ["/_hmr/*", "/vite-hmr/*", "/_hmr"],
        "hostHeader": ["*.edit.example.com"],
    }
    assert conditions(graph, "session") == {
        "pathPattern": ["/*"],
        "hostHeader": ["*.edit.example.com"],
    }
    assert conditions(graph, "api") == {
        "pathPattern": ["/api/*"],
        "hostHeader": ["edit.example.com"],
        "sourceIp": ["203.0.113.0/24"],
    }


def test_many_api_ranges_stay_within_the_values_of_a_rule() -> None:
    """Three ranges beside a path and a host."""
    ranges = tuple(f"203.0.113.{number}/32" for number in range(15))
    graph = declare(expose_api=True, api_cidrs=ranges, ingress_cidrs=("203.0.113.0/24",))
    rules = ["api", *(f"api-{number}" for number in range(2, 6))]
    found = [conditions(graph, rule) for rule in rules]
    assert [cidr for each in found for cidr in each["sourceIp"]] == list(ranges)
    assert all(sum(map(len, each.values())) <= MAX_CONDITION_VALUES for each in found)


def test_the_certificate_and_the_records_cover_every_host() -> None:
    """One validation record serves both names."""
    certificate = IssuedCertificate(domain="edit.example.com", hosted_zone_id=ZONE, wildcard=True)
    alias = DnsAlias(zone_id=ZONE, name="edit.example.com", wildcard=True)
    graph = declare(certificate=certificate, dns_alias=alias, ip_address_type="dualstack")
    assert graph["edge-certificate"].inputs["subjectAlternativeNames"] == ["*.edit.example.com"]
    records = {
        (resource.inputs["name"], resource.inputs["type"])
        for resource in graph.resources.values()
        if resource.type == "aws:route53/record:Record" and "aliases" in resource.inputs
    }
    assert records == {
        (name, kind)
        for name in ("edit.example.com", "*.edit.example.com")
        for kind in ("A", "AAAA")
    }


def test_path_routing_names_no_host() -> None:
    """A stack that stays as it is gets the rules that it had."""
    graph = run(lambda: WebSocketAlb("edge", alb_args(expose_api=True)))
    for rule in ("hmr", "api", "session"):
        assert "hostHeader" not in conditions(graph, rule)


def test_sign_in_by_a_provider_is_refused() -> None:
    """A provider knows callbacks by address and takes no wildcard."""
    error = refusal({"routing": "host", "signIn": "cognito"})
    assert "signIn is cognito; allowed: none with routing 'host'" in str(error)


def test_a_host_too_long_for_a_listeners_condition_is_refused() -> None:
    """127 characters with the wildcard's two are more than AWS takes."""
    long = ".".join(["a" * 41] * 3) + ".de"
    assert len(long) == 128
    keys = {"publicUrl": f"https://{long}", "certificateArn": load().certificate_arn}
    error = refusal({"routing": "host", **keys})
    assert "at most 126" in str(error)
    load({"routing": "path", **keys})


@pytest.mark.parametrize("session", ["demo", "a", "x-" + "y" * 61])
def test_hosts_and_sessions_are_each_others_inverse(session: str) -> None:
    """Also with a port."""
    for url in ("https://edit.example.com", "https://localhost:8443", "http://localhost:4321"):
        contract = HmrContract(public_url=url, routing="host")
        assert contract.session_of_authority(contract.session_authority(session)) == session
        assert contract.session_of_authority(contract.session_authority(session).upper()) == session
        assert contract.session_url(session) == contract.session_origin(session) + "/"
        assert contract.session_of_authority(f"x.{contract.session_authority(session)}") is None
    assert HmrContract(public_url=url).session_of_authority(f"{session}.localhost:4321") is None
