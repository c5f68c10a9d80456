"""Examples for the rules of target groups."""

import pulumi_aws as aws


def target_group_stickiness_violating() -> None:
    aws.lb.TargetGroup("sessions", target_type="ip", vpc_id="vpc-1", port=4321, protocol="HTTP")


def target_group_stickiness_complying() -> None:
    aws.lb.TargetGroup(
        "sessions",
        target_type="ip",
        vpc_id="vpc-1",
        port=4321,
        protocol="HTTP",
        stickiness={"enabled": True, "type": "lb_cookie", "cookie_duration": 3600},
    )


def target_group_health_check_violating() -> None:
    aws.lb.TargetGroup(
        "sessions",
        target_type="ip",
        vpc_id="vpc-1",
        port=4321,
        protocol="HTTP",
        health_check={"path": "/", "matcher": "200-499", "interval": 300},
    )


def target_group_health_check_complying() -> None:
    aws.lb.TargetGroup(
        "sessions",
        target_type="ip",
        vpc_id="vpc-1",
        port=4321,
        protocol="HTTP",
        health_check={
            "port": "8080",
            "path": "/health/ready",
            "matcher": "200",
            "interval": 30,
            "timeout": 10,
            "healthy_threshold": 2,
            "unhealthy_threshold": 3,
        },
    )


def target_group_http1_violating() -> None:
    aws.lb.TargetGroup(
        "sessions",
        target_type="ip",
        vpc_id="vpc-1",
        port=4321,
        protocol="HTTP",
        protocol_version="HTTP2",
    )


def target_group_http1_complying() -> None:
    aws.lb.TargetGroup(
        "sessions",
        target_type="ip",
        vpc_id="vpc-1",
        port=4321,
        protocol="HTTP",
        protocol_version="HTTP1",
    )
