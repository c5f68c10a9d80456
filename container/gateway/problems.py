"""Errors of the API as problem details (RFC 9457): every answer, the page that `type` names, and
the shape in the description. `codes.py` declares the codes.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

from . import pages
from .codes import ERRORS_PATH, PROBLEMS, Code
from .details import Details, details_schema
from .refusals import quoted

MEDIA_TYPE: Final = "application/problem+json"
LONGEST_INSTANCE: Final = 1024
"""A longer path is not repeated in the answer; the member is optional."""
IN_PATH: Final = "/:@!$&'()*+,;=%"
"""Besides letters, digits and `-._~` (RFC 3986, section 3.3)."""
NO_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
LONGEST_PATH: Final = 200
"""Of a path that the API does not have, in the text about it."""
CODE: Final = web.ResponseKey("code", str)
"""The code of an answer that is a problem, for the log."""
RETRY_SECONDS: Final = {408: 1, 429: 5, 503: 1}
"""`Retry-After` of statuses that pass by themselves."""
RETRY_CODES: Final = {Code.KEY_IN_PROGRESS: 1}
"""And of codes, whose status does not say so."""
OF_STATUS: Final[Mapping[int, Code]] = {
    400: Code.BAD_REQUEST,
    404: Code.NOT_FOUND,
    405: Code.METHOD_NOT_ALLOWED,
    413: Code.TOO_LARGE,
    416: Code.RANGE_NOT_SATISFIABLE,
    417: Code.EXPECTATION_FAILED,
}
"""Codes of what the HTTP library refuses by itself."""


def problem(
    code: Code,
    detail: str,
    *,
    request: web.BaseRequest | None = None,
    details: Details | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """The answer, with the members of `details` besides those of RFC 9457."""
    kind = PROBLEMS[code]
    body = members(code, detail)
    if request is not None and (instance := instance_of(request.rel_url.raw_path)):
        body["instance"] = instance
    body |= details or {}
    sent = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})}
    if code is Code.UNAUTHORISED:
        sent["WWW-Authenticate"] = 'Bearer realm="astro-live"'
    if (seconds := RETRY_CODES.get(code, RETRY_SECONDS.get(kind.status))) is not None:
        sent["Retry-After"] = str(seconds)
    sent["Content-Type"] = MEDIA_TYPE  # JSON has no charset (RFC 8259, section 11)
    answer = web.Response(body=json.dumps(body).encode(), status=kind.status, headers=sent)
    answer[CODE] = code.value
    return answer


def members(code: Code, detail: str) -> dict[str, Any]:
    """What every problem has, also where it is not the answer of an HTTP request."""
    kind = PROBLEMS[code]
    return {
        "type": code.address,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": code.value,
    }


def instance_of(path: str) -> str | None:
    """A path, as a client sent it, as a URI reference (RFC 3986, section 4.1); None when it is too
    long, or does not begin with a slash. What may not be in one is percent-encoded, and what begins
    with two slashes would name a host.
    """
    if not path.startswith("/"):
        return None
    encoded = quote(NO_ESCAPE.sub("%25", path), safe=IN_PATH, errors="surrogateescape")
    if encoded.startswith("//"):
        encoded = "/." + encoded
    return encoded if len(encoded) <= LONGEST_INSTANCE else None


def of_http(error: web.HTTPException, request: web.BaseRequest, nearest: str = "") -> web.Response:
    """The answer for what the HTTP library refuses: an unknown path, which may be like another one
    that there is, another method, a range.
    """
    code = OF_STATUS.get(error.status, Code.INTERNAL)
    kept = {
        name: error.headers[name] for name in ("Allow", "Content-Range") if name in error.headers
    }
    details: Details = {}
    detail, path = error.reason, quoted(request.path, LONGEST_PATH)
    if code is Code.NOT_FOUND:
        detail = f"the API has no path {path}. /api/v1/openapi.json describes those that it has"
        if nearest:
            detail += f". Did you mean {quoted(nearest, LONGEST_PATH)}?"
            details["nearest"] = nearest
    elif code is Code.METHOD_NOT_ALLOWED:
        allowed = kept.get("Allow", "")
        detail = f"the path {path} has no method {request.method[:20]}; allowed: {allowed}"
    return problem(code, detail, request=request, details=details, headers=kept)


def schemas() -> dict[str, Any]:
    """Every error's shape, for the description (RFC 9457, appendix A, with `code` and the members
    of `Details` besides), and the shapes that it refers to.
    """
    members, parts = details_schema()
    return {"Problem": _problem(members), **parts}


def _problem(members: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {
                "type": "string",
                "format": "uri-reference",
                "description": "The paragraph about the code, relative to the API's address",
            },
            "title": {"type": "string", "description": "What the code means, in a few words"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {
                "type": "string",
                "description": "What was wrong this time, what is allowed, and the fix",
            },
            "instance": {
                "type": "string",
                "format": "uri-reference",
                "description": "The path of the request",
            },
            "code": {
                "type": "string",
                "pattern": "^[a-z]+(-[a-z]+)*$",
                "description": (
                    "Stable, for programs; others may come. Known are "
                    + ", ".join(PROBLEMS)
                    + f". {ERRORS_PATH} explains each"
                ),
            },
            **members,
        },
    }


def page() -> web.Response:
    """The page at `ERRORS_PATH`."""
    parts = [
        f'<h2 id="{code}"><code>{code}</code> ({kind.status})</h2>'
        f"<p><strong>{html.escape(kind.title)}.</strong> {html.escape(kind.meaning)}</p>"
        f"<p>{html.escape(kind.fix)}</p>"
        for code, kind in PROBLEMS.items()
    ]
    headers = {**pages.page_headers(), "Cache-Control": "max-age=3600"}
    return web.Response(text=pages.document("Errors of the API", "".join(parts)), headers=headers)


def markdown() -> str:
    """The same page for the documentation, which `scripts/gen_api_docs.py` writes."""
    lines = ["| code | status | means |", "|---|---|---|"]
    lines += [
        f"| [`{code}`](#{code}) | {kind.status} | {kind.title} |" for code, kind in PROBLEMS.items()
    ]
    for code, kind in PROBLEMS.items():
        phrase = HTTPStatus(kind.status).phrase
        lines += ["", f"## {code}", "", f"{kind.status} {phrase}. {kind.title}.", ""]
        lines += [kind.meaning, "", f"**What to do:** {kind.fix}"]
    return "\n".join(lines) + "\n"
