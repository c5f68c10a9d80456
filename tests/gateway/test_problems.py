"""Errors of the API are problem details (RFC 9457), and their codes are of one table (S30)."""

from __future__ import annotations

import asyncio
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import aiohttp
import jsonschema
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import TypeAdapter

import container.gateway
from container.gateway import details, file_models
from container.gateway.codes import ERRORS_PATH, PROBLEMS, Code
from container.gateway.details import Details
from container.gateway.errors import RunnerError, SessionError
from container.gateway.openapi import document
from container.gateway.ownership.model import Task
from container.gateway.peers.forward import Forwarder
from container.gateway.problems import OF_STATUS, instance_of, problem
from contract.messages import ErrorCode

from .harness import API_TOKEN, Gateway, running_gateway

SOURCES: Final = Path(container.gateway.__file__).parent
RFC_9457: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 100, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
    },
}
"""The non-normative schema of RFC 9457, appendix A, without its descriptions."""
SHAPE: Final[dict[str, Any]] = {
    "$ref": "#/components/schemas/Problem",
    "components": document()["components"],
}


UNRESERVED, SUB_DELIMS, ESCAPED = r"A-Za-z0-9\-._~", r"!$&'()*+,;=", "%[0-9A-Fa-f]{2}"
PCHAR: Final = f"(?:[{UNRESERVED}{SUB_DELIMS}:@]|{ESCAPED})"
NO_COLON: Final = f"(?:[{UNRESERVED}{SUB_DELIMS}@]|{ESCAPED})"
AUTHORITY: Final = (
    f"(?:(?:[{UNRESERVED}{SUB_DELIMS}:]|{ESCAPED})*@)?"
    rf"(?:\[[0-9A-Fa-f:.]+\]|(?:[{UNRESERVED}{SUB_DELIMS}]|{ESCAPED})*)(?::[0-9]*)?"
)
HIERARCHY: Final = f"//{AUTHORITY}(?:/{PCHAR}*)*|/(?:{PCHAR}+(?:/{PCHAR}*)*)?"
URI_REFERENCE: Final = re.compile(
    f"(?:[A-Za-z][A-Za-z0-9+.-]*:(?:{HIERARCHY}|{PCHAR}+(?:/{PCHAR}*)*|)"
    f"|{HIERARCHY}|{NO_COLON}+(?:/{PCHAR}*)*|)"
    rf"(?:\?(?:{PCHAR}|[/?])*)?(?:\#(?:{PCHAR}|[/?])*)?"
)
"""RFC 3986, appendix A; of an address in brackets only the characters."""
FORMATS: Final = jsonschema.FormatChecker()


@FORMATS.checks("uri-reference")
def is_uri_reference(text: object) -> bool:
    """`jsonschema` itself checks the format only where other packages are installed."""
    return isinstance(text, str) and URI_REFERENCE.fullmatch(text) is not None


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with one session that runs, and room for no other."""
    with running_gateway(
        tmp_path_factory.mktemp("gw"), ASTRO_LIVE_MAX_SESSIONS="1", ASTRO_LIVE_MAX_FILE_MIB="1"
    ) as gateway:
        asyncio.run(gateway.start("demo"))
        yield gateway


def kinds() -> set[type[SessionError]]:
    """Every class of error that the API answers."""
    for module in pkgutil.walk_packages(container.gateway.__path__, "container.gateway."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: set[type[SessionError]] = set()
    todo: list[type[SessionError]] = [SessionError]
    while todo:
        found.add(kind := todo.pop())
        todo += kind.__subclasses__()
    return found


def check(answer: aiohttp.ClientResponse | Any, body: bytes) -> dict[str, Any]:
    """The problem in an answer that has to be one."""
    assert answer.headers["Content-Type"] == "application/problem+json", body
    found: dict[str, Any] = json.loads(body)
    for shape in (RFC_9457, SHAPE):
        jsonschema.validate(found, shape, format_checker=FORMATS)
    assert set(found) <= set(SHAPE["components"]["schemas"]["Problem"]["properties"])
    code = Code(found["code"])
    assert found["type"] == f"{ERRORS_PATH}#{code}"
    assert (found["status"], found["title"]) == (answer.status, PROBLEMS[code].title)
    assert answer.status == PROBLEMS[code].status
    assert answer.headers["Cache-Control"] == "no-store"
    return found


def test_the_table_has_every_code_that_an_error_has() -> None:
    """Each class names one; those of dev servers are the same words in both tables."""
    assert set(PROBLEMS) == set(Code)
    for kind in kinds():
        assert isinstance(kind.code, Code), kind
        assert kind.__new__(kind, "x").status == PROBLEMS[kind.code].status
    for code in ErrorCode:
        assert RunnerError(code, "x").problem_code in PROBLEMS


def test_no_code_is_in_the_table_that_nothing_answers() -> None:
    """Each is named by an error's class or by an answer, outside of the table."""
    named = {
        name
        for path in SOURCES.rglob("*.py")
        if path.name != "codes.py"
        for name in re.findall(r"\bCode\.([A-Z_]+)", path.read_text())
    }
    assert {code for code in Code if code.name not in named} <= {Code(code) for code in ErrorCode}
    assert named <= {code.name for code in Code} | {code.name for code in ErrorCode}


def test_every_code_says_what_it_means_and_what_to_do() -> None:
    """In sentences, with a status that HTTP knows; no two have the same title."""
    for code, kind in PROBLEMS.items():
        assert 400 <= HTTPStatus(kind.status) < 600
        assert kind.meaning.endswith("."), code
        assert kind.fix.endswith((".", ")")), code
        assert not kind.title.endswith("."), code
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code), code
    assert len({kind.title for kind in PROBLEMS.values()}) == len(PROBLEMS)
    assert {PROBLEMS[code].status for code in OF_STATUS.values()} == set(OF_STATUS)


def test_every_error_in_the_description_is_a_problem() -> None:
    """One shape, one media type, and a status that a code has."""
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            errors = {
                status: answer
                for status, answer in operation["responses"].items()
                if status >= "400"
            }
            assert {"400", "401", "404"} <= set(errors), path
            for status, answer in errors.items():
                assert int(status) in {kind.status for kind in PROBLEMS.values()}, (path, status)
                assert answer["content"] == {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                }


def test_every_member_of_a_problem_is_described_and_none_of_the_rfcs_is_replaced() -> None:
    members = set(Details.__annotations__)
    described = document()["components"]["schemas"]
    rfc = {"type", "title", "status", "detail", "instance"}  # RFC 9457, section 3.1
    assert set(described["Problem"]["properties"]) == rfc | {"code"} | members
    assert not members & (rfc | {"code"})


def test_a_problem_shows_a_file_as_every_other_answer_does() -> None:
    """The members of `current` are declared twice: as the API's model, and for the type checker."""
    model, typed = TypeAdapter(file_models.VersionView), TypeAdapter(details.VersionView)
    shapes = [
        {name: part["type"] for name, part in kind.json_schema()["properties"].items()}
        for kind in (model, typed)
    ]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize(
    ("method", "path", "data", "code"),
    [
        ("GET", "/api/v1/sessions/nowhere", None, "unknown-session"),
        ("GET", "/api/v1/sessions/%22%3Cb%3E", None, "unknown-session"),
        ("GET", "/api/v1/sessions/demo/files/none", None, "unknown-file"),
        ("GET", "/api/v1/nothing", None, "not-found"),
        ("GET", "/api/v1/sessions/", None, "not-found"),
        ("GET", "/", None, "not-found"),
        ("GET", "/peers/v1/warm", None, "not-found"),
        ("PUT", "/api/v1/sessions", None, "method-not-allowed"),
        ("POST", "/api/v1/sessions", b"{", "bad-request"),
        ("POST", "/api/v1/sessions", b"x" * 70_000, "too-large"),
        ("POST", "/api/v1/sessions", b'{"id": "second"}', "too-many-sessions"),
        ("PUT", "/api/v1/sessions/demo/files/big", bytes(1024 * 1024 + 1), "too-large"),
        ("POST", "/api/v1/sessions/demo/rebuild", None, "conflict"),
        ("GET", "/api/v1/sessions/demo/tree?limit=0", None, "bad-request"),
    ],
)
async def test_each_refusal_is_a_problem(
    served: Gateway, method: str, path: str, data: bytes | None, code: str
) -> None:
    """With the path as its instance; 405 says what is allowed."""
    answer = await served.api(method, path, data=data)
    found = check(answer, answer.body)
    assert found["code"] == code, found
    assert found["instance"] == path.partition("?")[0]
    if code == "method-not-allowed":
        assert set(answer.headers["Allow"].split(",")) == {"GET", "HEAD", "POST"}
    if answer.status in (408, 429, 503):
        assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("/api/v1/errors#not-found", True), ("", True), ("a/b", True), ("http://a:80/b?c#d", True),
        ("//a/b", True), ("/a%20b", True), ("/.//a:b", True), ("mailto:a@b", True), ("*", True),
        ("//[::1]:8080/", True), ("/a b", False), ("/[a]", False), ("/%zz", False), ("//a:b/c", False),
        ("/a|b", False), ("/é", False), ('/"', False), ("a:b/[", False), ("/a#b#c", False),
    ],
)  # fmt: skip
def test_uri_references_are_those_of_the_rfc(text: str, valid: bool) -> None:
    """The judge of the test after this."""
    assert is_uri_reference(text) == valid


@pytest.mark.parametrize(
    ("sent", "instance"),
    [
        (b"/api/v1/src/pages/[slug].astro", "/api/v1/src/pages/%5Bslug%5D.astro"),
        (b'/api/v1/"<a>^`{|}\\', "/api/v1/%22%3Ca%3E%5E%60%7B%7C%7D%5C"),
        (b"/api/v1/%zz%2", "/api/v1/%25zz%252"),
        (b"/api/v1/a%20b%C3%A9", "/api/v1/a%20b%C3%A9"),
        (b"//api:v1/sessions", "/.//api:v1/sessions"),
        (b"/api/v1/" + b"[" * 500, None),
        (b"*", None),
    ],
)
async def test_the_instance_is_a_uri_reference_whatever_was_sent(
    served: Gateway, sent: bytes, instance: str | None
) -> None:
    """Characters that none may have are percent-encoded; others stay as they were sent."""
    reader, writer = await asyncio.open_connection(served.address, served.contract.api_port)
    writer.write(
        b"OPTIONS %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\n\r\n"
        % (sent, API_TOKEN.encode())
    )
    async with asyncio.timeout(20):
        received = await reader.read()
    writer.close()
    found = json.loads(received.partition(b"\r\n\r\n")[2])
    for shape in (RFC_9457, SHAPE):
        jsonschema.validate(found, shape, format_checker=FORMATS)
    assert found["code"] == "not-found", found
    assert found.get("instance") == instance


def test_an_instance_has_no_bytes_that_are_not_ascii() -> None:
    """Which the HTTP library refuses, with some of its parsers."""
    for sent, instance in (("/é", "/%C3%A9"), ("/\udcff", "/%FF"), ("http://a/b", None)):
        assert instance_of(sent) == instance


SESSIONS: Final = "/api/v1/sessions"


@pytest.mark.parametrize(
    ("method", "path", "data", "words"),
    [
        ("GET", "/api/v1/nothing", None, ('"/api/v1/nothing"', "openapi.json")),
        ("GET", "/api/v1/" + "x" * 900, None, ("(908 characters)",)),
        ("PUT", SESSIONS, None, (f'"{SESSIONS}"', "PUT", "GET")),
        ("POST", SESSIONS, b'{"id": "x",\n}', ("line 2, column 1",)),
        ("POST", SESSIONS, b"[1]", ("a JSON object", "a list of 1 items")),
        ("POST", SESSIONS, b'{"id": "x", "templates": "empty"}', ("`templates`", "did you mean `template`")),
        ("POST", SESSIONS, b'{"id": "A"}', ("`id`", '"A"', "DNS label")),
        ("POST", f"{SESSIONS}/demo/tokens", b'{"names": "Ada"}', ("`names`", "did you mean `name`")),
        ("POST", f"{SESSIONS}/demo/tokens", b'{"may_post": 1}', ("`may_post`", "got 1", "true or false")),
        ("PATCH", f"{SESSIONS}/demo", b"{}", ("`root` is missing", "a text")),
        ("POST", f"{SESSIONS}/demo/rebuild", b'{"published": true}', ("did you mean `publish`",)),
        ("POST", f"{SESSIONS}/demo/batch", b'{"operations": [{"op": "burn"}]}', (
            "`operations[0].op`", '"burn"', '"delete"', '"write"',
        )),
        ("PATCH", f"{SESSIONS}/demo/files/fake.json", b'{"edits": [{"old": "<h9>", "new": ""}]}', (
            '"<h9>"', "0 times", "fake.json",
        )),
        ("GET", f"{SESSIONS}/demo/tree?pth=src", None, ("`pth`", "did you mean `path`")),
        ("GET", f"{SESSIONS}/demo/logs?follows=1", None, ("`follows`", "did you mean `follow`")),
        ("GET", f"{SESSIONS}/demo/logs?follow=yes", None, ("'yes'", "0 and 1")),
    ],
)  # fmt: skip
async def test_a_refusal_names_what_was_sent_and_what_is_allowed(
    served: Gateway, method: str, path: str, data: bytes | None, words: tuple[str, ...]
) -> None:
    """In each part of a request, in the same style."""
    answer = await served.api(method, path, data=data)
    found = check(answer, answer.body)
    for word in words:
        assert word in found["detail"], found["detail"]


async def test_the_errors_of_a_body_have_their_places_as_json_pointers(served: Gateway) -> None:
    """As in the example of RFC 9457, section 3."""
    data = b'{"operations": [{"op": "delete", "path": "", "a/b": 1}]}'
    answer = await served.api("POST", f"{SESSIONS}/demo/batch", data=data)
    errors = check(answer, answer.body)["errors"]
    assert [each["pointer"] for each in errors] == ["#/operations/0/path", "#/operations/0/a~1b"]
    assert all(each["detail"] in answer.json["detail"] for each in errors)


async def test_a_range_behind_the_end_is_a_problem_with_the_size(served: Gateway) -> None:
    """Content-Range stays (RFC 9110, section 15.5.17)."""
    await served.api("PUT", "/api/v1/sessions/demo/files/three", data=b"abc")
    async with (
        aiohttp.ClientSession() as client,
        client.get(
            f"{served.api_url}/api/v1/sessions/demo/files/three",
            headers={"Authorization": f"Bearer {API_TOKEN}", "Range": "bytes=9-"},
        ) as answer,
    ):
        assert check(answer, await answer.read())["code"] == "range-not-satisfiable"
        assert answer.headers["Content-Range"] == "bytes */3"


@pytest.mark.parametrize("path", ["/api/v1/sessions", "/api/v1/nothing", "/metrics"])
async def test_without_a_credential_the_answer_is_a_challenge(served: Gateway, path: str) -> None:
    """WWW-Authenticate names the scheme (RFC 9110, section 11.6.1)."""
    answer = await served.api("GET", path, token=None)
    assert check(answer, answer.body)["code"] == "unauthorised"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert API_TOKEN not in answer.text


@pytest.mark.parametrize(
    "head",
    [
        b"GET /api/v1/sessions HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        b"GET /api/v1/sessions HTTP/9.9\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /api/v1/sessions HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /api/v1/sessions HTTP/1.1\r\nHost: x\r\nExpect: nothing\r\n\r\n",
    ],
)
async def test_what_the_http_library_refuses_is_a_problem(served: Gateway, head: bytes) -> None:
    """Nothing of the request is repeated, and no library is named."""
    reader, writer = await asyncio.open_connection(served.address, served.contract.api_port)
    writer.write(head)
    async with asyncio.timeout(20):
        received = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", received)
        assert length, received
        body = await reader.readexactly(int(length[1]))
    writer.close()
    assert re.match(rb"HTTP/1\.[01] 4", received), received
    assert b"application/problem+json" in received
    assert b"aiohttp" not in received + body
    found = json.loads(body)
    jsonschema.validate(found, SHAPE)
    assert found["code"] in ("bad-request", "expectation-failed")


@pytest.mark.parametrize(
    ("status", "kind", "passed_on"),
    [
        (503, "text/plain", False),
        (404, "text/html", False),
        (404, "application/problem+json", True),
        (409, "application/json", True),
        (200, "text/plain", True),
    ],
)
async def test_what_another_task_s_envoy_answers_is_a_problem(
    tmp_path: Path, status: int, kind: str, passed_on: bool
) -> None:
    """Its own text is not the API's; what the other task's API says is passed on as it is."""
    body = b"upstream connect error" if kind.startswith("text") else b'{"code": "x"}'

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, body=body, headers={"Content-Type": kind})

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    server = TestServer(application)
    await server.start_server()
    async with aiohttp.ClientSession() as client:

        class Plain(Forwarder):
            def _request(self, _task: Task, method: str, path: str, *_rest: Any) -> Any:
                return client.request(method, server.make_url(path))

        async def edge(request: web.Request) -> web.StreamResponse:
            try:
                return await Plain(tmp_path, []).forward(request, task)
            except SessionError as error:
                return problem(error.code, str(error), request=request)

        task = Task(id="other", run="r", address="127.0.0.1:1")
        outer = web.Application()
        outer.router.add_route("*", "/{path:.*}", edge)
        entrance = TestServer(outer)
        await entrance.start_server()
        async with client.get(entrance.make_url("/api/v1/sessions/x")) as got:
            read = await got.read()
            if passed_on:
                assert (got.status, got.headers["Content-Type"], read) == (status, kind, body)
            else:
                assert check(got, read)["code"] == "ownership-unavailable"
                assert str(status) in check(got, read)["detail"]
        await entrance.close()
    await server.close()


async def test_the_page_about_the_codes_needs_no_credential(served: Gateway) -> None:
    """`type` leads there: each code has its anchor. The page runs no script."""
    answer = await served.api("GET", ERRORS_PATH, token=None)
    assert answer.status == 200
    for code in Code:
        assert f'<h2 id="{code}">' in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
