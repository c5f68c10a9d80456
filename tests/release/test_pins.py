"""A pin outlives the checkout that made it, and ends when someone ends it (S24)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.release.pins import Decision, Held, decide, held_by

A, B, C = ("sha256:" + letter * 64 for letter in "abc")
values = st.sampled_from(["", A, B, C])
helds = st.none() | st.builds(Held, digest=st.sampled_from([A, B, C]), committed=values)


@pytest.mark.parametrize(
    ("committed", "work", "held", "digest", "kept"),
    [
        ("", "", None, "", False),  # nobody pinned anything
        (A, A, None, A, False),  # pinned in git
        ("", B, None, B, False),  # a rollback has just written it
        ("", "", Held(digest=B, committed=""), B, True),  # the next runner
        (A, A, Held(digest=B, committed=A), B, True),  # rolled back from a pin in git
        (C, C, Held(digest=B, committed=A), C, False),  # git has moved on
        (B, B, Held(digest=B, committed=""), B, False),  # the rollback was committed
        ("", "", Held(digest=B, committed=B), "", False),  # and taken out again
        ("", C, Held(digest=B, committed=""), C, False),  # another rollback
    ],
)
def test_which_image_runs(
    committed: str, work: str, held: Held | None, digest: str, kept: bool
) -> None:
    decision = decide(committed=committed, work=work, held=held)
    assert (decision.digest, decision.kept) == (digest, kept)


@given(committed=values, work=values, held=helds)
def test_a_later_runner_repeats_the_decision(committed: str, work: str, held: Held | None) -> None:
    """Whatever was decided, the next deployment from a fresh checkout of the same commit decides
    the same.
    """
    decision = decide(committed=committed, work=work, held=held)
    message = decision.mark.message if decision.mark else "fix: something"
    after = decide(
        committed=committed, work=committed, held=held_by([{"kind": "update", "message": message}])
    )
    if decision.digest or not committed:
        assert after.digest == decision.digest
    else:  # a pin of git, taken out in one checkout only: git has the last word
        assert after.digest == committed


@given(committed=values, work=values, held=helds)
def test_lifting_leaves_nothing(committed: str, work: str, held: Held | None) -> None:
    assert decide(committed=committed, work=work, held=held, unpin=True) == Decision(
        digest="", mark=None
    )


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], None),
        (
            [
                {"kind": "refresh", "message": "x"},
                {"kind": "update", "message": Held(digest=A, committed="").message},
            ],
            Held(digest=A, committed=""),
        ),
        (
            [
                {"kind": "update", "message": "feat: x"},
                {"kind": "update", "message": Held(digest=A, committed="").message},
            ],
            None,
        ),
        (
            [
                {"kind": "destroy"},
                {"kind": "update", "message": Held(digest=A, committed="").message},
            ],
            None,
        ),
        (
            [
                {
                    "kind": "update",
                    "result": "failed",
                    "message": Held(digest=B, committed=A).message,
                }
            ],
            Held(digest=B, committed=A),
        ),
    ],
)
def test_the_newest_update_tells(history: list[dict[str, Any]], expected: Held | None) -> None:
    """Refreshes and renames in between do not count, a failed update under a pin does."""
    assert held_by(history) == expected
