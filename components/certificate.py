"""The load balancer's certificate as one argument: an ARN, or a domain and its hosted zone."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.base import Component, ComponentError

ACM_ARN = re.compile(r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-f-]{36}")
DOMAIN = re.compile(
    r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{0,58}[a-z0-9])"
)


@dataclass(frozen=True, kw_only=True)
class ExistingCertificate:
    """A certificate that already stands in ACM, in the load balancer's region."""

    arn: pulumi.Input[str]

    def __post_init__(self) -> None:
        if isinstance(self.arn, str) and not ACM_ARN.fullmatch(self.arn):
            raise ComponentError(
                f"certificate arn is {self.arn!r}; allowed is an ACM ARN such as "
                "'arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012'"
            )


@dataclass(frozen=True, kw_only=True)
class IssuedCertificate:
    """A certificate that ACM issues, validates over DNS and renews."""

    domain: str
    hosted_zone_id: pulumi.Input[str]
    """Public Route 53 zone that holds `domain`."""
    wildcard: bool = False
    """Also `*.{domain}`. Its validation record is the same one
    (https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html)."""

    def __post_init__(self) -> None:
        if not DOMAIN.fullmatch(self.domain):
            raise ComponentError(
                f"certificate domain is {self.domain!r}; allowed is a host name in lower case such"
                " as 'edit.example.com'"
            )

    def issue(self, owner: Component, tags: dict[str, str] | None = None) -> pulumi.Output[str]:
        """Create the certificate and its validation under `owner`; the ARN resolves once ACM has
        issued it.
        """
        certificate = aws.acm.Certificate(
            owner.child_name("certificate"),
            domain_name=self.domain,
            subject_alternative_names=[f"*.{self.domain}"] if self.wildcard else None,
            validation_method="DNS",
            tags=tags or {},
            # The listener must have its new certificate before the old one goes.
            opts=owner.child_options(delete_before_replace=False),
        )
        option = certificate.domain_validation_options[0]
        record = aws.route53.Record(
            owner.child_name("certificate_record"),
            zone_id=self.hosted_zone_id,
            name=option.resource_record_name,
            type=option.resource_record_type,
            records=[option.resource_record_value],
            ttl=300,
            allow_overwrite=True,
            # It is the same one for every certificate of this name in the account: another stack's
            # renewal may hang on it.
            opts=owner.child_options(retain_on_delete=True),
        )
        validation = aws.acm.CertificateValidation(
            owner.child_name("certificate_validation"),
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            opts=owner.child_options(),
        )
        owner.expose(
            certificate=certificate, certificate_record=record, certificate_validation=validation
        )
        return validation.certificate_arn


Certificate = ExistingCertificate | IssuedCertificate
