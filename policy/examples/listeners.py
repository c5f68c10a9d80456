"""Examples for the rules of listeners."""

import pulumi_aws as aws


def listener_tls_policy_violating() -> None:
    aws.lb.Listener(
        "https",
        load_balancer_arn=(
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/edge/1"
        ),
        port=443,
        protocol="HTTPS",
        certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/1",
        ssl_policy="ELBSecurityPolicy-2016-08",
        default_actions=[
            {
                "type": "fixed-response",
                "fixed_response": {"content_type": "text/plain", "status_code": "404"},
            }
        ],
    )


def listener_tls_policy_complying() -> None:
    aws.lb.Listener(
        "https",
        load_balancer_arn=(
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/edge/1"
        ),
        port=443,
        protocol="HTTPS",
        certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/1",
        ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        default_actions=[
            {
                "type": "fixed-response",
                "fixed_response": {"content_type": "text/plain", "status_code": "404"},
            }
        ],
    )


def listener_https_redirect_violating() -> None:
    aws.lb.Listener(
        "http",
        load_balancer_arn=(
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/edge/1"
        ),
        port=80,
        protocol="HTTP",
        default_actions=[
            {
                "type": "forward",
                "target_group_arn": "arn:aws:elasticloadbalancing:…:targetgroup/sessions/1",
            }
        ],
    )


def listener_https_redirect_complying() -> None:
    aws.lb.Listener(
        "http",
        load_balancer_arn=(
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/edge/1"
        ),
        port=80,
        protocol="HTTP",
        default_actions=[
            {
                "type": "redirect",
                "redirect": {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"},
            }
        ],
    )


def listener_default_deny_violating() -> None:
    aws.lb.Listener(
        "https",
        load_balancer_arn=(
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/edge/1"
        ),
        port=443,
        protocol="HTTPS",
        certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/1",
        ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        default_actions=[
            {
                "type": "forward",
                "target_group_arn": "arn:aws:elasticloadbalancing:…:targetgroup/sessions/1",
            }
        ],
    )


def listener_default_deny_complying() -> None:
    aws.lb.Listener(
        "https",
        load_balancer_arn=(
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/edge/1"
        ),
        port=443,
        protocol="HTTPS",
        certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/1",
        ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        default_actions=[
            {
                "type": "fixed-response",
                "fixed_response": {"content_type": "text/plain", "status_code": "404"},
            }
        ],
    )


def no_public_listener_violating() -> None:
    aws.lb.LoadBalancer("side-door", load_balancer_type="network", subnets=["subnet-1"])
    aws.elb.LoadBalancer(
        "old-door",
        listeners=[
            {
                "lb_port": 4321,
                "lb_protocol": "tcp",
                "instance_port": 4321,
                "instance_protocol": "tcp",
            }
        ],
    )


def no_public_listener_complying() -> None:
    aws.lb.LoadBalancer("inside", load_balancer_type="network", subnets=["subnet-1"], internal=True)


def listeners_stack_violating() -> None:
    edge = aws.lb.LoadBalancer(
        "edge", subnets=["subnet-1", "subnet-2"], security_groups=["sg-1"], idle_timeout=3600
    )
    aws.lb.Listener(
        "dev-server",
        load_balancer_arn=edge.arn,
        port=4321,
        protocol="HTTPS",
        certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/1",
        ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        default_actions=[
            {
                "type": "fixed-response",
                "fixed_response": {"content_type": "text/plain", "status_code": "404"},
            }
        ],
    )


def listeners_stack_complying() -> None:
    inside = aws.lb.LoadBalancer(
        "inside",
        internal=True,
        subnets=["subnet-1", "subnet-2"],
        security_groups=["sg-1"],
        idle_timeout=3600,
    )
    aws.lb.Listener(
        "dev-server",
        load_balancer_arn=inside.arn,
        port=4321,
        protocol="HTTPS",
        certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/1",
        ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        default_actions=[
            {
                "type": "fixed-response",
                "fixed_response": {"content_type": "text/plain", "status_code": "404"},
            }
        ],
    )


def listener_sign_in_violating() -> None:
    listener = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/edge/1/1"
    sessions = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/sessions/1"
    aws.lb.ListenerRule(
        "everything",
        listener_arn=listener,
        priority=10,
        conditions=[{"path_pattern": {"values": ["/session*"]}}],
        actions=[{"type": "forward", "target_group_arn": sessions}],
    )
    aws.lb.ListenerRule(
        "sessions",
        listener_arn=listener,
        priority=20,
        conditions=[{"path_pattern": {"values": ["/session/*"]}}],
        actions=[
            {
                "type": "authenticate-cognito",
                "authenticate_cognito": {
                    "user_pool_arn": "arn:…",
                    "user_pool_client_id": "editors",
                    "user_pool_domain": "editors",
                },
            },
            {"type": "forward", "target_group_arn": sessions},
        ],
    )


def listener_sign_in_complying() -> None:
    listener = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/edge/1/1"
    sessions = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/sessions/1"
    aws.lb.ListenerRule(
        "sessions",
        listener_arn=listener,
        priority=20,
        conditions=[{"path_pattern": {"values": ["/session/*"]}}],
        actions=[
            {
                "type": "authenticate-cognito",
                "authenticate_cognito": {
                    "user_pool_arn": "arn:…",
                    "user_pool_client_id": "editors",
                    "user_pool_domain": "editors",
                },
            },
            {"type": "forward", "target_group_arn": sessions},
        ],
    )
