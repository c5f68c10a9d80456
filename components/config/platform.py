"""Keys: what a platform team prescribes for everything in its accounts."""

from __future__ import annotations

import re
from typing import Annotated, Final

from components.config.shapes import given, matching
from components.task_roles import RoleOptions
from contract.settings import Settings, Shape, setting

PLATFORM: Final = "Platform"

LONGEST_PREFIX: Final = 11
"""A target group's name has at most 32 characters, of which `-alb-sessions` and a random suffix
take 21.
"""

RESERVED_PREFIXES: Final = ("internal-", "sg-", "aws-", "xn-", "sthree-", "amzn-")
"""Beginnings that AWS refuses or keeps for itself in names of load balancers, groups, clusters and
buckets.
"""

NamePrefix = Annotated[
    str,
    Shape(
        f"1-{LONGEST_PREFIX} lower-case letters, digits and single inner hyphens, a letter first,"
        f" without a beginning that AWS reserves ({', '.join(RESERVED_PREFIXES)})",
        lambda text: (
            len(text) <= LONGEST_PREFIX
            and re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", text, re.ASCII) is not None
            and not f"{text}-".startswith(RESERVED_PREFIXES)
        ),
        example="acme-edit",
    ),
]

OWN_TAGS: Final = ("Project", "Stack")
"""Tags that every resource gets; a stack may give them other values."""

MOST_TAGS: Final = 50 - len(OWN_TAGS) - 2
"""AWS takes 50 tags a resource; two more are left for those that awsx gives to subnets, `Name` and
`SubnetType`
(https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html).
"""

LONGEST_TAG_NAME: Final = 127
LONGEST_TAG_VALUE: Final = 255
"""ECR's, in the schema that AWS publishes for a repository; other services take one
more of each.
"""

_TAG_TEXT: Final = re.compile(r"[A-Za-z0-9 _.:/=+@-]*")
"""What every service takes; some take more."""


def are_tags(tags: dict[str, str]) -> bool:
    """Whether AWS takes the tags on any resource. IAM does not tell upper from lower
    case in names.
    """
    names = [name.lower() for name in {*tags, *OWN_TAGS}]
    return (
        len(tags) <= MOST_TAGS
        and len(set(names)) == len(names)
        and all(
            1 <= len(name) <= LONGEST_TAG_NAME
            and 1 <= len(value) <= LONGEST_TAG_VALUE
            and name == name.strip()
            and value == value.strip()
            and not name.lower().startswith("aws:")
            and _TAG_TEXT.fullmatch(name)
            and _TAG_TEXT.fullmatch(value)
            for name, value in tags.items()
        )
    )


class PlatformKeys(Settings):
    """Tags, and rules for roles."""

    tags: Annotated[
        dict[str, str],
        Shape(
            f"at most {MOST_TAGS} tags: names of 1-{LONGEST_TAG_NAME} and values of"
            f" 1-{LONGEST_TAG_VALUE} letters, digits, inner spaces and _.:/=+-@, names that differ"
            " in more than case, and none that begins with aws:",
            are_tags,
            example='{"CostCenter": "web"}',
        ),
    ] = setting({}, "Tags of every resource, beside `Project` and `Stack`.", group=PLATFORM)
    permissions_boundary_arn: Annotated[
        str,
        matching(
            r"(?=.{20,600}$)arn:aws[a-z-]*:iam::(\d{12}|aws):policy/(?:[!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,128}",
            "an IAM policy's ARN",
            "arn:aws:iam::123456789012:policy/boundary",
        ),
    ] = setting("", "Permissions boundary of every role.", group=PLATFORM, late=True)
    iam_path: Annotated[
        str,
        matching(
            r"(?=.{1,512}$)/(?:[A-Za-z0-9_.,+@=-]+/)*",
            "a path of at most 512 characters that begins and ends with '/'",
            "/apps/",
        ),
    ] = setting("/", "Path of every role.", group=PLATFORM)

    @property
    def role_options(self) -> RoleOptions:
        """What every role is created with."""
        return RoleOptions(
            path=self.iam_path if self.iam_path != "/" else None,
            permissions_boundary_arn=(
                self.permissions_boundary_arn if given(self.permissions_boundary_arn) else None
            ),
        )
