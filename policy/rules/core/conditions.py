"""Conditions of policies: which of them say who may do something, or from where.

`aws:SecureTransport` or a region narrow neither. AWS draws the same line where it calls a bucket
policy public:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from .actions import is_wild, keys_of_types
from .documents import words
from .networks import MOST_IPV4, MOST_IPV6, NetworkError, Sources, parse, size
from .values import Properties, Value, as_dict, as_list, boolean

_WHO_OR_WHERE: Final = re.compile(
    r"aws:sourceip|aws:sourcevpc(e|arn)?|aws:vpce(account|orgid|orgpaths)|aws:source(arn|account|owner|orgid|orgpaths)"
    r"|aws:principal(arn|account|orgid|orgpaths)|aws:userid"
    r"|kms:calleraccount|s3:dataaccesspoint(arn|account)|elasticfilesystem:accesspointarn"
    r"|lambda:sourcefunctionarn|[\w.-]+(/[\w./-]+)?:(sub|repository(_id|_owner|_owner_id)?|project_path|namespace_path)|saml:(sub|aud|iss)"
)
"""Not among them, as a stranger's account can meet them: user names and tags of principals, which
every account gives as it likes; private addresses in somebody's VPC (`aws:VpcSourceIp`); AWS's
services, which act for every customer; the workflow file of a token of GitHub (`job_workflow_ref`),
as every repository may call a public one.
"""

_SWITCHES: Final = frozenset({"elasticfilesystem:accessedviamounttarget"})
"""Keys that say who or from where by being true."""

_POSITIVE: Final = re.compile(
    r"(?:foranyvalue:)?(?:string(?:equals|equalsignorecase|like)|arn(?:equals|like)|ipaddress)"
)
"""Operators that hold for the listed values only. `…IfExists` and `ForAllValues` hold when the key
is absent.
"""


def _entries(condition: Value) -> Iterator[tuple[str, str, list[str]]]:
    """Operator, key and values of each line, operator and key in lower case."""
    for operator, lines in as_dict(condition).items():
        for key, value in as_dict(lines).items():
            yield operator.lower(), key.lower(), [str(each) for each in as_list(value)]


def narrows(condition: Value, *more: re.Pattern[str]) -> bool:
    """Whether one line of a condition says who may act or from where; `more` are other keys, in
    lower case, that are enough.
    """
    for operator, key, values in _entries(condition):
        if (
            operator == "bool"
            and key in _SWITCHES
            and values
            and all(boolean(each) is True for each in values)
        ):
            return True
        known = _WHO_OR_WHERE.fullmatch(key) or any(each.fullmatch(key) for each in more)
        if known and _POSITIVE.fullmatch(operator) and values and _are_narrow(key, values):
            return True
    return False


def narrows_resources(
    condition: Value, is_powerful: Callable[[str], bool] = lambda _: False
) -> bool:
    """Whether one line of a condition says which resources are meant. Who acts, or from where, does
    not answer that: the holder of an identity policy is known already. `is_powerful` tells whether
    the ARN or pattern of a managed policy means one that gives too much.
    """
    return any(
        _is_about_resources(key)
        and _POSITIVE.fullmatch(operator)
        and values
        and all(_names_resources(key, each) for each in values)
        and not (_POLICY_KEYS.fullmatch(key) and any(map(is_powerful, values)))
        for operator, key, values in _entries(condition)
    )


def limits_policies(condition: Value, is_powerful: Callable[[str], bool]) -> bool:
    """Whether a condition says which policies may be attached, or which boundary holds, and none of
    them gives too much.
    """
    lines = (
        (operator, key, value)
        for operator, each in as_dict(condition).items()
        for key, value in as_dict(each).items()
    )
    return any(
        narrows_resources({operator: {key: value}}, is_powerful)
        for operator, key, value in lines
        if _POLICY_KEYS.fullmatch(key.lower())
    )


_POLICY_KEYS: Final = re.compile(r"iam:(policyarn|permissionsboundary)")
"""Keys that say which policies may be attached, which is as narrow as the policies are."""

_RESOURCE_KEYS: Final = re.compile(
    rf"[\w-]+:resourcetag/.+|ecs:(cluster|service|task)|kms:(viaservice|encryptioncontext:.+|resourcealiases)|{_POLICY_KEYS.pattern}"
    r"|iam:awsservicename|secretsmanager:secretid|elasticfilesystem:accesspointarn|s3(-outposts|express)?:dataaccesspointarn"
    r"|lambda:functionarn|events:eventbusarn|ram:resourcearn|ses:fromaddress|sns:endpoint|ec2:createaction|apprunner:servicearn|servicediscovery:(namespace|service)arn"
)
"""Keys that AWS lists at actions, and that name what the action works on."""

_NOT_NAMING: Final = re.compile(
    r"eks:principalarn|\w+:(image|kmskey|cloudwatch\w*|samlprovider|servercertificate|clientrootcertificatechain|directory|permission)(arn|id)"
    r"|\w+:\w*accountid"
)
"""Keys of resource types that name something else: who gets access, what runs there, which key
encrypts it.
"""


def _is_about_resources(key: str) -> bool:
    """Whether a key names resources: AWS lists it for a type of resource, by an identifier.
    `sts:ExternalId` and `lambda:SourceFunctionArn` say who asks, `cloudformation:RoleArn` says what
    else takes part.
    """
    if _RESOURCE_KEYS.fullmatch(key):
        return True
    named = re.fullmatch(r"(?!aws:)([\w-]+):\w+(?:arn|id)|(ec2):(?:vpc|subnet)", key)
    return (
        bool(named) and not _NOT_NAMING.fullmatch(key) and key in keys_of_types(key.split(":")[0])
    )


_EVERY_NAME: Final = re.compile(r"arn:(?:[^:]*:){4}(?:[\w-]+[/:])?[*?/:]+")
"""An ARN for every resource of a type: `…:cluster/*`."""


def _names_resources(key: str, value: str) -> bool:
    return _is_narrow(key, value) and not _EVERY_NAME.fullmatch(value)


def _are_narrow(key: str, values: list[str]) -> bool:
    if key == "aws:sourceip":
        return _are_narrow_networks(values)
    return all(_is_narrow(key, each) for each in values)


def _is_narrow(key: str, value: str) -> bool:
    if "${" in value:  # a policy variable is the caller's own value
        return False
    if value.startswith("arn:"):
        return _is_narrow_arn(value)
    if key == _GITHUB_SUBJECT:
        return re.match(r"repo:[^*?/:]+/", value) is not None
    if key.endswith(":sub"):
        return _is_named(value)
    return _is_narrow_pattern(key, value) if is_wild(value) else bool(value)


_IDS: Final = re.compile(r".*(?:account|owner|orgid|sourcevpce?)")
_PATHS: Final = re.compile(r".*(?:orgpaths|repository|project_path|namespace_path)")
_USER_ID: Final = 16
"""Fewest characters of a unique id (`AROA` and 17 more) that name one role or user."""


def _is_narrow_pattern(key: str, value: str) -> bool:
    """Whether a pattern holds for one owner only: an id is named in full, and of a path its first
    part.
    """
    head = re.split(r"[*?]", value, maxsplit=1)[0]
    if _IDS.fullmatch(key):
        return False
    if _PATHS.fullmatch(key):
        return "/" in head
    if key == "aws:userid":
        return len(head) >= _USER_ID
    if (
        key == "kms:resourcealiases"
    ):  # `alias/*` is every key with an alias, `alias/aws/*` every one of AWS's
        return len(re.sub("^alias/(aws/)?", "", head)) >= _LEAST_ALIAS
    if key.endswith("id"):
        head = re.sub(r"^[a-z]{1,10}-", "", head)  # `vpc-*` is every VPC
    return len(head) >= _LEAST_HEAD


_LEAST_HEAD: Final = 4
_LEAST_ALIAS: Final = 2


_GITHUB_SUBJECT: Final = "token.actions.githubusercontent.com:sub"
"""Its other parts, such as `workflow:`, are what anyone may call their own:
https://docs.github.com/actions/reference/security/oidc#filtering-for-a-specific-organization-or-repository
"""


def _is_named(subject: str) -> bool:
    """Whether the subject of a web identity names an owner: `organisation/…`, not `*`."""
    head = re.split(r"[*?]", subject, maxsplit=1)[0]
    least = (
        3 if head.startswith("system:") else 2
    )  # `system:serviceaccount:NAMESPACE:…` of Kubernetes
    return "/" in head or (bool(head) and not is_wild(subject)) or head.count(":") >= least


def _are_narrow_networks(values: list[str]) -> bool:
    """Whether networks, taken together, hold no more public addresses than the one network that AWS
    still calls not public.
    """
    try:
        public = Sources.of([parse(each) for each in values]).public
    except NetworkError:
        return False
    return size(public.ipv4) <= MOST_IPV4 and size(public.ipv6) <= MOST_IPV6


def _is_narrow_arn(value: str) -> bool:
    fields = value.split(":", 5)
    if len(fields) < 6 or is_wild(fields[2]):
        return False
    if fields[2] == "s3":
        return bool(fields[5]) and fields[5][0] not in "*?"
    return bool(fields[4]) and not is_wild(fields[4])


# Principals


def open_to(statement: Properties) -> str:
    """Whom a statement admits that nobody named; empty when every principal is named or a condition
    narrows them.
    """
    condition = statement.get("condition")
    if _admits_guests(condition):
        return "everyone, as guests of an identity pool do not sign in"
    if narrows(condition):
        return ""
    if "notprincipal" in statement:
        return "everyone but the principals that NotPrincipal names"
    principal = statement.get("principal")
    kinds = principal if isinstance(principal, dict) else {"AWS": principal}
    for kind, value in kinds.items():
        for each in words(value):
            if found := _whom(kind.lower(), each, condition):
                return found
    return ""


def _whom(kind: str, principal: str, condition: Value) -> str:
    """Whom one principal admits that nobody named."""
    if _is_everyone(principal):
        return "every AWS service" if kind == "service" else "everyone"
    if kind == "service" and principal.lower() == "cloudfront.amazonaws.com":
        return "the distributions of every account"
    if kind == "federated" and not _names_audience(principal, condition):
        return "everyone for whom an identity provider signs a token"
    return ""


_SAML: Final = re.compile(r"arn:aws[\w-]*:iam::\d{12}:saml-provider/.+")
_EVERY_CUSTOMER: Final = re.compile(
    r"token\.actions\.githubusercontent\.com|gitlab\.com|app\.terraform\.io|api\.bitbucket\.org|oidc\.circleci\.com|agent\.buildkite\.com"
    r"|api\.pulumi\.com|oidc\.vercel\.com|oidc\.eks\.[\w-]+\.amazonaws\.com"
)
"""Providers whose audience anyone may ask for, or is one for every workload: only the subject says
whose.
"""

_EVERY_AUDIENCE: Final = re.compile(
    r"(?:https://)?sts\.amazonaws\.com(?:\.cn)?|aws\.workload\.identity", re.IGNORECASE
)
"""Audiences that mean AWS and no customer of the provider."""


def _names_audience(principal: str, condition: Value) -> bool:
    """Whether a condition says for which application a provider signs. A SAML provider belongs to
    one company; every other provider is taken to sign for all its customers.
    """
    if _SAML.fullmatch(principal):
        return True
    issuer = principal.rpartition("oidc-provider/")[2].lower()
    if _EVERY_CUSTOMER.search(issuer) and not _is_organization_s(issuer, condition):
        return False
    for operator, key, values in _entries(condition):
        about = key.rpartition(":")
        if (
            about[0].startswith(issuer.split("/")[0])
            and about[2] in ("aud", "app_id", "azp", "client_id")
            and _POSITIVE.fullmatch(operator)
        ):
            return bool(values) and not any(
                is_wild(each) or "${" in each or _EVERY_AUDIENCE.fullmatch(each) for each in values
            )
    return False


def _is_organization_s(issuer: str, condition: Value) -> bool:
    """Whether an issuer is one organization's, and the audience is that organization, as CircleCI
    has it: https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/
    """
    organization = re.fullmatch(r"oidc\.circleci\.com/org/([\w-]{36})", issuer)
    audiences = [
        values
        for operator, key, values in _entries(condition)
        if key == f"{issuer}:aud" and _POSITIVE.fullmatch(operator)
    ]
    if organization is None or not audiences:
        return False
    return all([each.lower() for each in values] == [organization[1]] for values in audiences)


def _admits_guests(condition: Value) -> bool:
    """Whether a condition asks an identity pool of Cognito for people who have not signed in."""
    return any(
        key == "cognito-identity.amazonaws.com:amr"
        and "unauthenticated" in values
        and _POSITIVE.fullmatch(operator)
        for operator, key, values in _entries(condition)
    )


def _is_everyone(principal: str) -> bool:
    """Whether a principal is a pattern, or an ARN of IAM that names no account. AWS takes no
    pattern but `*`, which is everyone.
    """
    fields = principal.split(":")
    nameless = (
        fields[0] == "arn"
        and fields[2:3] in (["iam"], ["sts"])
        and not re.fullmatch(r"\d+|aws", (fields + [""] * 5)[4])
    )
    return is_wild(principal) or nameless
