"""Documents inside texts are parsed before they are judged, within bounds, and never by one of two
keys (S18, S20).
"""

from __future__ import annotations

import json
from itertools import count
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy.harness import Analyzer
from policy.rules.core.reading import (
    DEEPEST,
    MOST_NODES,
    DocumentError,
    UnreadableError,
    every,
    read_json,
    read_yaml,
)
from tests.policy.scenes import one

NAMES: Final = count()
QUICK: Final = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _policy(**statement: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", **statement}],
    }


_ANYONE: Final = _policy(Principal="*")
_TASK: Final = "arn:aws:states:::ecs:runTask"
_NETWORK: Final = {"AwsvpcConfiguration": {"AssignPublicIp": "ENABLED", "Subnets": ["subnet-1"]}}


def _machine(**state: Any) -> dict[str, Any]:
    return {
        "StartAt": "a",
        "States": {
            "a": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "End": True,
                **state,
            }
        },
    }


BAD: Final[tuple[tuple[str, str, Any, dict[str, Any], str], ...]] = (
    ("aws:iam/rolePolicy:RolePolicy", "policy", _policy(), {"role": "r"}, "iam-least-privilege"),
    (
        "aws:iam/role:Role",
        "assumeRolePolicy",
        _policy(Principal={"AWS": "*"}, Action="sts:AssumeRole"),
        {},
        "no-public-policy",
    ),
    ("aws:s3/bucketPolicy:BucketPolicy", "policy", _ANYONE, {"bucket": "b"}, "no-public-policy"),
    ("aws:sqs/queuePolicy:QueuePolicy", "policy", _ANYONE, {"queueUrl": "q"}, "no-public-policy"),
    ("aws:sns/topic:Topic", "policy", _ANYONE, {}, "no-public-policy"),
    ("aws:kms/key:Key", "policy", _ANYONE, {}, "no-public-policy"),
    (
        "aws:sfn/stateMachine:StateMachine",
        "definition",
        _machine(Resource=_TASK, Parameters=_NETWORK),
        {},
        "no-public-address",
    ),
    (
        "aws:sfn/stateMachine:StateMachine",
        "definition",
        _machine(Resource="arn:aws:states:::aws-sdk:iam:putRolePolicy"),
        {},
        "no-opaque-resource",
    ),
    (
        "aws:opensearch/serverlessAccessPolicy:ServerlessAccessPolicy",
        "policy",
        [
            {
                "Rules": [
                    {"ResourceType": "index", "Resource": ["index/*/*"], "Permission": ["aoss:*"]}
                ],
                "Principal": ["*"],
            }
        ],
        {"type": "data"},
        "no-public-share",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        "containerDefinitions",
        [
            {
                "name": "a",
                "image": "a",
                "environment": [{"name": "DB_PASSWORD", "value": "correct-Horse7battery!"}],
            }
        ],
        {},
        "task-plain-secrets",
    ),
    (
        "aws:batch/jobDefinition:JobDefinition",
        "containerProperties",
        {"image": "a", "environment": [{"name": "DB_PASSWORD", "value": "correct-Horse7battery!"}]},
        {"type": "container"},
        "no-plain-secrets",
    ),
    (
        "aws:cloudwatch/eventTarget:EventTarget",
        "input",
        {"password": "correct-Horse7battery!"},
        {"arn": "arn:aws:sqs:eu-west-1:1:q"},
        "no-plain-secrets",
    ),
    (
        "aws:apigateway/restApi:RestApi",
        "body",
        {"x-amazon-apigateway-policy": _ANYONE},
        {},
        "no-public-policy",
    ),
)
"""Type, property, document, further properties, and the rule that refuses it."""
DOCUMENTS: Final = [pytest.param(*each, id=f"{each[0]} {each[4]}") for each in BAD]


def _refusals(pack: Analyzer, type_: str, **properties: Any) -> set[str]:
    found = pack.analyze(one(type_, f"r{next(NAMES)}", **properties))
    assert not [each.message for each in found if "the rule failed" in each.message]
    return {each.policy for each in found if each.level == "mandatory"}


def _written(value: Any, letters: st.DrawFn) -> str:
    """JSON in which one letter of every key is an escape."""
    if isinstance(value, dict):
        return (
            "{"
            + ",".join(
                f"{_escaped(key, letters)}:{_written(each, letters)}" for key, each in value.items()
            )
            + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(_written(each, letters) for each in value) + "]"
    return json.dumps(value)


def _escaped(key: str, draw: st.DrawFn) -> str:
    index = draw(st.integers(0, len(key) - 1))
    return (
        '"'
        + "".join(
            f"\\u{ord(each):04x}" if place == index else each for place, each in enumerate(key)
        )
        + '"'
    )


@st.composite
def _disguised(draw: st.DrawFn) -> tuple[tuple[str, str, Any, dict[str, Any], str], str]:
    bad = draw(st.sampled_from(BAD))
    return bad, _written(bad[2], draw)


@QUICK
@given(_disguised())
def test_escapes_in_keys_change_no_verdict(
    pack: Analyzer, disguised: tuple[tuple[str, str, Any, dict[str, Any], str], str]
) -> None:
    """`"\\u0053tatement"` is `"Statement"`: every rule that refuses the plain document
    refuses it.
    """
    (type_, prop, document, more, rule), text = disguised
    assert json.loads(text) == document
    expected = _refusals(pack, type_, **{prop: json.dumps(document)}, **more)
    assert rule in expected
    assert _refusals(pack, type_, **{prop: text}, **more) == expected


def _doubled(value: Any, place: tuple[str, ...], harmless: Any) -> str:
    """JSON in which the key at the end of `place` comes again, with something harmless."""
    key, rest = place[0], place[1:]
    if isinstance(value, list):
        return "[" + _doubled(value[0], place, harmless) + "]"
    parts = [
        f"{json.dumps(name)}:{_doubled(each, rest, harmless) if name == key and rest else json.dumps(each)}"
        for name, each in value.items()
    ]
    return (
        "{"
        + ",".join(parts if rest else [*parts, f"{json.dumps(key)}:{json.dumps(harmless)}"])
        + "}"
    )


def _places(value: Any, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The place of every key, down to the first element of each list."""
    if isinstance(value, list):
        return _places(value[0], above) if value else []
    if not isinstance(value, dict):
        return []
    return [
        place
        for key, each in value.items()
        for place in ((*above, key), *_places(each, (*above, key)))
    ]


@pytest.mark.parametrize(("type_", "prop", "document", "more", "rule"), DOCUMENTS)
def test_a_second_key_of_one_name_hides_nothing(
    pack: Analyzer, type_: str, prop: str, document: Any, more: dict[str, Any], rule: str
) -> None:
    """Whichever key comes twice, and whichever of the two AWS takes."""
    for place in _places(document):
        for harmless in _HARMLESS:
            found = _refusals(pack, type_, **{prop: _doubled(document, place, harmless)}, **more)
            assert found, f"{place} twice in {type_} ({rule})"


_HARMLESS: Final[tuple[Any, ...]] = ("x", [], {})


def _bomb(width: int, levels: int) -> str:
    lines = [f"a0: &a0 [{','.join('x' * width)}]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join([*lines, "password: x"]) + "\n"


@pytest.mark.parametrize(
    ("type_", "prop"),
    [
        ("aws:ec2/instance:Instance", "userData"),
        ("aws:ec2/launchTemplate:LaunchTemplate", "userData"),
        ("aws:codebuild/project:Project", "buildspec"),
        ("aws:apigateway/restApi:RestApi", "body"),
        ("aws:apigateway/restApiPut:RestApiPut", "body"),
        ("aws:ssm/document:Document", "content"),
    ],
)
@pytest.mark.parametrize(
    "text",
    [_bomb(9, 9), "password: &a [*a]\nb: c\n", "[" * 3000 + '"password"' + "]" * 3000],
    ids=["bomb", "cycle", "deep"],
)
def test_a_document_beyond_the_bounds_is_refused_at_once(
    pack: Analyzer, type_: str, prop: str, text: str
) -> None:
    """Aliases that stand for billions of values, or for themselves, and thousands of brackets."""
    properties: dict[str, Any] = {prop: text}
    found = pack.analyze(one(type_, f"r{next(NAMES)}", **properties))
    assert any("cannot be read" in each.message for each in found if each.level == "mandatory")
    assert not [each.message for each in found if "the rule failed" in each.message]


def test_the_bounds_are_where_they_are_said_to_be() -> None:
    """At the end of each limit a document is read, one step further it is not."""
    assert read_json("[" * DEEPEST + "]" * DEEPEST)
    with pytest.raises(UnreadableError):
        read_json("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1))
    few = "a: &a [" + ",".join("x" * 99) + "]\nb: ["
    fits = (MOST_NODES - 105) // 100
    assert read_yaml(few + ",".join(["*a"] * fits) + "]")
    with pytest.raises(UnreadableError):
        read_yaml(few + ",".join(["*a"] * (fits + 2)) + "]")


def test_both_of_two_keys_are_kept_or_refused() -> None:
    """In JSON and in YAML alike."""
    for read, text in ((read_json, '{"a": 1, "a": 2}'), (read_yaml, "a: 1\na: 2\n")):
        with pytest.raises(DocumentError, match="'a' twice"):
            read(text)
        assert read(text, every) == [{"a": 1}, {"a": 2}]


def test_aliases_and_merges_are_read() -> None:
    """What authors use them for."""
    assert read_yaml("base: &b {x: 1}\nmore: {<<: *b, y: 2}\n") == {
        "base": {"x": 1},
        "more": {"x": 1, "y": 2},
    }


_COMPUTED: Final[dict[str, dict[str, Any]]] = {
    "a path": {
        "Parameters": {"NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp.$": "$.x"}}}
    },
    "an expression": {
        "Arguments": {
            "NetworkConfiguration": {
                "AwsvpcConfiguration": {"AssignPublicIp": "{% $states.input.x %}"}
            }
        }
    },
    "a path to the network": {"Parameters": {"NetworkConfiguration.$": "$.x"}},
    "an expression of the network": {
        "Arguments": {"NetworkConfiguration": {"AwsvpcConfiguration": "{% $states.input.x %}"}}
    },
    "an expression of all arguments": {"Arguments": "{% $states.input %}"},
}


@pytest.mark.parametrize("computed", _COMPUTED)
def test_a_switch_that_is_computed_at_run_time_is_refused(pack: Analyzer, computed: str) -> None:
    """Nobody knows before the state machine runs whether its task gets a public address."""
    text = json.dumps(_machine(Resource=_TASK, **_COMPUTED[computed]))
    assert "no-public-address" in _refusals(
        pack, "aws:sfn/stateMachine:StateMachine", definition=text
    )


def test_what_is_computed_elsewhere_passes(pack: Analyzer) -> None:
    """Paths and expressions are how state machines hand on their data."""
    closed = {"AwsvpcConfiguration": {"AssignPublicIp": "DISABLED", "Subnets.$": "$.subnets"}}
    text = json.dumps(
        _machine(
            Resource=_TASK, Parameters={"Cluster.$": "$.cluster", "NetworkConfiguration": closed}
        )
    )
    assert not _refusals(pack, "aws:sfn/stateMachine:StateMachine", definition=text)
    text = json.dumps(_machine(Arguments="{% $states.input %}"))
    assert not _refusals(pack, "aws:sfn/stateMachine:StateMachine", definition=text)


def test_a_computed_shell_is_refused(pack: Analyzer) -> None:
    """The switch of ECS Exec is read by the same walk."""
    text = json.dumps(_machine(Resource=_TASK, Parameters={"EnableExecuteCommand.$": "$.x"}))
    assert "service-no-shell" in _refusals(
        pack, "aws:sfn/stateMachine:StateMachine", definition=text
    )
