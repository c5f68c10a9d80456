"""Identities of other stacks: who gains rights here that no policy of this stack shows.

A group, user, role or permission set that is declared elsewhere may be an administrator; its name
proves nothing. What this stack gives to such an identity is judged by its policies. What it takes
from one, a membership, a credential or a role for its code, is asked about here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from .core.display import show
from .core.place import Place
from .core.placement import label
from .core.reading import DocumentError, every, may_say, read_json
from .core.rule import Finding, Resource, Schema, Settings, Stack, StackRule, texts
from .core.values import UNKNOWN

GROUP: Final = "aws:iam/group:Group"
USER: Final = "aws:iam/user:User"
ROLE: Final = "aws:iam/role:Role"
PROFILE: Final = "aws:iam/instanceProfile:InstanceProfile"
PERMISSION_SET: Final = "aws:ssoadmin/permissionSet:PermissionSet"
DIRECTORY_GROUP: Final = "aws:identitystore/group:Group"

_WORDS: Final = {
    GROUP: "group",
    USER: "user",
    ROLE: "role",
    PROFILE: "instance profile",
    PERMISSION_SET: "permission set",
    DIRECTORY_GROUP: "group",
}
NAMED: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "aws:iam/userGroupMembership:UserGroupMembership": (("groups", GROUP),),
    "aws:iam/groupMembership:GroupMembership": (("group", GROUP),),
    "aws:iam/accessKey:AccessKey": (("user", USER),),
    "aws:iam/userLoginProfile:UserLoginProfile": (("user", USER),),
    "aws:iam/sshKey:SshKey": (("username", USER),),
    "aws:iam/signingCertificate:SigningCertificate": (("userName", USER),),
    "aws:iam/serviceSpecificCredential:ServiceSpecificCredential": (("userName", USER),),
    "aws:iam/instanceProfile:InstanceProfile": (("role", ROLE),),
    "aws:ssoadmin/accountAssignment:AccountAssignment": (("permissionSetArn", PERMISSION_SET),),
    "aws:identitystore/groupMembership:GroupMembership": (("groupId", DIRECTORY_GROUP),),
    "aws:ssm/activation:Activation": (("iamRole", ROLE),),
    "aws:codebuild/project:Project": (("serviceRole", ROLE),),
    "aws:rds/instance:Instance": (("customIamInstanceProfile", PROFILE),),
    "aws:rds/clusterInstance:ClusterInstance": (("customIamInstanceProfile", PROFILE),),
    "aws:ec2/instance:Instance": (("iamInstanceProfile", PROFILE),),
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": (("iamInstanceProfile", PROFILE),),
    "aws:ec2/launchConfiguration:LaunchConfiguration": (("iamInstanceProfile", PROFILE),),
    "aws:ec2/launchTemplate:LaunchTemplate": (
        ("iamInstanceProfile.name", PROFILE),
        ("iamInstanceProfile.arn", PROFILE),
    ),
    "aws:ec2/spotFleetRequest:SpotFleetRequest": (
        ("launchSpecifications.iamInstanceProfile", PROFILE),
        ("launchSpecifications.iamInstanceProfileArn", PROFILE),
    ),
    "aws:emr/cluster:Cluster": (("ec2Attributes.instanceProfile", PROFILE),),
    "aws:batch/computeEnvironment:ComputeEnvironment": (
        ("computeResources.instanceRole", PROFILE),
    ),
    "aws:imagebuilder/infrastructureConfiguration:InfrastructureConfiguration": (
        ("instanceProfileName", PROFILE),
    ),
}
"""Where a type takes the rights of an identity that may be written as a bare name."""

_ROLE_KEY: Final = re.compile(r"\w*roles?(?P<arn>\w*arns?)?|\w*instanceProfile(Arn|s)?", re.I)
"""Names of properties, and of members of JSON documents, of which a role is a value."""

_AUTHORS: Final = re.compile(r"(stage|environment)?Variables|tags(All)?|labels", re.IGNORECASE)
"""Maps whose names are the author's: a role in them is a text for a program or a person."""

NOT_TAKEN: Final = re.compile(
    r"iam/(?!instanceProfile ).*"  # what gets something
    r"|securityhub/insight .*"  # a filter
    r"|quicksight/dataSet .*columnGeographicRole"  # what a column is about
    r"|dms/migrationProject instanceProfileArn"  # a network setting of DMS
)
"""Properties with roles in their names by which nobody takes a right: `service/type path`."""

_ROLE_ARN: Final = re.compile(
    r"arn:aws[\w-]*:iam::\d{12}:(role|instance-profile)/(?P<name>[\w+=,.@/-]+)", re.IGNORECASE
)
_OF_AWS: Final = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/aws-service-role/.*", re.IGNORECASE)
"""Roles whose policies AWS writes, and which only the service itself can take."""

_SETTINGS: Final[dict[str, Schema]] = {
    "knownIdentities": {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "default": [],
        "description": (
            "Groups, users, roles, instance profiles and permission sets outside the stack whose"
            " rights have been reviewed: the ARN, id or name as the program writes it."
        ),
    },
}


def _check(stack: Stack, settings: Settings) -> Iterable[Finding]:
    identities = _Identities(stack, frozenset(texts(settings, "knownIdentities")))
    for resource in stack.resources:
        if resource.type.startswith("aws:") and not _is_read(resource):
            for prop, place, kinds in _taken(resource):
                yield from identities.judge(resource, prop, place, kinds)


def _is_read(resource: Resource) -> bool:
    """Whether the stack only reads a resource (`Role.get`): no rule has seen its inputs."""
    return resource.inputs is None


def _taken(resource: Resource) -> Iterator[tuple[str, Place, tuple[str, ...]]]:
    """Every value by which a resource takes the rights of an identity: the top-level property, the
    place, and the types of what it may name.
    """
    paths = NAMED.get(resource.type, ())
    seen = set()
    for path, kind in paths:
        for place in (each for found in resource.at().within(path) for each in found.each()):
            seen.add(place.path)
            yield path.split(".")[0], place, (kind,)
    for prop in resource.asked:
        if _AUTHORS.fullmatch(prop) or NOT_TAKEN.fullmatch(label(resource.type, prop)):
            continue
        for place in _roles(resource.at(prop), prop, inside=False):
            if place.path not in seen:
                yield prop, place, (ROLE, PROFILE)


def _roles(place: Place, key: str, *, inside: bool) -> Iterator[Place]:
    """The roles inside a value: by the name of the property, or of a member of a JSON text."""
    value = place.value
    name = _ROLE_KEY.fullmatch(key)
    if isinstance(value, list):
        for each in place.each():
            yield from _roles(each, key, inside=inside)
    elif isinstance(value, dict):
        for member in value:
            if _AUTHORS.fullmatch(member):
                continue
            yield from _roles(place.at(member), member, inside=inside or bool(name))
    elif isinstance(value, str):
        if _ROLE_ARN.fullmatch(value.strip()):
            if name or inside:
                yield place
        elif value[:1] in ("{", "[") and may_say(value, _MAY_SAY):
            yield from _in_text(place, value)
        elif name and name["arn"] and value:
            yield place  # some of AWS's properties take a bare name in place of an ARN
    elif value is UNKNOWN and name:
        yield place


_MAY_SAY: Final = re.compile("role|instanceprofile", re.IGNORECASE)


def _in_text(place: Place, text: str) -> Iterator[Place]:
    try:
        content = read_json(text, every)
    except DocumentError:
        return  # what must be a document is judged where it is one
    inner = Place(subject=place.subject, path=place.path, value=content, urn=place.urn)
    yield from _roles(inner, "", inside=False)


class _Identities:
    """The identities of a stack, and which of those outside were reviewed."""

    def __init__(self, stack: Stack, reviewed: frozenset[str]) -> None:
        self._stack, self._reviewed = stack, reviewed
        self._directory = {
            identity: each
            for each in stack.of({DIRECTORY_GROUP})
            if isinstance(identity := each.props.get("groupId"), str)
        }
        """By the id of the group, as their ids are of the store and the group."""

    def judge(
        self, resource: Resource, prop: str, place: Place, kinds: tuple[str, ...]
    ) -> Iterator[Finding]:
        value = place.value
        found: Iterable[Resource] = ()
        if place.unknown:
            join = self._stack.join(resource, prop, value, kinds)
            found = join.found
            if join.unknown:
                yield place.question()
        elif isinstance(value, str) and value and not self._is_known(value):
            found = self._meant(resource, prop, value, kinds)
            if not found:
                yield _outside(place, show(value), kinds)
        for each in found:
            if _is_read(each) and self._reviewed.isdisjoint(_names(each)):
                yield _outside(place, each.name, kinds, "only read by")

    def _is_known(self, value: str) -> bool:
        return value in self._reviewed or bool(_OF_AWS.fullmatch(value))

    def _meant(
        self, resource: Resource, prop: str, value: str, kinds: tuple[str, ...]
    ) -> tuple[Resource, ...]:
        """The identities of the stack that a text names: by id, ARN or name, or by a written ARN
        of one that has none yet.
        """
        join = self._stack.join(resource, prop, value, kinds)
        if join.found:
            return join.found
        if arn := _ROLE_ARN.fullmatch(value):
            named = self._stack.named(arn["name"].rpartition("/")[2], kinds)
            return tuple(each for each in named if not isinstance(each.props.get("arn"), str))
        if DIRECTORY_GROUP in kinds and value in self._directory:
            return (self._directory[value],)
        return ()


def _names(resource: Resource) -> Iterator[str]:
    for key in ("arn", "id", "name", "groupId"):
        if isinstance(value := resource.props.get(key), str):
            yield value


def _outside(place: Place, what: str, kinds: tuple[str, ...], where: str = "not in") -> Finding:
    return Finding(
        message=(
            f"{place} takes the rights of {_WORDS[kinds[0]]} {what}, which is {where} this stack,"
            " so nobody here knows what it may do; allowed is one that the stack declares or"
            " that knownIdentities names"
        ),
        urn=place.urn,
    )


OUTSIDE_IDENTITIES: Final = StackRule(
    id="outside-identities",
    title="Rights come from identities that this stack declares",
    reason=(
        "A group, a user, a role or a permission set of another stack may be an administrator, and"
        " its name proves nothing. Anyone who joins it, holds its key or runs with its role has those"
        " rights, while no policy in this stack shows them."
    ),
    fix=(
        "declare the identity with its policies in this stack, or review its rights and name it in"
        " the policy configuration (outside-identities.knownIdentities)"
    ),
    link="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    severity="high",
    level="advisory",
    properties=_SETTINGS,
    check=_check,
)

RULES: Final = (OUTSIDE_IDENTITIES,)
