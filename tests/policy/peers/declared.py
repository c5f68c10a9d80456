"""A translated resource with what the engine would know about it after the update."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from policy.harness import Resource


@dataclass(frozen=True)
class Identity:
    """The outputs by which resources name each other."""

    id: str
    arn: str


@dataclass(frozen=True)
class Declared:
    """One resource of a fixture."""

    address: str
    """Its name in the fixture, such as `aws_lb.edge` or `AWS::ECS::Service.web`."""

    resource: Resource
    identity: Identity
    references: tuple[str, ...] = field(default=())
    """URNs of the resources that its properties name."""

    def output(self) -> Resource:
        """The resource as a stack policy sees it."""
        properties = {"id": self.identity.id, "arn": self.identity.arn, **self.resource.properties}
        return replace(self.resource, properties=properties, dependencies=self.references)


def urn(project: str, token: str, name: str) -> str:
    """The name that the engine would give."""
    return f"urn:pulumi:peers::{project}::{token}::{name}"
