"""Send resources through a policy pack the way Pulumi's engine does, without the engine.

    with Analyzer("policy", config) as analyzer:
        for diagnostic in analyzer.analyze(Resource(urn=..., type=..., name=..., properties={"idleTimeout": 60})):
            print(diagnostic.level, diagnostic.policy, diagnostic.message)

The pack runs as a process of its own and speaks gRPC, so what is tested is what is enforced: numbers arrive as floats, values unknown at
preview as the engine's sentinels (write `UNKNOWN`), secrets in the engine's wrapper (write `Secret(value)`), properties behind the
SDK's proxies, and settings after the schema's defaults and validation.

Engine semantics to keep in mind: `analyze` sees a resource's *inputs* and can stop its update; `analyze_stack` sees the *outputs* of all
resources after they were processed, so it blocks at preview only.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as messages
from pulumi.runtime.proto import analyzer_pb2_grpc as services

from .config_schema import PolicyConfig, PolicyConfigError, PolicyInfo, reconcile

__all__ = [
    "UNKNOWN",
    "Analyzer",
    "AnalyzerError",
    "Diagnostic",
    "PackInfo",
    "PolicyConfigError",
    "PolicyInfo",
    "Remediation",
    "Resource",
    "Secret",
]

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (a marker, not a secret)
_ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
_UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Pulumi's signatures of special values: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go"""

_LEVELS: Final = {0: "advisory", 1: "mandatory", 2: "disabled", 3: "remediate"}
_LEVEL_NUMBERS: Final = {name: number for number, name in _LEVELS.items()}
_SEVERITIES: Final = {0: "", 1: "low", 2: "medium", 3: "high", 4: "critical"}
_KINDS: Final = {0: "", 1: "resource", 2: "stack"}
_START_SECONDS: Final = 60.0
_CALL_SECONDS: Final = 120.0
_STOP_SECONDS: Final = 5.0
_MESSAGE_BYTES: Final = 400 * 1024 * 1024


class Marker(Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = Marker.UNKNOWN
"""A value that is not known before the update. The engine sends untyped outputs as unknown text, whatever they will become."""


@dataclass(frozen=True)
class Secret:
    """A secret value. Analysis sees it without a mark, remediation keeps it wrapped: as with the engine."""

    value: object

    def __repr__(self) -> str:
        return "Secret(...)"


class AnalyzerError(RuntimeError):
    """The policy pack did not start, or a call failed. The message carries what the pack printed."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource to analyse. `properties` are inputs for `analyze` and `remediate`, outputs for `analyze_stack`."""

    urn: str
    type: str
    name: str
    properties: Mapping[str, object] = field(default_factory=dict)
    parent: str | None = None
    """URN of the parent."""

    dependencies: Sequence[str] = ()
    """URNs of every resource this one depends on."""

    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Property name to the URNs its value came from: how stack policies join resources whose ids are not known yet."""

    provider: Resource | None = None
    protect: bool = False
    ignore_changes: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """A violation, or a note that a policy could not be judged."""

    policy: str
    pack: str
    level: str
    """`mandatory` stops, `advisory` warns."""

    message: str
    description: str
    urn: str
    """Empty blames the stack as a whole."""

    severity: str = ""


@dataclass(frozen=True, kw_only=True)
class Remediation:
    """A rewrite that a policy under the level `remediate` proposes."""

    policy: str
    description: str
    properties: Mapping[str, object] | None
    """The new inputs, secrets as `Secret` and unknowns as `UNKNOWN`; `None` when `diagnostic` says why there are none."""

    diagnostic: str = ""


@dataclass(frozen=True, kw_only=True)
class PackInfo:
    """A policy pack's description of itself."""

    name: str
    version: str
    policies: tuple[PolicyInfo, ...]

    def policy(self, name: str) -> PolicyInfo:
        return next(policy for policy in self.policies if policy.name == name)


class Analyzer:
    """A running policy pack. Starts when the context is entered, in the background; the first call waits for it."""

    def __init__(
        self,
        pack_dir: str | Path,
        config: Mapping[str, object] | None = None,
        *,
        project: str = "project",
        stack: str = "stack",
        tags: Mapping[str, str] | None = None,
        dry_run: bool = True,
    ) -> None:
        """`config` has the format of `pulumi preview --policy-pack-config`. `project`, `stack` and `tags` are what the pack is told."""
        self._pack_dir = Path(pack_dir).resolve()
        self._config = config
        self._project, self._stack, self._tags, self._dry_run = project, stack, dict(tags or {}), dry_run
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the analyzer)
        self._channel: grpc.Channel | None = None
        self._stub: services.AnalyzerStub | None = None
        self._info: PackInfo | None = None
        self._settings: dict[str, PolicyConfig] = {}

    def __enter__(self) -> Analyzer:
        environment = {
            **os.environ,
            "PULUMI_PROJECT": self._project,
            "PULUMI_STACK": self._stack,
            "PULUMI_DRY_RUN": "true" if self._dry_run else "false",
        }
        # The command of Pulumi's Python language host; the engine's address is not used by Python packs.
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:0", str(self._pack_dir)],
            cwd=self._pack_dir,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            start_new_session=True,  # Ctrl-C in a terminal is for us; we end the pack
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the pack's process. May be called twice."""
        if self._channel is not None:
            self._channel.close()
            self._channel = self._stub = None
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            assert process.stdout is not None
            process.stdout.close()
        self._stderr.close()

    # Calls

    def info(self) -> PackInfo:
        """The pack's name and policies. Waits for the pack and configures it when that has not happened yet."""
        self._connect()
        assert self._info is not None
        return self._info

    def settings(self) -> Mapping[str, PolicyConfig]:
        """Enforcement level and settings in force, by policy."""
        self._connect()
        return self._settings

    def analyze(self, resource: Resource) -> list[Diagnostic]:
        """Diagnostics of the resource policies for one resource's inputs."""
        return self.analyze_all([resource])[0]

    def analyze_all(self, resources: Sequence[Resource]) -> list[list[Diagnostic]]:
        """`analyze` for many resources at once, in their order; calls overlap."""
        stub = self._connect()
        calls = [stub.Analyze.future(_analyze_request(each), timeout=_CALL_SECONDS) for each in resources]
        results = []
        for resource, call in zip(resources, calls, strict=True):
            response = self._result(call, f"Analyze {resource.urn}")
            # A resource policy always blames the resource it was given, whatever URN it reports.
            results.append([replace(_diagnostic(each), urn=resource.urn) for each in response.diagnostics])
        return results

    def analyze_stack(self, resources: Sequence[Resource]) -> list[Diagnostic]:
        """Diagnostics of the stack policies for all resources' outputs."""
        stub = self._connect()
        request = messages.AnalyzeStackRequest(resources=[_stack_resource(each) for each in resources])
        response = self._result(stub.AnalyzeStack.future(request, timeout=_CALL_SECONDS), "AnalyzeStack")
        return [_diagnostic(each) for each in response.diagnostics]

    def remediate(self, resource: Resource) -> list[Remediation]:
        """Rewrites proposed by policies under the level `remediate`, in order; each one builds on the one before."""
        stub = self._connect()
        response = self._result(stub.Remediate.future(_analyze_request(resource), timeout=_CALL_SECONDS), f"Remediate {resource.urn}")
        return [
            Remediation(
                policy=each.policyName,
                description=each.description,
                properties=None if each.diagnostic else _from_wire(json_format.MessageToDict(each.properties)),  # type: ignore[arg-type]
                diagnostic=each.diagnostic,
            )
            for each in response.remediations
        ]

    # Starting

    def _connect(self) -> services.AnalyzerStub:
        if self._stub is not None:
            return self._stub
        port = self._read_port()
        options = [("grpc.max_receive_message_length", _MESSAGE_BYTES), ("grpc.max_send_message_length", _MESSAGE_BYTES)]
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[*options, ("grpc.enable_http_proxy", 0)])
        stub = services.AnalyzerStub(self._channel)
        self._result(
            stub.ConfigureStack.future(
                messages.AnalyzerStackConfigureRequest(stack=self._stack, project=self._project, dry_run=self._dry_run, tags=self._tags),
                timeout=_START_SECONDS,
                wait_for_ready=True,
            ),
            "ConfigureStack",
        )
        answer = self._result(stub.GetAnalyzerInfo.future(empty_pb2.Empty(), timeout=_CALL_SECONDS), "GetAnalyzerInfo")
        info = _pack_info(answer)
        self._settings = reconcile(info.policies, self._config)
        request = messages.ConfigureAnalyzerRequest()
        for name, settings in self._settings.items():
            request.policyConfig[name].enforcementLevel = _LEVEL_NUMBERS[settings.level]  # type: ignore[assignment]
            request.policyConfig[name].properties.update(to_wire(settings.properties))
        self._result(stub.Configure.future(request, timeout=_CALL_SECONDS), "Configure")
        self._info, self._stub = info, stub
        return stub

    def _read_port(self) -> int:
        if self._process is None:
            raise AnalyzerError("the analyzer is not running; use it as `with Analyzer(...) as analyzer:`")
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line.isdigit():
            code = self._process.wait(_STOP_SECONDS) if not line else self._process.poll()
            raise AnalyzerError(f"policy pack {self._pack_dir} did not start: exit code {code}, first line {line!r}\n{self._printed()}")
        return int(line)

    def _result(self, call: Any, what: str) -> Any:
        try:
            return call.result()
        except grpc.RpcError as error:
            raise AnalyzerError(f"policy pack {self._pack_dir}: {what} failed: {error.details()}\n{self._printed()}") from error

    def _printed(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read().decode(errors="replace")[-8000:]


# Between our types and the engine's messages


def to_wire(value: object) -> Any:
    """A property in the form the engine sends: JSON with signatures for unknowns, secrets, assets and archives."""
    if value is UNKNOWN:
        return _UNKNOWN_STRING
    if isinstance(value, Secret):
        return {_SIGNATURE: _SECRET_SIGNATURE, "value": to_wire(value.value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): to_wire(each) for key, each in value.items()}
    if isinstance(value, Iterable):
        return [to_wire(each) for each in value]
    for attribute in ("path", "text", "uri", "assets"):
        if hasattr(value, attribute):
            signature = _ARCHIVE if "Archive" in type(value).__name__ else _ASSET
            return {_SIGNATURE: signature, attribute: to_wire(getattr(value, attribute))}
    raise TypeError(f"a property of type {type(value).__name__} cannot be sent to a policy pack; resolve outputs first, or use UNKNOWN")


def _from_wire(value: object) -> object:
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET_SIGNATURE:
            return Secret(_from_wire(value["value"]))
        return {key: _from_wire(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_from_wire(each) for each in value]
    return UNKNOWN if value == _UNKNOWN_STRING else value


def _struct(properties: Mapping[str, object]) -> struct_pb2.Struct:
    # As in the engine, keys that start with two underscores are internal at the top level (and only there).
    struct = struct_pb2.Struct()
    struct.update({key: to_wire(value) for key, value in properties.items() if not key.startswith("__")})
    return struct


def _options(resource: Resource) -> messages.AnalyzerResourceOptions:
    return messages.AnalyzerResourceOptions(
        protect=resource.protect,
        ignoreChanges=list(resource.ignore_changes),
        parent=resource.parent or "",
        customTimeouts=messages.AnalyzerResourceOptions.CustomTimeouts(),
    )


def _provider(resource: Resource) -> messages.AnalyzerProviderResource | None:
    provider = resource.provider
    if provider is None:
        return None
    return messages.AnalyzerProviderResource(
        urn=provider.urn, type=provider.type, name=provider.name, properties=_struct(provider.properties)
    )


def _analyze_request(resource: Resource) -> messages.AnalyzeRequest:
    return messages.AnalyzeRequest(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        properties=_struct(resource.properties),
        options=_options(resource),
        provider=_provider(resource),
    )


def _stack_resource(resource: Resource) -> messages.AnalyzerResource:
    dependencies = {
        name: messages.AnalyzerPropertyDependencies(urns=list(urns)) for name, urns in resource.property_dependencies.items() if urns
    }
    return messages.AnalyzerResource(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        properties=_struct(resource.properties),
        options=_options(resource),
        provider=_provider(resource),
        parent=resource.parent or "",
        dependencies=list(resource.dependencies),
        propertyDependencies=dependencies,
    )


def _diagnostic(message: messages.AnalyzeDiagnostic) -> Diagnostic:
    return Diagnostic(
        policy=message.policyName,
        pack=message.policyPackName,
        level=_LEVELS[message.enforcementLevel],
        message=message.message,
        description=message.description,
        urn=message.urn,
        severity=_SEVERITIES[message.severity],
    )


def _pack_info(message: messages.AnalyzerInfo) -> PackInfo:
    policies = [
        PolicyInfo(
            name=each.name,
            title=each.displayName,
            description=each.description,
            level=_LEVELS[each.enforcementLevel],
            kind=_KINDS[each.policy_type],
            severity=_SEVERITIES[each.severity],
            fix=each.remediation_steps,
            url=each.url,
            schema=json_format.MessageToDict(each.configSchema.properties),
            required=tuple(each.configSchema.required),
        )
        for each in message.policies
    ]
    return PackInfo(name=message.name, version=message.version, policies=tuple(policies))
