"""The page for agents: its configurations can be read, its example runs, its table is the gateway's
(S25, S33).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml

from container.gateway.agents.tools import tools_of
from container.gateway.openapi import document
from tests.gateway.harness import API_TOKEN, Gateway, running_gateway

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs" / "agents.md").read_text()


def block(language: str) -> str:
    (text,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(text)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with running_gateway(tmp_path) as running:
        asyncio.run(running.start("shop"))
        yield running


def test_the_table_lists_the_tools() -> None:
    """Each with what it does, in the gateway's order."""
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE)
    made = [(tool.name, tool.description) for tool in tools_of(document()).values()]
    lines = "\n".join(f"| `{name}` | {text} |" for name, text in made)
    assert rows == made, f"put this into docs/agents.md:\n{lines}"


def test_the_configurations_are_valid() -> None:
    """And name the same service, port and path."""
    compose = yaml.safe_load(block("yaml"))
    (server,) = json.loads(block("json"))["mcpServers"].values()
    host = re.match(r"http://([\w-]+):8080/api/v1/sessions/\w+/mcp$", server["url"])
    assert host
    assert host[1] in compose["services"]


def test_the_example_runs(gateway: Gateway) -> None:
    """With the SDK that is installed."""
    environment = {
        **os.environ,
        "API": f"{gateway.api_url}/api/v1",
        "TOKEN": API_TOKEN,
        "no_proxy": "*",
    }
    done = subprocess.run(
        [sys.executable, "-c", block("python")],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rendered" in done.stdout
