"""A turn of an agent's work on a live site, from a Git repository to a push, as a transcript.

    python -m tests.browser.transcript [--publish]

A real gateway, a real Astro dev server, a Git server on loopback and a Chromium page that a person
has open: once with the Python client, once over MCP with the SDK's own client. Both print the same
but for the times. `--publish` puts it into docs/agents.md.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from anyio.from_thread import BlockingPortal, start_blocking_portal
from astro_live_client import (
    AuthorModel,
    BatchRequest,
    CheckpointRequest,
    Client,
    CommitRequest,
    CreateRequest,
    CredentialRequest,
    EditModel,
    EditOperation,
    EditRequest,
    RepositoryModel,
)
from mcp import Client as McpClient
from playwright.sync_api import Browser, Page

from bench.core import browser, gateway
from bench.core.gateway import LiveGateway
from bench.core.site import STARTER
from tests.gateway.git_server import GitServer, git_server
from tests.gateway.mcp_client import connected_to

from .stack import ROOT
from .visitor import FIRST_VISIT_MS, WAIT_MS

DOCUMENT: Final = ROOT / "docs" / "agents.md"
BLOCK: Final = re.compile(r"(<!-- begin transcript -->\n).*?(<!-- end -->)", re.DOTALL)
WAIT: Final = 30
AUTHOR: Final = {"name": "An Agent", "email": "agent@example.test"}
INDEX, HOURS, STYLE = "src/pages/index.astro", "src/components/Hours.astro", "src/styles/site.css"
SITE: Final[dict[str, str | bytes]] = {
    "package.json": (STARTER / "package.json").read_bytes(),
    "astro.config.mjs": "export default {};\n",
    INDEX: """---
import Hours from "../components/Hours.astro";
import "../styles/site.css";
---
<html lang="en">
  <head><meta charset="utf-8" /><title>Harbour Café</title></head>
  <body>
    <h1>Harbour Café</h1>
    <Hours />
  </body>
</html>
""",
    HOURS: '<p class="hours">Open every day.</p>\n',
    STYLE: "h1 { color: navy; }\n",
}
Edits = Mapping[str, tuple[str, str]]
"""By file: a text, and what takes its place."""

OPENING_HOURS: Final[Edits] = {
    HOURS: (
        '<p class="hours">Open every day.</p>\n',
        "---\nconst { days } = Astro.props;\n---\n"
        '<ul class="hours">{days.map((day) => <li>{day}</li>)}</ul>\n',
    ),
    INDEX: ("<Hours />", "<Hours days={days} />"),
    STYLE: ("h1 {", ".hours { font-weight: bold; }\nh1 {"),
}
"""With a mistake: the page does not say what `days` is."""
REPAIR: Final[Edits] = {
    INDEX: (
        'import "../styles/site.css";\n',
        'import "../styles/site.css";\nconst days = ["Monday to Friday 8 to 18"];\n',
    )
}
LOUDER: Final[Edits] = {
    INDEX: ("<h1>Harbour Café</h1>", "<h1>HARBOUR CAFÉ!!!</h1>"),
    STYLE: ("navy", "crimson"),
}


class Agent(Protocol):
    """What the turn needs, named and answered like the API's operations."""

    def change_files(self, edits: Edits) -> dict[str, Any]: ...
    def edit_file(self, edits: Edits) -> dict[str, Any]: ...
    def make_checkpoint(self, name: str) -> dict[str, Any]: ...
    def undo(self) -> dict[str, Any]: ...
    def git_status(self) -> dict[str, Any]: ...
    def git_commit(self, message: str) -> dict[str, Any]: ...
    def git_push(self) -> dict[str, Any]: ...


@dataclass(frozen=True, kw_only=True)
class WithClient:
    """By the typed Python client."""

    client: Client
    session: str

    def change_files(self, edits: Edits) -> dict[str, Any]:
        operations = [
            EditOperation(op="edit", path=path, edits=[EditModel(old=old, new=new)])
            for path, (old, new) in edits.items()
        ]
        body = BatchRequest(operations=list(operations))
        return self.client.change_files(self.session, body=body, wait=WAIT).to_dict()

    def edit_file(self, edits: Edits) -> dict[str, Any]:
        ((path, (old, new)),) = edits.items()
        body = EditRequest(edits=[EditModel(old=old, new=new)])
        return self.client.edit_file(self.session, path, body=body, wait=WAIT).to_dict()

    def make_checkpoint(self, name: str) -> dict[str, Any]:
        made = self.client.make_checkpoint(self.session, body=CheckpointRequest(name=name))
        return made.to_dict()

    def undo(self) -> dict[str, Any]:
        return self.client.undo(self.session, wait=WAIT).to_dict()

    def git_status(self) -> dict[str, Any]:
        return self.client.git_status(self.session).to_dict()

    def git_commit(self, message: str) -> dict[str, Any]:
        body = CommitRequest(message=message, author=AuthorModel(**AUTHOR))
        return self.client.git_commit(self.session, body=body).to_dict()

    def git_push(self) -> dict[str, Any]:
        return self.client.git_push(self.session).to_dict()


@dataclass(frozen=True, kw_only=True)
class OverMcp:
    """By the tools of the session's MCP server."""

    portal: BlockingPortal
    client: McpClient

    def _call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        call = functools.partial(self.client.call_tool, tool, arguments)
        result = self.portal.call(call)
        assert not result.is_error, result.content
        assert result.structured_content is not None
        return dict(result.structured_content)

    def change_files(self, edits: Edits) -> dict[str, Any]:
        operations = [
            {"op": "edit", "path": path, "edits": [{"old": old, "new": new}]}
            for path, (old, new) in edits.items()
        ]
        return self._call("change_files", operations=operations, wait=WAIT)

    def edit_file(self, edits: Edits) -> dict[str, Any]:
        ((path, (old, new)),) = edits.items()
        return self._call("edit_file", path=path, edits=[{"old": old, "new": new}], wait=WAIT)

    def make_checkpoint(self, name: str) -> dict[str, Any]:
        return self._call("make_checkpoint", name=name)

    def undo(self) -> dict[str, Any]:
        return self._call("undo", wait=WAIT)

    def git_status(self) -> dict[str, Any]:
        return self._call("git_status")

    def git_commit(self, message: str) -> dict[str, Any]:
        return self._call("git_commit", message=message, author=AUTHOR)

    def git_push(self) -> dict[str, Any]:
        return self._call("git_push")


@dataclass
class Transcript:
    """Who did what, and what came of it."""

    lines: list[str] = field(default_factory=list)

    def say(self, who: str, what: str, *more: str) -> None:
        self.lines.append(f"{who:7} {what}")
        self.lines += [f"        {line}".rstrip() for line in more]

    def verdict(self, call: str, answer: Mapping[str, Any]) -> dict[str, Any]:
        """A call with what became of it in the page."""
        found: dict[str, Any] = answer["verdict"]
        pages = f" in {found['pages']} page" if found["outcome"] == "shown" else ""
        self.say(
            "agent",
            call,
            f"→ {found['outcome']}{pages} after {found['ms']:.0f} ms",
            *(
                line
                for each in found["problems"]
                for line in (
                    f"  {each['file']}:{each['line']}:{each['column']} {each['message']}",
                    *(f"  {text}" for text in each["frame"].splitlines()),
                )
            ),
        )
        return found


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a turn is played with."""

    live: LiveGateway
    server: GitServer
    browser: Browser

    @property
    def api_url(self) -> str:
        return f"http://{self.live.address}:{self.live.contract.api_port}/api/v1"


@contextlib.contextmanager
def scene(folder: Path, chromium: Browser) -> Iterator[Scene]:
    """A gateway that may talk to a Git server on loopback."""
    with git_server(folder / "repositories") as server:
        settings = {
            "ASTRO_LIVE_GIT_INTERNAL_HOSTS": server.address,
            "ASTRO_LIVE_WARM_RUNNERS": "0",
        }
        with gateway.running(folder / "gateway", settings=settings) as live:
            yield Scene(live=live, server=server, browser=chromium)


@contextlib.contextmanager
def agent_of(scene: Scene, session: str, secret: str, *, mcp: bool) -> Iterator[Agent]:
    """An agent with a credential of its session."""
    if not mcp:
        with Client(scene.api_url, secret) as client:
            yield WithClient(client=client, session=session)
        return
    with start_blocking_portal() as portal:
        address = f"{scene.api_url}/sessions/{session}/mcp"
        with portal.wrap_async_context_manager(connected_to(address, secret)) as connected:
            yield OverMcp(portal=portal, client=connected)


def play(scene: Scene, name: str, *, mcp: bool) -> list[str]:
    """The lines of the transcript. Everything that it says is asserted: in the page, in the
    answers, and in the remote repository.
    """
    told = Transcript()
    scene.server.make(name, SITE)
    with Client(scene.api_url, scene.live.credential) as app:
        repository = RepositoryModel(url=scene.server.url(name))
        made = app.create_session(body=CreateRequest(id=name, repository=repository))
        assert made.state == "ready", made
        told.say("app", "create_session from the repository", f"→ {made.state}")
        credential = app.create_credential(
            body=CredentialRequest(name="agent", scopes=["read", "write"], sessions=[name])
        )
        told.say("app", "create_credential for the agent: read and write, this session")
        link = app.mint_token(name).url
    context = scene.browser.new_context()
    try:
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.goto(link, timeout=FIRST_VISIT_MS)
        told.say("person", f"opens the page and reads {_shown(page, 'Open every day.')}")
        with agent_of(scene, name, credential.secret, mcp=mcp) as agent:
            _turn(scene, agent, page, told, name)
    finally:
        context.close()
    return told.lines


def _turn(scene: Scene, agent: Agent, page: Page, told: Transcript, name: str) -> None:
    broken = told.verdict(
        f"change_files {', '.join(OPENING_HOURS)}", agent.change_files(OPENING_HOURS)
    )
    assert broken["outcome"] == "error", broken
    assert [(each["file"], each["line"]) for each in broken["problems"]] == [(INDEX, 9)], broken
    repaired = told.verdict(f"edit_file {INDEX}", agent.edit_file(REPAIR))
    assert (repaired["outcome"], repaired["pages"]) == ("shown", 1), repaired
    told.say("person", f"reads {_shown(page, 'Monday to Friday 8 to 18', at_once=True)}")
    assert _weight(page) == "700", "the style of the same batch"
    kept = agent.make_checkpoint("Opening hours")
    assert kept["created"], kept
    told.say("agent", 'make_checkpoint "Opening hours"', f"→ checkpoint {kept['number']}")
    page.evaluate("window.__mark = true")
    louder = told.verdict(f"change_files {', '.join(LOUDER)}", agent.change_files(LOUDER))
    assert louder["outcome"] == "shown", louder
    told.say(
        "person", f"reads {_shown(page, 'HARBOUR CAFÉ!!!', at_once=True)}, and does not like it"
    )
    undone = agent.undo()
    back = told.verdict("undo", undone)
    assert (back["outcome"], back["pages"]) == ("shown", 1), back
    assert sorted(each["path"] for each in undone["changes"]) == sorted(LOUDER)
    told.say("person", f"reads {_shown(page, 'Harbour Café', at_once=True)}")
    assert page.evaluate("window.__mark === true"), "in place: the page was not loaded again"
    _publish(scene, agent, told, name)


def _publish(scene: Scene, agent: Agent, told: Transcript, name: str) -> None:
    differs = agent.git_status()["files"]
    assert sorted(each["path"] for each in differs) == sorted(OPENING_HOURS), differs
    told.say("agent", "git_status", *(f"→ {each['state']} {each['path']}" for each in differs))
    before = scene.server.tip(name)
    commit = agent.git_commit("Show the opening hours")["commit"]
    told.say("agent", 'git_commit "Show the opening hours"', f"→ {commit[:10]}")
    agent.git_push()
    told.say("agent", "git_push", f"→ main is {scene.server.tip(name)[:10]} at the remote")
    assert scene.server.tip(name) == commit != before
    assert "Monday to Friday 8 to 18" in scene.server.show(name, INDEX)
    assert "HARBOUR" not in scene.server.show(name, INDEX)


def _shown(page: Page, text: str, *, at_once: bool = False) -> str:
    """`text`, which the page shows: `at_once` when somebody has been told that it does."""
    if not at_once:
        page.get_by_text(text).first.wait_for(timeout=WAIT_MS)
    body = page.evaluate("document.body.innerText")
    assert text in body, f"{text!r} is not in {body!r}"
    return f"“{text}”"


def _weight(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.querySelector('.hours')).fontWeight"))


def masked(lines: Sequence[str]) -> str:
    """What two runs have in common: without times and the names of commits."""
    text = "\n".join(line.rstrip() for line in lines).strip()
    return re.sub(r"\b[0-9a-f]{10}\b", "commit", re.sub(r"after \d+ ms", "after … ms", text))


def published() -> str:
    """The transcript in the documentation."""
    found = BLOCK.search(DOCUMENT.read_text())
    assert found is not None, f"{DOCUMENT} has no block for the transcript"
    lines = found[0].splitlines()
    return masked(lines[2:-2])


def _write(lines: Sequence[str]) -> None:
    text = "```text\n" + "\n".join(lines) + "\n```\n"
    document = DOCUMENT.read_text()
    DOCUMENT.write_text(BLOCK.sub(lambda found: found[1] + text + found[2], document))


def main() -> int:
    """Print both transcripts."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.transcript")
    parser.add_argument("--publish", action="store_true", help="put it into docs/agents.md")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="transcript-") as folder,
        browser.chromium() as chromium,
        scene(Path(folder), chromium) as played,
    ):
        for name, mcp in (("client", False), ("mcp", True)):
            began = time.monotonic()
            lines = play(played, name, mcp=mcp)
            print(f"== {'over MCP' if mcp else 'with the Python client'}")
            print("\n".join(lines))
            print(f"   {time.monotonic() - began:.1f} s\n", flush=True)
            if options.publish and not mcp:
                _write(lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
