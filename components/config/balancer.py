"""Keys: load balancer, firewall, sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from components.config.keys import Problem, given, key
from components.web_socket_alb import CLIENT_KEEP_ALIVE_SECONDS, DEFAULT_TLS_POLICY
from contract.hmr import ALB_IDLE_TIMEOUT_SECONDS, HIDDEN_TAB_HEARTBEAT_SECONDS

TLS_POLICIES = (
    DEFAULT_TLS_POLICY,
    "ELBSecurityPolicy-TLS13-1-2-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    "ELBSecurityPolicy-TLS13-1-3-2021-06",
)
"""Policies with forward secrecy and at least TLS 1.2; those with `PQ` add post-quantum key exchange."""


def is_https_address(text: str) -> bool:
    """Whether `text` is an https address with a host."""
    url = urlsplit(text)
    return url.scheme == "https" and bool(url.hostname)


@dataclass(frozen=True, kw_only=True)
class BalancerKeys:
    """Times, listeners, logs."""

    idle_timeout_seconds: int = key(
        group="Load balancer",
        default=3600,
        help="Silence after which a connection is cut. Must outlast two heartbeats of a hidden tab.",
        within=(2 * HIDDEN_TAB_HEARTBEAT_SECONDS, ALB_IDLE_TIMEOUT_SECONDS[1]),
        unit="s",
    )
    stickiness_seconds: int = key(
        group="Load balancer", default=3600, help="Life of the cookie that keeps a browser on its task.", within=(1, 604800), unit="s"
    )
    client_keep_alive_seconds: int = key(
        group="Load balancer",
        default=3600,
        help="Longest life of a browser's HTTP connection; a request after it opens a new one.",
        within=CLIENT_KEEP_ALIVE_SECONDS,
        unit="s",
    )
    tls_policy: str = key(
        group="Load balancer", default=DEFAULT_TLS_POLICY, help="TLS versions and ciphers of the HTTPS listener.", choices=TLS_POLICIES
    )
    hsts_seconds: int = key(
        group="Load balancer",
        default=31536000,
        help="How long browsers shall insist on https; 0 sends no such header.",
        within=(0, 63072000),
        unit="s",
    )
    ip_address_type: Literal["ipv4", "dualstack"] = key(
        group="Load balancer",
        default="ipv4",
        help="`dualstack` also serves IPv6; it needs `vpcId` with public subnets that have an IPv6 range.",
        choices=("ipv4", "dualstack"),
    )
    internal: bool = key(
        group="Load balancer",
        default=False,
        help="Reachable only from within the network: the load balancer stands in the private subnets.",
    )
    expose_api: bool = key(group="Load balancer", default=False, help="Forward the REST API's paths (`/api/*`) to the tasks.")
    access_logs: bool = key(group="Load balancer", default=True, help="Write access logs to an encrypted bucket.")
    access_log_retention_days: int = key(
        group="Load balancer", default=90, help="Days that access logs are kept.", within=(1, 3650), unit="days"
    )
    deletion_protection: bool = key(
        group="Load balancer", default=True, help="Refuse to delete the load balancer, the file system and buckets that hold logs."
    )

    def balancer_problems(self, *, in_own_vpc: bool, ingress_cidrs: tuple[str, ...]) -> list[Problem]:
        """Keys that do not go together."""
        problems = []
        if self.ip_address_type == "dualstack" and not in_own_vpc:
            allowed = "dualstack only with vpcId: awsx gives the subnets of a new VPC no IPv6 range"
            fix = "set vpcId and its subnets, or ipAddressType ipv4"
            problems.append(Problem(key="ipAddressType", value='"dualstack"', allowed=allowed, fix=fix))
        if self.ip_address_type == "ipv4" and (sixes := [cidr for cidr in ingress_cidrs if ":" in cidr]):
            allowed = "IPv6 ranges only with ipAddressType dualstack, since the load balancer has no IPv6 address"
            problems.append(Problem(key="ingressCidrs", value=str(sixes), allowed=allowed, fix=f"remove {', '.join(sixes)}"))
        return problems


@dataclass(frozen=True, kw_only=True)
class GuardKeys:
    """Firewall and sign-in in front of the gateway's own check."""

    firewall: bool = key(group="Firewall and sign-in", default=False, help="Put AWS WAF before the load balancer.")
    firewall_rate_limit: int = key(
        group="Firewall and sign-in",
        default=10000,
        help="With `firewall`: requests that one address may make in five minutes.",
        within=(10, 2_000_000_000),
    )
    sign_in: Literal["none", "oidc", "cognito"] = key(
        group="Firewall and sign-in",
        default="none",
        help="Have people sign in at the load balancer, besides the session's own token.",
        choices=("none", "oidc", "cognito"),
    )
    oidc_issuer: str = key(
        group="Firewall and sign-in",
        default="",
        help="With `signIn: oidc`: the provider.",
        check=is_https_address,
        allowed="an https address",
        example="https://login.example.com",
    )
    oidc_authorization_endpoint: str = key(
        group="Firewall and sign-in",
        default="",
        help="From the provider's discovery document.",
        check=is_https_address,
        allowed="an https address",
        example="https://login.example.com/authorize",
    )
    oidc_token_endpoint: str = key(
        group="Firewall and sign-in",
        default="",
        help="From the provider's discovery document.",
        check=is_https_address,
        allowed="an https address",
        example="https://login.example.com/token",
    )
    oidc_user_info_endpoint: str = key(
        group="Firewall and sign-in",
        default="",
        help="From the provider's discovery document.",
        check=is_https_address,
        allowed="an https address",
        example="https://login.example.com/userinfo",
    )
    oidc_client_id: str = key(
        group="Firewall and sign-in",
        default="",
        help="Id under which the provider knows this load balancer.",
        pattern=r"\S{1,256}",
        allowed="1-256 characters without spaces",
        example="astro-live",
    )
    oidc_client_secret: str = key(
        group="Firewall and sign-in",
        default="",
        help="Set it with `pulumi config set --secret`.",
        pattern=r"\S{1,512}",
        allowed="1-512 characters without spaces, encrypted",
        secret=True,
    )
    cognito_user_pool_arn: str = key(
        group="Firewall and sign-in",
        default="",
        help="With `signIn: cognito`: the user pool.",
        pattern=r"arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:\d{12}:userpool/\S+",
        allowed="a user pool's ARN",
        example="arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_EXAMPLE",
    )
    cognito_client_id: str = key(
        group="Firewall and sign-in",
        default="",
        help="Client of the pool, with a secret.",
        pattern=r"[A-Za-z0-9_+]{1,128}",
        allowed="1-128 letters, digits, '_' and '+'",
        example="1example23456789",
    )
    cognito_domain: str = key(
        group="Firewall and sign-in",
        default="",
        help="Prefix of the pool's hosted domain, or its own domain.",
        pattern=r"[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?",
        allowed="a domain or its prefix",
        example="astro-live",
    )

    def guard_problems(self) -> list[Problem]:
        """A kind of sign-in needs all its keys."""
        needed = {
            "oidc": (
                "oidcIssuer",
                "oidcAuthorizationEndpoint",
                "oidcTokenEndpoint",
                "oidcUserInfoEndpoint",
                "oidcClientId",
                "oidcClientSecret",
            ),
            "cognito": ("cognitoUserPoolArn", "cognitoClientId", "cognitoDomain"),
            "none": (),
        }
        values = {
            "oidcIssuer": self.oidc_issuer,
            "oidcAuthorizationEndpoint": self.oidc_authorization_endpoint,
            "oidcTokenEndpoint": self.oidc_token_endpoint,
            "oidcUserInfoEndpoint": self.oidc_user_info_endpoint,
            "oidcClientId": self.oidc_client_id,
            "oidcClientSecret": self.oidc_client_secret,
            "cognitoUserPoolArn": self.cognito_user_pool_arn,
            "cognitoClientId": self.cognito_client_id,
            "cognitoDomain": self.cognito_domain,
        }
        return [
            Problem(key=name, value="not set", allowed=f"a value, since signIn is {self.sign_in!r}", fix=f"set {name}, or signIn to none")
            for name in needed[self.sign_in]
            if not given(values[name])
        ]
