"""Which published controls each rule serves.

The identifiers are those of the AWS Foundational Security Best Practices (the ids of AWS Security
Hub's controls), of the CIS Amazon Web Services Foundations Benchmark, of NIST SP 800-53 and of PCI
DSS. A rule serves a control when meeting the rule is part of meeting the control; it never meets
one alone. Every identifier was found, with its title, in AWS's Security Hub pages, in Prowler's
mappings of the four frameworks or, for PCI DSS 8.3.1 and 8.6.2, in the standard's text.
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-controls-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FSBP: Final = "AWS Foundational Security Best Practices"
FSBP_VERSION: Final = "1.0.0"
FSBP_PAGE: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html"
CIS: Final = "CIS AWS Foundations Benchmark 5.0.0"
NIST: Final = "NIST SP 800-53 r5"
PCI: Final = "PCI DSS 4.0"


@dataclass(frozen=True, kw_only=True)
class Controls:
    """Identifiers of controls by framework; empty where a framework has none."""

    fsbp: tuple[str, ...] = ()
    cis: tuple[str, ...] = ()
    nist: tuple[str, ...] = ()
    pci: tuple[str, ...] = ()

    def by_framework(self) -> Mapping[str, tuple[str, ...]]:
        """In the order of the table."""
        return {f"{FSBP} {FSBP_VERSION}": self.fsbp, CIS: self.cis, NIST: self.nist, PCI: self.pci}


def _controls(fsbp: str = "", cis: str = "", nist: str = "", pci: str = "") -> Controls:
    return Controls(
        fsbp=tuple(fsbp.split()),
        cis=tuple(cis.split()),
        nist=tuple(nist.split()),
        pci=tuple(pci.split()),
    )


_NETWORK: Final = _controls(
    "EC2.13 EC2.14 EC2.18 EC2.19", "5.3 5.4", "AC-4 AC-17 SC-7", "1.2.5 1.3.1 1.4.2"
)
_RIGHTS: Final = _controls("IAM.1 IAM.21", "1.15", "AC-2 AC-3 AC-5 AC-6", "7.2.1 7.2.2 7.2.5")

CONTROLS: Final[Mapping[str, Controls]] = {
    # load balancers
    "alb-drop-invalid-headers": _controls("ELB.4", nist="AC-4 SC-7 SC-8"),
    "alb-request-integrity": _controls("ELB.12", nist="AC-4 SC-7"),
    "alb-access-logs": _controls("ELB.5", nist="AU-2 AU-3 AU-6 AU-12 SI-7", pci="10.2.1"),
    "alb-deletion-protection": _controls("ELB.6", nist="CM-2 CM-3 CP-2 SC-5"),
    "listener-https-redirect": _controls("ELB.1", nist="AC-17 SC-8 SC-13 SC-23", pci="4.2.1"),
    "listener-tls-policy": _controls("ELB.17", nist="SC-8 SC-12 SC-13 SC-23", pci="4.2.1"),
    "listener-default-deny": _controls(nist="AC-4 SC-7"),
    "listeners-stack": _controls(nist="AC-4 SC-7 SC-8", pci="1.4.2"),
    "listener-sign-in": _controls(nist="AC-3 AC-17 IA-2", pci="7.2.1 8.3.1"),
    "no-public-entrance": _controls(
        "EKS.1 Lambda.1 MSK.4 Opensearch.2", nist="AC-3 AC-4 AC-17 SC-7", pci="1.3.1 1.4.4"
    ),
    "no-public-listener": _controls(nist="AC-4 SC-7", pci="1.3.1 1.4.2"),
    "target-group-health-check": _controls(nist="CP-10 SC-5"),
    # networks
    "no-public-port": _NETWORK,
    "no-public-port-stack": _NETWORK,
    "no-public-address": _controls(
        "ECS.2 EC2.9 EC2.25 AutoScaling.5 DMS.1 RDS.2 Redshift.1",
        nist="AC-4 AC-17 SC-7",
        pci="1.3.1 1.4.4",
    ),
    "private-subnets": _controls(nist="AC-4 SC-7", pci="1.4.4"),
    "no-default-security-group": _controls("EC2.2", "5.5", "AC-4 CM-6 SC-7", "1.2.5"),
    "no-default-security-group-stack": _controls("EC2.2", "5.5", "AC-4 CM-6 SC-7", "1.2.5"),
    "default-security-group-closed": _controls("EC2.2", "5.5", "AC-4 CM-6 SC-7", "1.2.5"),
    "subnet-auto-assign": _controls("EC2.15", nist="AC-4 SC-7", pci="1.4.4"),
    "security-group-rule-modes": _controls(nist="CM-2 CM-6"),
    "security-group-egress": _controls(nist="AC-4 SC-7", pci="1.3.2"),
    "security-group-descriptions": _controls(nist="CM-6 CM-8", pci="1.2.5"),
    "network-acl": _controls("EC2.21", "5.2", "AC-4 CM-7 SC-7", "1.3.1"),
    "no-default-vpc": _controls(nist="CM-6 SC-7", pci="1.4.2"),
    "vpc-flow-logs": _controls("EC2.6", "3.7", "AC-4 AU-2 AU-3 AU-12 SI-4", "10.2.1"),
    # files
    "efs-encrypted-at-rest": _controls("EFS.1", "2.3.1", "SC-13 SC-28", "3.5.1"),
    "efs-encrypted-in-transit": _controls(nist="SC-8 SC-13", pci="4.2.1"),
    "efs-file-system-policy": _controls(nist="AC-3 SC-8", pci="4.2.1"),
    "efs-access-point-user": _controls("EFS.3 EFS.4", nist="AC-3 AC-6", pci="7.2.1"),
    "efs-mount-target-subnets": _controls(nist="CP-10 SC-5"),
    "efs-backup": _controls("EFS.2", nist="CP-6 CP-9 CP-10 SI-13", pci="10.3.3"),
    "table-point-in-time-recovery": _controls("DynamoDB.2", nist="CP-6 CP-9 CP-10 SI-12 SI-13"),
    "table-deletion-protection": _controls("DynamoDB.6", nist="CM-2 CM-3 SC-5"),
    "service-session-owners": _controls(nist="CP-10 SI-13"),
    # tasks
    "task-user": _controls("ECS.1", nist="AC-3 AC-6", pci="7.2.1 7.2.2"),
    "task-privileges": _controls("ECS.1 ECS.3 ECS.4", nist="AC-3 AC-5 AC-6", pci="7.2.1 7.2.2"),
    "task-read-only-root": _controls("ECS.5", nist="AC-3 AC-6 CM-5", pci="7.2.1"),
    "task-logging": _controls("ECS.9", nist="AC-6 AU-2 AU-3 AU-12 SI-4", pci="10.2.1"),
    "task-plain-secrets": _controls("ECS.8", nist="IA-5 SC-28", pci="8.3.2 8.6.2"),
    "no-plain-secrets": _controls(nist="IA-5 SC-28", pci="8.3.2 8.6.2"),
    "task-image-digest": _controls(nist="CM-2 SI-7"),
    "task-roles": _controls(nist="AC-5 AC-6", pci="7.2.2"),
    "service-no-shell": _controls(nist="AC-6 AC-17", pci="7.2.1"),
    "service-platform-version": _controls("ECS.10", nist="SI-2", pci="6.3.3"),
    "ecs-container-insights": _controls("ECS.12", nist="AU-6 CA-7 SI-2"),
    # registry, logs
    "ecr-scan-on-push": _controls("ECR.1", nist="RA-5", pci="11.3.1"),
    "ecr-immutable-tags": _controls("ECR.2", nist="CM-2 CM-8"),
    "ecr-lifecycle": _controls("ECR.3", nist="CM-2"),
    "log-retention": _controls(nist="AU-11 SI-12", pci="10.5.1 3.2.1"),
    # access
    "iam-least-privilege": _RIGHTS,
    "outside-identities": _controls(nist="AC-2 AC-3 AC-6", pci="7.2.1 7.2.2"),
    "no-public-policy": _controls(
        "KMS.5 Lambda.1 SNS.4 SQS.3 S3.2 S3.3", nist="AC-3 AC-6 SC-7", pci="7.2.1 7.3.3"
    ),
    "policy-third-parties": _controls(nist="AC-3 AC-6", pci="7.2.1"),
    "no-public-share": _controls(
        "EC2.1 RDS.1 SSM.4", nist="AC-3 AC-4 AC-6 SC-7", pci="1.4.4 7.3.3"
    ),
    "no-public-bucket": _controls("S3.1 S3.2 S3.3 S3.8", "2.1.4", "AC-3 AC-6 SC-7", "1.4.4 7.3.3"),
    "bucket-access-block": _controls("S3.8", "2.1.4", "AC-3 AC-6 SC-7", "1.4.4 7.3.3"),
    "kms-key-rotation": _controls("KMS.4", "3.6", "SC-12", "3.7.4"),
    "secret-rotation": _controls(
        "SecretsManager.1 SecretsManager.4", nist="AC-2 AC-3 IA-5", pci="8.3.9 8.6.3"
    ),
    "no-opaque-resource": _controls(nist="CM-3 CM-5 CM-7"),
}
"""By rule id. A rule that is not here keeps live editing alive and serves no published control."""


def controls(rule: str) -> Controls:
    """The controls that a rule serves; none for a rule that serves none."""
    return CONTROLS.get(rule, Controls())
