"""All keys of a stack together: what goes with what, and what the components are told."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.config.address import AddressKeys, NetworkKeys
from components.config.balancer import BalancerKeys, GuardKeys
from components.config.keys import Problem
from components.config.task import SessionKeys, StoreKeys, TaskKeys, WatchKeys
from components.network import ExistingVpc
from components.scaling import Autoscaling
from components.sign_in import CognitoSignIn, OidcSignIn, SignIn
from contract.hmr import HmrContract


# Dataclasses collect the fields of the last base first: the order here is that of the reference, read backwards.
@dataclass(frozen=True, kw_only=True)
class StackKeys(WatchKeys, StoreKeys, TaskKeys, SessionKeys, GuardKeys, BalancerKeys, NetworkKeys, AddressKeys):
    """One stack's values."""

    def contradictions(self) -> list[Problem]:
        """Keys that are fine alone but not together."""
        return [
            *self.address_problems(),
            *self.network_problems(),
            *self.balancer_problems(in_own_vpc=self.in_own_vpc, ingress_cidrs=self.ingress_cidrs),
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
        if not self.in_own_vpc:
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
