"""The sources of what is shipped, as syntax trees, for tests that look for what must not be in
them.
"""

from __future__ import annotations

import ast
import functools
import gc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TREES = ("contract", "components", "container", "local", "policy", "scripts")
OTHERS = {"node_modules", "venv", ".local", "__pycache__"}


@dataclass(frozen=True, kw_only=True)
class Module:
    """A Python module."""

    name: str
    """`contract.settings.model`; of a package its own name."""
    path: Path
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @property
    def package(self) -> str:
        return self.name if self.is_package else self.name.rpartition(".")[0]

    @property
    def place(self) -> str:
        """Relative path, as a failing test shows it."""
        return str(self.path.relative_to(ROOT))


def files(*suffixes: str, trees: tuple[str, ...] = TREES) -> list[Path]:
    """Files of `trees` with one of the suffixes, without what others made."""
    found = (path for tree in trees for path in sorted((ROOT / tree).rglob("*")))
    return [
        path
        for path in found
        if path.name.endswith(suffixes) and not OTHERS & {*path.relative_to(ROOT).parts}
    ]


@functools.cache
def modules() -> dict[str, Module]:
    """Every module by its name."""
    paths = [ROOT / "__main__.py", ROOT / "settings.py", *files(".py")]
    # Python 3.11 fails when a traceback is written while a tree is made: both count their depth in
    # one place (CPython issue 106905). The collector writes one of a future that nobody asked.
    collects = gc.isenabled()
    gc.disable()
    try:
        found = [
            Module(name=_name(path), path=path, tree=ast.parse(path.read_text())) for path in paths
        ]
    finally:
        if collects:
            gc.enable()
    return {module.name: module for module in found}


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(module: Module) -> Iterator[str]:
    """Names of what it imports, also within functions: a module, or a module and a name in it."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = module.package.split(".")
                base = ".".join([*above[: len(above) - node.level + 1], *([base] if base else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def literal(node: ast.AST | None) -> Any:
    """The value of a literal; None of anything else."""
    try:
        return ast.literal_eval(node) if node is not None else None
    except ValueError:
        return None
