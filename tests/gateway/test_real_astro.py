"""The bundled runner and starter site behind the gateway: what the fake dev server cannot show (S1,
S6).
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator

import aiohttp
import pytest

from container.gateway.settings import ASTRO_DIR

from .harness import Gateway, running_gateway
from .mcp_client import connected, text

pytestmark = pytest.mark.skipif(
    not (ASTRO_DIR / "node_modules").is_dir(),
    reason="container/astro/node_modules is missing: run `make setup`",
)


@pytest.fixture(scope="module")
def astro(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with the real runner and one session made from the starter site."""
    with running_gateway(tmp_path_factory.mktemp("gw"), ASTRO_LIVE_RUNNER_COMMAND="") as gateway:
        answer = asyncio.run(
            gateway.api("POST", "/api/v1/sessions", body={"id": "demo", "template": "starter"})
        )
        assert (answer.status, answer.json["state"]) == (201, "ready"), answer.text + gateway.tail()
        yield gateway


async def hmr_path(gateway: Gateway, cookie: dict[str, str]) -> str:
    client = await gateway.get("/session/demo/@vite/client", headers=cookie)
    token = re.search(r'wsToken = "([^"]+)"', client.text)
    assert token is not None
    return f"/session/demo/_hmr?token={token[1]}"


async def test_the_page_and_the_hmr_client_are_served_under_the_prefix(astro: Gateway) -> None:
    """No absolute address in the page leaves the session, and the client is told wss
    and port 443.
    """
    cookie = astro.cookie("demo")
    page = await astro.get("/session/demo/", headers=cookie)
    assert page.status == 200
    addresses = re.findall(r'(?:src|href|component-url|renderer-url)="(/[^"]*)"', page.text)
    assert addresses
    assert [address for address in addresses if not address.startswith("/session/demo/")] == []
    client = await astro.get("/session/demo/@vite/client", headers=cookie)
    assert '"wss"' in client.text
    assert re.search(r"hmrPort = 443\b", client.text)


async def test_a_write_through_the_api_reaches_the_open_socket(astro: Gateway) -> None:
    """PUT a stylesheet: the HMR socket, opened through Envoy with cookie and Origin, gets an update
    for it.
    """
    cookie = astro.cookie("demo")
    await astro.get("/session/demo/", headers=cookie)
    style = next((astro.sites / "demo" / "src").rglob("*.css")).relative_to(astro.sites / "demo")
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            astro.url + await hmr_path(astro, cookie),
            headers={**cookie, "Origin": astro.public_url},
            protocols=["vite-hmr"],
        ) as socket,
    ):
        assert json.loads((await socket.receive(timeout=10)).data)["type"] == "connected"
        text = (await astro.api("GET", f"/api/v1/sessions/demo/files/{style}")).text
        answer = await astro.api(
            "PUT",
            f"/api/v1/sessions/demo/files/{style}",
            data=(text + "\n.later { color: red }").encode(),
        )
        assert answer.status == 200
        while True:
            message = json.loads((await socket.receive(timeout=10)).data)
            if message["type"] in ("update", "full-reload"):
                break
    assert ".later" in (astro.sites / "demo" / style).read_text()


async def quiet(socket: aiohttp.ClientWebSocketResponse, seconds: float = 2.0) -> None:
    """Wait until the page hears nothing more of files that were written before."""
    deadline = asyncio.get_running_loop().time() + 60
    while asyncio.get_running_loop().time() < deadline:
        try:
            await socket.receive(timeout=seconds)
        except TimeoutError:
            return
    raise AssertionError("messages without end")


async def test_a_batch_of_many_files_is_one_wave(astro: Gateway) -> None:
    """80 files that the open page is made of, in one call: one message to the page for them, not 80
    (S31).
    """
    cookie, project = astro.cookie("demo"), astro.sites / "demo"
    styles = [f"src/styles/wave{number}.css" for number in range(80)]
    for number, style in enumerate(styles):
        (project / style).write_text(f".wave{number} {{ color: red }}")
    (project / "src/pages/wave.astro").write_text(
        "<script>" + "".join(f"import '../../{style}';" for style in styles) + "</script><p>1</p>"
    )
    for _ in range(100):
        page = await astro.get("/session/demo/wave", headers=cookie)
        if page.status == 200:
            break
        await asyncio.sleep(0.1)
    assert page.status == 200
    for style in styles:
        assert (
            await astro.get(
                f"/session/demo/{style}", headers={**cookie, "Sec-Fetch-Dest": "script"}
            )
        ).status == 200
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            astro.url + await hmr_path(astro, cookie),
            headers={**cookie, "Origin": astro.public_url},
            protocols=["vite-hmr"],
        ) as socket,
    ):
        assert json.loads((await socket.receive(timeout=10)).data)["type"] == "connected"
        await quiet(socket)
        operations = [
            {"op": "write", "path": style, "content": f".wave{n} {{ color: blue }}"}
            for n, style in enumerate(styles)
        ]
        answer = await astro.api(
            "POST", "/api/v1/sessions/demo/batch", body={"operations": operations}
        )
        assert answer.status == 200, answer.text
        waves = [json.loads((await socket.receive(timeout=20)).data)]
        try:
            while True:
                waves.append(json.loads((await socket.receive(timeout=1.5)).data))
        except TimeoutError:
            pass
    told = [message for message in waves if message["type"] in ("update", "full-reload")]
    assert len(told) == 1, [message["type"] for message in waves]
    assert (
        told[0]["type"] == "full-reload"
        or len({update["path"] for update in told[0]["updates"]}) == 80
    )


async def test_vites_own_doors_are_shut(astro: Gateway) -> None:
    """Each would answer the dev server's neighbour on loopback; through the gateway none does."""
    for path in (
        "__open-in-editor?file=package.json",
        "__OPEN-in-editor?file=x",
        "/__open-in-editor?file=x",
    ):
        assert (
            await astro.get(f"/session/demo/{path}", headers=astro.cookie("demo"))
        ).status == 404


async def test_an_upgrade_that_vite_never_answers_is_refused(astro: Gateway) -> None:
    """Vite leaves an upgrade on an unknown path open for ever; the gateway does not pass it on."""
    headers = {**astro.cookie("demo"), "Origin": astro.public_url}
    async with aiohttp.ClientSession() as session:
        for path, protocols in (("not-hmr", ["vite-hmr"]), ("_hmr", ["other"]), ("_hmr", [])):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(
                    f"{astro.url}/session/demo/{path}", headers=headers, protocols=protocols
                )
            assert refused.value.status == 404


async def test_a_form_post_passes_astros_origin_check_behind_tls(astro: Gateway) -> None:
    """TLS ends at the load balancer, yet a form of the page itself is not refused as cross-site; a
    foreign one is.
    """
    page = astro.sites / "demo" / "src" / "pages" / "answer.ts"
    page.write_text(
        "export const prerender = false;\nexport const POST = async ({ request, url }) => new"
        " Response(url.origin + ' ' + (await request.formData()).get('word'));\n"
    )
    body = {"Content-Type": "application/x-www-form-urlencoded"}
    cookie = astro.cookie("demo")
    for _ in range(40):
        answer = await astro.get(
            "/session/demo/answer",
            method="POST",
            headers={**cookie, **body, "Origin": astro.public_url},
            data=b"word=hi",
        )
        if answer.status != 404:
            break
        await asyncio.sleep(0.25)
    assert (answer.status, answer.text) == (200, f"{astro.public_url} hi")
    foreign = await astro.get(
        "/session/demo/answer",
        method="POST",
        headers={**cookie, **body, "Origin": "https://evil.test"},
        data=b"word=hi",
    )
    assert foreign.status == 403


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway in production mode."""
    with running_gateway(
        tmp_path_factory.mktemp("gw"), ASTRO_LIVE_RUNNER_COMMAND="", NODE_ENV="production"
    ) as gateway:
        yield gateway


async def test_production_mode_serves_a_build_and_rebuilds_on_demand(built: Gateway) -> None:
    """No HMR client; an edit shows after a rebuild; a failing build says why and leaves the last
    good one in place.
    """
    answer = await built.api("POST", "/api/v1/sessions", body={"id": "demo"})
    assert answer.json["state"] == "ready", (
        answer.text + (await built.api("GET", "/api/v1/sessions/demo/logs")).text
    )
    cookie = built.cookie("demo")
    page = await built.get("/session/demo/", headers=cookie)
    assert page.status == 200
    assert "@vite/client" not in page.text
    assert (await built.get("/session/demo/")).status == 404

    source = built.sites / "demo" / "src" / "pages" / "index.astro"
    text = source.read_text()
    source.write_text(
        text.replace("</", "<!-- --><i>second edition</i></", 1)
        if "</" in text
        else text + "<i>second edition</i>"
    )
    assert "second edition" not in (await built.get("/session/demo/", headers=cookie)).text
    rebuilt = await built.api("POST", "/api/v1/sessions/demo/rebuild")
    assert (rebuilt.status, rebuilt.json) == (200, {"changed": True, "build": 2}), rebuilt.text
    assert "second edition" in (await built.get("/session/demo/", headers=cookie)).text

    source.write_text("---\nimport Missing from './missing.astro';\n---\n<Missing />")
    failed = await built.api("POST", "/api/v1/sessions/demo/rebuild")
    assert failed.status == 422, failed.text
    assert failed.json["code"] == "build"
    assert "missing" in failed.json["detail"]
    assert "second edition" in (await built.get("/session/demo/", headers=cookie)).text
    assert (await built.api("GET", "/api/v1/sessions/demo")).json["state"] == "ready"


async def test_there_is_nothing_to_rebuild_in_development_mode(astro: Gateway) -> None:
    """409 says why."""
    answer = await astro.api("POST", "/api/v1/sessions/demo/rebuild")
    assert (answer.status, answer.json["code"]) == (409, "conflict")


async def test_an_agent_sees_what_it_broke_and_repairs_it(astro: Gateway) -> None:
    """Over MCP: the verdict of a write names file and line, the next one is success, and undo takes
    a batch back (S32, S33, S34).
    """
    path = "src/pages/agent.astro"
    async with connected(astro) as client:
        for content, outcome in [
            ("<h1>One</h1>", "rendered"),
            ("---\nconst x = ;\n---\n<h1>Two</h1>", "error"),
            ("<h1>Three</h1>", "rendered"),
        ]:
            arguments = {"path": path, "content": content, "wait": 30}
            written = (await client.call_tool("write_file", arguments)).structured_content
            assert written["verdict"]["outcome"] == outcome
            places = {(each["file"], each["line"]) for each in written["verdict"]["problems"]}
            assert places == ({(path, 2)} if outcome == "error" else set())
        operations = [{"op": "write", "path": path, "content": "<h1>Four</h1>"}]
        assert not (await client.call_tool("change_files", {"operations": operations})).is_error
        undone = await client.call_tool("undo", {"wait": 30})
        assert undone.structured_content["verdict"]["outcome"] == "rendered", text(undone)
        read = await client.call_tool("read_file", {"path": path})
        assert text(read) == "<h1>Three</h1>"
        (page,) = (await client.read_resource("site:///pages/agent/")).contents
        assert getattr(page, "text", "") == "Three"
        await client.call_tool("delete_file", {"path": path})
