"""The API inside the VPC: named groups reach its port, under a name of its own (S11, S30)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.private_api import namespace_of
from tests.components.harness import Graph, run_stack

GROUPS = ["sg-0123456789abcdef2", "sg-0123456789abcdef3"]


@pytest.fixture(scope="module")
def private() -> Graph:
    """A stack whose API is reached from inside the VPC only."""
    return run_stack("dev", {"exposeApi": False, "apiIngressSecurityGroups": GROUPS})


def test_members_of_the_groups_reach_the_apis_port_and_no_other(private: Graph) -> None:
    rules = [rule.inputs for rule in private.of_type("SecurityGroupIngressRule")]
    found = [(rule["securityGroupId"], rule["fromPort"]) for rule in rules if rule.get("referencedSecurityGroupId") in GROUPS]
    assert found == [("astro-live-svc-security-group-id", 8080)] * 2


def test_tasks_are_registered_under_a_private_name(private: Graph) -> None:
    namespace, name = private.one("PrivateDnsNamespace").inputs, private["astro-live-svc-api-name"]
    assert (namespace["name"], namespace["vpc"]) == ("astro-live-dev.internal", "vpc-0a0a0a0a0a0a0a0a0")
    assert name.inputs["dnsConfig"]["dnsRecords"] == [{"type": "A", "ttl": 10}]
    assert private["astro-live-svc-service"].inputs["serviceRegistries"] == {"registryArn": name.arn}
    assert private.outputs["privateApiUrl"] == "http://api.astro-live-dev.internal:8080/api/v1"


def test_the_load_balancer_forwards_nothing_to_the_api_then(private: Graph) -> None:
    assert all("api" not in rule.name for rule in private.of_type("ListenerRule"))
    assert private.outputs["apiUrl"] == ""


def test_without_groups_there_is_no_name() -> None:
    graph = run_stack("dev")
    assert graph.of_type("PrivateDnsNamespace") == []
    assert "serviceRegistries" not in graph.one("Service").inputs
    assert (graph.outputs["apiUrl"], graph.outputs["privateApiUrl"]) == ("https://edit.dev.example.com/api/v1", "")


@given(st.from_regex(r"[a-z][a-z0-9-]{0,9}[a-z0-9]", fullmatch=True), st.text(st.sampled_from("abcXYZ019_.-"), min_size=1, max_size=100))
def test_any_stack_has_a_zone_that_dns_takes(prefix: str, stack: str) -> None:
    """Stack names may hold what DNS labels may not."""
    label, dot, rest = namespace_of(prefix, stack).partition(".")
    assert re.fullmatch(r"(?!-)[a-z0-9-]{1,63}(?<!-)", label)
    assert (dot, rest) == (".", "internal")
