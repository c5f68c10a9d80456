"""Evasions around the front door: listeners, rules, redirects, stickiness, times, TLS."""

from __future__ import annotations

from typing import Any, Final

from policy.harness import UNKNOWN
from tests.policy.complying import LB, LISTENER, TARGETS

from .core import Evasion, alone, one, scene

RULE: Final = "aws:lb/listenerRule:ListenerRule"
WAYS: Final = "no-public-listener listeners-stack"
EDGE: Final = one(LB, "edge")
NOT_FOUND: Final = [
    {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}
]


def listener(
    name: str,
    number: object = 4321,
    *,
    on: object = "arn:edge",
    family: str = "listeners",
    edge: bool = True,
    **properties: Any,
) -> Evasion:
    given = {"port": number, "loadBalancerArn": on, **properties}
    return scene(family, WAYS, name, *([EDGE] if edge else []), one(LISTENER, "l", **given))


ELSEWHERE: Final = (
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/other/0123456789abcdef"
)
LISTENERS: Final = [
    listener("on the dev server's port"),
    listener("on another port", 8443),
    listener("default action answers 404", defaultActions=NOT_FOUND),
    listener("internal is not set", on="arn:bare"),
    listener("of a balancer outside the stack", on=ELSEWHERE, edge=False),
    listener(
        "of a balancer outside the stack, other port",
        8080,
        on=ELSEWHERE,
        edge=False,
        defaultActions=NOT_FOUND,
    ),
    scene(
        "listeners",
        WAYS,
        "port unknown",
        EDGE,
        one(LISTENER, "l", port=UNKNOWN, loadBalancerArn="arn:edge"),
        one(LISTENER, "m", port=81, loadBalancerArn="arn:edge"),
    ),
]
LISTENERS[3] = scene(
    "listeners",
    WAYS,
    "internal is not set",
    one(LB, "bare", internal=None),
    one(LISTENER, "l", port=4321, loadBalancerArn="arn:bare"),
)

FORWARD: Final = [{"type": "forward", "targetGroupArn": "arn:tg"}]


def rule(name: str, *conditions: Any) -> Evasion:
    given = {"listenerArn": "arn:l", "actions": FORWARD, "conditions": list(conditions)}
    return alone("rules around the default", "listener-default-deny", name, RULE, **given)


def path(*values: str) -> dict[str, Any]:
    return {"pathPattern": {"values": list(values)}}


def host(*values: str) -> dict[str, Any]:
    return {"hostHeader": {"values": list(values)}}


AROUND: Final = [
    *(
        alone(
            "rules around the default",
            "listener-default-deny",
            f"default {name}",
            LISTENER,
            defaultActions=actions,
        )
        for name, actions in (
            ("forwards", FORWARD),
            (
                "forwards by weight",
                [
                    {
                        "type": "forward",
                        "forward": {
                            "targetGroups": [
                                {"arn": "arn:tg", "weight": 1},
                                {"arn": "arn:tg2", "weight": 0},
                            ]
                        },
                    }
                ],
            ),
            (
                "answers 200",
                [
                    {
                        "type": "fixed-response",
                        "fixedResponse": {"contentType": "text/plain", "statusCode": "200"},
                    }
                ],
            ),
            ("signs in, then forwards", [{"type": "authenticate-oidc", "order": 1}, *FORWARD]),
            ("answers 404 after a forward", [*FORWARD, *NOT_FOUND]),
        )
    ),
    rule("every path", path("*")),
    rule("every path below the root", path("/*")),
    rule("every path, twice", path("/**")),
    rule("every path with a dot or a slash", path("*/*", "*.*")),
    rule("every path of one character or more", path("/?*")),
    rule("a path and every path", path("/session/*", "/*")),
    rule("every host", host("*")),
    rule("every host with a dot", host("*.*")),
    rule("every host of a top-level domain", host("*.com")),
    rule("every method", {"httpRequestMethod": {"values": ["GET", "POST"]}}),
    rule("every address", {"sourceIp": {"values": ["0.0.0.0/0"]}}),
    rule("every address in halves", {"sourceIp": {"values": ["0.0.0.0/1", "128.0.0.0/1"]}}),
    rule("any value of a header", {"httpHeader": {"httpHeaderName": "Accept", "values": ["*"]}}),
    rule("any query", {"queryStrings": [{"value": "*"}]}),
    rule("every host and every path", host("*"), path("/*")),
    rule("every path with a frequent letter", path("/*e*", "/*a*", "/*o*", "/*i*")),
    rule("nearly every path, as an expression", {"pathPattern": {"regexValues": ["^/(x|.*)$"]}}),
    rule("every path, as an expression with a letter", {"pathPattern": {"regexValues": ["x*.*"]}}),
    rule("every path that begins with a letter", {"pathPattern": {"regexValues": ["^/[a-z]"]}}),
    rule("an expression that cannot be read", {"pathPattern": {"regexValues": ["(?<"]}}),
    rule("every name of AWS's balancers", host("*.elb.amazonaws.com")),
    rule("every host of a public suffix", host("*.co.uk")),
    rule("every host of two labels", host("*.*.com")),
    rule("every address as a host", host("203.0.113.*", "*.*.*.*")),
    rule("every host, as an expression", {"hostHeader": {"regexValues": ["^[a-z0-9.-]+$"]}}),
    rule(
        "every browser", {"httpHeader": {"httpHeaderName": "User-Agent", "values": ["*Mozilla*"]}}
    ),
    rule("every upgrade", {"httpHeader": {"httpHeaderName": "Upgrade", "values": ["websocket"]}}),
    rule(
        "every connection",
        {"httpHeader": {"httpHeaderName": "Connection", "values": ["keep-alive", "upgrade"]}},
    ),
    rule(
        "a short value of a header", {"httpHeader": {"httpHeaderName": "X-Live", "values": ["1"]}}
    ),
    rule("a short value of a query", {"queryStrings": [{"key": "live", "value": "1"}]}),
    rule("a quarter of all addresses", {"sourceIp": {"values": ["0.0.0.0/2", "64.0.0.0/3"]}}),
    rule("addresses that cannot be read", {"sourceIp": {"values": ["everyone"]}}),
]

TO_HTTPS: Final[dict[str, Any]] = {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}
PLAIN: Final[dict[str, Any]] = {
    "port": 80,
    "protocol": "HTTP",
    "certificateArn": None,
    "sslPolicy": None,
}
REDIRECT: Final = "listener-redirect-target listener-https-redirect"
REDIRECTS: Final = [
    evasion
    for name, changes in (
        ("to plain HTTP", {"protocol": "HTTP", "port": "80"}),
        ("to another host", {"host": "evil.example.net"}),
        ("to a host made of the path", {"host": "#{path}"}),
        ("to a host that begins with this one", {"host": "#{host}.example.net"}),
        ("to another port", {"port": "4321"}),
    )
    for evasion in (
        alone(
            "redirects",
            REDIRECT,
            f"default of HTTP {name}",
            LISTENER,
            **PLAIN,
            defaultActions=[{"type": "redirect", "redirect": {**TO_HTTPS, **changes}}],
        ),
        alone(
            "redirects",
            REDIRECT,
            f"rule {name}",
            RULE,
            listenerArn="arn:l",
            conditions=[path("/old/*")],
            actions=[{"type": "redirect", "redirect": {**TO_HTTPS, **changes}}],
        ),
    )
] + [
    alone(
        "redirects",
        REDIRECT,
        "default of HTTP to its own protocol",
        LISTENER,
        **PLAIN,
        defaultActions=[{"type": "redirect", "redirect": {**TO_HTTPS, "protocol": "#{protocol}"}}],
    ),
    alone(
        "redirects",
        REDIRECT,
        "protocol not set on HTTP",
        LISTENER,
        **PLAIN,
        defaultActions=[
            {"type": "redirect", "redirect": {"statusCode": "HTTP_301", "port": "443"}}
        ],
    ),
]

TWO: Final = [{"arn": "arn:a", "weight": 50}, {"arn": "arn:b", "weight": 50}]
STICKY: Final = "forward-stickiness target-group-stickiness"
STICKINESS: Final = [
    *(
        alone(
            "stickiness",
            STICKY,
            f"forward to two groups, stickiness {name}",
            RULE,
            listenerArn="arn:l",
            conditions=[path("/session/*")],
            actions=[{"type": "forward", "forward": {"targetGroups": TWO, **stickiness}}],
        )
        for name, stickiness in (
            ("not set", {}),
            ("off", {"stickiness": {"enabled": False, "duration": 3600}}),
            ("of a minute", {"stickiness": {"enabled": True, "duration": 60}}),
        )
    ),
    *(
        alone("stickiness", STICKY, name, TARGETS, **changes)
        for name, changes in (
            ("off", {"stickiness": {"enabled": False, "type": "lb_cookie"}}),
            ("by source address", {"stickiness": {"enabled": True, "type": "source_ip"}}),
            (
                "by a cookie of the application",
                {"stickiness": {"enabled": True, "type": "app_cookie", "cookieName": "c"}},
            ),
            (
                "of a minute",
                {"stickiness": {"enabled": True, "type": "lb_cookie", "cookieDuration": 60}},
            ),
            (
                "of no time",
                {"stickiness": {"enabled": True, "type": "lb_cookie", "cookieDuration": 0}},
            ),
            ("not set", {"stickiness": None}),
            ("a list", {"stickiness": []}),
            ("protocol in small letters", {"protocol": "http", "stickiness": None}),
        )
    ),
]

TIMES: Final = [
    alone("idle timeout", "alb-idle-timeout", name, LB, **changes)
    for name, changes in (
        ("AWS's default", {"idleTimeout": None}),
        ("a minute", {"idleTimeout": 60}),
        ("one heartbeat and no more", {"idleTimeout": 119}),
        ("more than AWS takes", {"idleTimeout": 4001}),
        ("no number", {"idleTimeout": "long"}),
        ("part of a second", {"idleTimeout": 3600.5}),
        ("type in capitals", {"idleTimeout": 60, "loadBalancerType": "Application"}),
        ("type not set", {"idleTimeout": 60, "loadBalancerType": None}),
        ("type unknown", {"idleTimeout": 60, "loadBalancerType": UNKNOWN}),
    )
]

TLS: Final = [
    alone("TLS", "listener-tls-policy", name, LISTENER, **changes)
    for name, changes in (
        ("policy not set", {"sslPolicy": None}),
        ("policy of 2016", {"sslPolicy": "ELBSecurityPolicy-2016-08"}),
        ("TLS 1.0 in a policy of TLS 1.3", {"sslPolicy": "ELBSecurityPolicy-TLS13-1-0-2021-06"}),
        ("extended policy", {"sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06"}),
        ("line end behind the policy", {"sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06\n"}),
        ("no certificate", {"certificateArn": ""}),
        ("protocol not set", {"protocol": None, "sslPolicy": None}),
        ("TLS listener", {"protocol": "TLS", "sslPolicy": "ELBSecurityPolicy-2016-08"}),
        ("protocol in small letters", {"protocol": "https", "sslPolicy": None}),
    )
]
