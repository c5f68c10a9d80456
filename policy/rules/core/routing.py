"""What the conditions of a listener rule let through, tried on foreign requests.

A pattern is as narrow as what it matches: `/*e*` holds a letter and still takes nearly every path.
So patterns and expressions are tried on paths and host names that nobody has in mind when writing a
rule. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from .actions import pattern as wildcards
from .expressions import Expression, ExpressionError
from .networks import MOST_IPV4, MOST_IPV6, NetworkError, Sources, parse, size
from .place import Place
from .resource import Resource
from .values import UNKNOWN, Value, as_dict, as_list

_PATHS: Final = (
    *("/", "/index.html", "/about", "/blog/post", "/api/users", "/admin", "/wp-login.php", "/.env"),
    *(
        "/favicon.ico",
        "/x7q2",
        "/images/logo.png",
        "/search",
        "/zq8/kfj/92v",
        "/robots.txt",
        "/docs/guide",
        "/KPM",
    ),
)
"""Short ones: an expression takes time with the square of their length."""

_HOSTS: Final = (
    *("zq7.com", "www.zq8.net", "app.zq5.org", "zq4.dev", "zq3.io", "203.0.113.7", "2001:db8::7"),
    *(
        "zq9.co.uk",
        "zq9.com.au",
        "zq9.co.jp",
        "zq9.com.br",
        "zq9.co.nz",
        "zq9.co.za",
        "zq9.com.cn",
        "zq9.gov.uk",
        "zq9.ac.uk",
    ),
    *(
        "zq-123456789.eu-west-1.elb.amazonaws.com",
        "zq9.cloudfront.net",
        "zq9.amplifyapp.com",
        "zq9.awsapprunner.com",
    ),
    *(
        "zq9.github.io",
        "zq9.vercel.app",
        "zq9.netlify.app",
        "zq9.pages.dev",
        "zq9.azurewebsites.net",
        "zq9.herokuapp.com",
    ),
)
"""Foreign names, below suffixes that people register names under; addresses; and what AWS calls its
own services.
"""

_Pattern: TypeAlias = re.Pattern[str] | Expression
_MOST_PATHS: Final = len(_PATHS) // 2

_STANDARD_HEADERS: Final = re.compile(
    r"accept.*|cache-control|connection|content-.*|cookie|date|dnt|expect|forwarded|from|host|if-.*|keep-alive|origin|pragma|priority|range"
    r"|referer|sec-.*|trailer|transfer-encoding|upgrade.*|user-agent|via|x-forwarded-.*|x-requested-with|x-amzn-.*",
    re.IGNORECASE,
)
"""Headers that browsers send by themselves, so that a value of theirs keeps nobody out."""

_LEAST_SECRET: Final = 8
"""Fewest characters of a header's or a query's value that a client has to know."""

_REGEX_WILD: Final = re.compile(r"\\[A-Za-z]|\[[^\]]*\]|\{[^}]*\}|[^A-Za-z0-9_-]")
"""What in a regular expression is no literal text: classes, sets, counts, operators."""


def matches_everything(rule: Resource) -> bool | None:
    """Whether no condition of a listener rule narrows what it matches; `None` when that is not
    known yet.
    """
    narrowing = [None if each.unknown else _narrows(each) for each in rule.at("conditions").each()]
    if True in narrowing:
        return False
    return None if None in narrowing else True


def covers(rule: Resource, other: Resource) -> bool | None:
    """Whether a rule takes requests that another one is there for: every request of one of its
    patterns, or a good part of a wide one's. `None` when an expression of either cannot be judged.
    Conditions besides paths and hosts must narrow nothing.
    """
    if any(each.unknown or _narrows_otherwise(each) for each in rule.at("conditions").each()):
        return False
    verdicts = [_takes(rule, other, "pathPattern", "/*"), _takes(rule, other, "hostHeader", "*")]
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _takes(rule: Resource, other: Resource, key: str, everything: str) -> bool | None:
    """Whether a rule's patterns and expressions of one kind take what one of another rule's is
    there for.
    """
    mine, my_expressions = _texts(rule, key, "values"), _texts(rule, key, "regexValues")
    if not mine and not my_expressions:
        return True
    theirs, their_expressions = _texts(other, key, "values"), _texts(other, key, "regexValues")
    if not theirs and not their_expressions:
        theirs = [everything]
    if set(my_expressions) & set(their_expressions):
        return True
    readable: list[_Pattern] = [each for each in map(_read, my_expressions) if each]
    wild = [_pattern(each) for each in mine if re.search(r"[*?]", each)] + readable
    every = [_pattern(each) for each in mine] + readable
    samples = [_samples(each, key) for each in theirs] + [
        _matched(each, key) for each in their_expressions
    ]
    if any(_is_taken(each, wild if len(each) > 1 else every) for each in samples):
        return True
    return False if len(readable) == len(my_expressions) and all(samples) else None


def _is_taken(samples: list[str], patterns: list[_Pattern]) -> bool:
    """Whether patterns take more than a quarter of some samples. A page that is named in full and
    left open takes nothing else.
    """
    return 4 * sum(any(each.search(sample) for each in patterns) for sample in samples) > len(
        samples
    )


def _samples(pattern: str, key: str) -> list[str]:
    """Paths or hosts that a pattern of AWS's takes."""
    pattern = re.sub(r"\*+", "*", pattern).replace("?", "q")
    if "*" not in pattern:
        return [pattern]
    if key == "hostHeader":
        return (
            list(_HOSTS)
            if pattern == "*"
            else [pattern.replace("*", each) for each in ("zq7", "www", "app", "zq8.zq9")]
        )
    return [pattern.replace("*", path[1:]) for path in _PATHS]


def _matched(expression: str, key: str) -> list[str]:
    """Paths or hosts that an expression takes; none when that cannot be told."""
    plain = re.fullmatch(r"\^?((?:[\w/-]|\\[./-])+)\$?", expression)
    if plain:
        return [plain[1].replace("\\", "")]
    readable = _read(expression)
    return [
        each
        for each in (_PATHS if key == "pathPattern" else _HOSTS)
        if readable and readable.search(each)
    ]


def _texts(rule: Resource, key: str, kind: str) -> list[str]:
    """Patterns (`values`) or expressions (`regexValues`) of one kind of condition."""
    content = (as_dict(each.value) for each in rule.at("conditions").each() if not each.unknown)
    found = (
        as_list(as_dict(block).get(kind)) for each in content for block in as_list(each.get(key))
    )
    return [each for values in found for each in values if isinstance(each, str)]


def _narrows_otherwise(condition: Place) -> bool:
    """Whether a condition narrows by other than paths and hosts."""
    rest = {
        key: value
        for key, value in as_dict(condition.value).items()
        if key not in ("pathPattern", "hostHeader")
    }
    return _narrows(Place(subject="", path="", value=rest)) is not False


def _narrows(condition: Place) -> bool | None:
    """Conditions are alternatives inside and joined with AND outside. A method narrows nothing:
    every path has the same few.
    """
    content = as_dict(condition.value)
    verdicts = [
        _judge(as_dict(content.get("pathPattern")), _takes_most_paths),
        _judge(as_dict(content.get("hostHeader")), _takes_foreign_hosts),
        _header(as_dict(content.get("httpHeader"))),
        _query(as_list(content.get("queryStrings"))),
        _addresses(as_list(as_dict(content.get("sourceIp")).get("values"))),
    ]
    if True in verdicts:
        return True
    return None if None in verdicts else False


def _judge(condition: dict[str, Value], is_wide: Callable[[list[_Pattern]], bool]) -> bool | None:
    """Whether the patterns and expressions of a condition are narrow together; false
    without any.
    """
    values, expressions = as_list(condition.get("values")), as_list(condition.get("regexValues"))
    known: list[_Pattern] = [_pattern(each) for each in values if isinstance(each, str)]
    known += [_expression(each) for each in expressions if isinstance(each, str)]
    if (not values and not expressions) or (known and is_wide(known)):
        return False
    return None if UNKNOWN in (*values, *expressions) else True


def _takes_most_paths(patterns: list[_Pattern]) -> bool:
    return sum(any(each.search(path) for each in patterns) for path in _PATHS) > _MOST_PATHS


def _takes_foreign_hosts(patterns: list[_Pattern]) -> bool:
    return any(each.search(host) for each in patterns for host in (*_HOSTS, *_below(each)))


def _below(pattern: _Pattern) -> list[str]:
    """A foreign name below the last label of a pattern: `*.example` is a whole top-level domain."""
    last = re.search(r"\\\.([a-z0-9-]+)(?:\\Z|\$)$", pattern.pattern, re.IGNORECASE)
    return [f"zq7.{last[1]}"] if last else []


def _pattern(text: str) -> re.Pattern[str]:
    """A pattern of AWS's: `*` is any text, `?` any character. Case is folded, which only makes it
    wider.
    """
    return re.compile(rf"\A{wildcards(text).pattern}\Z", re.IGNORECASE | re.DOTALL)


def _expression(text: str) -> _Pattern:
    """A regular expression, which need not match the whole; one that cannot be read here counts as
    matching everything.
    """
    return _read(text) or re.compile(".*", re.DOTALL)


def _read(text: str) -> Expression | None:
    try:
        return Expression(text)
    except ExpressionError:
        return None


def _header(condition: dict[str, Value]) -> bool | None:
    if UNKNOWN in condition.values():
        return None
    values, expressions = as_list(condition.get("values")), as_list(condition.get("regexValues"))
    name = str(condition.get("httpHeaderName") or "")
    if not name or _STANDARD_HEADERS.fullmatch(name) or not (values or expressions):
        return False
    return _are_secrets(
        [
            *values,
            *(each if each is UNKNOWN else _REGEX_WILD.sub("", str(each)) for each in expressions),
        ]
    )


def _query(conditions: list[Value]) -> bool | None:
    return _are_secrets(
        [as_dict(each).get("value") if each is not UNKNOWN else UNKNOWN for each in conditions]
    )


def _are_secrets(values: list[Value]) -> bool | None:
    """Whether each of the values is one that has to be known; false without any."""
    if not values or any(
        len(re.sub(r"[*?]", "", str(each or ""))) < _LEAST_SECRET
        for each in values
        if each is not UNKNOWN
    ):
        return False
    return None if UNKNOWN in values else True


def _addresses(values: list[Value]) -> bool | None:
    try:
        public = Sources.of(parse(each) for each in values if isinstance(each, str)).public
    except NetworkError:
        return False
    if not values or size(public.ipv4) > MOST_IPV4 or size(public.ipv6) > MOST_IPV6:
        return False
    return None if UNKNOWN in values else True
