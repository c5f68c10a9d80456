"""How long the head of a request may be, at Envoy's port and at the API's, on whichever task it
arrives.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from .errors import BadRequest

MOST_KIB: Final = 32
MOST_HEADERS: Final = 100
ADDED_KIB: Final = 8
ADDED_HEADERS: Final = 28
"""What tasks may add to a request that they forward to its session's owner: there, nothing is
refused that was accepted where it came in.
"""


def check_head(request: web.BaseRequest) -> None:
    """Raise `BadRequest` where an owner behind its Envoy would not get the request."""
    # A header's line has ": " and the end of the line besides.
    size = len(request.raw_path) + sum(
        len(name) + len(value) + 4 for name, value in request.raw_headers
    )
    if size > MOST_KIB * 1024 or len(request.raw_headers) > MOST_HEADERS:
        raise BadRequest(
            f"the request's head has {size} bytes in {len(request.raw_headers)} headers; allowed"
            f" are {MOST_KIB * 1024} bytes and {MOST_HEADERS} headers. Send fewer or shorter ones"
        )
