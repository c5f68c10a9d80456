"""One declaration is all that stack, container, schema and documentation know of a
setting (S16).
"""

from __future__ import annotations

import inspect
import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.config.stack import GROUPS, StackKeys
from container.gateway.settings import GatewaySettings
from contract.hmr import ContractError, HmrContract, SharedContract
from contract.settings import (
    InvalidSettings,
    Setting,
    Settings,
    read_environment,
    read_keys,
    setting,
)
from contract.settings.session import SessionSettings
from scripts import gen_config_docs as docs

SHARED = {**SharedContract.declared(), **SessionSettings.declared()}
NUMBERS = [name for name, entry in SHARED.items() if entry.kind == "integer"]
CONTAINERS_OWN = {
    "sites_dir",
    "scratch_dir",
    "tmp_dir",
    "bind_address",
    "starter_dir",
    "runner_command",
    "ecs_agent_uri",
    "ecs_metadata_uri",
    "ownership_table",
    "peer_range",
    "processors",
    "emf_namespace",
}
"""What no stack decides by a key: places inside the image and the task, its table, the range of the
VPC that the stack makes, and a second way to what log filters do.
"""


class Sample(Settings):
    """A setting as someone would add it."""

    fruit_count: int = setting(
        3, "Fruit per basket.", group="Sessions", within=(1, 9), unit="pieces"
    )
    password: str = setting("", "A secret.", group="Sessions", secret=True)


def advice(entry: Setting) -> str:
    return f"set {entry.key}"


def ends(name: str) -> tuple[int, int]:
    """Smallest and largest value, from pydantic's own schema."""
    for cls in (SharedContract, SessionSettings):
        if name in cls.model_fields:
            schema = cls.model_json_schema()["properties"][name]
            return schema["minimum"], schema["maximum"]
    raise AssertionError(name)


def in_stack(name: str, value: object) -> bool:
    """Whether a stack accepts the value by itself."""
    reading = read_keys(StackKeys, {SHARED[name].key: json.dumps(value)}, advice=advice, unknown="")
    return SHARED[name].key not in {
        problem.key for problem in reading.problems if "whole number" in problem.allowed
    }


def in_container(name: str, value: object) -> bool:
    """Whether the container accepts it."""
    cls = HmrContract if name in HmrContract.model_fields else GatewaySettings
    reading = read_environment(cls, {SHARED[name].variable: str(value)})
    return SHARED[name].variable not in {
        problem.key for problem in reading.problems if "whole number" in problem.allowed
    }


def test_one_line_gives_every_name_and_text() -> None:
    entry = Sample.declared()["fruit_count"]
    assert (entry.key, entry.variable) == ("fruitCount", "ASTRO_LIVE_FRUIT_COUNT")
    assert (entry.kind, entry.default, entry.description) == (
        "integer",
        3,
        "a whole number: 1-9 pieces",
    )
    assert (
        "| `ASTRO_LIVE_FRUIT_COUNT` |  | `3` | a whole number: 1-9 pieces | Fruit per basket. |"
        in docs.variables(Sample)
    )


def test_what_a_container_can_be_told_a_stack_can_say() -> None:
    assert GatewaySettings.declared().keys() - StackKeys.declared().keys() == CONTAINERS_OWN


@pytest.mark.parametrize("name", NUMBERS)
def test_both_sides_have_the_same_ends(name: str) -> None:
    low, high = ends(name)
    for value, fits in ((low, True), (high, True), (low - 1, False), (high + 1, False)):
        assert (in_stack(name, value), in_container(name, value)) == (fits, fits), value


def values(cls: type[Settings]) -> st.SearchStrategy[dict[str, Any]]:
    """Valid values of all settings of `cls`."""

    def of(name: str) -> st.SearchStrategy[Any]:
        field = cls.model_fields[name]
        schema = cls.model_json_schema()["properties"][name]
        if choices := get_args(field.annotation) if "enum" in schema else ():
            return st.sampled_from(choices)
        if schema["type"] == "integer":
            return st.integers(schema["minimum"], schema["maximum"])
        if schema["type"] == "boolean":
            return st.booleans()
        if name == "git_internal_hosts":
            names = st.sampled_from(["git.example.internal", "10.0.0.7", "fd00::7"])
            return st.lists(names, max_size=3).map(tuple)
        if name == "git_secret_names":
            arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret"
            entries = [f"{name}=https://{name}.example/a={arn}:{name}-AbCdEf" for name in "abc"]
            return st.lists(st.sampled_from(entries), max_size=3, unique=True).map(tuple)
        assert name == "frame_ancestors"
        hosts = st.sampled_from(
            ["https://cms.example.com", "http://localhost:3000", "https://*.example.org"]
        )
        return st.lists(hosts, max_size=3).map(tuple)

    return st.fixed_dictionaries({name: of(name) for name in cls.model_fields})


@given(values(SessionSettings))
def test_a_container_reads_what_a_stack_writes(drawn: dict[str, Any]) -> None:
    """Through the text of the environment, for any values."""
    stack = StackKeys.model_construct(**drawn)
    read = read_environment(GatewaySettings, stack.container_environment)
    assert read.problems == []
    assert {name: read.values[name] for name in drawn} == drawn


def test_every_setting_reaches_the_container_also_where_it_is_the_default() -> None:
    """So that a pinned older image, with other defaults, does what the stack says."""
    stack = StackKeys.model_construct(
        **{name: entry.default for name, entry in SessionSettings.declared().items()}
    )
    silent = {
        entry.variable for entry in SessionSettings.declared().values() if entry.default in ("", ())
    }
    assert stack.container_environment.keys() | silent == {
        entry.variable for entry in SessionSettings.declared().values()
    }


@pytest.mark.parametrize("cls", [StackKeys, HmrContract, GatewaySettings])
def test_rules_name_settings(cls: type[Settings]) -> None:
    """A rule that names another setting would never run."""
    known = {*StackKeys.declared(), *HmrContract.declared(), "names", "region"}
    for rule in cls.all_rules():
        assert set(inspect.signature(rule).parameters) <= known, rule.__name__


def test_every_group_has_a_place_in_the_reference() -> None:
    assert {entry.group for entry in StackKeys.declared().values()} == set(GROUPS)


def test_faults_of_one_key_do_not_hide_contradictions_of_others() -> None:
    """One go corrects everything."""
    config = {
        "cpu": "1024",
        "memoryMib": "5000",
        "idleTimeoutSeconds": "60",
        "publicUrl": "http://x.example.com",
    }
    found = read_keys(StackKeys, config, advice=advice, unknown="").problems
    assert {problem.key for problem in found} == {
        "idleTimeoutSeconds",
        "ingressCidrs",
        "publicUrl",
        "certificateArn",
        "memoryMib",
    }


def test_a_secret_is_shown_nowhere() -> None:
    assert "hunter2" not in repr(Sample(password="hunter2"))
    with pytest.raises(InvalidSettings) as refused:
        Sample(password=["hunter2"])  # type: ignore[arg-type]
    assert "<secret>" in str(refused.value)
    assert "hunter2" not in repr(refused.value) + str(refused.value)


def test_a_constructor_lists_every_bad_argument() -> None:
    with pytest.raises(ContractError) as refused:
        HmrContract(public_url="ftp://x", idle_timeout_seconds=60, hmr_path="hmr")
    assert [problem.key for problem in refused.value.problems] == [
        "public_url",
        "idle_timeout_seconds",
        "hmr_path",
    ]
    with pytest.raises(ContractError, match=r"other_port is given; allowed: only .*session_port"):
        HmrContract(public_url="https://x.example.com", other_port=3)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "url",
    [
        "https://x.example.com:99999",
        "https://[::1",
        "https://a@x.example.com",
        "https://X.example.com",
        "https://x/",
        "https://x:443",
        "",
    ],
)
def test_only_an_origin_as_browsers_write_it_will_do(url: str) -> None:
    """The gateway compares it with the Origin of each upgrade."""
    with pytest.raises(ContractError, match="public_url is"):
        HmrContract(public_url=url)
