"""Cookies that slide along, keys that rotate, and pages shown inside other sites (S8)."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest

from container.gateway.errors import SettingsError
from container.gateway.links import SETTLED_SECONDS, Busy, UsedLinks
from container.gateway.remembered import Memory
from container.gateway.settings import read_configuration
from container.gateway.tokens import SigningKey, TokenService
from contract.messages.supervisor import Entry

from .harness import (
    API_TOKEN,
    COOKIE,
    FRESH_COOKIE,
    KEYS,
    KEYS_JSON,
    SEED,
    Gateway,
    running_gateway,
)

NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture(scope="module")
def signed_in(gateway: Gateway) -> Gateway:
    """Session `demo` runs, session `asleep` does not."""
    asyncio.run(gateway.start("demo"))
    return gateway


def expiry(cookie: str) -> int:
    token = cookie.partition("=")[2].partition(";")[0]
    return int(jwt.decode(token, options={"verify_signature": False})["exp"])


async def test_a_page_visit_renews_a_cookie_at_half_its_life(signed_in: Gateway) -> None:
    """Without the companion cookie a visit comes back with both cookies again and goes to the same
    address.
    """
    old = signed_in.cookie("demo", seconds=60, fresh=False)
    answer = await signed_in.get("/session/demo/a%20b/?x=1&x=2", headers={**old, **NAVIGATION})
    assert (answer.status, answer.headers["Location"]) == (303, "/session/demo/a%20b/?x=1&x=2")
    lines = answer.headers.getall("Set-Cookie")
    assert expiry(lines[0]) > time.time() + 43000
    assert lines[1].startswith(f"{FRESH_COOKIE}=1; Path=/session/demo/; Max-Age=21600")
    new = {"Cookie": "; ".join(line.partition(";")[0] for line in lines)}
    assert (await signed_in.get("/session/demo/", headers={**new, **NAVIGATION})).status == 200


async def test_modules_sockets_and_writes_are_not_renewed(signed_in: Gateway) -> None:
    """A redirect in a module graph or of a POST would break the page: only navigations are."""
    old = signed_in.cookie("demo", fresh=False)
    assert (
        await signed_in.get("/session/demo/main.js", headers={**old, "Sec-Fetch-Mode": "cors"})
    ).status == 200
    assert (
        await signed_in.get("/session/demo/", method="POST", headers={**old, **NAVIGATION})
    ).status == 200
    assert (await signed_in.get("/session/demo/", headers=old)).status == 200


async def test_a_forged_or_expired_cookie_is_not_renewed(signed_in: Gateway) -> None:
    """Renewal verifies like everything else."""
    for token in (
        "x.y.z",
        signed_in.tokens.sign("session", "other", seconds=60)[0],
        signed_in.tokens.sign("session", "demo", seconds=-5)[0],
    ):
        answer = await signed_in.get(
            "/session/demo/", headers={"Cookie": f"{COOKIE}={token}", **NAVIGATION}
        )
        assert answer.status == 404
        assert "Set-Cookie" not in answer.headers


async def test_a_redirect_never_leaves_the_session(signed_in: Gateway) -> None:
    """Neither a link's query nor its path can send the browser elsewhere."""
    for tail in (
        "//evil.test/",
        "/%2fevil.test",
        "?next=https://evil.test",
        "@evil.test",
        "https://evil.test/",
    ):
        token = (await signed_in.api("POST", "/api/v1/sessions/demo/tokens")).json["token"]
        path = f"/session/demo/{tail}" + ("&" if "?" in tail else "?") + f"astro_live_token={token}"
        answer = await signed_in.get(path)
        assert answer.status in (303, 400)
        assert answer.headers.get("Location", "/session/demo/").startswith("/session/demo/")


def second_key() -> dict[str, str]:
    return {
        "kid": "k2",
        "seed": base64.urlsafe_b64encode(bytes(range(32, 64))).rstrip(b"=").decode(),
    }


def test_keys_rotate_without_signing_anyone_out(tmp_path: Path) -> None:
    """A task with a new first key honours cookies of the old one and issues new ones; without the
    old key they are refused.
    """
    new = SigningKey.parse_list(json.dumps([second_key()]))
    both, only_new = (
        json.dumps([second_key(), json.loads(KEYS_JSON)[0]]),
        json.dumps([second_key()]),
    )

    async def visit(gateway: Gateway) -> tuple[int, str]:
        await gateway.api("POST", "/api/v1/sessions/demo/start")
        page = await gateway.get("/session/demo/", headers=gateway.cookie("demo"))
        gateway.tokens = TokenService(new)
        assert (await gateway.get("/session/demo/", headers=gateway.cookie("demo"))).status == 200
        minted = (await gateway.api("POST", "/api/v1/sessions/demo/tokens")).json["token"]
        return page.status, jwt.get_unverified_header(minted)["kid"]

    for keys, expected in ((both, (200, "k2")), (only_new, (404, "k2"))):
        with running_gateway(tmp_path, ASTRO_LIVE_SIGNING_KEYS=keys) as gateway:
            if not (gateway.sites / "demo").exists():
                gateway.make_site("demo")
            assert asyncio.run(visit(gateway)) == expected


@pytest.fixture(scope="module")
def framed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose sessions are shown inside a content-management system's pages."""
    with running_gateway(
        tmp_path_factory.mktemp("gw"),
        ASTRO_LIVE_COOKIE_SAME_SITE="none",
        ASTRO_LIVE_FRAME_ANCESTORS="https://cms.example.com",
    ) as gateway:
        yield gateway


async def test_embedding_sets_partitioned_cookies_and_names_the_frame(framed: Gateway) -> None:
    """Set on purpose; by default the cookie is Lax and no other site may frame a session."""
    cookie = await framed.start("demo")
    token = (await framed.api("POST", "/api/v1/sessions/demo/tokens")).json["token"]
    answer = await framed.get(f"/session/demo/?astro_live_token={token}")
    for line in answer.headers.getall("Set-Cookie"):
        assert {"Secure", "SameSite=None", "Partitioned"} <= set(line.split("; "))
    page = await framed.get("/session/demo/", headers=cookie)
    assert (
        page.headers["Content-Security-Policy"] == "frame-ancestors 'self' https://cms.example.com"
    )


async def test_pages_carry_strict_headers(signed_in: Gateway) -> None:
    """On a site's answers unless the site sets them; on the gateway's own pages a policy that
    allows nothing.
    """
    page = await signed_in.get("/session/demo/", headers=signed_in.cookie("demo"))
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Content-Security-Policy"] == "frame-ancestors 'self'"
    assert page.headers["Strict-Transport-Security"].startswith("max-age=")
    refusal = await signed_in.get("/session/demo/")
    assert refusal.headers["Content-Security-Policy"].startswith(
        "default-src 'none'; style-src 'sha256-"
    )
    assert refusal.headers["Cache-Control"] == "no-store"
    for answer in (page, refusal):
        assert not {"Server", "X-Powered-By", "X-Envoy-Upstream-Service-Time"} & set(answer.headers)


def test_used_links_are_forgotten_when_they_have_expired() -> None:
    """The memory of used links does not grow for ever, and each is saved once and by itself."""
    saved: list[tuple[str, int]] = []
    now = [0.0]
    used = UsedLinks(
        {"old": 1},
        save=lambda link, expires_at: saved.append((link, expires_at)),
        clock=lambda: now[0],
    )
    now[0] += SETTLED_SECONDS + 1
    _, claims = TokenService(KEYS).sign("link", "demo", seconds=60)
    assert used.use_up(claims.token_id, claims.expires_at)
    assert saved == [(claims.token_id, claims.expires_at)]
    assert len(used) == 1
    assert not used.use_up(claims.token_id, claims.expires_at)


def test_a_link_stays_used_up_when_the_clock_was_ahead_for_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A machine's clock is set: an hour ahead, then back. What was forgotten meanwhile would work a
    second time.
    """
    now, wall = [0.0], [float(int(time.time()))]
    monkeypatch.setattr(time, "time", lambda: wall[0])
    used = UsedLinks(clock=lambda: now[0])
    memory = Memory(clock=lambda: now[0])
    expires_at = int(wall[0]) + 300
    assert used.use_up("link", expires_at)
    memory.keep(Entry(key="link:link", until=expires_at))
    wall[0] += 3600
    assert used.use_up("another", int(wall[0]) + 300)
    assert len(memory.batches()) == 1
    wall[0] -= 3600
    assert not used.use_up("link", expires_at)
    now[0] += 300 + 2 * SETTLED_SECONDS
    wall[0] += 300 + 2 * SETTLED_SECONDS
    used.use_up("third", int(wall[0]) + 300)
    assert (len(used), memory.batches()) == (2, [])


def test_a_full_memory_of_used_links_refuses_rather_than_forgets() -> None:
    """Above the bound the first to expire is forgotten, and no link that expires as early is good
    any more, used or not.
    """
    floors: list[tuple[str, int]] = []
    later = int(time.time()) + 1000
    used = UsedLinks(
        maximum=3, save_floor=lambda forgotten, floor: floors.append((forgotten, floor))
    )
    assert [used.use_up(f"link-{number}", later + number) for number in range(4)] == [True] * 4
    assert (len(used), floors) == (3, [("link-0", later)])
    assert not used.use_up("link-0", later), "forgotten, and still used"
    assert not used.use_up("another", later), "it expires as early as one that was forgotten"
    assert used.use_up("one more", later + 9)


def test_a_sign_in_that_cannot_be_recorded_leaves_its_link_unused() -> None:
    """A full socket to the supervisor is an error of that sign-in; the next attempt with the same
    link succeeds.
    """
    outcomes = iter([Busy("full"), None])

    def save(_link: str, _expires_at: int) -> None:
        if (outcome := next(outcomes)) is not None:
            raise outcome

    used = UsedLinks(save=save)
    with pytest.raises(Busy):
        used.use_up("link", int(time.time()) + 60)
    assert used.use_up("link", int(time.time()) + 60)


def test_the_quick_start_needs_no_secret_but_only_on_loopback() -> None:
    """`docker run` on a laptop makes its own; a public URL without secrets is refused."""
    assert read_configuration({"ASTRO_LIVE_PUBLIC_URL": "http://localhost:4321"}).secrets.ephemeral
    with pytest.raises(
        SettingsError,
        match=r"ASTRO_LIVE_SIGNING_KEYS is not set(.|\n)*ASTRO_LIVE_API_TOKEN is not set",
    ):
        read_configuration({"ASTRO_LIVE_PUBLIC_URL": "https://edit.example.com"})


def test_secrets_do_not_show_in_representations() -> None:
    """A logged configuration gives nothing away."""
    configuration = read_configuration(
        {"ASTRO_LIVE_SIGNING_KEYS": KEYS_JSON, "ASTRO_LIVE_API_TOKEN": API_TOKEN}
    )
    text = repr(configuration) + repr(configuration.secrets.signing_keys)
    assert SEED not in text
    assert API_TOKEN not in text
