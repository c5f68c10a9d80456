"""Errors as people read them (S16)."""

from __future__ import annotations

import pytest

from container.gateway.errors import RunnerError
from contract.messages import ErrorCode


@pytest.mark.parametrize(
    ("message", "fix", "text"),
    [
        ("no port is free", "end another program", "No port is free. End another program."),
        ("astro.config.mjs: boo", "fix it", "astro.config.mjs: boo. Fix it."),
        ("It ended.", "", "It ended."),
        ("Does it exist?", "Look.", "Does it exist? Look."),
    ],
)
def test_message_and_fix_are_sentences(message: str, fix: str, text: str) -> None:
    assert RunnerError(ErrorCode.CONFIG, message, fix).text == text
