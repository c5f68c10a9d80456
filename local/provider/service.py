"""One provider's gRPC service. It holds the semantics of `aws` and `docker`; `awsx` adds
`Construct` (see `construct`).
"""

# ruff: noqa: ARG002 - every method has the signature that the protocol gives it
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from local.model import Cloud, Kind, conflicts, invoke, kind_of, registry
from local.model.functions import UnknownFunction
from local.provider.history import History
from local.provider.schema import schema
from local.provider.store import Store
from local.values import Properties, from_struct, redact, reveal, to_struct

Construct = Callable[[Any, Cloud], Any]


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine for one package."""

    def __init__(
        self,
        package: str,
        version: str,
        store: Store,
        root: Path,
        construct: Construct | None = None,
    ) -> None:
        """`root` is the program's directory, from which a provider reads relative paths."""
        self.package, self._version, self._store, self._construct = (
            package,
            version,
            store,
            construct,
        )
        self._cloud = Cloud(root=root)
        self._history = History(self._cloud)

    # The provider itself

    def Handshake(self, request: Any, context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=True, accept_outputs=False
        )

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=self._version)

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:
        region = reveal(from_struct(request.args)).get("region") or request.variables.get(
            "aws:config:region"
        )
        if isinstance(region, str):
            self._cloud = replace(self._cloud, region=region)
            self._history = History(self._cloud)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=True, acceptOutputs=False
        )

    def GetSchema(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetSchemaResponse(schema=schema(self.package, self._version))

    def GetMapping(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetMappingResponse()

    def Invoke(self, request: Any, context: Any) -> Any:
        try:
            answer = invoke(self._cloud, request.tok, reveal(from_struct(request.args)))
        except UnknownFunction as error:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, str(error))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(answer))
        return response

    # Resources

    def Check(self, request: Any, context: Any) -> Any:
        kind, news, olds = _kind(request.urn), from_struct(request.news), from_struct(request.olds)
        failures = [
            provider_pb2.CheckFailure(
                property=name, reason=f"the required property {name!r} is missing"
            )
            for name in kind.missing(news)
        ]
        checked = news if failures else self._history.check(kind, request.urn, news, olds or None)
        failures += [
            provider_pb2.CheckFailure(property=found.path, reason=found.reason)
            for found in kind.refused(checked)
        ]
        return provider_pb2.CheckResponse(inputs=to_struct(checked), failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:
        kind, old, new = (
            _kind(request.urn),
            from_struct(request.old_inputs),
            from_struct(request.news),
        )
        self._history.saw(request.urn, request.id, reveal(from_struct(request.olds)))
        changed, replacing = kind.changes(old, new)
        if refused := conflicts.on_update(kind.type, reveal(old), reveal(new)):
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, refused)
        changed = [name for name in changed if name not in request.ignoreChanges]
        replacing = [name for name in replacing if name in changed]
        response = provider_pb2.DiffResponse(
            changes=(
                provider_pb2.DiffResponse.DIFF_SOME
                if changed
                else provider_pb2.DiffResponse.DIFF_NONE
            ),
            diffs=changed,
            replaces=replacing,
            hasDetailedDiff=True,
            # A name that the program chose is taken until the old resource is gone.
            deleteBeforeReplace=bool(replacing) and _keeps_own_name(kind, request.urn, old, new),
        )
        for name in changed:
            response.detailedDiff[name].kind = _difference(name, old, new, name in replacing)
            response.detailedDiff[name].inputDiff = True
        return response

    def Create(self, request: Any, context: Any) -> Any:
        kind, inputs = _kind(request.urn), from_struct(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(id="", properties=to_struct(kind.preview(inputs)))
        if taken := self._taken(kind, inputs) or self._conflict(kind, None, inputs):
            context.abort(grpc.StatusCode.ALREADY_EXISTS, taken)
        identifier, outputs = self._history.create(kind, request.urn, inputs)
        self._push(kind, outputs, context)
        self._write_logs(kind, outputs)
        self._store.put(kind.type, identifier, request.urn, outputs)
        return provider_pb2.CreateResponse(id=identifier, properties=to_struct(outputs))

    def Update(self, request: Any, context: Any) -> Any:
        kind, inputs, olds = (
            _kind(request.urn),
            from_struct(request.news),
            from_struct(request.olds),
        )
        outputs = kind.update(self._cloud, request.urn, olds, inputs, preview=request.preview)
        if not request.preview:
            if conflict := self._conflict(kind, request.id, inputs):
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, conflict)
            self._push(kind, outputs, context)
            self._write_logs(kind, outputs)
            self._store.put(kind.type, request.id, request.urn, outputs)
        return provider_pb2.UpdateResponse(properties=to_struct(outputs))

    def Delete(self, request: Any, context: Any) -> Any:
        properties = from_struct(request.properties)
        if not properties.get(
            "skipDestroy"
        ):  # such a resource is left to itself, as the real provider does
            kind = _kind(request.urn)
            entry = next(
                (each for each in self._store.of_type(kind.type) if each.id == request.id), None
            )
            if entry and (refused := conflicts.on_delete(entry, self._store)):
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, refused)
            self._store.remove(kind.type, request.id, properties)
        return empty_pb2.Empty()

    def Read(self, request: Any, context: Any) -> Any:
        """What exists now: drift shows as properties that differ, a resource deleted elsewhere as
        an empty id.
        """
        kind, properties, inputs = (
            _kind(request.urn),
            from_struct(request.properties),
            from_struct(request.inputs),
        )
        found = self._store.get(kind.type, request.id, properties)
        if found is None:
            if properties:
                return provider_pb2.ReadResponse(id="")
            _, properties = kind.create(
                self._cloud, request.urn, {}
            )  # `get`: a resource that was never ours
            return provider_pb2.ReadResponse(
                id=request.id, properties=to_struct(properties), inputs=struct_pb2.Struct()
            )
        # Secrets are marks in the store: what it has not seen change is as the engine has it.
        current = {
            name: properties[name] if redact(properties.get(name)) == value else value
            for name, value in found.items()
        }
        inputs = {name: current.get(name, value) for name, value in inputs.items()}
        return provider_pb2.ReadResponse(
            id=request.id, properties=to_struct(current), inputs=to_struct(inputs)
        )

    def Construct(self, request: Any, context: Any) -> Any:
        if self._construct is None:
            context.abort(
                grpc.StatusCode.UNIMPLEMENTED,
                f"the offline provider {self.package} has no component {request.type}",
            )
            return None
        return self._construct(request, self._cloud)

    def _conflict(self, kind: Kind, identifier: str | None, inputs: Properties) -> str | None:
        """Why AWS refuses the resource because of what else exists."""
        put = conflicts.Put(
            id=identifier, properties=reveal(inputs), existing=self._store, cloud=self._cloud
        )
        return conflicts.on_put(kind.type, put)

    def _push(self, kind: Kind, outputs: Properties, context: Any) -> None:
        """A built image goes to its repository, which may refuse the tag."""
        if kind.type != registry.IMAGE or outputs.get("skipPush") is True:
            return
        if found := registry.repository_of(outputs["imageName"], self._store):
            repository, tag = found
            digest = outputs["repoDigest"].rpartition("@")[2]
            if refused := registry.refused(repository, tag, digest):
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, refused)
            self._store.push(repository, tag, digest)

    def _write_logs(self, kind: Kind, outputs: Properties) -> None:
        """Load balancing writes a test object as soon as access logs are turned on: from then on
        the bucket is not empty
        (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html).
        """
        logs = reveal(outputs.get("accessLogs")) or {}
        if kind.type == conflicts.BALANCER and logs.get("enabled") is True:
            for bucket in self._store.of_type(conflicts.BUCKET):
                if bucket.properties.get("bucket") == logs.get("bucket"):
                    self._store.push(
                        bucket, f"AWSLogs/{self._cloud.account}/ELBAccessLogTestFile", ""
                    )

    def _taken(self, kind: Kind, inputs: Properties) -> str:
        """AWS refuses a second resource of the same name; security groups only within their VPC."""
        if not kind.name or (name := inputs.get(kind.name)) is None:
            return ""
        others = self._store.named(kind.type, kind.name, reveal(name))
        if kind.type == "aws:ec2/securityGroup:SecurityGroup":
            others = [
                other for other in others if other["properties"].get("vpcId") == inputs.get("vpcId")
            ]
        return (
            f"a {kind.type} with the {kind.name} {reveal(name)!r} exists: {others[0]['id']}"
            if others
            else ""
        )


def _kind(urn: str) -> Kind:
    return kind_of(urn.split("::")[2].rsplit("$", 1)[-1])


def _keeps_own_name(kind: Kind, urn: str, old: Properties, new: Properties) -> bool:
    name = new.get(kind.name) if kind.name else None
    if not isinstance(name, str) or old.get(kind.name) != name:
        return False
    logical = urn.rsplit("::", 1)[-1][: kind.name_limit - 8]
    return re.fullmatch(re.escape(logical) + "-[0-9a-f]{7}", name) is None


def _difference(name: str, old: Properties, new: Properties, replaces: bool) -> Any:
    kinds = provider_pb2.PropertyDiff
    if name not in old:
        return kinds.ADD_REPLACE if replaces else kinds.ADD
    if name not in new:
        return kinds.DELETE_REPLACE if replaces else kinds.DELETE
    return kinds.UPDATE_REPLACE if replaces else kinds.UPDATE
