"""Every setting has an effect on the local stack, is refused there, or is named in docs/local.md as
one that changes nothing: none is ignored in silence (S23).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest

from contract.settings import Setting
from contract.settings.session import SessionSettings
from contract.settings.sources import from_config
from contract.settings.task import SECRET_VARIABLES, TaskSettings
from local import tasks
from local.balancer import declared, envoy
from local.balancer.declared import DeclarationError
from local.engine import ROOT, Deployment, deploy
from settings import StackSettings
from tests.aws.variants import options

PAGE: Final = (ROOT / "docs" / "local.md").read_text()
SECTION: Final = re.findall(r"## Settings that change nothing here\n(.*?)\n## ", PAGE, re.DOTALL)
IDLE: Final = {
    key
    for row in re.findall(r"^\| (`.*?) \|", "".join(SECTION), re.MULTILINE)
    for key in re.findall(r"`(\w+)`", row)
}
"""Keys that the page names as such."""

KEYS: Final = {entry.key: entry for entry in StackSettings.declared().values()}
OF_SESSIONS: Final = {entry.key: entry for entry in SessionSettings.declared().values()}
"""They reach the container as variables of its environment."""

REGION: Final = "eu-central-1"
ACCOUNT: Final = "123456789012"
OPTIONS: Final = {name: config for name, (_, config) in options(REGION).items()}
GROUPS_OF_SECURITY: Final = ["sg-0123456789abcdef2"]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the local stack takes from a deployment."""

    balancer: declared.LoadBalancer
    service: tasks.Service

    @property
    def environment(self) -> dict[str, str]:
        """Of the first task, without generated secrets."""
        found = self.service.tasks[0].environment.items()
        return {name: value for name, value in found if name not in SECRET_VARIABLES}

    @property
    def used(self) -> dict[str, Any]:
        """All of it that is used, as one value to compare."""
        service = self.service
        protection = SessionSettings.variable("task_protection_minutes")
        assert TaskSettings.variable("sites_dir") in self.environment
        assert "ECS_AGENT_URI" not in self.environment, "who sets it gives protection an effect"
        return {
            "balancer": _by_name(self.balancer),
            "environment": {
                name: value for name, value in self.environment.items() if name != protection
            },
            "tasks": [
                (task.number, task.address, task.ports, task.stop_timeout_seconds)
                for task in service.tasks
            ],
            "ports": sorted(service.ports.values()),
            "sites": service.sites,
        }


def _by_name(balancer: declared.LoadBalancer) -> str:
    """Without ids, and sorted by name: another order does not count as an effect."""
    groups = sorted(balancer.target_groups.values(), key=lambda group: group.name)
    text = repr(
        replace(
            balancer,
            arn="",
            listeners=tuple(sorted(balancer.listeners, key=lambda listener: listener.name)),
            target_groups={group.name: replace(group, arn="") for group in groups},
        )
    )
    for group in groups:
        text = text.replace(group.arn, group.name)
    return text


def see(folder: Path, config: Mapping[str, object]) -> Seen:
    return _seen(folder, deploy("local", config=config, preview=False))


def _seen(folder: Path, deployment: Deployment) -> Seen:
    return Seen(
        balancer=declared.read(deployment), service=tasks.read(deployment, folder / "stack")
    )


@pytest.fixture
def plain(local_stack: Deployment, tmp_path: Path) -> Seen:
    """The local stack as it is shipped."""
    return _seen(tmp_path, local_stack)


# With an effect


def other(entry: Setting) -> object:
    """A valid value that is not the default's."""
    if entry.kind == "boolean":
        return not entry.default
    if entry.kind == "integer":
        low, high = re.findall(r"\d+", entry.allowed)[:2]
        return int(low) if int(low) != entry.default else int(high)
    choices = re.findall(r"[\w-]+", entry.allowed.removeprefix("one of "))
    return next(choice for choice in choices if choice != entry.default)


def fields(balancer: declared.LoadBalancer) -> set[str]:
    """What the rules look at."""
    rules = [rule for listener in balancer.listeners for rule in listener.rules]
    return {condition.field for rule in rules for condition in rule.conditions}


BESIDE: Final[dict[str, object]] = {
    "gitInternalHosts": ["git.example.internal"],
    "frameAncestors": ["https://cms.example.com"],
    "gitSecretNames": ["acme=https://github.com/acme=file:/token"],
    "nodeEnv": "production",
    "hstsSeconds": 300,
}
"""Values of sessions' settings that their kinds do not give, or that suit the others."""

OF_TASKS_AND_BALANCER: Final[dict[str, tuple[object, Callable[[Seen], object]]]] = {
    "publicUrl": (
        "https://edit.localhost:9443",
        lambda seen: seen.environment["ASTRO_LIVE_PUBLIC_URL"],
    ),
    "routing": ("host", lambda seen: fields(seen.balancer)),
    "exposeApi": (
        False,
        lambda seen: sorted(group.name for group in seen.balancer.target_groups.values()),
    ),
    "idleTimeoutSeconds": (900, lambda seen: seen.balancer.idle_timeout_seconds),
    "clientKeepAliveSeconds": (900, lambda seen: seen.balancer.client_keep_alive_seconds),
    "stickinessSeconds": (
        900,
        lambda seen: {each.stickiness_seconds for each in seen.balancer.target_groups.values()},
    ),
    "tlsPolicy": (
        "ELBSecurityPolicy-TLS13-1-3-2021-06",
        lambda seen: {listener.tls_policy for listener in seen.balancer.listeners},
    ),
    "desiredCount": (2, lambda seen: len(seen.service.tasks)),
    "sharedOwnership": (
        True,
        lambda seen: TaskSettings.variable("ownership_table") in seen.environment,
    ),
    "namePrefix": ("other", lambda seen: seen.balancer.name),
}
"""Another value of each, and what it changes here."""

REFUSED: Final[dict[str, tuple[dict[str, object], str]]] = {
    "apiIngressCidrs": ({"apiIngressCidrs": ["127.0.0.1/32"]}, "source"),
    "signIn": (OPTIONS["cognito"], "identity provider"),
    "listenerArn": (
        {
            **OPTIONS["existing-vpc"],
            "listenerArn": OPTIONS["reuse"]["listenerArn"],
            "publicUrl": "https://edit.localhost:8443",
        },
        "load balancer",
    ),
}
"""Config that the local stack refuses, and a word of the refusal."""


def test_every_setting_has_an_effect_is_refused_or_is_named() -> None:
    effective = OF_SESSIONS.keys() | OF_TASKS_AND_BALANCER.keys() | REFUSED.keys()
    assert KEYS.keys() - effective - IDLE == set(), "name them in docs/local.md"
    assert IDLE - KEYS.keys() == set()
    assert (effective - {"taskProtectionMinutes"}) & IDLE == set()


def test_the_others_have_an_effect(plain: Seen, tmp_path: Path) -> None:
    config = {key: BESIDE.get(key) or other(entry) for key, entry in OF_SESSIONS.items()}
    config |= {key: value for key, (value, _) in OF_TASKS_AND_BALANCER.items()}
    changed = see(tmp_path, {**config, "apiIngressSecurityGroups": GROUPS_OF_SECURITY})
    same = {
        key for key, (_, where) in OF_TASKS_AND_BALANCER.items() if where(plain) == where(changed)
    }
    same |= {
        key
        for key, entry in OF_SESSIONS.items()
        if key not in IDLE
        and plain.environment.get(entry.variable) == changed.environment.get(entry.variable)
    }
    assert same == set()
    assert {each.tls: each.strict_transport_security for each in changed.balancer.listeners} == {
        False: "",
        True: "max-age=300",
    }


@pytest.mark.parametrize("key", sorted(REFUSED))
def test_what_cannot_run_here_is_refused(key: str, tmp_path: Path) -> None:
    config, word = REFUSED[key]
    with pytest.raises(DeclarationError, match=word):
        start(tmp_path, config)


def start(folder: Path, config: Mapping[str, object]) -> None:
    """As far as the load balancer's configuration."""
    placement = envoy.Placement(
        ports={443: 8443, 80: 8480},
        addresses=["127.0.0.1"],
        targets={},
        certificate=folder,
        private_key=folder,
    )
    envoy.bootstrap(see(folder, config).balancer, placement)


# Without


def _arn(service: str, kind: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{kind}"


IDLE_VALUES: Final[tuple[dict[str, object], ...]] = (
    {
        "ingressCidrs": ["127.0.0.1/32"],
        "apiIngressSecurityGroups": GROUPS_OF_SECURITY,
        "certificateArn": _arn("acm", "certificate/12345678-1234-1234-1234-12345678abcd"),
        "hostedZoneId": "Z0123456789EXAMPLE",
        "dnsRecord": False,
        "vpcCidr": "10.30.0.0/16",
        "availabilityZones": 3,
        "availabilityZoneNames": [f"{REGION}{zone}" for zone in "cba"],
        "egress": "single-nat",
        "egressCidrs": ["8.0.0.0/8"],
        "flowLogs": "all",
        "internal": True,
        "accessLogs": True,
        "accessLogRetentionDays": 10,
        "deletionProtection": True,
        "firewall": True,
        "firewallRateLimit": 100,
        "taskProtectionMinutes": 120,
        "arch": "x86_64",
        "cpu": 2048,
        "memoryMib": 8192,
        "ephemeralStorageGib": 40,
        "autoscaling": True,
        "minTasks": 1,
        "maxTasks": 1,
        "scaleCpuPercent": 50,
        "scaleMemoryPercent": 50,
        "scaleSessionsPerTask": 2,
        "capacity": "spot",
        "executeCommand": True,
        "graceSeconds": 60,
        "logRetentionDays": 7,
        "efsThroughput": "bursting",
        "efsArchiveAfterDays": 0,
        "efsBackups": False,
        "restoreRoleArn": f"arn:aws:iam::{ACCOUNT}:role/restore",
        "efsReplicaRegion": "eu-west-1",
        "kmsKeyArn": _arn("kms", "key/12345678-1234-1234-1234-123456789012"),
        "gitSecretKeyArns": [_arn("kms", "key/12345678-1234-1234-1234-123456789012")],
        "fileSystemRevision": "2",
        "imageRevision": "2",
        "keepImages": 10,
        "alarmEmail": "on-call@example.com",
        "dashboard": True,
        "tags": {"CostCenter": "web"},
        "permissionsBoundaryArn": f"arn:aws:iam::{ACCOUNT}:policy/boundary",
        "iamPath": "/apps/",
        "signInCidrs": ["203.0.113.0/24"],
        "rulePriorityOffset": 100,
        **{key: value for key, value in OPTIONS["oidc"].items() if key != "signIn"},
        **{key: value for key, value in OPTIONS["cognito"].items() if key != "signIn"},
    },
    {
        **OPTIONS["dual-stack"],
        "ingressCidrs": ["127.0.0.0/8", "::1/128"],
        "clusterArn": _arn("ecs", "cluster/shared"),
        "fileSystemId": "fs-0123456789abcdef0",
        "fileSystemSecurityGroupId": "sg-0123456789abcdef1",
        "fileSystemPath": "/teams/web",
        "repositoryName": "teams/web/live",
        "imageDigest": "sha256:" + "ab" * 32,
        "alarmTopicArn": _arn("sns", "on-call"),
    },
)
"""Other values of all of them, in as few stacks as can hold them."""


def test_there_is_another_value_for_each_that_is_named(local_stack: Deployment) -> None:
    tried = {
        key
        for config in IDLE_VALUES
        for key, value in config.items()
        if from_config(local_stack.config.get(key), KEYS[key].kind)
        != (tuple(value) if isinstance(value, list) else value)
    }
    assert tried | {"minTasks"} >= IDLE, "one task needs no table, and less than one is none"


@pytest.mark.parametrize("config", IDLE_VALUES, ids=["a new network", "existing parts"])
def test_those_that_are_named_change_nothing(
    plain: Seen, config: dict[str, object], tmp_path: Path
) -> None:
    assert see(tmp_path, config).used == plain.used
