"""The offline providers over gRPC, asked as the engine asks them (S24, S36). tests/engine has the
real engine, where it is installed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent import futures
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc, resource_pb2, resource_pb2_grpc
from pulumi.runtime.proto import provider_pb2 as messages

from local.provider import schema
from local.provider.server import serve
from local.provider.store import Store
from local.values import UNKNOWN, Secret, from_struct, to_struct

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
REPOSITORY = "aws:ecr/repository:Repository"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
IMAGE = "docker:index/image:Image"

Json = dict[str, Any]


def urn(kind: str, name: str = "edit") -> str:
    return f"urn:pulumi:dev::astro-live::{kind}::{name}"


@dataclass
class Refused(Exception):
    """The provider does not take the inputs."""

    failures: list[tuple[str, str]]


@dataclass
class Existing:
    """A resource as the engine's state holds it."""

    urn: str
    id: str
    inputs: Json
    outputs: Json


@dataclass
class Engine:
    """Asks in the order of the engine: check, diff, then create, update or delete."""

    store: Store
    channels: dict[str, grpc.Channel] = field(default_factory=dict)

    def provider(self, package: str) -> provider_pb2_grpc.ResourceProviderStub:
        return provider_pb2_grpc.ResourceProviderStub(self.channels[package])

    def check(self, kind: str, news: Json, olds: Json | None = None, name: str = "edit") -> Json:
        request = messages.CheckRequest(
            urn=urn(kind, name), news=to_struct(news), olds=to_struct(olds or {})
        )
        answer = self.provider(kind.partition(":")[0]).Check(request)
        if answer.failures:
            raise Refused([(each.property, each.reason) for each in answer.failures])
        return from_struct(answer.inputs)

    def create(
        self, kind: str, news: Json, name: str = "edit", *, preview: bool = False
    ) -> Existing:
        inputs = self.check(kind, news, name=name)
        request = messages.CreateRequest(
            urn=urn(kind, name), properties=to_struct(inputs), preview=preview
        )
        answer = self.provider(kind.partition(":")[0]).Create(request)
        return Existing(urn(kind, name), answer.id, inputs, from_struct(answer.properties))

    def diff(
        self, old: Existing, news: Json, ignore: tuple[str, ...] = ()
    ) -> messages.DiffResponse:
        request = messages.DiffRequest(
            urn=old.urn,
            id=old.id,
            olds=to_struct(old.outputs),
            old_inputs=to_struct(old.inputs),
            news=to_struct(news),
            ignoreChanges=ignore,
        )
        answer: messages.DiffResponse = self.provider(
            old.urn.split("::")[2].partition(":")[0]
        ).Diff(request)
        return answer

    def update(self, old: Existing, news: Json, *, preview: bool = False) -> Existing:
        kind = old.urn.split("::")[2]
        inputs = self.check(kind, news, old.inputs)
        request = messages.UpdateRequest(
            urn=old.urn,
            id=old.id,
            olds=to_struct(old.outputs),
            old_inputs=to_struct(old.inputs),
            news=to_struct(inputs),
            preview=preview,
        )
        answer = self.provider(kind.partition(":")[0]).Update(request)
        return Existing(old.urn, old.id, inputs, from_struct(answer.properties))

    def read(self, old: Existing) -> messages.ReadResponse:
        request = messages.ReadRequest(
            id=old.id, urn=old.urn, properties=to_struct(old.outputs), inputs=to_struct(old.inputs)
        )
        answer: messages.ReadResponse = self.provider(
            old.urn.split("::")[2].partition(":")[0]
        ).Read(request)
        return answer

    def delete(self, old: Existing) -> None:
        request = messages.DeleteRequest(id=old.id, urn=old.urn, properties=to_struct(old.outputs))
        self.provider(old.urn.split("::")[2].partition(":")[0]).Delete(request)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    store = Store(tmp_path / "cloud.json")
    found = Engine(store)
    with serve(store, tmp_path) as attached:
        for package, _, port in (each.partition(":") for each in attached.split(",")):
            found.channels[package] = grpc.insecure_channel(f"127.0.0.1:{port}")
        yield found
        for channel in found.channels.values():
            channel.close()


def cloud(engine: Engine) -> dict[str, Json]:
    content: dict[str, Json] = json.loads(engine.store._file.read_text())
    return content


def refusal(code: grpc.StatusCode) -> Any:
    return pytest.raises(grpc.RpcError, check=lambda error: error.code() is code)


def test_each_package_introduces_itself(engine: Engine) -> None:
    """What the engine asks before the first resource; the region comes from the provider's own
    arguments.
    """
    for package in ("aws", "awsx", "docker"):
        provider = engine.provider(package)
        assert provider.Handshake(messages.ProviderHandshakeRequest()).accept_secrets
        assert provider.GetPluginInfo(empty_pb2.Empty()).version
        provider.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1"))
        provider.Cancel(empty_pb2.Empty())
        provider.GetMapping(messages.GetMappingRequest())
        checked = provider.CheckConfig(
            messages.CheckRequest(news=to_struct({"region": "eu-west-1"}))
        )
        assert from_struct(checked.inputs) == {"region": "eu-west-1"}
        assert (
            provider.DiffConfig(messages.DiffRequest()).changes == messages.DiffResponse.DIFF_NONE
        )
        assert provider.Configure(
            messages.ConfigureRequest(args=to_struct({"region": "eu-west-1"}))
        ).supportsPreview
    assert ":eu-west-1:" in engine.create(LOG_GROUP, {}).outputs["arn"]


def test_the_schema_has_the_resources_of_the_model(engine: Engine) -> None:
    """For languages that ask for one. That of the largest package is made of the same parts and
    takes half a minute.
    """
    schemas = {
        name: json.loads(engine.provider(name).GetSchema(messages.GetSchemaRequest()).schema)
        for name in ("awsx", "docker")
    }
    assert schemas["awsx"]["resources"]["awsx:ec2:Vpc"]["isComponent"]
    assert IMAGE in schemas["docker"]["resources"]


def test_types_of_the_schema_are_those_of_the_sdk() -> None:
    """Plain types, lists and maps of them; the rest is any."""
    found = schema._class(BALANCER)
    assert found is not None
    balancer = schema._resource(BALANCER, found)
    assert balancer["inputProperties"]["idleTimeout"] == {"type": "integer"}
    assert balancer["inputProperties"]["subnets"] == {"type": "array", "items": {"type": "string"}}
    assert balancer["inputProperties"]["tags"] == {
        "type": "object",
        "additionalProperties": {"type": "string"},
    }
    assert "dnsName" in balancer["required"]
    assert not balancer["isComponent"]
    assert schema._class("aws:nowhere/thing:Thing") is None


def test_a_preview_creates_nothing(engine: Engine) -> None:
    """What only AWS can tell is unknown, and the cloud stays empty."""
    found = engine.create(LOG_GROUP, {"retentionInDays": 30}, preview=True)
    assert (found.id, found.outputs["arn"], found.outputs["retentionInDays"]) == ("", UNKNOWN, 30)
    assert len(engine.store) == 0


def test_a_resource_lives_and_dies(engine: Engine) -> None:
    """Created, changed in place, read, and gone; another of its name is refused meanwhile and taken
    afterwards.
    """
    group = engine.create(LOG_GROUP, {"name": "sessions", "retentionInDays": 7})
    with refusal(grpc.StatusCode.ALREADY_EXISTS):
        engine.create(LOG_GROUP, {"name": "sessions"}, name="other")
    found = engine.diff(group, group.inputs | {"retentionInDays": 30})
    assert (list(found.diffs), list(found.replaces)) == (["retentionInDays"], [])
    preview = engine.update(group, {"name": "sessions", "retentionInDays": 30}, preview=True)
    assert preview.outputs["retentionInDays"] == 30
    assert from_struct(engine.read(group).properties)["retentionInDays"] == 7
    group = engine.update(group, {"name": "sessions", "retentionInDays": 30})
    assert from_struct(engine.read(group).properties)["retentionInDays"] == 30
    engine.delete(group)
    assert engine.read(group).id == ""
    engine.create(LOG_GROUP, {"name": "sessions"}, name="other")


def test_a_replacement_gets_another_generated_name(engine: Engine) -> None:
    """The new load balancer is created before the old one goes. One whose name the program chose
    has to go first.
    """
    arguments = {
        "internal": True,
        "loadBalancerType": "application",
        "subnets": ["subnet-1", "subnet-2"],
    }
    old = engine.create(BALANCER, arguments)
    kept = engine.check(BALANCER, arguments, old.inputs)
    assert kept["name"] == old.inputs["name"]
    found = engine.diff(old, kept | {"internal": False})
    assert (list(found.replaces), found.deleteBeforeReplace) == (["internal"], False)
    assert found.detailedDiff["internal"].kind == messages.PropertyDiff.UPDATE_REPLACE
    new = engine.check(BALANCER, {**arguments, "internal": False})
    assert new["name"] != old.inputs["name"]
    named = engine.create(BALANCER, {**arguments, "name": "mine"}, name="named")
    assert engine.diff(named, named.inputs | {"internal": False}).deleteBeforeReplace
    assert (
        list(engine.diff(named, named.inputs | {"internal": False}, ignore=("internal",)).diffs)
        == []
    )


def test_added_and_removed_properties_are_told_apart(engine: Engine) -> None:
    """The engine shows them with a plus and a minus."""
    group = engine.create(LOG_GROUP, {"name": "sessions", "tags": {"a": "b"}})
    news = {name: value for name, value in group.inputs.items() if name != "tags"} | {
        "kmsKeyId": "arn:aws:kms:eu-central-1:1:key/k"
    }
    kinds = {name: each.kind for name, each in engine.diff(group, news).detailedDiff.items()}
    assert kinds["tags"] == messages.PropertyDiff.DELETE
    assert kinds["kmsKeyId"] == messages.PropertyDiff.ADD


def test_bad_inputs_are_named(engine: Engine) -> None:
    """What is missing, and what AWS would refuse."""
    with pytest.raises(Refused) as missing:
        engine.check("aws:efs/mountTarget:MountTarget", {"subnetId": "subnet-00000001"})
    assert missing.value.failures == [
        ("fileSystemId", "the required property 'fileSystemId' is missing")
    ]
    with pytest.raises(Refused) as refused:
        engine.check(LOG_GROUP, {"name": "no spaces allowed"})
    assert refused.value.failures[0][0] == "name"


def test_drift_and_a_resource_deleted_elsewhere_are_seen(engine: Engine) -> None:
    """The file of the pretend cloud was edited, as somebody edits in the console."""
    group = engine.create(LOG_GROUP, {"name": "sessions", "retentionInDays": 7})
    content = cloud(engine)
    (key,) = content
    content[key]["properties"]["retentionInDays"] = 1
    engine.store._file.write_text(json.dumps(content))
    answer = engine.read(group)
    assert from_struct(answer.properties)["retentionInDays"] == 1
    assert from_struct(answer.inputs)["retentionInDays"] == 1
    engine.store._file.write_text("{}")
    assert engine.read(group).id == ""


def test_a_resource_that_was_never_ours_can_be_read(engine: Engine) -> None:
    """`get` of an existing one: the engine knows an id and nothing else."""
    request = messages.ReadRequest(id="sessions", urn=urn(LOG_GROUP))
    answer = engine.provider("aws").Read(request)
    assert answer.id == "sessions"
    assert from_struct(answer.properties)["arn"]


def test_secrets_are_not_in_the_cloud_s_file_and_are_not_drift(engine: Engine) -> None:
    """The file holds marks; a new value behind the engine's back takes the label of the current
    one.
    """
    secret = engine.create(SECRET, {"name": "keys"})
    version = engine.create(
        VERSION, {"secretId": secret.outputs["arn"], "secretString": Secret("hidden")}
    )
    assert "hidden" not in engine.store._file.read_text()
    assert from_struct(engine.read(version).properties)["secretString"] == Secret("hidden")
    engine.store.put_secret_value(secret.outputs["arn"], "another")
    stages = {
        each["id"]: each["properties"].get("versionStages")
        for each in cloud(engine).values()
        if each["type"] == VERSION
    }
    assert stages[version.id] == ["AWSPREVIOUS"]
    assert stages[f"{secret.outputs['arn']}|another"] == ["AWSCURRENT"]
    engine.delete(secret)
    assert len(engine.store) == 0, "its versions go with it"


def test_revisions_of_a_task_definition_count_up(engine: Engine) -> None:
    """A replacement is the next revision, also when the provider has started again since."""
    arguments = {"family": "edit", "containerDefinitions": "[]"}
    first = engine.create(TASK, arguments)
    engine.diff(first, first.inputs)
    second = engine.create(TASK, arguments | {"cpu": "512"})
    assert (first.outputs["revision"], second.outputs["revision"]) == (1, 2)
    assert second.outputs["arn"].endswith(":2")


def test_a_repository_keeps_its_images(engine: Engine) -> None:
    """A pushed tag cannot be overwritten, and a repository with images is not deleted without
    force.
    """
    repository = engine.create(REPOSITORY, {"name": "edit", "imageTagMutability": "IMMUTABLE"})
    name = f"{repository.outputs['repositoryUrl']}:one"
    image = engine.create(IMAGE, {"imageName": name, "build": {"context": ".", "args": {"a": "1"}}})
    assert image.outputs["repoDigest"].startswith(f"{repository.outputs['repositoryUrl']}@sha256:")
    with refusal(grpc.StatusCode.FAILED_PRECONDITION):
        engine.create(
            IMAGE, {"imageName": name, "build": {"context": ".", "args": {"a": "2"}}}, name="second"
        )
    with refusal(grpc.StatusCode.FAILED_PRECONDITION):
        engine.delete(repository)
    engine.create(
        IMAGE, {"imageName": "elsewhere.example.com/edit:one", "skipPush": False}, name="third"
    )


def test_a_resource_that_is_kept_on_destroy_stays(engine: Engine) -> None:
    """`skipDestroy` leaves a task definition's revision registered."""
    task = engine.create(
        TASK, {"family": "edit", "containerDefinitions": "[]", "skipDestroy": True}
    )
    engine.delete(task)
    assert len(engine.store) == 1


def test_a_protected_load_balancer_and_an_update_that_aws_refuses(engine: Engine) -> None:
    arguments = {
        "loadBalancerType": "application",
        "subnets": ["subnet-1", "subnet-2"],
        "enableDeletionProtection": True,
    }
    balancer = engine.create(BALANCER, arguments)
    with refusal(grpc.StatusCode.FAILED_PRECONDITION):
        engine.delete(balancer)


def test_data_sources_answer_and_unknown_ones_say_so(engine: Engine) -> None:
    provider = engine.provider("aws")
    answer = provider.Invoke(
        messages.InvokeRequest(
            tok="aws:index/getCallerIdentity:getCallerIdentity", args=struct_pb2.Struct()
        )
    )
    assert from_struct(getattr(answer, "return"))["accountId"]
    with refusal(grpc.StatusCode.UNIMPLEMENTED):
        provider.Invoke(
            messages.InvokeRequest(tok="aws:ec2/getAmi:getAmi", args=struct_pb2.Struct())
        )


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """The engine's side of a remote component: keeps what was registered, and answers
    with an id.
    """

    def __init__(self) -> None:
        self.registered: list[Any] = []
        self.outputs: Json = {}

    def RegisterResource(self, request: Any, _context: object) -> Any:
        self.registered.append(request)
        at = f"urn:pulumi:dev::astro-live::{request.type}::{request.name}"
        return resource_pb2.RegisterResourceResponse(
            urn=at, id=f"id-{request.name}" if request.custom else "", object=request.object
        )

    def RegisterResourceOutputs(self, request: Any, _context: object) -> Any:
        self.outputs = from_struct(request.outputs)
        return empty_pb2.Empty()


def test_a_vpc_declares_its_children_through_the_engine(engine: Engine) -> None:
    """`awsx:ec2:Vpc` is a remote component; its provider registers subnets, routes and gateways."""
    monitor = Monitor()
    server = grpc.server(futures.ThreadPoolExecutor(4))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        request = messages.ConstructRequest(
            type="awsx:ec2:Vpc",
            name="net",
            monitorEndpoint=f"127.0.0.1:{port}",
            inputs=to_struct(
                {
                    "cidrBlock": "10.0.0.0/16",
                    "numberOfAvailabilityZones": 2,
                    "natGateways": {"strategy": "Single"},
                }
            ),
            providers={"aws": "urn:pulumi:dev::astro-live::pulumi:providers:aws::chosen::id"},
        )
        answer = engine.provider("awsx").Construct(request)
    finally:
        server.stop(grace=1).wait()
    component, *children = monitor.registered
    assert (component.type, component.custom) == ("awsx:ec2:Vpc", False)
    assert sum(each.type == "aws:ec2/subnet:Subnet" for each in children) == 4
    assert sum(each.type == "aws:ec2/natGateway:NatGateway" for each in children) == 1
    assert {each.provider for each in children} == {
        "urn:pulumi:dev::astro-live::pulumi:providers:aws::chosen::id"
    }
    assert all(each.parent for each in children)
    assert answer.urn.endswith("::net")
    assert len(monitor.outputs["privateSubnetIds"]) == 2
    assert len(answer.stateDependencies["privateSubnetIds"].urns) == 2


@pytest.mark.parametrize("package", ["aws", "awsx"])
def test_another_component_is_refused(engine: Engine, package: str) -> None:
    with pytest.raises(grpc.RpcError, match="has no component"):
        engine.provider(package).Construct(
            messages.ConstructRequest(type="awsx:ecs:FargateService", name="x")
        )
