"""Keys: load balancer, firewall, sign-in."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal
from urllib.parse import urlsplit

from components.config.address import RULES_PER_GROUP, too_many_ranges
from components.config.network import MOST_EGRESS_RANGES
from components.config.shapes import (
    HttpsAddress,
    Ranges,
    arn,
    given,
    holds_private_addresses,
    matching,
)
from components.firewall import Firewall
from components.log_bucket import RETENTION_DAYS, LogBucketArgs
from components.network import Egress
from components.regions import REGION
from components.sign_in import HTTPS
from components.web_socket_alb import (
    CLIENT_KEEP_ALIVE_SECONDS,
    DEFAULT_TLS_POLICY,
    IpAddressType,
    WebSocketAlbArgs,
)
from contract.settings import Names, Problem, Problems, Rule, Settings, one_of, setting
from contract.settings.session import BALANCER

GUARD: Final = "Firewall and sign-in"

TLS_POLICIES: Final = (
    DEFAULT_TLS_POLICY,
    "ELBSecurityPolicy-TLS13-1-2-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    "ELBSecurityPolicy-TLS13-1-3-2021-06",
)
"""Policies with forward secrecy and at least TLS 1.2; those with `PQ` add post-quantum key
exchange.
"""


def dual_stack_needs_an_existing_vpc(
    names: Names, ip_address_type: IpAddressType, vpc_id: str
) -> Problems:
    """The subnets of a new VPC have no IPv6 range."""
    if ip_address_type == "dualstack" and not given(vpc_id):
        vpc = names["vpc_id"]
        yield Problem(
            key=names["ip_address_type"],
            value='"dualstack"',
            allowed=f"dualstack only with {vpc}: awsx gives the subnets of a new VPC no IPv6 range",
            fix=f"set {vpc} and its subnets, or {names['ip_address_type']} ipv4",
        )


def ipv6_visitors_need_dual_stack(
    names: Names, ip_address_type: IpAddressType, ingress_cidrs: tuple[str, ...]
) -> Problems:
    """A load balancer without an IPv6 address cannot be reached from one."""
    sixes = [cidr for cidr in ingress_cidrs if ":" in cidr]
    if ip_address_type == "ipv4" and sixes:
        yield Problem(
            key=names["ingress_cidrs"],
            value=str(sixes),
            allowed=(
                f"IPv6 ranges only with {names['ip_address_type']} dualstack, since the load"
                " balancer has no IPv6 address"
            ),
            fix=f"remove {', '.join(sixes)}",
        )


def visitors_reach_an_internal_load_balancer(
    names: Names, internal: bool, vpc_id: str, listener_arn: str, ingress_cidrs: tuple[str, ...]
) -> Problems:
    """It has private addresses only, and sees those of its visitors."""
    if (
        internal
        and not given(vpc_id)
        and not given(listener_arn)
        and not any(map(holds_private_addresses, ingress_cidrs))
    ):
        yield Problem(
            key=names["ingress_cidrs"],
            value=", ".join(ingress_cidrs),
            allowed=(
                f"with {names['internal']}, ranges of private networks: nobody reaches it from a"
                " public address"
            ),
            fix=(
                "name the private ranges of your visitors, such as 10.0.0.0/8, or remove"
                f" {names['internal']}"
            ),
        )


class BalancerKeys(Settings):
    """Times, listeners, logs."""

    rules: ClassVar[tuple[Rule, ...]] = (
        dual_stack_needs_an_existing_vpc,
        ipv6_visitors_need_dual_stack,
        visitors_reach_an_internal_load_balancer,
    )

    client_keep_alive_seconds: int = setting(
        WebSocketAlbArgs.client_keep_alive_seconds,
        "Longest lifetime of a browser's HTTP connection; a request after it opens a new one.",
        group=BALANCER,
        within=CLIENT_KEEP_ALIVE_SECONDS,
        unit="s",
    )
    tls_policy: Annotated[str, one_of(TLS_POLICIES)] = setting(
        WebSocketAlbArgs.tls_policy,
        "TLS versions and ciphers of the HTTPS listener.",
        group=BALANCER,
    )
    ip_address_type: IpAddressType = setting(
        WebSocketAlbArgs.ip_address_type,
        "`dualstack` also serves IPv6; it needs `vpcId` with public subnets that have an IPv6"
        " range.",
        group=BALANCER,
    )
    internal: bool = setting(
        WebSocketAlbArgs.internal,
        "Reachable only from within the network: the load balancer is in the private subnets.",
        group=BALANCER,
    )
    access_logs: bool = setting(True, "Write access logs to an encrypted bucket.", group=BALANCER)
    access_log_retention_days: int = setting(
        LogBucketArgs.retention_days,
        "Days that access logs are kept.",
        group=BALANCER,
        within=RETENTION_DAYS,
        unit="days",
    )
    deletion_protection: bool = setting(
        WebSocketAlbArgs.deletion_protection,
        "Refuse to delete the load balancer, the file system and buckets that hold logs.",
        group=BALANCER,
    )


SignInKind = Literal["none", "oidc", "cognito"]


def _missing(names: Names, kind: SignInKind, values: dict[str, str]) -> Problems:
    for field, value in values.items():
        if not given(value):
            yield Problem(
                key=names[field],
                value="not set",
                allowed=f"a value, since {names['sign_in']} is {kind!r}",
                fix=f"set {names[field]}, or {names['sign_in']} to none",
            )


def oidc_needs_its_keys(
    names: Names,
    sign_in: SignInKind,
    oidc_issuer: str,
    oidc_authorization_endpoint: str,
    oidc_token_endpoint: str,
    oidc_user_info_endpoint: str,
    oidc_client_id: str,
    oidc_client_secret: str,
) -> Problems:
    """Sign-in by OIDC needs every key of it."""
    values = {
        "oidc_issuer": oidc_issuer,
        "oidc_authorization_endpoint": oidc_authorization_endpoint,
        "oidc_token_endpoint": oidc_token_endpoint,
        "oidc_user_info_endpoint": oidc_user_info_endpoint,
        "oidc_client_id": oidc_client_id,
        "oidc_client_secret": oidc_client_secret,
    }
    if sign_in == "oidc":
        yield from _missing(names, sign_in, values)


def cognito_needs_its_keys(
    names: Names,
    sign_in: SignInKind,
    cognito_user_pool_arn: str,
    cognito_client_id: str,
    cognito_domain: str,
) -> Problems:
    """Sign-in by Cognito needs every key of it."""
    values = {
        "cognito_user_pool_arn": cognito_user_pool_arn,
        "cognito_client_id": cognito_client_id,
        "cognito_domain": cognito_domain,
    }
    if sign_in == "cognito":
        yield from _missing(names, sign_in, values)


def sign_in_has_one_callback(names: Names, sign_in: SignInKind, routing: str) -> Problems:
    """The load balancer's callback is `https://{host}/oauth2/idpresponse`, and providers take no
    wildcards
    (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html).
    """
    if sign_in != "none" and routing == "host":
        yield Problem(
            key=names["sign_in"],
            value=sign_in,
            allowed=(
                f"none with {names['routing']} 'host': each session's host would need a callback"
                " registered with the provider"
            ),
            fix=f"set {names['sign_in']} to none, or {names['routing']} to path",
        )


def sign_in_goes_over_ipv4(
    names: Names, sign_in: SignInKind, sign_in_cidrs: tuple[str, ...]
) -> Problems:
    """Load balancers reach identity providers over IPv4 only."""
    sixes = [cidr for cidr in sign_in_cidrs if ":" in cidr]
    if sign_in != "none" and sixes:
        key = names["sign_in_cidrs"]
        yield Problem(
            key=key, value=str(sixes), allowed="IPv4 ranges", fix=f"remove {', '.join(sixes)}"
        )


def sign_in_ranges_fit_the_group(
    names: Names,
    sign_in: SignInKind,
    sign_in_cidrs: tuple[str, ...],
    oidc_token_endpoint: str,
    oidc_user_info_endpoint: str,
) -> Problems:
    """Each range is a rule of the load balancer's group, for each port of the provider."""
    addresses = (oidc_token_endpoint, oidc_user_info_endpoint) if sign_in == "oidc" else ()
    ports = {urlsplit(address).port or HTTPS for address in addresses if given(address)} or {HTTPS}
    why = f"AWS takes {RULES_PER_GROUP} rules a security group, and the stack needs some itself"
    why += f"; each range needs {len(ports)}, for the provider's ports" if len(ports) > 1 else ""
    if sign_in != "none":
        yield from too_many_ranges(
            names["sign_in_cidrs"], sign_in_cidrs, MOST_EGRESS_RANGES // len(ports), why
        )


def sign_in_reaches_the_provider(
    names: Names, sign_in: SignInKind, internal: bool, egress: Egress, vpc_id: str
) -> Problems:
    """An internal load balancer is in the tasks' subnets, which have no way to the internet with
    endpoints only.
    """
    if sign_in != "none" and internal and egress == "endpoints" and not given(vpc_id):
        key, way = names["sign_in"], names["egress"]
        yield Problem(
            key=key,
            value=f'"{sign_in}" with {names["internal"]} and {way} endpoints',
            allowed="sign-in only where the load balancer reaches the identity provider",
            fix=f"set {way} to nat or single-nat, or {key} to none",
        )


class GuardKeys(Settings):
    """Firewall and sign-in, before the gateway's own check."""

    rules: ClassVar[tuple[Rule, ...]] = (
        oidc_needs_its_keys,
        cognito_needs_its_keys,
        sign_in_has_one_callback,
        sign_in_goes_over_ipv4,
        sign_in_ranges_fit_the_group,
        sign_in_reaches_the_provider,
    )

    firewall: bool = setting(False, "Put AWS WAF before the load balancer.", group=GUARD)
    firewall_rate_limit: int = setting(
        Firewall.rate_limit,
        "With `firewall`: requests that one address may make in five minutes.",
        group=GUARD,
        within=(10, 2_000_000_000),
    )
    sign_in: SignInKind = setting(
        "none",
        "Have people sign in at the load balancer, besides the session's own token.",
        group=GUARD,
    )
    sign_in_cidrs: Ranges = setting(
        WebSocketAlbArgs.sign_in_cidrs,
        "With `signIn`: where the load balancer may open HTTPS connections to, since it fetches"
        " tokens itself; IPv4 only. With `listenerArn` that is its owner's.",
        group=GUARD,
    )
    oidc_issuer: HttpsAddress = setting(
        "", "With `signIn: oidc`: the provider, as its discovery document names it.", group=GUARD
    )
    oidc_authorization_endpoint: HttpsAddress = setting(
        "", "From the provider's discovery document.", group=GUARD
    )
    oidc_token_endpoint: HttpsAddress = setting(
        "", "From the provider's discovery document.", group=GUARD
    )
    oidc_user_info_endpoint: HttpsAddress = setting(
        "", "From the provider's discovery document.", group=GUARD
    )
    oidc_client_id: Annotated[
        str, matching(r"[!-~]{1,256}", "1-256 ASCII characters without spaces", "astro-live")
    ] = setting("", "Id under which the provider knows this load balancer.", group=GUARD, late=True)
    oidc_client_secret: Annotated[
        str, matching(r"[!-~]{1,512}", "1-512 ASCII characters without spaces, encrypted")
    ] = setting(
        "", "Set it with `pulumi config set --secret`.", group=GUARD, secret=True, late=True
    )
    cognito_user_pool_arn: Annotated[
        str,
        arn(
            "cognito-idp",
            rf"userpool/{REGION}_[0-9a-zA-Z]{{1,40}}",
            "a user pool's ARN",
            "userpool/eu-central-1_EXAMPLE",
        ),
    ] = setting("", "With `signIn: cognito`: the user pool.", group=GUARD, late=True)
    cognito_client_id: Annotated[
        str,
        matching(r"[A-Za-z0-9_+]{1,128}", "1-128 letters, digits, '_' and '+'", "1example23456789"),
    ] = setting("", "Client of the pool, with a secret.", group=GUARD, late=True)
    cognito_domain: Annotated[
        str,
        matching(
            r"(?=.{1,253}$)(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*",
            "a domain or its prefix",
            "astro-live",
        ),
    ] = setting(
        "", "Prefix of the pool's hosted domain, or its own domain.", group=GUARD, late=True
    )
