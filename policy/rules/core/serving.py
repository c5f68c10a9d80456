"""The pack as a server of Pulumi's analyzer protocol (`pulumirpc.Analyzer`), which the engine, or a
test, speaks to.

Pulumi's policy SDK serves the same protocol, but decodes each resource once per policy, passes a
mistyped configuration in silence, and reports a value that is not known yet as a failure to run the
policy (docs/adr/0013-the-pack-serves-the-analyzer-protocol.md).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from concurrent import futures
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as messages
from pulumi.runtime.proto import analyzer_pb2_grpc as services
from pulumi.runtime.proto import plugin_pb2

from .config import ConfigError
from .encoding import from_struct, to_struct
from .frameworks import FSBP, FSBP_PAGE, FSBP_VERSION, controls
from .protocol import KINDS, LEVEL_NAMES, LEVELS, MESSAGE_OPTIONS, SEVERITIES
from .resource import Resource
from .rule import ResourceRule, Rule
from .run import InForce, Run, Verdict

_THREADS: Final = 4


@dataclass(frozen=True, kw_only=True)
class Pack:
    """What the pack is called, and its rules."""

    name: str
    version: str
    description: str
    rules: tuple[Rule, ...]


def serve(pack: Pack) -> NoReturn:
    """Serve the pack until the process is ended. The port goes out as the first line, which is what
    the engine waits for.
    """
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=_THREADS), options=MESSAGE_OPTIONS)
    services.add_AnalyzerServicer_to_server(Analyzer(pack), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    try:
        server.wait_for_termination()
    except KeyboardInterrupt:
        server.stop(0)
    sys.exit(0)


class Analyzer(services.AnalyzerServicer):
    """The protocol's calls, each a translation to and from a `Run`."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._run = Run(pack.rules)

    def GetAnalyzerInfo(self, _request: object, _context: object) -> messages.AnalyzerInfo:
        return messages.AnalyzerInfo(
            name=self._pack.name,
            displayName=self._pack.name,
            version=self._pack.version,
            description=self._pack.description,
            provider="aws",
            supportsConfig=True,
            policies=[_policy_info(rule) for rule in self._pack.rules],
        )

    def GetPluginInfo(self, _request: object, _context: object) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self._pack.version)

    def ConfigureStack(
        self, _request: object, _context: object
    ) -> messages.AnalyzerStackConfigureResponse:
        return messages.AnalyzerStackConfigureResponse()

    def Configure(
        self, request: messages.ConfigureAnalyzerRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        given = {
            name: InForce(
                level=LEVEL_NAMES[each.enforcementLevel], settings=from_struct(each.properties)
            )
            for name, each in request.policyConfig.items()
        }
        try:
            self._run.configure(given)
        except ConfigError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return empty_pb2.Empty()

    def Analyze(
        self, request: messages.AnalyzeRequest, _context: object
    ) -> messages.AnalyzeResponse:
        return self._response(self._run.analyze(_resource(request)))

    def AnalyzeStack(
        self, request: messages.AnalyzeStackRequest, _context: object
    ) -> messages.AnalyzeResponse:
        return self._response(
            self._run.analyze_stack(_stack_resource(each) for each in request.resources)
        )

    def Remediate(
        self, request: messages.AnalyzeRequest, _context: object
    ) -> messages.RemediateResponse:
        properties = from_struct(
            request.properties
        )  # as they came, so that secrets stay secret and unknowns unknown
        response = messages.RemediateResponse()
        self._run.remember(_resource(request))
        for rewrite in self._run.remediate(_resource(request)):
            properties.update(rewrite.properties)
            response.remediations.add(
                policyName=rewrite.rule.id,
                policyPackName=self._pack.name,
                policyPackVersion=self._pack.version,
                description=rewrite.rule.title,
                properties=to_struct(properties),
            )
        return response

    def _response(self, verdicts: Iterable[Verdict]) -> messages.AnalyzeResponse:
        return messages.AnalyzeResponse(
            diagnostics=[
                messages.AnalyzeDiagnostic(
                    policyName=each.rule.id,
                    policyPackName=self._pack.name,
                    policyPackVersion=self._pack.version,
                    description=each.rule.title,
                    message=each.message,
                    enforcementLevel=LEVELS[each.level],  # type: ignore[arg-type]
                    severity=SEVERITIES[each.rule.severity],  # type: ignore[arg-type]
                    urn=each.urn,
                )
                for each in verdicts
            ]
        )


def _policy_info(rule: Rule) -> messages.PolicyInfo:
    """The protocol has room for one framework a policy; the controls of the others are its tags."""
    serves = controls(rule.id)
    info = messages.PolicyInfo(
        name=rule.id,
        displayName=rule.title,
        description=rule.title,
        message=rule.reason,
        enforcementLevel=LEVELS[rule.level],  # type: ignore[arg-type]
        severity=SEVERITIES[rule.severity],  # type: ignore[arg-type]
        policy_type=KINDS["resource" if isinstance(rule, ResourceRule) else "stack"],  # type: ignore[arg-type]
        remediation_steps=rule.fix,
        url=rule.link,
        tags=[
            f"{framework}: {control}"
            for framework, found in serves.by_framework().items()
            for control in found
        ],
    )
    if serves.fsbp:
        info.framework.CopyFrom(
            messages.PolicyComplianceFramework(
                name=FSBP,
                version=FSBP_VERSION,
                reference=FSBP_PAGE,
                specification=", ".join(serves.fsbp),
            )
        )
    info.configSchema.properties.CopyFrom(to_struct(rule.schema))
    return info


def _resource(request: messages.AnalyzeRequest) -> Resource:
    return Resource(
        type=request.type,
        name=request.name,
        urn=request.urn,
        props=from_struct(request.properties, judged=True),
        parent=request.options.parent,
        provider=request.provider.type,
    )


def _stack_resource(each: Any) -> Resource:
    return Resource(
        type=each.type,
        name=each.name,
        urn=each.urn,
        props=from_struct(each.properties, judged=True),
        parent=each.parent,
        provider=each.provider.type,
        references={
            name: tuple(sources.urns) for name, sources in each.propertyDependencies.items()
        },
        dependencies=tuple(each.dependencies),
    )
