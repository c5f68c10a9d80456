"""`make link STACK=… SESSION=…`: the real gateway gives the link, moto's Secrets Manager the credential."""

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
    links = [link.new_link(gateway.api_url, link.read_token(secrets, arn), "demo") for _ in range(2)]
    assert all(each.startswith(f"{gateway.public_url}/session/demo/?") for each in links)
    assert links[0] != links[1]


def test_a_wrong_credential_says_what_to_do(gateway: Gateway) -> None:
    with pytest.raises(ReleaseError, match=r"answered 401: .*deploy again") as refused:
        link.new_link(gateway.api_url, "not-the-credential-0123456789", "demo")
    assert "not-the-credential" not in str(refused.value)


@pytest.mark.parametrize("session", ["", "Demo", "../x", "a" * 64])
def test_a_session_needs_a_name_that_can_be_one(session: str) -> None:
    with pytest.raises(ReleaseError, match="SESSION is"):
        link.new_link("https://edit.example.com", "x", session)


def test_nobody_listening_names_the_ranges() -> None:
    with pytest.raises(ReleaseError, match=r"cannot reach http://127\.0\.0\.1:1/api/v1/sessions .*ingressCidrs"):
        link.new_link("http://127.0.0.1:1", "x", "demo")
