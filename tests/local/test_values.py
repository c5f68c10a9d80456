"""Property values survive the wire, and secrets stay out of what is shown (S9)."""

from __future__ import annotations

from typing import Any

from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from local.values import (
    OUTPUT,
    SIGNATURE,
    UNKNOWN,
    UNKNOWN_SENTINELS,
    ResourceReference,
    Secret,
    from_struct,
    has_unknown,
    redact,
    reveal,
    to_struct,
)

_leaves = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.just(UNKNOWN)
_values = st.recursive(
    _leaves
    | st.text().map(Secret)
    | st.builds(ResourceReference, st.text(min_size=1), st.text(min_size=1)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1, max_size=8), _values, max_size=4))
def test_values_survive_the_wire(properties: dict[str, Any]) -> None:
    """What is sent is what arrives, unknowns, secrets and references included."""
    assert from_struct(to_struct(properties)) == properties


def test_every_unknown_sentinel_is_read_as_unknown() -> None:
    """The engine has one sentinel per type."""
    struct = struct_pb2.Struct()
    for index, sentinel in enumerate(UNKNOWN_SENTINELS):
        struct[str(index)] = sentinel
    assert set(from_struct(struct).values()) == {UNKNOWN}


def test_output_values_become_secrets_or_plain_values() -> None:
    """Output values carry secretness in a field; a missing value is unknown."""
    struct = struct_pb2.Struct()
    struct.update(
        {
            "a": {SIGNATURE: OUTPUT, "value": 1, "secret": True},
            "b": {SIGNATURE: OUTPUT},
            "c": {SIGNATURE: OUTPUT, "value": "x"},
        }
    )
    assert from_struct(struct) == {"a": Secret(1), "b": UNKNOWN, "c": "x"}


def test_secrets_are_shown_only_on_purpose() -> None:
    """Neither `repr` nor a report holds the value; `reveal` and the wire to a policy pack do."""
    properties = {"list": [{"password": Secret("hush")}], "plain": "seen", "later": UNKNOWN}
    assert "hush" not in repr(properties)
    assert redact(properties) == {
        "list": [{"password": "[secret]"}],
        "plain": "seen",
        "later": "[unknown]",
    }
    assert reveal(properties)["list"] == [{"password": "hush"}]
    assert from_struct(to_struct(properties, secrets=False))["list"] == [{"password": "hush"}]
    assert has_unknown(properties)
    assert not has_unknown(reveal(properties)["list"])
