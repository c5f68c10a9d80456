"""Run the Pulumi program in this process, against the resource model: what it would deploy, without
engine, cloud or credentials.

Values that a cloud computes (ids, ARNs, host names) are modelled, so every input is known. With
`preview=True` outputs that the model does not have are unknown, as at a preview of the engine;
otherwise they are absent.
"""

from __future__ import annotations

import asyncio
import runpy
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local import config as stack_config
from local.errors import LocalError
from local.model import Cloud
from local.monitor import DeploymentError, Monitor, Resource
from local.mutation import Mutation, MutationError
from local.values import Properties

ROOT: Final = Path(__file__).resolve().parent.parent

__all__ = ["ROOT", "Deployment", "DeploymentError", "ProgramError", "Resource", "deploy"]


class ProgramError(LocalError):
    """The program stopped with an error; `__cause__` is what it raised."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What a run of the program declared."""

    stack: str
    config: stack_config.StackConfig
    cloud: Cloud
    resources: tuple[Resource, ...]
    """In order of registration, without what the engine keeps for itself: the stack, stashes."""
    outputs: Properties
    """The stack's outputs, secrets wrapped in `Secret`."""

    def of_type(self, *tokens: str) -> list[Resource]:
        return [resource for resource in self.resources if resource.type in tokens]

    def by_output(self, name: str, value: object) -> Resource | None:
        """The resource whose output `name` (or `id`) is `value`."""
        for resource in self.resources:
            if (
                value is not None
                and (resource.id if name == "id" else resource.outputs.get(name)) == value
            ):
                return resource
        return None


def deploy(
    stack: str,
    *,
    config: Mapping[str, object] | None = None,
    preview: bool = True,
    mutations: Sequence[Mutation] = (),
    root: Path = ROOT,
) -> Deployment:
    """Run `__main__.py` of the project at `root` for `stack`, with `config` over the stack's own
    values.

    `mutations` change inputs on their way to the engine. Raises `local.config.ConfigError` for
    configuration that the engine refuses, `ProgramError` for what the program raises,
    `MutationError` for a mutation that no resource took.
    """
    settings = read_config(root, stack, config)
    cloud = Cloud(region=settings.get("aws:region") or Cloud.region, root=root)
    monitor = Monitor(project=settings.project, stack=stack, cloud=cloud, mutations=mutations)
    _in_thread(lambda: _run(root, settings, monitor, preview))
    for mutation in mutations:
        if mutation not in monitor.mutated:
            known = ", ".join(sorted({resource.type for resource in monitor.declared.values()}))
            raise MutationError(
                f"no resource is a {mutation.type} {mutation.name or ''}; the program declares"
                f" {known}"
            )
    resources = tuple(
        resource
        for resource in monitor.declared.values()
        if not resource.type.startswith("pulumi:")
    )
    return Deployment(
        stack=stack,
        config=settings,
        cloud=cloud,
        resources=resources,
        outputs=monitor.stack_outputs,
    )


def read_config(
    root: Path, stack: str, overrides: Mapping[str, object] | None
) -> stack_config.StackConfig:
    """The configuration of `stack` with `overrides`. Raises `ConfigError` that lists all that is
    wrong: where the engine would refuse values, what the program says of the others, too.
    """
    try:
        return stack_config.load(root, stack, overrides)
    except stack_config.ConfigError as error:
        if error.config is None:
            raise
        own, keys = _programs_own(root, error.config)
        lines = [line for key, line in error.problems if key not in keys]
        raise stack_config.ConfigError("\n".join([*lines, *own]), error.problems) from error


def _programs_own(root: Path, config: stack_config.StackConfig) -> tuple[list[str], set[str]]:
    """What a program that lists the problems of its configuration says of it, and their full keys.
    Nothing of a program that does not.
    """
    cloud = Cloud(region=config.get("aws:region") or Cloud.region, root=root)
    monitor = Monitor(project=config.project, stack=config.stack, cloud=cloud, mutations=())
    try:
        _in_thread(lambda: _run(root, config, monitor, preview=True))
    except ProgramError as error:
        problems = getattr(error.__cause__, "problems", ())
        if problems:
            return [str(error)], {f"{config.project}:{problem.key}" for problem in problems}
    except LocalError:
        pass  # of resources, which a refused configuration has none of
    return [], set()


def _in_thread(work: Any) -> None:
    """Pulumi keeps its settings in context variables and wants its own event loop: a thread gives a
    fresh set of both.
    """
    failure: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:  # handed to the caller's thread
            failure.append(error)

    thread = threading.Thread(target=guarded, name="program")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]


def _run(root: Path, settings: stack_config.StackConfig, monitor: Monitor, preview: bool) -> None:
    import pulumi.runtime as runtime
    from pulumi.runtime.mocks import MockEngine
    from pulumi.runtime.stack import run_in_stack

    runtime.configure(
        runtime.Settings(
            project=settings.project,
            stack=settings.stack,
            monitor=monitor,
            engine=MockEngine(None),
            dry_run=preview,
            organization="organization",
            root_directory=str(root),
        )
    )
    runtime.set_all_config(dict(settings.values), sorted(settings.secrets))
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))

    def program() -> None:
        runpy.run_path(str(root / "__main__.py"), run_name="__main__")

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(_without_refusals)
        await run_in_stack(program)

    try:
        asyncio.run(run())
    except SystemExit as error:
        if error.code:
            raise ProgramError(str(error.code)) from error
    except Exception as error:
        raise ProgramError(_explained(error, root)) from error


def _without_refusals(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The outputs of a refused resource keep its error, and nobody asks for it: the error of the
    run says it once.
    """
    if not isinstance(context.get("exception"), LocalError):
        loop.default_exception_handler(context)


def _explained(error: Exception, root: Path) -> str:
    """What a person needs: errors that the program raises on purpose speak for themselves, others
    need their place.
    """
    from pulumi import RunError

    if isinstance(error, RunError | LocalError):
        return str(error)
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if _within(frame.filename, root)
    ]
    place = (
        f" ({Path(own[-1].filename).resolve().relative_to(root)}:{own[-1].lineno})" if own else ""
    )
    return f"the program failed: {type(error).__name__}: {error}{place}"


def _within(file: str, root: Path) -> bool:
    path = Path(file).resolve()
    return path.is_relative_to(root) and not path.is_relative_to(root / ".venv")
