"""What a resource type is to the model: how it is named, which defaults it takes, what it computes,
what replaces it.

The model knows the types that the program uses, down to what other resources and the local stack
read from them. A type that it does not know still gets an id and an ARN (`kind_of`), so a program
with further resources can be previewed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from local.model.accepts import refused
from local.model.partitions import Partition, partition_of
from local.model.shapes import Refusal
from local.values import UNKNOWN, UNKNOWN_STRING, Properties, Secret, Unknown, reveal, transform

ACCOUNT: Final = "123456789012"
"""AWS's own documentation example; no real account answers to it."""


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """The account and region that the modelled resources live in."""

    region: str = "eu-central-1"
    account: str = ACCOUNT
    root: Path = Path()
    """The program's directory, from which a provider reads relative paths."""

    @property
    def partition(self) -> Partition:
        """The partition that `region` lies in."""
        return partition_of(self.region)


class Scope(dict[str, Any]):
    """The names that a template may use. `hexN` gives N stable hexadecimal digits, `digitsN` N
    decimal ones.
    """

    def __init__(self, cloud: Cloud, urn: str, inputs: Properties, seed: str = "") -> None:
        super().__init__(
            region=inputs.get("region") or cloud.region,
            account=cloud.account,
            partition=cloud.partition.id,
            dns_suffix=cloud.partition.dns_suffix,
            logical=urn.rsplit("::", 1)[-1],
            seed=seed,
            inputs=_Inputs(inputs),
        )
        self._digest = hashlib.sha256(f"{urn}{seed}".encode()).hexdigest()

    def __missing__(self, key: str) -> str:
        for prefix, digits in (("hex", self._digest), ("digits", str(int(self._digest, 16)))):
            if key.startswith(prefix) and key[len(prefix) :].isdigit():
                return digits[: int(key[len(prefix) :])]
        raise KeyError(key)


class _Inputs(dict[str, Any]):
    """Inputs inside a template: a value that is not known yet makes the whole result unknown."""

    def __missing__(self, _key: str) -> str:
        return ""

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        return UNKNOWN_STRING if isinstance(value, Unknown) else value


Template = str | Callable[[Scope], Any]
"""A format string over a `Scope`, or a function of it."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One resource type."""

    type: str
    id: Template = "{logical}-{hex7}"
    arn: Template = ""
    outputs: Mapping[str, Template] = field(default_factory=dict)
    """Computed properties besides `id`, `arn` and the inputs, in order: later ones may use earlier
    ones.
    """
    name: str = ""
    """The property that takes a generated name, `{logical}-{hex7}`, when the program gives none."""
    name_limit: int = 255
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """What the provider fills in for absent inputs."""
    replaces: frozenset[str] = frozenset()
    """Inputs whose change replaces the resource."""
    updated: frozenset[str] = frozenset()
    """Computed properties that each update computes again."""
    kept: frozenset[str] = frozenset()
    """Inputs that keep their value when a program leaves them out: the provider computes them, or
    sends no request without them.
    """
    required: tuple[str, ...] = ()
    secret: frozenset[str] = frozenset()
    """Properties that are secret whatever the program says."""
    checked: Callable[[Properties, Path], Properties] | None = None
    """What the provider adds to the inputs when it checks them; it reads relative paths from the
    program's directory.
    """

    @property
    def computed(self) -> tuple[str, ...]:
        """Names of the output properties that are unknown until the resource exists."""
        return (*(("arn",) if self.arn else ()), *self.outputs)

    def check(
        self,
        urn: str,
        inputs: Properties,
        *,
        old: Properties | None = None,
        seed: str = "",
        root: Path = Path(),
    ) -> Properties:
        """`inputs` with the generated name and the provider's defaults; a generated name stays what
        `old` had.
        """
        checked = {name: value for name, value in inputs.items() if value is not None}
        if self.checked:
            checked = self.checked(checked, root)
        for name, value in self.defaults.items():
            checked.setdefault(name, deepcopy(value))
        if self.name and self.name not in checked and f"{self.name}Prefix" not in checked:
            generated = (old or {}).get(self.name)
            checked[self.name] = generated or _generated_name(urn, self.name_limit, seed)
        for name in self.secret & checked.keys():
            if not isinstance(checked[name], Secret):
                checked[name] = Secret(checked[name])
        return checked

    def missing(self, inputs: Properties) -> list[str]:
        """Required inputs that are absent."""
        return [name for name in self.required if inputs.get(name) is None]

    def refused(self, inputs: Properties) -> list[Refusal]:
        """Inputs that AWS would refuse by themselves, whatever else exists."""
        return refused(self.type, inputs)

    def create(
        self, cloud: Cloud, urn: str, inputs: Properties, *, seed: str = ""
    ) -> tuple[str, Properties]:
        """The id and every output property of the resource that `inputs` (already checked)
        describe.
        """
        scope = Scope(cloud, urn, reveal(inputs), seed)
        scope["name"] = scope["inputs"][self.name or "name"]
        outputs = dict(inputs)
        templates: dict[str, Template] = (
            {"id": self.id} | ({"arn": self.arn} if self.arn else {}) | dict(self.outputs)
        )
        if self.id == "{arn}":
            templates = {"arn": self.arn} | templates
        for name, template in templates.items():
            value = _render(template, scope)
            scope[name] = value
            if name != "id" and outputs.get(name) is None:
                outputs[name] = Secret(value) if name in self.secret else value
        return str(scope["id"]), outputs

    def update(
        self, cloud: Cloud, urn: str, olds: Properties, inputs: Properties, *, preview: bool = False
    ) -> Properties:
        """The output properties after an update from `olds` to `inputs`: computed and kept ones
        stay, unless it computes them again.
        """
        outputs = {
            **{
                name: olds[name]
                for name in (*self.computed, *self.kept)
                if name in olds and name not in inputs
            },
            **inputs,
        }
        if not self.updated:
            return outputs
        seed = json.dumps([olds.get(name) for name in sorted(self.updated)], default=str)
        fresh = (
            dict.fromkeys(self.updated, UNKNOWN)
            if preview
            else self.create(cloud, urn, inputs, seed=seed)[1]
        )
        return outputs | {name: fresh[name] for name in self.updated}

    def preview(self, inputs: Properties) -> Properties:
        """The outputs as far as they are known before the resource exists."""
        return {**dict.fromkeys(self.computed, UNKNOWN), **inputs}

    def changes(self, old: Properties, new: Properties) -> tuple[list[str], list[str]]:
        """Inputs that differ between `old` and `new`, and those of them that replace
        the resource.
        """
        names = sorted(
            name
            for name in old.keys() | new.keys()
            if not name.startswith("__") and not _same(old.get(name), new.get(name))
        )
        return names, [name for name in names if name in self.replaces]


def _generated_name(urn: str, limit: int, seed: str) -> str:
    suffix = hashlib.sha256(f"{urn}{seed}".encode()).hexdigest()[:7]
    return f"{urn.rsplit('::', 1)[-1][: limit - 8]}-{suffix}"


def _same(old: Any, new: Any) -> bool:
    return bool(reveal(old) == reveal(new))


def _render(template: Template, scope: Scope) -> Any:
    value = template(scope) if callable(template) else template.format_map(scope)
    return transform(
        value, lambda leaf: UNKNOWN if isinstance(leaf, str) and UNKNOWN_STRING in leaf else leaf
    )


def arn(service: str, resource: str, *, region: bool = True) -> str:
    """Template of an ARN: `arn("ecs", "cluster/{name}")`. Global services have no region."""
    return f"arn:{{partition}}:{service}:{'{region}' if region else ''}:{{account}}:{resource}"


def catalogue(kinds: Iterable[Kind]) -> dict[str, Kind]:
    """Kinds by token. Raises `ValueError` when a token is given twice."""
    found: dict[str, Kind] = {}
    for kind in kinds:
        if kind.type in found:
            raise ValueError(f"the resource model has {kind.type} twice")
        found[kind.type] = kind
    return found
