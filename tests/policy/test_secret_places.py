"""Secrets are found wherever a resource may hold one, in documents and scripts too (S19)."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any, Final

import pulumi_aws
import pytest

from policy.harness import Analyzer
from policy.rules.core.plain_text import FREE
from tests.policy.complying import CONTAINER, TASK, but
from tests.policy.conftest import resource

ENVIRONMENT = [{"name": "DB_PASSWORD", "value": "hunter2hunter"}]
IN_CONTAINERS: dict[str, dict[str, Any]] = {
    "log options": {
        "logConfiguration": {
            "logDriver": "splunk",
            "options": {"splunk-token": "b5a79aad-d822-46cc-80d1-819f80d7bfb0"},
        }
    },
    "log router options": {
        "logConfiguration": {
            "logDriver": "awsfirelens",
            "options": {"apikey": "0f3c9a4be1d27685f0c1a2b3d4e5f607"},
        }
    },
    "option of a command": {"command": ["node", "a.js", "--password", "hunter2hunter"]},
    "option with a sign": {"entryPoint": ["node", "a.js", "--api-token=hunter2hunter"]},
    "variable before a command": {"command": ["sh", "-c", "API_TOKEN=abcdefhunter22 node a.js"]},
    "exported variable": {"command": ["sh", "-c", "export DB_PASS=hunter2hunter; node a.js"]},
    "header": {"command": ["sh", "-c", "curl -H 'Authorization: Bearer abcdefghijkl0123' x"]},
    "health check": {
        "healthCheck": {"command": ["CMD-SHELL", "curl -u admin:hunter2hunter localhost"]}
    },
    "label": {"dockerLabels": {"DB_PASSWORD": "hunter2hunter"}},
    "JSON": {
        "environment": [{"name": "APP_CONFIG", "value": '{"db": [{"password": "hunter2hunter"}]}'}]
    },
    "JSON in JSON": {
        "environment": [
            {"name": "X", "value": json.dumps({"a": json.dumps({"clientSecret": "hunter2hunter"})})}
        ]
    },
    "YAML": {"environment": [{"name": "APP_YAML", "value": "db:\n  password: hunter2hunter\n"}]},
    "lines": {"environment": [{"name": "DOTENV", "value": "PORT=1\nDB_PASSWORD=hunter2hunter\n"}]},
    "registry": {
        "environment": [
            {
                "name": "DOCKER_AUTH_CONFIG",
                "value": '{"auths": {"r.io": {"auth": "YWRtaW46aHVudGVyMg=="}}}',
            }
        ]
    },
    "dollar in a password": {
        "environment": [{"name": "DATABASE_URL", "value": "postgres://app:pa$$w0rd@db/x"}]
    },
    "digits": {"environment": [{"name": "DB_PASSWORD", "value": "193847561"}]},
    "Vault": {
        "environment": [
            {"name": "VAULT_SECRET_ID", "value": "b5a79aad-d822-46cc-80d1-819f80d7bfb0"}
        ]
    },
}
_OVERRIDES = {"containerOverrides": [{"name": "a", "environment": ENVIRONMENT}]}
_STATES = {
    "States": {
        "a": {
            "Parameters": {
                "Overrides": {
                    "ContainerOverrides": [
                        {"Environment": [{"Name": "API_KEY", "Value": "hunter2!!"}]}
                    ]
                }
            }
        }
    }
}


def _item(**attributes: dict[str, Any]) -> dict[str, Any]:
    """An item of a table that is found by `id` and `token`."""
    item = {"id": {"S": "user#12345"}, "token": {"S": "profile#2026#1"}, **attributes}
    return {"hashKey": "id", "rangeKey": "token", "item": json.dumps(item)}


TABLE_ITEM: Final = "aws:dynamodb/tableItem:TableItem"
OBJECT: Final = "aws:s3/bucketObjectv2:BucketObjectv2"
TOKEN: Final = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
SECRET_ATTRIBUTES: tuple[dict[str, Any], ...] = (
    {"password": {"S": "hunter22"}},
    {"password": {"B": base64.b64encode(b"hunter22").decode()}},
    {"settings": {"M": {"db_password": {"S": "hunter22"}}}},
    {"passwords": {"L": [{"S": "hunter22"}]}},
    {"api_keys": {"SS": ["hunter22!"]}},
    {"users": {"L": [{"M": {"password": {"S": "hunter22"}}}]}},
    {"settings": {"S": '{"password": "hunter22"}'}},
    {"note": {"S": TOKEN}},
)
"""Attributes of items of DynamoDB, each written as its API has it."""


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


ELSEWHERE: tuple[tuple[str, dict[str, Any]], ...] = (
    *((TABLE_ITEM, _item(**each)) for each in SECRET_ATTRIBUTES),
    (OBJECT, {"key": ".env", "contentBase64": _base64(b"DB_PASSWORD=hunter22\n")}),
    (OBJECT, {"key": "notes.txt", "contentBase64": _base64(b"use " + TOKEN.encode())}),
    (
        "aws:ec2/instance:Instance",
        {"userDataBase64": _base64(gzip.compress(b"#!/bin/sh\nexport DB_PASSWORD=hunter22\n"))},
    ),
    (
        "aws:lambda/function:Function",
        {"environment": {"variables": {"USERS": '{"passwords": ["hunter22"]}'}}},
    ),
    ("aws:scheduler/schedule:Schedule", {"target": {"arn": "c", "input": json.dumps(_OVERRIDES)}}),
    ("aws:cloudwatch/eventTarget:EventTarget", {"arn": "c", "input": json.dumps(_OVERRIDES)}),
    (
        "aws:pipes/pipe:Pipe",
        {
            "targetParameters": {
                "ecsTaskParameters": {
                    "overrides": {"containerOverrides": [{"environments": ENVIRONMENT}]}
                }
            }
        },
    ),
    ("aws:sfn/stateMachine:StateMachine", {"definition": json.dumps(_STATES)}),
    (
        "aws:batch/jobDefinition:JobDefinition",
        {
            "ecsProperties": json.dumps(
                {"taskProperties": [{"containers": [{"environment": ENVIRONMENT}]}]}
            )
        },
    ),
    ("aws:glue/job:Job", {"defaultArguments": {"--db_password": "hunter2hunter"}}),
    (
        "aws:ssm/parameter:Parameter",
        {"type": "String", "name": "/app/db_password", "value": "hunter2hunter"},
    ),
    (
        "aws:ssm/parameter:Parameter",
        {
            "type": "StringList",
            "name": "/app/x",
            "value": "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        },
    ),
    (
        "aws:ssm/parameter:Parameter",
        {"type": "SecureString", "name": "/app/db/password", "insecureValue": "hunter2hunter"},
    ),
    (
        "aws:codebuild/project:Project",
        {
            "source": {
                "buildspec": "version: 0.2\nenv:\n  variables:\n    DB_PASSWORD: hunter2hunter\n"
            }
        },
    ),
    (
        "aws:s3/bucketObjectv2:BucketObjectv2",
        {"key": "x.env", "content": "PORT=1\nexport DB_PASSWORD=hunter2hunter\n"},
    ),
    (
        "aws:ec2/instance:Instance",
        {
            "userData": (
                "#cloud-config\nwrite_files:\n- path: /x\n  content: |\n   "
                " DB_PASSWORD=hunter2hunter\n"
            )
        },
    ),
    (
        "aws:kinesisanalyticsv2/application:Application",
        {"propertyGroups": [{"propertyMap": {"db.password": "hunter2hunter"}}]},
    ),
    (
        "aws:mskconnect/connector:Connector",
        {"connectorConfiguration": {"connection.password": "hunter2hunter"}},
    ),
    (
        "aws:mwaa/environment:Environment",
        {"airflowConfigurationOptions": {"smtp.smtp_password": "hunter2hunter"}},
    ),
    (
        "aws:apigateway/integration:Integration",
        {"requestParameters": {"integration.request.header.x-api-key": "'hunter2hunter'"}},
    ),
    (
        "aws:codepipeline/pipeline:Pipeline",
        {"variables": [{"name": "API_TOKEN", "defaultValue": "hunter2hunter"}]},
    ),
    (
        "aws:codepipeline/pipeline:Pipeline",
        {"stages": [{"actions": [{"configuration": {"OAuthToken": "hunter2hunter"}}]}]},
    ),
    (
        "aws:iot/topicRule:TopicRule",
        {
            "https": [
                {"url": "x", "httpHeaders": [{"key": "Authorization", "value": "Bearer hunter2h"}]}
            ]
        },
    ),
    (
        "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey",
        {"key": "API_TOKEN", "value": "hunter2hunter"},
    ),
    ("docker:index/image:Image", {"build": {"args": {"NPM_TOKEN": "hunter2hunter"}}}),
    ("docker-build:index:Image", {"buildArgs": {"NPM_TOKEN": "hunter2hunter"}}),
)
FINE_ELSEWHERE: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        TABLE_ITEM,
        _item(
            password_required={"BOOL": True},
            token_ttl={"N": "3600"},
            secrets={"SS": ["DB_PASSWORD", "API_KEY"]},
            avatar={"B": _base64(bytes(range(200)))},
        ),
    ),
    (
        "aws:ec2/instance:Instance",
        {"userDataBase64": _base64(gzip.compress(b"a" * 10_000_000))},
    ),
    (
        "aws:lambda/function:Function",
        {"environment": {"variables": {"ASKED": '{"secrets": ["DB_PASSWORD", "@token"]}'}}},
    ),
    (
        "aws:cloudwatch/dashboard:Dashboard",
        {
            "dashboardBody": json.dumps(
                {"metrics": [["App", "Key", "app/edit-0a1B2c3D4/5e6F7a8B9c0D1e2F"]], "key": "x"}
            )
        },
    ),
    (
        "aws:ssm/parameter:Parameter",
        {"type": "SecureString", "name": "/app/db_password", "value": "hunter2hunter"},
    ),
    (
        "aws:ssm/parameter:Parameter",
        {"type": "String", "name": "/app/api_token_ttl", "value": "hour"},
    ),
    (
        "aws:codebuild/project:Project",
        {
            "source": {
                "buildspec": (
                    "version: 0.2\nenv:\n  secrets-manager:\n    DB_PASSWORD: prod:password\n"
                )
            }
        },
    ),
    (
        "aws:codebuild/project:Project",
        {
            "environment": {
                "environmentVariables": [
                    {"name": "T_TOKEN", "value": "a:b", "type": "SECRETS_MANAGER"}
                ]
            }
        },
    ),
    (
        "aws:sfn/stateMachine:StateMachine",
        {"definition": json.dumps({"States": {"a": {"Parameters": {"Token.$": "$$.Task.Token"}}}})},
    ),
    (
        "aws:mwaa/environment:Environment",
        {"airflowConfigurationOptions": {"secrets.backend_kwargs": '{"profile": "live-profile"}'}},
    ),
    (
        "aws:apigateway/integration:Integration",
        {
            "requestParameters": {
                "integration.request.header.Authorization": "method.request.header.Authorization"
            }
        },
    ),
    (
        "aws:apigateway/response:Response",
        {
            "responseParameters": {
                "gatewayresponse.header.Access-Control-Allow-Credentials": "'true'"
            }
        },
    ),
    (
        "aws:apigatewayv2/integration:Integration",
        {"requestParameters": {"overwrite:header.authorization": "$request.header.x-token"}},
    ),
    (
        "aws:iot/topicRule:TopicRule",
        {
            "kafkas": [
                {"clientProperties": {"sasl.scram.password": "${get_secret('s', 'SecretString')}"}}
            ]
        },
    ),
    (
        "aws:codepipeline/pipeline:Pipeline",
        {"stages": [{"actions": [{"configuration": {"S3ObjectKey": "site/app-1.2.zip"}}]}]},
    ),
    ("aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey", {"key": "/old", "value": "/new"}),
    (
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        {"pattern": '{ $.event = "reset" && $.password = "changed" }'},
    ),
    (
        "aws:ec2/instance:Instance",
        {
            "userData": (
                "#!/bin/sh\naws ecr get-login-password | docker login --username AWS"
                " --password-stdin x\n"
            )
        },
    ),
    (
        "aws:ec2/instance:Instance",
        {"userData": "#!/bin/sh\nmysql --password=$DB_PASSWORD --token-endpoint https://x\n"},
    ),
    (
        "aws:s3/bucketObjectv2:BucketObjectv2",
        {"key": "x.js", "content": "const password = document.querySelector('#password');\n"},
    ),
    (
        "docker:index/image:Image",
        {"build": {"args": {"NODE_VERSION": "24", "NPM_TOKEN_FILE": "/run/secrets/npm"}}},
    ),
)


@pytest.mark.parametrize("place", IN_CONTAINERS)
def test_secrets_anywhere_in_a_container_are_refused(pack: Analyzer, place: str) -> None:
    """Log options, commands, labels, documents inside variables."""
    pack.configure({})
    found = pack.analyze(
        resource(
            TASK,
            **{
                **but(TASK, {}),
                "containerDefinitions": json.dumps([{**CONTAINER, **IN_CONTAINERS[place]}]),
            },
        )
    )
    (message,) = [each.message for each in found if each.policy == "task-plain-secrets"]
    assert "hunter2" not in message


@pytest.mark.parametrize(("type_", "properties"), ELSEWHERE)
def test_secrets_anywhere_else_are_refused(
    pack: Analyzer, type_: str, properties: dict[str, Any]
) -> None:
    """Overrides, arguments, parameters, build files, objects, build arguments."""
    pack.configure({})
    assert [
        each.level
        for each in pack.analyze(resource(type_, **properties))
        if each.policy == "no-plain-secrets"
    ] == ["mandatory"]


@pytest.mark.parametrize(("type_", "properties"), FINE_ELSEWHERE)
def test_references_and_code_are_no_secrets(
    pack: Analyzer, type_: str, properties: dict[str, Any]
) -> None:
    """What names a secret in a store, asks for one, or is about one."""
    pack.configure({})
    assert "no-plain-secrets" not in {
        each.policy for each in pack.analyze(resource(type_, **properties))
    }


_NOT_NAMED_BY_AUTHORS: Final = frozenset(
    """additionalEncryptionContext attributeMapping backupOptions columnToJsonKeyMappings compaction context dbInstanceArnMap
    dimensions dns encryptionContextEquals encryptionContextSubset endpoints entityOverrides extraParams globalSettings inputPaths
    instanceArns ipRestrictionRuleMap labelSet limits logDestination mappings matchLabels orphanFileDeletion outputs permissions ports
    regionDatabaseClusterArns requestModels requestTemplates requests requiredClaims responseModels responseParameters responseTemplates
    restoreMetadataOverrides retention roles skewedColumnValueLocationMaps supportedLoginProviders tableConfigurations
    tokenSigningPublicKeys triggers uris userDefinedFields videoCodecOptions vpcEndpointIdRestrictionRuleMap vpcIdRestrictionRuleMap
    hyperParameters hyperparameters staticHyperParameters applicationTag tagMap tagsToAdd athenaProperties
    attributes clientMetadata validationData
    providerDetails identityProviderDetails credentialsMap customAuthenticationCredentials connectionProperties profileProperties
    runtimeEnvironmentSecrets""".split()  # noqa: SIM905 (a table to read)
)
"""Maps of the SDK whose keys are AWS's, or are words of models and people; whose secrets belong
there, as an identity provider's; and references to secrets. Their values are still judged by
format.
"""


def test_every_map_of_the_sdk_is_classified() -> None:
    """A map of texts is named by its author until somebody has looked and found that it is not."""
    found = set()
    for file in Path(pulumi_aws.__file__).parent.rglob("*.py"):
        if file.name != "outputs.py" and not file.name.startswith("get_"):
            found |= set(_MAP.findall(file.read_text(encoding="utf-8")))
    names = {
        re.sub("_([a-z0-9])", lambda match: match[1].upper(), each.strip("_")) for each in found
    }
    assert len(names) > 90
    left = {
        each
        for each in names
        if not FREE.fullmatch(each) and not re.search("tags(All)?$", each, re.IGNORECASE)
    }
    assert left - _NOT_NAMED_BY_AUTHORS == set()


_MAP: Final = re.compile(
    r"^ +(\w+): [^\n]*Mapping\[(?:_builtins\.)?str, pulumi\.Input\[(?:_builtins\.)?str\]\]",
    re.MULTILINE,
)
