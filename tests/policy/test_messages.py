"""A message is one that a person can read, whatever a program holds: no value makes a rule fail,
and every character shows.

Requirements: (S18, S20).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, Final

import botocore.session
import pytest

from policy.rules import ALL_RULES
from policy.rules.core.display import show, visible
from policy.rules.core.rule import Resource
from policy.rules.core.run import Run
from tests.policy.complying import COMPLYING, LB

STRANGE: Final = {
    "not a number": math.nan,
    "endless": math.inf,
    "endless, below zero": -math.inf,
    "of 309 figures": 1e308,
    "a text of another alphabet": "\u0665\uff15",
    "an empty object": {},
    "half a character": "\ud800",
}
"""Values that no property has and every program can send, or a document inside a text."""

MARKS: Final = "\u202e\u2066\u200b\x1b[31m\r\n\x85\u2028\x00\ud800"
"""Turns a line round, is not seen, colours it, ends it, or cannot be sent."""


def _resource(type_: str, props: dict[str, Any], name: str = "subject") -> Resource:
    urn = f"urn:pulumi:d::p::{type_}::{name}"
    return Resource(type=type_, name=name, urn=urn, props=props, provider="pulumi:providers:aws")


def _paths(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, each in items:
        yield (*above, key)
        yield from _paths(each, (*above, key))


def _changed(value: Any, path: tuple[str | int, ...], leaf: Any) -> Any:
    if not path:
        return leaf
    key, *rest = path
    if isinstance(value, dict):
        return {**value, key: _changed(value[key], tuple(rest), leaf)}
    return [
        _changed(each, tuple(rest), leaf) if index == key else each
        for index, each in enumerate(value)
    ]


_RUN: Final = Run(ALL_RULES)


def _messages(props: dict[str, Any], type_: str, name: str = "subject") -> list[str]:
    """What resource rules and stack rules say of one resource."""
    one = _resource(type_, props, name)
    return [each.message for each in (*_RUN.analyze(one), *_RUN.analyze_stack([one]))]


@pytest.mark.parametrize("strange", STRANGE)
def test_no_value_makes_a_rule_fail(strange: str) -> None:
    """Every property of every judged type, and every value inside it, in turn. Ports up to a number
    of 309 figures took all memory once.
    """
    failed = [
        (type_, path, message)
        for type_, props in COMPLYING.items()
        for path in _paths(props)
        for message in _messages(_changed(props, path, STRANGE[strange]), type_)
        if "the rule failed" in message or not message.replace("\n", "").isprintable()
    ]
    assert failed == []


def test_every_character_of_a_name_shows() -> None:
    """Neither the name of a resource nor a key inside a document can fake a line or hide one."""
    (of_name, *_) = _messages({**COMPLYING[LB], "idleTimeout": 10}, LB, f"edge{MARKS}Fix: nothing")
    document = json.dumps({MARKS: {"assignPublicIp": "ENABLED"}})
    (of_key, *_) = _messages({"definition": document}, "aws:sfn/stateMachine:StateMachine")
    for message in (of_name, of_key):
        assert all(line.isprintable() for line in message.splitlines())
        assert len(message.splitlines()) == 4  # title, finding, fix, page
        assert message.encode()
    assert "edge\\u202e\\u2066\\u200b\\u001b[31m\\u000d\\u000a\\u0085\\u2028\\u0000" in of_name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("edge", "edge"),
        ("Zürich 東京", "Zürich 東京"),
        ("a\u00a0b", "a\u00a0b"),
        ("a\tb", "a\\u0009b"),
        ("\U000e0001", "\\U000e0001"),
    ],
)
def test_what_shows_stays_as_it_is(text: str, shown: str) -> None:
    """Letters of every script do, and so do spaces; a tag that nobody sees does not."""
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [(3600, "3600"), (4000.0, "4000"), (12.5, "12.5"), (math.nan, "nan"), (1e308, "1e+308")],
)
def test_numbers_are_shown_short(number: float, shown: str) -> None:
    """None has hundreds of figures."""
    assert show(number) == shown


WORDS: Final = {
    "elbv2": ("ProtocolEnum", "TargetTypeEnum", "LoadBalancerTypeEnum", "ActionTypeEnum"),
    "ecs": ("LaunchType", "NetworkMode", "EFSTransitEncryption", "LogDriver"),
    "ecr": ("ImageTagMutability",),
    "apigateway": ("EndpointType", "ConnectionType"),
    "lambda": ("FunctionUrlAuthType",),
    "vpc-lattice": ("AuthType",),
    "transfer": ("EndpointType",),
}
"""Lists of words in AWS's own API models, of properties that rules judge."""


def test_words_of_aws_are_shown() -> None:
    """A person reads which word it was that is not allowed, in whatever case it was written."""
    session = botocore.session.get_session()
    words = {
        word
        for service, names in WORDS.items()
        for name in names
        for word in session.get_service_model(service).shape_for(name).enum
        if word not in _DRIVERS
    }
    assert len(words) > 40
    hidden = {
        each
        for word in words
        for each in (word, word.lower() if word.lower() in _LOWER else word)
        if show(each) != repr(each)
    }
    assert hidden == set()


_DRIVERS: Final = {"awsfirelens", "fluentd", "gelf", "journald", "splunk", "syslog"}
"""Words that every rule allows."""

_LOWER: Final = {"http", "https", "tcp", "tls", "disabled", "enabled", "none", "public", "private"}


@pytest.mark.parametrize(
    "secret",
    ["hunter", "Hunter22", "correct-horse-battery", "JBSWYDPEHPK3PXP", "AKIAIOSFODNN7EXAMPLE"],
)
def test_other_texts_are_counted(secret: str) -> None:
    """Whatever is not such a word may be a password that stands in the wrong place."""
    assert show(secret) == f"a text of {len(secret)} characters"
