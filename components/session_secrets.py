"""The control plane's secrets: signing keys of the session tokens, and the credential of its API.

Both are made once, at creation, and are in Secrets Manager; a later run of the program keeps what
is there, so that rotating them is an operation on the secret and not a deployment.

Secrets Manager deletes a version that has no staging label, and two rotations take both of AWS's
labels from the first version. The engine would then find it gone and write a new random value over
the rotated one. So the first version has a label that rotation does not move
(https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version).
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components.base import Component, ComponentError, Transforms
from contract.settings.task import API_TOKEN, SIGNING_KEYS

STAGES: Final = ("AWSCURRENT", "astro-live-first")
"""Staging labels of the first version."""


AWS_KEY: Final = "alias/aws/secretsmanager"
"""AWS's key of the account. Named, since an update without a key leaves the secret under the one
that it has (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html).
"""


def new_signing_keys(kid: str = "k1") -> str:
    """A JSON list with one Ed25519 key: `[{"kid": "k1", "seed": "<32 bytes, base64url without
    padding>"}]`.
    """
    seed = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    return json.dumps([{"kid": kid, "seed": seed}])


@dataclass(frozen=True, kw_only=True)
class SessionSecretsArgs:
    """Where and how long the secrets are kept."""

    kms_key_arn: pulumi.Input[str] | None = None
    """Own KMS key; None takes AWS's key for Secrets Manager."""
    recovery_days: int = 7
    """Days during which a deleted secret can be restored: 0 or 7-30."""
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.recovery_days != 0 and not 7 <= self.recovery_days <= 30:
            raise ComponentError(
                f"recovery_days is {self.recovery_days}; allowed is 0 (deleted at once) or 7-30"
                " days"
            )


class SessionSecrets(Component):
    """Two secrets and their first values."""

    signing_keys: aws.secretsmanager.Secret
    api_token: aws.secretsmanager.Secret

    def __init__(
        self,
        name: str,
        args: SessionSecretsArgs,
        opts: pulumi.ResourceOptions | None = None,
        transforms: Transforms | None = None,
    ) -> None:
        super().__init__("SessionSecrets", name, opts, transforms)
        self.args = args
        self.signing_keys = self._create(
            "signing_keys", "Ed25519 keys that sign session tokens", new_signing_keys()
        )
        self.api_token = self._create(
            "api_token", "Bearer credential of the REST API", secrets.token_urlsafe(32)
        )
        self.finish({"signingKeysArn": self.signing_keys.arn, "apiTokenArn": self.api_token.arn})

    @property
    def arns(self) -> tuple[pulumi.Output[str], ...]:
        """What the task's execution role must be able to read."""
        return (self.signing_keys.arn, self.api_token.arn)

    def environment(self) -> dict[str, pulumi.Output[str]]:
        """Environment variables of the container by the ARN that ECS resolves."""
        return {SIGNING_KEYS: self.signing_keys.arn, API_TOKEN: self.api_token.arn}

    def _create(self, key: str, description: str, first_value: str) -> aws.secretsmanager.Secret:
        secret = aws.secretsmanager.Secret(
            self.child_name(key),
            description=description,
            kms_key_id=AWS_KEY if self.args.kms_key_arn is None else self.args.kms_key_arn,
            recovery_window_in_days=self.args.recovery_days,
            tags=self.args.tags,
            opts=self.child_options(),
        )
        version = aws.secretsmanager.SecretVersion(
            self.child_name(f"{key}_version"),
            secret_id=secret.id,
            secret_string=pulumi.Output.secret(first_value),
            version_stages=list(STAGES),
            # A new value is drawn in every run; only the first may reach the secret. A rotation
            # moves AWSCURRENT away.
            opts=self.child_options(
                ignore_changes=["secretString", "versionStages"],
                additional_secret_outputs=["secretString"],
            ),
        )
        self.expose(**{key: secret, f"{key}_version": version})
        return secret
