"""The load balancer for long-lived WebSockets: one certificate argument yields HTTPS, redirect,
rules and target groups.

Every path, port and time comes from the HMR contract, so rules, health check and idle timeout
cannot drift from the gateway's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.base import Component, ComponentError, Transforms, check_physical_name
from components.certificate import Certificate, ExistingCertificate
from components.cidr import parse_cidr, range_key
from components.dns_alias import DnsAlias
from components.drain import Drain
from components.existing import ExistingListener, Known, KnownLoadBalancer, KnownPart
from components.firewall import Firewall
from components.listener_rules import MAX_RULES, Rule, check_rules, split_sources
from components.log_bucket import LogBucket
from components.security_rules import allow_egress, empty_group
from components.sign_in import HTTPS, SignIn
from contract.api import READY_PATH
from contract.hmr import HIDDEN_TAB_HEARTBEAT_SECONDS, HmrContract
from contract.ranges import DEFAULT_HSTS_SECONDS

DEFAULT_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""TLS 1.3 and 1.2, forward secrecy, post-quantum key exchange where the browser has it; what AWS
recommends
(https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html).
"""

CLIENT_KEEP_ALIVE_SECONDS = (60, 604800)
"""AWS's range."""

HEALTH_CHECK_INTERVAL_SECONDS = 30
HEALTH_CHECK_TIMEOUT_SECONDS = 10
HEALTHY_THRESHOLD = 2
UNHEALTHY_THRESHOLD = 3

OWN = "own"
"""Trigger of a load balancer of this component, where an existing one would be named."""

IpAddressType = Literal["ipv4", "dualstack"]

HMR_PRIORITY = 25
"""Before every other rule: an upgrade must never fall to a broader pattern."""
API_PRIORITY = 50
SESSION_PRIORITY = 100


@dataclass(frozen=True, kw_only=True)
class WebSocketAlbArgs:
    """What the load balancer needs; the rest follows from the contract."""

    contract: HmrContract
    vpc_id: pulumi.Input[str]
    subnet_ids: tuple[pulumi.Input[str], ...]
    """Public subnets in at least two zones; private ones for an internal load balancer."""
    certificate: Certificate | None = None
    """`ExistingCertificate(arn)`, or `IssuedCertificate(domain, hosted_zone_id)`: created,
    DNS-validated and renewed by ACM. None only with `existing`.
    """
    ingress_cidrs: tuple[str, ...]
    """Who may reach ports 443 and 80; the internet only when `0.0.0.0/0` or `::/0` is named."""
    drain: Drain = field(default_factory=Drain)
    tls_policy: str = DEFAULT_TLS_POLICY
    health_path: str = READY_PATH
    """What the health check requests on the API's port; a healthy task answers 200."""
    heartbeat_seconds: int = HIDDEN_TAB_HEARTBEAT_SECONDS
    """Longest gap between two heartbeats of a healthy WebSocket client. The idle timeout outlasts
    two of them.
    """
    client_keep_alive_seconds: int = 3600
    """Longest life of a browser's HTTP connection, 60-604800 s and no less than the longest gap
    between heartbeats
    (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html).
    """
    internal: bool = False
    """Reachable only from within the network."""
    ip_address_type: IpAddressType = "ipv4"
    """`dualstack` needs subnets with an IPv6 range."""
    hsts_seconds: int = DEFAULT_HSTS_SECONDS
    """How long browsers insist on https; 0 tells them to forget it."""
    expose_api: bool = False
    """Add the rule that forwards the REST API's paths; health checks reach the API port
    either way.
    """
    api_cidrs: tuple[str, ...] = ()
    """With `expose_api`: only requests from these ranges reach the API; empty: from all of
    `ingress_cidrs`.
    """
    extra_rules: Mapping[str, Rule] = field(default_factory=dict)
    """More rules of the HTTPS listener by stable names."""
    rule_quota: int = MAX_RULES
    """The account's quota of rules per load balancer."""
    existing: ExistingListener | None = None
    """Add rules to this listener instead of making a load balancer: its certificate, TLS policy,
    visitors, logs, firewall and deletion protection are its owner's, and the arguments for them do
    nothing.
    """
    access_logs: LogBucket | None = None
    dns_alias: DnsAlias | None = None
    firewall: Firewall | None = None
    sign_in: SignIn | None = None
    sign_in_cidrs: tuple[str, ...] = ("0.0.0.0/0",)
    """With `sign_in`: where the load balancer may open HTTPS connections to, since it fetches
    tokens from the provider itself. IPv4 only
    (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html).
    """
    deletion_protection: bool = True
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.certificate is None) == (self.existing is None):
            given = "both given" if self.existing else "both missing"
            raise ComponentError(
                f"certificate and existing are {given}; allowed is one of them. Name a certificate,"
                " or a listener"
            )
        if len(self.subnet_ids) < 2:
            raise ComponentError(
                f"subnet_ids has {len(self.subnet_ids)} entries; a load balancer needs subnets in"
                " at least two zones"
            )
        if not self.ingress_cidrs:
            raise ComponentError(
                "ingress_cidrs is empty, so nobody could reach the load balancer; name a range,"
                " such as '203.0.113.0/24'"
            )
        for cidr in self.ingress_cidrs:
            if parse_cidr("ingress_cidrs", cidr).version == 6 and self.ip_address_type == "ipv4":
                raise ComponentError(
                    f"ingress_cidrs names {cidr!r}, but the load balancer has no IPv6 address; set"
                    " ip_address_type to 'dualstack'"
                )
        for cidr in self.sign_in_cidrs if self.sign_in else ():
            if parse_cidr("sign_in_cidrs", cidr).version == 6:
                raise ComponentError(
                    f"sign_in_cidrs names {cidr!r}; allowed are IPv4 ranges, which is how load"
                    " balancers reach a provider"
                )
        if not self.health_path.startswith("/"):
            raise ComponentError(
                f"health_path is {self.health_path!r}; allowed is a path that begins with '/', such"
                f" as {READY_PATH}"
            )
        idle, least = self.contract.idle_timeout_seconds, 2 * self.heartbeat_seconds
        if not 0 < least <= idle:
            raise ComponentError(
                f"heartbeat_seconds is {self.heartbeat_seconds}; allowed is 1-{idle // 2} s: one"
                f" heartbeat may be lost, and the contract's idle_timeout_seconds is {idle}. Raise"
                " idle_timeout_seconds, or send more heartbeats"
            )
        low, high = (
            max(CLIENT_KEEP_ALIVE_SECONDS[0], self.heartbeat_seconds),
            CLIENT_KEEP_ALIVE_SECONDS[1],
        )
        if not low <= self.client_keep_alive_seconds <= high:
            raise ComponentError(
                f"client_keep_alive_seconds is {self.client_keep_alive_seconds}; allowed is"
                f" {low}-{high} s"
            )
        if self.hsts_seconds < 0:
            raise ComponentError(
                f"hsts_seconds is {self.hsts_seconds}; allowed is 0 (browsers forget it) or more, a"
                " year being 31536000"
            )
        if any(rule.target == "api" for rule in self.extra_rules.values()) and not self.expose_api:
            raise ComponentError(
                "extra_rules forward to 'api', whose target group exists only with expose_api=True;"
                " set it"
            )
        check_rules(self.rules, quota=self.rule_quota)

    @property
    def rules(self) -> dict[str, Rule]:
        """All rules of the HTTPS listener. Raises `ComponentError` when an extra rule takes a
        built-in name.
        """
        contract = self.contract
        hosts = contract.session_rule_hosts
        rules = {
            "hmr": Rule(
                priority=HMR_PRIORITY,
                patterns=contract.hmr_rule_patterns,
                hosts=hosts,
                access="socket",
            ),
            "session": Rule(
                priority=SESSION_PRIORITY, patterns=contract.session_rule_patterns, hosts=hosts
            ),
        }
        if self.expose_api:
            rules |= self._api_rules()
        if clash := sorted(rules.keys() & self.extra_rules.keys()):
            raise ComponentError(
                f"extra_rules names {', '.join(map(repr, clash))}, which the load balancer has"
                " itself; choose another key"
            )
        return {
            key: self._for_listener(rule) for key, rule in {**rules, **self.extra_rules}.items()
        }

    def _for_listener(self, rule: Rule) -> Rule:
        """The rule beside those of others on a listener that somebody else owns."""
        if self.existing is None:
            return rule
        return replace(
            rule,
            priority=rule.priority + self.existing.priority_offset,
            hosts=rule.hosts or (self.existing.host,),
        )

    def _api_rules(self) -> dict[str, Rule]:
        """One rule, or as many as the sources need: a rule takes five values."""
        patterns, hosts = self.contract.api_rule_patterns, self.contract.api_rule_hosts
        groups = split_sources(
            self.api_cidrs, beside=len(patterns) + max(len(hosts), 1 if self.existing else 0)
        )
        return {
            f"api_{index + 1}" if index else "api": Rule(
                priority=API_PRIORITY + index,
                patterns=patterns,
                hosts=hosts,
                sources=sources,
                target="api",
                access="program",
            )
            for index, sources in enumerate(groups)
        }


class WebSocketAlb(Component):
    """An Application Load Balancer whose idle timeout, stickiness, rules and health check fit live
    sessions.
    """

    security_group: aws.ec2.SecurityGroup | Known
    load_balancer: aws.lb.LoadBalancer | KnownLoadBalancer
    session_target_group: aws.lb.TargetGroup
    api_target_group: aws.lb.TargetGroup | None
    https_listener: aws.lb.Listener | KnownPart
    http_listener: aws.lb.Listener | None
    """Redirects to https; None on an existing listener."""
    rules: dict[str, aws.lb.ListenerRule]

    def __init__(
        self,
        name: str,
        args: WebSocketAlbArgs,
        opts: pulumi.ResourceOptions | None = None,
        transforms: Transforms | None = None,
    ) -> None:
        check_physical_name(name, "sessions", limit=32)
        super().__init__("WebSocketAlb", name, opts, transforms)
        self.args = args
        self.http_listener = None
        if args.existing:
            self.load_balancer, self.https_listener, self.security_group = args.existing.look_up(
                self, args.contract
            )
        else:
            self._create_security_group()
            self._create_load_balancer()
            self._create_listeners()
        self._create_target_groups()
        self._create_rules()
        self._create_options()
        self.finish({"dnsName": self.load_balancer.dns_name, "arn": self.load_balancer.arn})

    def _create_security_group(self) -> None:
        group = empty_group(
            self,
            "security_group",
            description="Load balancer of live sessions",
            vpc_id=self.args.vpc_id,
            tags=self.args.tags,
        )
        self.security_group = group
        for index, cidr in enumerate(self.args.ingress_cidrs):
            for port, scheme in ((443, "https"), (80, "http")):
                key = f"ingress_{scheme}_{range_key(cidr)}"
                family = {"cidr_ipv6": cidr} if ":" in cidr else {"cidr_ipv4": cidr}
                rule = aws.vpc.SecurityGroupIngressRule(
                    self.child_name(key),
                    security_group_id=group.id,
                    description=f"{scheme.upper()} from {cidr}"
                    + (" (redirected)" if port == 80 else ""),
                    ip_protocol="tcp",
                    from_port=port,
                    to_port=port,
                    tags=self.args.tags,
                    opts=self.keyed_options(f"ingress_{scheme}_{index}"),
                    **family,
                )
                self.expose(**{key: rule})
        if self.args.sign_in:
            for index, cidr in enumerate(self.args.sign_in_cidrs):
                for port in self.args.sign_in.ports:
                    key = f"egress_sign_in_{'' if port == HTTPS else f'{port}_'}{range_key(cidr)}"
                    before = f"egress_sign_in_{index}" if port == HTTPS else ""
                    about = "Identity provider"
                    allow_egress(
                        self,
                        key,
                        group.id,
                        port=port,
                        cidr=cidr,
                        description=about,
                        tags=self.args.tags,
                        before=before,
                    )

    def _create_load_balancer(self) -> None:
        logs = self.args.access_logs
        balancer = aws.lb.LoadBalancer(
            self.child_name("lb"),
            load_balancer_type="application",
            internal=self.args.internal,
            ip_address_type=self.args.ip_address_type,
            security_groups=[self.security_group.id],
            subnets=list(self.args.subnet_ids),
            idle_timeout=self.args.contract.idle_timeout_seconds,
            client_keep_alive=self.args.client_keep_alive_seconds,
            drop_invalid_header_fields=True,
            # The gateway compares the upgrade's Origin with the public host; without this the load
            # balancer may rewrite Host.
            preserve_host_header=True,
            desync_mitigation_mode="defensive",
            xff_header_processing_mode="append",
            enable_http2=True,
            enable_deletion_protection=self.args.deletion_protection,
            access_logs=(
                aws.lb.LoadBalancerAccessLogsArgs(enabled=True, bucket=logs.bucket.bucket)
                if logs
                else None
            ),
            tags=self.args.tags,
            # AWS tries the bucket when logs are turned on. AWS refuses to delete a protected one at
            # the update's end; the engine refuses before the update.
            opts=self.child_options(
                protect=self.args.deletion_protection, depends_on=[logs.policy] if logs else None
            ),
        )
        self.load_balancer = balancer
        self.expose(lb=balancer)

    def _create_target_groups(self) -> None:
        contract = self.args.contract
        self.session_target_group = self._target_group("sessions", contract.session_port)
        self.api_target_group = (
            self._target_group("api", contract.api_port) if self.args.expose_api else None
        )

    def _target_group(self, key: str, port: int) -> aws.lb.TargetGroup:
        contract = self.args.contract
        group = aws.lb.TargetGroup(
            self.child_name(key),
            vpc_id=self.args.vpc_id,
            target_type="ip",
            port=port,
            protocol="HTTP",
            # WebSocket upgrades need HTTP/1.1 towards the target.
            protocol_version="HTTP1",
            deregistration_delay=self.args.drain.deregistration_delay_seconds,
            stickiness=aws.lb.TargetGroupStickinessArgs(
                enabled=True, type="lb_cookie", cookie_duration=contract.stickiness_seconds
            ),
            health_check=aws.lb.TargetGroupHealthCheckArgs(
                enabled=True,
                protocol="HTTP",
                port=str(contract.api_port),
                path=self.args.health_path,
                matcher="200",
                interval=HEALTH_CHECK_INTERVAL_SECONDS,
                timeout=HEALTH_CHECK_TIMEOUT_SECONDS,
                healthy_threshold=HEALTHY_THRESHOLD,
                unhealthy_threshold=UNHEALTHY_THRESHOLD,
            ),
            tags=self.args.tags,
            opts=self._options_of_group(),
        )
        self.expose(**{key: group})
        return group

    def _options_of_group(self) -> pulumi.ResourceOptions:
        """A target group belongs to one load balancer: another one, which serves before this one
        goes, needs another group.
        """
        if self.args.existing:
            return self.child_options(replacement_trigger=self.load_balancer.arn)
        assert isinstance(self.load_balancer, aws.lb.LoadBalancer)
        return self.child_options(replacement_trigger=OWN, replace_with=[self.load_balancer])

    def _create_listeners(self) -> None:
        self.http_listener = aws.lb.Listener(
            self.child_name("http_listener"),
            load_balancer_arn=self.load_balancer.arn,
            port=80,
            protocol="HTTP",
            default_actions=[
                aws.lb.ListenerDefaultActionArgs(
                    type="redirect",
                    redirect=aws.lb.ListenerDefaultActionRedirectArgs(
                        protocol="HTTPS", port="443", status_code="HTTP_301"
                    ),
                )
            ],
            tags=self.args.tags,
            opts=self.child_options(),
        )
        https = aws.lb.Listener(
            self.child_name("https_listener"),
            load_balancer_arn=self.load_balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=self.args.tls_policy,
            certificate_arn=self._certificate_arn(self.args.certificate),
            # Also for 0: the listener of a live stack keeps a value that the program leaves out.
            routing_http_response_strict_transport_security_header_value=(
                f"max-age={self.args.hsts_seconds}"
            ),
            default_actions=[
                aws.lb.ListenerDefaultActionArgs(
                    type="fixed-response",
                    fixed_response=aws.lb.ListenerDefaultActionFixedResponseArgs(
                        content_type="text/plain",
                        status_code="404",
                        message_body="Nothing is served at this address.",
                    ),
                )
            ],
            tags=self.args.tags,
            opts=self.child_options(),
        )
        self.https_listener = https
        self.expose(http_listener=self.http_listener, https_listener=https)

    def _certificate_arn(self, certificate: Certificate | None) -> pulumi.Input[str]:
        assert certificate is not None, "refused by the arguments"
        return (
            certificate.arn
            if isinstance(certificate, ExistingCertificate)
            else certificate.issue(self, self.args.tags)
        )

    def _create_rules(self) -> None:
        self.rules = {key: self._rule(key, rule) for key, rule in self.args.rules.items()}

    def _rule(self, key: str, rule: Rule) -> aws.lb.ListenerRule:
        group = self.api_target_group if rule.target == "api" else self.session_target_group
        assert group is not None
        actions = [aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=group.arn)]
        if self.args.sign_in and rule.access != "program":
            actions = [
                self.args.sign_in.action("deny" if rule.access == "socket" else "authenticate"),
                aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=group.arn, order=2),
            ]
        resource = aws.lb.ListenerRule(
            self.child_name(f"{key}_rule"),
            listener_arn=self.https_listener.arn,
            priority=rule.priority,
            conditions=_conditions(rule),
            actions=actions,
            tags=self.args.tags,
            opts=self.child_options(),
        )
        self.expose(**{f"{key}_rule": resource})
        return resource

    def _create_options(self) -> None:
        if self.args.dns_alias:
            self.args.dns_alias.create(
                self, self.load_balancer, dual_stack=self.args.ip_address_type == "dualstack"
            )
        if self.args.firewall and isinstance(self.load_balancer, aws.lb.LoadBalancer):
            self.args.firewall.attach(self, self.load_balancer, self.args.tags)


def _conditions(rule: Rule) -> list[aws.lb.ListenerRuleConditionArgs]:
    patterns = aws.lb.ListenerRuleConditionPathPatternArgs(values=list(rule.patterns))
    conditions = [aws.lb.ListenerRuleConditionArgs(path_pattern=patterns)]
    if rule.hosts:
        hosts = aws.lb.ListenerRuleConditionHostHeaderArgs(values=list(rule.hosts))
        conditions.append(aws.lb.ListenerRuleConditionArgs(host_header=hosts))
    if rule.sources:
        sources = aws.lb.ListenerRuleConditionSourceIpArgs(values=list(rule.sources))
        conditions.append(aws.lb.ListenerRuleConditionArgs(source_ip=sources))
    return conditions
