"""Identities outside the stack, as data for the tests of the stack rules."""

from __future__ import annotations

import json
from typing import Final

from policy.harness import UNKNOWN, Resource, Secret
from policy.rules.outside_identities import (
    DIRECTORY_GROUP,
    GROUP,
    PERMISSION_SET,
    PROFILE,
    ROLE,
    USER,
)
from tests.policy.complying import TASK
from tests.policy.scenes import A, Scene, one

RULE: Final = "outside-identities"
MEMBER: Final = "aws:iam/userGroupMembership:UserGroupMembership"
FUNCTION: Final = "aws:lambda/function:Function"
ACCOUNT: Final = "arn:aws:iam::123456789012:"
KEY: Final = "aws:iam/accessKey:AccessKey"
ASSIGNED: Final = "aws:ssoadmin/accountAssignment:AccountAssignment"
INSTANCE: Final = "aws:ec2/instance:Instance"
TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
IN_DIRECTORY: Final = "aws:identitystore/groupMembership:GroupMembership"
ADMINS: Final = one(GROUP, "admins", name="admins")
LIVE: Final = one(ROLE, "live", name="live", arn=f"{ACCOUNT}role/live")


def runs(role: object, *sources: str) -> Resource:
    """A function with a role."""
    return one(FUNCTION, "f", refs={"role": list(sources)}, role=role)


_OUTSIDE: Final[dict[str, Resource]] = {
    "group": one(MEMBER, "m", user="u", groups=["a", "admins"]),
    "group of members": one("aws:iam/groupMembership:GroupMembership", "m", group="admins"),
    "key of a user": one(KEY, "k", user="root-ish"),
    "password of a user": one("aws:iam/userLoginProfile:UserLoginProfile", "k", user="u"),
    "SSH key of a user": one("aws:iam/sshKey:SshKey", "k", username="u"),
    "certificate of a user": one(
        "aws:iam/signingCertificate:SigningCertificate", "k", userName="u"
    ),
    "credential of a user": one(
        "aws:iam/serviceSpecificCredential:ServiceSpecificCredential", "k", userName="u"
    ),
    "permission set": one(
        ASSIGNED, "a", permissionSetArn="arn:aws:sso:::permissionSet/ssoins-1/ps-1"
    ),
    "group of the directory": one(IN_DIRECTORY, "m", groupId="g-1", memberId="p"),
    "role of a task": one(TASK, "t", taskRoleArn=f"{ACCOUNT}role/x"),
    "role of a task by its name": one(TASK, "t", taskRoleArn="x"),
    "role of a function": runs(f"{ACCOUNT}role/team/x"),
    "role of a function with a space": runs(f"{ACCOUNT}role/x "),
    "role of a function, secret": runs(Secret(f"{ACCOUNT}role/x")),
    "role of a profile": one(PROFILE, "p", role="x"),
    "profile of an instance": one(INSTANCE, "i", iamInstanceProfile="x"),
    "profile of a template": one(TEMPLATE, "i", iamInstanceProfile={"name": "x"}),
    "role of a managed instance": one("aws:ssm/activation:Activation", "i", iamRole="x"),
    "roles for those who sign in": one(
        "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment",
        "c",
        identityPoolId="p",
        roles={"authenticated": f"{ACCOUNT}role/x"},
    ),
    "role in a document": one(
        "aws:batch/jobDefinition:JobDefinition",
        "b",
        containerProperties=json.dumps({"image": "i", "jobRoleArn": f"{ACCOUNT}role/x"}),
    ),
    "role for one run": one(
        "aws:cloudwatch/eventTarget:EventTarget",
        "e",
        input=json.dumps({"taskRoleArn": f"{ACCOUNT}role/x"}).replace("Role", "\\u0052ole"),
    ),
    "role of another account with a name of this stack": runs(
        f"{ACCOUNT.replace('123', '999')}role/live"
    ),
}
_INSIDE: Final[dict[str, list[Resource]]] = {
    "group": [ADMINS, one(MEMBER, "m", user="u", groups=["admins"])],
    "key": [one(USER, "u", name="u"), one(KEY, "k", user="u")],
    "permission set": [
        one(PERMISSION_SET, "p", arn="arn:ps"),
        one(ASSIGNED, "a", permissionSetArn="arn:ps"),
    ],
    "group of the directory": [
        one(DIRECTORY_GROUP, "g", groupId="g-1"),
        one(IN_DIRECTORY, "m", groupId="g-1", memberId="p"),
    ],
    "role": [LIVE, runs(f"{ACCOUNT}role/live")],
    "role, secret": [LIVE, runs(Secret(f"{ACCOUNT}role/live"))],
    "role whose ARN is not known yet, by its name": [
        one(ROLE, "live", name="live", arn=UNKNOWN),
        runs(f"{ACCOUNT}role/live"),
    ],
    "role, unknown, joined by its dependency": [
        one(ROLE, "live", arn=UNKNOWN),
        runs(UNKNOWN, f"{ROLE}::live"),
    ],
    "profile": [
        LIVE,
        one(PROFILE, "p", name="p", role="live"),
        one(INSTANCE, "i", iamInstanceProfile="p"),
    ],
    "role that AWS writes": [runs(f"{ACCOUNT}role/aws-service-role/x.amazonaws.com/X")],
    "role in texts for programs and people": [
        one(
            FUNCTION,
            "f",
            role=None,
            environment={"variables": {"ROLE_ARN": f"{ACCOUNT}role/x"}},
            tags={"role": f"{ACCOUNT}role/x"},
        )
    ],
    "role that gets a policy": [
        one(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "r",
            role="x",
            policyArn=f"{ACCOUNT}policy/narrow",
        )
    ],
    "absent": [one(INSTANCE, "i"), one(FUNCTION, "f", role=None)],
}
OUTSIDE_IDENTITIES: Final = [
    *(Scene(RULE, f"violate: {name}", [LIVE, resource], A) for name, resource in _OUTSIDE.items()),
    *(Scene(RULE, f"comply: {name}", resources) for name, resources in _INSIDE.items()),
    Scene(RULE, "unknown", [runs(UNKNOWN)], A),
    Scene(
        RULE,
        "unknown group beside one of the stack",
        [ADMINS, one(MEMBER, "m", user="u", groups=["admins", UNKNOWN])],
        A,
    ),
]
