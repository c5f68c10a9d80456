"""What became of an edit, and what is wrong with a site now, on a real dev server (S32)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest

from container.gateway.settings import ASTRO_DIR

from .event_stream import reading
from .harness import Answer, Gateway, running_gateway

pytestmark = pytest.mark.skipif(
    not (ASTRO_DIR / "node_modules").is_dir(),
    reason="container/astro/node_modules is missing: run `make setup`",
)
SESSION = "/api/v1/sessions/demo"
PAGE = (
    "---\nconst word ="
    " 'fine';\n---\n<html><head><title>v</title></head><body><p>{word}</p></body></html>\n"
)

LONG_PAGE = """---
import type { AstroGlobal } from "astro";
interface Props {
  name?: string;
}
const { name = "all" }: Props = Astro.props as AstroGlobal["props"];
const word: string = 'fine';
---
<html>
  <head><title>v</title></head>
  <body>
    <p>{word} {name}</p>
  </body>
</html>
"""
"""Whose compiled form has other lines than its source."""


@pytest.fixture(scope="module")
def astro(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with the real runner and one session made from the starter site."""
    with running_gateway(tmp_path_factory.mktemp("gw"), ASTRO_LIVE_RUNNER_COMMAND="") as gateway:
        answer = asyncio.run(gateway.api("POST", "/api/v1/sessions", body={"id": "demo"}))
        assert (answer.status, answer.json["state"]) == (201, "ready"), answer.text + gateway.tail()
        yield gateway


async def write(gateway: Gateway, path: str, text: str, wait: float = 30) -> Any:
    """The verdict on a write."""
    answer = await gateway.api("PUT", f"{SESSION}/files/{path}?wait={wait}", data=text.encode())
    assert answer.status in (200, 201), answer.text
    return answer.json["verdict"]


NOTE = "src/content/notes/verdict.md"
GOOD_NOTE = "---\ntitle: Verdict\nsummary: Of a note.\norder: 9\n---\n\nText.\n"


async def test_an_entry_of_a_collection_is_broken_and_whole_as_the_verdict_says(
    astro: Gateway,
) -> None:
    """Each time, also where the repair is the very text that was there before, and where the front
    matter cannot be parsed: Astro's loader has no entry parsed then.
    """
    assert (await write(astro, NOTE, GOOD_NOTE))["outcome"] == "rendered"
    for pause in (0, 0.4):
        for bad in (
            GOOD_NOTE.replace("title: Verdict", "title: 5"),
            GOOD_NOTE.replace("title:", "name:"),
            GOOD_NOTE.replace("order: 9", "order: x"),
            GOOD_NOTE.replace("title: Verdict", "title: ["),
            "",
        ):
            broken = await write(astro, NOTE, bad)
            assert broken["outcome"] == "error", bad
            assert broken["problems"][0]["file"] == NOTE, broken
            await asyncio.sleep(pause)
            repaired = await write(astro, NOTE, GOOD_NOTE)
            assert (repaired["outcome"], repaired["problems"]) == ("rendered", []), bad


async def problems(gateway: Gateway) -> list[dict[str, Any]]:
    answer = await gateway.api("GET", f"{SESSION}/problems")
    assert (answer.status, answer.json["checked"]) == (200, True), answer.text
    found: list[dict[str, Any]] = answer.json["problems"]
    return found


BROKEN = {
    "an undefined name": (
        "src/pages/v.astro",
        PAGE,
        PAGE.replace("{word}", "{nobody}"),
        "nobody is not defined",
        4,
    ),
    "a bad brace": ("src/pages/v.astro", PAGE, PAGE.replace("'fine';", "{ a: ;"), "", 2),
    "bad JSX": (
        "src/components/V.jsx",
        "export default () => <p>v</p>;\n",
        "export default () => <p>v</q>;\n",
        "",
        1,
    ),
    "broken CSS": (
        "src/styles/v.css",
        ".v { color: red }\n",
        ".v { color: red }\n.w }} {\n",
        "",
        2,
    ),
    "an undefined name far down": (
        "src/pages/v.astro",
        LONG_PAGE,
        LONG_PAGE.replace("{word}", "{nobody}"),
        "nobody is not defined",
        12,
    ),
    "an error in the frontmatter": (
        "src/pages/v.astro",
        LONG_PAGE,
        LONG_PAGE.replace("'fine'", "nobody.name"),
        "nobody is not defined",
        7,
    ),
    "a missing import": (
        "src/pages/v.astro",
        PAGE,
        PAGE.replace("const word = ", "import x from './none.js';\nconst word = x + "),
        "none.js",
        0,
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_a_write_says_what_it_broke_and_the_next_that_it_is_whole(
    astro: Gateway, kind: str
) -> None:
    """Nobody looks. The error has file and line; it is listed until it is fixed, then gone. The
    session is `ready` all the while.
    """
    path, good, bad, text, line = BROKEN[kind]
    assert (await write(astro, path, good))["outcome"] == "rendered"
    assert await problems(astro) == []
    verdict = await write(astro, path, bad)
    assert verdict["outcome"] == "error", verdict
    (problem,) = verdict["problems"]
    assert text in problem["message"]
    assert problem["file"] == path, problem
    if line:
        assert problem["line"] == line, problem
        assert str(line) in problem["frame"]
    assert [each["file"] for each in await problems(astro)] == [path]
    assert await astro.state("demo") == "ready"
    healed = await write(astro, path, good)
    assert (healed["outcome"], healed["problems"]) == ("rendered", [])
    assert await problems(astro) == []


async def test_readers_of_events_hear_of_what_breaks_and_heals(astro: Gateway) -> None:
    """Also of an edit past the API, and of an error in an open page; nobody asks for it."""
    await write(astro, "src/pages/v.astro", PAGE)
    page = astro.sites / "demo/src/pages/v.astro"
    async with reading(astro, "demo") as stream:
        await stream.first("state", state="ready")
        page.write_text(PAGE.replace("{word}", "{nobody}"))
        broken = await stream.first("problem")
        assert "nobody is not defined" in broken["problem"]["message"]
        assert (broken["problem"]["file"], broken["problem"]["line"]) == ("src/pages/v.astro", 4)
        page.write_text(PAGE)
        assert (await stream.first("healed", id=broken["id"]))["file"] == "src/pages/v.astro"
        await stream.first("edit", path="src/pages/v.astro")
        async with open_page(astro, "v") as socket:
            told = {"kind": "uncaught", "message": "boom", "stack": ""}
            await socket.send_json({"type": "custom", "event": "astro-live:problem", "data": told})
            boom = await stream.until(
                lambda stream: [
                    each for each in stream.of("problem") if each["problem"]["message"] == "boom"
                ]
            )
        await stream.first("healed", id=boom[0]["id"])


async def test_every_change_can_wait(astro: Gateway) -> None:
    """An edit, a move and a batch; a wait that is not a number of seconds is refused before
    anything is written.
    """
    await write(astro, "src/pages/v.astro", PAGE)

    async def verdict(method: str, path: str, body: Any) -> Any:
        answer: Answer = await astro.api(method, f"{SESSION}/{path}?wait=30", body=body)
        assert answer.status == 200, answer.text
        return answer.json["verdict"]

    broken = await verdict(
        "PATCH", "files/src/pages/v.astro", {"edits": [{"old": "{word}", "new": "{nothing}"}]}
    )
    assert (broken["outcome"], broken["problems"][0]["file"]) == ("error", "src/pages/v.astro")
    fixed = await verdict(
        "POST",
        "batch",
        {"operations": [{"op": "write", "path": "src/pages/v.astro", "content": PAGE}]},
    )
    assert fixed["outcome"] == "rendered"
    moved = await verdict("POST", "move", {"path": "src/pages/v.astro", "to": "src/pages/w.astro"})
    assert moved["outcome"] == "rendered"
    for query in (
        *("wait=0", "wait=x", "wait=-1", "wait=31", "wait=nan", "wait=1e9", "wait="),
        *("waits=5", "wait=5&wait=6", "wait=5&=1", "=false"),
    ):
        refused = await astro.api("PUT", f"{SESSION}/files/src/pages/none.astro?{query}", data=b"x")
        assert refused.status == 400, query
        refused = await astro.api("POST", f"{SESSION}/batch?{query}", body={"operations": []})
        assert (refused.status, "query" in refused.text or "wait" in refused.text) == (400, True)
    assert not (astro.sites / "demo/src/pages/none.astro").exists()


@contextlib.asynccontextmanager
async def open_page(
    gateway: Gateway, path: str, *, answers: bool = True
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """What a page's script does, as far as the server sees it: it says hello, and (`answers`) that
    it shows what it is asked about.
    """
    cookie = gateway.cookie("demo")
    client = await gateway.get("/session/demo/@vite/client", headers=cookie)
    token = re.search(r'wsToken = "([^"]+)"', client.text)
    assert token is not None
    address = f"{gateway.url}/session/demo/_hmr?token={token[1]}"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            address, headers={**cookie, "Origin": gateway.public_url}, protocols=["vite-hmr"]
        ) as socket,
    ):
        await socket.send_json(
            {"type": "custom", "event": "astro-live:hello", "data": {"status": 200, "path": path}}
        )

        async def live() -> None:
            async for message in socket:
                told = json.loads(message.data)
                if answers and told.get("event") == "astro-live:ask":
                    await socket.send_json(
                        {"type": "custom", "event": "astro-live:shown", "data": told["data"]}
                    )

        living = asyncio.create_task(live())
        try:
            yield socket
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)


async def greeted(gateway: Gateway, pages: int) -> None:
    """Wait until the server knows that so many pages are open."""
    for _ in range(100):
        found = (await gateway.api("PUT", f"{SESSION}/files/greeted.txt?wait=10", data=b"x")).json[
            "verdict"
        ]
        if found["pages"] == pages:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(found)


async def test_a_write_is_shown_when_all_open_pages_say_so(astro: Gateway) -> None:
    """Two pages that answer; a third that does not keeps the verdict open until the time is up."""
    await write(astro, "src/pages/v.astro", PAGE)
    async with open_page(astro, "v"), open_page(astro, ""):
        await greeted(astro, 2)
        shown = await write(astro, "src/pages/v.astro", PAGE.replace("fine", "better"))
        assert (shown["outcome"], shown["pages"], shown["problems"]) == ("shown", 2, []), shown
        async with open_page(astro, "", answers=False):
            late = await write(astro, "src/pages/v.astro", PAGE, wait=2)
            assert late["outcome"] == "pending", late
            assert late["ms"] < 10_000


async def test_a_wait_that_is_too_short_says_that_nothing_is_known_yet(astro: Gateway) -> None:
    """`pending`: the change is made, and a later call is told what became of it."""
    slow = PAGE.replace(
        "---\n<html>", "await new Promise((done) => setTimeout(done, 4000));\n---\n<html>"
    )
    path = "src/pages/slow.astro"
    early = await write(astro, path, slow, wait=1)
    assert (early["outcome"], early["problems"], early["pages"]) == ("pending", [], 0), early
    assert early["ms"] < 4000
    assert (astro.sites / "demo" / path).read_text() == slow
    broken = slow.replace("{word}", "{nobody}")
    early = await write(astro, path, broken, wait=1)
    assert early["outcome"] == "pending", early
    found: list[Any] = []
    for _ in range(20):
        answer = (await astro.api("GET", f"{SESSION}/problems")).json
        if found := answer["problems"]:
            break
    assert [(each["file"], "nobody" in each["message"]) for each in found] == [(path, True)]
    late = await write(astro, path, PAGE)
    assert (late["outcome"], late["problems"]) == ("rendered", []), late
    assert (await astro.api("DELETE", f"{SESSION}/files/{path}")).status == 204


async def test_errors_of_an_open_page_are_listed_with_their_source_until_it_goes(
    astro: Gateway,
) -> None:
    """An uncaught error makes the verdict one, a line on the console does not; what a page reports
    is bounded.
    """
    await write(astro, "src/pages/v.astro", PAGE)
    source = (
        "export const one: number = 1;\n\nexport function boom(): never {\n  throw new"
        " Error('boom');\n}\n"
    )
    await write(astro, "src/boom.ts", source)
    served = await astro.get(
        "/session/demo/src/boom.ts", headers={**astro.cookie("demo"), "Sec-Fetch-Dest": "script"}
    )
    row = next(
        number for number, line in enumerate(served.text.splitlines(), 1) if "new Error" in line
    )
    stack = f"Error: boom\n    at boom ({astro.public_url}/session/demo/src/boom.ts?t=12:{row}:9)"
    async with open_page(astro, "v") as socket:
        await greeted(astro, 1)

        async def report(kind: str, message: Any, stack: Any = "") -> None:
            data = {"kind": kind, "message": message, "stack": stack}
            await socket.send_json({"type": "custom", "event": "astro-live:problem", "data": data})

        await report("console", "only a line")
        for _ in range(100):
            if found := await problems(astro):
                break
        assert (found[0]["source"], found[0]["plugin"], found[0]["message"]) == (
            "browser",
            "console",
            "only a line",
        )
        assert (await write(astro, "src/pages/v.astro", PAGE))["outcome"] == "shown"
        await report("uncaught", "boom", stack)
        for _ in range(100):
            if len(found := await problems(astro)) == 2:
                break
        boom = found[1]
        assert (boom["plugin"], boom["file"], boom["line"], boom["page"]) == (
            "uncaught",
            "src/boom.ts",
            4,
            "v",
        ), boom
        assert "new Error('boom')" in boom["frame"]
        assert (await write(astro, "src/pages/v.astro", PAGE))["outcome"] == "error"
        for number in range(30):
            await report("console", f"{number} " + "x" * 10_000, {"not": "a text"})
        assert len(await problems(astro)) <= 10
    for _ in range(200):
        if not (found := await problems(astro)):
            break
        await asyncio.sleep(0.1)
    assert found == []


async def test_a_session_that_does_not_run_says_so(astro: Gateway) -> None:
    """A file is written all the same."""
    (astro.sites / "still").mkdir()
    answer = await astro.api("PUT", "/api/v1/sessions/still/files/a.txt?wait=5", data=b"x")
    assert (answer.status, answer.json["verdict"]["outcome"]) == (201, "not-running")
    assert (await astro.api("GET", "/api/v1/sessions/still/problems")).json == {
        "checked": False,
        "problems": [],
    }


async def test_a_site_that_does_not_start_is_a_problem(astro: Gateway) -> None:
    """What keeps a session from running is its verdict, until an edit heals it."""
    config = (astro.sites / "demo/astro.config.mjs").read_text()
    await astro.api("POST", "/api/v1/sessions", body={"id": "bad"})
    await astro.api(
        "PUT", "/api/v1/sessions/bad/files/astro.config.mjs", data=b"export default {{{"
    )
    restarted = await astro.api("POST", "/api/v1/sessions/bad/restart")
    assert restarted.json["state"] == "failed", restarted.text
    listed = (await astro.api("GET", "/api/v1/sessions/bad/problems")).json["problems"]
    assert [problem["source"] for problem in listed] == ["site"]
    healed = await astro.api(
        "PUT", "/api/v1/sessions/bad/files/astro.config.mjs?wait=30", data=config.encode()
    )
    assert healed.json["verdict"]["outcome"] in ("rendered", "pending"), healed.text


async def test_the_verdict_on_an_edit_that_needs_another_dev_server_is_of_that_one(
    astro: Gateway,
) -> None:
    """Astro does not look for another name of the collections' configuration while it runs."""
    before = (await astro.api("GET", SESSION)).json["pid"]
    old, new = "src/content.config.ts", "src/content.config.mjs"
    for source, target in ((old, new), (new, old)):
        move = {"operations": [{"op": "move", "path": source, "to": target}]}
        moved = await astro.api("POST", f"{SESSION}/batch?wait=30", body=move)
        verdict = moved.json["verdict"]
        assert (verdict["outcome"], verdict["problems"]) == ("rendered", []), moved.text
        after = (await astro.api("GET", SESSION)).json["pid"]
        assert after != before
        before = after
        text = (await astro.api("GET", f"{SESSION}/files/{target}")).body.decode()
        edited = text.replace("title: z.string()", "title: z.number()")
        assert edited != text
        assert (await write(astro, target, edited))["outcome"] == "error"
        assert (await write(astro, target, text))["outcome"] == "rendered"


async def test_a_dev_server_that_dies_under_a_verdict_leaves_it_to_the_next(astro: Gateway) -> None:
    """Its channel ends before anybody knows why."""
    made = await astro.api("POST", "/api/v1/sessions", body={"id": "dying"})
    assert made.json["state"] == "ready", made.text
    mark, config = astro.sites / "dying" / "died", astro.sites / "dying" / "astro.config.mjs"
    once = (
        "import { existsSync, writeFileSync } from 'node:fs';\n"
        f"if (!existsSync('{mark}')) {{\n  writeFileSync('{mark}', '');\n  process.exit(3);\n}}\n"
    )
    path = "/api/v1/sessions/dying/files/astro.config.mjs?wait=30"
    answer = await astro.api("PUT", path, data=(once + config.read_text()).encode())
    verdict = answer.json["verdict"]
    assert mark.exists()
    assert (verdict["outcome"], verdict["problems"]) == ("rendered", []), answer.text
