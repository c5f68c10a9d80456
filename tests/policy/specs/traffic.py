"""Load balancers, listeners, target groups and networks."""

from __future__ import annotations

from typing import Final

from policy.harness import UNKNOWN, Secret
from tests.policy.complying import (
    ABSENT,
    DEFAULT_GROUP,
    FUNCTION_URL,
    GROUP,
    LB,
    LISTENER,
    LISTENER_RULE,
    NETWORK_ACL,
    PREFIX_LIST,
    SERVICE,
    TARGETS,
)
from tests.policy.specs.base import ONE_VALUE, Spec, redirect

ACTION_RULES: Final = frozenset({"listener-redirect-target", "forward-stickiness"})

TRAFFIC: Final = (
    Spec(
        rule="alb-idle-timeout",
        type=LB,
        violate=(
            {"idleTimeout": 60},
            {"idleTimeout": 119},
            {"idleTimeout": 4001},
            {"idleTimeout": "an hour"},
        ),
        absent={"idleTimeout": ABSENT},
        unknown={"idleTimeout": UNKNOWN},
        beside=ONE_VALUE,
        secret={"idleTimeout": Secret(60)},
    ),
    Spec(
        rule="alb-drop-invalid-headers",
        type=LB,
        violate=({"dropInvalidHeaderFields": False}, {"dropInvalidHeaderFields": "false"}),
        absent={"dropInvalidHeaderFields": ABSENT},
        unknown={"dropInvalidHeaderFields": UNKNOWN},
        beside=ONE_VALUE,
        secret={"dropInvalidHeaderFields": Secret(False)},
    ),
    Spec(
        rule="alb-request-integrity",
        type=LB,
        violate=(
            {"desyncMitigationMode": "monitor"},
            {"xffHeaderProcessingMode": "preserve"},
            {"enableWafFailOpen": True},
        ),
        absent={"desyncMitigationMode": ABSENT, "xffHeaderProcessingMode": ABSENT},
        absent_passes=True,
        unknown={"desyncMitigationMode": UNKNOWN},
        beside={"desyncMitigationMode": UNKNOWN, "xffHeaderProcessingMode": "preserve"},
        secret={"desyncMitigationMode": Secret("monitor")},
    ),
    Spec(
        rule="alb-access-logs",
        type=LB,
        violate=({"accessLogs.enabled": False}, {"accessLogs.bucket": ""}),
        absent={"accessLogs": ABSENT},
        unknown={"accessLogs": UNKNOWN},
        beside={"accessLogs.enabled": UNKNOWN, "accessLogs.bucket": ""},
        secret={"accessLogs": Secret({"enabled": False, "bucket": "logs"})},
        level="advisory",
    ),
    Spec(
        rule="alb-deletion-protection",
        type=LB,
        violate=({"enableDeletionProtection": False},),
        absent={"enableDeletionProtection": ABSENT},
        unknown={"enableDeletionProtection": UNKNOWN},
        beside=ONE_VALUE,
        secret={"enableDeletionProtection": Secret(False)},
        level="advisory",
    ),
    Spec(
        rule="listener-tls-policy",
        type=LISTENER,
        violate=(
            {"sslPolicy": "ELBSecurityPolicy-2016-08"},
            {"sslPolicy": "ELBSecurityPolicy-TLS13-1-0-2021-06"},
            {"sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06"},
            {"certificateArn": ABSENT},
        ),
        absent={"sslPolicy": ABSENT},
        unknown={"sslPolicy": UNKNOWN},
        beside={"sslPolicy": UNKNOWN, "certificateArn": ABSENT},
        secret={"sslPolicy": Secret("ELBSecurityPolicy-2016-08")},
    ),
    Spec(
        rule="listener-https-redirect",
        type=LISTENER,
        violate=(
            {"protocol": "HTTP", "port": 80, "certificateArn": ABSENT, "sslPolicy": ABSENT},
            {
                "protocol": "HTTP",
                "defaultActions": [
                    {
                        "type": "redirect",
                        "redirect": {"protocol": "#{protocol}", "statusCode": "HTTP_301"},
                    }
                ],
            },
            redirect("HTTP"),
        ),
        absent={"protocol": "HTTP", "defaultActions": ABSENT},
        unknown={"protocol": "HTTP", "defaultActions": UNKNOWN},
        beside={"protocol": "HTTP", "defaultActions": [UNKNOWN, {"type": "forward"}]},
        secret={"protocol": "HTTP", "defaultActions": Secret([{"type": "forward"}])},
        also=ACTION_RULES,
    ),
    Spec(
        rule="listener-default-deny",
        type=LISTENER,
        violate=(
            {"defaultActions": [{"type": "forward"}]},
            {"defaultActions[0].fixedResponse.statusCode": "200"},
        ),
        absent={"defaultActions": ABSENT},
        absent_passes=True,  # the provider refuses a listener without a default action
        unknown={"defaultActions": UNKNOWN},
        beside={"defaultActions": [UNKNOWN, {"type": "forward"}]},
        secret={"defaultActions": Secret([{"type": "forward"}])},
        also=ACTION_RULES,
    ),
    Spec(
        rule="listener-default-deny",
        type=LISTENER_RULE,
        violate=(
            {"conditions[0].pathPattern.values": ["/*"]},
            {"conditions": [{"hostHeader": {"values": ["*"]}}]},
        ),
        absent={"conditions": ABSENT},
        unknown={"conditions": UNKNOWN},
        beside="a condition that is not known yet may narrow the rule",
        secret={"conditions": Secret([{"pathPattern": {"values": ["*"]}}])},
    ),
    Spec(
        rule="listener-redirect-target",
        type=LISTENER_RULE,
        violate=(
            {
                "actions": [
                    {"type": "redirect", "redirect": {"protocol": "HTTP", "statusCode": "HTTP_301"}}
                ]
            },
            {
                "actions": [
                    {
                        "type": "redirect",
                        "redirect": {
                            "protocol": "HTTPS",
                            "host": "other",
                            "statusCode": "HTTP_301",
                        },
                    }
                ]
            },
            {
                "actions": [
                    {
                        "type": "redirect",
                        "redirect": {"protocol": "HTTPS", "port": "4321", "statusCode": "HTTP_301"},
                    }
                ]
            },
        ),
        absent={"actions": [{"type": "redirect", "redirect": {"statusCode": "HTTP_301"}}]},
        absent_passes=True,  # AWS keeps protocol, host and port
        unknown={
            "actions": [
                {"type": "redirect", "redirect": {"host": UNKNOWN, "statusCode": "HTTP_301"}}
            ]
        },
        beside={
            "actions": [
                {
                    "type": "redirect",
                    "redirect": {"host": UNKNOWN, "port": "4321", "statusCode": "HTTP_301"},
                }
            ]
        },
        secret={
            "actions": [
                {
                    "type": "redirect",
                    "redirect": Secret({"host": "other", "statusCode": "HTTP_301"}),
                }
            ]
        },
    ),
    Spec(
        rule="forward-stickiness",
        type=LISTENER_RULE,
        violate=(
            {"actions[0].forward.stickiness.enabled": False},
            {"actions[0].forward.stickiness.duration": 60},
        ),
        absent={"actions[0].forward.stickiness": ABSENT},
        unknown={"actions[0].forward.stickiness.duration": UNKNOWN},
        beside={"actions[0].forward.stickiness": {"enabled": False, "duration": UNKNOWN}},
        secret={"actions[0].forward.stickiness": Secret({"enabled": False})},
    ),
    Spec(
        rule="no-public-entrance",
        type=FUNCTION_URL,
        violate=({"authorizationType": "NONE"},),
        absent={"authorizationType": ABSENT},
        unknown={"authorizationType": UNKNOWN},
        beside=ONE_VALUE,
        secret={"authorizationType": Secret("NONE")},
    ),
    Spec(
        rule="network-acl",
        type=NETWORK_ACL,
        violate=(
            {"ingress[0].cidrBlock": "0.0.0.0/0"},
            {"ingress[0].cidrBlock": "8.8.8.8/32"},
            {"ingress[0].cidrBlock": "all"},
        ),
        absent={"ingress": ABSENT},
        absent_passes=True,
        unknown={"ingress": UNKNOWN},
        beside={"ingress[0].cidrBlock": "0.0.0.0/0", "ingress[0].ipv6CidrBlock": UNKNOWN},
        secret={"ingress[0].cidrBlock": Secret("0.0.0.0/0")},
    ),
    Spec(
        rule="no-public-port",
        type=PREFIX_LIST,
        violate=(
            {"entries[0].cidr": "0.0.0.0/0"},
            {"entries[0].cidr": "8.8.8.8/32"},
            {"entries[0].cidr": "everyone"},
        ),
        absent={"entries": ABSENT},
        absent_passes=True,
        unknown={"entries": UNKNOWN},
        beside={"entries": [UNKNOWN, {"cidr": "8.0.0.0/8"}]},
        secret={"entries[0].cidr": Secret("0.0.0.0/0")},
    ),
    Spec(
        rule="no-public-listener",
        type=LB,
        violate=({"loadBalancerType": "network", "securityGroups": []},),
        absent={"loadBalancerType": "network", "securityGroups": ABSENT},
        unknown={"loadBalancerType": "network", "securityGroups": [], "internal": UNKNOWN},
        beside="only one thing of a network load balancer can be unknown",
        secret={"loadBalancerType": Secret("network"), "securityGroups": []},
    ),
    Spec(
        rule="target-group-stickiness",
        type=TARGETS,
        violate=(
            {"stickiness.enabled": False},
            {"stickiness.type": "app_cookie"},
            {"stickiness.cookieDuration": 60},
            {"stickiness": []},
        ),
        absent={"stickiness": ABSENT},
        unknown={"stickiness": UNKNOWN},
        beside={"stickiness.cookieDuration": UNKNOWN, "stickiness.enabled": False},
        secret={"stickiness": Secret({"enabled": False, "type": "lb_cookie"})},
    ),
    Spec(
        rule="target-group-health-check",
        type=TARGETS,
        violate=(
            {"healthCheck.enabled": False},
            {"healthCheck.path": "/"},
            {"healthCheck.matcher": "200-499"},
            {"healthCheck.matcher": "200,302"},
            {"healthCheck.interval": 300},
            {"healthCheck.timeout": 30},
            {"healthCheck.unhealthyThreshold": 10},
        ),
        absent={"healthCheck": ABSENT},
        unknown={"healthCheck": UNKNOWN},
        beside={"healthCheck.interval": UNKNOWN, "healthCheck.path": "/"},
        secret={"healthCheck.enabled": Secret(False)},
    ),
    Spec(
        rule="target-group-http1",
        type=TARGETS,
        violate=({"protocolVersion": "HTTP2"}, {"protocolVersion": "GRPC"}),
        absent={"protocolVersion": ABSENT},
        absent_passes=True,
        unknown={"protocolVersion": UNKNOWN},
        beside=ONE_VALUE,
        secret={"protocolVersion": Secret("HTTP2")},
    ),
    Spec(
        rule="no-public-port",
        type=GROUP,
        violate=(
            {"ingress[0].cidrBlocks": ["0.0.0.0/0"]},
            {"ingress[0].cidrBlocks": ["8.8.8.8/32"]},
        ),
        absent={"ingress": ABSENT},
        absent_passes=True,
        unknown={"ingress": UNKNOWN},
        beside={"ingress[0].cidrBlocks": [UNKNOWN, "0.0.0.0/0"]},
        secret={"ingress[0].cidrBlocks": Secret(["0.0.0.0/0"])},
    ),
    Spec(
        rule="no-public-address",
        type=SERVICE,
        violate=({"networkConfiguration.assignPublicIp": True},),
        absent={"networkConfiguration.assignPublicIp": ABSENT},
        absent_passes=True,
        unknown={"networkConfiguration.assignPublicIp": UNKNOWN},
        beside={"networkConfiguration.assignPublicIp": UNKNOWN, "extra": {"assignPublicIp": True}},
        secret={"networkConfiguration.assignPublicIp": Secret(True)},
    ),
    Spec(
        rule="no-default-security-group",
        type=DEFAULT_GROUP,
        violate=(
            {"ingress": [{"protocol": "-1", "self": True}]},
            {"egress": [{"protocol": "-1", "cidrBlocks": ["0.0.0.0/0"]}]},
        ),
        absent={"ingress": ABSENT, "egress": ABSENT},
        absent_passes=True,
        unknown={"egress": UNKNOWN},
        beside={"egress": UNKNOWN, "ingress": [{"protocol": "-1", "self": True}]},
        secret={"ingress": Secret([{"protocol": "-1", "self": True}])},
    ),
    Spec(
        rule="no-default-security-group",
        type=SERVICE,
        violate=({"networkConfiguration.securityGroups": []},),
        absent={"networkConfiguration.securityGroups": ABSENT},
        unknown={"networkConfiguration.securityGroups": UNKNOWN},
        beside=ONE_VALUE,
        secret={"networkConfiguration.securityGroups": Secret([])},
    ),
    Spec(
        rule="no-default-security-group",
        type=LB,
        violate=({"securityGroups": []},),
        absent={"securityGroups": ABSENT},
        unknown={"securityGroups": UNKNOWN},
        beside=ONE_VALUE,
        secret={"securityGroups": Secret([])},
    ),
)
