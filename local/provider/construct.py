"""Remote components of `awsx`: the provider declares their children through the engine's own
monitor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, resource_pb2, resource_pb2_grpc

from local.model import Cloud, vpc
from local.values import UNKNOWN, Properties, from_struct, reveal, to_struct

LARGEST_MESSAGE = 400 * 1024 * 1024


def construct(request: Any, cloud: Cloud, aws_version: str) -> Any:
    """Answer `Construct` for `awsx:ec2:Vpc`. Raises `ValueError` for any other component."""
    if request.type != vpc.TYPE:
        raise ValueError(
            f"the offline awsx provider has no component {request.type}; known is {vpc.TYPE}"
        )
    options = [
        ("grpc.max_receive_message_length", LARGEST_MESSAGE),
        ("grpc.max_send_message_length", LARGEST_MESSAGE),
        ("grpc.enable_http_proxy", 0),
    ]
    with grpc.insecure_channel(request.monitorEndpoint, options=options) as channel:
        monitor = resource_pb2_grpc.ResourceMonitorStub(channel)
        component = monitor.RegisterResource(_component(request))
        provider = request.providers.get("aws", "")

        def register(
            kind: str,
            name: str,
            inputs: Properties,
            parent: str,
            sources: Mapping[str, vpc.Registered],
        ) -> vpc.Registered:
            answer = monitor.RegisterResource(
                resource_pb2.RegisterResourceRequest(
                    type=kind,
                    name=name,
                    parent=parent,
                    custom=True,
                    object=to_struct(inputs),
                    provider=provider,
                    version="" if provider else aws_version,
                    acceptSecrets=True,
                    acceptResources=True,
                    supportsPartialValues=True,
                    dependencies=sorted({parent, *(source.urn for source in sources.values())}),
                    propertyDependencies={
                        name: resource_pb2.RegisterResourceRequest.PropertyDependencies(
                            urns=[source.urn]
                        )
                        for name, source in sources.items()
                    },
                )
            )
            return vpc.Registered(answer.urn, answer.id or UNKNOWN, from_struct(answer.object))

        inputs = reveal(from_struct(request.inputs))
        expansion = vpc.expand(cloud, component.urn, request.name, inputs, register)
        outputs = to_struct(expansion.outputs)
        monitor.RegisterResourceOutputs(
            resource_pb2.RegisterResourceOutputsRequest(urn=component.urn, outputs=outputs)
        )
    dependencies = {
        name: provider_pb2.ConstructResponse.PropertyDependencies(urns=list(urns))
        for name, urns in expansion.dependencies.items()
    }
    return provider_pb2.ConstructResponse(
        urn=component.urn, state=outputs, stateDependencies=dependencies
    )


def _component(request: Any) -> Any:
    return resource_pb2.RegisterResourceRequest(
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=False,
        object=request.inputs,
        dependencies=list(request.dependencies),
        providers=dict(request.providers),
        aliases=list(request.aliases),
        protect=request.protect,
        acceptSecrets=True,
        acceptResources=True,
    )
