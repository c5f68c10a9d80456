"""Edits of each kind reach the HMR socket, by whichever way the runner learns of them (S2, S4)."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from .driver import Answer, LiveSite, StartArgs, copy_starter, live_site, open_page
from .modules import call

PATIENCE_SECONDS = 30.0
NEVER_MS = 3_600_000
"""A polling interval so long that polling cannot be what noticed a change."""

EDITS = {
    "css": ("src/styles/global.css", "body {", "body {\n  outline: 1px solid red;", "update"),
    "astro": (
        "src/pages/index.astro",
        "Your site is awake.",
        "Your site is wide awake.",
        "full-reload",
    ),
    "content": (
        "src/content/notes/write-here.md",
        "Change this sentence",
        "I changed this sentence",
        "full-reload",
    ),
    "component": ("src/components/Counter.jsx", "counted so far", "counted until now", "update"),
}


def timing(answer: Answer) -> str:
    """What the page tells its own scripts in its header."""
    return ", ".join(answer.headers.get_all("server-timing", []))


def receive(
    socket: ClientConnection, kind: str, *, seconds: float = PATIENCE_SECONDS
) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while True:
        message: dict[str, Any] = json.loads(
            socket.recv(timeout=max(0.0, deadline - time.monotonic()))
        )
        if message["type"] == kind:
            return message


def receive_event(socket: ClientConnection, event: str) -> dict[str, Any]:
    """The next message of this name to a page that has said hello."""
    while True:
        message = receive(socket, "custom")
        if message["event"] == event:
            return message


def open_socket(site: LiveSite) -> ClientConnection:
    """A page's socket, without the page."""
    token = re.search(
        r'const wsToken = "([^"]+)"', site.request("@vite/client", headers={"accept": "*/*"}).text
    )
    assert token
    return site.connect(f"{site.args.base}_hmr?token={token[1]}")


def say_hello(socket: ClientConnection) -> dict[str, Any]:
    """What a page's own script does; the server's answer."""
    socket.send(json.dumps({"type": "custom", "event": "astro-live:hello", "data": {}}))
    message = receive(socket, "custom")
    assert message["event"] == "astro-live:hello"
    data: dict[str, Any] = message["data"]
    return data


@pytest.mark.parametrize("kind", list(EDITS))
def test_an_edit_reaches_the_page(site: LiveSite, kind: str) -> None:
    file, old, new, message = EDITS[kind]
    with open_page(site) as socket:
        site.edit(file, old, new)
        try:
            receive(socket, message)
            update = site.runner.wait_for("update", lambda update: update["path"] == file)
            assert update["kind"] == kind
            assert update["ms"] >= 0
            if kind != "css":
                assert (
                    new
                    in site.request(
                        file if kind == "component" else "", headers={"accept": "*/*"}
                    ).text
                )
        finally:
            site.edit(file, new, old)
            receive(socket, message)


@pytest.mark.parametrize(
    ("file", "old", "new", "in_place"),
    [
        ("src/pages/index.astro", "Your site is awake.", "Your site is wide awake.", True),
        (
            "src/content/notes/write-here.md",
            "Change this sentence",
            "I changed this sentence",
            True,
        ),
        ("src/assets/harbour.jpg", b"\xff\xd9", b"\xff\xd9 ", False),
    ],
    ids=["astro", "content", "picture"],
)
def test_a_reload_says_whether_the_page_may_be_updated_in_place(
    site: LiveSite, file: str, old: Any, new: Any, in_place: bool
) -> None:
    """A picture changes no HTML: a page that only compared its HTML would go on showing the old
    one.
    """
    path = site.args.root / file
    before = path.read_bytes()
    old, new = (text if isinstance(text, bytes) else text.encode() for text in (old, new))
    assert old in before
    with open_page(site) as socket:
        hello = say_hello(socket)
        path.write_bytes(before.replace(old, new))
        event = "astro-live:update" if in_place else "astro-live:reload"
        try:
            message = receive_event(socket, event)
            if in_place:
                assert message["data"]["edit"] > hello["edit"]
        finally:
            path.write_bytes(before)
            receive_event(socket, event)


def test_a_page_that_cannot_update_itself_is_reloaded(site: LiveSite) -> None:
    """One whose script has not said hello: it may be blocked, or of another Vite."""
    file, old, new, _ = EDITS["astro"]
    with open_page(site) as socket:
        site.edit(file, old, new)
        try:
            assert receive(socket, "full-reload") == {"type": "full-reload"}
        finally:
            site.edit(file, new, old)
            receive(socket, "full-reload")


def test_a_page_can_ask_for_the_html_it_was_made_of(site: LiveSite) -> None:
    page = site.request(headers={"sec-fetch-dest": "document"})
    number = re.search(r'astro-live-page;desc="([^"]+)"', timing(page))
    assert number
    earlier = site.request(f"@astro-live/page/{number[1]}")
    assert (earlier.status, earlier.body) == (200, page.body)
    assert earlier.headers["content-type"].startswith("text/plain")
    assert site.request("@astro-live/page/other").status == 404
    assert "astro-live-page" not in timing(site.request(headers={"sec-fetch-dest": "empty"}))


def test_a_page_learns_of_an_edit_that_came_before_its_socket_was_open(site: LiveSite) -> None:
    page = site.request(headers={"sec-fetch-dest": "document"})
    known = re.search(r'astro-live-renders;desc="(\d+)"', timing(page))
    assert known
    with open_page(site) as other:
        site.edit("src/pages/index.astro", "Your site is awake.", "Your site is wide awake.")
        receive(other, "full-reload")
        try:
            with open_socket(site) as late:
                hello = say_hello(late)
            assert hello["renders"] > int(known[1])
            assert hello["inPlace"] is True
        finally:
            site.edit("src/pages/index.astro", "Your site is wide awake.", "Your site is awake.")
            receive(other, "full-reload")


def test_the_memory_of_pages_is_bounded() -> None:
    script = """
      const pages = new m.Pages();
      const numbers = Array.from({ length: 100 }, () => pages.next());
      for (const number of numbers) pages.keep(number, "x".repeat(input));
      return numbers.map((number) => pages.get(number) !== undefined);
    """
    for length, kept in ((10, 64), (1 << 20, 8)):
        assert call("pages.mjs", script, length) == [False] * (100 - kept) + [True] * kept


def test_of_a_page_all_or_nothing_is_remembered() -> None:
    """In characters this page is short enough, in bytes it is not: half of it would be taken for
    the whole.
    """
    script = """
      const pages = new m.Pages();
      const response = { statusCode: 200, appendHeader() {}, getHeader: () => "text/html", hasHeader: () => false, write() {}, end() {} };
      const request = { method: "GET", url: "/", headers: { "sec-fetch-dest": "document" } };
      let number;
      response.appendHeader = (_name, value) => { number = /astro-live-page;desc="([^"]+)"/.exec(value)?.[1] ?? number; };
      m.pagesMiddleware({ base: "", pages, renders: () => 0 })(request, response, () => {});
      for (const piece of input) response.write(piece);
      response.end("</html>");
      return pages.get(number) ?? null;
    """
    assert call("pages.mjs", script, ["<html>", "é" * 1000]) == "<html>" + "é" * 1000 + "</html>"
    assert call("pages.mjs", script, ["é" * 300_000, "é" * 300_000]) is None


def test_pages_can_be_reloaded_always(args: StartArgs) -> None:
    with live_site(replace(args, more={"pageUpdates": "reload"})) as site:
        assert "inPlaceUpdates" not in site.request("@vite/client", headers={"accept": "*/*"}).text


@pytest.fixture(scope="module")
def deaf_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """No native events, and polling so rare that it never comes."""
    folder = tmp_path_factory.mktemp("deaf")
    args = StartArgs(
        root=copy_starter(folder / "project"),
        scratch=folder / "scratch",
        watch_mode="polling",
        interval_ms=NEVER_MS,
    )
    with live_site(args) as live:
        yield live


@pytest.mark.parametrize("kind", list(EDITS))
def test_a_notice_from_the_parent_is_enough(deaf_site: LiveSite, kind: str) -> None:
    file, old, new, message = EDITS[kind]
    with open_page(deaf_site) as socket:
        path = deaf_site.edit(file, old, new)
        with pytest.raises(TimeoutError):
            receive(socket, message, seconds=0.6)
        deaf_site.runner.send({"type": "change", "event": "change", "path": str(path)})
        receive(socket, message)


def test_two_edits_in_a_row_both_arrive(site: LiveSite) -> None:
    """The watcher drops the second of two changes within 50 ms; the page must end up with it all
    the same.
    """
    file = site.args.root / EDITS["css"][0]
    before = file.read_text()
    with open_page(site) as socket:
        for text in (before + "/* 1 */", before + "/* 2 */", before):
            file.write_text(text)
            receive(socket, "update")


def test_a_file_that_is_emptied_before_it_is_filled_is_told_of_once() -> None:
    """Most writers do. Vite would read the empty file, and the page would get an empty module
    before the full one.
    """
    script = """
      const { EventEmitter } = await import("node:events");
      const { mkdtempSync, writeFileSync, readFileSync } = await import("node:fs");
      const root = mkdtempSync(input.folder + "/");
      const server = { watcher: new EventEmitter(), environments: { client: { hot: { send() {}, on() {} } } } };
      const told = [];
      server.watcher.on("change", (file) => told.push(readFileSync(file, "utf8")));
      new m.FileEvents(root, () => {}).attach(server);
      const [filled, emptied] = [root + "/filled.js", root + "/emptied.js"];
      writeFileSync(filled, "");
      server.watcher.emit("change", filled);
      setTimeout(() => writeFileSync(filled, "whole"), 10);
      writeFileSync(emptied, "");
      setTimeout(() => server.watcher.emit("change", emptied), 250);
      await new Promise((resolve) => setTimeout(resolve, 600));
      return told;
    """
    with tempfile.TemporaryDirectory() as folder:
        assert call("events.mjs", script, {"folder": folder}) == ["whole", ""]


def test_a_new_file_is_reported_as_added_by_whichever_source_is_first() -> None:
    """A change that overtakes the addition must not stand in for it: public files, routes and globs
    would never learn of the file.
    """
    script = """
      const { EventEmitter } = await import("node:events");
      const { mkdtempSync, writeFileSync } = await import("node:fs");
      const file = mkdtempSync(input.folder + "/") + "/new.json";
      const server = { watcher: new EventEmitter(), environments: { client: { hot: { send() {}, on() {} } } } };
      const told = [];
      for (const event of ["add", "change"]) server.watcher.on(event, () => told.push(event));
      new m.FileEvents(input.folder, () => {}).attach(server);
      writeFileSync(file, "");
      server.watcher.emit("add", file);
      writeFileSync(file, "whole");
      server.watcher.emit("change", file);
      await new Promise((resolve) => setTimeout(resolve, 300));
      server.watcher.emit("add", file);
      return told;
    """
    with tempfile.TemporaryDirectory() as folder:
        assert call("events.mjs", script, {"folder": folder}) == ["change", "add"]


def test_a_page_can_tell_that_a_later_server_has_answered(site: LiveSite) -> None:
    """It compares what its page says in `Server-Timing` with what it hears when it says hello
    (docs/quirks.md).
    """

    def served() -> int:
        answer = site.request(headers={"accept": "text/html", "sec-fetch-dest": "document"})
        found = re.search(r'astro-live-server;desc="(\d+)"', timing(answer))
        assert found
        return int(found[1])

    def heard() -> int:
        with open_socket(site) as socket:
            return int(say_hello(socket)["server"])

    before, old_token = served(), token(site)
    assert heard() == before
    assert (
        "server-timing"
        not in site.request("src/styles/global.css", headers={"sec-fetch-dest": "style"}).headers
    )
    path = site.args.root / "astro.config.mjs"
    text = path.read_text()
    path.write_text(text + "\n// touched\n")
    wait_until_restarted(site, old_token)
    assert served() == heard() > before
    old_token = token(site)
    path.write_text(text)
    wait_until_restarted(site, old_token)


def test_polling_notices_an_edit(args: StartArgs) -> None:
    file, old, new, message = EDITS["css"]
    with (
        live_site(replace(args, watch_mode="polling", interval_ms=50)) as site,
        open_page(site) as socket,
    ):
        assert site.ready["watch"] == {"mode": "polling", "reason": "set to polling"}
        site.edit(file, old, new)
        receive(socket, message)


def test_hybrid_tells_one_write_once(args: StartArgs) -> None:
    """Native event, polling and notice all see the same write; the page must not be updated three
    times.
    """
    file, old, new, message = EDITS["css"]
    with (
        live_site(replace(args, watch_mode="hybrid", interval_ms=50)) as site,
        open_page(site) as socket,
    ):
        time.sleep(0.3)  # polling takes its first look
        path = site.edit(file, old, new)
        site.runner.send({"type": "change", "event": "change", "path": str(path)})
        receive(socket, message)
        with pytest.raises(TimeoutError):
            receive(socket, message, seconds=1)


def test_a_new_collection_entry_gets_its_page(site: LiveSite) -> None:
    note = site.args.root / "src/content/notes/fresh.md"
    with open_page(site) as socket:
        note.write_text("---\ntitle: Fresh\nsummary: Just written\norder: 9\n---\n\nNew words.\n")
        try:
            receive(socket, "full-reload")
            assert "Just written" in site.request().text
            assert "New words." in site.request("notes/fresh").text
        finally:
            note.unlink()
            receive(socket, "full-reload")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "Just written" in site.request().text:
        assert time.monotonic() < deadline, "the deleted entry is still shown"
        time.sleep(0.05)


@pytest.mark.parametrize("file", ["astro.config.mjs", ".env"])
def test_a_restart_keeps_port_and_prefix(site: LiveSite, file: str) -> None:
    path = site.args.root / file
    before = path.read_text()
    old_token = token(site)
    try:
        path.write_text(before + ("\n// touched\n" if file.endswith("mjs") else "MORE=1\n"))
        wait_until_restarted(site, old_token)
        html = site.request().text
        assert 'src="/session/demo/@vite/client"' in html
        assert 'component-url="/session/demo/' in html
        for kind in ("css", "content"):
            edited, old, new, message = EDITS[kind]
            with open_page(site) as socket:
                site.edit(edited, old, new)
                receive(socket, message)
                site.edit(edited, new, old)
                receive(socket, message)
    finally:
        old_token = token(site)
        path.write_text(before)
        wait_until_restarted(site, old_token)


def token(site: LiveSite) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            found = re.search(
                r'const wsToken = "([^"]+)"',
                site.request("@vite/client", headers={"accept": "*/*"}).text,
            )
            assert found
            return found[1]
        except OSError:
            assert time.monotonic() < deadline, "the server did not come back on its port"
            time.sleep(0.1)


def wait_until_restarted(
    site: LiveSite, old_token: str, *, seconds: float = PATIENCE_SECONDS
) -> None:
    """Wait for a server that made a new token."""
    deadline = time.monotonic() + seconds
    while token(site) == old_token:
        assert time.monotonic() < deadline, f"no restart\n{site.runner.output}"
        time.sleep(0.1)


def test_the_wait_before_a_collection_is_written_is_gone(site: LiveSite) -> None:
    """Astro waits half a second for more edits. The patched module says otherwise, wherever it was
    loaded from.
    """
    source = (
        Path(__file__).parents[2]
        / "container/astro/node_modules/astro/dist/content/mutable-data-store.js"
    ).read_text()
    assert "SAVE_DEBOUNCE_MS = 500" in source
    with open_page(site) as socket:
        file, old, new, message = EDITS["content"]
        site.edit(file, old, new)
        receive(socket, message)
        update = site.runner.wait_for("update", lambda update: update["path"] == file)
        site.edit(file, new, old)
        receive(socket, message)
    assert update["ms"] < 500, "Astro's own wait is still there: it alone takes 500 ms"


def test_no_connection_is_refused_during_a_restart(site: LiveSite) -> None:
    """Vite closes its listener for a restart; who asks meanwhile is answered afterwards."""
    path = site.args.root / "astro.config.mjs"
    before = path.read_text()
    old_token = token(site)
    path.write_text(before + "\n// again\n")
    answers = 0
    deadline = time.monotonic() + PATIENCE_SECONDS
    new_token = old_token
    while new_token == old_token:
        with contextlib.suppress(
            ConnectionResetError, http.client.RemoteDisconnected
        ):  # asked just before the old server closed
            found = re.search(
                r'const wsToken = "([^"]+)"',
                site.request("@vite/client", headers={"accept": "*/*"}).text,
            )
            assert found
            new_token = found[1]
            answers += 1
        assert time.monotonic() < deadline, f"no restart\n{site.runner.output}"
    assert answers > 0
    path.write_text(before)
    wait_until_restarted(site, new_token)
