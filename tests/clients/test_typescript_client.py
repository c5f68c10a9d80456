"""The TypeScript client: its types, its tests in Node.js against a real gateway, and the examples
of its page (S33).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.gen_clients import CLIENTS
from tests.gateway.harness import API_TOKEN, Gateway, running_gateway
from tests.node import NODE

HERE = Path(__file__).parent
FOLDER = CLIENTS / "typescript"
EMBED = CLIENTS.parent / "docs" / "embed.md"
TSC = [NODE, str(FOLDER / "node_modules" / "typescript" / "bin" / "tsc")]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """With a session that runs."""
    if not (FOLDER / "node_modules").is_dir():
        pytest.skip("clients/typescript/node_modules is missing: run `scripts/setup.sh test`")
    with running_gateway(tmp_path_factory.mktemp("gw")) as running:
        asyncio.run(running.start("demo"))
        yield running


def run(command: list[str], gateway: Gateway | None = None, cwd: Path = HERE) -> str:
    environment = dict(os.environ)
    if gateway is not None:
        environment |= {
            "ASTRO_LIVE_API_URL": f"{gateway.api_url}/api/v1",
            "ASTRO_LIVE_API_TOKEN": API_TOKEN,
        }
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_client_does_what_it_says(gateway: Gateway) -> None:
    """`client.test.mts`, from the sources: Node.js takes the types off."""
    output = run([NODE, "--test", "--test-reporter=tap", "client.test.mts"], gateway)
    assert re.search(r"^# pass [1-9]", output, re.MULTILINE), output


def test_the_helper_of_embedding_pages_keeps_its_word() -> None:
    """`embed.test.mts`: it needs neither a browser nor a gateway."""
    output = run([NODE, "--test", "--test-reporter=tap", "embed.test.mts"])
    assert re.search(r"^# pass [1-9]", output, re.MULTILINE), output


def test_the_package_compiles_and_its_examples_run(gateway: Gateway, tmp_path: Path) -> None:
    """As a user has them: compiled to JavaScript with declarations, imported by the package's name,
    under strict types.
    """
    package = tmp_path / "node_modules" / "astro-live-client"
    package.mkdir(parents=True)
    run([*TSC, "-p", str(FOLDER), "--outDir", str(package / "dist")])
    manifest = json.loads((FOLDER / "package.json").read_text())
    (package / "package.json").write_text(json.dumps(manifest))
    for name in (*manifest["dependencies"], "openapi-typescript-helpers", "@types"):
        (tmp_path / "node_modules" / name).symlink_to(FOLDER / "node_modules" / name)
    page = (FOLDER / "README.md").read_text()
    blocks = re.findall(r"```ts\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 4
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "examples.ts").write_text("\n".join(blocks))
    strict = ["--strict", "--module", "nodenext", "--target", "es2022", "--skipLibCheck"]
    run([*TSC, *strict, "--types", "node", "examples.ts"], cwd=tmp_path)
    (framing,) = re.findall(r"```ts\n(.*?)```", EMBED.read_text(), re.DOTALL)
    (tmp_path / "framing.ts").write_text(framing)  # runs in a browser: tests/browser/test_embed.py
    run([*TSC, *strict, "framing.ts"], cwd=tmp_path)
    output = run([NODE, "examples.js"], gateway, cwd=tmp_path)
    assert "ready" in output
    assert "shown after" in output
    assert not (gateway.sites / "shop").exists(), "the last example deletes the session"
