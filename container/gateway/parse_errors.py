"""What aiohttp refuses before the application sees it, as problems too: a request that cannot be
parsed, and an `Expect` header that cannot be met.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from aiohttp import web
from aiohttp.http import HttpVersion10
from aiohttp.http_exceptions import LineTooLong
from aiohttp.web_protocol import RequestHandler

from .codes import Code
from .problems import of_http, problem

LONGEST_LINE: Final = 32768
"""Of a request's head: the longest path of a file, each character of it escaped."""
PARSED_HEADERS: Final = 256
"""More are not valid HTTP here; `heads.py` has what is accepted, and says so."""


class ProblemHandler(RequestHandler):
    """aiohttp's protocol of one connection, which answers its own errors as problems."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Nothing of the request is repeated: it may be anything."""
        super().handle_error(request, status, exc, message)  # logs, and ends what was begun
        if status == 500:
            answer = problem(Code.INTERNAL, "the gateway failed; its log says why")
        elif isinstance(exc, LineTooLong):
            answer = problem(
                Code.BAD_REQUEST,
                f"the request has a longer line in its head than is allowed: {exc.args[1]} bytes."
                " Send a shorter header",
            )
        else:
            answer = problem(Code.BAD_REQUEST, "the request is not valid HTTP")
        answer.headers["Server"] = "astro-live"
        answer.force_close()
        return answer


def problem_handler(server: web.Server) -> Callable[[], ProblemHandler]:
    """What makes the protocol of each connection to `server`."""
    loop = asyncio.get_running_loop()
    return lambda: ProblemHandler(
        server,
        loop=loop,
        access_log=None,  # type: ignore[arg-type] # "none", as web.AppRunner takes it
        max_line_size=LONGEST_LINE,
        max_headers=PARSED_HEADERS,
    )


async def _expect(request: web.Request) -> web.StreamResponse | None:
    """As aiohttp's own, with a problem for an expectation that is not known (RFC 9110,
    section 10.1.1).
    """
    if request.version == HttpVersion10:
        return None
    if request.headers.get("Expect", "").lower() != "100-continue":
        return of_http(web.HTTPExpectationFailed(), request)
    assert request.transport is not None
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0
    return None


def with_expect(routes: Iterable[web.RouteDef]) -> list[web.RouteDef]:
    """The routes with the handler for `Expect`."""
    return [
        web.RouteDef(
            route.method, route.path, route.handler, {**route.kwargs, "expect_handler": _expect}
        )
        for route in routes
    ]
