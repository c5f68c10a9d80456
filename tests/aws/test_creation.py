"""Every declared resource can be created, by boto3 in moto's server, in the order in which the
engine creates (S36).

botocore checks the parameters, moto answers as AWS does, as far as it knows the service. What it
does not know is listed in docs/aws-models.md, and that list is held against what happens here.
"""

from __future__ import annotations

import logging
import re
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from moto.server import ThreadedMotoServer

from local.engine import ROOT
from local.monitor import Resource
from tests.aws.account import Account, Refused, existing
from tests.aws.cloudformation import UnmappedError
from tests.aws.creation import CREATES, NOT_AWS, REGION
from tests.aws.variants import custom, names, preview

PAGE = ROOT / "docs" / "aws-models.md"
ROW = re.compile(r"^\| `([a-z0-9-]+\.[a-z_]+)` \| `([\w:/-]+)` \|", re.MULTILINE)
GAPS = {(type_, operation) for operation, type_ in ROW.findall(PAGE.read_text())}
"""Types and requests that moto refuses although AWS does not."""

met: set[tuple[str, str]] = set()
"""Rows that were needed."""
created: Counter[str] = Counter()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """moto's server. It answers in this process, so it shares its state with every other one here:
    emptied at both ends.
    """
    for name in ("werkzeug", "moto.moto_server.werkzeug_app"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    found = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    found.start()
    host, port = found.get_host_and_port()
    yield f"http://{host}:{port}"
    empty(f"http://{host}:{port}")
    found.stop()


def empty(endpoint: str) -> None:
    urllib.request.urlopen(
        urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST"), timeout=30
    ).close()


@pytest.fixture
def account(server: str) -> Account:
    """An account with what the options name as existing."""
    empty(server)
    found = Account(server)
    existing(found)
    return found


@pytest.mark.parametrize("name", names(REGION))
def test_every_resource_can_be_created(name: str, account: Account) -> None:
    """Nothing is refused but what moto does not know."""
    resources = custom(preview(REGION, name))
    for resource in resources:
        account.create(resource)
    made = sum(account.created.values())
    print(
        f"{name}: {len(resources)} resources, {made} created by {account.requests} requests,"
        f" {len(account.refused)} refused"
    )
    assert [
        refused for refused in account.refused if (refused.type, refused.operation) not in GAPS
    ] == []
    met.update((refused.type, refused.operation) for refused in account.refused)
    created.update(account.created)


def test_every_gap_is_one() -> None:
    """A row that moto has learnt meanwhile is removed. Runs after the others."""
    assert GAPS, f"{PAGE} has no table"
    assert GAPS - met == set()


def test_every_recipe_is_used() -> None:
    """A type that nothing declares any more would only look created."""
    assert set(CREATES) - {type_ for type_, _ in GAPS} <= set(created)


# The judge can refuse


def changed(name: str, type_: str, /, **inputs: object) -> list[Resource]:
    """The resources of a preview up to the first of `type_`, which gets other inputs."""
    found: list[Resource] = []
    for resource in custom(preview(REGION, name)):
        if resource.type == type_:
            return [*found, replace(resource, inputs={**resource.inputs, **inputs})]
        found.append(resource)
    raise AssertionError(f"{name} declares no {type_}")


@pytest.mark.parametrize(
    ("type_", "inputs", "message"),
    [
        ("aws:ec2/subnet:Subnet", {"cidrBlock": "10.99.0.0/24"}, "InvalidSubnet.Range"),
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/8"}, "InvalidVpc.Range"),
        ("aws:lb/targetGroup:TargetGroup", {"name": "e" * 33}, "longer than '32'"),
        (
            "aws:iam/rolePolicy:RolePolicy",
            {"policy": '{"Version": "2012-10-17", "Statement": {}}'},
            "MalformedPolicyDocument",
        ),
        (
            "aws:ec2/vpc:Vpc",
            {"enableDnsSupport": "yes"},
            "ParamValidationError|Parameter validation failed",
        ),
    ],
)
def test_a_bad_input_is_refused(
    type_: str, inputs: dict[str, object], message: str, account: Account
) -> None:
    """A table that dropped inputs would leave nothing to refuse."""
    for resource in changed("dev", type_, **inputs):
        account.create(resource)
    assert [
        re.search(message, refused.message) is not None
        for refused in account.refused
        if refused.type == type_
    ] == [True]


def test_an_input_without_a_place_is_an_error(account: Account) -> None:
    *_, vpc = changed("dev", "aws:ec2/vpc:Vpc", colour="red")
    with pytest.raises(UnmappedError, match="has colour, which CreateVpcRequest does not know"):
        account.create(vpc)
    assert not set(CREATES) & set(NOT_AWS)


def test_a_refusal_names_type_and_request() -> None:
    """As the page does."""
    assert Refused("t", "efs.put_backup_policy", "m") < Refused("u", "a", "b")
