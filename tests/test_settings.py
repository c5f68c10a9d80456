"""Settings: every key refuses what it does not allow, all at once, and says how to put it right
(S16).
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from typing import Any

import pulumi
import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from components.base import ComponentError
from components.fargate_sizes import MEMORY_MIB
from components.provider.live_editing import keys_of
from contract.hmr import SHORTEST_IDLE_TIMEOUT_SECONDS
from contract.settings.sources import from_config
from settings import OTHER_NAMESPACES, SettingsError, StackSettings, command_for
from tests.components.harness import (
    OIDC,
    ROOT,
    Graph,
    run_stack,
    stack_config,
    with_config,
)

BAD: dict[str, object] = {
    "publicUrl": "http://edit.example.com/path",
    "ingressCidrs": ["10.0.0.1/8"],
    "certificateArn": "arn:aws:iam::123456789012:server-certificate/x",
    "hostedZoneId": "example.com",
    "dnsRecord": "yes",
    "vpcId": "my-vpc",
    "publicSubnetIds": ["a", "b"],
    "privateSubnetIds": "subnet-0123456789abcdef0",
    "vpcCidr": "10.0.0.0/8",
    "availabilityZones": 1,
    "availabilityZoneNames": ["eu-central-1-ham-1a"],
    "egress": "igw",
    "egressCidrs": [],
    "flowLogs": "accepted",
    "idleTimeoutSeconds": 60,
    "stickinessSeconds": 0,
    "clientKeepAliveSeconds": 59,
    "tlsPolicy": "ELBSecurityPolicy-2016-08",
    "hstsSeconds": -1,
    "ipAddressType": "ipv6",
    "internal": "maybe",
    "exposeApi": 1,
    "apiIngressCidrs": ["203.0.113.5"],
    "apiIngressSecurityGroups": ["agents"],
    "accessLogs": "on",
    "accessLogRetentionDays": 0,
    "deletionProtection": "off",
    "watchingKeepsAlive": "always",
    "connectionBadge": "hidden",
    "viewersMayPost": "perhaps",
    "firewall": "aws",
    "firewallRateLimit": 9,
    "signIn": "ldap",
    "signInCidrs": ["203.0.113.5"],
    "oidcIssuer": "http://login.example.com",
    "oidcAuthorizationEndpoint": "login.example.com",
    "oidcTokenEndpoint": "https://",
    "oidcUserInfoEndpoint": "/userinfo",
    "oidcClientId": "two words",
    "oidcClientSecret": "a secret with spaces",
    "cognitoUserPoolArn": "eu-central-1_EXAMPLE",
    "cognitoClientId": "no-dashes",
    "cognitoDomain": "-astro",
    "nodeEnv": "test",
    "maxSessions": 0,
    "sessionIdleSeconds": 4,
    "sessionMemoryMib": 100,
    "warmRunners": -1,
    "taskProtectionMinutes": 2881,
    "watchMode": "inotify",
    "pollIntervalMs": 10,
    "pageUpdates": "sometimes",
    "startTimeoutSeconds": 4,
    "installTimeoutSeconds": 4,
    "requestTimeoutSeconds": 0,
    "cookieSeconds": 59,
    "signInLinkSeconds": 4,
    "cookieSameSite": "strict",
    "gitInternalHosts": ["https://git.example.internal"],
    "gitSecretNames": ["acme=https://github.com=a-token"],
    "gitSecretKeyArns": ["alias/own"],
    "frameAncestors": ["https://cms.example.com/path"],
    "maxFileMib": 0,
    "maxConnections": 99,
    "sessionConnections": 9,
    "visitorConnections": 9,
    "addressRequestsPerSecond": 0,
    "sessionProcesses": 7,
    "sessionFilesMib": 63,
    "sessionDiskMib": 63,
    "publishing": "always",
    "buildsKept": 0,
    "buildMemoryMib": 255,
    "buildsAtOnce": 17,
    "buildTimeoutSeconds": 4,
    "outputLinesPerMinute": -1,
    "sessionDescriptors": 255,
    "envoyConcurrency": 65,
    "arch": "x86",
    "cpu": 1000,
    "memoryMib": 100,
    "ephemeralStorageGib": 20,
    "desiredCount": 0,
    "autoscaling": "auto",
    "sharedOwnership": "table",
    "minTasks": 0,
    "maxTasks": 101,
    "scaleCpuPercent": 100,
    "scaleMemoryPercent": 5,
    "scaleSessionsPerTask": -1,
    "capacity": "ec2",
    "executeCommand": "true please",
    "stopTimeoutSeconds": 121,
    "graceSeconds": 10,
    "logRetentionDays": 31,
    "efsThroughput": "provisioned",
    "efsArchiveAfterDays": 5,
    "efsBackups": "daily",
    "efsReplicaRegion": "Frankfurt",
    "kmsKeyArn": "alias/my-key",
    "imageDigest": "latest",
    "imageRevision": "v1.2",
    "keepImages": 1,
    "alarmTopicArn": "on-call",
    "alarmEmail": "on-call",
    "dashboard": "none",
    "namePrefix": "internal-x",
    "tags": {"aws:x": "y"},
    "permissionsBoundaryArn": "boundary",
    "restoreRoleArn": "restore",
    "fileSystemRevision": "Two",
    "iamPath": "apps",
    "routing": "subdomain",
    "listenerArn": (
        "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/net/edge/50dc6c495c0c9188/f2f7dc8efc522ab2"
    ),
    "rulePriorityOffset": 49001,
    "clusterArn": "shared",
    "fileSystemId": "sites",
    "fileSystemSecurityGroupId": "sites",
    "fileSystemPath": "/",
    "repositoryName": "Teams/web",
}
"""A value per key that it must refuse."""

KEYS = {setting.key: setting for setting in StackSettings.declared().values()}


def refusal(overrides: dict[str, object], stack: str = "dev") -> SettingsError:
    """The error of loading the settings of `stack` with `overrides`."""
    with (
        with_config(stack_config(stack, overrides), stack=stack),
        pytest.raises(SettingsError) as error,
    ):
        StackSettings.load()
    return error.value


def load(
    overrides: dict[str, object] | None = None, stack: str = "dev", secrets: list[str] | None = None
) -> StackSettings:
    with with_config(stack_config(stack, overrides), stack=stack, secrets=secrets or []):
        return StackSettings.load()


def test_the_table_of_bad_values_covers_every_key() -> None:
    assert BAD.keys() == KEYS.keys()


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_value_is_refused_with_key_value_allowed_and_fix(name: str) -> None:
    (problem,) = refusal({name: BAD[name]}).problems
    setting = KEYS[name]
    assert problem.key == name
    written = json.dumps(BAD[name]) if setting.kind == "string" else text(BAD[name])
    assert problem.value == ("<secret>" if setting.secret else written)
    assert setting.allowed in problem.allowed
    assert name in problem.fix


def text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def test_all_bad_keys_are_reported_at_once() -> None:
    """A person corrects the file in one go, not key by key."""
    assert {problem.key for problem in refusal(dict(BAD)).problems} == BAD.keys()


OF_ANOTHER_TYPE: dict[str, list[object]] = {
    "integer": ["soon", "1.5", True, ["1"]],
    "boolean": ["maybe", 3, ["true"]],
    "array": ["one", {"a": "b"}, [["one"]]],
    "object": ["text", ["a"], {"a": 1}],
    "string": [["text"], {"a": "b"}],
}


def bad_values(key: str) -> list[object]:
    """What a key refuses: values of another type, and one out of its range."""
    kind = KEYS[key].kind
    return [BAD[key], *(OF_ANOTHER_TYPE[kind] if kind != "string" else [])]


SEVERAL_BAD: st.SearchStrategy[dict[str, object]] = st.lists(
    st.sampled_from(sorted(BAD)), min_size=2, max_size=8, unique=True
).flatmap(lambda keys: st.fixed_dictionaries({k: st.sampled_from(bad_values(k)) for k in keys}))
"""Several keys, each with a value of another type or out of its range."""


@hypothesis_settings(max_examples=60, deadline=None)
@given(overrides=SEVERAL_BAD)
def test_a_value_of_another_type_hides_no_other(overrides: dict[str, object]) -> None:
    assert {problem.key for problem in refusal(overrides).problems} == overrides.keys()


@hypothesis_settings(max_examples=60, deadline=None)
@given(overrides=SEVERAL_BAD)
def test_a_component_names_all_bad_arguments_too(overrides: dict[str, object]) -> None:
    """Outputs where lists are wanted among them."""
    names = {entry.key: name for name, entry in StackSettings.declared().items()}
    config = {
        key.removeprefix("astro-live:"): value
        for key, value in stack_config("dev").items()
        if key.startswith("astro-live:")
    }
    arguments = {names[key]: value for key, value in (config | overrides).items()}
    arguments.pop("name_prefix", None)

    async def refused() -> str:
        whole = pulumi.Output.from_input(["10.0.0.0/8"])
        with pytest.raises(ComponentError) as error:
            keys_of("edit", arguments | {"ingress_cidrs": whole})
        await whole.future()
        return str(error.value)

    named = {line.split()[0] for line in asyncio.run(refused()).splitlines()[1:]}
    assert named >= (overrides.keys() - {"namePrefix"}) | {"ingressCidrs"}


def test_no_file_is_claimed_for_a_value_from_the_command_line() -> None:
    """The local stack's `--config` is not in the file, which is that of the stack."""
    (problem,) = refusal({"cpu": 1000}, stack="prod").problems
    assert problem.fix == (
        "correct it in Pulumi.prod.yaml or in --config, or: pulumi config set cpu <value> --stack"
        " prod"
    )
    (problem,) = refusal({"ingressCidrs": None}, stack="local").problems
    assert problem.fix.startswith("set it in Pulumi.local.yaml, or: pulumi config set ")


def test_the_message_reads_as_a_list() -> None:
    message = str(refusal({"idleTimeoutSeconds": 60, "cpu": 1000}))
    assert message.splitlines() == [
        "config of stack 'dev' has 2 bad keys:",
        (
            "  astro-live:idleTimeoutSeconds is 60; allowed: a whole number: 120-4000 s. Fix:"
            " correct it in Pulumi.dev.yaml or in --config, or: pulumi config set"
            " idleTimeoutSeconds <value> --stack dev"
        ),
        (
            "  astro-live:cpu is 1000; allowed: a whole number: 256, 512, 1024, 2048, 4096, 8192 or"
            " 16384. Fix: correct it in Pulumi.dev.yaml or in --config, or: pulumi config set cpu"
            " <value> --stack dev"
        ),
    ]


@pytest.mark.parametrize("name", [name for name, setting in KEYS.items() if setting.required])
def test_a_missing_key_is_named(name: str) -> None:
    (problem,) = refusal({name: None}).problems
    assert (problem.key, problem.value) == (name, "not set")


def test_a_misspelt_key_is_named_with_the_right_one() -> None:
    """It would otherwise do nothing and say nothing."""
    (problem,) = refusal({"idleTimeoutSecond": 3600}).problems
    assert (problem.key, problem.fix) == ("idleTimeoutSecond", "write idleTimeoutSeconds")


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("astrolive:idleTimeoutSeconds", "write astro-live:idleTimeoutSeconds"),
        ("astro_live:idleTimeoutSecond", "write astro-live:idleTimeoutSeconds"),
        ("live:cpu", "write astro-live:cpu"),
        ("aw:region", "write aws:region"),
        (
            "datadog:apiUrl",
            "remove it from Pulumi.dev.yaml or from --config; docs/config.md lists the keys",
        ),
    ],
)
def test_a_key_with_a_prefix_that_nothing_reads_is_named_with_the_right_one(
    name: str, fix: str
) -> None:
    """It would otherwise do nothing and say nothing."""
    with (
        with_config({**stack_config("dev"), name: 900}, stack="dev"),
        pytest.raises(SettingsError) as error,
    ):
        StackSettings.load()
    (line,) = str(error.value).splitlines()[1:]
    assert line == (
        f"  {name} is set; allowed: only keys of astro-live, aws, awsx, docker, docker-build,"
        f" pulumi. Fix: {fix}"
    )


def test_keys_of_the_providers_and_of_the_engine_are_taken() -> None:
    others = {"aws:profile": "own", "docker:host": "unix:///run/docker.sock", "pulumi:tags": {}}
    with with_config({**stack_config("dev"), **others}, stack="dev"):
        assert StackSettings.load()


def test_every_provider_that_the_program_uses_may_be_configured() -> None:
    """The SDKs that are installed have the names of their namespaces."""
    text = (ROOT / "requirements" / "local.txt").read_text()
    used = set(re.findall(r"^pulumi-([a-z-]+)==", text, re.MULTILINE))
    assert {*used, "pulumi"} - {"policy"} == set(OTHER_NAMESPACES)


def test_nothing_is_registered_before_the_settings_are_right() -> None:
    graph = Graph()
    with pytest.raises(SettingsError):
        run_stack("dev", {"idleTimeoutSeconds": 60}, graph=graph)
    assert graph.resources == {}


SUBNETS = {
    "publicSubnetIds": ["subnet-0000000a", "subnet-0000000b"],
    "privateSubnetIds": ["subnet-0000000c", "subnet-0000000d"],
}


@pytest.mark.parametrize(
    ("overrides", "key", "words"),
    [
        ({"certificateArn": None}, "certificateArn", "hostedZoneId"),
        ({"vpcId": "vpc-0123456789abcdef0"}, "publicSubnetIds", "two or more subnets"),
        (
            {"publicSubnetIds": ["subnet-0123456789abcdef0"]},
            "publicSubnetIds",
            "together with vpcId",
        ),
        (
            {"vpcId": "vpc-0123456789abcdef0", "egress": "endpoints", **SUBNETS},
            "egress",
            "only in a new VPC",
        ),
        ({"ipAddressType": "dualstack"}, "ipAddressType", "only with vpcId"),
        ({"ingressCidrs": ["203.0.113.0/24", "::/0"]}, "ingressCidrs", "remove ::/0"),
        ({"exposeApi": False}, "exposeApi", "nobody could create a session"),
        ({"ingressCidrs": ["0.0.0.0/0"]}, "apiIngressCidrs", "since ingressCidrs is the internet"),
        (
            {"apiIngressCidrs": ["198.51.100.0/24"]},
            "apiIngressCidrs",
            "add 198.51.100.0/24 to ingressCidrs",
        ),
        (
            {"apiIngressCidrs": [f"203.0.113.{n}/32" for n in range(21)]},
            "apiIngressCidrs",
            "at most 20",
        ),
        (
            {"apiIngressSecurityGroups": [f"sg-{n:017x}" for n in range(21)]},
            "apiIngressSecurityGroups",
            "at most 20",
        ),
        ({"signIn": "oidc"}, "oidcClientId", "signIn is 'oidc'"),
        ({"signIn": "cognito"}, "cognitoDomain", "signIn is 'cognito'"),
        ({"memoryMib": 5000}, "memoryMib", "set cpu 1024 with memoryMib 5120"),
        ({"maxSessions": 20}, "maxSessions", "at most 11 with memoryMib 4096"),
        ({"autoscaling": True, "desiredCount": 9}, "desiredCount", "1-4"),
        (
            {"sharedOwnership": False, "desiredCount": 2},
            "desiredCount",
            "1 without sharedOwnership",
        ),
        ({"sharedOwnership": False, "autoscaling": True}, "maxTasks", "1 without sharedOwnership"),
        ({"autoscaling": True, "minTasks": 5}, "maxTasks", "at least minTasks, 5"),
        (
            {"capacity": "spot", "stopTimeoutSeconds": 90},
            "stopTimeoutSeconds",
            "two minutes of a Spot warning",
        ),
        (
            {
                "alarmEmail": "a@example.com",
                "alarmTopicArn": "arn:aws:sns:eu-central-1:123456789012:t",
            },
            "alarmEmail",
            "remove alarmEmail",
        ),
    ],
)
def test_contradictions_name_the_key_and_the_way_out(
    overrides: dict[str, object], key: str, words: str
) -> None:
    problems = {problem.key: str(problem) for problem in refusal(overrides).problems}
    assert words in problems[key]


async def test_a_secret_in_plain_is_refused_and_never_shown() -> None:
    error = refusal(OIDC)
    assert [problem.key for problem in error.problems] == ["oidcClientSecret"]
    assert "--secret" in str(error)
    assert "a-client-secret" not in str(error)
    assert load(OIDC, secrets=["astro-live:oidcClientSecret"]).people_sign_in is not None


@pytest.mark.parametrize("stack", ["dev", "prod", "local"])
def test_the_repositorys_stacks_are_valid(stack: str) -> None:
    settings = load(stack=stack)
    assert settings.contract.public_url == settings.public_url


def test_dev_has_no_door_open_to_the_internet_and_prod_says_so() -> None:
    assert load(stack="dev").ingress_cidrs == ("203.0.113.0/24",)
    assert load(stack="local").ingress_cidrs == ("127.0.0.0/8",)
    assert load(stack="prod").ingress_cidrs == ("0.0.0.0/0",)


def test_prod_has_no_shell_into_containers() -> None:
    assert load(stack="prod").execute_command is False


def test_schema_and_reference_are_up_to_date() -> None:
    """Pulumi.yaml and docs/config.md are what the declarations say."""
    script = str(ROOT / "scripts" / "gen_config_docs.py")
    result = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_stacks_use_keys_and_types_of_the_schema() -> None:
    """What the engine would check before it starts the program."""
    schema = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    python = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
    for stack in ("dev", "prod", "local"):
        config = {
            name.removeprefix("astro-live:"): value
            for name, value in stack_config(stack).items()
            if name.startswith("astro-live:")
        }
        assert {name for name, entry in schema.items() if "default" not in entry} <= config.keys()
        for name, value in config.items():
            assert isinstance(value, python[schema[name]["type"]]), f"{stack}: {name}"


# Properties


def values_of(kind: str) -> st.SearchStrategy[Any]:
    return {
        "string": st.text(max_size=40),
        "integer": st.integers(min_value=-(10**12), max_value=10**12),
        "boolean": st.booleans(),
        "array": st.lists(st.text(max_size=20), max_size=4),
    }[kind]


ANY_VALUE = st.one_of(
    *map(values_of, ("string", "integer", "boolean", "array")),
    st.floats(allow_nan=False),
    st.just("null"),
    st.just("{}"),
)


def try_to_load(overrides: dict[str, object]) -> tuple[StackSettings | None, SettingsError | None]:
    try:
        return load(overrides), None
    except SettingsError as error:
        return None, error


@hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(overrides=st.dictionaries(st.sampled_from(sorted(BAD)), ANY_VALUE, max_size=5))
def test_any_config_is_either_refused_with_known_keys_or_gives_settings_that_hold(
    overrides: dict[str, object],
) -> None:
    """No value, however odd, ends in another error, and what is accepted can be turned into a
    contract and a task size.
    """
    settings, error = try_to_load(overrides)
    if error:
        assert {problem.key for problem in error.problems} <= BAD.keys()
        assert all(problem.allowed and problem.fix for problem in error.problems)
        return
    assert settings is not None
    assert settings.contract.idle_timeout_seconds >= SHORTEST_IDLE_TIMEOUT_SECONDS
    assert settings.memory_mib in MEMORY_MIB[settings.cpu]
    assert all(value for value in settings.container_environment.values())


@hypothesis_settings(deadline=None)
@given(number=st.integers())
def test_integers_are_read_from_their_text_and_from_the_engines_floats(number: int) -> None:
    assert from_config(str(number), "integer") == number
    if abs(number) < 2**53:
        assert from_config(float(number), "integer") == number


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("1.5", "integer"),
        ("true", "integer"),
        ("1", "boolean"),
        ('{"a": 1}', "array"),
        ("[1]", "array"),
    ],
)
def test_what_has_another_type_is_refused(raw: str, kind: Any) -> None:
    with pytest.raises(ValueError, match="is not of the kind"):
        from_config(raw, kind)


def test_every_key_says_what_it_is_for() -> None:
    for name, setting in KEYS.items():
        assert setting.help.endswith("."), name
        assert setting.allowed or setting.kind == "boolean", name


@pytest.mark.parametrize(
    ("key", "command"),
    [
        ("maxSessions", "pulumi config set maxSessions <value>"),
        ("ingressCidrs", "pulumi config set --path 'ingressCidrs[0]' <value>"),
        ("gitSecretNames", "pulumi config set --plaintext --path 'gitSecretNames[0]' <value>"),
        ("oidcClientSecret", "pulumi config set --secret oidcClientSecret <value>"),
    ],
)
def test_the_command_of_an_error_is_one_that_the_cli_takes(key: str, command: str) -> None:
    """A list is set by path, and what the CLI would take for a secret is said to be one or not."""
    assert command_for(KEYS[key]) == command
