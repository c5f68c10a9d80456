"""The control plane's secrets: made once, kept by later runs, never in plain text (S9)."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from components.base import ComponentError
from components.session_secrets import SessionSecrets, SessionSecretsArgs, new_signing_keys
from local.model import secret_versions
from tests.components.examples import KEY_ARN
from tests.components.harness import Graph, run


@pytest.fixture(scope="module")
def default() -> Graph:
    return run(lambda: SessionSecrets("keys", SessionSecretsArgs()))


def test_a_signing_key_is_an_ed25519_seed_as_the_gateway_reads_it() -> None:
    (key,), (other,) = json.loads(new_signing_keys()), json.loads(new_signing_keys("k2"))
    seed = base64.urlsafe_b64decode(key["seed"] + "=")
    assert len(seed) == 32
    assert Ed25519PrivateKey.from_private_bytes(seed)
    assert (key["kid"], other["kid"]) == ("k1", "k2")
    assert key["seed"] != other["seed"]


def test_values_are_secret_and_later_runs_keep_what_stands(default: Graph) -> None:
    """Each run draws new values, and all but the first are ignored."""
    again = run(lambda: SessionSecrets("keys", SessionSecretsArgs()))
    for name in ("keys-signing-keys-version", "keys-api-token-version"):
        assert default[name].secrets == {"secretString"}
        assert default[name].ignore_changes == ("secretString", "versionStages")
        assert default[name].inputs["secretString"] != again[name].inputs["secretString"]


def test_the_first_version_has_a_label_that_rotation_leaves(default: Graph) -> None:
    """Without one, Secrets Manager deletes the version after two rotations, and the next update
    would write another random value.
    """
    labels = {"first": default["keys-signing-keys-version"].inputs["versionStages"]}
    for version in ("second", "third"):
        labels = secret_versions.put(labels, version, ["AWSCURRENT"])
    assert labels == {
        "first": ["astro-live-first"],
        "second": ["AWSPREVIOUS"],
        "third": ["AWSCURRENT"],
    }


def test_the_api_credential_is_long_enough_for_the_gateway(default: Graph) -> None:
    assert len(default["keys-api-token-version"].inputs["secretString"]) >= 43


def test_a_deleted_secret_can_be_restored_for_a_while(default: Graph) -> None:
    assert default["keys-api-token"].inputs["recoveryWindowInDays"] == 7
    own = run(
        lambda: SessionSecrets("keys", SessionSecretsArgs(kms_key_arn=KEY_ARN, recovery_days=0))
    )
    assert (
        own["keys-api-token"].inputs["recoveryWindowInDays"],
        own["keys-api-token"].inputs["kmsKeyId"],
    ) == (0, KEY_ARN)
    default = run(lambda: SessionSecrets("keys", SessionSecretsArgs()))
    assert default["keys-api-token"].inputs["kmsKeyId"] == "alias/aws/secretsmanager"


@pytest.mark.parametrize("days", [-1, 1, 6, 31])
def test_recovery_is_none_or_a_week_to_a_month(days: int) -> None:
    with pytest.raises(
        ComponentError,
        match=rf"recovery_days is {days}; allowed is 0 \(deleted at once\) or 7-30 days",
    ):
        SessionSecretsArgs(recovery_days=days)
