"""A stack that lives on: the program run again under other config, over what it declared before.

It takes the engine's steps in this process: what stays, is updated, replaced (the new one first, or
the old one where the program or a chosen name says so), and at the end deleted, dependents first.
The resource model answers each step as AWS would, so a refusal here is an update that stops
half-way. tests/engine walks some of the same ways with the real engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final
from unittest import mock

from local import engine
from local.engine import deploy
from local.model import conflicts, kind_of
from local.monitor import Monitor, Resource
from local.provider.service import _keeps_own_name as keeps_own_name
from local.values import Properties, reveal
from tests.components.harness import STAGED

GENERATIONS: Final = count(1)
"""A replacement has another generated name, and another id, than all before it."""

STASH: Final = "pulumi:index:Stash"


@dataclass(frozen=True, kw_only=True)
class Existing:
    """A resource of a live stack."""

    resource: Resource
    trigger: Any
    retained: bool


@dataclass
class World:
    """What exists, by type and id, and how the stack's state refers to it."""

    entries: dict[tuple[str, str], conflicts.Entry] = field(default_factory=dict)
    state: dict[str, Existing] = field(default_factory=dict)
    """By URN."""

    def of_type(self, *types: str) -> list[conflicts.Entry]:
        """As `conflicts.Existing`."""
        return [entry for entry in self.entries.values() if entry.type in types]

    def put(self, kind: str, identifier: str, properties: Properties) -> None:
        """Create or update. A bucket that logs go to and a repository are not empty
        from then on.
        """
        full = {"object": ""} if kind in (conflicts.BUCKET, conflicts.REPOSITORY) else {}
        self.entries[kind, identifier] = conflicts.Entry(
            type=kind, id=identifier, properties=reveal(properties), images=full
        )


@dataclass
class Update:
    """What an update did, and what stopped it."""

    world: World
    steps: dict[str, str] = field(default_factory=dict)
    """Logical name to `create`, `update`, `replace` or `delete`; what stays is not in it."""
    refused: list[str] = field(default_factory=list)
    """By AWS, in the middle of the update."""
    kept: list[str] = field(default_factory=list)
    """Inputs that the program leaves out, and that keep their value on AWS all the same."""
    protected: list[str] = field(default_factory=list)
    """Logical names of what the engine refuses to delete, before the update."""


class LiveMonitor(Monitor):
    """Registers over a world."""

    def __init__(self, *, update: Update, before: World, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.update, self.world, self._old = update, update.world, before.state
        self._pending: list[Existing] = []
        self._replaced: set[str] = set()
        self._generation = 0

    def of_type(self, *types: str) -> list[conflicts.Entry]:
        return self.world.of_type(*types)

    def _declare(self, urn: str, request: Any, inputs: Properties) -> Resource:
        if not request.custom:
            return super()._declare(urn, request, inputs)
        kind, old = kind_of(request.type), self._old_of(urn, request)
        before = old.resource if old else None
        inputs = kind.check(
            urn, inputs, old=before.inputs if before else None, root=self._cloud.root
        )
        if old is None or before is None:
            return self._create(urn, request, inputs, "create")
        for name in request.ignoreChanges:
            inputs = {**inputs, name: before.inputs.get(name)}
        self.update.kept += [
            f"{request.name}: {name}"
            for name in kind.kept & before.inputs.keys()
            if inputs.get(name) is None
        ]
        changed, replacing = kind.changes(before.inputs, inputs)
        follows = old.trigger != _trigger(request) or self._replaced & set(request.replace_with)
        if refused := conflicts.on_update(kind.type, reveal(before.inputs), reveal(inputs)):
            self.update.refused.append(f"{request.name}: {refused}")
        if replacing or follows or set(changed) & set(request.replaceOnChanges):
            return self._replace(urn, request, inputs, old)
        outputs, identifier = before.outputs, before.id
        if changed:
            self.update.steps[request.name] = "update"
            outputs = self._updated(urn, request, inputs, before)
        return self._keep(urn, request, inputs, outputs, identifier)

    def _updated(self, urn: str, request: Any, inputs: Properties, before: Resource) -> Properties:
        if request.type == STASH:  # keeps its first value
            return {**before.outputs, "input": inputs["input"]}
        self._judge(request, before.id, inputs)
        outputs = kind_of(request.type).update(self._cloud, urn, before.outputs, inputs)
        self.world.put(request.type, before.id or "", outputs)
        return outputs

    def _create(self, urn: str, request: Any, inputs: Properties, step: str) -> Resource:
        self.update.steps[request.name] = step
        kind = kind_of(request.type)
        self._judge(request, None, inputs)
        identifier, outputs = kind.create(
            self._cloud, urn, inputs, seed=f"{self._generation}" if step == "replace" else ""
        )
        self.world.put(kind.type, identifier, outputs)
        return self._keep(urn, request, inputs, outputs, identifier)

    def _replace(self, urn: str, request: Any, inputs: Properties, old: Existing) -> Resource:
        kind, before = kind_of(request.type), old.resource
        self._generation = next(GENERATIONS)
        self._replaced.add(urn)
        first = request.deleteBeforeReplace or keeps_own_name(kind, urn, before.inputs, inputs)
        if kind.name and not keeps_own_name(kind, urn, before.inputs, inputs):
            given = {name: value for name, value in inputs.items() if name != kind.name}
            inputs = kind.check(urn, given, seed=f"{self._generation}", root=self._cloud.root)
        if before.protect:
            self.update.protected.append(before.name)
        if first:
            self._delete(old)
        else:
            self._pending.append(old)
        return self._create(urn, request, inputs, "replace")

    def _keep(
        self,
        urn: str,
        request: Any,
        inputs: Properties,
        outputs: Properties,
        identifier: str | None,
    ) -> Resource:
        resource = self._record(urn, request, inputs, outputs, identifier)
        self.world.state[urn] = Existing(
            resource=resource, trigger=_trigger(request), retained=request.retainOnDelete
        )
        return resource

    def _judge(self, request: Any, identifier: str | None, inputs: Properties) -> None:
        kind = kind_of(request.type)
        put = conflicts.Put(
            id=identifier, properties=reveal(inputs), existing=self.world, cloud=self._cloud
        )
        found = [
            *map(str, kind.refused(inputs)),
            conflicts.on_put(kind.type, put),
            self._taken(kind, identifier, inputs),
        ]
        self.update.refused += [f"{request.name}: {refused}" for refused in found if refused]

    def _taken(self, kind: Any, identifier: str | None, inputs: Properties) -> str:
        name = reveal(inputs.get(kind.name)) if kind.name and kind.type != conflicts.GROUP else None
        others = [
            each
            for each in self.world.of_type(kind.type)
            if each.id != identifier and name and each.properties.get(kind.name) == name
        ]
        return f"a {kind.type} with the {kind.name} {name!r} exists" if others else ""

    def _old_of(self, urn: str, request: Any) -> Existing | None:
        names = [request.name, *(alias.spec.name for alias in request.aliases)]
        urns = [self._urn(request.parent, request.type, name) for name in names]
        return next((self._old[each] for each in urns if each in self._old), None)

    def finish(self) -> None:
        """Delete what was replaced, and then what the program no longer declares."""
        claimed = {_key(each) for each in (*self.world.state.values(), *self._pending)}
        gone = [
            each
            for urn, each in self._old.items()
            if urn not in self.declared and _key(each) not in claimed
        ]
        self.update.protected += [each.resource.name for each in gone if each.resource.protect]
        self.update.steps |= {each.resource.name: "delete" for each in gone}
        order = list(self._old)
        for each in sorted(
            [*self._pending, *gone], key=lambda each: -order.index(each.resource.urn)
        ):
            self._delete(each)

    def _delete(self, old: Existing) -> None:
        resource = old.resource
        entry = self.world.entries.get((resource.type, resource.id or ""))
        if entry is None or old.retained or entry.properties.get("skipDestroy"):
            return
        if refused := conflicts.on_delete(entry, self.world):
            self.update.refused.append(f"{resource.name}: {refused}")
        else:
            del self.world.entries[entry.type, entry.id]


def _key(each: Existing) -> tuple[str, str | None]:
    return each.resource.type, each.resource.id


def _trigger(request: Any) -> Any:
    return (
        request.replacement_trigger.SerializeToString()
        if request.HasField("replacement_trigger")
        else None
    )


def update(
    stack: str,
    config: Mapping[str, object],
    before: World | None = None,
    others: Iterable[conflicts.Entry] = (),
) -> Update:
    """Run the program over `before`, which stays as it is. `others` exist besides, for their
    owners.

    Raises `local.engine.ProgramError` where the program refuses.
    """
    before = before or World(entries={(each.type, each.id): each for each in others})
    done = Update(World(entries=dict(before.entries)))
    monitors: list[LiveMonitor] = []

    def make(**arguments: Any) -> LiveMonitor:
        monitors.append(LiveMonitor(update=done, before=before, **arguments))
        return monitors[-1]

    with (
        mock.patch.object(engine, "Monitor", make),
        mock.patch("components.docker_image.stage", return_value=STAGED),
    ):
        deploy(stack, config=config, preview=False)
    monitors[0].finish()
    return done
