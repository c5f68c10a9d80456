"""Unauthenticated and forged attempts, over HTTP and as WebSocket upgrades: all refused, all alike
(S8).
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from container.gateway.pages import REFUSALS

from .harness import COOKIE, FRESH_COOKIE, KEYS, Gateway

OTHER_KEY: Final = Ed25519PrivateKey.generate()
PUBLIC_BYTES: Final = (
    KEYS[0]
    .private.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
)


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    base = {"iss": "astro-live", "aud": "session:victim", "exp": now + 600}
    return {name: value for name, value in {**base, **changes}.items() if value is not None}


def signed(
    *, kid: str | None = "k1", key: Any = None, algorithm: str = "EdDSA", **changes: Any
) -> str:
    headers = {"kid": kid} if kid else {}
    return jwt.encode(
        claims(**changes), key or KEYS[0].private, algorithm=algorithm, headers=headers
    )


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(algorithm: str) -> str:
    return f"{encoded({'alg': algorithm, 'typ': 'JWT', 'kid': 'k1'})}.{encoded(claims())}."


def keyed_by_public_key() -> str:
    """The classic confusion: HMAC with the public key as its secret."""
    import hashlib
    import hmac

    text = f"{encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': 'k1'})}.{encoded(claims())}"
    return (
        text
        + "."
        + base64.urlsafe_b64encode(hmac.digest(PUBLIC_BYTES, text.encode(), hashlib.sha256))
        .rstrip(b"=")
        .decode()
    )


def tampered(part: int) -> str:
    parts = signed().split(".")
    parts[part] = parts[part][:-4] + ("AAAA" if parts[part][-4:] != "AAAA" else "BBBB")
    return ".".join(parts)


def swapped() -> str:
    """Another session's claims under this session's signature."""
    header, _, signature = signed(aud="session:mine").split(".")
    return f"{header}.{encoded(claims())}.{signature}"


FORGED: Final[dict[str, Callable[[], str]]] = {
    "no token": lambda: "",
    "not a token": lambda: "x",
    "two dots": lambda: "..",
    "expired": lambda: signed(exp=int(time.time()) - 30),
    "expired long ago": lambda: signed(exp=1),
    "no expiry": lambda: signed(exp=None, aud="session:mine"),
    "not yet valid": lambda: signed(nbf=int(time.time()) + 3600),
    "another session": lambda: signed(aud="session:mine"),
    "a session with the same beginning": lambda: signed(aud="session:victi"),
    "a longer session": lambda: signed(aud="session:victim-2"),
    "session in capitals": lambda: signed(aud="session:VICTIM"),
    "several other sessions": lambda: signed(aud=["session:mine", "session:victim-2"]),
    "audience as a number": lambda: signed(aud=1),
    "session as a separate claim": lambda: signed(aud="session", sid="victim"),
    "no session": lambda: signed(aud="session:"),
    "empty audience": lambda: signed(aud=""),
    "wildcard session": lambda: signed(aud="session:*"),
    "session without its kind": lambda: signed(aud="victim"),
    "sign-in token as cookie": lambda: signed(aud="link:victim"),
    "no audience": lambda: signed(aud=None),
    "another audience": lambda: signed(aud="api"),
    "another issuer": lambda: signed(iss="evil"),
    "no issuer": lambda: signed(iss=None),
    "another key": lambda: signed(key=OTHER_KEY),
    "another key and id": lambda: signed(key=OTHER_KEY, kid="k2"),
    "path as key id": lambda: signed(key=OTHER_KEY, kid="../../etc/passwd"),
    "alg none": lambda: unsigned("none"),
    "alg None": lambda: unsigned("None"),
    "alg empty": lambda: unsigned(""),
    "hmac with the public key": keyed_by_public_key,
    "tampered claims": lambda: tampered(1),
    "tampered signature": lambda: tampered(2),
    "tampered header": lambda: tampered(0),
    "claims swapped": swapped,
    "signature cut off": lambda: signed().rpartition(".")[0] + ".",
    "two tokens in one": lambda: signed(aud="session:mine") + signed(),
    "very long": lambda: signed(note="x" * 6000, aud="session:mine"),
}

PATHS: Final = (
    "",
    "@vite/client",
    "src/pages/index.astro",
    "_image?href=x",
    "package.json",
    "@fs/etc/passwd",
    "__astro_live/status",
)


@pytest.fixture(scope="module")
def victim(gateway: Gateway) -> Gateway:
    """A gateway whose session `victim` runs, and whose session `asleep` does not."""
    asyncio.run(gateway.start("victim"))
    asyncio.run(gateway.start("mine"))
    gateway.make_site("asleep")
    return gateway


def upgrade(**headers: str) -> dict[str, str]:
    base = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Protocol": "vite-hmr",
    }
    return {**base, **headers}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_cookie_opens_nothing(victim: Gateway, name: str) -> None:
    """Neither a page nor a module nor a socket, and the answer is the one for a session that does
    not exist.
    """
    cookie = {"Cookie": f"{COOKIE}={FORGED[name]()}"}
    fresh = {"Cookie": f"{cookie['Cookie']}; {FRESH_COOKIE}=1"}
    for path in ("", "@vite/client"):
        for headers in (cookie, fresh, {**fresh, "Host": "elsewhere.test"}):
            answer = await victim.get(f"/session/victim/{path}", headers=headers)
            assert (answer.status, answer.text) == (404, REFUSALS[404])
            assert "WWW-Authenticate" not in answer.headers, (
                "its reason would tell that the session runs"
            )
    answer = await victim.get(
        "/session/victim/socket", headers=upgrade(Origin=victim.public_url, **cookie)
    )
    assert answer.status == 404


@pytest.mark.parametrize("session", ["victim", "asleep", "unknown"])
@pytest.mark.parametrize("path", PATHS)
async def test_without_a_cookie_every_session_looks_unknown(
    victim: Gateway, session: str, path: str
) -> None:
    """Running, stopped and unknown sessions answer alike, for every method."""
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
        answer = await victim.get(f"/session/{session}/{path}", method=method)
        assert answer.status == 404
        assert answer.text == ("" if method == "HEAD" else REFUSALS[404])
    assert await victim.state("asleep") == "stopped", (
        "an unauthenticated client must not start a session"
    )


ORIGINS: Final = (
    None,
    "",
    "null",
    "file://",
    "https://evil.test",
    "http://edit.example.test",
    "https://edit.example.test.evil.test",
    "https://edit.example.test:444",
    "https://EDIT.example.test",
    "https://edit.example.test/",
)


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("session", ["victim", "asleep", "unknown"])
async def test_an_upgrade_from_elsewhere_is_refused(
    victim: Gateway, session: str, origin: str | None
) -> None:
    """Also with a good cookie; and whether the session exists makes no difference."""
    headers = upgrade(**victim.cookie(session), **({} if origin is None else {"Origin": origin}))
    answer = await victim.get(f"/session/{session}/socket", headers=headers)
    assert (answer.status, answer.text) == (403, REFUSALS[403])


@pytest.mark.parametrize("origin", ["null", "https://evil.test", "http://edit.example.test"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_write_from_elsewhere_is_refused(victim: Gateway, method: str, origin: str) -> None:
    """A signed-in browser on a foreign page cannot write through the site's endpoints."""
    answer = await victim.get(
        "/session/victim/echo", method=method, headers={**victim.cookie("victim"), "Origin": origin}
    )
    assert answer.status == 403


@pytest.mark.parametrize(
    "path",
    [
        "__open-in-editor?file=x", "__OPEN-IN-EDITOR", "__open-in-editor/", "//__open-in-editor", "./__open-in-editor",
        "x/../__open-in-editor",
        "%5F_open-in-editor", "__open%2Din-editor", "__open-stack-frame-in-editor", "__inspect/", "__devtools__/", "__vite_devtools__/x",
    ],
)  # fmt: skip
async def test_the_dev_servers_own_doors_are_shut(victim: Gateway, path: str) -> None:
    """Even for the session's own user, in any spelling that the dev server would understand."""
    for host in ({}, {"Host": "elsewhere.test"}):
        for fresh in (True, False):
            answer = await victim.get(
                f"/session/victim/{path}", headers={**victim.cookie("victim", fresh=fresh), **host}
            )
            assert (answer.status, answer.text) == (404, REFUSALS[404])


async def test_a_plain_read_goes_the_short_way_and_nothing_else_does(victim: Gateway) -> None:
    """What the rest of the route table must see is not taken for a plain read, although the same
    browser sends it.
    """
    mine = victim.cookie("victim")
    assert (await victim.get("/session/victim/echo?x=__", headers=mine)).status == 200
    own = await victim.get("/session/victim/__astro_live/status", headers=mine)
    assert (own.status, own.json["state"]) == (200, "ready")
    link = await victim.get("/session/victim/?astro_live_token=x", headers=mine)
    assert (link.status, link.headers["Location"]) == (
        303,
        "/session/victim/",
    ), "a signed-in browser needs no token"
    assert (await victim.get("/session/victim/echo", headers={**mine, "Host": "a b"})).status == 400
    assert (await victim.get("/session/victim/socket", headers=upgrade(**mine))).status == 403
    navigation = {"Sec-Fetch-Mode": "navigate", **victim.cookie("victim", fresh=False)}
    assert (await victim.get("/session/victim/echo", headers=navigation)).headers.getall(
        "Set-Cookie"
    )


@pytest.mark.parametrize(
    "path",
    [
        "/session/..", "/session/../", "/session/%2e%2e/", "/session/%2E%2E/victim/", "/session/a%2fb/", "/session/a%2Fb",
        "/session/a%5cb/", "/session/" + "a" * 10_000 + "/",
        "/session/Victim/", "/session/-victim/", "/session/victim%00/", "/session/victim%20/", "/session/victim;x/",
        "/session//", "/session/", "/session",
        "/", "/_hmr/x", "/vite-hmr/x", "/api/v1/sessions", "/health/ready", "/metrics", "/session/é/", "/session/victim/%2e%2e%2fmine/",
    ],
)  # fmt: skip
async def test_malformed_addresses_reveal_nothing(victim: Gateway, path: str) -> None:
    """A fixed page with what to do; no path, no version, no stack."""
    answer = await victim.get(path, headers=victim.cookie("victim"))
    assert 400 <= answer.status < 500
    assert answer.text in REFUSALS.values()
    assert "server" not in answer.headers


@pytest.mark.parametrize("detour", ["..", "%2e%2e", "/..", "/%2E./..", "..%2f", "..;", ".%00."])
async def test_another_sessions_cookie_opens_no_other_by_path_tricks(
    victim: Gateway, detour: str
) -> None:
    """`mine` is signed in; no spelling of the path reaches `victim`: refused, or answered by `mine`
    itself.
    """
    answer = await victim.get(f"/session/mine/{detour}/victim/start", headers=victim.cookie("mine"))
    assert answer.status in (200, 400, 404)
    assert "/session/victim/" not in answer.text


async def test_a_head_request_does_not_use_a_link_up(victim: Gateway) -> None:
    """Previews in chat programs ask with HEAD; the person who follows the link later must still get
    in.
    """
    token = (await victim.api("POST", "/api/v1/sessions/victim/tokens")).json["token"]
    assert (
        await victim.get(f"/session/victim/?astro_live_token={token}", method="HEAD")
    ).status == 404
    assert (await victim.get(f"/session/other/?astro_live_token={token}")).status == 404
    assert (await victim.get(f"/session/victim/?astro_live_token={token}")).status == 303


@pytest.mark.parametrize(
    "name", [name for name in FORGED if name not in ("sign-in token as cookie", "no token")]
)
async def test_a_forged_link_is_refused(victim: Gateway, name: str) -> None:
    """Session tokens do not work as links, and nothing forged does."""
    assert (await victim.get(f"/session/victim/?astro_live_token={FORGED[name]()}")).status == 404


@pytest.mark.parametrize(
    "credential",
    [
        None,
        "",
        "wrong",
        "test-credential-0123456789abcde",
        "test-credential-0123456789abcdefg",
        "é" * 20,
    ],
)
async def test_the_api_needs_its_credential(victim: Gateway, credential: str | None) -> None:
    """Every path but health answers 401, known or not."""
    for method, path in (
        ("GET", "/api/v1/sessions"),
        ("POST", "/api/v1/sessions/victim/tokens"),
        ("GET", "/nothing"),
        ("GET", "/metrics"),
    ):
        token = None if credential is None else credential
        answer = await victim.api(method, path, token=token)
        assert answer.status == 401
        assert answer.json["code"] == "unauthorised"
