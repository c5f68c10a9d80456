"""The provider reads `containerDefinitions` without regard to case, and so do the rules
(S12, S19).
"""

from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest

from contract.settings.session import SessionSettings
from policy.harness import Analyzer
from policy.rules.core.documents import DocumentError, containers
from tests.policy.complying import COMPLYING, CONTAINER, TASK
from tests.policy.conftest import resource

SECRET = [{"name": "DB_PASSWORD", "value": "hunter2hunter"}]
BROKEN: list[tuple[str, Any, str]] = [
    ("user", "root", "task-user"),
    ("privileged", True, "task-privileges"),
    (
        "linuxParameters",
        {"capabilities": {"add": ["SYS_ADMIN"], "drop": ["ALL"]}},
        "task-privileges",
    ),
    ("readonlyRootFilesystem", False, "task-read-only-root"),
    ("logConfiguration", {"logDriver": "none"}, "task-logging"),
    ("environment", SECRET, "task-plain-secrets"),
]
SPELLINGS = {
    "title": lambda key: key[:1].upper() + key[1:],
    "upper": str.upper,
    "lower": str.lower,
    "long s": lambda key: key.replace("s", "\u017f"),  # Go folds it to s
}


def respelled(value: Any, spell: Any) -> Any:
    """Every key at every depth, but those of maps that belong to their author."""
    if isinstance(value, list):
        return [respelled(each, spell) for each in value]
    if isinstance(value, dict):
        return {
            spell(key): each if key in ("options", "dockerLabels") else respelled(each, spell)
            for key, each in value.items()
        }
    return value


def refused(pack: Analyzer, definitions: str) -> set[str]:
    found = pack.analyze(resource(TASK, **{**COMPLYING[TASK], "containerDefinitions": definitions}))
    return {each.policy for each in found if each.level == "mandatory"}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(("key", "value", "rule"), BROKEN, ids=lambda each: str(each)[:20])
def test_no_spelling_blinds_a_rule(
    pack: Analyzer, spelling: str, key: str, value: Any, rule: str
) -> None:
    """The same definition in another case means the same to AWS, and to the rules."""
    plain, written = (
        [{**CONTAINER, key: value}],
        json.dumps(respelled([{**CONTAINER, key: value}], SPELLINGS[spelling])),
    )
    assert refused(pack, json.dumps(plain)) == refused(pack, written) == {rule}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_good_definition_is_good_in_any_case(pack: Analyzer, spelling: str) -> None:
    assert refused(pack, json.dumps(respelled([CONTAINER], SPELLINGS[spelling]))) == set()


@pytest.mark.parametrize(
    "twice",
    [
        json.dumps([CONTAINER])[:-2] + ', "Privileged": true}]',
        json.dumps([CONTAINER])[:-2] + ', "user": "0:0"}]',
        json.dumps([CONTAINER])[:-2]
        + ', "linuxParameters": {"capabilities": {"add": ["SYS_ADMIN"]}}}]',
        json.dumps(
            [
                {
                    **CONTAINER,
                    "environment": [{"name": "A", "Name": "DB_PASSWORD", "value": "hunter2hunter"}],
                }
            ]
        ),
    ],
)
def test_a_key_named_twice_is_refused(pack: Analyzer, twice: str) -> None:
    """Which of the two holds is not for a rule to guess."""
    assert "task-privileges" in refused(pack, twice)
    with pytest.raises(DocumentError, match="twice in one object"):
        containers(twice)


def test_keys_of_maps_stay_as_they_are() -> None:
    """Labels and options of a log driver may differ in case only."""
    labels = {"User": "a", "user": "b"}
    text = json.dumps(
        [
            {
                "DockerLabels": labels,
                "LogConfiguration": {"Options": {"Name": "datadog", "name": "x"}},
            }
        ]
    )
    assert containers(text)[0].props == {
        "dockerLabels": labels,
        "logConfiguration": {"options": {"Name": "datadog", "name": "x"}},
    }


def test_every_key_of_aws_is_known() -> None:
    """AWS's own model of a container is the judge."""
    shapes = [
        botocore.session.get_session().get_service_model("ecs").shape_for("ContainerDefinition")
    ]
    seen, names = set(), set()
    while shapes:
        shape = shapes.pop()
        if shape.type_name == "list":
            shapes.append(shape.member)
        elif shape.type_name == "structure" and shape.name not in seen:
            seen.add(shape.name)
            names |= set(shape.members)
            shapes += shape.members.values()
    assert len(names) > 60
    written = json.dumps([{name.upper(): 1 for name in names}])
    assert set(containers(written)[0].props) == names


def test_names_of_secrets_for_git_are_no_secrets(pack: Analyzer) -> None:
    """The stack tells its container which secrets calls about Git may name, and where they are."""
    arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret"
    entries = [f"{name}=https://github.com/{name}={arn}:git/{name}-AbCdEf" for name in "ab"]
    variable = SessionSettings.variable("git_secret_names")
    definition = {**CONTAINER, "environment": [{"name": variable, "value": " ".join(entries)}]}
    assert refused(pack, json.dumps([definition])) == set()
    definition["environment"] = [{"name": variable.replace("_NAMES", ""), "value": "a-token-0123"}]
    assert refused(pack, json.dumps([definition])) == {"task-plain-secrets"}
