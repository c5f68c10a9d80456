"""The load balancer as declared: WebSocket times, rules, redirect, certificate and who may reach it
(S11).
"""

from __future__ import annotations

from typing import Any

import pytest

from components.base import ComponentError
from components.certificate import ExistingCertificate, IssuedCertificate
from components.drain import Drain
from components.web_socket_alb import WebSocketAlb
from contract.hmr import HmrContract
from tests.components.examples import CERTIFICATE_ARN, alb_args
from tests.components.harness import Graph, run


def declare(**changes: Any) -> Graph:
    return run(lambda: WebSocketAlb("edge", alb_args(**changes)))


@pytest.fixture(scope="module")
def default() -> Graph:
    return declare()


def test_times_come_from_the_contract(default: Graph) -> None:
    """The idle timeout is an hour, so that neither a hidden tab nor a slept laptop loses its
    socket.
    """
    assert default["edge-lb"].inputs["idleTimeout"] == 3600
    assert default["edge-lb"].inputs["clientKeepAlive"] == 3600
    changed = declare(
        contract=HmrContract(
            public_url="https://edit.example.com", idle_timeout_seconds=4000, stickiness_seconds=60
        )
    )
    assert changed["edge-lb"].inputs["idleTimeout"] == 4000
    assert changed["edge-sessions"].inputs["stickiness"]["cookieDuration"] == 60


def test_sessions_target_group(default: Graph) -> None:
    """HTTP/1.1 on the session port, sticky for an hour, health asked of the API port."""
    inputs = default["edge-sessions"].inputs
    assert (
        inputs["port"],
        inputs["protocol"],
        inputs["protocolVersion"],
        inputs["targetType"],
    ) == (4321, "HTTP", "HTTP1", "ip")
    assert inputs["stickiness"] == {"enabled": True, "type": "lb_cookie", "cookieDuration": 3600}
    check = inputs["healthCheck"]
    assert (
        check["interval"],
        check["timeout"],
        check["healthyThreshold"],
        check["unhealthyThreshold"],
    ) == (30, 10, 2, 3)
    assert (check["port"], check["path"], check["protocol"]) == ("8080", "/health/ready", "HTTP")


def test_rules_and_their_priorities(default: Graph) -> None:
    """HMR first at 25, then the sessions; what no rule names gets 404."""
    rules = {
        rule.name: (rule.inputs["priority"], rule.inputs["conditions"][0]["pathPattern"]["values"])
        for rule in default.of_type("ListenerRule")
    }
    assert rules == {
        "edge-hmr-rule": (25, ["/_hmr/*", "/vite-hmr/*", "/session/*/_hmr"]),
        "edge-session-rule": (100, ["/session/*"]),
    }
    action = default["edge-https-listener"].inputs["defaultActions"][0]
    assert (action["type"], action["fixedResponse"]["statusCode"]) == ("fixed-response", "404")


def test_one_certificate_argument_yields_https_and_the_redirect(default: Graph) -> None:
    https, http = default["edge-https-listener"].inputs, default["edge-http-listener"].inputs
    assert (https["port"], https["protocol"], https["certificateArn"]) == (
        443,
        "HTTPS",
        CERTIFICATE_ARN,
    )
    assert https["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    assert (http["port"], http["protocol"]) == (80, "HTTP")
    assert http["defaultActions"][0]["redirect"] == {
        "protocol": "HTTPS",
        "port": "443",
        "statusCode": "HTTP_301",
    }


def test_a_domain_and_its_zone_yield_a_validated_certificate() -> None:
    """The listener takes the validation's ARN, so it waits until ACM has issued the certificate."""
    graph = declare(certificate=IssuedCertificate(domain="edit.example.com", hosted_zone_id="Z123"))
    assert graph["edge-certificate"].inputs["validationMethod"] == "DNS"
    assert graph["edge-certificate-record"].inputs["name"] == "_x.edit.example.com."
    assert graph["edge-certificate-record"].retain_on_delete, (
        "another stack's certificate of the same name shares it"
    )
    assert graph["edge-certificate-validation"].inputs["validationRecordFqdns"] == [
        "_x.edit.example.com."
    ]
    assert graph["edge-https-listener"].inputs["certificateArn"] == graph["edge-certificate"].arn
    assert "edge-certificate-validation" in graph["edge-https-listener"].dependencies


def test_headers_are_kept_honest(default: Graph) -> None:
    inputs = default["edge-lb"].inputs
    assert inputs["dropInvalidHeaderFields"] is True
    assert inputs["preserveHostHeader"] is True
    assert inputs["desyncMitigationMode"] == "defensive"


def test_ingress_only_from_the_named_ranges() -> None:
    """Two rules per range, IPv6 as IPv6, and no rule within the group itself."""
    graph = declare(ingress_cidrs=("203.0.113.0/24", "2001:db8::/32"), ip_address_type="dualstack")
    rules = [rule.inputs for rule in graph.of_type("SecurityGroupIngressRule")]
    seen = {
        (
            rule.get("cidrIpv4"),
            rule.get("cidrIpv6"),
            rule["fromPort"],
            rule["toPort"],
            rule["ipProtocol"],
        )
        for rule in rules
    }
    assert seen == {
        (v4, v6, port, port, "tcp")
        for v4, v6 in (("203.0.113.0/24", None), (None, "2001:db8::/32"))
        for port in (443, 80)
    }
    group = graph["edge-security-group"].inputs
    assert "ingress" not in group
    assert "egress" not in group


def test_the_api_is_reachable_only_when_asked_for(default: Graph) -> None:
    assert "edge-api" not in default.resources
    graph = declare(expose_api=True)
    rule = graph["edge-api-rule"].inputs
    assert rule["conditions"][0]["pathPattern"]["values"] == ["/api/*"]
    assert rule["actions"][0]["targetGroupArn"] == graph["edge-api"].arn
    assert graph["edge-api"].inputs["port"] == 8080


def test_the_api_answers_named_sources_only() -> None:
    """Four ranges a rule, beside the path; more take another rule under its own name."""
    cidrs = tuple(f"203.0.113.{16 * index}/28" for index in range(6))
    graph = declare(expose_api=True, ingress_cidrs=("203.0.113.0/24",), api_cidrs=cidrs)
    first, second = graph["edge-api-rule"].inputs, graph["edge-api-2-rule"].inputs
    assert (first["priority"], second["priority"]) == (50, 51)
    for rule, sources in ((first, cidrs[:4]), (second, cidrs[4:])):
        path, source = rule["conditions"]
        assert path["pathPattern"]["values"] == ["/api/*"]
        assert source["sourceIp"]["values"] == list(sources)


def test_deregistration_follows_the_stop_timeout() -> None:
    assert (
        declare(drain=Drain(stop_timeout_seconds=45))["edge-sessions"].inputs["deregistrationDelay"]
        == 45
    )
    assert (
        declare(drain=Drain(stop_timeout_seconds=45, hands_over=True))["edge-sessions"].inputs[
            "deregistrationDelay"
        ]
        == 10
    )


def test_every_child_stands_below_the_component(default: Graph) -> None:
    assert {resource.parent for resource in default.resources.values() if resource.custom} == {
        "edge"
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"subnet_ids": ("subnet-a",)}, ["subnet_ids", "1", "two zones"]),
        ({"ingress_cidrs": ()}, ["ingress_cidrs", "empty", "203.0.113.0/24"]),
        (
            {"ingress_cidrs": ("10.0.0.1/8",)},
            ["ingress_cidrs", "'10.0.0.1/8'", "write '10.0.0.0/8'"],
        ),
        ({"client_keep_alive_seconds": 59}, ["client_keep_alive_seconds", "59", "60-604800 s"]),
        (
            {"client_keep_alive_seconds": 90, "heartbeat_seconds": 100},
            ["client_keep_alive_seconds", "90", "100-604800 s"],
        ),
        (
            {"heartbeat_seconds": 1801},
            ["heartbeat_seconds", "1801", "1-1800 s", "idle_timeout_seconds is 3600"],
        ),
        ({"heartbeat_seconds": 0}, ["heartbeat_seconds", "0", "1-1800 s"]),
        ({"health_path": "ready"}, ["health_path", "'ready'", "/health/ready"]),
    ],
)
def test_refusals(changes: dict[str, Any], words: list[str]) -> None:
    """A refusal names the argument, its value, what is allowed and the fix."""
    with pytest.raises(ComponentError) as error:
        alb_args(**changes)
    assert all(word in str(error.value) for word in words), str(error.value)


@pytest.mark.parametrize("arn", ["", "arn:aws:iam::123456789012:server-certificate/x", "12345678"])
def test_a_certificate_must_be_acms(arn: str) -> None:
    with pytest.raises(ComponentError, match="ACM ARN such as"):
        ExistingCertificate(arn=arn)


@pytest.mark.parametrize(
    "domain", ["", "localhost", "EDIT.example.com", "https://edit.example.com", "-a.example.com"]
)
def test_a_certificates_domain_must_be_a_host_name(domain: str) -> None:
    with pytest.raises(ComponentError, match=r"such as 'edit\.example\.com'"):
        IssuedCertificate(domain=domain, hosted_zone_id="Z123")
