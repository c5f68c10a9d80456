"""Runs Pulumi code in process on mocks and records what it registers."""

from __future__ import annotations

import asyncio
import json
import runpy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import pulumi
import yaml
from pulumi.runtime import config as pulumi_config
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import SETTINGS
from pulumi.runtime.stack import run_pulumi_func

from components.staged_context import StagedContext

ROOT = Path(__file__).resolve().parents[2]
OIDC: dict[str, object] = {
    "signIn": "oidc",
    "oidcIssuer": "https://login.example.com",
    "oidcAuthorizationEndpoint": "https://login.example.com/authorize",
    "oidcTokenEndpoint": "https://login.example.com/token",
    "oidcUserInfoEndpoint": "https://login.example.com/userinfo",
    "oidcClientId": "astro-live",
    "oidcClientSecret": "a-client-secret",
}
"""Config of a sign-in at a provider, complete."""
ACCOUNT = "123456789012"
REGION = "eu-central-1"
TAG = "0123456789abcdef0123456789abcdef"
"""Tag of the image in stacks run here: the real one changes with every file of the checkout."""
STAGED = StagedContext(
    hash=TAG, context=f".local/build/{TAG}/context", dockerfile=f".local/build/{TAG}/Dockerfile"
)
DIGEST = "sha256:" + "ab" * 32


@dataclass(frozen=True)
class Registered:
    """One resource as the engine would have seen it."""

    type: str
    name: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    custom: bool
    parent: str
    """Logical name of the parent; empty below the stack."""
    dependencies: frozenset[str]
    protect: bool
    ignore_changes: tuple[str, ...]
    retain_on_delete: bool
    provider: str
    """URN and id of an explicit provider."""
    secrets: frozenset[str]
    """Inputs that the program marked as secret; their values are plain text in `inputs`."""

    @property
    def arn(self) -> Any:
        return self.outputs["arn"]


@dataclass
class Graph:
    """Everything that a program registered."""

    resources: dict[str, Registered] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    existing: dict[str, Any] = field(default_factory=dict)
    """What data sources find of existing parts, where it is not what the program wants."""

    def __getitem__(self, name: str) -> Registered:
        return self.resources[name]

    def of_type(self, kind: str) -> list[Registered]:
        """Resources whose type token ends in `:kind`."""
        return [
            resource
            for resource in self.resources.values()
            if resource.type.rpartition(":")[2] == kind
        ]

    def one(self, kind: str) -> Registered:
        found = self.of_type(kind)
        assert len(found) == 1, [resource.name for resource in found]
        return found[0]


def computed_outputs(kind: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs that AWS would fill in, by type token."""
    service = kind.partition(":")[2].partition("/")[0]
    outputs: dict[str, Any] = {
        "arn": f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}",
        "name": inputs.get("name", f"{name}-1a2b3c4"),
    }
    match kind:
        case "pulumi:index:Stash":
            outputs["output"] = inputs["input"]
        case "awsx:ec2:Vpc":
            count = len(inputs["availabilityZoneNames"])
            outputs |= {"vpcId": "vpc-0a0a0a0a0a0a0a0a0"}
            for tier in ("public", "private", "isolated"):
                outputs[f"{tier}SubnetIds"] = [f"subnet-{tier}-{index}" for index in range(count)]
            # Inputs whose outputs have another shape.
            outputs |= {"natGateways": [], "subnets": [], "routeTables": []}
        case "aws:ec2/vpcEndpoint:VpcEndpoint":
            outputs["prefixListId"] = (
                "pl-0d0d0d0d" if "dynamodb" in str(inputs.get("serviceName")) else "pl-0a0a0a0a"
            )
        case "aws:acm/certificate:Certificate":
            outputs["domainValidationOptions"] = [
                {
                    "domainName": inputs["domainName"],
                    "resourceRecordName": f"_x.{inputs['domainName']}.",
                    "resourceRecordType": "CNAME",
                    "resourceRecordValue": "_y.acm-validations.aws.",
                }
            ]
        case "aws:route53/record:Record":
            outputs["fqdn"] = inputs["name"]
        case "aws:ecr/repository:Repository":
            outputs |= {
                "repositoryUrl": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}",
                "registryId": ACCOUNT,
            }
        case "docker:index/image:Image":
            outputs["repoDigest"] = f"{inputs['imageName'].rpartition(':')[0]}@{DIGEST}"
        case "aws:lb/loadBalancer:LoadBalancer":
            outputs |= {
                "dnsName": f"{name}.elb.amazonaws.com",
                "zoneId": "Z215JYRZR1TBD5",
                "arnSuffix": f"app/{name}/50dc6c495c0c9188",
            }
        case "aws:lb/targetGroup:TargetGroup":
            outputs["arnSuffix"] = f"targetgroup/{name}/73e2d6bc24d8a067"
    return outputs


class Recorder(pulumi.runtime.Mocks):
    """Answers registrations with their inputs and plausible outputs."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def new_resource(
        self, args: pulumi.runtime.MockResourceArgs
    ) -> tuple[str | None, dict[Any, Any]]:
        return f"{args.name}-id", {
            **args.inputs,
            **computed_outputs(args.typ, args.name, args.inputs),
        }

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        self.graph.calls.append(args.token)
        given = args.args
        match args.token:
            case "aws:lb/getListener:getListener":
                return {
                    "arn": given["arn"],
                    "id": given["arn"],
                    "protocol": "HTTPS",
                    "port": 443,
                } | self.graph.existing
            case "aws:lb/getLoadBalancer:getLoadBalancer":
                facts = {
                    "dnsName": "shared.elb.amazonaws.com",
                    "zoneId": "Z215JYRZR1TBD5",
                    "arnSuffix": given["arn"].partition("loadbalancer/")[2],
                }
                return {
                    "id": given["arn"],
                    "securityGroups": ["sg-0123456789abcdef0"],
                    "idleTimeout": 3600,
                    **facts,
                } | self.graph.existing
            case "aws:efs/getFileSystem:getFileSystem":
                arn = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/{given['fileSystemId']}"
                return {
                    "id": given["fileSystemId"],
                    "arn": arn,
                    "encrypted": True,
                } | self.graph.existing
            case "aws:ecs/getCluster:getCluster":
                return {
                    "arn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{given['clusterName']}",
                    "id": "c",
                    "status": "ACTIVE",
                }
            case "aws:ecr/getRepository:getRepository":
                url = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{given['name']}"
                arn = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{given['name']}"
                facts = {
                    "id": given["name"],
                    "arn": arn,
                    "repositoryUrl": url,
                    "registryId": ACCOUNT,
                }
                return {**facts, "imageTagMutability": "IMMUTABLE"} | self.graph.existing
            case "aws:index/getAvailabilityZones:getAvailabilityZones":
                regional = given.get("filters") == [
                    {"name": "zone-type", "values": ["availability-zone"]}
                ]
                names = [f"{REGION}{letter}" for letter in "cab"]
                return {
                    "id": REGION,
                    "names": names if regional else [f"{REGION}-lcl-1a", *names],
                } | self.graph.existing
            case "aws:index/getRegion:getRegion":
                return {"region": REGION, "id": REGION}
            case "aws:ecr/getAuthorizationToken:getAuthorizationToken":
                return {
                    "userName": "AWS",
                    "password": "a-registry-password",
                    "authorizationToken": "dG9rZW4=",
                }
            case "aws:index/getCallerIdentity:getCallerIdentity":
                return {
                    "accountId": ACCOUNT,
                    "arn": f"arn:aws:iam::{ACCOUNT}:root",
                    "userId": "AIDA",
                }
            case "aws:index/getPartition:getPartition":
                return {"partition": "aws", "dnsSuffix": "amazonaws.com"}
        raise AssertionError(f"no answer for {args.token}")


class Monitor(MockMonitor):
    """Records each registration with its options, which mocks do not see."""

    mocks: Recorder

    def Invoke(self, request: Any) -> Any:
        with own_event_loop():
            return super().Invoke(request)  # type: ignore[no-untyped-call]

    def RegisterResource(self, request: Any) -> Any:
        with own_event_loop():
            response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type == "pulumi:pulumi:Stack":
            return response
        resources = self.mocks.graph.resources
        inputs = rpc.deserialize_properties(request.object)
        key = request.name
        if key in resources:
            # Pulumi tells resources of one name apart by their types.
            assert resources[key].type != request.type, (
                f"two resources of type {request.type} named {key}"
            )
            key = f"{key} {request.type}"
        resources[key] = Registered(
            type=request.type,
            name=request.name,
            inputs={name: rpc.unwrap_rpc_secret(value) for name, value in inputs.items()},
            outputs=dict(self.resources[response.urn].state),
            custom=request.custom,
            parent="" if "pulumi:pulumi:Stack::" in request.parent else name_of(request.parent),
            dependencies=frozenset(map(name_of, request.dependencies)),
            protect=request.protect,
            ignore_changes=tuple(request.ignoreChanges),
            retain_on_delete=request.retainOnDelete,
            provider=request.provider,
            secrets=frozenset(name for name, value in inputs.items() if rpc.is_rpc_secret(value)),
        )
        return response


@contextmanager
def own_event_loop() -> Iterator[None]:
    """An event loop for this worker thread. The mock monitor would make one and leave it open."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def name_of(urn: str) -> str:
    """Logical name in a URN."""
    return urn.rpartition("::")[2]


def run(
    program: Callable[[], object],
    *,
    stack: str = "test",
    config: Mapping[str, object] | None = None,
    preview: bool = False,
    graph: Graph | None = None,
) -> Graph:
    """Run `program` as the stack `stack`; return what it registered. Whatever it raises comes out
    as it was raised, and `graph`, if given, then holds what had been registered by then.
    """
    graph = Graph() if graph is None else graph

    async def main() -> None:
        recorder = Recorder(graph)
        # Mocks keep the set of an earlier run, in which what was cancelled stays: waiting for it
        # would raise "Event loop is closed". https://github.com/pulumi/pulumi: runtime/settings.py
        SETTINGS.outputs = set()
        pulumi.runtime.set_mocks(
            recorder, project="astro-live", stack=stack, preview=preview, monitor=Monitor(recorder)
        )
        texts = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in (config or {}).items()
        }
        pulumi_config.set_all_config(texts, [])
        await run_pulumi_func(lambda: _export(program(), graph))

    asyncio.run(main())
    return graph


def _export(value: object, graph: Graph) -> None:
    if isinstance(value, Mapping):
        for name, output in value.items():
            pulumi.Output.from_input(output).apply(partial(graph.outputs.__setitem__, name))


def stack_config(stack: str, overrides: Mapping[str, object] | None = None) -> dict[str, object]:
    """Config of the repository's stack `stack`, with `overrides` (keys without namespace; None
    removes one).
    """
    config: dict[str, object] = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())[
        "config"
    ]
    for name, value in (overrides or {}).items():
        if value is None:
            config.pop(f"astro-live:{name}", None)
        else:
            config[f"astro-live:{name}"] = value
    return config


@contextmanager
def with_config(
    config: Mapping[str, object], *, stack: str, secrets: list[str] | None = None
) -> Iterator[None]:
    """Pulumi's config as the engine would hand it over, without a program: every value as text."""
    texts = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in config.items()
    }
    with mock.patch.object(pulumi, "get_stack", return_value=stack):
        pulumi_config.set_all_config(texts, secrets or [])
        try:
            yield
        finally:
            pulumi_config.set_all_config({}, [])


def run_stack(
    stack: str, overrides: Mapping[str, object] | None = None, *, graph: Graph | None = None
) -> Graph:
    """Run the program of this repository with the config of `stack`."""

    def program() -> Mapping[str, object]:
        exported: dict[str, object] = {}
        with (
            mock.patch.object(pulumi, "export", exported.__setitem__),
            mock.patch("components.docker_image.stage", return_value=STAGED),
        ):
            runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")
        return exported

    return run(program, stack=stack, config=stack_config(stack, overrides), graph=graph)
