"""A session as an MCP server: the SDK's own client against a real gateway, in both of its protocol
generations (S33).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import httpx2
import jsonschema
import mcp_types as types
import pytest
from aiohttp import web
from mcp.shared.exceptions import MCPError

from container.gateway.agents import calls, endpoint
from container.gateway.agents.arguments import Shape
from container.gateway.agents.rendered import text_of
from container.gateway.agents.table import NO_TOOLS, TOOLS
from container.gateway.agents.tools import operations, tools_of
from container.gateway.codes import PROBLEMS, Code
from container.gateway.credentials.model import ENVIRONMENT
from container.gateway.errors import Crowded
from container.gateway.openapi import document

from .harness import API_TOKEN, ROOT, Gateway, running_gateway
from .mcp_client import connected, text

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MODES = ["2026-07-28", "legacy"]
PAGE = "src/pages/[slug].astro"
HEADERS = {
    "Authorization": f"Bearer {API_TOKEN}",
    "Content-Type": "application/json",
    "Accept": "application/json, text/event-stream",
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """With a session that runs."""
    with running_gateway(tmp_path_factory.mktemp("gw")) as running:
        asyncio.run(running.start("demo"))
        yield running


def test_each_operation_is_a_tool_or_said_not_to_be() -> None:
    """A new one fails here until somebody decides."""
    names = {operation["operationId"] for *_, operation in operations(document())}
    assert names - TOOLS.keys() - NO_TOOLS.keys() == set()
    assert TOOLS.keys() & NO_TOOLS.keys() == set()
    assert (TOOLS.keys() | NO_TOOLS.keys()) - names == set()


def test_schemas_of_tools_can_be_read_alone() -> None:
    """Valid JSON Schema whose references lead to themselves."""
    for tool in tools_of(document()).values():
        for schema in (tool.input_schema, tool.output_schema):
            if schema is not None:
                jsonschema.Draft202012Validator.check_schema(schema)
                known = {f"#/$defs/{name}" for name in schema.get("$defs", {})}
                assert set(_references(schema)) <= known, tool.name
                assert schema["type"] == "object"


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _references(each)


@pytest.mark.parametrize("mode", MODES)
async def test_an_agent_reads_edits_and_repairs(gateway: Gateway, mode: str) -> None:
    """The tools, with their verdicts and versions. The client checks each answer against the tool's
    schema.
    """
    async with connected(gateway, mode) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert {"read_file", "write_file", "edit_file", "change_files", "list_files"} <= set(tools)
        assert {"search_files", "list_problems", "read_logs", "restart_session"} <= set(tools)
        hints = tools["read_file"].annotations
        assert hints is not None
        assert hints.read_only_hint
        written = await client.call_tool(
            "write_file", {"path": PAGE, "content": "<h1>Grüße</h1>", "wait": 10}
        )
        assert written.structured_content["verdict"]["outcome"] == "rendered"
        read = (await client.call_tool("read_file", {"path": PAGE})).structured_content
        assert (read["content"], read["encoding"]) == ("<h1>Grüße</h1>", "utf-8")
        edit = {"path": PAGE, "edits": [{"old": "h1", "new": "h2", "count": 2}]}
        edited = await client.call_tool("edit_file", {**edit, "if_match": read["etag"]})
        assert not edited.is_error
        assert (gateway.sites / "demo" / PAGE).read_text() == "<h2>Grüße</h2>"
        late = await client.call_tool("edit_file", {**edit, "if_match": read["etag"]})
        assert late.is_error
        problem = json.loads(text(late))
        assert problem["status"] == 412
        assert problem["current"]
        assert late.meta is not None
        assert late.meta["astro-live/problem"] == problem
        made = await client.call_tool(
            "change_files",
            {
                "operations": [
                    {"op": "write", "path": "a.txt", "content": "a"},
                    {"op": "move", "path": "a.txt", "to": "b.txt", "overwrite": True},
                ]
            },
        )
        assert {change["path"] for change in made.structured_content["changes"]} >= {"b.txt"}
        tree = await client.call_tool("list_files", {"path": "src", "hashes": False})
        assert PAGE in [entry["path"] for entry in tree.structured_content["entries"]]
        found = await client.call_tool("search_files", {"q": "GRÜSSE|grüße", "regex": True})
        assert not found.structured_content["matches"]
        found = await client.call_tool(
            "search_files", {"q": "grüße", "regex": True, "ignore_case": True}
        )
        assert [match["path"] for match in found.structured_content["matches"]] == [PAGE]
        assert (await client.call_tool("list_problems", {})).structured_content["checked"]
        assert "fake dev server" in text(await client.call_tool("read_logs", {}))
        session = (await client.call_tool("restart_session", {})).structured_content
        assert session["state"] == "ready"
        assert text(await client.call_tool("delete_file", {"path": PAGE})) == "done"
        bytes_ = {"path": "x.bin", "content": "/wA=", "encoding": "base64"}
        assert not (await client.call_tool("write_file", bytes_)).is_error
        binary = (await client.call_tool("read_file", {"path": "x.bin"})).structured_content
        assert (binary["content"], binary["encoding"]) == ("/wA=", "base64")


@pytest.mark.parametrize("mode", MODES)
async def test_resources(gateway: Gateway, mode: str) -> None:
    """The tree, the problems and the files, each by its address."""
    (gateway.sites / "demo" / "a b.txt").write_text("of a page")
    async with connected(gateway, mode) as client:
        listed = {str(resource.uri) for resource in (await client.list_resources()).resources}
        assert listed == {"site:///tree", "site:///problems", "site:///session", "site:///log"}
        for uri in sorted(listed):
            (content,) = (await client.read_resource(uri)).contents
            assert isinstance(content, types.TextResourceContents)
            assert content.text
        templates = (await client.list_resource_templates()).resource_templates
        assert [each.uri_template for each in templates] == [
            "site:///files/{+path}",
            "site:///pages/{+path}",
        ]
        (shown,) = (await client.read_resource("site:///pages/some/page")).contents
        assert isinstance(shown, types.TextResourceContents)
        assert shown.text == "fake\nsite some/page"
        (page,) = (await client.read_resource("site:///files/a%20b.txt")).contents
        assert isinstance(page, types.TextResourceContents)
        assert page.text == "of a page"
        for unknown in (
            "site:///files/none.txt",
            "site:///files/../x",
            "site:///pages/../x",
            "site:///no",
            "http://x/",
        ):
            with pytest.raises(MCPError):
                await client.read_resource(unknown)


def test_the_text_of_a_page_is_what_a_reader_sees() -> None:
    """A line for each block, without scripts and styles."""
    html = (
        "<html><head><title>Shop</title><style>p { color: red }</style></head><body><h1>Welcome"
        " <em>back</em>,\n you</h1><script>alert(1)</script><p>A &amp; B<br>C<img alt='A boat'>"
        "<template><p>later</p></template></p><ul><li>one<li>two</ul>"
    )
    assert text_of(html).split("\n") == [
        "Shop", "Welcome back, you", "A & B", "C[A boat]", "one", "two",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "part",
    ["<a ", "<a", "<!--", "<!", "<![", "<?", "</", "&#", '<a x="', "<img alt", "<a =\n", "<svg></svg",
     "<script></", "=", " "],
)  # fmt: skip
def test_no_page_holds_the_gateway_up(part: str) -> None:
    """Work grows as the page does: eight times the page, far less than 64 times the time."""

    def seconds(size: int) -> float:
        page = ("<img " + part * size)[:size]
        began = time.process_time()
        text_of(page)
        return time.process_time() - began

    small = min(seconds(40_000) for _ in range(3))
    assert seconds(320_000) < 30 * small + 0.5


@pytest.mark.parametrize(
    ("html", "seen"),
    [
        ("a < b<!-- <p>no --><br>c", ["a < b", "c"]),
        ('<div title="x > y">k</div>', ["k"]),
        ("<svg/>a<svg><text>no</text></svg>b", ["ab"]),
        ("<script>if (a</p) '<p>'</script >x<STYLE>p", ["x"]),
        ("<!doctype html><p>a<", ["a<"]),
        ("<img data-alt=no alt=yes>", ["[yes]"]),
        ("<p>a<p hidden", ["a"]),
    ],
)
def test_markup_that_is_not_as_it_should_be(html: str, seen: list[str]) -> None:
    assert text_of(html).split("\n") == seen


@pytest.mark.parametrize(
    "operations", [[{}] * 300_000, [{"op": "delete", "path": "a"}] * 100_000, [1] * 1000, {}]
)
def test_arguments_are_judged_in_bounded_work(operations: object) -> None:
    """A message of 4 MiB has room for a million members; 10,000 once took half a minute."""
    shape = Shape(tools_of(document())["change_files"].input_schema)
    began = time.process_time()
    refusal = shape.refusal({"operations": operations})
    assert time.process_time() - began < 2
    assert (refusal is None) == (operations == [1] * 1000)  # the API says what is wrong with it
    assert len(refusal or "") < 500


def test_unknown_arguments_are_named_and_not_all_of_them() -> None:
    shape = Shape(tools_of(document())["read_file"].input_schema)
    refusal = shape.refusal({"path": "a", **dict.fromkeys(map(str, range(100_000)))})
    assert refusal is not None
    assert "`0`" in refusal
    assert "path" in refusal
    assert len(refusal) < 500


def test_a_wrong_argument_is_named_with_its_value_and_what_is_allowed() -> None:
    """As members of the API's bodies are; a secret is not repeated."""
    tools = tools_of(document())
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("read_file", {}, "the argument `path` is missing; it must be a text"),
        (
            "read_file",
            {"path": "a", "rang": "x"},
            "allowed in this tool: path, range (did you mean",
        ),
        ("undo", {"wait": 99}, "`wait` must be a number from 0.05 to 30.0; got 99"),
        ("git_push", {"secret": 12345}, "or null; got a number (not shown)"),
    ]
    for name, arguments, words in wrong:
        refusal = Shape(tools[name].input_schema).refusal(arguments)
        assert refusal is not None
        assert words in refusal, refusal


async def test_pages_of_a_session_that_does_not_run_are_not_read(gateway: Gateway) -> None:
    """Reading one starts nothing."""
    gateway.make_site("asleep")
    async with connected(gateway, session="asleep") as client:
        with pytest.raises(MCPError, match="the session is stopped"):
            await client.read_resource("site:///pages/")
    assert await gateway.state("asleep") == "stopped"


def problem_in(result: str) -> dict[str, Any]:
    """A problem as the API's description has it: with `type` and `title`, too."""
    found: dict[str, Any] = json.loads(result)
    shape = {
        "$ref": "#/components/schemas/Problem",
        "components": document()["components"],
    }
    jsonschema.validate(found, shape)
    kind = PROBLEMS[Code(found["code"])]
    assert (found["type"], found["title"]) == (Code(found["code"]).address, kind.title)
    return found


async def test_what_is_no_answer_of_the_api_is_a_problem_too() -> None:
    """As something in between may answer: with its status."""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"error": "no"}, status=502)

    async with asked_of(answer) as client:
        caller = calls.Caller(session_id="demo", authorization="x", credential=ENVIRONMENT)
        outcome = await client.run(caller, tools_of(document())["show_session"], {})
    assert outcome.failed
    problem = problem_in(outcome.text)
    assert (problem["status"], problem["detail"]) == (502, '{"error": "no"}')


async def test_what_is_wrong_comes_back_to_the_model(gateway: Gateway) -> None:
    """As a result that is an error, and names what is allowed; nothing is changed."""
    before = sorted(path.name for path in (gateway.sites / "demo").rglob("*"))
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("read_file", {}, "path"),
        ("read_file", {"path": "none.txt"}, "none.txt"),
        ("read_file", {"path": "../other/x"}, "allowed"),
        ("read_file", {"path": ["a"]}, "path"),
        ("write_file", {"path": "a", "content": 1}, "content"),
        ("write_file", {"path": "a", "content": "%", "encoding": "base64"}, "base64"),
        ("write_file", {"path": "a", "content": "x", "if_match": "a\nb: c"}, "if_match"),
        ("write_file", {"path": "a", "content": "x", "wait": 3000}, "wait"),
        ("write_file", {"path": "a", "content": "x", "id": "other"}, "id"),
        ("list_files", {"limit": "many"}, "limit"),
        ("change_files", {"operations": [{"op": "burn", "path": "a"}]}, "operations"),
        ("serve_build", {"number": 1}, "development"),
    ]
    async with connected(gateway) as client:
        for name, arguments, word in wrong:
            result = await client.call_tool(name, arguments)
            assert result.is_error, name
            problem = problem_in(text(result))
            assert 400 <= problem["status"] < 500
            assert word in problem["detail"], problem
            assert (result.meta or {})["astro-live/problem"] == problem
        with pytest.raises(MCPError, match="there is no tool"):
            await client.call_tool("createSession", {})
        for uri in ("site:///file/none.txt", "site:///nothing"):
            with pytest.raises(MCPError) as refused:
                await client.read_resource(uri)
            assert problem_in(json.dumps(refused.value.error.data))["detail"]
    assert sorted(path.name for path in (gateway.sites / "demo").rglob("*")) == before


async def test_a_large_file_is_refused_and_not_half_read(gateway: Gateway) -> None:
    """A megabyte is more than a model reads."""
    (gateway.sites / "demo" / "large.txt").write_bytes(b"x" * (calls.MOST_ANSWER_BYTES + 1))
    async with connected(gateway) as client:
        result = await client.call_tool("read_file", {"path": "large.txt"})
        assert result.is_error
        assert problem_in(text(result))["code"] == "too-large"
        part = await client.call_tool("read_file", {"path": "large.txt", "range": "bytes=0-9"})
        assert part.structured_content["content"] == "x" * 10
    (gateway.sites / "demo" / "large.txt").unlink()


async def post(gateway: Gateway, body: Any, session: str = "demo", **headers: str) -> Any:
    async with httpx2.AsyncClient(timeout=60) as client:
        return await client.post(
            f"{gateway.api_url}/api/v1/sessions/{session}/mcp",
            content=body if isinstance(body, bytes) else json.dumps(body).encode(),
            headers={**HEADERS, **headers},
        )


PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


async def test_the_door_is_the_apis(gateway: Gateway) -> None:
    """The same credential, the same problems."""
    assert (await post(gateway, PING)).json() == {"jsonrpc": "2.0", "id": 1, "result": {}}
    for headers in ({"Authorization": "Bearer wrong"}, {"Authorization": ""}):
        refused = await post(gateway, PING, **headers)
        assert refused.status_code == 401
        assert refused.json()["code"] == "unauthorised"
    assert (await post(gateway, PING, session="none")).json()["code"] == "unknown-session"
    for method in ("GET", "DELETE"):
        answer = await gateway.api(method, "/api/v1/sessions/demo/mcp")
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")


async def test_tools_do_what_their_credential_may(gateway: Gateway) -> None:
    """Each call is checked as if it came to the API: one that may read cannot write, and another
    session's credential finds nothing.
    """
    asked = {"sessions": ["demo"], "scopes": ["read"], "name": "reader"}
    made = await gateway.api("POST", "/api/v1/credentials", body=asked)
    assert made.status == 201, made.text
    token = made.json["secret"]
    async with connected(gateway, token=token) as client:
        assert not (await client.call_tool("list_files", {})).is_error
        refused = await client.call_tool("write_file", {"path": "no.txt", "content": "x"})
        assert json.loads(text(refused))["code"] == "forbidden"
    assert not (gateway.sites / "demo" / "no.txt").exists()
    gateway.make_site("foreign")
    answer = await post(gateway, PING, session="foreign", Authorization=f"Bearer {token}")
    assert answer.json()["code"] == "unknown-session"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"jsonrpc": "2.0"}', b"[" * 50_000, b'{"id": 1}', b"\xff\xfe",
     json.dumps([PING, PING]).encode(), json.dumps({**PING, "method": "no/such"}).encode(),
     json.dumps({**PING, "id": {"a": 1}}).encode(), b'{"jsonrpc":"2.0","id":' + b"9" * 5000 + b"}"],
)  # fmt: skip
@pytest.mark.parametrize("version", ["2025-06-18", "2026-07-28", "1999-01-01"])
async def test_messages_that_are_not_the_protocols(
    gateway: Gateway, body: bytes, version: str
) -> None:
    """Refused as the client's fault, and the next one is served."""
    answer = await post(gateway, body, **{"MCP-Protocol-Version": version})
    assert answer.status_code < 500, answer.text
    assert answer.status_code != 200 or "error" in answer.json()  # 202: taken for a notification
    assert (await post(gateway, PING)).status_code == 200


async def test_messages_are_bounded(gateway: Gateway) -> None:
    """A larger one is refused before it is parsed."""
    message = {**PING, "params": {"_meta": {"x": "y" * endpoint.MOST_MESSAGE_BYTES}}}
    refused = await post(gateway, message)
    assert refused.status_code == 413
    assert refused.json()["code"] == "too-large"


@contextlib.asynccontextmanager
async def asked_of(answer: Handler) -> AsyncIterator[calls.Calls]:
    """Calls of an API that answers every request so."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    client = calls.Calls(f"http://127.0.0.1:{runner.addresses[0][1]}")
    try:
        yield client
    finally:
        await client.close()
        await runner.cleanup()


async def test_calls_of_one_session_are_bounded_and_others_go_on() -> None:
    """Calls that wait keep no other session's agent out, and their places are free afterwards."""
    release = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        if "/slow" in request.path:
            await release.wait()
        return web.json_response({})

    async with asked_of(answer) as client:
        tool = tools_of(document())["show_session"]
        slow, other = (
            calls.Caller(session_id=name, authorization="x", credential=ENVIRONMENT)
            for name in ("slow", "other")
        )
        waiting = [asyncio.create_task(client.run(slow, tool, {})) for _ in range(calls.MOST_CALLS)]
        await asyncio.sleep(0)  # each has its place as soon as it has begun
        with pytest.raises(Crowded):
            await client.run(slow, tool, {})
        assert not (await client.run(other, tool, {})).failed
        release.set()
        assert [each.failed for each in await asyncio.gather(*waiting)] == [
            False
        ] * calls.MOST_CALLS
        assert not (await client.run(slow, tool, {})).failed


async def test_a_call_keeps_its_place_until_its_outcome_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Others that come between two of its attempts are refused, not its second attempt. Where no
    attempt has an answer, the model is not told to make the change again.
    """
    monkeypatch.setattr(calls, "MOST_CALLS", 1)
    monkeypatch.setattr(calls, "PAUSES", ())
    monkeypatch.setattr(calls, "UNENDED_SECONDS", 0.01)
    refused = asyncio.Event()
    attempts = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal attempts
        attempts += 1
        if not refused.is_set():
            return web.json_response({}, status=409, headers={"Retry-After": "1"})
        if attempts < 0:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({})

    async with asked_of(answer) as client:
        caller = calls.Caller(session_id="demo", authorization="x", credential=ENVIRONMENT)
        tool = tools_of(document())["make_checkpoint"]
        first = asyncio.create_task(client.run(caller, tool, {}))
        while attempts < 3:
            await asyncio.sleep(0.01)
            with pytest.raises(Crowded):
                await client.run(caller, tool, {})
        refused.set()
        assert not (await first).failed
        attempts = -100
        lost = await client.run(caller, tool, {})
        assert "may have been carried out" in problem_in(lost.text)["detail"]
    nobody = calls.Calls("http://127.0.0.1:1")
    unsent = await nobody.run(caller, tool, {})
    assert unsent.failed
    assert "Try again" in problem_in(unsent.text)["detail"]
    await nobody.close()


async def token_of(gateway: Gateway, *scopes: str) -> str:
    body = {"name": "agent", "scopes": scopes, "sessions": ["demo"]}
    made = await gateway.api("POST", "/api/v1/credentials", body=body)
    return str(made.json["secret"])


@pytest.mark.parametrize("mode", MODES)
async def test_a_credential_sees_the_tools_that_it_may_call(gateway: Gateway, mode: str) -> None:
    """And no other: those that are listed are not refused for their scope, all others are. The
    resources follow.
    """
    everything = set(tools_of(document()))
    seen: dict[str, set[str]] = {}
    for scopes in (("view",), ("read",), ("write",), ("read", "write")):
        token = await token_of(gateway, *scopes)
        async with connected(gateway, mode, token=token) as client:
            tools = (await client.list_tools()).tools
            seen["+".join(scopes)] = {tool.name for tool in tools}
            if "write" not in scopes:
                assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
            listed = {str(each.uri) for each in (await client.list_resources()).resources}
            assert "site:///session" in listed
            assert ("site:///log" in listed) == ("read" in scopes)
            forms = (await client.list_resource_templates()).resource_templates
            assert ("file" in {each.name for each in forms}) == ("read" in scopes)
            for name in sorted(everything - seen["+".join(scopes)])[::4]:  # a second each
                tool = tools_of(document())[name]
                arguments = dict.fromkeys(tool.input_schema["required"], "1")
                refused = await client.call_tool(name, arguments)
                assert refused.is_error, name
                code = json.loads(text(refused))["code"]
                assert code in ("forbidden", "bad-request"), (name, code)
    assert seen["view"] == {"show_session"}
    assert seen["read"] & {"write_file", "undo", "git_push", "restart_session"} == set()
    assert {"write_file", "undo", "git_push"} <= seen["write"]
    assert "read_file" not in seen["write"]
    assert seen["read"] | seen["write"] == seen["read+write"] == everything
    async with connected(gateway, mode) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == everything


async def test_a_call_with_a_key_of_the_client_is_made_once(gateway: Gateway) -> None:
    """A client that has lost the answer sends the call again with the same key in `_meta`; without
    one each call is a new one.
    """
    operations = [{"op": "write", "path": "once.txt", "content": "x"}]
    arguments = {"operations": operations, "wait": 1}
    key: Any = {"astro-live/idempotency-key": "call-1"}
    file = gateway.sites / "demo" / "once.txt"
    async with connected(gateway) as client:
        first = await client.call_tool("change_files", arguments, meta=key)
        assert not first.is_error, text(first)
        file.write_text("edited")
        again = await client.call_tool("change_files", arguments, meta=key)
        assert again.structured_content == first.structured_content
        assert file.read_text() == "edited"
        assert not (await client.call_tool("change_files", arguments)).is_error
        assert file.read_text() == "x"
        bad: Any = {"astro-live/idempotency-key": "a\nb"}
        refused = await client.call_tool("change_files", arguments, meta=bad)
        assert json.loads(text(refused))["code"] == "bad-request"


async def test_every_attempt_of_a_call_has_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is sent again while the session moves or the first attempt has not ended; a call that can
    be repeated has none, and is sent once.
    """
    monkeypatch.setattr(calls, "PAUSES", (0.01, 0.01))
    monkeypatch.setattr(calls, "UNENDED_SECONDS", 0.01)
    keys: list[str] = []
    left = [503, 409, 409, 503, 200]

    async def answer(request: web.Request) -> web.Response:
        keys.append(request.headers.get("Idempotency-Key", ""))
        status = left.pop(0) if left else 503
        return web.json_response({}, status=status, headers={"Retry-After": "1"})

    async with asked_of(answer) as client:
        caller = calls.Caller(session_id="demo", authorization="x", credential=ENVIRONMENT)
        tools = tools_of(document())
        assert not (await client.run(caller, tools["make_checkpoint"], {})).failed
        assert len(keys) == 5
        assert len(set(keys)) == 1
        assert len(keys[0]) == 36
        keys.clear()
        assert (await client.run(caller, tools["make_checkpoint"], {})).failed
        assert len(keys) == 3, "a bounded number of times"
        keys.clear()
        assert (await client.run(caller, tools["start_session"], {})).failed
        assert keys == [""]


async def test_messages_that_do_not_arrive_keep_no_other_session_out(gateway: Gateway) -> None:
    """A session's clients that send half a message each take that session's share only."""
    await gateway.start("slowly")
    await gateway.start("neighbour")
    head = "".join(
        f"{name}: {value}\r\n" for name, value in {**HEADERS, "Content-Length": "900"}.items()
    )
    request = f"POST /api/v1/sessions/slowly/mcp HTTP/1.1\r\nHost: x\r\n{head}\r\n{{".encode()
    connections = [
        await asyncio.open_connection(gateway.address, 8080)
        for _ in range(endpoint.MOST_OF_SESSION)
    ]
    for _, writer in connections:
        writer.write(request)
        await writer.drain()
    answer = await until_status(gateway, "slowly", 503)
    assert answer.json()["code"] == "crowded"
    assert answer.headers["Retry-After"]
    assert (await post(gateway, PING, session="neighbour")).status_code == 200
    for _, writer in connections:
        writer.close()
    await until_status(gateway, "slowly", 200)


async def until_status(gateway: Gateway, session: str, status: int) -> Any:
    """The first answer with `status`."""
    async with asyncio.timeout(60):
        while True:
            answer = await post(gateway, PING, session=session)
            if answer.status_code == status:
                return answer
            await asyncio.sleep(0.05)


def test_the_sdk_is_imported_with_the_first_request() -> None:
    """A gateway that no agent uses starts as fast as without it."""
    program = (
        "import sys, container.gateway.app;"
        " print([name for name in ('mcp', 'mcp_types', 'starlette', 'jsonschema', 'httpx2')"
        " if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
