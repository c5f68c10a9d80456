"""What a platform team prescribes reaches every resource: tags, names, boundaries and paths of
roles (S36).
"""

from __future__ import annotations

import functools
import inspect
import json
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pulumi_aws
import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from components.config.platform import LONGEST_PREFIX, are_tags
from settings import SettingsError
from tests.components.harness import ACCOUNT, Graph, Registered, run_stack

BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/teams/boundary"
PREFIX = "acme-editor"
CONFIG: dict[str, object] = {
    "tags": {"CostCenter": "web", "Stack": "blue"},
    "permissionsBoundaryArn": BOUNDARY,
    "iamPath": "/apps/live/",
    "namePrefix": PREFIX,
}


@pytest.fixture(scope="module", params=["dev", "prod"])
def stack(request: pytest.FixtureRequest) -> Graph:
    return run_stack(request.param, CONFIG)


@functools.cache
def takes_tags(token: str) -> bool:
    """Whether the provider's class for a type token has tags."""
    module, _, name = token.removeprefix("aws:").partition("/")
    found = getattr(
        sys.modules.get(f"pulumi_aws.{module}") or getattr(pulumi_aws, module),
        name.partition(":")[2],
    )
    return "tags" in inspect.signature(found._internal_init).parameters


def of_aws(graph: Graph) -> list[Registered]:
    return [resource for resource in graph.resources.values() if resource.type.startswith("aws:")]


def test_every_resource_that_takes_tags_has_them(stack: Graph) -> None:
    """The provider's own classes say which do. A stack may give our tags other values."""
    taggable = [resource for resource in of_aws(stack) if takes_tags(resource.type)]
    assert len(taggable) > 30
    wanted = {"Project": "astro-live", "Stack": "blue", "CostCenter": "web"}
    assert {resource.name: resource.inputs.get("tags") for resource in taggable} == {
        resource.name: wanted for resource in taggable
    }
    assert stack.one("Vpc").inputs["tags"] == wanted


def test_every_role_has_path_and_boundary(stack: Graph) -> None:
    roles = [role.inputs for role in stack.of_type("Role")]
    assert len(roles) >= 2
    assert {(role["path"], role["permissionsBoundary"]) for role in roles} == {
        ("/apps/live/", BOUNDARY)
    }


def test_every_name_begins_with_the_prefix(stack: Graph) -> None:
    """Also where a name is not generated."""
    others = [
        resource.name
        for resource in stack.resources.values()
        if not resource.name.startswith(PREFIX)
    ]
    assert others == ["name-prefix"]  # remembers it


def test_the_longest_prefix_fits_the_shortest_name() -> None:
    """One more letter is refused as config, not by a component."""
    assert run_stack("dev", {"namePrefix": "a" * LONGEST_PREFIX}).resources
    with pytest.raises(SettingsError, match="namePrefix is"):
        run_stack("dev", {"namePrefix": "a" * (LONGEST_PREFIX + 1)})


@pytest.fixture(scope="module")
def iam() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client(
            "iam", "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
        )


TEXT = st.text(st.sampled_from("aA0 _.:/=+-@é*\"'"), max_size=12)


@given(
    st.dictionaries(
        st.one_of(TEXT, st.sampled_from(["aws:x", "AWS:y", "project", "k" * 128, "k" * 129])),
        TEXT,
        max_size=4,
    )
)
def test_tags_that_are_taken_are_tags_to_iam(iam: Any, tags: dict[str, str]) -> None:
    """IAM is the strictest; moto checks as it does."""
    if not are_tags(tags):
        return
    every = {"Project": "astro-live", "Stack": "dev", **tags}
    document = json.dumps({"Version": "2012-10-17", "Statement": []})
    try:
        iam.create_role(
            RoleName="x",
            AssumeRolePolicyDocument=document,
            Tags=[{"Key": key, "Value": value} for key, value in every.items()],
        )
    except ClientError as refusal:
        raise AssertionError(f"IAM refuses {tags}") from refusal
    iam.delete_role(RoleName="x")
