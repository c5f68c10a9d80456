"""The stack's settings: the only reader of Pulumi config, validated whole before any resource is registered.

Each field is a config key in the namespace `astro-live` (`idle_timeout_seconds` is `astro-live:idleTimeoutSeconds`), declared in
`components/config/`. Those declarations are the source of the schema in Pulumi.yaml and of docs/config.md; `scripts/gen_config_docs.py`
writes both.

Errors: `SettingsError` lists every bad key with its value, what is allowed and the fix.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi.runtime import config as raw_config

from components.config.address import AddressKeys, NetworkKeys
from components.config.balancer import BalancerKeys, GuardKeys
from components.config.keys import SPEC, Problem, fields, read
from components.config.task import SessionKeys, StoreKeys, TaskKeys, WatchKeys
from components.hmr import HmrContract
from components.network import ExistingVpc
from components.scaling import Autoscaling
from components.sign_in import CognitoSignIn, OidcSignIn, SignIn

NAMESPACE = "astro-live"


class SettingsError(pulumi.RunError):
    """The stack's config cannot be used. Pulumi prints the message without a traceback."""

    def __init__(self, stack: str, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {NAMESPACE}:{problem}" for problem in problems)
        count = "a bad key" if len(problems) == 1 else f"{len(problems)} bad keys"
        super().__init__(f"config of stack {stack!r} has {count}:\n{lines}")


# Dataclasses collect the fields of the last base first: the order here is that of the reference, read backwards.
@dataclass(frozen=True, kw_only=True)
class StackSettings(WatchKeys, StoreKeys, TaskKeys, SessionKeys, GuardKeys, BalancerKeys, NetworkKeys, AddressKeys):
    """One stack's settings."""

    @classmethod
    def load(cls) -> StackSettings:
        """Read and validate the current stack's config. Raises `SettingsError`."""
        stack = pulumi.get_stack()
        config = pulumi.Config(NAMESPACE)
        values, problems = read(cls, config.get, _present_keys(), stack=stack)
        problems += _plain_secrets(values)
        if not problems:
            settings = cls(**values)
            problems = settings.contradictions()
        if problems:
            raise SettingsError(stack, problems)
        return settings

    def contradictions(self) -> list[Problem]:
        """Keys that are fine alone but not together."""
        return [
            *self.address_problems(),
            *self.network_problems(),
            *self.balancer_problems(self.vpc_id, self.ingress_cidrs),
            *self.guard_problems(),
            *self.task_problems(self.max_sessions),
            *self.watch_problems(),
        ]

    @property
    def contract(self) -> HmrContract:
        """The HMR contract of this stack."""
        return HmrContract(
            public_url=self.public_url, idle_timeout_seconds=self.idle_timeout_seconds, stickiness_seconds=self.stickiness_seconds
        )

    @property
    def existing_vpc(self) -> ExistingVpc | None:
        """The VPC to stand in; None for a new one."""
        if not self.vpc_id:
            return None
        return ExistingVpc(vpc_id=self.vpc_id, public_subnet_ids=self.public_subnet_ids, private_subnet_ids=self.private_subnet_ids)

    @property
    def people_sign_in(self) -> SignIn | None:
        """How people sign in at the load balancer; None leaves it to the session's own token."""
        if self.sign_in == "oidc":
            return OidcSignIn(
                issuer=self.oidc_issuer,
                authorization_endpoint=self.oidc_authorization_endpoint,
                token_endpoint=self.oidc_token_endpoint,
                user_info_endpoint=self.oidc_user_info_endpoint,
                client_id=self.oidc_client_id,
                client_secret=pulumi.Output.secret(self.oidc_client_secret),
            )
        if self.sign_in == "cognito":
            return CognitoSignIn(user_pool_arn=self.cognito_user_pool_arn, client_id=self.cognito_client_id, domain=self.cognito_domain)
        return None

    @property
    def scaling(self) -> Autoscaling | None:
        """Target tracking; None keeps `desired_count`."""
        if not self.autoscaling:
            return None
        return Autoscaling(
            minimum=self.min_tasks,
            maximum=self.max_tasks,
            cpu_percent=self.scale_cpu_percent,
            memory_percent=self.scale_memory_percent,
            sessions_per_task=self.scale_sessions_per_task or None,
        )


def _present_keys() -> set[str]:
    """Keys of the namespace that the stack sets, known or not: a misspelt key would otherwise do nothing and say nothing."""
    prefix = f"{NAMESPACE}:"
    names = (*raw_config.CONFIG.get(), *raw_config.get_config_env())
    return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


def _plain_secrets(values: dict[str, object]) -> list[Problem]:
    """Secrets that stand in the stack's file in plain."""
    encrypted = {*raw_config.get_config_secret_keys_env()}
    problems = []
    for name, field in fields(StackSettings).items():
        if not field.metadata[SPEC].secret or not values.get(field.name):
            continue
        key = f"{NAMESPACE}:{name}"
        if key not in encrypted and not raw_config.is_config_secret(key):
            fix = f"revoke it, since it stands in the file, and set the new one with: pulumi config set --secret {name}"
            problems.append(Problem(key=name, value="<secret>, in plain", allowed="only an encrypted value", fix=fix))
    return problems
