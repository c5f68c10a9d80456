"""Texts that AWS restricts although its API models do not say so: EC2, load balancing, S3 and a few
names.

Each names the page that says it. Tests hold them against the CloudFormation schemas, where those
have the same property.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from local.model.shapes import Hidden, Refusal, matches
from local.values import Secret, Unknown


@dataclass(frozen=True, kw_only=True)
class Text:
    """What a text may be."""

    pattern: str
    """Expression for the whole text."""
    longest: int
    shortest: int = 0
    source: str = ""
    """Where AWS says so."""

    def refused(self, value: str) -> str | None:
        """Why AWS refuses `value`, or None."""
        if not self.shortest <= len(value) <= self.longest:
            return f"has {len(value)} characters; AWS allows {self.shortest}-{self.longest}"
        return None if matches(self.pattern, value) else f"is {value!r}; AWS allows {self.pattern}"


SECURITY_GROUP: Final = Text(
    pattern=r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]*",
    longest=255,
    source="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html",
)
"""Name and description of a security group, description of a rule."""

SECURITY_GROUP_NAME: Final = Text(
    pattern=rf"(?!sg-){SECURITY_GROUP.pattern}",
    longest=255,
    shortest=1,
    source=SECURITY_GROUP.source,
)

BALANCER_NAME: Final = Text(
    pattern=r"(?!internal-)[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?",
    longest=32,
    shortest=1,
    source="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html",
)
TARGET_GROUP_NAME: Final = Text(
    pattern=r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?",
    longest=32,
    shortest=1,
    source="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html",
)
PATH_PATTERN: Final = Text(
    pattern=r"[A-Za-z0-9_\-.$/~\"'@:+&*?]+",
    longest=128,
    source="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html",
)
HOST_PATTERN: Final = Text(
    pattern=r"[A-Za-z0-9.*?\-]*\.[A-Za-z.*?\-]+", longest=128, source=PATH_PATTERN.source
)

BUCKET: Final = Text(
    pattern=r"(?!xn--|sthree-|amzn-s3-demo-)(?!.*(?:-s3alias|--ol-s3|\.mrap|--x-s3)$)(?!.*\.\.)[a-z0-9][a-z0-9.-]*[a-z0-9]",
    longest=63,
    shortest=3,
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
)

ECS_NAME: Final = Text(
    pattern=r"[a-zA-Z0-9_-]*",
    longest=255,
    shortest=1,
    source=(
        "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html"
    ),
)
"""Family, cluster and service."""

DASHBOARD_NAME: Final = Text(
    pattern=r"[A-Za-z0-9_-]*",
    longest=255,
    shortest=1,
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html",
)
TOPIC_NAME: Final = Text(
    pattern=r"[A-Za-z0-9_-]*",
    longest=256,
    shortest=1,
    source="https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html",
)
SECRET_NAME: Final = Text(
    pattern=r"[A-Za-z0-9/_+=.@-]*",
    longest=512,
    shortest=1,
    source="https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html",
)
RECORD_NAME: Final = Text(
    pattern=r"(?:\*\.)?(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?",
    longest=255,
    shortest=1,
    source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html",
)

TAG_KEY: Final = Text(
    pattern=r"(?![aA][wW][sS]:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*",
    longest=128,
    shortest=1,
    source="https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
)
TAG_VALUE: Final = Text(pattern=r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", longest=256, source=TAG_KEY.source)
MOST_TAGS: Final = 50


ROLE_POLICY: Final = Text(
    pattern=r"[\s\S]*",
    longest=10_240,
    shortest=1,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
)
"""All inline policies of a role together; each of ours is far below half of it."""
TASK_DEFINITION: Final = Text(
    pattern=r"[\s\S]*",
    longest=64 * 1024,
    shortest=1,
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html",
)
"""The whole task definition, of which the containers are nearly all."""
BUCKET_POLICY: Final = Text(
    pattern=r"[\s\S]*",
    longest=20 * 1024,
    shortest=1,
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html",
)


def texts_refused(texts: Mapping[str, Text], inputs: Mapping[str, Any]) -> Iterator[Refusal]:
    """What AWS refuses of the texts at the paths of `texts` in `inputs`, and of its tags."""
    for path, text in texts.items():
        for at, value in _at(inputs, path.split("."), ""):
            if reason := text.refused(value):
                yield Refusal(at, reason)
    tags = inputs.get("tags")
    if isinstance(tags, Mapping):
        if len(tags) > MOST_TAGS:
            yield Refusal("tags", f"has {len(tags)} entries; AWS allows {MOST_TAGS}")
        for key, value in tags.items():
            if reason := TAG_KEY.refused(key):
                yield Refusal("tags", f"key {reason}")
            if isinstance(value, str) and (reason := TAG_VALUE.refused(value)):
                yield Refusal(f"tags.{key}", reason)


def _at(value: Any, steps: list[str], path: str) -> Iterator[tuple[str, str]]:
    """The texts at `steps` in `value`, lists crossed, with their full paths."""
    if isinstance(value, Secret):
        value = Hidden(value.value) if isinstance(value.value, str) else value.value
    if value is None or isinstance(value, Unknown):
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _at(item, steps, f"{path}[{index}]")
    elif steps and isinstance(value, Mapping):
        yield from _at(value.get(steps[0]), steps[1:], f"{path}.{steps[0]}".lstrip("."))
    elif not steps and isinstance(value, str):
        yield path, value
