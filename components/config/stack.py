"""All keys of a stack together, and what the components are told."""

from __future__ import annotations

from typing import Final

import pulumi

from components.config.address import ADDRESS, AddressKeys
from components.config.balancer import GUARD, BalancerKeys, GuardKeys
from components.config.network import NETWORK, NetworkKeys
from components.config.platform import PLATFORM, PlatformKeys
from components.config.region import RegionKeys
from components.config.reuse import REUSE, ReuseKeys
from components.config.shapes import given
from components.config.task import STORE, TASK, WATCH, StoreKeys, TaskKeys, WatchKeys
from components.existing import ExistingFileSystem, ExistingListener
from components.flow_logs import FlowLogs
from components.network import ExistingVpc
from components.scaling import Autoscaling
from components.sign_in import CognitoSignIn, OidcSignIn, SignIn
from contract.hmr import HmrContract, SharedContract
from contract.settings import Setting
from contract.settings.session import (
    BALANCER,
    BUILDS,
    COOKIES,
    DEFAULT_PROTECTION_MINUTES,
    LIMITS,
    SESSIONS,
    SessionSettings,
)

GROUPS: Final = (
    ADDRESS,
    NETWORK,
    BALANCER,
    GUARD,
    SESSIONS,
    BUILDS,
    COOKIES,
    LIMITS,
    TASK,
    STORE,
    WATCH,
    PLATFORM,
    REUSE,
)
"""Headings of the reference, in its order."""


# Pydantic collects the fields of the last base first.
class StackKeys(
    ReuseKeys,
    PlatformKeys,
    RegionKeys,
    WatchKeys,
    StoreKeys,
    TaskKeys,
    SessionSettings,
    GuardKeys,
    BalancerKeys,
    NetworkKeys,
    AddressKeys,
):
    """One stack's values."""

    @classmethod
    def declared(cls) -> dict[str, Setting]:
        """The settings in the order of the reference, by Python name."""
        found = super().declared().items()
        return dict(sorted(found, key=lambda item: GROUPS.index(item[1].group)))

    @property
    def contract(self) -> HmrContract:
        """The HMR contract of this stack."""
        return HmrContract(**{name: getattr(self, name) for name in SharedContract.declared()})

    @property
    def container_environment(self) -> dict[str, str]:
        """Environment of the container besides the contract's: all settings of its sessions.

        Also those that equal their defaults, so that a pinned older image does what the stack says.
        """
        found = self.environment_of(SessionSettings)
        return found | {
            SessionSettings.declared()["task_protection_minutes"].variable: str(
                self.protection_minutes
            )
        }

    @property
    def protection_minutes(self) -> int:
        """How long a task with live sessions is protected at a time. Only by choice where no table
        lets tasks hand sessions over: there it holds deployments up.
        """
        chosen = self.task_protection_minutes != DEFAULT_PROTECTION_MINUTES
        return self.task_protection_minutes if self.shared_ownership or chosen else 0

    @property
    def existing_vpc(self) -> ExistingVpc | None:
        """The VPC to use; None for a new one."""
        if not self.in_own_vpc:
            return None
        return ExistingVpc(
            vpc_id=self.vpc_id,
            public_subnet_ids=self.public_subnet_ids,
            private_subnet_ids=self.private_subnet_ids,
        )

    @property
    def existing_listener(self) -> ExistingListener | None:
        """The listener to add rules to; None makes a load balancer."""
        if not given(self.listener_arn):
            return None
        return ExistingListener(
            arn=self.listener_arn,
            host=self.host,
            priority_offset=self.rule_priority_offset,
        )

    @property
    def existing_file_system(self) -> ExistingFileSystem | None:
        """The file system to make an access point in; None makes one."""
        if not given(self.file_system_id):
            return None
        return ExistingFileSystem(
            id=self.file_system_id, security_group_id=self.file_system_security_group_id
        )

    @property
    def network_flow_logs(self) -> FlowLogs | None:
        """Flow logs of a new VPC."""
        if self.flow_logs == "none":
            return None
        return FlowLogs(
            traffic=self.flow_logs, retention_days=self.log_retention_days, roles=self.role_options
        )

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
            return CognitoSignIn(
                user_pool_arn=self.cognito_user_pool_arn,
                client_id=self.cognito_client_id,
                domain=self.cognito_domain,
            )
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
            sessions_per_task=self.scale_sessions_per_task or max(1, self.max_sessions * 3 // 4),
        )
