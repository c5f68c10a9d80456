"""Examples for exemptions. They live in the policy configuration, beside the program that they are
about.
"""

from typing import Final

import pulumi_aws as aws

SOON: Final = "<a day within a year, as YYYY-MM-DD>"

EXEMPTIONS_VIOLATING_CONFIG: Final = {
    "exemptions": {
        "entries": [
            {
                "rule": "log-retention",
                "resource": "aws:cloudwatch/logGroup:LogGroup::audit",
                "reason": "the archive job comes with the next release",
                "expires": "2020-01-31",
            }
        ]
    }
}


def exemptions_violating() -> None:
    aws.cloudwatch.LogGroup("audit")


EXEMPTIONS_COMPLYING_CONFIG: Final = {
    "exemptions": {
        "entries": [
            {
                "rule": "log-retention",
                "resource": "aws:cloudwatch/logGroup:LogGroup::audit",
                "reason": "the archive job comes with the next release",
                "expires": SOON,
            }
        ]
    }
}


def exemptions_complying() -> None:
    aws.cloudwatch.LogGroup("audit")


EXEMPTIONS_IN_FORCE_VIOLATING_CONFIG: Final = EXEMPTIONS_COMPLYING_CONFIG


def exemptions_in_force_violating() -> None:
    aws.cloudwatch.LogGroup("audit")


def exemptions_in_force_complying() -> None:
    aws.cloudwatch.LogGroup("audit", retention_in_days=30)
