"""Which scope each call of the API needs.

The description is the source: an operation that does not say so (`scope=` of
`openapi_parts.operation`) needs `read` for GET and `write` otherwise below a session, and `service`
elsewhere. A path that is not described needs `service`. So an operation that is added is not open
by mistake: the table in docs/credentials.md, which a test holds to the description, shows it.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from aiohttp import web

from contract.api import API_ROOT

from .codes import Code
from .credentials.model import Caller, Scope
from .errors import SessionError
from .openapi import document
from .openapi_parts import SECURITY
from .registry import unknown_session

CALLER: Final = web.RequestKey("caller", Caller)
"""Who sends the request: `request[CALLER]` in every handler of the API."""
CREDENTIAL: Final = web.RequestKey("credential", str)
"""What the client sent to say who it is. It is never logged or kept."""
DESCRIPTION: Final = f"{API_ROOT}/openapi.json"
"""For every credential."""
UNDESCRIBED: Final = {
    # Calls of agents come to the API again, with the agent's own credential.
    ("POST", f"{API_ROOT}/sessions/{{id}}/mcp"): ("mcp", Scope.VIEW),
}
"""Operations below a session that are not in the description."""


class Forbidden(SessionError):
    """The credential is valid, and not for this."""

    code = Code.FORBIDDEN

    def __init__(self, needed: Scope) -> None:
        super().__init__(
            f"the call needs the scope {needed.value!r}, which this credential does not have."
            " Use another credential"
        )
        self.details = {"needs": needed.value}


def scope_in(operation: dict[str, Any]) -> Scope:
    """What an operation of the description needs."""
    return Scope(operation["security"][0][SECURITY][0])


@cache
def operations() -> dict[tuple[str, str], tuple[str, Scope]]:
    """`(method, path)` of each described operation: its name, and the scope that it needs."""
    return UNDESCRIBED | {
        (method.upper(), API_ROOT + path): (operation["operationId"], scope_in(operation))
        for path, described in document()["paths"].items()
        for method, operation in described.items()
        if method != "parameters"
    }


def operation_of(request: web.Request) -> tuple[str, Scope]:
    """Name and scope of the operation that a request is."""
    resource = request.match_info.route.resource
    path = resource.canonical if resource is not None else ""
    method = "GET" if request.method == "HEAD" else request.method
    return operations().get((method, path), (path, Scope.SERVICE))


def check(request: web.Request, caller: Caller) -> None:
    """Raise unless the caller may send the request. A session that the credential does not name is
    answered as one that does not exist, whatever is asked of it.
    """
    resource = request.match_info.route.resource
    if caller.is_service or resource is None:  # no such path, or method: said to everybody
        return
    session_id = request.match_info.get("id", "") if "/sessions/{id}" in resource.canonical else ""
    if session_id and not caller.reaches(session_id):
        raise unknown_session(session_id)
    _, needed = operation_of(request)
    if resource.canonical != DESCRIPTION and not caller.allows(needed, session_id):
        raise Forbidden(needed)
