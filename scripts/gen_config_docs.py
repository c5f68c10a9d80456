#!/usr/bin/env python3
"""Write what follows from the declarations of settings: Pulumi.yaml's schema, the two reference
tables, the package's arguments.

scripts/gen_config_docs.py           rewrite the files
scripts/gen_config_docs.py --check   exit 1 and name each file that is out of date
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from components.config.stack import GROUPS, StackKeys  # noqa: E402 the path comes first
from container.gateway.settings import GatewaySettings  # noqa: E402
from contract.hmr import HmrContract  # noqa: E402
from contract.settings import Setting, Settings  # noqa: E402
from settings import NAMESPACE, StackSettings  # noqa: E402

PROJECT_HEAD = f"""\
# The block `config` is written by scripts/gen_config_docs.py from the declarations in components/config/ and contract/: change it there.
name: {NAMESPACE}
runtime:
  name: python
  options:
    toolchain: pip
    virtualenv: .venv
description: Live editing of Astro sites on AWS Fargate
"""

DOCS_HEAD = """\
<!-- Written by scripts/gen_config_docs.py from the declarations in components/config/ and contract/: change it there. -->

# Config reference

Keys of a stack, in the namespace `astro-live` of `Pulumi.{stack}.yaml`. A key without a default must be set. `dev`, `prod` and `local`
differ by these values alone. Every key is checked before any resource is registered; one error lists all bad keys, each with its value,
what is allowed and the fix.

Set a key with `pulumi config set KEY VALUE --stack STACK`, a list with `pulumi config set --path 'KEY[0]' VALUE`,
one command for each entry. For `gitSecretNames`, `gitSecretKeyArns` and `oidcTokenEndpoint`, whose values are no secrets, add
`--plaintext`: the CLI takes them for secrets by their names and stops. The AWS region is the provider's own key, `aws:region`.
"""


def schema() -> dict[str, dict[str, Any]]:
    """The config block of Pulumi.yaml."""
    block: dict[str, dict[str, Any]] = {}
    for setting in StackSettings.declared().values():
        entry: dict[str, Any] = {"type": setting.kind}
        if setting.kind == "array":
            entry["items"] = {"type": "string"}
        entry["description"] = f"{setting.help} Allowed: {setting.description}."
        # Not `secret: true`: the engine takes the default for a value in plain text and refuses
        # every stack that does not set the key. Settings refuse a value in plain text instead.
        if not setting.required:
            entry["default"] = (
                list(setting.default) if isinstance(setting.default, tuple) else setting.default
            )
        block[setting.key] = entry
    return block


def project_yaml() -> str:
    """Text of Pulumi.yaml."""
    return PROJECT_HEAD + yaml.safe_dump(
        {"config": schema()}, sort_keys=False, width=130, allow_unicode=True
    )


def default_text(setting: Setting) -> str:
    """The default as a person would write it."""
    if setting.required:
        return "must be set"
    if setting.default in ("", (), {}):
        return "not set"
    default = setting.default
    if setting.is_path:
        folder = ROOT / "container"
        default = str(default.relative_to(ROOT)) if default.is_relative_to(folder) else str(default)
    return f"`{json.dumps(default).strip(chr(34))}`"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    text = "\n".join("| " + " | ".join(line) + " |" for line in cells)
    return text.replace("| --- |", "|---|").replace("| --- ", "|---") + "\n"


def docs() -> str:
    """Text of docs/config.md."""
    parts = [DOCS_HEAD]
    for group in GROUPS:
        rows = [
            [
                f"`{setting.key}`",
                setting.kind,
                default_text(setting),
                setting.description,
                setting.help,
            ]
            for setting in StackSettings.declared().values()
            if setting.group == group
        ]
        parts.append(
            f"## {group}\n\n" + table(["key", "type", "default", "allowed", "meaning"], rows)
        )
    return "\n".join(parts)


GATEWAY = ROOT / "docs" / "gateway.md"
BEGIN = "<!-- settings: written by scripts/gen_config_docs.py -->\n"
END = "<!-- end of settings -->"


def gateway_docs() -> str:
    """Text of docs/gateway.md, with today's tables."""
    before, _, rest = GATEWAY.read_text().partition(BEGIN)
    return (
        before
        + BEGIN
        + variables(GatewaySettings)
        + "\n"
        + variables(HmrContract)
        + END
        + rest.partition(END)[2]
    )


def variables(cls: type[Settings]) -> str:
    """The variables of `cls`, with the stack key where there is one."""
    keys = StackKeys.declared()
    rows = [
        [
            f"`{setting.variable}`",
            f"`{setting.key}`" if name in keys else "",
            default_text(setting),
            setting.description,
            setting.help,
        ]
        for name, setting in cls.declared().items()
    ]
    return table(["variable", "stack key", "default", "allowed", "meaning"], rows)


QUOTES = '"""'
ARGUMENTS_HEAD = '''\
"""Arguments of `LiveEditing`. Written by scripts/gen_config_docs.py from components/config/: change
them there.

Pulumi reads these annotations to make the package's schema, so they are evaluated, not texts.
"""

from typing import NotRequired, TypedDict

from pulumi import Input


class LiveEditingArgs(TypedDict):
    """The keys of a stack. What another resource of the program may yield is an `Input`."""
'''


def arguments() -> str:
    """Text of components/provider/arguments.py."""
    lines = [ARGUMENTS_HEAD]
    for setting in StackKeys.declared().values():
        scalar = {"integer": "int", "boolean": "bool"}.get(setting.kind, "str")
        annotation = f"Input[{scalar}]" if setting.late else scalar
        if setting.kind == "array":
            annotation = f"list[{annotation}]"
        if setting.kind == "object":
            annotation = "dict[str, str]"
        if not setting.required:
            annotation = f"NotRequired[{annotation}]"
        default = (
            ""
            if setting.default in (None, "", (), {})
            else f" Default: {json.dumps(setting.default)}."
        )
        text = f"{setting.help} Allowed: {setting.description}.{default}"
        indent = "    "
        comment = textwrap.fill(
            f'"""{text}"""',
            100,
            initial_indent=indent,
            subsequent_indent=indent,
            break_on_hyphens=False,
        )
        if "\n" in comment:
            comment = f"{comment.removesuffix(QUOTES)}\n{indent}{QUOTES}"
        lines.append(f"    {setting.name}: {annotation}\n" + comment)
    return "\n".join(lines) + "\n"


FILES = {
    ROOT / "components" / "provider" / "arguments.py": arguments,
    ROOT / "Pulumi.yaml": project_yaml,
    ROOT / "docs" / "config.md": docs,
    GATEWAY: gateway_docs,
}


def main(arguments: list[str]) -> int:
    """Write or check the files; returns the exit code."""
    stale = [
        path for path, text in FILES.items() if not path.exists() or path.read_text() != text()
    ]
    if arguments == ["--check"]:
        for path in stale:
            print(
                f"{path.relative_to(ROOT)} is out of date: run scripts/gen_config_docs.py",
                file=sys.stderr,
            )
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(exist_ok=True)
        path.write_text(FILES[path]())
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
