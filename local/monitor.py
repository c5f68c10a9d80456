"""The engine's side of a program that runs in this process: a resource monitor answered by the
resource model.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

from local.errors import LocalError
from local.model import Cloud, Kind, conflicts, invoke, kind_of, vpc
from local.mutation import Mutation
from local.values import Properties, from_struct, reveal, to_struct

STACK = "pulumi:pulumi:Stack"


class DeploymentError(LocalError):
    """The program asked for something that the engine or a provider would refuse."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A registered resource. Property names are Pulumi's camelCase."""

    urn: str
    type: str
    name: str
    parent: str | None
    custom: bool
    inputs: Properties
    outputs: Properties = field(default_factory=dict)
    id: str | None = None
    dependencies: tuple[str, ...] = ()
    property_dependencies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    provider: str | None = None
    ignore_changes: tuple[str, ...] = ()
    protect: bool = False


class _NoMocks(Mocks):
    """The base class wants mocks; every answer comes from `Monitor` itself."""

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise NotImplementedError(args.token)

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        raise NotImplementedError(args.typ)


class Monitor(MockMonitor):
    """Registers what the program declares, in the order in which it is declared. Called from
    several threads at once.
    """

    def __init__(
        self, *, project: str, stack: str, cloud: Cloud, mutations: Sequence[Mutation] = ()
    ) -> None:
        super().__init__(_NoMocks())
        self.declared: dict[str, Resource] = {}
        self.stack_outputs: Properties = {}
        self._project, self._stack, self._cloud = project, stack, cloud
        self._mutations = tuple(mutations)
        self.mutated: set[Mutation] = set()
        self._output_sources: dict[str, dict[str, list[str]]] = {}
        self._lock = threading.RLock()
        self._callbacks: list[callback_pb2.Callback] = []
        self._callbacks_of: dict[str, Sequence[callback_pb2.Callback]] = {}

    # What the program calls

    def RegisterResource(self, request: Any) -> Any:
        if request.type != STACK:
            request = self._transformed(request)
        with self._lock:
            urn = self._urn(request.parent, request.type, request.name)
            self._callbacks_of[urn] = list(request.transforms)
            inputs = from_struct(request.object)
            declare = self._declare_vpc if request.type == vpc.TYPE else self._declare
            declared = declare(urn, request, inputs)
        response = resource_pb2.RegisterResourceResponse(
            urn=urn, id=declared.id or "", object=to_struct(declared.outputs)
        )
        for name, urns in self._output_sources.get(urn, {}).items():
            response.propertyDependencies[name].urns.extend(urns)
        return response

    def ReadResource(self, request: Any) -> Any:
        with self._lock:
            urn = self._urn(request.parent, request.type, request.name)
            inputs = from_struct(request.properties)
            _, outputs = kind_of(request.type).create(self._cloud, urn, inputs)
            self.declared[urn] = Resource(
                urn=urn,
                type=request.type,
                name=request.name,
                parent=request.parent or None,
                custom=True,
                inputs=inputs,
                outputs=outputs,
                id=request.id,
            )
        return resource_pb2.ReadResourceResponse(urn=urn, properties=to_struct(outputs))

    def Invoke(self, request: Any) -> Any:
        arguments = from_struct(request.args)
        if request.tok == "pulumi:pulumi:getResource":
            found = self.declared.get(arguments["urn"])
            if found is None:
                raise DeploymentError(f"getResource: the stack has no resource {arguments['urn']}")
            answer: Properties = {"urn": found.urn, "id": found.id, "state": found.outputs}
        else:
            answer = invoke(self._cloud, request.tok, reveal(arguments))
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(answer))
        return response

    def RegisterResourceOutputs(self, request: Any) -> empty_pb2.Empty:
        with self._lock:
            outputs = from_struct(request.outputs)
            resource = self.declared[request.urn]
            resource.outputs.update(outputs)
            if resource.type == STACK:
                self.stack_outputs.update(outputs)
        return empty_pb2.Empty()

    def RegisterStackTransform(self, request: Any) -> empty_pb2.Empty:
        self._callbacks.append(request)
        return empty_pb2.Empty()

    # How it is answered

    def _urn(self, parent: str, token: str, name: str) -> str:
        parents = "" if not parent else parent.split("::")[2]
        chain = f"{parents}${token}" if parents and parents != STACK else token
        return f"urn:pulumi:{self._stack}::{self._project}::{chain}::{name}"

    def _declare(self, urn: str, request: Any, inputs: Properties) -> Resource:
        identifier: str | None = None
        for mutation in self._mutations:
            if mutation.applies(request.type, request.name):
                mutation.apply(inputs)
                self.mutated.add(mutation)
        outputs = dict(inputs)
        if request.custom:
            kind = kind_of(request.type)
            if missing := kind.missing(inputs):
                raise DeploymentError(
                    f"{request.type} {request.name!r} misses the required {', '.join(missing)}"
                )
            inputs = kind.check(urn, inputs, root=self._cloud.root)
            self._refuse(request, kind, inputs)
            identifier, outputs = kind.create(self._cloud, urn, inputs)
        return self._record(urn, request, inputs, outputs, identifier)

    def _refuse(self, request: Any, kind: Kind, inputs: Properties) -> None:
        """Stop where AWS would, for a value or for what the program has declared before. What a
        mutation breaks is the policies' to say.
        """
        if any(mutation.applies(request.type, request.name) for mutation in self._mutations):
            return
        put = conflicts.Put(id=None, properties=reveal(inputs), existing=self, cloud=self._cloud)
        found = "; ".join(map(str, kind.refused(inputs))) or conflicts.on_put(kind.type, put)
        if found:
            raise DeploymentError(f"AWS refuses {request.type} {request.name!r}: {found}")

    def of_type(self, *types: str) -> list[conflicts.Entry]:
        """What has been declared of some types, as `conflicts.Existing`."""
        return [
            conflicts.Entry(
                type=each.type, id=each.id or "", properties=reveal(each.outputs), images={}
            )
            for each in self.declared.values()
            if each.type in types
        ]

    def _declare_vpc(self, urn: str, request: Any, inputs: Properties) -> Resource:
        component = self._record(urn, request, inputs, {}, None)

        def register(
            token: str,
            name: str,
            properties: Properties,
            parent: str,
            sources: Mapping[str, vpc.Registered],
        ) -> vpc.Registered:
            child = resource_pb2.RegisterResourceRequest(
                type=token,
                name=name,
                parent=parent,
                custom=True,
                object=to_struct(properties),
                dependencies=sorted({parent, *(source.urn for source in sources.values())}),
            )
            for key, source in sources.items():
                child.propertyDependencies[key].urns.append(source.urn)
            answer = self.RegisterResource(child)
            return vpc.Registered(answer.urn, answer.id, from_struct(answer.object))

        expansion = vpc.expand(self._cloud, urn, request.name, reveal(inputs), register)
        component.outputs.update(expansion.outputs)
        self._output_sources[urn] = expansion.dependencies
        return component

    def _record(
        self,
        urn: str,
        request: Any,
        inputs: Properties,
        outputs: Properties,
        identifier: str | None,
    ) -> Resource:
        if urn in self.declared:
            raise DeploymentError(
                f"two resources have the URN {urn}; give one of them another name"
            )
        resource = Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent or None,
            custom=request.custom,
            inputs=inputs,
            outputs=outputs,
            id=identifier,
            dependencies=tuple(request.dependencies),
            property_dependencies={
                name: tuple(found.urns) for name, found in request.propertyDependencies.items()
            },
            provider=request.provider or None,
            ignore_changes=tuple(request.ignoreChanges),
            protect=request.protect,
        )
        self.declared[urn] = resource
        return resource

    def _transformed(self, request: Any) -> Any:
        """`request` after the program's `transforms`: the resource's own, its parents' from the
        nearest up, then the stack's.
        """
        callbacks = list(request.transforms)
        parent: str | None = request.parent
        while parent:
            callbacks += self._callbacks_of.get(parent, ())
            resource = self.declared.get(parent)
            parent = resource.parent if resource else None
        for callback in [*callbacks, *self._callbacks]:
            request.object.CopyFrom(self._transform(callback, request))
        return request

    @staticmethod
    def _transform(callback: callback_pb2.Callback, request: Any) -> Any:
        question = resource_pb2.TransformRequest(
            type=request.type,
            name=request.name,
            custom=request.custom,
            parent=request.parent,
            properties=request.object,
            options=resource_pb2.TransformResourceOptions(),
        )
        with grpc.insecure_channel(callback.target) as channel:
            answer = callback_pb2_grpc.CallbacksStub(channel).Invoke(
                callback_pb2.CallbackInvokeRequest(
                    token=callback.token, request=question.SerializeToString()
                )
            )
        return resource_pb2.TransformResponse.FromString(answer.response).properties
