"""Expressions of listener rules and patterns of policies are judged in bounded work: steps are
counted, not timed (S18).
"""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.harness import Analyzer
from policy.rules.core.actions import pattern
from policy.rules.core.expressions import LONGEST, Expression, ExpressionError
from tests.policy.scenes import LISTENER_RULE, one
from tests.policy.test_linear import calls

ATOMS: Final = st.sampled_from(
    ["a", "b", ".", "[ab]", "[^a]", r"\w", r"\d", r"\.", "^", "$", r"\b", "é", "]", "{", ""]
)
COUNTS: Final = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{2,}", "{,2}", "*?", "+?", "??"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = inner.map(lambda text: f"(?:{text})") | inner.map(lambda text: f"({text})")
    return (
        group
        | st.builds(str.__add__, group, COUNTS)
        | st.builds(str.__add__, inner, inner)
        | st.builds("{}|{}".format, inner, inner)
    )


@settings(deadline=None, max_examples=300)
@given(st.recursive(ATOMS, _larger, max_leaves=6), st.text("aB.1é\n", max_size=6))
def test_an_expression_matches_where_that_of_python_does(expression: str, text: str) -> None:
    """Wherever that one has an answer soon, which it has for short texts."""
    assert Expression(expression).search(text) == bool(
        re.search(f"(?:{expression})", text, re.IGNORECASE | re.DOTALL)
    )


@settings(deadline=None, max_examples=200)
@given(st.text("ab*?.", max_size=8), st.text("aB.c", max_size=8))
def test_a_pattern_that_never_goes_back_matches_the_same(wildcards: str, text: str) -> None:
    """As the plain translation, in which every `*` may be of any length."""
    plain = "".join(
        ".*" if each == "*" else "." if each == "?" else re.escape(each) for each in wildcards
    )
    assert bool(pattern(wildcards).fullmatch(text)) == bool(
        re.fullmatch(plain, text, re.IGNORECASE | re.DOTALL)
    )


HOPELESS: Final = [
    "^(.*.*.*.*.*.*.*.*)*x$",
    "^/(a|aa|[a-z0-9/]+)+!$",
    r"^([a-z0-9/._-]+)*\.html!$",
    "(" * 16 + "a" + "*)" * 16 + "!",
]
"""On each of these Python's `re` would be busy for longer than anybody waits."""


@pytest.mark.parametrize("expression", [*HOPELESS, "(?:.{1,99}){2,99}" * 7 + "!"])
def test_the_work_is_bounded(expression: str) -> None:
    """Parts times length squared at most; an exponential number of steps would never come back."""
    text = "/" + "a" * 40
    found = Expression(expression)
    assert calls(lambda: found.search(text)) < LONGEST * len(text) ** 2
    assert not found.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "(?=a)a",
        r"(a)\1",
        "(?<!a)b",
        "a*+",
        "(?>a)",
        "(?s:.)",
        "(",
        "a" * (LONGEST + 1),
        "(" * 17 + ")" * 17,
    ],
)
def test_what_is_no_plain_expression_is_refused(text: str) -> None:
    """What looks around, or is not valid, or too long, or too deep."""
    with pytest.raises(ExpressionError):
        Expression(text)


def test_the_longest_expression_is_read() -> None:
    """At the limit, and at the deepest."""
    assert Expression("a" * LONGEST).search("A" * LONGEST)
    assert Expression("(" * 16 + "a" + ")" * 16).search("a")


@pytest.mark.parametrize("expression", HOPELESS)
def test_the_pack_answers(pack: Analyzer, expression: str) -> None:
    """A rule with an expression that takes for ever elsewhere is judged like any other: these take
    no path that anybody asks for.
    """
    condition: dict[str, Any] = {"pathPattern": {"regexValues": [expression]}}
    forward = [{"type": "forward", "targetGroupArn": "arn:g"}]
    found = pack.analyze(
        one(LISTENER_RULE, "hopeless", priority=1, conditions=[condition], actions=forward)
    )
    assert "listener-default-deny" not in {each.policy for each in found}


def test_a_pattern_with_many_wildcards_is_matched_at_once() -> None:
    """Without going back there are as many steps as characters; `re` would need more than there are
    atoms in a mountain.
    """
    assert not pattern("*a" * 60 + "!").fullmatch("a" * 400)
