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

from container.gateway.envoy.routes import own_cookies_alone
from container.gateway.programs import node_executable
from container.gateway.settings import NO_INSPECTOR, GatewaySettings, runner_command
from container.gateway.tokens import CookieNames

from .harness import Gateway, running_gateway

OVER_THE_ORIGIN = {
    "Clear-Site-Data": '"*"',
    "NEL": '{"report_to": "x", "max_age": 60}',
    "Report-To": '{"group": "x"}',
    "Reporting-Endpoints": 'x="https://evil.test/"',
    "Alt-Svc": 'h3="evil.test:443"',
    "Service-Worker-Allowed": "/",
    "Strict-Transport-Security": "max-age=0",
}
BALANCERS = "AWSALB=a+b/c=; AWSALBCORS=a+b/c="
SIGNED_IN = "AWSELBAuthSessionCookie-0=secret; AWSELBAuthSessionCookie-1=more"


@pytest.fixture(scope="module", params=["path", "host"])
def gateway(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Session `demo` runs; both ways of routing."""
    with running_gateway(tmp_path_factory.mktemp(request.param), ASTRO_LIVE_ROUTING=request.param) as running:
        asyncio.run(running.start("demo"))
        yield running


def headers(gateway: Gateway, *cookies: str, **more: str) -> dict[str, str]:
    """Of a signed-in browser; `*` in `cookies` stands for the gateway's own."""
    own = gateway.cookie("demo")["Cookie"]
    joined = "; ".join(own if cookie == "*" else cookie for cookie in cookies or ("*",))
    return {"Host": gateway.contract.session_authority("demo"), "Cookie": joined, **more}


@pytest.mark.parametrize("extra", [{}, {"Sec-Fetch-Dest": "script"}, {"Accept": "text/html"}])
async def test_a_site_does_not_speak_for_its_origin(gateway: Gateway, extra: dict[str, str]) -> None:
    """Neither for other sessions of the same origin nor beyond its session's life. A service worker keeps to its folder."""
    path = f"{gateway.contract.session_base('demo')}headers?{urlencode({**OVER_THE_ORIGIN, 'X-Own': 'kept'})}"
    for cookies in (("*",), ("*", "own=1")):
        answer = await gateway.get(path, headers=headers(gateway, *cookies, **extra))
        assert answer.status == 200
        assert answer.headers["X-Own"] == "kept"
        kept = {name for name in OVER_THE_ORIGIN if answer.headers.get(name) == OVER_THE_ORIGIN[name]}
        if not extra.get("Sec-Fetch-Dest"):
            assert answer.headers.getall("Strict-Transport-Security") == ["max-age=31536000"]
        assert kept == ({"Service-Worker-Allowed"} if gateway.contract.by_host else set())


@pytest.mark.parametrize(
    "cookies", [("*",), ("*", BALANCERS), (BALANCERS, "*"), ("*", BALANCERS, SIGNED_IN), ("AWSALBTG=x", "*", "AWSALBTGCORS=x")]
)
async def test_the_load_balancers_cookies_take_the_short_route_and_stay_outside(gateway: Gateway, cookies: tuple[str, ...]) -> None:
    """A browser behind a load balancer always sends them: they must not cost every request the long route."""
    base = gateway.contract.session_base("demo")
    for extra in ({}, {"Sec-Fetch-Dest": "script"}):
        echo = (await gateway.get(f"{base}echo", headers=headers(gateway, *cookies, **extra))).json
        assert "cookie" not in {name.lower() for name, _ in echo["headers"]}
    header = headers(gateway, *cookies)["Cookie"]
    assert re.fullmatch(own_cookies_alone(CookieNames.of(gateway.contract)), header), "not the short route"


async def test_what_the_load_balancer_knows_of_the_visitor_stays_outside(gateway: Gateway) -> None:
    """On every route, beside cookies of the site's own, which it gets."""
    claims = {"X-Amzn-Oidc-Data": "jwt", "X-Amzn-Oidc-Accesstoken": "token", "X-Amzn-Oidc-Identity": "somebody"}
    base = gateway.contract.session_base("demo")
    for method in ("GET", "POST"):
        sent = headers(gateway, SIGNED_IN, "mine=1", "*", BALANCERS, "other=2", **claims)
        echo = (await gateway.get(f"{base}echo", method=method, headers=sent)).json
        told = {name.lower(): value for name, value in echo["headers"]}
        assert told["cookie"] == "mine=1; other=2"
        assert not {name for name in told if name.startswith("x-amzn-oidc")}


async def test_a_signal_opens_no_debugger(tmp_path: Path) -> None:
    """Node.js listens on a port after SIGUSR1 unless it is told not to; any process of the same user can send one."""
    assert NO_INSPECTOR in runner_command(GatewaySettings())
    flags = {"with": [], "without": [NO_INSPECTOR]}
    said = {}
    for name, flag in flags.items():
        script = "process.stdout.write('up'); setTimeout(() => {}, 10000)"
        process = await asyncio.create_subprocess_exec(
            node_executable(), *flag, "-e", script, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
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
