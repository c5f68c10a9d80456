"""Commands that the documentation shows exist, with the options that it gives them (S25).

AWS's are held against the API models that botocore carries, Pulumi's against its own help, ours
against our own parsers. The calls of docs/api.md run in test_api_examples.py; what `make` runs has
tests of its behaviour elsewhere.
"""

from __future__ import annotations

import functools
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import botocore.session
import pytest
from botocore import xform_name

from container.gateway.openapi import document
from local.__main__ import main

ROOT: Final = Path(__file__).resolve().parents[2]
GENERATED: Final = {".venv", "node_modules", ".local"}
PAGES: Final = sorted(
    page for page in ROOT.glob("**/*.md") if not GENERATED & set(page.relative_to(ROOT).parts)
)
BLOCK: Final = re.compile(r"```sh\n(.*?)```", re.DOTALL)
SUBSTITUTION: Final = re.compile(r"\$\([^()]*\)")
PLACE: Final = re.compile(r"<[^<>\n]+>|…")
"""What a reader puts in."""
NOT_IN_THE_MODELS: Final = {("aws", "s3"), ("aws", "sso"), ("aws", "ssm", "start-session")}
"""Commands that the AWS CLI adds to the API's."""
OF_THE_SYSTEM: Final = {
    "cd",
    "sudo",
    "docker",
    "pulumi",
    "aws",
    "curl",
    "api",
    "timeout",
    "export",
    "grep",
    "git",
    "python3",
    ".local/client/bin/pip",
    "tar",
    "npx",
    "npm",
    "pip",
    "sed",
    "true",
    "echo",
    *("for", "do", "done", "if", "then", "else", "fi"),
}
FOUND_AT_LEAST: Final = 60


def commands(page: Path) -> Iterator[list[str]]:
    """Words of each command of a page's blocks; placeholders are `X`. Here-documents and comments
    are left out.
    """
    for block in BLOCK.findall(page.read_text()):
        text = re.sub(r"<<'(\w+)'\n.*?\n\1\n", "\n", block, flags=re.DOTALL)
        text = re.sub(r"(?m)(^|\s)#\s.*$", "", text)
        while (plain := SUBSTITUTION.sub("X", text)) != text:
            text = plain
        text = PLACE.sub("X", text).replace("\\\n", " ")
        words = shlex.shlex(text, posix=True, punctuation_chars="();&|\n")
        words.whitespace, words.whitespace_split, words.commenters = " \t", True, ""
        command: list[str] = []
        for word in words:
            if word.strip("();&|\n"):
                command.append(word)
                continue
            if command:
                yield command
            command = []
        if command:
            yield command


ALL: Final = [
    (str(page.relative_to(ROOT)), command) for page in PAGES for command in commands(page)
]


def shown(*programs: str) -> list[object]:
    """Different commands that begin with one of `programs`, with the page as id."""
    seen = {tuple(command): page for page, command in reversed(ALL) if command[0] in programs}
    return [
        pytest.param(list(command), id=f"{page}: {' '.join(command)[:60]}")
        for command, page in seen.items()
    ]


def test_commands_are_found() -> None:
    """A pattern that matched nothing would pass every page. Each program is known to one of the
    tests here or is the system's.
    """
    assert len(ALL) > FOUND_AT_LEAST
    programs = {
        command[0]
        for _, command in ALL
        if "=" not in command[0] and "{" not in command[0] and command[0] not in {"}", "["}
    }
    ours = {"make", "python", ".venv/bin/python"} | {one for one in programs if "scripts/" in one}
    assert programs - ours - OF_THE_SYSTEM == set()


@pytest.mark.parametrize("command", shown("aws"))
def test_aws_commands_are_in_awss_api_models(command: list[str]) -> None:
    """Service, operation and each option."""
    _, service, operation, *rest = command
    if ("aws", service) in NOT_IN_THE_MODELS or ("aws", service, operation) in NOT_IN_THE_MODELS:
        return
    model = botocore.session.get_session().get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    assert operation in operations
    shape = model.operation_model(operations[operation]).input_shape
    assert shape is not None
    options = {xform_name(name, "-") for name in shape.members} | {
        "query",
        "output",
        "region",
        "profile",
    }
    named = {word[2:].removeprefix("no-") for word in rest if word.startswith("--")}
    assert named <= options
    required = {xform_name(name, "-") for name in shape.required_members} - {
        "idempotency-token",
        "client-request-token",
    }
    assert required <= named


@pytest.mark.parametrize("command", shown("pulumi"))
def test_pulumi_commands_are_the_clis(command: list[str]) -> None:
    """Subcommand and options, as the CLI's own help lists them."""
    if shutil.which("pulumi") is None:
        pytest.skip("no pulumi CLI on PATH")
    # The CLI answers a command that it does not know with the help of the group.
    words = [word for word in command[1:] if re.fullmatch(r"[a-z]+", word)]
    named: list[str] = []
    help_ = _pulumi_help()
    while words and re.search(r"Commands:$", help_, re.MULTILINE):
        named.append(words.pop(0))
        group, help_ = help_, _pulumi_help(*named)
        assert help_ != group, f"pulumi has no command {' '.join(named)!r}"
    assert [
        word
        for word in command
        if word.startswith("--") and not re.search(rf"{word.split('=')[0]}\b", help_)
    ] == []


@functools.cache
def _pulumi_help(*command: str) -> str:
    done = subprocess.run(
        ["pulumi", *command, "--help"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout


@pytest.mark.parametrize("command", shown(".venv/bin/python"))
def test_commands_of_the_local_stack_are_parsed(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the program itself parses them; nothing runs."""
    assert command[1:3] == ["-m", "local"]
    for name in ("_preview", "_up", "_link", "_changes", "_operate", "_serve"):
        monkeypatch.setattr(f"local.__main__.{name}", lambda *_: 0)
    assert main(command[3:]) == 0


@pytest.mark.parametrize(
    "command",
    shown("scripts/rollback.sh", "scripts/build-and-push.sh", "../astro-live/scripts/offline.sh"),
)
def test_options_of_scripts_are_in_their_help(command: list[str]) -> None:
    script = ROOT / "scripts" / Path(command[0]).name
    options = [word for word in command[1:] if word.startswith("--")]
    if not options:
        assert script.is_file()
        return
    help_ = subprocess.run(
        [str(script), "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    ).stdout
    assert [option for option in options if option not in help_] == []


@pytest.mark.parametrize("command", shown("curl"))
def test_addresses_of_the_api_are_described(command: list[str]) -> None:
    """Path and method of each call; other addresses are not the API's."""
    address = next((word for word in command[1:] if "/sessions" in word), "")
    if not address:
        return
    path = "/sessions" + address.partition("/sessions")[2].partition("?")[0]
    method = command[command.index("-X") + 1] if "-X" in command else "GET"
    described = document()["paths"]
    matching = [
        one
        for one in described
        if re.fullmatch(re.sub(r"\\\{(\w+)\\\}", r".+", re.escape(one)), path)
    ]
    assert any(method.lower() in described[one] for one in matching)
