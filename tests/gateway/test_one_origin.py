"""What a site may say for its origin, and what it learns from the load balancer (S8, S38)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from container.gateway.envoy.matches import own_cookies_alone
from container.gateway.programs import node_executable
from container.gateway.settings import NO_INSPECTOR, GatewaySettings, runner_command
from container.gateway.tokens import CookieNames

from .harness import Gateway, running_gateway, websocket

OWN_AFFAIRS = {
    "Service-Worker-Allowed": "/",
    "Accept-CH": "Sec-CH-UA-Model",
    "Secure-Session-Registration": '(ES256);path="start";challenge="x"',
    "Sec-Session-Registration": '(ES256);path="start";challenge="x"',
    "Set-Login": "logged-out",
    "Use-As-Dictionary": 'match="/*"',
}
"""Of a site that has an origin to itself."""
OVER_THE_ORIGIN = {
    "Clear-Site-Data": '"*"',
    "NEL": '{"report_to": "x", "max_age": 60}',
    "Report-To": '{"group": "x"}',
    "Reporting-Endpoints": 'x="https://evil.test/"',
    "Alt-Svc": 'h3="evil.test:443"',
    **OWN_AFFAIRS,
    "Strict-Transport-Security": "max-age=0",
}
BALANCERS = "AWSALB=a+b/c=; AWSALBCORS=a+b/c="
SIGNED_IN = "AWSELBAuthSessionCookie-0=secret; AWSELBAuthSessionCookie-1=more"


@pytest.fixture(scope="module", params=["path", "host"])
def gateway(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """Session `demo` runs; both ways of routing."""
    with running_gateway(
        tmp_path_factory.mktemp(request.param), ASTRO_LIVE_ROUTING=request.param
    ) as running:
        asyncio.run(running.start("demo"))
        yield running


def headers(gateway: Gateway, *cookies: str, **more: str) -> dict[str, str]:
    """Of a signed-in browser; `*` in `cookies` stands for the gateway's own."""
    own = gateway.cookie("demo")["Cookie"]
    joined = "; ".join(own if cookie == "*" else cookie for cookie in cookies or ("*",))
    return {"Host": gateway.contract.session_authority("demo"), "Cookie": joined, **more}


@pytest.mark.parametrize("extra", [{}, {"Sec-Fetch-Dest": "script"}, {"Accept": "text/html"}])
async def test_a_site_does_not_speak_for_its_origin(
    gateway: Gateway, extra: dict[str, str]
) -> None:
    """Neither for other sessions of the same origin nor beyond its session's life. A service worker
    keeps to its folder.
    """
    path = f"{gateway.contract.session_base('demo')}headers?{urlencode({**OVER_THE_ORIGIN, 'X-Own': 'kept'})}"
    for cookies in (("*",), ("*", "own=1")):
        answer = await gateway.get(path, headers=headers(gateway, *cookies, **extra))
        assert answer.status == 200
        assert answer.headers["X-Own"] == "kept"
        kept = {
            name for name in OVER_THE_ORIGIN if answer.headers.get(name) == OVER_THE_ORIGIN[name]
        }
        if not extra.get("Sec-Fetch-Dest"):
            assert answer.headers.getall("Strict-Transport-Security") == ["max-age=31536000"]
        assert kept == (set(OWN_AFFAIRS) if gateway.contract.by_host else set())


@pytest.mark.parametrize(
    "cookies",
    [
        ("*",),
        ("*", BALANCERS),
        (BALANCERS, "*"),
        ("*", BALANCERS, SIGNED_IN),
        ("AWSALBTG=x", "*", "AWSALBTGCORS=x"),
    ],
)
async def test_the_load_balancers_cookies_take_the_short_route_and_stay_outside(
    gateway: Gateway, cookies: tuple[str, ...]
) -> None:
    """A browser behind a load balancer always sends them: they must not cost every request the long
    route.
    """
    base = gateway.contract.session_base("demo")
    for extra in ({}, {"Sec-Fetch-Dest": "script"}):
        echo = (await gateway.get(f"{base}echo", headers=headers(gateway, *cookies, **extra))).json
        assert "cookie" not in {name.lower() for name, _ in echo["headers"]}
    header = headers(gateway, *cookies)["Cookie"]
    assert re.fullmatch(own_cookies_alone(CookieNames.of(gateway.contract)), header), (
        "not the short route"
    )


async def test_what_the_load_balancer_knows_of_the_visitor_stays_outside(gateway: Gateway) -> None:
    """On every route, beside cookies of the site's own, which it gets."""
    claims = {
        "X-Amzn-Oidc-Data": "jwt",
        "X-Amzn-Oidc-Accesstoken": "token",
        "X-Amzn-Oidc-Identity": "somebody",
    }
    base = gateway.contract.session_base("demo")
    for method in ("GET", "POST"):
        sent = headers(gateway, SIGNED_IN, "mine=1", "*", BALANCERS, "other=2", **claims)
        echo = (await gateway.get(f"{base}echo", method=method, headers=sent)).json
        told = {name.lower(): value for name, value in echo["headers"]}
        assert told["cookie"] == "mine=1; other=2"
        assert not {name for name in told if name.startswith("x-amzn-oidc")}


FOREIGN = {
    "the gateway's name": "astro_live_session=x",
    "the companion's name": "astro_live_fresh=1; Path={base}deep",
    "the gateway's name with the prefix": "__Host-astro_live_session=x; Secure; Path=/",
    "no name, and the gateway's as its value": "=astro_live_session=x",
    "no name, after spaces": "  = astro_live_session=x",
    "the load balancer's stickiness": "AWSALB=x",
    "the load balancer's sign-in": "AWSELBAuthSessionCookie-0=x",
    "another host": "a=1; Domain=example.test",
    "a host above": "a=1; domain = .test",
    "two domains": "a=1; Domain={host}; Domain=test",
}
FOREIGN_BY_PATH = {
    "another session": "a=1; Path=/session/other/",
    "the whole origin": "a=1; Path=/",
    "a session whose name begins the same": "a=1; Path=/session/demo2/",
    "two paths, the wide one last": "a=1; Path={base}; Path=/",
    "two paths, the wide one first": "a=1; Path=/; Path={base}",
    "spaces and capitals": "a=1;  PATH  =  /session/ ; HttpOnly",
    "after an empty attribute": "a=1;; ; Path=/session",
}
OWN = [
    "a=1",
    "b=2; Path={base}",
    "c=3; Path={base}deep; HttpOnly; Secure; SameSite=Lax",
    "d=4; Domain={host}",
    "e=5; Path=",
    "astro=live",
]


@pytest.mark.parametrize("extra", [{}, {"Sec-Fetch-Dest": "script"}, {"own": "1"}])
async def test_a_site_sets_cookies_for_its_own_session_only(
    gateway: Gateway, extra: dict[str, str]
) -> None:
    """On every route; what is the session's own stays, in its order."""
    base, host = gateway.contract.session_base("demo"), gateway.contract.session_host("demo")
    foreign = {**FOREIGN, **({} if gateway.contract.by_host else FOREIGN_BY_PATH)}
    sent = [line.format(base=base, host=host) for line in (*OWN, *foreign.values())]
    cookies = ("*", "own=1") if "own" in extra else ("*",)
    more = {name: value for name, value in extra.items() if name != "own"}
    answer = await gateway.get(
        f"{base}headers?{urlencode([('Set-Cookie', line) for line in sent])}",
        headers=headers(gateway, *cookies, **more),
    )
    assert answer.headers.getall("Set-Cookie") == [
        line.format(base=base, host=host) for line in OWN
    ]
    for name, line in foreign.items():
        query = urlencode({"Set-Cookie": line.format(base=base, host=host)})
        alone = await gateway.get(
            f"{base}headers?{query}", headers=headers(gateway, *cookies, **more)
        )
        assert "Set-Cookie" not in alone.headers, name


async def test_a_junk_cookie_on_a_longer_path_locks_nobody_out(gateway: Gateway) -> None:
    """Scripts of another session can set one; browsers send it first. Also before a fresh link, at
    the control plane, and on upgrades.
    """
    own = gateway.cookie("demo")["Cookie"]
    names = CookieNames.of(gateway.contract)
    other = gateway.cookie("other")["Cookie"].partition("; ")[0]
    old = (
        f"{names.session}={gateway.tokens.sign('session', 'demo', seconds=600, epoch='1' * 16)[0]}"
    )
    junk = [
        f"{names.session}=junk",
        other,
        old,
        f"{names.session}=",
        f"{names.session}=e30.e30.e30",
        f"{names.session}=a.{'A' * 5000}.b",
    ]
    base = gateway.contract.session_base("demo")
    for cookies in (
        [*junk, "*"],
        ["*", *junk],
        [*junk[:3], "mine=1", "*", *junk[3:]],
        [junk[0], "*"],
    ):
        echo = await gateway.get(f"{base}deep/echo", headers=headers(gateway, *cookies))
        assert echo.status == 200
        found = await gateway.get(f"{base}echo", headers=headers(gateway, *cookies))
        told = {name.lower(): value for name, value in found.json["headers"]}
        assert told.get("cookie", "") == ("mine=1" if "mine=1" in cookies else "")
        status = await gateway.get(f"{base}__astro_live/status", headers=headers(gateway, *cookies))
        assert status.status == 200
        socket = {**headers(gateway, *cookies), "Origin": gateway.contract.session_origin("demo")}
        async with websocket(gateway, f"{base}socket", socket) as connection:
            await connection.send_str("hello")
            assert (await connection.receive()).data == "hello"
    alone = await gateway.get(f"{base}echo", headers=headers(gateway, *junk))
    assert alone.status == 404
    assert own not in alone.text


async def test_a_signal_opens_no_debugger(tmp_path: Path) -> None:
    """Node.js listens on a port after SIGUSR1 unless it is told not to; any process of the same
    user can send one.
    """
    assert NO_INSPECTOR in runner_command(GatewaySettings())
    flags = {"with": [], "without": [NO_INSPECTOR]}
    said = {}
    for name, flag in flags.items():
        script = "process.stdout.write('up'); setTimeout(() => {}, 10000)"
        process = await asyncio.create_subprocess_exec(
            node_executable(),
            *flag,
            "-e",
            script,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        await process.stdout.readexactly(2)
        os.kill(process.pid, signal.SIGUSR1)
        said[name] = b""
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5 if name == "with" else 1):
                    said[name] = await process.stderr.read(40)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
    assert b"Debugger listening" in said["with"], "the flag would prove nothing"
    assert said["without"] == b""
