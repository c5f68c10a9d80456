"""The components from other projects and other languages: the provider package, and the example
projects previewed (S17, S24).
"""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from collections.abc import Mapping
from typing import Any
from unittest import mock

import grpc
import pulumi
import pytest
import yaml
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from components.base import ComponentError
from components.config.stack import StackKeys
from components.provider.live_editing import LiveEditing, keys_of
from tests.components.examples import CERTIFICATE_ARN
from tests.components.harness import ROOT, STAGED, Graph, run

GOOD: dict[str, Any] = {
    "public_url": "https://edit.example.com",
    "certificate_arn": CERTIFICATE_ARN,
    "ingress_cidrs": ["203.0.113.0/24"],
}
KEYS = {setting.key: setting for setting in StackKeys.declared().values()}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The package's schema, as the engine gets it from the running plugin."""
    plugin = subprocess.Popen(
        [sys.executable, str(ROOT / "components" / "provider"), "127.0.0.1:1"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert plugin.stdout is not None
        port = int(plugin.stdout.readline())
        with grpc.insecure_channel(
            f"127.0.0.1:{port}", options=[("grpc.max_receive_message_length", -1)]
        ) as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            answer: dict[str, Any] = json.loads(
                stub.GetSchema(provider_pb2.GetSchemaRequest(), timeout=60).schema
            )
            return answer
    finally:
        plugin.terminate()
        plugin.wait(10)
        if plugin.stdout:
            plugin.stdout.close()


def preview_yaml() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "examples" / "yaml" / "Pulumi.yaml").read_text())
    return found


# Schema


def test_the_package_offers_every_key_of_a_stack(schema: dict[str, Any]) -> None:
    resource = schema["resources"]["astro-live:index:LiveEditing"]
    assert resource["isComponent"] is True
    assert resource["inputProperties"].keys() == KEYS.keys()
    assert set(resource["requiredInputs"]) == {
        key for key, setting in KEYS.items() if setting.required
    }


def test_arguments_are_documented_and_typed(schema: dict[str, Any]) -> None:
    properties = schema["resources"]["astro-live:index:LiveEditing"]["inputProperties"]
    assert all(entry["description"] for entry in properties.values())
    assert (
        properties["cpu"]["type"],
        properties["ingressCidrs"]["type"],
        properties["autoscaling"]["type"],
    ) == (
        "integer",
        "array",
        "boolean",
    )
    assert properties["cpu"]["plain"] is True
    assert "plain" not in properties["vpcId"], "another resource may yield it"


def test_the_yaml_example_fits_the_schema(schema: dict[str, Any]) -> None:
    resource = schema["resources"]["astro-live:index:LiveEditing"]
    declared = preview_yaml()["resources"]["editing"]
    assert declared["type"] == "astro-live:index:LiveEditing"
    assert (
        set(resource["requiredInputs"])
        <= declared["properties"].keys()
        <= resource["inputProperties"].keys()
    )
    outputs = {
        text.removeprefix("${editing.").rstrip("}") for text in preview_yaml()["outputs"].values()
    }
    assert outputs <= resource["properties"].keys()


# Constructing


def construct(inputs: dict[str, Any]) -> Mapping[str, Any]:
    """What the provider does when the engine asks for a `LiveEditing`."""
    provider = ComponentProvider([LiveEditing], "astro-live", None, "0.1.0")
    return provider.construct("edit", "astro-live:index:LiveEditing", inputs).state


def run_constructed(inputs: Any) -> Graph:
    with (
        mock.patch("components.docker_image.stage", return_value=STAGED),
    ):
        return run(lambda: construct(inputs()))


def late(value: str) -> pulumi.Output[str]:
    """A value that only the deployment knows."""
    return pulumi.Output.from_input(value)


@pytest.fixture(scope="module")
def from_yaml() -> Graph:
    """The YAML example's resource, with its references resolved as the engine would."""
    ids = {
        "vpcId": "vpc-1",
        **{
            f"{tier}SubnetIds[{n}]": f"subnet-{tier}-{n}"
            for tier in ("public", "private")
            for n in (0, 1)
        },
    }

    def resolve(value: Any) -> Any:
        if isinstance(value, list):
            return [resolve(item) for item in value]
        if isinstance(value, str) and value.startswith("${vpc."):
            return late(ids[value.removeprefix("${vpc.").rstrip("}")])
        # Numbers cross the wire as floats.
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value

    return run_constructed(
        lambda: {
            key: resolve(value)
            for key, value in preview_yaml()["resources"]["editing"]["properties"].items()
        }
    )


def test_the_yaml_example_declares_the_whole_service_in_its_own_vpc(from_yaml: Graph) -> None:
    assert from_yaml["edit"].type in (
        "astro-live:components:LiveEditing",
        "astro-live:index:LiveEditing",
    )
    assert from_yaml.of_type("Vpc") == []
    assert from_yaml.one("Service").inputs["networkConfiguration"]["subnets"] == [
        "subnet-private-0",
        "subnet-private-1",
    ]
    assert from_yaml.one("LoadBalancer").inputs["subnets"] == ["subnet-public-0", "subnet-public-1"]
    environment = json.loads(from_yaml.one("TaskDefinition").inputs["containerDefinitions"])[0][
        "environment"
    ]
    assert {"name": "ASTRO_LIVE_MAX_SESSIONS", "value": "8"} in environment


def test_its_outputs_reach_the_other_program(from_yaml: Graph) -> None:
    assert from_yaml.outputs["sessionUrlPattern"] == "https://edit.example.com/session/{id}/"
    assert from_yaml.outputs["albDnsName"] == from_yaml.one("LoadBalancer").outputs["dnsName"]


def test_bad_arguments_are_refused_like_a_stacks_config() -> None:
    with pytest.raises(ComponentError) as error:
        keys_of("edit", {**GOOD, "idle_timeout_seconds": 60.0, "cpu": 1000.0})
    assert "idleTimeoutSeconds is 60" in str(error.value)
    assert "cpu is 1000" in str(error.value)


def test_contradicting_arguments_are_refused_too() -> None:
    with pytest.raises(ComponentError, match="memoryMib is 5000 with cpu 1024"):
        keys_of("edit", {**GOOD, "memory_mib": 5000.0})


def test_what_is_left_out_takes_the_defaults() -> None:
    keys = keys_of("edit", GOOD)
    assert (keys.idle_timeout_seconds, keys.arch, keys.ingress_cidrs) == (
        3600,
        "arm64",
        ("203.0.113.0/24",),
    )


# Parts in another project


def test_the_python_example_previews() -> None:
    subnets = [f"subnet-{letter}" for letter in "ab"]
    config = {
        "astro-live:vpcId": "vpc-1",
        "astro-live:publicSubnetIds": subnets,
        "astro-live:privateSubnetIds": subnets,
        "astro-live:certificateArn": CERTIFICATE_ARN,
    }

    def program() -> None:
        runpy.run_path(str(ROOT / "examples" / "python" / "__main__.py"), run_name="__main__")

    graph = run(program, config=config)
    target = graph["chat-sessions"].inputs
    assert (target["port"], target["healthCheck"]["port"], target["healthCheck"]["path"]) == (
        3000,
        "3001",
        "/health",
    )
    assert target["loadBalancingAlgorithmType"] == "least_outstanding_requests"
    assert graph["chat-lb"].inputs["idleTimeout"] == 900
    assert graph["chat-hmr-rule"].inputs["conditions"][0]["pathPattern"]["values"] == [
        "/socket/*",
        "/vite-hmr/*",
        "/rooms/*/socket",
    ]
    assert graph["chat-uploads-rule"].inputs["priority"] == 40
