"""Production mode when builds are slow, hungry or fail: what is served, what is kept, and what a
browser may keep (S6).
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from container.gateway.settings import ASTRO_DIR
from tests.node import NODE, recording

from .driver import LiveSite, Message, StartArgs, live_site

PRODUCTION = {"NODE_ENV": "production"}
PAGE = "src/pages/index.astro"
HUNGRY = (
    "---\nconst hog = [];\nfor (;;) {\n  hog.push(Buffer.alloc(8 << 20, 1));\n  await new"
    " Promise((r) => setTimeout(r, 5));\n}\n---\n"
)
HUNGRY_HEAP = (
    "---\nconst hog = [];\nfor (let i = 0; ; i++) hog.push({ i, text: `entry ${i}` });\n---\n"
)
SLOW = "---\nawait new Promise((r) => setTimeout(r, 600_000));\n---\n"
BROKEN = "<p>{missing.name}</p>\n"


def site(folder: Path, **policy: Any) -> StartArgs:
    """A site of one page with a hashed script, and what its builds may take."""
    root = folder / "project"
    (root / "src/pages").mkdir(parents=True)
    (root / "package.json").write_text("{}")
    write(root, "first edition")
    builds = {
        "folder": str(folder / "kept"),
        "keep": 3,
        "memoryMib": 640,
        "seconds": 120,
        "publishing": "on-start",
        **policy,
    }
    return StartArgs(
        root=root, scratch=folder / "scratch", mode="production", more={"builds": builds}
    )


def write(root: Path, text: str) -> None:
    """A page that shows `text`, with a script whose content, and so its name, depends on it."""
    script = "import('../lazy.js').then((lazy) => lazy.show());"
    (root / "src/lazy.js").write_text(
        f"export const show = () => console.log({text!r}.repeat(2));\n"
    )
    (root / PAGE).write_text(
        f"<html><body><h1>{text}</h1><script>{script}</script></body></html>\n"
    )


@contextmanager
def running(args: StartArgs) -> Iterator[LiveSite]:
    with live_site(args, environment=PRODUCTION) as live:
        yield live


def ended(live: LiveSite) -> Message:
    """The end of the build that is under way."""
    return until(live, lambda message: message["type"] == "build-ended")


def until(live: LiveSite, accept: Any, seconds: float = 90.0) -> Message:
    """The next message that `accept` takes; errors do not end the wait."""
    deadline = time.monotonic() + seconds
    while True:
        message = live.runner._arrived.get(timeout=max(0.1, deadline - time.monotonic()))
        assert message is not None, live.runner.output
        live.runner.messages.append(message)
        if accept(message):
            return message


def recorded(args: StartArgs, build: int, seconds: float = 90.0) -> None:
    """Wait until a later start serves `build`: visitors see a build before that is written down."""
    file = Path(args.more["builds"]["folder"]) / "published.json"
    deadline = time.monotonic() + seconds
    while json.loads(file.read_text())["build"] != build:
        assert time.monotonic() < deadline, file.read_text()
        time.sleep(0.05)


def answer(live: LiveSite) -> Message:
    """The answer to the last request."""
    return until(live, lambda message: message["type"] == "built" or message.get("answer") is True)


def ask(live: LiveSite, kind: str = "rebuild", **members: Any) -> Message:
    live.runner.send({"type": kind, **members})
    return answer(live)


def chunk(live: LiveSite) -> str:
    """Address of the page's script below its base."""
    found = re.search(r"_astro/[\w.-]+\.js", live.request().text)
    assert found is not None, live.request().text
    return found[0]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    with running(site(tmp_path_factory.mktemp("kept"))) as live:
        yield live


def test_builds_are_kept_and_an_earlier_one_is_served_again(kept: LiveSite) -> None:
    """By one request, and without a build; a rebuild of the sources as they are leads back to the
    newest.
    """
    first = chunk(kept)
    write(kept.args.root, "second edition")
    made = ask(kept)
    assert (made["changed"], made["build"]) == (True, 2)
    assert "second edition" in kept.request().text
    second = chunk(kept)
    assert second != first

    asset = kept.request(first)
    assert (asset.status, asset.headers["cache-control"]) == (
        200,
        "private, max-age=31536000, immutable",
    )
    assert "javascript" in asset.headers["content-type"]
    newest = kept.request(second)
    assert (newest.status, newest.headers["cache-control"]) == (
        200,
        "private, max-age=31536000, immutable",
    )
    assert kept.request("_astro/none.js").status == 404
    assert "immutable" not in (kept.request().headers["cache-control"] or "")

    back = ask(kept, "serve", build=1)
    assert (back["type"], back["changed"], back["build"]) == ("built", True, 1)
    assert "first edition" in kept.request().text
    assert kept.request(second).status == 200, (
        "a page that was opened before still loads its chunks"
    )
    assert json.loads((kept.args.root.parent / "kept/published.json").read_text()) == {
        "build": 1,
        "pinned": True,
    }
    again = ask(kept)
    assert (again["changed"], again["build"]) == (True, 2)
    assert "second edition" in kept.request().text
    none = ask(kept, "serve", build=9)
    assert none["code"] == "build"
    assert "there is no build 9" in none["message"]


def test_the_servers_loopback_port_answers_nobody(kept: LiveSite) -> None:
    """Other sites of the task can connect to it."""
    runner = psutil.Process(kept.runner.process.pid)
    ports = [
        entry.laddr.port
        for child in runner.children()
        for entry in child.net_connections()
        if entry.status == psutil.CONN_LISTEN
    ]
    tried = 0
    for port in ports:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.connect()
        except (
            ConnectionRefusedError
        ):  # of a server that another build has replaced, and gone by now
            continue
        tried += 1
        connection.request("GET", kept.args.base)
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            connection.getresponse()
    assert tried


def test_a_hungry_build_is_ended_and_the_message_says_memory(kept: LiveSite) -> None:
    """Memory that V8 does not manage, and memory that it does. What is served answers meanwhile,
    and its text is not replaced.
    """
    before = kept.request().text
    for text in (HUNGRY, HUNGRY_HEAP):
        (kept.args.root / PAGE).write_text(text)
        kept.runner.send({"type": "rebuild"})
        pid = until(kept, lambda message: message.get("buildingPid"))["buildingPid"]
        while (Path(f"/proc/{pid}")).exists():
            assert kept.request().text == before
            time.sleep(0.05)
        refused = answer(kept)
        assert (refused["type"], refused["code"]) == ("error", "build-memory"), refused
        assert "ran out of memory: it may use 640 MiB" in refused["message"]
        last = [message for message in kept.runner.messages if message["type"] == "build-ended"][-1]
        assert last["outcome"] == "memory"
        assert last["memoryMib"] < 2048
    assert kept.request().text == before


def test_what_was_refused_is_not_built_by_a_start(tmp_path: Path) -> None:
    """Nor published: the start says what was wrong, and serves what was served."""
    args = site(tmp_path)
    with running(args):
        pass
    short = replace(args, more={"builds": {**args.more["builds"], "seconds": 5}})
    with running(short) as live:
        (args.root / PAGE).write_text(SLOW)
        refused = ask(live)
        assert refused["code"] == "build-timeout"
        assert "did not end within 5 s" in refused["message"]
    with running(args) as live:
        assert "first edition" in live.request().text
        reported = until(live, lambda message: message["type"] == "error")
        assert reported["code"] == "build-timeout"
        assert [
            message for message in live.runner.messages if message["type"] == "build-ended"
        ] == []
        write(args.root, "fixed")
        assert ask(live)["changed"] is True
        assert any(message["type"] == "healed" for message in live.runner.messages)
        assert "fixed" in live.request().text


def test_a_start_serves_the_last_good_build_first_and_switches_when_the_next_is_good(
    tmp_path: Path,
) -> None:
    """Also on another task, which has nothing but what was kept, and with a configuration that is
    broken by now.
    """
    args = site(tmp_path)
    with running(args):
        pass
    shutil.rmtree(args.scratch)
    write(args.root, "second edition")
    with running(args) as live:
        assert [
            message["type"] for message in live.runner.messages if message["type"] == "build-ended"
        ] == []
        seen = live.request().text
        assert "first edition" in seen
        assert ended(live)["outcome"] == "good"
        until(live, lambda message: message["type"] == "production" and message.get("serving") == 2)
        assert "second edition" in live.request().text
        recorded(args, 2)
    (args.root / "astro.config.mjs").write_text("export default {\n")
    with running(args) as live:
        assert "second edition" in live.request().text
        assert until(live, lambda message: message["type"] == "error")["code"] == "build"


def test_on_request_means_that_a_start_publishes_nothing(tmp_path: Path) -> None:
    """And `publish: false` keeps a build that is not served until somebody asks for it."""
    args = site(tmp_path, publishing="on-request")
    with running(args):
        pass
    write(args.root, "second edition")
    with running(args) as live:
        done = ask(live, publish=False)
        assert (done["changed"], done["build"]) == (True, 2)
        assert "first edition" in live.request().text
    with running(
        replace(args, more={"builds": {**args.more["builds"], "publishing": "on-start"}})
    ) as live:
        assert "first edition" in live.request().text
        assert ask(live, "serve", build=2)["changed"] is True
        assert "second edition" in live.request().text


def test_options_of_the_build_script_hold(tmp_path: Path) -> None:
    """Its configuration, which may have a base, and its mode, which names an environment file."""
    args = site(tmp_path)
    scripts = {
        "build": "astro build --config live.config.mjs --mode staging --site=https://x.example"
    }
    (args.root / "package.json").write_text(json.dumps({"scripts": scripts}))
    (args.root / "astro.config.mjs").write_text("throw new Error('not this one');\n")
    (args.root / "live.config.mjs").write_text(
        "export default { site: 'https://live.example', base: '/own' };\n"
    )
    (args.root / ".env.staging").write_text("PUBLIC_WORD=staged\n")
    (args.root / PAGE).write_text(
        "<p>{String(Astro.site)} {import.meta.env.PUBLIC_WORD} <a href='/own/there'>there</a></p>\n"
    )
    with running(args) as live:
        text = live.request().text
    assert "https://x.example/ staged" in text
    assert f'href="{args.base.rstrip("/")}/there"' in text.replace("'", '"')


def test_so_many_builds_are_kept(tmp_path: Path) -> None:
    """The oldest go; the one that is served stays, however old."""
    args = site(tmp_path, keep=2)
    with running(args) as live:
        for number in range(2, 4):
            write(args.root, f"edition {number}")
            assert ask(live)["build"] == number
        assert _folders(tmp_path / "kept") == _folders(args.scratch / "builds") == ["2", "3"]
        ask(live, "serve", build=2)
        write(args.root, "edition 4")
        assert ask(live, publish=False)["build"] == 4
        assert _folders(tmp_path / "kept") == ["2", "4"]


def _folders(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir())


def test_a_server_that_ends_is_started_again_and_the_error_goes(kept: LiveSite) -> None:
    """Requests that come meanwhile wait for it."""
    write(kept.args.root, "second edition")
    ask(kept)
    children = Path(f"/proc/{kept.runner.process.pid}/task/{kept.runner.process.pid}/children")
    for _ in range(2):
        for pid in children.read_text().split():
            os.kill(int(pid), signal.SIGKILL)
        assert kept.request().status == 200
        assert "ended" in until(kept, lambda message: message["type"] == "error")["message"]
        until(kept, lambda message: message["type"] == "healed")


RECORDS = """
import { Builds } from "BUILDS";
const builds = new Builds({ local: "FOLDER/local", kept: "FOLDER/kept" });
const before = { list: await builds.list(), published: await builds.published(), refused: (await builds.refused()) ?? null };
await builds.publish(1, true);
await builds.refuse("x", { message: "no" });
console.log(JSON.stringify({ before, refused: await builds.refused() }));
process.exit(0);
"""


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "link", "huge"])
def test_what_others_put_in_the_place_of_a_record_holds_up_nothing(
    tmp_path: Path, kind: str
) -> None:
    """Read as if it were not there, and replaced by the next write. Another site writes there as
    the same user (S37).
    """
    makers: dict[str, Callable[[Path], None]] = {
        "pipe": os.mkfifo,
        "folder": lambda path: (path / "in it").mkdir(parents=True),
        "device": lambda path: path.symlink_to("/dev/zero"),
        "link": lambda path: path.symlink_to(path.name),
        "huge": lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_RDWR), 1 << 32),
    }
    (tmp_path / "kept" / "1").mkdir(parents=True)
    for name in ("published.json", "refused.json", "1/build.json"):
        makers[kind](tmp_path / "kept" / name)
    script = tmp_path / "records.mjs"
    module = (ASTRO_DIR / "lib" / "production" / "builds.mjs").as_uri()
    script.write_text(RECORDS.replace("BUILDS", module).replace("FOLDER", str(tmp_path)))
    done = subprocess.run(
        [NODE, script],
        stdout=subprocess.PIPE,
        env={**os.environ, **recording()},
        timeout=60,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["before"] == {"list": [], "published": {"pinned": False}, "refused": None}
    assert found["refused"]["fingerprint"] == "x"
    assert json.loads((tmp_path / "kept" / "published.json").read_text()) == {
        "build": 1,
        "pinned": True,
    }
