"""A refused configuration of this repository's stacks names all that is wrong with it, also where
the engine would stop at a value of another type (S16).
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from local.config import ConfigError, typed
from local.engine import ROOT, deploy
from local.errors import LocalError
from tests.test_settings import BAD, KEYS, OF_ANOTHER_TYPE, SEVERAL_BAD


def named(config: dict[str, object], stack: str = "dev") -> list[str]:
    """Keys at the beginning of the lines of the refusal."""
    with pytest.raises(LocalError) as error:
        deploy(stack, config=config)
    lines = [line.strip() for line in str(error.value).splitlines()]
    return [
        line.split()[0].removeprefix("astro-live:")
        for line in lines
        if line.startswith("astro-live:")
    ]


@settings(max_examples=15, deadline=None)
@given(config=SEVERAL_BAD)
def test_all_bad_values_are_named_at_once(config: dict[str, object]) -> None:
    assert set(named(config)) == config.keys()


def test_every_key_of_another_type_is_named_once() -> None:
    config = {key: OF_ANOTHER_TYPE[entry.kind][0] for key, entry in KEYS.items()}
    assert sorted(named(config, "local")) == sorted(KEYS)


def test_a_misspelt_key_and_a_missing_one_are_named_beside_them() -> None:
    config = {"cpu": "many", "idleTimeoutSecond": 3600, "idleTimeoutSeconds": 60}
    assert set(named(config)) == config.keys()


def test_a_prefix_that_nothing_reads_is_named_beside_them() -> None:
    with pytest.raises(LocalError) as error:
        deploy("local", config={"cpu": "many", "astrolive:maxSessions": 3})
    assert "astro-live:cpu is" in str(error.value)
    assert "astrolive:maxSessions is set" in str(error.value)
    assert "Fix: write astro-live:maxSessions" in str(error.value)


def test_the_texts_of_a_command_line_are_refused_together() -> None:
    """What the real engine is given is checked before it starts."""
    texts = {key: value for key, value in BAD.items() if KEYS[key].kind == "integer"}
    with pytest.raises(ConfigError) as error:
        typed(ROOT, {**dict.fromkeys(texts, "soon")})
    assert len(str(error.value).splitlines()) == len(texts)
