"""An agent's calls on a session whose site is elsewhere than at the repository's root: paths are
the repository's in every call, verdict and event (S27, S31, S32, S34).
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from container.gateway.settings import ASTRO_DIR

from .event_stream import reading
from .git_server import git, git_reason
from .harness import Gateway, running_gateway

pytestmark = [
    pytest.mark.skipif(
        not (ASTRO_DIR / "node_modules").is_dir(),
        reason="container/astro/node_modules is missing: run `make setup`",
    ),
    pytest.mark.skipif(bool(git_reason()), reason=git_reason()),
]
PAGE = "---\nimport word from '{module}';\n---\n<html><body><p>{{word}}</p></body></html>\n"
WORD = "export default 'one';\n"


@dataclass(frozen=True)
class Layout:
    """Where things are in the repository, with a slash at their end."""

    site: str = ""
    sources: str = "src/"
    module: str = "src/word.js"
    """Of the page."""
    imported: str = "../word.js"
    config: str = "export default {};\n"
    hosted: bool = False


LAYOUTS = {
    "folder": Layout("apps/docs/", "apps/docs/src/", "apps/docs/src/word.js"),
    "hosted": Layout(hosted=True),
    "moved": Layout("", "app/", "app/word.js", config=(
        "export default { srcDir: './app', publicDir: './static' };\n"
    )),
    "workspace": Layout("apps/web/", "apps/web/src/", "libs/words/index.js", "words"),
}  # fmt: skip


@pytest.fixture(scope="module")
def by_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(tmp_path_factory.mktemp("gw"), ASTRO_LIVE_RUNNER_COMMAND="") as gateway:
        yield gateway


@pytest.fixture(scope="module")
def by_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(
        tmp_path_factory.mktemp("gw"), ASTRO_LIVE_RUNNER_COMMAND="", ASTRO_LIVE_ROUTING="host"
    ) as gateway:
        yield gateway


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def make(folder: Path, layout: Layout) -> None:
    """A repository of a few files with one commit; its packages are those of the starter site."""
    package = (ASTRO_DIR / "starter" / "package.json").read_text()
    write(
        folder,
        {
            layout.site + "package.json": package,
            layout.site + "astro.config.mjs": layout.config,
            layout.sources + "pages/index.astro": PAGE.format(module=layout.imported),
            layout.module: WORD,
            ".gitignore": "node_modules\n.astro\n",
        },
    )
    if layout.imported == "words":
        members = {"name": "all", "private": True, "workspaces": ["apps/*", "libs/*"]}
        word = {"name": "words", "version": "1.0.0", "type": "module", "exports": "./index.js"}
        write(folder, {"package.json": json.dumps(members)})
        write(folder, {"libs/words/package.json": json.dumps(word)})
        _install(folder)
    if layout.site == "apps/docs/":  # two sites: the session's options name the one
        shutil.copytree(folder / "apps/docs", folder / "apps/other")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "first")


def _install(folder: Path) -> None:
    """As an installation of the workspace leaves it."""
    (folder / "node_modules").mkdir()
    for package in (ASTRO_DIR / "node_modules").iterdir():
        if package.name not in (".vite", ".astro", ".stamp"):
            (folder / "node_modules" / package.name).symlink_to(package)
    (folder / "node_modules" / "words").symlink_to("../libs/words")


class Agent:
    """Calls of one session."""

    def __init__(self, gateway: Gateway, name: str) -> None:
        self._gateway = gateway
        self._session = f"/api/v1/sessions/{name}"

    async def __call__(self, method: str, path: str, **given: Any) -> Any:
        answer = await self._gateway.api(method, self._session + path, **given)
        assert answer.status in (200, 201), answer.text + self._gateway.tail()
        return answer.json

    async def batch(self, files: dict[str, str]) -> Any:
        operations = [
            {"op": "write", "path": path, "content": text} for path, text in files.items()
        ]
        return await self("POST", "/batch?wait=30", body={"operations": operations})


@pytest.mark.parametrize("name", LAYOUTS)
async def test_calls_name_the_files_of_the_repository(
    name: str, by_path: Gateway, by_host: Gateway
) -> None:
    """Write, batch, undo, checkpoint and Git: as with a site at the root."""
    layout = LAYOUTS[name]
    gateway = by_host if layout.hosted else by_path
    page, module = layout.sources + "pages/index.astro", layout.module
    make(gateway.sites / name, layout)
    agent = Agent(gateway, name)
    if name == "folder":
        await gateway.api("PATCH", f"/api/v1/sessions/{name}", body={"root": "apps/docs"})
    started = await agent("POST", "/start")
    assert started["state"] == "ready", started
    good = PAGE.format(module=layout.imported)
    async with contextlib.AsyncExitStack() as exits:
        events = await exits.enter_async_context(reading(gateway, name))
        written = await agent("PUT", f"/files/{page}?wait=30", data=(good + "<p>2</p>\n").encode())
        assert written["verdict"]["outcome"] == "rendered", written
        named = await agent("POST", "/checkpoints", body={"name": "second"})
        broken = await agent.batch({page: good.replace("{word}", "{nobody}"), module: WORD * 2})
        assert [each["path"] for each in broken["changes"]] == [page, module]
        assert broken["verdict"]["outcome"] == "error", broken
        assert {each["file"] for each in broken["verdict"]["problems"]} <= {page, module}, broken
        edit = await events.until(lambda stream: stream.of("edit"))
        assert edit[0]["path"] in (page, module)
        problem = await events.until(lambda stream: stream.of("problem"))
        assert problem[0]["problem"]["file"] in (page, module)
        known = await agent("GET", "/problems")
        assert {each["file"] for each in known["problems"]} <= {page, module}
        since = await agent("GET", f"/checkpoints/{named['number']}/diff")
        assert {each["path"] for each in since["files"]} == {page, module}
        undone = await agent("POST", "/undo?wait=30")
        assert {each["path"] for each in undone["changes"]} == {page, module}
        assert (undone["verdict"]["outcome"], undone["verdict"]["problems"]) == ("rendered", [])
        await events.until(lambda stream: stream.of("healed"))
    status = await agent("GET", "/git")
    assert [each["path"] for each in status["files"]] == [page]
    author = {"name": "Ada", "email": "ada@example.com"}
    await agent("POST", "/git/commit", body={"message": "second", "author": author})
    assert git(gateway.sites / name, "show", "--name-only", "--format=%an") == f"Ada\n\n{page}"
    assert (gateway.sites / name / module).read_text() == WORD
    await agent("POST", "/stop")
