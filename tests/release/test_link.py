"""`make link STACK=… SESSION=…`: the real gateway gives the link, moto's Secrets Manager the
credential.
"""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from scripts.release import link
from scripts.release.errors import ReleaseError
from tests.gateway.harness import API_TOKEN, Gateway, running_gateway
from tests.release.conftest import REGION


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running_gateway(tmp_path_factory.mktemp("gw")) as gateway:
        yield gateway


def test_a_session_is_made_and_its_link_given(gateway: Gateway, aws: str) -> None:
    """Twice gives two links to one session."""
    secrets: Any = boto3.client("secretsmanager", region_name=REGION)
    arn = secrets.create_secret(Name="api-token", SecretString=API_TOKEN)["ARN"]
    links = [
        link.new_link(f"{gateway.api_url}/api/v1", link.read_token(secrets, arn), "demo")
        for _ in range(2)
    ]
    assert all(each.startswith(f"{gateway.public_url}/session/demo/?") for each in links)
    assert links[0] != links[1]


def test_a_wrong_credential_says_what_to_do(gateway: Gateway) -> None:
    with pytest.raises(ReleaseError, match=r"answered 401: .*deploy again") as refused:
        link.new_link(f"{gateway.api_url}/api/v1", "not-the-credential-0123456789", "demo")
    assert "not-the-credential" not in str(refused.value)


@pytest.mark.parametrize("session", ["", "Demo", "../x", "a" * 64])
def test_a_session_needs_a_name_that_can_be_one(session: str) -> None:
    with pytest.raises(ReleaseError, match="SESSION is"):
        link.new_link("https://edit.example.com/api/v1", "x", session)


def test_nobody_listening_names_the_ranges() -> None:
    with pytest.raises(
        ReleaseError, match=r"cannot reach https://127\.0\.0\.1:1/api/v1/sessions .*ingressCidrs"
    ):
        link.new_link("https://127.0.0.1:1/api/v1", "x", "demo")


def test_the_private_address_is_taken_where_there_is_no_other() -> None:
    """`exposeApi: false` with `apiIngressSecurityGroups`: the load balancer answers 404 for the
    API.
    """
    public, private = (
        "https://edit.example.com/api/v1",
        "http://api.dev.astro-live.internal:8080/api/v1",
    )
    assert link.api_of(public, private, "dev") == public
    assert link.api_of("", private, "dev") == private
    with pytest.raises(ReleaseError, match="neither the output apiUrl nor privateApiUrl"):
        link.api_of("", "", "dev")
    with pytest.raises(
        ReleaseError, match="is this machine in the VPC, in a group of apiIngressSecurityGroups"
    ):
        link.new_link("http://127.0.0.1:9/api/v1", "x", "demo")
