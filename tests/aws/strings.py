"""Arbitrary values of every config key that takes a text: what a person may write, up to and beyond
what the settings accept.

Values come from the declarations themselves (`Shape.pattern`) where they have a pattern, each also
at its greatest length; texts of all kinds follow, which most keys refuse.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any, Final

from hypothesis import strategies as st

from contract.settings import Setting, Shape
from settings import StackSettings
from tests.aws.variants import ACCOUNT

Values = st.SearchStrategy[Any]

REGION: Final = "eu-central-1"

NAMES: Final = st.from_regex(r"[A-Za-z0-9_.-]{1,100}", fullmatch=True) | st.sampled_from(
    ["-", "_" * 100, ".", "Z" * 100, "a.b_c-D"]
)
"""What Pulumi takes as the name of a project or a stack
(https://www.pulumi.com/docs/iac/concepts/projects/).
"""

ANY_TEXT: Final = st.text(max_size=40) | st.text(st.characters(max_codepoint=0x7F), max_size=300)

LABELS: Final = st.from_regex(
    r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True
) | st.sampled_from(["a" * 63, "x--y", "x-" * 31 + "x"])
HOSTS: Final = st.builds(
    lambda labels, top: ".".join([*labels, top])[-253:].lstrip(".-"),
    st.lists(LABELS, min_size=1, max_size=6),
    st.sampled_from(["com", "io", "museum", "xn--p1ai"]),
)
CONDITION_HOSTS: Final = HOSTS.map(lambda host: host[-126:].lstrip(".-"))
"""Those that a listener's host condition takes, behind `*.`."""
ORIGINS: Final = (CONDITION_HOSTS | CONDITION_HOSTS | HOSTS).map("https://{}".format)
ADDRESSES: Final = st.builds(
    "https://{}{}".format,
    HOSTS,
    st.from_regex(r"(/[!-.0-~]{0,30}){0,3}", fullmatch=True) | st.just("/" + "a" * 2000),
)


def _range(number: int, length: int) -> str:
    return str(ipaddress.IPv4Network((number, length), strict=False))


def _ranges(most: int) -> Values:
    one = st.builds(_range, st.integers(0, 2**32 - 1), st.integers(0, 32))
    return st.lists(one, min_size=1, max_size=most, unique=True)


_SEGMENTS = st.from_regex(r"[A-Za-z0-9_.,+@=-]{1,60}", fullmatch=True) | st.just("s" * 100)
_TAG = st.text(
    st.characters(max_codepoint=0x7F, categories=["L", "N"], include_characters="_.:/=+-@"),
    max_size=24,
)
_STRANGE_TAG = st.text(
    st.characters(categories=["L", "N", "Zs"], include_characters="&'"), max_size=24
)

SPECIAL: Final[dict[str, Values]] = {
    "publicUrl": ORIGINS,
    "ingressCidrs": _ranges(30) | st.just(["203.0.113.0/24"]),
    "egressCidrs": _ranges(60),
    "signInCidrs": _ranges(20),
    "apiIngressCidrs": st.just([]),
    "vpcCidr": st.builds(_range, st.integers(0, 2**32 - 1), st.integers(16, 24)),
    "iamPath": (
        st.lists(_SEGMENTS, min_size=1, max_size=9).map(lambda parts: f"/{'/'.join(parts)}/")
    ),
    "fileSystemPath": (
        st.lists(_SEGMENTS.map(lambda text: text.strip(".,@+=")), min_size=1, max_size=4).map(
            lambda parts: f"/{'/'.join(parts)}"[:100]
        )
    ),
    "permissionsBoundaryArn": (
        st.lists(_SEGMENTS, min_size=1, max_size=8).map(
            lambda parts: f"arn:aws:iam::{ACCOUNT}:policy/{'/'.join(parts)}"
        )
    ),
    "repositoryName": (
        st.lists(
            st.from_regex(r"[a-z0-9]+([._-][a-z0-9]+)*", fullmatch=True), min_size=1, max_size=9
        ).map("/".join)
        | st.just("r" * 256)
    ),
    "alarmEmail": st.builds(
        "{}@{}".format,
        st.from_regex(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}", fullmatch=True),
        HOSTS,
    ),
    "cognitoDomain": LABELS | HOSTS,
    "gitSecretNames": (
        st.lists(
            st.tuples(
                st.from_regex(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", fullmatch=True),
                HOSTS.map(str.lower),
                st.from_regex(r"(/[A-Za-z0-9_~-]{1,20}){0,3}", fullmatch=True),
                st.from_regex(r"[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}", fullmatch=True),
            ),
            max_size=9,
            unique_by=lambda each: each[0],
        ).map(
            lambda found: [
                f"{name}=https://{host}{path}="
                f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{secret}"
                for name, host, path, secret in found
            ]
        )
    ),
    "gitInternalHosts": st.lists(HOSTS.map(str.lower), max_size=5, unique=True),
    "tags": (
        st.dictionaries(_STRANGE_TAG, _STRANGE_TAG, max_size=3)
        | st.dictionaries(_TAG | st.just("k" * 127), _TAG | st.just("v" * 255), max_size=12)
        | st.just({f"key-{number}-".ljust(127, "k"): "v" * 255 for number in range(46)})
    ),
    "frameAncestors": (
        st.lists(ORIGINS, max_size=8, unique=True)
        | st.just([f"https://{'a' * 63}.{number}.example.com" for number in range(60)])
    ),
    "namePrefix": (
        st.from_regex(r"[a-z][a-z0-9]{0,3}(-[a-z0-9]{1,3}){0,2}", fullmatch=True)
        | st.sampled_from(["a", "a" * 11, "internal", "x-y-z-0-1-2"])
    ),
    **dict.fromkeys(
        ("oidcIssuer", "oidcAuthorizationEndpoint", "oidcTokenEndpoint", "oidcUserInfoEndpoint"),
        ADDRESSES,
    ),
}
"""Keys whose values no pattern describes."""


def stretched(pattern: str) -> str:
    """`pattern` with each bounded repetition at its greatest number, and each unbounded one of a
    class at a great one.
    """
    longer = re.sub(r"\{\d*,(\d+)\}(?!\$)", r"{\1}", pattern)
    return re.sub(r"(?<=\])[+*]", "{64}", longer)


def values(entry: Setting) -> Values:
    """Values for a key that takes a text, texts, or texts by name."""
    shape = next(
        (
            each
            for each in StackSettings.model_fields[entry.name].metadata
            if isinstance(each, Shape)
        ),
        None,
    )
    pattern = shape.pattern if shape else ""
    if entry.key in SPECIAL:
        return _mostly(SPECIAL[entry.key]) if entry.kind == "string" else SPECIAL[entry.key]
    if not pattern:
        raise LookupError(
            f"{entry.key} takes a text of a shape without a pattern: add it to SPECIAL"
        )
    one = (
        st.from_regex(pattern, fullmatch=True) | st.from_regex(stretched(pattern), fullmatch=True)
    ).map(_here)
    return st.lists(one, max_size=5, unique=True) if entry.kind == "array" else _mostly(one)


def _mostly(good: Values) -> Values:
    """One text in eight is of any kind."""
    return st.integers(0, 7).flatmap(lambda number: good if number else ANY_TEXT)


def _here(text: str) -> str:
    """An ARN in the account, region and partition of the test: others are the settings'
    business.
    """
    text = re.sub(r"^arn:aws[a-z-]*:", "arn:aws:", text)
    text = re.sub(r":[a-z]{2}-[a-z-]+-\d:\d{12}:", f":{REGION}:{ACCOUNT}:", text)
    return re.sub(r"userpool/[a-z]{2}-[a-z-]+-\d_", f"userpool/{REGION}_", text)


def keys() -> Iterator[Setting]:
    """The keys whose value is a free text, or several."""
    for entry in StackSettings.declared().values():
        choice = entry.allowed.startswith("one of ")
        if entry.kind in ("string", "array", "object") and not choice:
            yield entry
