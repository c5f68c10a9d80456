"""Settings of the container: every wrong value gets a clear error, all at once (S16)."""

from __future__ import annotations

import contextlib
import itertools
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.gateway.errors import GatewayError, SettingsError
from container.gateway.pages import site_headers
from container.gateway.settings import (
    NO_INSPECTOR,
    NODE_FLAGS,
    GatewaySettings,
    fields,
    read_configuration,
    runner_command,
)
from container.gateway.states import MOVES, State, check_move
from contract.hmr import HmrContract
from contract.words import Mode

from .harness import API_TOKEN, KEYS_JSON

ANY_TEXT: Final = (
    "ASTRO_LIVE_RUNNER_COMMAND",
    "ASTRO_LIVE_EMF_NAMESPACE",
    "ASTRO_LIVE_TMP_DIR",
    "ECS_AGENT_URI",
    "ECS_CONTAINER_METADATA_URI_V4",
)
"""Settings with a separate test, or without a shape."""
MODES: Final[tuple[Mode, ...]] = ("development", "production")


@pytest.mark.parametrize("variable", [row[0] for row in fields() if row[0] not in ANY_TEXT])
def test_a_wrong_value_names_variable_value_and_what_is_allowed(variable: str) -> None:
    """For every setting that has a shape."""
    with pytest.raises(SettingsError) as raised:
        read_configuration({variable: "b@d value"})
    assert variable in str(raised.value)
    assert "b@d" in str(raised.value)
    assert "allowed" in str(raised.value)


@pytest.mark.parametrize("text", ["node runner.mjs", "[]", "{}", "[1]", '"node"'])
def test_a_runner_command_is_a_list(text: str) -> None:
    """Never a shell line."""
    with pytest.raises(SettingsError, match="ASTRO_LIVE_RUNNER_COMMAND"):
        read_configuration({"ASTRO_LIVE_RUNNER_COMMAND": text})


def test_v8s_limits_are_for_dev_servers_alone() -> None:
    """A build inherits its runner's flags, and would only be slower."""
    flags = [
        [word for word in runner_command(GatewaySettings(node_env=mode)) if word.startswith("--")]
        for mode in MODES
    ]
    assert flags == [[NO_INSPECTOR, *NODE_FLAGS], [NO_INSPECTOR]]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("", "is not set; allowed: a JSON list such as"),
        ("x", "is not valid; allowed: a JSON list of keys"),
    ],
)
def test_signing_keys_that_are_not_set_are_called_so(keys: str, said: str) -> None:
    """A credential without keys is a secret that was forgotten, not one that is malformed."""
    with pytest.raises(SettingsError, match=rf"ASTRO_LIVE_SIGNING_KEYS {said}"):
        read_configuration({"ASTRO_LIVE_API_TOKEN": "x" * 32, "ASTRO_LIVE_SIGNING_KEYS": keys})


def test_a_cookie_for_frames_needs_https() -> None:
    """Browsers would drop it."""
    with pytest.raises(SettingsError, match="ASTRO_LIVE_COOKIE_SAME_SITE"):
        read_configuration(
            {
                "ASTRO_LIVE_COOKIE_SAME_SITE": "none",
                "ASTRO_LIVE_PUBLIC_URL": "http://localhost:4321",
            }
        )


@given(
    st.dictionaries(st.sampled_from([row[0] for row in fields()]), st.text(max_size=20), max_size=4)
)
def test_any_environment_is_read_or_refused(environment: dict[str, str]) -> None:
    """Nothing else than a gateway's error comes out, whatever stands in the variables."""
    with contextlib.suppress(GatewayError):
        assert read_configuration(environment).settings.max_sessions >= 1


def test_the_contract_comes_back_from_the_environment() -> None:
    """What the program writes into the task definition is what the gateway reads."""
    contract = HmrContract(public_url="https://edit.example.com", idle_timeout_seconds=900)
    assert (
        read_configuration(
            {**contract.environment(), "ASTRO_LIVE_PUBLIC_URL": "https://localhost"}
        ).contract.idle_timeout_seconds
        == 900
    )


@pytest.mark.parametrize(
    ("url", "seconds", "sent"),
    [
        ("https://edit.example.com", "300", "max-age=300"),
        ("https://edit.example.com", "0", None),
        ("http://edit.example.com", "300", None),
        ("https://localhost:8443", "300", None),
        ("https://edit.localhost:8443", "300", None),
        ("https://127.0.0.1:8443", "300", None),
    ],
)
def test_browsers_insist_on_https_as_the_setting_says(
    url: str, seconds: str, sent: str | None
) -> None:
    """Never for a loopback host: a browser would insist for every program of that machine (S16)."""
    environment = {
        "ASTRO_LIVE_PUBLIC_URL": url,
        "ASTRO_LIVE_HSTS_SECONDS": seconds,
        "ASTRO_LIVE_SIGNING_KEYS": KEYS_JSON,
        "ASTRO_LIVE_API_TOKEN": API_TOKEN,
    }
    configuration = read_configuration(environment)
    assert site_headers(configuration).get("Strict-Transport-Security") == sent


def test_only_declared_moves_between_states_are_possible() -> None:
    """Every pair that is not in the table is a bug and asserts."""
    for old, new in itertools.product(State, State):
        if new in MOVES[old]:
            check_move(old, new)
        else:
            with pytest.raises(AssertionError):
                check_move(old, new)
