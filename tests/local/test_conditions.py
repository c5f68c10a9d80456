"""An ALB's rule conditions mean the same to Envoy (S11, S23)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.balancer.conditions import any_regex, pattern_regex, route_matches
from local.balancer.declared import Condition, DeclarationError


def oracle(pattern: str, text: str) -> bool:
    """ALB's rule by definition: `*` is any run of characters, `?` exactly one, all else itself."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(oracle(pattern[1:], text[index:]) for index in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and oracle(pattern[1:], text[1:])


@given(st.text("/ab*?.+[", max_size=6), st.text("/ab.+[", max_size=7))
def test_patterns_match_as_defined(pattern: str, text: str) -> None:
    """Against a brute-force reading of AWS's definition; regular expression characters
    are plain.
    """
    assert bool(re.fullmatch(pattern_regex(pattern), text)) == oracle(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/session/*", "/session/demo/src/a.css", True),
        ("/session/*", "/session/", True),
        ("/session/*", "/session", False),
        ("/session/*", "/Session/demo/", False),
        ("/session/*/_hmr", "/session/demo/_hmr", True),
        ("/session/*/_hmr", "/session/demo/_hmr/x", False),
        ("/_hmr/*", "/_hmr", False),
        ("/?/x", "/a/x", True),
        ("/?/x", "/ab/x", False),
        ("/a.b", "/aXb", False),
    ],
)
def test_path_patterns_of_the_stack(pattern: str, path: str, matches: bool) -> None:
    """Case counts, a star crosses slashes, and the whole path has to match."""
    assert bool(re.fullmatch(any_regex([pattern]), path)) == matches


def test_conditions_become_one_match() -> None:
    """All conditions have to hold, any value of each is enough; hosts ignore case and the port."""
    match, *others = route_matches(
        [
            Condition(field="path-pattern", values=("/a", "/b/*")),
            Condition(field="host-header", values=("*.Example.com",)),
            Condition(field="http-request-method", values=("GET", "HEAD")),
            Condition(field="http-header", header="X-Mode", values=("live*",)),
        ]
    )
    assert others == []
    assert re.fullmatch(match["safe_regex"]["regex"], "/b/c")
    host, method, mode = (
        header["string_match"]["safe_regex"]["regex"] for header in match["headers"]
    )
    assert [header["name"] for header in match["headers"]] == [":authority", ":method", "x-mode"]
    assert re.fullmatch(host, "EDIT.example.com:8443")
    assert not re.fullmatch(host, "example.com")
    assert re.fullmatch(method, "HEAD")
    assert re.fullmatch(mode, "LIVE-1")


def test_query_conditions_are_alternatives() -> None:
    """Envoy joins query parameters by "and": each alternative becomes a route."""
    matches = route_matches([Condition(field="query-string", parameters=(("a", "1"), ("b", "x*")))])
    assert [match["query_parameters"][0]["name"] for match in matches] == ["a", "b"]


@pytest.mark.parametrize(
    ("ranges", "holds"),
    [
        (("0.0.0.0/0",), True),
        (("203.0.113.0/24", "127.0.0.0/8"), True),
        (("203.0.113.0/24",), False),
        (("2001:db8::/32",), False),
    ],
)
def test_visitors_come_from_loopback(ranges: tuple[str, ...], holds: bool) -> None:
    """A rule for other sources is left out, as an ALB would try the next one."""
    path, source = (
        Condition(field="path-pattern", values=("/a",)),
        Condition(field="source-ip", values=ranges),
    )
    assert bool(route_matches([path, source])) == holds


@pytest.mark.parametrize(
    "conditions",
    [
        [Condition(field="source-ip", values=("127.0.0.0/9",))],
        [Condition(field="query-string", parameters=((None, "1"),))],
        [
            Condition(field="path-pattern", values=("/a",)),
            Condition(field="path-pattern", values=("/b",)),
        ],
    ],
)
def test_what_envoy_cannot_judge_is_refused(conditions: list[Condition]) -> None:
    """Never left out in silence."""
    with pytest.raises(DeclarationError):
        route_matches(conditions)
