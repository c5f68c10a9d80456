"""Mutations from the command line."""

from __future__ import annotations

from typing import Any

import pytest

from local.mutation import Mutation, MutationError


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("t:T.idleTimeout=60", {"idleTimeout": 900}, {"idleTimeout": 60}),
        (
            "t:T.stickiness.enabled=false",
            {"stickiness": {"enabled": True, "type": "lb_cookie"}},
            {"stickiness": {"enabled": False, "type": "lb_cookie"}},
        ),
        ("t:T.stickiness.enabled=true", {}, {"stickiness": {"enabled": True}}),
        (
            "t:T.rules[1].port=443",
            {"rules": [{"port": 1}, {"port": 2}]},
            {"rules": [{"port": 1}, {"port": 443}]},
        ),
        ("t:T.cidrs[0]=0.0.0.0/0", {"cidrs": ["10.0.0.0/8"]}, {"cidrs": ["0.0.0.0/0"]}),
        ('t:T.cidrs=["::/0"]', {}, {"cidrs": ["::/0"]}),
        ("t:T.port=absent", {"port": 1, "x": 2}, {"x": 2}),
        ("t:T.name=a=b", {}, {"name": "a=b"}),
    ],
)
def test_a_mutation_sets_what_its_path_names(
    text: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Numbers and booleans are JSON, other text is text."""
    Mutation.parse(text).apply(before)
    assert before == after


@pytest.mark.parametrize("text", ["", "idleTimeout=60", "t:T.idleTimeout", "t:T=60"])
def test_another_form_is_refused_with_an_example(text: str) -> None:
    """The message shows one that works."""
    with pytest.raises(MutationError, match="as in aws:lb"):
        Mutation.parse(text)


@pytest.mark.parametrize(
    "text", ["t:T.rules[3].port=1", "t:T.rules.port=1", "t:T.port.number=1", "t:T.rules[7]=1"]
)
def test_a_path_that_does_not_exist_is_refused(text: str) -> None:
    """A mutation that changes nothing would prove nothing."""
    with pytest.raises(MutationError, match="is not there"):
        Mutation.parse(text).apply({"rules": [{"port": 1}], "port": 80})


def test_it_applies_by_type_and_name() -> None:
    """Without a name, to every resource of the type."""
    one, every = Mutation.parse("t:T::a.x=1"), Mutation.parse("t:T.x=1")
    assert (one.applies("t:T", "a"), one.applies("t:T", "b"), one.applies("t:U", "a")) == (
        True,
        False,
        False,
    )
    assert every.applies("t:T", "b")
