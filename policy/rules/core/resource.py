"""A resource as rules see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .place import Place
from .values import Properties

INTERNAL: Final = "__internal"
"""Property of a provider in which the engine keeps where its program comes from:
https://github.com/pulumi/pulumi/blob/master/pkg/resource/deploy/providers/registry.go"""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource as a rule sees it. At resource level `props` are its inputs, at stack level its
    outputs.
    """

    type: str
    name: str
    urn: str
    props: Properties
    parent: str = ""
    """URN of the parent, empty at the root."""

    provider: str = ""
    """Type token of the provider, `pulumi:providers:aws`; empty for components, which build nothing
    themselves, and for providers.
    """

    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Stack level: property name to the URNs it was made from. The only way to join resources whose
    ids are not known yet.
    """

    dependencies: tuple[str, ...] = ()
    """Stack level: URNs of every resource this one waits for."""

    inputs: Properties | None = None
    """Stack level: what the program asked for, when this resource was analysed on its own before;
    outputs may hold more than that.
    """

    @property
    def asked(self) -> Properties:
        """The inputs where they are known, else the outputs."""
        return self.props if self.inputs is None else self.inputs

    def at(self, *keys: str) -> Place:
        """A property that the program asked for, or one inside it."""
        return Place(subject=self.name, path="", value=self.asked, urn=self.urn).at(*keys)
