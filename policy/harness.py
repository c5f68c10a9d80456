"""Send resources through a policy pack the way Pulumi's engine does, without the engine.

    with Analyzer("policy", config) as analyzer:
        for diagnostic in analyzer.analyze(Resource(urn=..., type=..., name=...,
        properties={"idleTimeout": 60})):
            print(diagnostic.level, diagnostic.policy, diagnostic.message)

The pack runs as its own process and speaks gRPC, so what is tested is what is enforced: numbers
arrive as floats, values unknown at preview as the engine's sentinels (write `UNKNOWN`), secrets in
the engine's wrapper (write `Secret(value)`), properties behind the SDK's proxies, and settings
after the schema's defaults and validation.

Engine semantics to keep in mind: `analyze` sees a resource's *inputs* and can stop its update;
`analyze_stack` sees the *outputs* of all resources after they were processed, so it blocks at
preview only.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as messages
from pulumi.runtime.proto import analyzer_pb2_grpc as services

from .config_schema import PolicyConfig, PolicyConfigError, PolicyInfo, reconcile, validate
from .model import UNKNOWN, Diagnostic, PackInfo, Remediation, Resource, Secret
from .rules.core.encoding import from_struct, to_struct
from .rules.core.protocol import LEVELS, MESSAGE_OPTIONS
from .wire import analyze_request, diagnostic, pack_info, stack_resource

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

_START_SECONDS: Final = 60.0
_CALL_SECONDS: Final = 120.0
_STOP_SECONDS: Final = 5.0
_CALLS_AT_ONCE: Final = 32
"""gRPC cancels calls when thousands wait on one connection."""


class AnalyzerError(RuntimeError):
    """The policy pack did not start, or a call failed. The message carries what the
    pack printed.
    """


class Analyzer:
    """A running policy pack. Starts when the context is entered, in the background; the first call
    waits for it.
    """

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
        """`config` has the format of `pulumi preview --policy-pack-config`. `project`, `stack` and
        `tags` are what the pack is told.
        """
        self._pack_dir = Path(pack_dir).resolve()
        self._config = config
        self._project, self._stack, self._tags, self._dry_run = (
            project,
            stack,
            dict(tags or {}),
            dry_run,
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes] | None = None
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
        self._stderr = tempfile.TemporaryFile()
        # The command of Pulumi's Python language host; the engine's address is not used by Python
        # packs.
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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
        if self._stderr is not None:
            self._stderr.close()
            self._stderr = None

    # Calls

    def info(self) -> PackInfo:
        """The pack's name and policies. Waits for the pack and configures it when that has not
        happened yet.
        """
        self._connect()
        assert self._info is not None
        return self._info

    def settings(self) -> Mapping[str, PolicyConfig]:
        """Enforcement level and settings in force, by policy."""
        self._connect()
        return self._settings

    def configure(self, config: Mapping[str, object] | None) -> None:
        """Put another configuration in force. The engine starts the pack again instead; tests save
        that second.
        """
        stub = self._connect()
        self._config = config
        self._configure(stub, self.info())

    def analyze(self, resource: Resource) -> list[Diagnostic]:
        """Diagnostics of the resource policies for one resource's inputs."""
        return self.analyze_all([resource])[0]

    def analyze_all(self, resources: Sequence[Resource]) -> list[list[Diagnostic]]:
        """`analyze` for many resources at once, in their order; a few calls overlap, as with the
        engine.
        """
        stub = self._connect()
        waiting: deque[tuple[Resource, Any]] = deque()
        results = []
        for resource in resources:
            if len(waiting) == _CALLS_AT_ONCE:
                results.append(self._analyzed(*waiting.popleft()))
            waiting.append(
                (resource, stub.Analyze.future(analyze_request(resource), timeout=_CALL_SECONDS))
            )
        return results + [self._analyzed(*each) for each in waiting]

    def _analyzed(self, resource: Resource, call: Any) -> list[Diagnostic]:
        response = self._result(call, f"Analyze {resource.urn}")
        # A resource policy always blames the resource it was given, whatever URN it reports.
        return [replace(diagnostic(each), urn=resource.urn) for each in response.diagnostics]

    def analyze_stack(self, resources: Sequence[Resource]) -> list[Diagnostic]:
        """Diagnostics of the stack policies for all resources' outputs."""
        stub = self._connect()
        request = messages.AnalyzeStackRequest(
            resources=[stack_resource(each) for each in resources]
        )
        response = self._result(
            stub.AnalyzeStack.future(request, timeout=_CALL_SECONDS), "AnalyzeStack"
        )
        return [diagnostic(each) for each in response.diagnostics]

    def remediate(self, resource: Resource) -> list[Remediation]:
        """Rewrites proposed by policies under the level `remediate`, in order; each one builds on
        the one before.
        """
        stub = self._connect()
        response = self._result(
            stub.Remediate.future(analyze_request(resource, internal=True), timeout=_CALL_SECONDS),
            f"Remediate {resource.urn}",
        )
        return [
            Remediation(
                policy=each.policyName,
                description=each.description,
                properties=None if each.diagnostic else from_struct(each.properties),
                diagnostic=each.diagnostic,
            )
            for each in response.remediations
        ]

    # Starting

    def _connect(self) -> services.AnalyzerStub:
        if self._stub is not None:
            return self._stub
        port = self._read_port()
        self._channel = grpc.insecure_channel(
            f"127.0.0.1:{port}", options=[*MESSAGE_OPTIONS, ("grpc.enable_http_proxy", 0)]
        )
        return self._greet(services.AnalyzerStub(self._channel))

    def _greet(self, stub: services.AnalyzerStub) -> services.AnalyzerStub:
        """Tell the pack about the stack and its configuration, as the engine does at first."""
        self._result(
            stub.ConfigureStack.future(
                messages.AnalyzerStackConfigureRequest(
                    stack=self._stack, project=self._project, dry_run=self._dry_run, tags=self._tags
                ),
                timeout=_START_SECONDS,
                wait_for_ready=True,
            ),
            "ConfigureStack",
        )
        answer = self._result(
            stub.GetAnalyzerInfo.future(empty_pb2.Empty(), timeout=_CALL_SECONDS), "GetAnalyzerInfo"
        )
        info = replace(pack_info(answer), version=self._version() or answer.version)
        self._configure(stub, info)
        self._info, self._stub = info, stub
        return stub

    def _configure(self, stub: services.AnalyzerStub, info: PackInfo) -> None:
        settings = reconcile(info.policies, self._config)
        request = messages.ConfigureAnalyzerRequest()
        for name, each in settings.items():
            request.policyConfig[name].enforcementLevel = LEVELS[each.level]  # type: ignore[assignment]
            request.policyConfig[name].properties.CopyFrom(to_struct(each.properties))
        try:
            stub.Configure(request, timeout=_CALL_SECONDS)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.INVALID_ARGUMENT:
                raise PolicyConfigError(error.details()) from error
            raise AnalyzerError(
                f"policy pack {self._pack_dir}: Configure failed:"
                f" {error.details()}\n{self._printed()}"
            ) from error
        validate(info.policies, settings)
        self._settings = settings

    def _version(self) -> str:
        """The version in PulumiPolicy.yaml, which the engine prefers over what the pack says."""
        manifest = self._pack_dir / "PulumiPolicy.yaml"
        text = manifest.read_text(encoding="utf-8") if manifest.is_file() else ""
        found = re.search(r"^version:\s*[\"']?([^\s\"'#]+)", text, re.MULTILINE)
        return found[1] if found else ""

    def _read_port(self) -> int:
        if self._process is None:
            raise AnalyzerError(
                "the analyzer is not running; use it as `with Analyzer(...) as analyzer:`"
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line.isdigit():
            code = self._process.wait(_STOP_SECONDS) if not line else self._process.poll()
            raise AnalyzerError(
                f"policy pack {self._pack_dir} did not start: exit code {code}, first line"
                f" {line!r}\n{self._printed()}"
            )
        return int(line)

    def _result(self, call: Any, what: str) -> Any:
        try:
            return call.result()
        except grpc.RpcError as error:
            raise AnalyzerError(
                f"policy pack {self._pack_dir}: {what} failed: {error.details()}\n{self._printed()}"
            ) from error

    def _printed(self) -> str:
        if self._stderr is None:
            return ""
        self._stderr.seek(0)
        return self._stderr.read().decode(errors="replace")[-8000:]
