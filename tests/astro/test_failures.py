"""Errors in words: whatever a site throws becomes a message with its place (S5, S10)."""

from __future__ import annotations

from typing import Any

import pytest

from .modules import call

ROOT = "/sites/demo"


@pytest.mark.parametrize(
    ("thrown", "message"),
    [
        ("'only a string'", "only a string"),
        ("undefined", "undefined"),
        ("null", "null"),
        (
            (
                "Object.assign(new Error('odd'), { loc: { file: input + '/a.mjs', line: 3, column:"
                " 4 } })"
            ),
            "a.mjs:3:5: odd",
        ),
        (
            "Object.assign(new Error('odd'), { loc: { file: input + '/a.mjs', line: 3 } })",
            "a.mjs:3: odd",
        ),
        ("Object.assign(new Error('odd'), { loc: { file: input + '/a.mjs' } })", "a.mjs: odd"),
        ("Object.assign(new Error('odd'), { id: input + '/a.mjs' })", "a.mjs: odd"),
        (
            (
                "Object.assign(new Error('see a.mjs'), { id: input + '/a.mjs', loc: { line: 1,"
                " column: 0 } })"
            ),
            "see a.mjs",
        ),
        ("{ message: 'no error at all' }", "no error at all"),
    ],
)
def test_what_a_configuration_throws_is_told_with_its_place(thrown: str, message: str) -> None:
    told: dict[str, Any] = call("failures.mjs", f"return m.errorMessage({thrown}, input);", ROOT)
    assert (told["type"], told["code"], told["message"]) == ("error", "config", message)
    assert told["fix"]
    assert ROOT not in told["message"] + told["stack"]


@pytest.mark.parametrize("code", ["ENOSPC", "EDQUOT", "EROFS", "EIO"])
def test_a_failing_disk_is_not_the_sites_fault(code: str) -> None:
    """The gateway tries again by itself then, and says which disk."""
    thrown = f"Object.assign(new Error('write'), {{ code: '{code}' }})"
    told: dict[str, Any] = call("failures.mjs", f"return m.errorMessage({thrown}, input);", ROOT)
    assert told["code"] == "storage"
