"""Arguments and small programs that several tests start from."""

from __future__ import annotations

from typing import Any

from components.certificate import ExistingCertificate
from components.efs_fargate_service import EfsFargateService, EfsFargateServiceArgs
from components.efs_volume import EfsVolume, EfsVolumeArgs
from components.ownership_table import OwnershipTable, OwnershipTableArgs
from components.session_secrets import SessionSecrets, SessionSecretsArgs
from components.web_socket_alb import WebSocketAlb, WebSocketAlbArgs
from contract.hmr import HmrContract
from tests.components.harness import ACCOUNT, DIGEST, REGION

CONTRACT = HmrContract(public_url="https://edit.example.com")
CERTIFICATE_ARN = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/12345678-1234-1234-1234-123456789012"
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/sites@{DIGEST}"


def alb_args(**changes: Any) -> WebSocketAlbArgs:
    """Valid arguments of a load balancer, with `changes`."""
    values: dict[str, Any] = {
        "contract": CONTRACT,
        "vpc_id": "vpc-1",
        "subnet_ids": ("subnet-a", "subnet-b"),
        "certificate": ExistingCertificate(arn=CERTIFICATE_ARN),
        "ingress_cidrs": ("203.0.113.0/24",),
    }
    return WebSocketAlbArgs(**{**values, **changes})


def volume_args(**changes: Any) -> EfsVolumeArgs:
    """Valid arguments of a volume, with `changes`."""
    return EfsVolumeArgs(**{"vpc_id": "vpc-1", "subnet_ids": ("subnet-c", "subnet-d"), **changes})


def service_args(**changes: Any) -> EfsFargateServiceArgs:
    """Valid arguments of a service with all that it stands between, with `changes`; only within a
    program.
    """
    values: dict[str, Any] = {
        "contract": CONTRACT,
        "vpc_id": "vpc-1",
        "subnet_ids": ("subnet-c", "subnet-d"),
        "vpc_cidr": "10.20.0.0/16",
        "image": IMAGE,
        "repository_arn": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/sites",
        "metric_namespace": "AstroLive/test",
        **changes,
    }
    if "alb" not in values:
        values["alb"] = WebSocketAlb(
            "edge", alb_args(**({"drain": changes["drain"]} if "drain" in changes else {}))
        )
    if "volume" not in values:
        values["volume"] = EfsVolume("sites", volume_args())
    if "secrets" not in values:
        values["secrets"] = SessionSecrets("keys", SessionSecretsArgs())
    if "ownership" not in values:
        values["ownership"] = OwnershipTable("owners", OwnershipTableArgs())
    return EfsFargateServiceArgs(**values)


def service(**changes: Any) -> EfsFargateService:
    """A service and all that it stands between."""
    return EfsFargateService("svc", service_args(**changes))
