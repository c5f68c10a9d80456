"""The table by which tasks agree on who runs a session (S26)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.base import ComponentError
from components.efs_fargate_service import EfsFargateService
from components.ownership_table import OwnershipTable, OwnershipTableArgs
from components.scaling import Autoscaling
from tests.components.examples import service, service_args
from tests.components.harness import Graph, run

KEY = "arn:aws:kms:eu-central-1:123456789012:key/12345678-1234-1234-1234-123456789012"


@pytest.fixture(scope="module")
def graph() -> Graph:
    return run(service)


def statements(graph: Graph) -> dict[str, dict[str, Any]]:
    return {
        each["Sid"]: each
        for each in json.loads(graph["svc-ownership-policy"].inputs["policy"])["Statement"]
    }


def test_the_table_is_on_demand_expires_links_and_can_be_restored(graph: Graph) -> None:
    table = graph["owners-table"].inputs
    assert (table["billingMode"], table["hashKey"], table["rangeKey"]) == (
        "PAY_PER_REQUEST",
        "pk",
        "sk",
    )
    assert table["ttl"] == {"attributeName": "expires", "enabled": True}
    assert table["pointInTimeRecovery"] == {"enabled": True}
    assert table["deletionProtectionEnabled"] is True


def test_the_task_is_told_its_table_and_reaches_its_peers_only_by_their_group(graph: Graph) -> None:
    (container,) = json.loads(graph["svc-task"].inputs["containerDefinitions"])
    environment = {entry["name"]: entry["value"] for entry in container["environment"]}
    assert environment["ASTRO_LIVE_OWNERSHIP_TABLE"] == graph["owners-table"].outputs["name"]
    assert environment["ASTRO_LIVE_PEER_RANGE"] == "10.20.0.0/16"
    for name in ("svc-peers-in", "svc-peers-out"):
        rule = graph[name].inputs
        assert (rule["fromPort"], rule["toPort"], rule["ipProtocol"]) == (4322, 4322, "tcp")
        assert rule["securityGroupId"] == rule["referencedSecurityGroupId"]


def test_a_task_may_do_no_more_than_it_does(graph: Graph) -> None:
    """Each action on the partitions that it is made for; no scan, and no reading of used links."""
    found = {name: each for name, each in statements(graph).items() if name.startswith("Own")}
    assert {each["Resource"] for each in found.values()} == {graph["owners-table"].outputs["arn"]}
    by_keys = {
        each["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"][0]: set(each["Action"])
        for each in found.values()
    }
    assert all(
        each["Condition"]["Null"] == {"dynamodb:LeadingKeys": "false"} for each in found.values()
    )
    assert by_keys["link#*"] == {"dynamodb:PutItem"}
    assert by_keys["session#*"] == {"dynamodb:GetItem", "dynamodb:UpdateItem"}
    assert "dynamodb:Scan" not in set.union(*by_keys.values())


def test_an_own_key_is_used_for_the_table_and_through_dynamodb_only() -> None:
    graph = run(
        lambda: service(ownership=OwnershipTable("owners", OwnershipTableArgs(kms_key_arn=KEY)))
    )
    assert graph["owners-table"].inputs["serverSideEncryption"] == {
        "enabled": True,
        "kmsKeyArn": KEY,
    }
    condition = statements(graph)["DecryptOwnership"]["Condition"]
    assert condition == {"StringEquals": {"kms:ViaService": "dynamodb.eu-central-1.amazonaws.com"}}


@pytest.mark.parametrize("changes", [{"desired_count": 2}, {"autoscaling": Autoscaling(maximum=2)}])
def test_several_tasks_without_a_table_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ComponentError, match="may have 2 tasks and no ownership table"):
        run(lambda: EfsFargateService("svc", service_args(ownership=None, **changes)))
    assert "svc-peers-in" not in run(lambda: service(ownership=None)).resources
