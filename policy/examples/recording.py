"""Run a few lines of Pulumi program on mocks and keep what they declare."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from pulumi.runtime import mocks, settings
from pulumi.runtime.stack import run_in_stack

from policy.model import Resource


@dataclass(frozen=True)
class Declared:
    """A resource with the outputs that the cloud would give it."""

    inputs: Resource
    outputs: Resource
    waits_for: tuple[str, ...] = ()
    """Type and name (`type::name`) of the resources in `depends_on`."""


class _Monitor(mocks.MockMonitor):
    """Keeps what `depends_on` says, which mocks are not told."""

    def __init__(self, recorder: _Recorder) -> None:
        super().__init__(recorder)
        self.waits: dict[str, tuple[str, ...]] = {}

    def RegisterResource(self, request: Any) -> Any:
        through = {urn for each in request.propertyDependencies.values() for urn in each.urns}
        others = [urn.split("::", 2)[2] for urn in request.dependencies if urn not in through]
        self.waits[f"{request.type}::{request.name}"] = tuple(sorted(others))
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


class _Recorder(mocks.Mocks):
    """Gives every resource an id and an ARN, and keeps its inputs."""

    def __init__(self, answer: Answer, computed: Mapping[str, object]) -> None:
        self.declared: list[Declared] = []
        self._answer, self._computed = answer, computed
        self.loops: set[asyncio.AbstractEventLoop] = set()
        """Pulumi's mocks give each worker thread an event loop and leave it open."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, object]]:
        self.loops.add(asyncio.get_event_loop_policy().get_event_loop())
        urn = f"urn:pulumi:dev::example::{args.typ}::{args.name}"
        resource = Resource(urn=urn, type=args.typ, name=args.name, properties=args.inputs)
        identity = f"{args.typ.rsplit(':', 1)[-1].lower()}-{args.name}"
        computed: dict[str, object] = {}
        if args.typ == "aws:ec2/vpc:Vpc":
            computed = {"defaultSecurityGroupId": f"sg-of-{args.name}"}
        elif args.typ == "pulumi:index:Stash":  # it gives back what it was made with
            computed = {"output": args.inputs.get("input")}
        given = {"name": args.name, **self._computed, **args.inputs, **computed}
        outputs: dict[str, object] = {**given, "id": identity, "arn": f"arn:aws:mock:::{identity}"}
        self.declared.append(Declared(resource, replace(resource, properties=outputs)))
        return identity, outputs

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, object], list[tuple[str, str]]]:
        return self._answer(args.token, args.args), []


Answer: TypeAlias = Callable[[str, dict[str, Any]], dict[str, object]]
"""From a data source's token and arguments to what AWS would say."""


def declare(
    program: Callable[[], None],
    answer: Answer = lambda _token, _arguments: {},
    computed: Mapping[str, object] | None = None,
) -> list[Declared]:
    """The resources of a program, run in its own thread with its own monitor. `computed` are
    outputs that every resource gets.
    """
    recorder = _Recorder(answer, computed or {})
    monitor = _Monitor(recorder)
    failures: list[BaseException] = []

    def work() -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)  # Pulumi makes another otherwise, and leaves it open
        try:
            settings.configure(
                settings.Settings(
                    "example", "dev", monitor=monitor, engine=mocks.MockEngine(None), dry_run=False
                )
            )
            loop.run_until_complete(run_in_stack(program))
        except BaseException as error:
            failures.append(error)
        finally:
            for each in {loop, *recorder.loops}:
                each.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return [
        replace(each, waits_for=monitor.waits.get(f"{each.inputs.type}::{each.inputs.name}", ()))
        for each in recorder.declared
        if each.inputs.type != "pulumi:pulumi:Stack"
    ]
