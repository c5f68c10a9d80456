"""Keys: where the service is reached, and from where."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Final
from urllib.parse import urlsplit

from components.config.shapes import (
    HEX,
    Ranges,
    arn,
    given,
    is_everywhere,
    is_host_name,
    is_loopback,
    is_within,
    matching,
)
from contract.hmr import SharedContract
from contract.settings import Names, Problem, Problems, Rule, setting

ADDRESS: Final = "Address"


def public_url_is_https(names: Names, public_url: str) -> Problems:
    """The load balancer serves nothing else."""
    if not public_url.startswith("https:"):
        yield Problem(
            key=names["public_url"],
            value=f'"{public_url}"',
            allowed="an https origin without a path, such as https://edit.example.com",
            fix="write https:// instead of http://",
        )


def public_url_has_a_public_host(names: Names, public_url: str) -> Problems:
    """A name that DNS and a certificate can hold. This machine's own names are the
    local stack's.
    """
    host = urlsplit(public_url).hostname or ""
    if not is_loopback(host) and not is_host_name(host):
        yield Problem(
            key=names["public_url"],
            value=f'"{public_url}"',
            allowed=(
                "a host name of two or more labels of 1-63 letters, digits and inner hyphens, 253"
                " characters in all; no IP address and no underscore"
            ),
            fix="use a name of your zone, such as https://edit.example.com",
        )


def public_url_has_the_listeners_port(names: Names, public_url: str) -> Problems:
    """The load balancer listens on 443 and redirects from 80."""
    url = urlsplit(public_url)
    host = url.hostname or ""
    if url.port is not None and url.scheme == "https" and not is_loopback(host):
        yield Problem(
            key=names["public_url"],
            value=f'"{public_url}"',
            allowed="an https origin without a port: the load balancer listens on 443",
            fix=f"write https://{host}",
        )


def visitors_reach_the_host(
    names: Names, public_url: str, ingress_cidrs: tuple[str, ...]
) -> Problems:
    """This machine's own names are the local stack's: a browser elsewhere would ask its own
    machine.
    """
    outside = [cidr for cidr in ingress_cidrs if not is_within(cidr, ("127.0.0.0/8", "::1/128"))]
    if is_loopback(urlsplit(public_url).hostname or "") and outside:
        yield Problem(
            key=names["public_url"],
            value=f'"{public_url}"',
            allowed=(
                f"a name that visitors from {outside[0]} find; this machine's own name only where"
                f" {names['ingress_cidrs']} is loopback"
            ),
            fix="use a name of your zone, such as https://edit.example.com",
        )


LONGEST_COMMON_NAME: Final = 64
"""ACM puts a certificate's domain into its common name
(https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html)."""


def an_issued_certificate_can_name_the_host(
    names: Names, public_url: str, certificate_arn: str, listener_arn: str
) -> Problems:
    """A longer name needs a certificate that holds it as an alternative name."""
    host = urlsplit(public_url).hostname or ""
    if (
        not given(certificate_arn)
        and not given(listener_arn)
        and is_host_name(host)
        and len(host) > LONGEST_COMMON_NAME
    ):
        yield Problem(
            key=names["public_url"],
            value=f"a host of {len(host)} characters",
            allowed=(
                f"at most {LONGEST_COMMON_NAME} without {names['certificate_arn']}, since ACM"
                " issues no certificate for more"
            ),
            fix=f"choose a shorter name, or set {names['certificate_arn']}",
        )


RULES_PER_GROUP: Final = 60
"""AWS's quota of inbound and of outbound rules of a security group, for IPv4 and for IPv6
(https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html)."""

MOST_INGRESS_RANGES: Final = RULES_PER_GROUP // 2
"""Each range takes a rule for port 443 and one for port 80."""


def too_many_ranges(name: str, cidrs: tuple[str, ...], most: int, why: str) -> Problems:
    """More ranges of one family than a security group takes."""
    for family, mark in (("IPv4", "."), ("IPv6", ":")):
        count = sum(mark in cidr for cidr in cidrs)
        if count > most:
            yield Problem(
                key=name,
                value=f"{count} {family} ranges",
                allowed=f"at most {most} of a family: {why}",
                fix="merge neighbouring ranges",
            )


def ingress_ranges_fit_the_group(names: Names, ingress_cidrs: tuple[str, ...]) -> Problems:
    """AWS refuses the rule beyond its quota, halfway through a deployment."""
    why = f"AWS takes {RULES_PER_GROUP} rules a security group, and each range needs two"
    yield from too_many_ranges(names["ingress_cidrs"], ingress_cidrs, MOST_INGRESS_RANGES, why)


def certificate_can_be_had(
    names: Names, certificate_arn: str, hosted_zone_id: str, listener_arn: str
) -> Problems:
    """Either it exists, or it can be issued and validated, or an existing listener has it."""
    if given(listener_arn):
        return
    certificate, zone = names["certificate_arn"], names["hosted_zone_id"]
    if not given(certificate_arn) and not given(hosted_zone_id):
        yield Problem(
            key=certificate,
            value="not set",
            allowed=f"an ACM certificate's ARN, or nothing together with {zone}",
            fix=(
                f"set {certificate} to an issued certificate, or {zone} to the zone in which one"
                " can be validated"
            ),
        )


MOST_API_GROUPS: Final = 20
"""Leaves the tasks' group room for its other rules, of which AWS takes 60."""


def somebody_can_create_sessions(
    names: Names, expose_api: bool, api_ingress_security_groups: tuple[str, ...]
) -> Problems:
    """Sessions and sign-in links come from the API only."""
    if not expose_api and not api_ingress_security_groups:
        public, private = names["api_ingress_cidrs"], names["api_ingress_security_groups"]
        yield Problem(
            key=names["expose_api"],
            value="false",
            allowed=(
                f"true, or false together with {private}: without the API nobody could create a"
                " session or a sign-in link"
            ),
            fix=(
                f"remove {names['expose_api']} and name who may reach the API in {public}, or name"
                f" groups in {private}"
            ),
        )


def the_internet_reaches_the_api_by_name_only(
    names: Names,
    expose_api: bool,
    ingress_cidrs: tuple[str, ...],
    api_ingress_cidrs: tuple[str, ...],
) -> Problems:
    """Pages for everybody are one decision, the API for everybody another."""
    everywhere = [cidr for cidr in ingress_cidrs if is_everywhere(cidr)]
    if expose_api and everywhere and not api_ingress_cidrs:
        name = names["api_ingress_cidrs"]
        yield Problem(
            key=name,
            value="not set",
            allowed=(
                f"the ranges that may reach the API, since {names['ingress_cidrs']} is the internet"
            ),
            fix=f"name them in {name}, as a last resort {everywhere[0]}",
        )


def api_ranges_reach_the_load_balancer(
    names: Names, ingress_cidrs: tuple[str, ...], api_ingress_cidrs: tuple[str, ...]
) -> Problems:
    """The API is behind the same ports as the sessions."""
    outside = [cidr for cidr in api_ingress_cidrs if not is_within(cidr, ingress_cidrs)]
    if outside:
        name = names["ingress_cidrs"]
        yield Problem(
            key=names["api_ingress_cidrs"],
            value=", ".join(outside),
            allowed=f"ranges within {name}: others do not reach the load balancer",
            fix=f"add {', '.join(outside)} to {name}, or remove it here",
        )


def api_ranges_fit_the_rules(
    names: Names, routing: str, listener_arn: str, api_ingress_cidrs: tuple[str, ...]
) -> Problems:
    """Each four of them take a listener rule; each three where the rule names a host, too."""
    each = 3 if routing == "host" or given(listener_arn) else 4
    if len(api_ingress_cidrs) > 5 * each:
        yield Problem(
            key=names["api_ingress_cidrs"],
            value=f"{len(api_ingress_cidrs)} ranges",
            allowed=f"at most {5 * each}, since a listener rule takes {each}",
            fix="merge neighbouring ranges",
        )


LONGEST_HOST_CONDITION: Final = 128
"""Of a listener's host condition
(https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html).
"""


def hosts_of_sessions_fit(
    names: Names, routing: str, public_url: str, listener_arn: str
) -> Problems:
    """The rules of a shared listener name the host; under host routing, all hosts of sessions."""
    host = urlsplit(public_url).hostname or ""
    if routing != "host" and not listener_arn:
        return
    most = LONGEST_HOST_CONDITION - (len("*.") if routing == "host" else 0)
    if len(host) > most:
        yield Problem(
            key=names["public_url"],
            value=f"a host of {len(host)} characters",
            allowed=(
                f"at most {most} with {names['routing']} {routing!r}: a listener's host condition"
                f" takes {LONGEST_HOST_CONDITION}"
            ),
            fix="choose a shorter name",
        )
    last = host.rpartition(".")[2]
    if not is_loopback(host) and is_host_name(host) and not re.fullmatch(r"[A-Za-z-]+", last):
        yield Problem(
            key=names["public_url"],
            value=f'"{public_url}"',
            allowed=(
                "a host whose last label is of letters and hyphens: a listener's host condition"
                " takes no digits there"
            ),
            fix="use a name of another top-level domain, such as https://edit.example.com",
        )


def api_groups_fit_the_tasks_group(
    names: Names, api_ingress_security_groups: tuple[str, ...]
) -> Problems:
    """Each of them takes a rule."""
    count = (
        len(api_ingress_security_groups) if isinstance(api_ingress_security_groups, tuple) else 0
    )
    if count > MOST_API_GROUPS:
        yield Problem(
            key=names["api_ingress_security_groups"],
            value=f"{count} groups",
            allowed=f"at most {MOST_API_GROUPS}",
            fix="let callers share a group",
        )


class AddressKeys(SharedContract):
    """Name, certificate, visitors."""

    rules: ClassVar[tuple[Rule, ...]] = (
        public_url_is_https,
        public_url_has_a_public_host,
        public_url_has_the_listeners_port,
        visitors_reach_the_host,
        an_issued_certificate_can_name_the_host,
        ingress_ranges_fit_the_group,
        certificate_can_be_had,
        somebody_can_create_sessions,
        the_internet_reaches_the_api_by_name_only,
        api_ranges_reach_the_load_balancer,
        api_ranges_fit_the_rules,
        hosts_of_sessions_fit,
        api_groups_fit_the_tasks_group,
    )

    ingress_cidrs: Ranges = setting(
        help=(
            "Who may reach ports 443 and 80 of the load balancer. The internet only when"
            " `0.0.0.0/0` or `::/0` is named here."
        ),
        group=ADDRESS,
    )
    expose_api: bool = setting(
        True,
        "Forward the REST API's paths (`/api/*`) to the tasks. Sessions and sign-in links are made"
        " there.",
        group=ADDRESS,
    )
    api_ingress_cidrs: Ranges = setting(
        (),
        "Who may reach the API, by source address; each range is within `ingressCidrs`. Empty: all"
        " of `ingressCidrs`, unless that is the internet.",
        group=ADDRESS,
    )
    api_ingress_security_groups: Annotated[
        tuple[str, ...],
        matching(rf"sg-{HEX}", "security groups' ids", '["sg-0123456789abcdef0"]'),
    ] = setting(
        (),
        "Security groups of the VPC whose members may reach the API on the tasks, at the stack"
        " output `privateApiUrl`, by plain HTTP.",
        group=ADDRESS,
        late=True,
    )
    certificate_arn: Annotated[
        str,
        arn(
            "acm",
            "certificate/[0-9a-f-]{36}",
            "an ACM certificate's ARN",
            "certificate/12345678-1234-1234-1234-123456789012",
        ),
    ] = setting(
        "",
        "ACM certificate in the stack's region. Empty: one is issued for the host of `publicUrl`"
        " and validated in `hostedZoneId`.",
        group=ADDRESS,
        late=True,
    )
    hosted_zone_id: Annotated[
        str, matching(r"Z[A-Z0-9]{7,31}", "a hosted zone's id", "Z0123456789EXAMPLE")
    ] = setting(
        "",
        "Public Route 53 zone of the host: gets the alias record and, without `certificateArn`, the"
        " certificate's validation.",
        group=ADDRESS,
        late=True,
    )
    dns_record: bool = setting(
        True,
        "With `hostedZoneId`: point the host of `publicUrl` to the load balancer.",
        group=ADDRESS,
    )

    @property
    def host(self) -> str:
        """Host name of `public_url`."""
        return urlsplit(self.public_url).hostname or ""
