"""The AWS account of a stack, reached the way the stack's own provider reaches it.

`aws:region`, `aws:profile`, `aws:assumeRoles` and their like stand in the stack's configuration,
and `pulumi up` follows them. The release commands must talk to the same account and region,
whatever the shell's variables say. Order and names are those of the provider:
https://www.pulumi.com/registry/packages/aws/installation-configuration/
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    AssumeRoleWithWebIdentityCredentialFetcher,
    DeferredRefreshableCredentials,
    FileWebIdentityTokenLoader,
)
from botocore.exceptions import ProfileNotFound

from scripts.release.errors import ReleaseError

NAMESPACE: Final = "aws"
_SESSION_NAME: Final = "astro-live-release"
_UNITS: Final = {"h": 3600, "m": 60, "s": 1}
_ROLE_ARGUMENTS: Final = {
    "externalId": "ExternalId",
    "policy": "Policy",
    "sourceIdentity": "SourceIdentity",
    "transitiveTagKeys": "TransitiveTagKeys",
}


@dataclass(frozen=True, kw_only=True)
class Account:
    """Where a stack's resources are, and how to get there."""

    region: str
    session: boto3.Session = field(repr=False)
    endpoints: Mapping[str, str] = field(default_factory=dict)
    """Service to address, from `aws:endpoints`."""
    fips: bool = False
    dualstack: bool = False

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Account:
        """The account that a stack's configuration names; `config` maps full keys to decoded
        values.

        What the configuration leaves out comes from the environment, as with the provider. Raises
        `ReleaseError` for a region that nothing names, a profile that does not exist, or a role
        without its ARN.
        """
        given = {key.removeprefix(f"{NAMESPACE}:"): value for key, value in config.items()}
        base = botocore.session.Session(profile=_text(given, "profile") or None)
        for key, variable in (
            ("sharedConfigFiles", "config_file"),
            ("sharedCredentialsFiles", "credentials_file"),
        ):
            if files := given.get(key):
                base.set_config_variable(variable, str(Path(str(files[0])).expanduser()))
        try:
            region = (
                _text(given, "region")
                or os.environ.get("AWS_REGION")
                or base.get_config_variable("region")
                or ""
            )
            if not region:
                raise ReleaseError(
                    "the stack names no region; set it with: pulumi config set aws:region"
                    " eu-central-1 --stack …"
                )
            if key_id := _text(given, "accessKey"):
                base.set_credentials(
                    key_id, _text(given, "secretKey"), _text(given, "token") or None
                )
            session = boto3.Session(
                botocore_session=_assume(base, region, given), region_name=region
            )
        except ProfileNotFound as error:
            raise ReleaseError(
                f"aws:profile is {_text(given, 'profile')!r}, which {_config_file(given)} does not"
                " have; add it (aws configure sso), or set another: pulumi config set aws:profile"
                " NAME"
            ) from error
        return cls(
            region=region,
            session=session,
            endpoints={
                name: str(url)
                for entry in given.get("endpoints") or ()
                for name, url in entry.items()
            },
            fips=_flag(given, "useFipsEndpoint"),
            dualstack=_flag(given, "useDualstackEndpoint"),
        )

    def client(self, service: str, *, region: str = "") -> Any:
        """A boto3 client of `service` in the stack's account and region (or another `region`)."""
        return self.session.client(
            service,
            region_name=region or self.region,
            endpoint_url=self.endpoints.get(service),
            config=Config(
                use_fips_endpoint=self.fips or None, use_dualstack_endpoint=self.dualstack or None
            ),
        )


def _assume(
    base: botocore.session.Session, region: str, given: Mapping[str, Any]
) -> botocore.session.Session:
    """`base` after `aws:assumeRoleWithWebIdentity` or each of `aws:assumeRoles`, one from the
    other.
    """
    roles: Sequence[Mapping[str, Any]] = given.get("assumeRoles") or ()
    identity: Mapping[str, Any] = given.get("assumeRoleWithWebIdentity") or {}
    session = base
    if identity:
        session = _with_credentials(base, _web_identity(base, region, identity))
    for role in roles:
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=_in_region(session, region),
            source_credentials=session.get_credentials(),
            role_arn=_role_arn(role, "assumeRoles"),
            extra_args=_role_arguments(role),
        )
        session = _with_credentials(
            base, DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")
        )
    return session


def _web_identity(
    base: botocore.session.Session, region: str, role: Mapping[str, Any]
) -> DeferredRefreshableCredentials:
    token = str(role.get("webIdentityToken") or "")
    file = str(
        role.get("webIdentityTokenFile") or os.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE") or ""
    )
    if not token and not file:
        raise ReleaseError(
            "aws:assumeRoleWithWebIdentity has neither webIdentityToken nor webIdentityTokenFile;"
            " add one"
        )
    fetcher = AssumeRoleWithWebIdentityCredentialFetcher(
        client_creator=_in_region(base, region),
        web_identity_token_loader=FileWebIdentityTokenLoader(file) if file else lambda: token,
        role_arn=_role_arn(role, "assumeRoleWithWebIdentity"),
        extra_args={
            name: value
            for name, value in _role_arguments(role).items()
            if name in ("RoleSessionName", "DurationSeconds", "Policy", "PolicyArns")
        },
    )
    return DeferredRefreshableCredentials(
        fetcher.fetch_credentials, "assume-role-with-web-identity"
    )


def _with_credentials(base: botocore.session.Session, credentials: Any) -> botocore.session.Session:
    """A session with the settings of `base` and other credentials."""
    session = botocore.session.Session(profile=base.profile)
    for variable in ("config_file", "credentials_file"):
        session.set_config_variable(variable, base.get_config_variable(variable))
    session._credentials = credentials  # the way of `set_credentials`, which takes fixed keys only
    return session


def _in_region(session: botocore.session.Session, region: str) -> Any:
    """botocore's fetchers create an STS client without a region."""

    def create(service: str, **options: Any) -> Any:
        return session.create_client(service, **{"region_name": region, **options})

    return create


def _role_arn(role: Mapping[str, Any], key: str) -> str:
    if not role.get("roleArn"):
        raise ReleaseError(
            f"aws:{key} has a role without roleArn; write roleArn:"
            " arn:aws:iam::<account>:role/<name>"
        )
    return str(role["roleArn"])


def _role_arguments(role: Mapping[str, Any]) -> dict[str, Any]:
    """A role of the configuration in the names of STS."""
    arguments: dict[str, Any] = {"RoleSessionName": role.get("sessionName") or _SESSION_NAME}
    for name, theirs in _ROLE_ARGUMENTS.items():
        if role.get(name):
            arguments[theirs] = role[name]
    if duration := role.get("duration"):
        arguments["DurationSeconds"] = _seconds(str(duration))
    if arns := role.get("policyArns"):
        arguments["PolicyArns"] = [{"arn": arn} for arn in arns]
    if tags := role.get("tags"):
        arguments["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    return arguments


def _seconds(duration: str) -> int:
    """Go's notation, `1h30m`, in seconds."""
    parts = re.findall(r"(\d+)([hms])", duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise ReleaseError(
            f"a role's duration is {duration!r}; allowed are hours, minutes and seconds as in"
            " '1h30m'"
        )
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


def _text(given: Mapping[str, Any], key: str) -> str:
    return str(given.get(key) or "")


def _flag(given: Mapping[str, Any], key: str) -> bool:
    return str(given.get(key, "")).lower() == "true"


def _config_file(given: Mapping[str, Any]) -> str:
    files = given.get("sharedConfigFiles")
    return str(files[0]) if files else os.environ.get("AWS_CONFIG_FILE", "~/.aws/config")


def decoded(config: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """`pulumi config --json` as values by full key: objects and lists decoded, the rest as text."""
    found: dict[str, Any] = {}
    for key, entry in config.items():
        value = entry.get("objectValue", entry.get("value"))
        if isinstance(value, str) and value[:1] in ("[", "{"):
            with contextlib.suppress(ValueError):
                value = json.loads(value)
        found[key] = value
    return found
