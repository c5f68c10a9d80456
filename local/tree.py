"""A deployment for people: the resources as a tree, violations under the resource that
they blame.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.text import Text
from rich.tree import Tree

from local.engine import Deployment
from local.monitor import Resource
from local.policies import Verdict
from policy.harness import Diagnostic
from policy.reports import terminal

_COLOURS = {"mandatory": "red", "advisory": "yellow"}


def show(
    console: Console,
    deployment: Deployment,
    verdict: Verdict,
    seconds: float,
    *,
    resources: bool = True,
) -> None:
    """Print the tree of resources unless told not to, what the policy pack found, and one line that
    sums up.
    """
    blamed = defaultdict(list)
    for diagnostic in verdict.diagnostics:
        blamed[diagnostic.urn].append(diagnostic)
    if resources:
        console.print(_tree(deployment, blamed))
    text = terminal(verdict.report, color=console.is_terminal, width=min(console.width, 120))
    console.print()
    console.print(Text.from_ansi(text.rstrip()), soft_wrap=True)
    console.print(f"{len(deployment.resources)} resources in {seconds:.1f} s", highlight=False)


def _tree(deployment: Deployment, blamed: dict[str, list[Diagnostic]]) -> Tree:
    children: dict[str | None, list[Resource]] = defaultdict(list)
    known = {resource.urn for resource in deployment.resources}
    for resource in deployment.resources:
        children[resource.parent if resource.parent in known else None].append(resource)
    root = Tree(
        f"[bold]{escape(deployment.config.project)}[/] [dim]stack[/] {escape(deployment.stack)}",
        guide_style="dim",
    )

    def add(branch: Tree, of: str | None) -> None:
        for resource in sorted(children[of], key=lambda each: (each.type, each.name)):
            add(branch.add(_label(resource, blamed[resource.urn])), resource.urn)

    add(root, None)
    return root


def _label(resource: Resource, found: Sequence[Diagnostic]) -> str:
    marks = "".join(
        f" [{_COLOURS.get(each.level, 'cyan')}]✗ {escape(each.policy)}[/]" for each in found
    )
    style = "bold" if not resource.custom else ""
    name = f"[{style}]{escape(resource.name)}[/{style}]" if style else escape(resource.name)
    return f"{name} [dim]{escape(short_type(resource.type))}[/]{marks}"


def short_type(token: str) -> str:
    """`aws:lb/loadBalancer:LoadBalancer` as `aws:lb:LoadBalancer`, as the engine's own display has
    it.
    """
    package, _, rest = token.partition(":")
    module, _, name = rest.rpartition(":")
    return f"{package}:{module.split('/', 1)[0]}:{name}" if module else token
