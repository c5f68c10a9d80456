"""Evasions through services that let outsiders run code or read data: webhooks, API documents,
access policies of other kinds.
"""

from __future__ import annotations

import json
from typing import Any, Final

import yaml

from policy.harness import Resource
from tests.policy.complying import TARGETS

from .core import Evasion, alone, one

HOOK: Final = "aws:codebuild/webhook:Webhook"
REST: Final = "aws:apigateway/restApi:RestApi"
ACCESS: Final = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
TEMPLATE: Final = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"
COLLECTIONS: Final = "aws:opensearch/serverlessAccessPolicy:ServerlessAccessPolicy"


def filtered(*groups: tuple[tuple[str, str], ...], **more: Any) -> dict[str, Any]:
    """A webhook's groups, each of filters by type and pattern."""
    made = [
        {"filters": [{"type": kind, "pattern": pattern} for kind, pattern in group]}
        for group in groups
    ]
    return {"projectName": "build", "filterGroups": made, **more}


_EVENTS: Final = (
    "PULL_REQUEST_CREATED",
    "PULL_REQUEST_UPDATED",
    "PULL_REQUEST_REOPENED",
    "PUSH, PULL_REQUEST_CREATED",
)
_WEAK: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "no other filter": (),
    "a branch": (("BASE_REF", "^refs/heads/main$"),),
    "accounts without ends": (("ACTOR_ACCOUNT_ID", "123456|654321"),),
    "an account without its end": (("ACTOR_ACCOUNT_ID", "^123456"),),
    "any account": (("ACTOR_ACCOUNT_ID", "^.*$"),),
    "one alternative without ends": (("ACTOR_ACCOUNT_ID", "^123456$|654321"),),
}
WEBHOOKS: Final = [
    alone("webhooks", "no-public-entrance", "without filters", HOOK, projectName="build"),
    alone(
        "webhooks",
        "no-public-entrance",
        "a second group",
        HOOK,
        **filtered((("EVENT", "PUSH"),), (("EVENT", _EVENTS[0]),)),
    ),
    alone(
        "webhooks",
        "no-public-entrance",
        "no event is named",
        HOOK,
        **filtered((("BASE_REF", "^refs/heads/main$"),)),
    ),
    alone(
        "webhooks",
        "no-public-entrance",
        "approval is off",
        HOOK,
        **filtered(
            (("EVENT", _EVENTS[0]),), pullRequestBuildPolicy={"requiresCommentApproval": "DISABLED"}
        ),
    ),
    *(
        alone(
            "webhooks",
            "no-public-entrance",
            f"{event} with {name}",
            HOOK,
            **filtered((("EVENT", event), *guard)),
        )
        for event in _EVENTS
        for name, guard in _WEAK.items()
    ),
]

EVERYONE: Final[dict[str, Any]] = {
    "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
    ]
}
NAMED: Final[dict[str, Any]] = {
    "Statement": [
        {**EVERYONE["Statement"][0], "Principal": {"AWS": "arn:aws:iam::123456789012:role/caller"}}
    ]
}


def described(policy: object) -> dict[str, object]:
    """An OpenAPI document with a resource policy, and a schema that has a property of a policy's
    name.
    """
    schema = {"Quote": {"properties": {"statement": {"type": "string"}}}}
    return {
        "openapi": "3.0.1",
        "components": {"schemas": schema},
        "x-amazon-apigateway-policy": policy,
    }


PRIVATE: Final[dict[str, Any]] = {"endpointConfiguration": {"types": "PRIVATE"}}
DOCUMENTS: Final = [
    alone(
        "policies in documents",
        "no-public-policy",
        f"{kind} of {type_.rpartition(':')[2]}",
        type_,
        body=body,
        **more,
    )
    for type_, more in (
        (REST, PRIVATE),
        ("aws:apigateway/restApiPut:RestApiPut", {"restApiId": "a"}),
    )
    for kind, body in (
        ("JSON", json.dumps(described(EVERYONE))),
        ("YAML", yaml.safe_dump(described(EVERYONE))),
        ("policy as text", json.dumps(described(json.dumps(EVERYONE)))),
        ("extension in capitals", json.dumps({"X-Amazon-ApiGateway-Policy": EVERYONE})),
    )
]


def access(name: str, **scope: Any) -> dict[str, Any]:
    """An access policy of EKS for a role."""
    return {
        "clusterName": "c",
        "principalArn": "arn:aws:iam::123456789012:role/deploy",
        "policyArn": f"arn:aws:eks::aws:cluster-access-policy/{name}",
        "accessScope": scope,
    }


CLUSTERS: Final = [
    *(
        alone(
            "clusters",
            "iam-least-privilege",
            f"{name} for the whole cluster",
            ACCESS,
            **access(name, type="cluster"),
        )
        for name in (
            *(
                "AmazonEKSClusterAdminPolicy",
                "amazoneksclusteradminpolicy",
                "AmazonEKSAdminPolicy",
                "AmazonEKSEditPolicy",
            ),
            *("AmazonEKSAdminViewPolicy", "AmazonEKSSecretReaderPolicy"),
        )
    ),
    alone(
        "clusters",
        "iam-least-privilege",
        "all namespaces",
        ACCESS,
        **access("AmazonEKSAdminPolicy", type="namespace", namespaces=["*"]),
    ),
    alone(
        "clusters",
        "iam-least-privilege",
        "prefix of namespaces",
        ACCESS,
        **access("AmazonEKSEditPolicy", type="namespace", namespaces=["p*"]),
    ),
]

SSO: Final = "aws:ssoadmin/customerManagedPolicyAttachment"
BY_NAME: Final = [
    alone(
        "policies by name",
        "iam-least-privilege",
        "administrator",
        f"{SSO}:CustomerManagedPolicyAttachment",
        permissionSetArn="arn:aws:sso:::permissionSet/ssoins-1/ps-1",
        customerManagedPolicyReference={"name": "AdministratorAccess"},
    ),
    alone(
        "policies by name",
        "iam-least-privilege",
        "second of several",
        f"{SSO}sExclusive:CustomerManagedPolicyAttachmentsExclusive",
        permissionSetArn="arn:aws:sso:::permissionSet/ssoins-1/ps-1",
        customerManagedPolicyReferences=[{"name": "Live"}, {"name": "PowerUserAccess"}],
    ),
]

SHARED: Final = [
    alone("shares of services", rules, name, type_, **properties)
    for name, rules, type_, properties in (
        (
            "builds that everyone sees",
            "no-public-share",
            "aws:codebuild/project:Project",
            {"projectVisibility": "PUBLIC_READ"},
        ),
        (
            "role for those who do not sign in",
            "no-public-share",
            "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment",
            {
                "identityPoolId": "p",
                "roles": {"unauthenticated": "arn:aws:iam::123456789012:role/guest"},
            },
        ),
        (
            "collections for everyone",
            "no-public-share",
            COLLECTIONS,
            {"policy": '[{"Rules": [], "Principal": ["*"]}]'},
        ),
        (
            "collections by a document that nobody can read",
            "no-public-share",
            COLLECTIONS,
            {"policy": "[{"},
        ),
        (
            "repositories whose tags move",
            "ecr-immutable-tags",
            TEMPLATE,
            {"prefix": "ROOT", "appliedFors": ["REPLICATION"]},
        ),
        (
            "repositories that keep every image",
            "ecr-lifecycle",
            TEMPLATE,
            {"prefix": "ROOT", "imageTagMutability": "IMMUTABLE"},
        ),
        (
            "calls from half the internet",
            "no-public-entrance",
            "aws:chime/voiceConnectorTermination:VoiceConnectorTermination",
            {"cidrAllowLists": ["128.0.0.0/1"], "callingRegions": ["DE"]},
        ),
        (
            "mail from everyone",
            "no-public-entrance",
            "aws:mailmanager/ingressPoint:IngressPoint",
            {"type": "OPEN"},
        ),
        (
            "administrator in lower case",
            "iam-least-privilege",
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            {"role": "r", "policyArn": "arn:aws:iam::aws:policy/administratoraccess"},
        ),
    )
]

ISSUER: Final = "oidc.circleci.com/org/b5a79aad-d822-46cc-80d1-819f80d7bfb0"


def circle(audience: str) -> dict[str, Any]:
    """A role for builds of CircleCI, whose audience is an organization."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{ISSUER}:aud": audience}},
    }
    return {"assumeRolePolicy": json.dumps({"Statement": [statement]})}


def may(condition: object, *actions: str) -> Resource:
    """A policy that allows actions on everything, under a condition or none."""
    statement = {
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": "*",
        **({"Condition": condition} if condition else {}),
    }
    return one(
        "aws:iam/rolePolicy:RolePolicy",
        "p",
        role="r",
        policy=json.dumps({"Statement": [statement]}),
    )


RIGHTS: Final = [
    alone(
        "shares of services",
        "no-public-policy",
        "builds of another organization",
        "aws:iam/role:Role",
        **circle("a" * 36),
    ),
    *(
        Evasion(
            family="identity policies",
            name=action,
            resources=(may(None, action),),
            rules=frozenset({"iam-least-privilege"}),
        )
        for action in (
            "sts:AssumeRoot",
            "dms:DeleteReplicationTask",
            "logs:StartQuery",
            "ses:SendEmail",
            "securityhub:DisableSecurityHub",
        )
    ),
]

MACHINE: Final = "aws:sfn/stateMachine:StateMachine"
SCHEDULE: Final = "aws:scheduler/schedule:Schedule"


def calls(service: str, **parameters: object) -> str:
    """A state machine with one call, its parameters as JSON or as JSONata has them."""
    return json.dumps(
        {
            "States": {
                "a": {
                    "Type": "Task",
                    "Resource": f"arn:aws:states:::{service}",
                    "Parameters": parameters,
                }
            }
        }
    )


SHELLS: Final = [
    *(
        alone(
            "calls that open a shell",
            "service-no-shell",
            f"{service} in a state machine",
            MACHINE,
            definition=calls(service, **how),
        )
        for service, how in (
            ("ecs:runTask.sync", {"EnableExecuteCommand": True}),
            ("aws-sdk:ecs:updateService", {"Service": "live", "EnableExecuteCommand": "true"}),
        )
    ),
    alone(
        "calls that open a shell",
        "service-no-shell",
        "a schedule's input",
        SCHEDULE,
        target={
            "arn": "arn:aws:scheduler:::aws-sdk:ecs:updateService",
            "roleArn": "arn:aws:iam::123456789012:role/s",
            "input": json.dumps({"Service": "live", "EnableExecuteCommand": True}),
        },
    ),
    alone(
        "calls that open a shell",
        "no-public-address",
        "an escaped name",
        MACHINE,
        definition=(
            '{"States": {"a": {"NetworkConfiguration": {"Assign\\u0050ublicIp": "ENABLED"}}}}'
        ),
    ),
]

BOMB: Final = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefghij", "bcdefghijk", strict=True)
)
HIDDEN: Final = [
    alone(
        "hidden policies",
        "iam-least-privilege no-public-policy",
        f"escaped name in {prop} of {type_.rpartition(':')[2]}",
        type_,
        **{prop: json.dumps({"Statement": [statement]}).replace("Statement", "\\u0053tatement")},
    )
    for type_, prop, statement in (
        (
            "aws:iam/rolePolicy:RolePolicy",
            "policy",
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
        ),
        (
            "aws:iam/role:Role",
            "assumeRolePolicy",
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"},
        ),
        (
            "aws:sqs/queue:Queue",
            "policy",
            {"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": "*", "Resource": "*"},
        ),
        ("aws:s3/bucketPolicy:BucketPolicy", "policy", EVERYONE["Statement"][0]),
    )
]
APIS: Final = [
    alone("parts of APIs", rules, name, type_, **properties)
    for name, rules, type_, properties in (
        (
            "path of a public domain",
            "no-public-entrance",
            "aws:apigateway/basePathMapping:BasePathMapping",
            {"domainName": "a.example.com"},
        ),
        (
            "name of an HTTP API",
            "no-public-entrance",
            "aws:apigatewayv2/apiMapping:ApiMapping",
            {"domainName": "a.example.com"},
        ),
        (
            "path of an HTTP API's name",
            "no-public-entrance",
            "aws:apigatewayv2/routingRule:RoutingRule",
            {"domainNameArn": "arn:aws:apigateway:eu-west-1::/domainnames/a.example.com"},
        ),
        (
            "link of REST APIs",
            "no-public-entrance",
            "aws:apigateway/vpcLink:VpcLink",
            {"targetArn": "arn:nlb"},
        ),
        (
            "integration",
            "no-public-entrance",
            "aws:apigateway/integration:Integration",
            {"connectionType": "VPC_LINK"},
        ),
        (
            "integration of an HTTP API",
            "no-public-entrance",
            "aws:apigatewayv2/integration:Integration",
            {"connectionType": "VPC_LINK"},
        ),
        ("document of aliases without end", "no-public-policy", REST, {"body": BOMB, **PRIVATE}),
        (
            "stage variable",
            "no-plain-secrets",
            "aws:apigatewayv2/stage:Stage",
            {"stageVariables": {"DB_PASSWORD": "hunter2hunter"}},
        ),
    )
]

PASSED: Final = [
    alone(
        "identity policies",
        "iam-least-privilege",
        f"{action} on {resource}",
        "aws:iam/rolePolicy:RolePolicy",
        policy=json.dumps(
            {"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}
        ),
    )
    for action, start, end in (
        ("iam:PassRole", "arn:aws:iam::123456789012:role/", ""),
        ("s3:PutObject", "arn:aws:s3:::", "/*"),
        (
            "secretsmanager:GetSecretValue",
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:",
            "",
        ),
        ("ssm:GetParameter", "arn:aws:ssm:eu-central-1:123456789012:parameter/", ""),
    )
    for resource in (
        f"{start}{name}{end}" for name in ("*a*", "*-*", "?*", "????????????", "?*e?*", "*0*")
    )
]

SERVICE_EVASIONS: Final[list[Evasion]] = [
    *WEBHOOKS,
    *DOCUMENTS,
    *CLUSTERS,
    *BY_NAME,
    *SHARED,
    *RIGHTS,
    *PASSED,
    *SHELLS,
    *HIDDEN,
    *APIS,
]

FINE_SERVICES: Final[dict[str, list[Resource]]] = {
    "webhook for pushes": [
        one(HOOK, "w", **filtered((("EVENT", "PUSH"), ("HEAD_REF", "^refs/heads/main$"))))
    ],
    "webhook for merged pull requests": [
        one(HOOK, "w", **filtered((("EVENT", "PULL_REQUEST_MERGED"),)))
    ],
    "webhook for named people": [
        one(
            HOOK,
            "w",
            **filtered((("EVENT", _EVENTS[0]), ("ACTOR_ACCOUNT_ID", "^(123456|654321)$"))),
        )
    ],
    "webhook for two people": [
        one(
            HOOK,
            "w",
            **filtered((("EVENT", _EVENTS[0]), ("ACTOR_ACCOUNT_ID", "^123456$|^654321$"))),
        )
    ],
    "webhook that asks first": [
        one(
            HOOK,
            "w",
            **filtered(
                (("EVENT", _EVENTS[0]),),
                pullRequestBuildPolicy={"requiresCommentApproval": "FORK_PULL_REQUESTS"},
            ),
        )
    ],
    "runner of GitHub's workflows": [
        one(HOOK, "w", **filtered((("EVENT", "WORKFLOW_JOB_QUEUED"),)))
    ],
    "private API for a named role": [one(REST, "a", body=json.dumps(described(NAMED)), **PRIVATE)],
    "private API for a named role, YAML": [
        one(REST, "a", body=yaml.safe_dump(described(NAMED)), **PRIVATE)
    ],
    "schema with a property named statement": [
        one(
            "aws:schemas/schema:Schema",
            "s",
            content=json.dumps({"a": {"Statement": [{"type": "string"}]}}),
            type="OpenApi3",
        )
    ],
    "cluster's view": [one(ACCESS, "a", **access("AmazonEKSViewPolicy", type="cluster"))],
    "a namespace's administrator": [
        one(ACCESS, "a", **access("AmazonEKSAdminPolicy", type="namespace", namespaces=["web"]))
    ],
    "template of repositories": [
        one(TEMPLATE, "t", prefix="ROOT", imageTagMutability="IMMUTABLE", lifecyclePolicy="{}")
    ],
    "builds of an organization": [
        one("aws:iam/role:Role", "r", **circle(ISSUER.rpartition("/")[2]))
    ],
    "places, of which there is one provider": [may(None, "geo-places:SearchText")],
    "metrics and costs": [
        may(None, "cloudwatch:GetInsightRuleReport", "cloudwatch:Get*", "budgets:ViewBudget")
    ],
    "mail from one address": [
        may(
            {"StringEquals": {"ses:FromAddress": "no-reply@example.com"}},
            "ses:SendEmail",
            "ses:SendRawEmail",
        )
    ],
    "tags of new instances": [
        may({"StringEquals": {"ec2:CreateAction": "RunInstances"}}, "ec2:CreateTags")
    ],
    "targets of a search engine": [
        one(TARGETS, "t", protocol="TCP", port=9200, targetType="ip", stickiness=None)
    ],
    "call that starts a task": [
        one(MACHINE, "m", definition=calls("ecs:runTask.sync", EnableExecuteCommand=False))
    ],
    "collections for a role": [
        one(
            COLLECTIONS,
            "c",
            policy='[{"Rules": [], "Principal": ["arn:aws:iam::123456789012:role/search"]}]',
        ),
    ],
}
