"""The rules about secrets: what they refuse, and that they never show a value (S19). By which names
and formats secrets are known is `test_secret_words.py`; where, `test_secret_places.py`.
"""

from __future__ import annotations

import json
import random
import string
from typing import Any

import pytest

from policy.harness import Analyzer
from tests.policy.complying import CONTAINER, TASK, but
from tests.policy.conftest import resource
from tests.policy.inside import Inside

_LETTERS = string.ascii_letters + string.digits


def test_the_rule_names_the_variable_and_never_the_value(pack: Analyzer) -> None:
    """Whatever gave it away."""
    rng = random.Random(7)
    token = "".join(rng.choice(_LETTERS) for _ in range(40))
    for name, value in (("DB_PASS", "hunter22"), ("SETTING", token), ("SETTING", f"ghp_{token}")):
        found = pack.analyze(
            resource(TASK, **but(TASK, {"container.environment": [{"name": name, "value": value}]}))
        )
        (message,) = [each.message for each in found if each.policy == "task-plain-secrets"]
        assert name in message
        assert value not in message


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        ("aws:lambda/function:Function", {"environment": {"variables": {"DB_PASS": "hunter22"}}}),
        (
            "aws:codebuild/project:Project",
            {"environment": {"environmentVariables": [{"name": "NPM_TOKEN", "value": "hunter22"}]}},
        ),
        ("aws:ec2/instance:Instance", {"userData": "#!/bin/sh\nexport DB_PASSWORD=hunter22\n"}),
        (
            "aws:ec2/launchTemplate:LaunchTemplate",
            {"userData": "ZXhwb3J0IERCX1BBU1NXT1JEPWh1bnRlcjIyCg=="},
        ),
        (
            "aws:batch/jobDefinition:JobDefinition",
            {"containerProperties": '{"environment": [{"name": "API_KEY", "value": "hunter22!"}]}'},
        ),
        (
            "aws:apprunner/service:Service",
            {"runtimeEnvironmentVariables": {"JWT_SECRET": "hunter22"}},
        ),
        ("aws:sns/topic:Topic", {"displayName": "AKIAIOSFODNN7EXAMPLE"}),
    ],
)
def test_secrets_of_other_resources_are_refused(
    pack: Analyzer, type_: str, properties: dict[str, Any]
) -> None:
    """Wherever code starts with an environment."""
    assert "no-plain-secrets" in {
        each.policy for each in pack.analyze(resource(type_, "subject", **properties))
    }


def test_resources_that_are_made_for_secrets_take_them(pack: Analyzer) -> None:
    """That is the fix."""
    found = pack.analyze(
        resource(
            "aws:secretsmanager/secretVersion:SecretVersion",
            secretString="ghp_0123456789abcdefghijABCDEFGHIJ012345",
        )
    )
    assert found == []


def test_settings_add_and_take_names(pack_dir: object) -> None:
    """A team knows its own names."""
    config = {"task-plain-secrets": {"namePattern": "^INTERNAL_", "allowedNames": ["API_TOKEN"]}}
    environment = [{"name": "INTERNAL_A", "value": "x1"}, {"name": "API_TOKEN", "value": "not one"}]
    container = json.dumps([{**CONTAINER, "environment": environment}])
    with Inside(str(pack_dir), config) as analyzer:
        found = analyzer.analyze(
            resource(TASK, **{**but(TASK, {}), "containerDefinitions": container})
        )
    assert [each.policy for each in found] == ["task-plain-secrets"]
    assert "INTERNAL_A" in found[0].message


def user_data(pack: Analyzer, script: str) -> set[str]:
    found = pack.analyze(resource("aws:ec2/instance:Instance", userData=f"#!/bin/bash\n{script}\n"))
    return {
        each.policy
        for each in found
        if each.policy == "no-plain-secrets" and each.level == "mandatory"
    }


@pytest.mark.parametrize(
    "script",
    [
        (
            'TOKEN=$(curl -X PUT "http://169.254.169.254/latest/api/token" -H'
            ' "X-aws-ec2-metadata-token-ttl-seconds: 60")'
        ),
        'TOKEN="$(curl -s -X PUT http://169.254.169.254/latest/api/token)"',
        'TOKEN=`curl -X PUT "http://169.254.169.254/latest/api/token"`',
        (
            "export DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id x --query"
            " SecretString --output text)"
        ),
    ],
)
def test_what_a_command_fetches_is_no_secret_in_the_script(pack: Analyzer, script: str) -> None:
    """The value comes at run time; AWS's own guide to its metadata service has such a line."""
    assert user_data(pack, script) == set()


@pytest.mark.parametrize(
    "script",
    [
        "export DB_PASSWORD=hunter2hunter",
        "export DB_PASSWORD=$(echo hunter2hunter)",
        "TOKEN=$(curl x); DB_PASSWORD=hunter2hunter",
        "TOKEN=`curl x` && export DB_PASSWORD=hunter2hunter",
        "TOKEN=`printf hunter2hunter`",
        "TOKEN=$(curl -u admin:x https://a:hunter2hunter@example.com)",
    ],
)
def test_a_secret_beside_a_command_is_seen(pack: Analyzer, script: str) -> None:
    """A command excuses its own variable only."""
    assert user_data(pack, script) == {"no-plain-secrets"}


def test_a_web_token_for_browsers_passes(pack: Analyzer) -> None:
    """Supabase's key for browsers is a web token; under another name it is refused."""
    token = "eyJhbGciOiJIUzI1NiIsInR5.eyJpc3MiOiJzdXBhYmFzZSJ9.abcdefghijkl"

    def refused(name: str) -> bool:
        changed = [{**CONTAINER, "environment": [{"name": name, "value": token}]}]
        found = pack.analyze(resource(TASK, containerDefinitions=json.dumps(changed)))
        return "task-plain-secrets" in {each.policy for each in found}

    assert not refused("PUBLIC_SUPABASE_ANON_KEY")
    assert refused("SUPABASE_ANON_KEY")
