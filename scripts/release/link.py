"""A one-time sign-in link to a session of a deployed stack, for operators."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from contract.hmr import is_session_id
from scripts.release.errors import ReleaseError

START_SECONDS = 180
"""A session's first start may install its packages."""


def read_token(secrets: Any, arn: str) -> str:
    """The API's credential, the first of two while it is rotated. `secrets` is a client of Secrets
    Manager.
    """
    return str(secrets.get_secret_value(SecretId=arn)["SecretString"]).partition(" ")[0]


def api_of(api_url: str, private_api_url: str, stack: str) -> str:
    """The API's address: that behind the load balancer, or that inside the VPC where there is no
    other.
    """
    if found := api_url or private_api_url:
        return found
    raise ReleaseError(
        f"stack '{stack}' has neither the output apiUrl nor privateApiUrl; deploy it first: make"
        f" deploy STACK={stack}"
    )


def new_link(api_url: str, token: str, session: str) -> str:
    """A fresh link to `session` of the service with the API at `api_url`; a session that does not
    exist starts from the starter site.

    Raises `ReleaseError` that says what the API answered and who may reach it.
    """
    if not is_session_id(session):
        raise ReleaseError(
            f"SESSION is {session!r}; allowed are 1-63 lower-case letters, digits and '-', as in"
            " SESSION=demo"
        )
    return asyncio.run(_new_link(api_url, token, session))


async def _new_link(api_url: str, token: str, session: str) -> str:
    sessions = f"{api_url}/sessions"
    timeout = aiohttp.ClientTimeout(total=START_SECONDS)
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as client:
        await _post(client, sessions, {"id": session})
        answer = await _post(client, f"{sessions}/{session}/tokens", {})
    return str(answer["url"])


async def _post(client: aiohttp.ClientSession, url: str, body: dict[str, str]) -> dict[str, Any]:
    try:
        async with client.post(url, json=body) as response:
            if response.status in (200, 201) and response.content_type == "application/json":
                answer: dict[str, Any] = await response.json()
                return answer
            text = " ".join((await response.text()).split())[:200]
    except (aiohttp.ClientError, TimeoutError) as error:
        reason = str(error) or type(error).__name__
        inside = urlsplit(url).scheme == "http"
        where = (
            "in the VPC, in a group of apiIngressSecurityGroups"
            if inside
            else "in a range of ingressCidrs"
        )
        raise ReleaseError(f"cannot reach {url} ({reason}); is this machine {where}?") from error
    hint = {
        401: (
            "; the token in Secrets Manager is not the one that the tasks started with: deploy"
            " again"
        ),
        404: (
            "; the API may not be reachable from here: is this machine's address in"
            " apiIngressCidrs?"
        ),
        429: "; stop a session, or raise maxSessions",
    }.get(response.status, "")
    raise ReleaseError(f"POST {url} answered {response.status}: {text}{hint}")
