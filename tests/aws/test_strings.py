"""Every text that reaches AWS is one that AWS takes, whatever project, stack and config are called
and set to (S16, S36).

A value that AWS would refuse is refused by the settings, by name and with what to do, or made fit.
The judges are the resource model (botocore's patterns and lengths, and what else exists) and
cfn-lint with AWS's own schemas. `make strings` searches longer, from another start each time.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contract.settings import Problem
from local import config as stack_configs
from local.engine import Deployment, deploy
from settings import SettingsError, StackSettings
from tests.aws.strings import NAMES, REGION, keys, values
from tests.aws.test_schemas import NOT_ABOUT_A_STACK, entries, problems
from tests.aws.variants import in_region, options
from tests.components.harness import stack_config, with_config

EXAMPLES = int(os.environ.get("ASTRO_LIVE_STRINGS", "0"))

SEARCH = settings(
    max_examples=EXAMPLES or 4,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    # A preview takes a second: shrinking is for the longer search.
    phases=tuple(Phase) if EXAMPLES else (Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)

judged: Counter[str] = Counter()
"""How often a value of each key other than its default came as far as AWS's judgement."""
seen: set[str] = set()
"""Resources that were judged before."""

BASES = ("dev", "prod", *options(REGION))


@st.composite
def configs(draw: st.DrawFn) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A stack with the config of an option, and values for all keys with a text that it
    may have.
    """
    base = draw(st.sampled_from(BASES))
    stack, overrides = options(REGION).get(base, (base, {}))
    config = stack_config(stack, {}) | {
        name if ":" in name else f"astro-live:{name}": value
        for name, value in {**in_region(REGION), **overrides}.items()
    }
    config = {
        name: "encrypted" if isinstance(value, dict) and "secure" in value else value
        for name, value in config.items()
    }
    always = {
        "tags",
        "namePrefix",
        "publicUrl",
        "ingressCidrs",
        "egressCidrs",
        "iamPath",
        "permissionsBoundaryArn",
        "imageRevision",
    }
    always |= {
        "alarmEmail",
        "frameAncestors",
        "fileSystemPath",
        "vpcCidr",
        "kmsKeyArn",
        "certificateArn",
    }
    drawn = {
        f"astro-live:{entry.key}": draw(values(entry))
        for entry in keys()
        if entry.key in always or config.get(f"astro-live:{entry.key}") not in (None, "", [], {})
    }
    return stack, config, drawn


def refusals(stack: str, config: dict[str, Any]) -> tuple[Problem, ...]:
    """What the settings say."""
    secrets = ["astro-live:oidcClientSecret"]
    with with_config(config, stack=stack, secrets=secrets):
        try:
            StackSettings.load()
        except SettingsError as error:
            return error.problems
    return ()


def admitted(stack: str, config: dict[str, Any], drawn: dict[str, Any]) -> dict[str, Any]:
    """`config` with what the settings admit of `drawn`. Each refusal says which key, what is
    allowed and what to do.
    """
    left = dict(drawn)
    while found := refusals(stack, {**config, **left}):
        for problem in found:
            assert problem.allowed, problem
            assert problem.fix, problem
        named = {f"astro-live:{problem.key}" for problem in found} & left.keys()
        assert left, f"the base itself is refused: {found}"
        for key in named or [max(left)]:
            del left[key]
    for key, value in left.items():
        judged[key] += value != config.get(key)
    return {**config, **left}


def run(stack: str, project: str, name: str, config: dict[str, Any]) -> Deployment:
    """The program under other names of project and stack."""
    load = stack_configs.load

    def renamed(*arguments: Any) -> Any:
        found = load(*arguments)
        return replace(found, project=project, stack=name)

    given_config = {
        key: {"secure": value} if key.endswith("Secret") else value for key, value in config.items()
    }
    with mock.patch.object(stack_configs, "load", renamed):
        return deploy(stack, config=given_config)


@SEARCH
@given(configs(), NAMES, NAMES)
def test_every_text_that_the_settings_admit_is_one_that_aws_takes(
    chosen: tuple[str, dict[str, Any], dict[str, Any]], project: str, name: str
) -> None:
    """No value reaches AWS that its schemas and API models refuse."""
    stack, config, drawn = chosen
    deployment = run(stack, project, name, admitted(stack, config, drawn))
    fresh = {
        json.dumps(entry, sort_keys=True): (logical, entry)
        for logical, entry in entries(deployment, "x")
    }
    fresh = {text: each for text, each in fresh.items() if text not in seen}
    assert problems(list(fresh.values()), REGION, *NOT_ABOUT_A_STACK) == []
    seen.update(fresh)


def test_the_search_came_as_far_as_aws() -> None:
    """A generator whose values the settings refuse would prove nothing. Runs after the search."""
    print(f"{len(seen)} distinct resources; values judged by key: {dict(judged)}")
    assert len(+judged) >= 15
    assert {f"astro-live:{key}" for key in ("tags", "namePrefix", "publicUrl", "iamPath")} <= set(
        +judged
    )


@pytest.mark.parametrize("entry", list(keys()), ids=lambda entry: entry.key)
@settings(
    max_examples=EXAMPLES or 6,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_a_refused_text_names_its_key_and_the_fix(entry: Any, data: st.DataObject) -> None:
    """Whatever is written there: no traceback, and a message of the four parts."""
    config = stack_config("dev", in_region(REGION)) | {"aws:region": REGION}
    value = data.draw(values(entry))
    for problem in refusals("dev", {**config, f"astro-live:{entry.key}": value}):
        assert problem.key
        assert problem.value
        assert problem.allowed
        assert problem.fix
