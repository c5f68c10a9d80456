"""Examples for the rules of load balancers."""

import pulumi_aws as aws


def alb_idle_timeout_violating() -> None:
    aws.lb.LoadBalancer(
        "edge", subnets=["subnet-1", "subnet-2"], security_groups=["sg-1"]
    )  # AWS's default: 60 s


def alb_idle_timeout_complying() -> None:
    aws.lb.LoadBalancer(
        "edge", subnets=["subnet-1", "subnet-2"], security_groups=["sg-1"], idle_timeout=3600
    )


def alb_drop_invalid_headers_violating() -> None:
    aws.lb.LoadBalancer("edge", subnets=["subnet-1", "subnet-2"], drop_invalid_header_fields=False)


def alb_drop_invalid_headers_complying() -> None:
    aws.lb.LoadBalancer("edge", subnets=["subnet-1", "subnet-2"], drop_invalid_header_fields=True)


def alb_request_integrity_violating() -> None:
    aws.lb.LoadBalancer(
        "edge",
        subnets=["subnet-1", "subnet-2"],
        desync_mitigation_mode="monitor",
        xff_header_processing_mode="preserve",
    )


def alb_request_integrity_complying() -> None:
    aws.lb.LoadBalancer(
        "edge", subnets=["subnet-1", "subnet-2"], desync_mitigation_mode="strictest"
    )


def alb_access_logs_violating() -> None:
    aws.lb.LoadBalancer(
        "edge", subnets=["subnet-1", "subnet-2"], access_logs={"bucket": "logs", "enabled": False}
    )


def alb_access_logs_complying() -> None:
    aws.lb.LoadBalancer(
        "edge", subnets=["subnet-1", "subnet-2"], access_logs={"bucket": "logs", "enabled": True}
    )


def alb_deletion_protection_violating() -> None:
    aws.lb.LoadBalancer("edge", subnets=["subnet-1", "subnet-2"])


def alb_deletion_protection_complying() -> None:
    aws.lb.LoadBalancer("edge", subnets=["subnet-1", "subnet-2"], enable_deletion_protection=True)
