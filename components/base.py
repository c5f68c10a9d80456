"""What every component of this package shares: names, parentage, exposed children and the escape
hatch.

A component's children are attributes, and each also has a short key (`listener`, `session_rule`)
under which it stands in `children` and under which a `Transforms` mapping may change its properties
or options before it is registered:

    WebSocketAlb("edge", args, transforms={"load_balancer": lambda child:
    child.with_props(enable_xff_client_port=True)})

Errors: `ComponentError` for arguments that contradict each other, are out of range, or name a child
that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pulumi

TYPE_PREFIX = "astro-live:components"


class ComponentError(pulumi.RunError, ValueError):
    """An argument of a component is out of range or contradicts another. The message names it, its
    value and the fix.
    """


@dataclass(frozen=True, kw_only=True)
class Child:
    """A child resource about to be registered, as a transform sees it."""

    key: str
    """The child's key in its component, as in `children`."""
    type_: str
    """Pulumi type token: `aws:lb/loadBalancer:LoadBalancer`."""
    props: Mapping[str, Any]
    """Inputs under their Python names."""
    opts: pulumi.ResourceOptions

    def with_props(self, **changes: Any) -> Child:
        """The child with some inputs replaced. `None` removes an input."""
        return replace(self, props={**self.props, **changes})

    def with_opts(self, opts: pulumi.ResourceOptions) -> Child:
        """The child with `opts` merged over its own options."""
        return replace(self, opts=pulumi.ResourceOptions.merge(self.opts, opts))


Transform = Callable[[Child], Child]
Transforms = Mapping[str, Transform]


class Component(pulumi.ComponentResource):
    """Base of this package's components."""

    children: dict[str, pulumi.Resource]
    """Every child by its key, for what the attributes do not name."""

    def __init__(
        self,
        kind: str,
        name: str,
        opts: pulumi.ResourceOptions | None,
        transforms: Transforms | None,
    ) -> None:
        self.children = {}
        self._component_name = name
        self._renamed: dict[str, str] = {}
        self._transforms = dict(transforms or {})
        hook = (
            pulumi.ResourceOptions(transformations=[self._transform]) if self._transforms else None
        )
        super().__init__(
            f"{TYPE_PREFIX}:{kind}", name, None, pulumi.ResourceOptions.merge(hook, opts)
        )

    def child_name(self, key: str) -> str:
        """Logical name of the child `key`."""
        return f"{self._component_name}-{self._renamed.get(key, key).replace('_', '-')}"

    def keyed_options(self, before: str, **options: Any) -> pulumi.ResourceOptions:
        """Options of a child that had the key `before` in earlier versions, when members of a list
        were keyed by their position.
        """
        return self.child_options(aliases=[pulumi.Alias(name=self.child_name(before))], **options)

    def rename(self, key: str, suffix: str) -> None:
        """Give the child `key` another logical name: for the engine another resource, made before
        the earlier one goes.
        """
        self._renamed[key] = f"{key}_{suffix}"

    def child_options(self, **options: Any) -> pulumi.ResourceOptions:
        """Options of a child: this component is its parent."""
        return pulumi.ResourceOptions(parent=self, **options)

    def expose(self, **children: pulumi.Resource) -> None:
        """Put children under their keys; called once they are registered."""
        self.children.update(children)

    def finish(self, outputs: Mapping[str, pulumi.Input[Any]]) -> None:
        """Register the outputs and refuse transforms that named no child.

        Raises `ComponentError` listing the children that exist.
        """
        if unknown := sorted(self._transforms.keys() - self.children.keys()):
            raise ComponentError(
                f"{self._component_name}: transforms names {', '.join(map(repr, unknown))}, which"
                " this component did not create; its children are"
                f" {', '.join(sorted(self.children))}. Correct the key, or turn on the option that"
                " creates the child"
            )
        self.register_outputs(dict(outputs))

    def _transform(
        self, args: pulumi.ResourceTransformationArgs
    ) -> pulumi.ResourceTransformationResult | None:
        for key, transform in self._transforms.items():
            if args.name == self.child_name(key):
                child = transform(
                    Child(key=key, type_=args.type_, props=args.props, opts=args.opts)
                )
                return pulumi.ResourceTransformationResult(dict(child.props), child.opts)
        return None


RANDOM_SUFFIX = len("-1a2b3c4")
"""What Pulumi adds to a logical name where no physical name is given, so that a replacement may
exist beside the old resource.
"""


def check_physical_name(component: str, key: str, *, limit: int) -> None:
    """Refuse a component name so long that AWS would refuse the physical name of its child `key`.
    Raises `ComponentError`.
    """
    longest = limit - RANDOM_SUFFIX - len(f"-{key}")
    if len(component) > longest:
        raise ComponentError(
            f"component name {component!r} has {len(component)} characters; allowed is {longest},"
            f" since AWS takes {limit} and Pulumi adds a random suffix that lets a replacement be"
            " created before the old resource goes. Shorten the name"
        )
