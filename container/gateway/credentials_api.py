"""The API's part for credentials: create, list, revoke."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contract.api import API_ROOT
from contract.git_secrets import NAME as SECRET
from contract.git_secrets import parse

from .bodies import model_body, number, query
from .codes import Code
from .credentials.keyring import Keyring
from .credentials.model import (
    LONGEST_LIFE_SECONDS,
    LONGEST_NAME,
    MOST_SECRETS,
    MOST_SESSIONS,
    NAME,
    Scope,
)
from .errors import BadRequest, SessionError
from .session_view import ID_PATTERN

MOST_LISTED: Final = 1000
SHORTEST_LIFE_SECONDS: Final = 1
NO_STORE: Final = {"Cache-Control": "no-store"}


class UnknownCredential(SessionError):
    code = Code.UNKNOWN_CREDENTIAL


class CredentialRequest(BaseModel):
    """What a new credential is for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[
        str,
        StringConstraints(min_length=1, max_length=LONGEST_NAME, pattern=NAME),
        Field(description="Who or what uses it; in the audit log and the list"),
    ]
    scopes: Annotated[
        list[Annotated[Scope, Field(strict=False)]],
        Field(min_length=1, max_length=3, json_schema_extra={"uniqueItems": True}),
    ]
    sessions: Annotated[
        list[Annotated[str, StringConstraints(pattern=ID_PATTERN)]],
        Field(
            max_length=MOST_SESSIONS,
            description="Where the scopes hold; none for `service`, at least one otherwise",
            json_schema_extra={"uniqueItems": True},
        ),
    ] = []
    git_secrets: Annotated[
        list[Annotated[str, StringConstraints(pattern=rf"^{SECRET}$")]],
        Field(
            max_length=MOST_SECRETS,
            description=(
                "Secrets of the stack's `gitSecretNames` that its calls about Git may name; with the"
                " scope `write`. A credential with `service` may name all"
            ),
            json_schema_extra={"uniqueItems": True},
        ),
    ] = []
    viewers_may_post: Annotated[
        bool,
        Field(
            description=(
                "false: visitors whom its sign-in links let in can only read, whatever the stack"
                " and the link allow; true: it sets no limit"
            ),
        ),
    ] = True
    expires_in_seconds: Annotated[
        int | None,
        Field(
            ge=SHORTEST_LIFE_SECONDS,
            le=LONGEST_LIFE_SECONDS,
            description="null: until it is revoked",
        ),
    ] = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for name in ("scopes", "sessions", "git_secrets"):
            values = getattr(self, name)
            if twice := [each for number, each in enumerate(values) if each in values[:number]]:
                which = f" {str(twice[0])!r}" if name != "git_secrets" else ""
                raise ValueError(f"{name} has{which} more than once; name each once")
        if Scope.SERVICE in self.scopes:
            if len(self.scopes) > 1 or self.sessions:
                raise ValueError(
                    "the scope service goes without other scopes and without sessions; leave them"
                    " out"
                )
        elif not self.sessions:
            raise ValueError("sessions is empty; name the sessions that the scopes are for")
        if self.git_secrets and Scope.WRITE not in self.scopes:
            raise ValueError("git_secrets go with the scope write, which pushes and pulls need")
        return self


class CredentialView(BaseModel):
    """A credential, without its secret."""

    id: str
    name: str
    scopes: list[Scope]
    sessions: list[str]
    created_at: Annotated[int, Field(description="Unix time")]
    expires_at: Annotated[int | None, Field(description="Unix time; null: until it is revoked")]
    git_secrets: Annotated[
        list[str], Field(description="Secrets that its calls about Git may name")
    ] = []
    viewers_may_post: Annotated[
        bool, Field(description="false: visitors whom its sign-in links let in can only read")
    ] = True


class CreatedCredentialView(CredentialView):
    """A new credential, with its secret."""

    secret: Annotated[
        str,
        Field(description="For `Authorization: Bearer`. It is shown this once, and kept nowhere"),
    ]


class CredentialsView(BaseModel):
    """A page of the list."""

    credentials: list[CredentialView]
    next: Annotated[
        str | None, Field(description="`after` of the next call; null when there is no more")
    ]


class CredentialsApi:
    """Handlers of `/credentials`."""

    def __init__(self, keyring: Keyring, seconds: float, git_secrets: Sequence[str]) -> None:
        """`seconds` is the time for a whole request; `git_secrets` are the setting's entries."""
        self._git_secrets = sorted({parse(entry).name for entry in git_secrets})
        self._keyring = keyring
        self._seconds = seconds

    def routes(self) -> list[web.RouteDef]:
        credentials = f"{API_ROOT}/credentials"
        return [
            web.get(credentials, self._list),
            web.post(credentials, self._create),
            web.delete(credentials + "/{credential}", self._revoke),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        values = query(request, after="", limit=str(MOST_LISTED))
        most = number(values, "limit", 1, MOST_LISTED)
        found = await self._keyring.page(values["after"][:80], most + 1)
        body: dict[str, Any] = {
            "credentials": [record.describe() for record in found[:most]],
            "next": found[most - 1].id if len(found) > most else None,
        }
        return web.json_response(body, headers=NO_STORE)

    async def _create(self, request: web.Request) -> web.Response:
        body = await model_body(request, self._seconds, CredentialRequest)
        if unknown := [name for name in body.git_secrets if name not in self._git_secrets]:
            raise BadRequest(
                f"git_secrets has {unknown[0]!r}; the stack's gitSecretNames has"
                f" {', '.join(self._git_secrets) or 'none'}"
            )
        record, secret = await self._keyring.create(
            body.name,
            body.scopes,
            body.sessions,
            body.expires_in_seconds,
            body.git_secrets,
            viewers_may_post=body.viewers_may_post,
        )
        return web.json_response(
            {**record.describe(), "secret": secret}, status=201, headers=NO_STORE
        )

    async def _revoke(self, request: web.Request) -> web.Response:
        identifier = request.match_info["credential"]
        if not await self._keyring.revoke(identifier[:80]):
            raise UnknownCredential(f"there is no credential {identifier[:20]!r}")
        return web.Response(status=204)
