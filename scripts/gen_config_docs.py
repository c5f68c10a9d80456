#!/usr/bin/env python3
"""Write the config schema of Pulumi.yaml and docs/config.md from the declarations in settings.py.

scripts/gen_config_docs.py           rewrite both files
scripts/gen_config_docs.py --check   exit 1 and name the file if one is out of date
"""

from __future__ import annotations

import dataclasses
import json
import sys
import textwrap
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from components.config.keys import REQUIRED, SPEC, Spec, describe, fields, key_type  # noqa: E402 the path comes first
from settings import NAMESPACE, StackSettings  # noqa: E402

PROJECT_HEAD = f"""\
# The block `config` is written by scripts/gen_config_docs.py from the declarations in components/config/: change it there.
name: {NAMESPACE}
runtime:
  name: python
  options:
    toolchain: pip
    virtualenv: .venv
description: Live editing of Astro sites on AWS Fargate
"""

DOCS_HEAD = """\
<!-- Written by scripts/gen_config_docs.py from the declarations in components/config/: change it there. -->

# Config reference

Keys of a stack, in the namespace `astro-live` of `Pulumi.{stack}.yaml`. A key without a default must be set. `dev`, `prod` and `local`
differ by these values alone. Every key is checked before any resource is registered; one error lists all bad keys, each with its value,
what is allowed and the fix.

Set a key with `pulumi config set KEY VALUE --stack STACK`, a list with `pulumi config set --path 'KEY[0]' VALUE`.
The AWS region is the provider's own key, `aws:region`.
"""


def schema() -> dict[str, dict[str, Any]]:
    """The config block of Pulumi.yaml."""
    block: dict[str, dict[str, Any]] = {}
    for name, field in fields(StackSettings).items():
        spec: Spec = field.metadata[SPEC]
        entry: dict[str, Any] = {"type": key_type(field)}
        if entry["type"] == "array":
            entry["items"] = {"type": "string"}
        entry["description"] = f"{spec.help} Allowed: {describe(field)}."
        # Not `secret: true`: the engine takes the default for a value in plain and refuses every stack that does not set the key.
        # Settings refuse a value in plain instead.
        if field.default is not REQUIRED:
            entry["default"] = list(field.default) if isinstance(field.default, tuple) else field.default
        block[name] = entry
    return block


def project_yaml() -> str:
    """Text of Pulumi.yaml."""
    return PROJECT_HEAD + yaml.safe_dump({"config": schema()}, sort_keys=False, width=130, allow_unicode=True)


def default_text(field: dataclasses.Field[Any]) -> str:
    """The default as a person would write it."""
    if field.default is REQUIRED:
        return "must be set"
    if field.default in ("", ()):
        return "not set"
    return f"`{json.dumps(field.default).strip(chr(34))}`"


def docs() -> str:
    """Text of docs/config.md."""
    lines = [DOCS_HEAD]
    group = ""
    for name, field in fields(StackSettings).items():
        spec: Spec = field.metadata[SPEC]
        if spec.group != group:
            group = spec.group
            lines.append(f"## {group}\n\n| key | type | default | allowed | meaning |\n|---|---|---|---|---|")
        cells = [f"`{name}`", key_type(field), default_text(field), describe(field), spec.help]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        following = list(fields(StackSettings).values())
        index = following.index(field)
        if index + 1 == len(following) or following[index + 1].metadata[SPEC].group != group:
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


ARGUMENTS_HEAD = '''\
"""Arguments of `LiveEditing`. Written by scripts/gen_config_docs.py from components/config/: change them there.

Pulumi reads these annotations to make the package's schema, so they are evaluated, not texts.
"""

from typing import NotRequired, TypedDict

from pulumi import Input


class LiveEditingArgs(TypedDict):
    """The keys of a stack. What another resource of the program may yield is an `Input`."""
'''

LATE = {
    "certificateArn",
    "hostedZoneId",
    "vpcId",
    "publicSubnetIds",
    "privateSubnetIds",
    "oidcClientId",
    "oidcClientSecret",
    "cognitoUserPoolArn",
    "cognitoClientId",
    "cognitoDomain",
    "kmsKeyArn",
    "alarmTopicArn",
}
"""Keys that another resource may yield, so that they may be unknown until the deployment."""


def arguments() -> str:
    """Text of components/provider/arguments.py."""
    lines = [ARGUMENTS_HEAD]
    for name, field in fields(StackSettings).items():
        spec: Spec = field.metadata[SPEC]
        scalar = {"integer": "int", "boolean": "bool"}.get(key_type(field), "str")
        annotation = f"Input[{scalar}]" if name in LATE else scalar
        if key_type(field) == "array":
            annotation = f"list[{annotation}]"
        if field.default is not REQUIRED:
            annotation = f"NotRequired[{annotation}]"
        default = f" Default: {json.dumps(field.default)}." if field.default not in (REQUIRED, "", ()) else ""
        text = f"{spec.help} Allowed: {describe(field)}.{default}"
        lines.append(
            f"    {field.name}: {annotation}\n" + textwrap.fill(f'"""{text}"""', 136, initial_indent="    ", subsequent_indent="    ")
        )
    return "\n".join(lines) + "\n"


FILES = {
    ROOT / "components" / "provider" / "arguments.py": arguments,
    ROOT / "Pulumi.yaml": project_yaml,
    ROOT / "docs" / "config.md": docs,
}


def main(arguments: list[str]) -> int:
    """Write or check the files; returns the exit code."""
    stale = [path for path, text in FILES.items() if not path.exists() or path.read_text() != text()]
    if arguments == ["--check"]:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date: run scripts/gen_config_docs.py", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(exist_ok=True)
        path.write_text(FILES[path]())
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
