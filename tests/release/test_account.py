"""The release commands follow the stack's configuration, not the shell (S24, S36)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from scripts.release.account import Account, decoded
from scripts.release.errors import ReleaseError


@pytest.fixture
def shell(aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A shell with another region and another account's keys; profiles stand in files."""
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    config = tmp_path / "config"
    config.write_text(f"[profile dev]\nregion = ap-southeast-2\nendpoint_url = {aws}\n")
    credentials = tmp_path / "credentials"
    credentials.write_text("[dev]\naws_access_key_id = PROFILE\naws_secret_access_key = testing\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    return aws


def keys(account: Account) -> str:
    credentials: Any = account.session.get_credentials()
    return str(credentials.access_key)


def test_region_and_profile_of_the_stack_win(shell: str) -> None:
    """Over the shell's region, the profile's region and the shell's keys."""
    account = Account.of({"aws:region": "eu-central-1", "aws:profile": "dev"})
    ecs = account.client("ecs")
    assert (ecs.meta.region_name, ecs.meta.endpoint_url, keys(account)) == (
        "eu-central-1",
        shell,
        "PROFILE",
    )


def test_without_them_the_shell_decides(shell: str) -> None:
    """As with the provider: AWS_REGION, which boto3 itself does not read."""
    account = Account.of({})
    assert (account.region, keys(account)) == ("us-west-2", "testing")


def test_roles_are_assumed_one_from_the_other(shell: str) -> None:
    """Each hop with its own arguments; moto answers with credentials of the role's account."""
    roles = [
        {
            "roleArn": "arn:aws:iam::111111111111:role/hub",
            "externalId": "edit",
            "duration": "1h30m",
        },
        {
            "roleArn": "arn:aws:iam::222222222222:role/deploy",
            "sessionName": "ci",
            "tags": {"team": "edit"},
        },
    ]
    account = Account.of(
        {"aws:region": "eu-central-1", "aws:profile": "dev", "aws:assumeRoles": roles}
    )
    identity = account.client("sts").get_caller_identity()
    assert identity["Arn"] == "arn:aws:sts::222222222222:assumed-role/deploy/ci"


def test_a_web_identity_is_exchanged(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The runner's token in a file, as GitHub's and Kubernetes' are."""
    (tmp_path / "token").write_text("token")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    role = {"roleArn": "arn:aws:iam::222222222222:role/oidc"}
    account = Account.of(
        {"aws:region": "eu-central-1", "aws:profile": "dev", "aws:assumeRoleWithWebIdentity": role}
    )
    assert (
        "assumed-role/oidc/astro-live-release" in account.client("sts").get_caller_identity()["Arn"]
    )


def test_keys_and_endpoints_of_the_stack(shell: str) -> None:
    """For clouds that look like AWS."""
    config = {
        "aws:region": "eu-central-1",
        "aws:accessKey": "STACK",
        "aws:secretKey": "s",
        "aws:endpoints": [{"ecs": "http://127.0.0.1:1"}],
    }
    account = Account.of(config)
    assert (keys(account), account.client("ecs").meta.endpoint_url) == (
        "STACK",
        "http://127.0.0.1:1",
    )
    assert "amazonaws.com" in account.client("ecr").meta.endpoint_url


def test_credentials_do_not_show(shell: str) -> None:
    """An account in a traceback shows no key."""
    assert "PROFILE" not in repr(Account.of({"aws:region": "eu-central-1", "aws:profile": "dev"}))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"aws:profile": "gone"}, "aws:profile is 'gone', which .*config does not have"),
        ({"aws:assumeRoles": [{"sessionName": "x"}]}, "aws:assumeRoles has a role without roleArn"),
        (
            {"aws:assumeRoles": [{"roleArn": "r", "duration": "soon"}]},
            "a role's duration is 'soon'",
        ),
        (
            {"aws:assumeRoleWithWebIdentity": {"roleArn": "r"}},
            "neither webIdentityToken nor webIdentityTokenFile",
        ),
    ],
)
def test_what_cannot_work_is_named(config: dict[str, Any], message: str, shell: str) -> None:
    with pytest.raises(ReleaseError, match=message):
        Account.of({"aws:region": "eu-central-1", **config}).session.get_credentials()


def test_no_region_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then boto3 would ask nobody in particular."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(
        ReleaseError, match="names no region; set it with: pulumi config set aws:region"
    ):
        Account.of({})


def test_config_is_decoded_as_the_cli_prints_it() -> None:
    """Lists and objects come as JSON text, and as objects beside it."""
    text = json.loads(
        '{"a:b": {"value": "[1]", "secret": false}, "a:c": {"value": "x", "objectValue": {"y": 1}},'
        ' "a:d": {"secret": true}}'
    )
    assert decoded(text) == {"a:b": [1], "a:c": {"y": 1}, "a:d": None}


def test_boto3_alone_would_have_gone_elsewhere(shell: str) -> None:
    """What the commands did before: the shell's region and keys."""
    assert boto3.client("ecs").meta.region_name == "us-west-2"
