"""What the conditions of a listener rule let through, tried on foreign requests.

A pattern is as narrow as what it matches: `/*e*` holds a letter and still takes nearly every path. So patterns and expressions are
tried on paths and host names that nobody has in mind when writing a rule.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from .networks import NetworkError, Sources, parse, size
from .place import Place
from .resource import Resource
from .values import UNKNOWN, Value, as_dict, as_list

_PATHS: Final = (
    *("/", "/index.html", "/about", "/blog/post", "/api/users", "/admin", "/wp-login.php", "/.env"),
    *("/favicon.ico", "/x7q2", "/images/logo.png", "/search", "/zq8/kfj/92v", "/robots.txt", "/docs/guide", "/KPM"),
)
"""Short ones, as an expression with nested repetitions takes exponential time in their length."""

_HOSTS: Final = (
    *("zq7.com", "www.zq8.net", "app.zq5.org", "zq4.dev", "zq3.io", "203.0.113.7", "2001:db8::7"),
    *("zq9.co.uk", "zq9.com.au", "zq9.co.jp", "zq9.com.br", "zq9.co.nz", "zq9.co.za", "zq9.com.cn", "zq9.gov.uk", "zq9.ac.uk"),
    *("zq-123456789.eu-west-1.elb.amazonaws.com", "zq9.cloudfront.net", "zq9.amplifyapp.com", "zq9.awsapprunner.com"),
    *("zq9.github.io", "zq9.vercel.app", "zq9.netlify.app", "zq9.pages.dev", "zq9.azurewebsites.net", "zq9.herokuapp.com"),
)
"""Foreign names, below suffixes that people register names under; addresses; and what AWS calls its own services."""

_MOST_PATHS: Final = len(_PATHS) // 2

_STANDARD_HEADERS: Final = re.compile(
    r"accept.*|cache-control|connection|content-.*|cookie|date|dnt|expect|forwarded|from|host|if-.*|keep-alive|origin|pragma|priority|range"
    r"|referer|sec-.*|trailer|transfer-encoding|upgrade.*|user-agent|via|x-forwarded-.*|x-requested-with|x-amzn-.*",
    re.IGNORECASE,
)
"""Headers that browsers send by themselves, so that a value of theirs keeps nobody out."""

_LEAST_SECRET: Final = 8
"""Fewest characters of a header's or a query's value that a client has to know."""

_MOST_IPV4: Final = 2 ** (32 - 8)
_MOST_IPV6: Final = 2 ** (128 - 32)
"""Most public addresses that are still somebody in particular; the line that AWS draws for policies of buckets."""

_REGEX_WILD: Final = re.compile(r"\\[A-Za-z]|\[[^\]]*\]|\{[^}]*\}|[^A-Za-z0-9_-]")
"""What in a regular expression is no literal text: classes, sets, counts, operators."""


def matches_everything(rule: Resource) -> bool | None:
    """Whether no condition of a listener rule narrows what it matches; `None` when that is not known yet."""
    narrowing = [None if each.unknown else _narrows(each) for each in rule.at("conditions").each()]
    if True in narrowing:
        return False
    return None if None in narrowing else True


def covers(rule: Resource, other: Resource) -> bool:
    """Whether a rule takes every request that another one would take, by path and host. Its other conditions must narrow nothing."""
    if any(each.unknown or _narrows_otherwise(each) for each in rule.at("conditions").each()):
        return False
    for key, everything in (("pathPattern", "/*"), ("hostHeader", "*")):
        mine, theirs = _patterns(rule, key), _patterns(other, key)
        for pattern in theirs or [everything]:
            sample = pattern.replace("*", "zq7").replace("?", "q")
            if mine and not any(_pattern(each).search(sample) for each in mine):
                return False
    return True


def _patterns(rule: Resource, key: str) -> list[str]:
    """Patterns of one kind of condition; expressions are none."""
    found = (as_list(as_dict(as_dict(each.value).get(key)).get("values")) for each in rule.at("conditions").each() if not each.unknown)
    return [each for values in found for each in values if isinstance(each, str)]


def _narrows_otherwise(condition: Place) -> bool:
    """Whether a condition narrows by other than patterns of paths and hosts."""
    content = as_dict(condition.value)
    expressions = any(as_dict(content.get(key)).get("regexValues") for key in ("pathPattern", "hostHeader"))
    rest = {key: value for key, value in content.items() if key not in ("pathPattern", "hostHeader")}
    return bool(expressions) or _narrows(Place(subject="", path="", value=rest)) is not False


def _narrows(condition: Place) -> bool | None:
    """Conditions are alternatives inside and joined with AND outside. A method narrows nothing: every path has the same few."""
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


def _judge(condition: dict[str, Value], is_wide: Callable[[list[re.Pattern[str]]], bool]) -> bool | None:
    """Whether the patterns and expressions of a condition are narrow together; false without any."""
    values, expressions = as_list(condition.get("values")), as_list(condition.get("regexValues"))
    known = [_pattern(each) for each in values if isinstance(each, str)]
    known += [_expression(each) for each in expressions if isinstance(each, str)]
    if (not values and not expressions) or (known and is_wide(known)):
        return False
    return None if UNKNOWN in (*values, *expressions) else True


def _takes_most_paths(patterns: list[re.Pattern[str]]) -> bool:
    return sum(any(each.search(path) for each in patterns) for path in _PATHS) > _MOST_PATHS


def _takes_foreign_hosts(patterns: list[re.Pattern[str]]) -> bool:
    return any(each.search(host) for each in patterns for host in (*_HOSTS, *_below(each)))


def _below(pattern: re.Pattern[str]) -> list[str]:
    """A foreign name below the last label of a pattern: `*.example` is a whole top-level domain."""
    last = re.search(r"\\\.([a-z0-9-]+)(?:\\Z|\$)$", pattern.pattern, re.IGNORECASE)
    return [f"zq7.{last[1]}"] if last else []


def _pattern(text: str) -> re.Pattern[str]:
    """A pattern of AWS's: `*` is any text, `?` any character. Case is folded, which only makes it wider."""
    parts = (".*" if each == "*" else "." if each == "?" else re.escape(each) for each in re.sub(r"\*+", "*", text))
    return re.compile(rf"\A{''.join(parts)}\Z", re.IGNORECASE | re.DOTALL)


def _expression(text: str) -> re.Pattern[str]:
    """A regular expression, which need not match the whole; one that cannot be read here counts as matching everything."""
    try:
        return re.compile(f"(?:{text})", re.IGNORECASE | re.DOTALL)
    except re.error:
        return re.compile(".*", re.DOTALL)


def _header(condition: dict[str, Value]) -> bool | None:
    if UNKNOWN in condition.values():
        return None
    values, expressions = as_list(condition.get("values")), as_list(condition.get("regexValues"))
    name = str(condition.get("httpHeaderName") or "")
    if not name or _STANDARD_HEADERS.fullmatch(name) or not (values or expressions):
        return False
    return _are_secrets([*values, *(each if each is UNKNOWN else _REGEX_WILD.sub("", str(each)) for each in expressions)])


def _query(conditions: list[Value]) -> bool | None:
    return _are_secrets([as_dict(each).get("value") if each is not UNKNOWN else UNKNOWN for each in conditions])


def _are_secrets(values: list[Value]) -> bool | None:
    """Whether each of the values is one that has to be known; false without any."""
    if not values or any(len(re.sub(r"[*?]", "", str(each or ""))) < _LEAST_SECRET for each in values if each is not UNKNOWN):
        return False
    return None if UNKNOWN in values else True


def _addresses(values: list[Value]) -> bool | None:
    try:
        public = Sources.of(parse(each) for each in values if isinstance(each, str)).public
    except NetworkError:
        return False
    if not values or size(public.ipv4) > _MOST_IPV4 or size(public.ipv6) > _MOST_IPV6:
        return False
    return None if UNKNOWN in values else True
