"""The pack inside the test's own process: the same requests and answers as bytes, without the
socket.

Thousands of verdicts are asked for here, and a socket between two processes took most of their
time. What a socket and a process add is tested in `test_harness.py`, `test_reports.py` and
`tests/engine`, with the pack as the engine starts it.
"""

from __future__ import annotations

from typing import Any, NoReturn, cast

import grpc
import yaml
from google.protobuf.message import Message
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerStub

from policy.harness import Analyzer
from policy.rules import ALL_RULES
from policy.rules.core.serving import Analyzer as Servicer
from policy.rules.core.serving import Pack


class Inside(Analyzer):
    """`Analyzer` that starts no process."""

    def __enter__(self) -> Analyzer:
        manifest = yaml.safe_load((self._pack_dir / "PulumiPolicy.yaml").read_text("utf-8"))
        pack = Pack(
            name=manifest["name"],
            version=manifest["version"],
            description=manifest["description"],
            rules=ALL_RULES,
        )
        self._greet(cast(AnalyzerStub, _Stub(Servicer(pack))))
        return self


class _Stub:
    """The calls of the protocol, by name, as a stub has them."""

    def __init__(self, servicer: Servicer) -> None:
        self._servicer = servicer

    def __getattr__(self, name: str) -> _Call:
        return _Call(getattr(self._servicer, name))


class _Call:
    def __init__(self, method: Any) -> None:
        self._method = method

    def __call__(self, request: Message, **_: object) -> Any:
        sent = type(request).FromString(request.SerializeToString())
        try:
            answer = self._method(sent, _Context())
        except grpc.RpcError:
            raise
        except Exception as error:
            raise _FailedError(grpc.StatusCode.UNKNOWN, f"Exception calling: {error}") from error
        return type(answer).FromString(answer.SerializeToString())

    def future(self, request: Message, **options: object) -> _Answer:
        return _Answer(lambda: self(request, **options))


class _Answer:
    """A call that is under way: made when somebody asks for what it brings, in the order of asking,
    which is that of the calls.
    """

    def __init__(self, call: Any) -> None:
        self._call = call

    def result(self) -> Any:
        return self._call()


class _Context:
    def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        raise _FailedError(code, details)


class _FailedError(grpc.RpcError):
    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self._code, self._details = code, details

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._details
