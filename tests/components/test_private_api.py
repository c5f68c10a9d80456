"""The API inside the VPC: named groups reach its port, under its own name (S11, S30)."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.names import own_name, own_path
from components.private_api import namespace_of
from tests.components.harness import Graph, run_stack

GROUPS = ["sg-0123456789abcdef2", "sg-0123456789abcdef3"]


@pytest.fixture(scope="module")
def private() -> Graph:
    """A stack whose API is reached from inside the VPC only."""
    return run_stack("dev", {"exposeApi": False, "apiIngressSecurityGroups": GROUPS})


def test_members_of_the_groups_reach_the_apis_port_and_no_other(private: Graph) -> None:
    rules = [rule.inputs for rule in private.of_type("SecurityGroupIngressRule")]
    found = [
        (rule["securityGroupId"], rule["fromPort"])
        for rule in rules
        if rule.get("referencedSecurityGroupId") in GROUPS
    ]
    assert found == [("astro-live-svc-security-group-id", 8080)] * 2


def test_tasks_are_registered_under_a_private_name(private: Graph) -> None:
    namespace, name = private.one("PrivateDnsNamespace").inputs, private["astro-live-svc-api-name"]
    assert (namespace["name"], namespace["vpc"]) == (
        "dev.astro-live.internal",
        "vpc-0a0a0a0a0a0a0a0a0",
    )
    assert name.inputs["dnsConfig"]["dnsRecords"] == [{"type": "A", "ttl": 10}]
    assert private["astro-live-svc-service"].inputs["serviceRegistries"] == {
        "registryArn": name.arn
    }
    assert private.outputs["privateApiUrl"] == "http://api.dev.astro-live.internal:8080/api/v1"


def test_the_load_balancer_forwards_nothing_to_the_api_then(private: Graph) -> None:
    assert all("api" not in rule.name for rule in private.of_type("ListenerRule"))
    assert private.outputs["apiUrl"] == ""


def test_without_groups_there_is_no_name() -> None:
    graph = run_stack("dev")
    assert graph.of_type("PrivateDnsNamespace") == []
    assert "serviceRegistries" not in graph.one("Service").inputs
    assert (graph.outputs["apiUrl"], graph.outputs["privateApiUrl"]) == (
        "https://edit.dev.example.com/api/v1",
        "",
    )


NAME = st.text(st.sampled_from("abcXYZ019_.-"), min_size=1, max_size=100)


@given(NAME, NAME)
def test_any_stack_has_a_zone_that_dns_takes(project: str, stack: str) -> None:
    """Projects and stacks may hold what DNS labels may not."""
    *labels, last = namespace_of(project, stack).split(".")
    assert len(labels) == 2
    assert all(re.fullmatch(r"(?!-)[a-z0-9-]{1,63}(?<!-)", label) for label in labels)
    assert last == "internal"


@given(st.lists(st.tuples(NAME, NAME), min_size=2, max_size=2, unique=True))
@example([("a-b", "c"), ("a", "b-c")])
@example([("a", "b_c"), ("a_b", "c")])
@example([("A", "b"), ("a", "b")])
@example([("a" * 100, "b"), ("a" * 99, "b")])
def test_two_stacks_share_no_name(owners: list[tuple[str, str]]) -> None:
    """A task family, dashboard, metric namespace or zone of the same name would be overwritten or
    refused.
    """
    for name in (own_name, own_path, namespace_of):
        assert name(*owners[0]) != name(*owners[1])
