"""The local load balancer behaves as the declared ALB: a real Envoy in front of real targets (S11,
S23).
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from local import certificates
from local.balancer import envoy, process
from local.balancer.declared import (
    Condition,
    FixedResponse,
    Forward,
    HealthCheck,
    Listener,
    LoadBalancer,
    Redirect,
    Rule,
    TargetGroup,
)
from local.children import stop_all

from .targets import Target

GROUP = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/sessions/1"
CHECK = HealthCheck(
    path="/health/ready",
    port=8080,
    interval_seconds=1,
    timeout_seconds=1,
    healthy_threshold=2,
    unhealthy_threshold=2,
    matcher="200",
)


def rule(priority: int, *patterns: str, action: Any = None) -> Rule:
    return Rule(
        name=f"rule-{priority}",
        priority=priority,
        conditions=(Condition(field="path-pattern", values=patterns),),
        action=action or Forward(targets=((GROUP, 1),)),
    )


BALANCER = LoadBalancer(
    name="edit",
    arn="arn:lb",
    idle_timeout_seconds=120,
    client_keep_alive_seconds=3600,
    http2=True,
    drop_invalid_headers=True,
    forwarded_for="append",
    listeners=(
        Listener(
            name="https",
            port=443,
            tls=True,
            tls_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
            strict_transport_security="",
            default=FixedResponse(status=404, body="Nothing is served at this address."),
            rules=(
                rule(
                    10,
                    "/session/blocked/*",
                    action=FixedResponse(status=403, content_type="text/html", body="<p>no</p>"),
                ),
                rule(25, "/_hmr/*", "/session/*/_hmr"),
                rule(30, "/session/*"),
                rule(40, "/old/*", action=Redirect(status=302, path="/session/#{path}", query="")),
            ),
        ),
        Listener(
            name="http",
            port=80,
            tls=False,
            tls_policy="",
            strict_transport_security="",
            default=Redirect(status=301, protocol="HTTPS", port="443"),
            rules=(),
        ),
    ),
    target_groups={
        GROUP: TargetGroup(
            name="sessions",
            arn=GROUP,
            port=4321,
            algorithm="round_robin",
            stickiness_seconds=3600,
            health_check=CHECK,
            deregistration_delay_seconds=30,
        )
    },
)


def with_group(balancer: LoadBalancer, **changes: Any) -> LoadBalancer:
    return replace(
        balancer, target_groups={GROUP: replace(balancer.target_groups[GROUP], **changes)}
    )


@dataclass
class Running:
    """A load balancer that serves, and a client for it."""

    address: str
    client: aiohttp.ClientSession
    context: ssl.SSLContext

    @property
    def url(self) -> str:
        return f"https://{self.address}:8443"

    async def get(self, path: str, **options: Any) -> tuple[int, Any, aiohttp.ClientResponse]:
        async with self.client.get(self.url + path, allow_redirects=False, **options) as response:
            body = await (
                response.json() if response.content_type == "application/json" else response.text()
            )
            return response.status, body, response


@asynccontextmanager
async def running(
    balancer: LoadBalancer, address: str, directory: Path, targets: Sequence[tuple[str, int]]
) -> AsyncIterator[Running]:
    files = certificates.issue(directory / "tls", [address, "localhost"])
    placement = envoy.Placement(
        ports={443: 8443, 80: 8480},
        addresses=[address],
        targets={GROUP: targets},
        certificate=files.certificate,
        private_key=files.private_key,
    )
    child = await asyncio.to_thread(process.start, envoy.bootstrap(balancer, placement), directory)
    try:
        await _listening(address, child)
        context = ssl.create_default_context(cafile=str(files.authority))
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context), cookie_jar=aiohttp.DummyCookieJar()
        ) as client:
            yield Running(address, client, context)
    finally:
        await asyncio.to_thread(stop_all, [child], 5)


async def _listening(address: str, child: Any) -> None:
    for _ in range(400):
        assert child.exit_code is None, child.tail()
        try:
            _, writer = await asyncio.open_connection(address, 8443)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        await asyncio.sleep(0.2)  # the first health checks
        return
    raise AssertionError(child.tail())


@asynccontextmanager
async def stack(
    address: str, directory: Path, balancer: LoadBalancer = BALANCER, count: int = 1
) -> AsyncIterator[tuple[Running, list[Target]]]:
    """The load balancer on `address` and its targets on the loopback addresses after it."""
    head = address.rsplit(".", 1)[0]
    async with AsyncExitStack() as cleanup:
        targets = [
            await cleanup.enter_async_context(Target(f"{head}.{2 + index}").serve())
            for index in range(count)
        ]
        places = [(target.address, 4321) for target in targets]
        yield (
            await cleanup.enter_async_context(running(balancer, address, directory, places)),
            targets,
        )


async def test_rules_are_tried_by_priority_and_the_default_answers_the_rest(
    address: str, tmp_path: Path
) -> None:
    """The first rule whose pattern matches the path wins; the query string does not take part."""
    async with stack(address, tmp_path) as (edit, _):
        status, body, _ = await edit.get("/session/demo/src/a.css?x=/session/blocked/")
        assert (status, body["path"]) == (200, "/session/demo/src/a.css?x=/session/blocked/")
        status, body, response = await edit.get("/session/blocked/x")
        assert (status, body, response.content_type) == (403, "<p>no</p>", "text/html")
        for path in ("/", "/session", "/Session/demo/", "/sessions/demo/", "/_hmr"):
            status, body, response = await edit.get(path)
            assert (status, body, response.headers["server"]) == (
                404,
                "Nothing is served at this address.",
                "awselb/2.0",
            ), path


async def test_paths_reach_the_target_as_they_were_sent(address: str, tmp_path: Path) -> None:
    """An ALB neither decodes nor normalises them."""
    async with stack(address, tmp_path) as (edit, _):
        for path in (
            "/session/demo//a/./b%2fc%20d",
            "/session/../session/demo/",
            "/session/%2e%2e/x?q=%2F",
        ):
            async with edit.client.get(URL(edit.url + path, encoded=True)) as response:
                assert (await response.json())["path"] == path


async def test_redirects_fill_in_their_placeholders(address: str, tmp_path: Path) -> None:
    """The declared port 443 becomes the local one; path and query are kept unless the rule says
    otherwise.
    """
    async with stack(address, tmp_path) as (edit, _):
        plain = URL(f"http://{address}:8480/session/demo/a%20b?x=1&y=%2F", encoded=True)
        async with edit.client.get(plain, allow_redirects=False) as response:
            assert response.status == 301
            assert (
                response.headers["location"]
                == f"https://{address}:8443/session/demo/a%20b?x=1&y=%2F"
            )
        status, _, response = await edit.get("/old/demo/?x=1")
        assert (status, response.headers["location"]) == (302, f"{edit.url}/session/old/demo/")


async def test_targets_learn_who_asks(address: str, tmp_path: Path) -> None:
    """X-Forwarded-For grows by the client, Proto and Port say how it came; what a client claims
    about them does not count.
    """
    async with stack(address, tmp_path) as (edit, _):
        claims = {
            "X-Forwarded-For": "198.51.100.7",
            "X-Forwarded-Proto": "gopher",
            "X-Forwarded-Port": "1",
            "X-Amzn-Trace-Id": "Root=mine",
        }
        _, body, response = await edit.get("/session/demo/", headers=claims)
        headers = body["headers"]
        first, client = headers["x-forwarded-for"].split(",")
        assert first == "198.51.100.7"
        assert client
        assert (headers["x-forwarded-proto"], headers["x-forwarded-port"]) == ("https", "8443")
        assert headers["x-amzn-trace-id"] == "Root=mine"
        assert headers["host"] == f"{address}:8443"
        assert not [
            name for name in headers if name.startswith("x-envoy") or name == "x-request-id"
        ]
        assert response.headers["server"] == "target"
        assert not [name for name in response.headers if name.lower().startswith("x-envoy")]


@pytest.mark.parametrize("value", ["max-age=300", "max-age=0"])
async def test_the_https_listener_sends_its_own_hsts_header(
    address: str, tmp_path: Path, value: str
) -> None:
    """In place of the target's, and with the load balancer's own answers; not over http, where
    browsers ignore it.
    """
    listeners = tuple(
        replace(listener, strict_transport_security=value) if listener.tls else listener
        for listener in BALANCER.listeners
    )
    async with stack(address, tmp_path, replace(BALANCER, listeners=listeners)) as (edit, _):
        for path in ("/session/demo/", "/session/blocked/x", "/nothing"):
            _, _, response = await edit.get(path)
            assert response.headers.getall("strict-transport-security") == [value]
        plain = f"http://{address}:8480/session/demo/"
        async with edit.client.get(plain, allow_redirects=False) as response:
            assert "strict-transport-security" not in response.headers


@pytest.mark.parametrize(("drop", "arrives"), [(True, False), (False, True)])
async def test_invalid_header_names_are_dropped_when_declared(
    address: str, tmp_path: Path, drop: bool, arrives: bool
) -> None:
    """To an ALB a name with an underscore is invalid."""
    async with stack(address, tmp_path, replace(BALANCER, drop_invalid_headers=drop)) as (edit, _):
        _, body, _ = await edit.get("/session/demo/", headers={"user_role": "admin", "x-fine": "1"})
        assert ("user_role" in body["headers"], "x-fine" in body["headers"]) == (arrives, True)


async def test_a_browser_sticks_to_its_target(address: str, tmp_path: Path) -> None:
    """The cookie AWSALB names the target for an hour; without it requests spread over both."""
    async with stack(address, tmp_path, count=2) as (edit, targets):
        seen = set()
        for _ in range(8):
            _, body, response = await edit.get("/session/demo/")
            seen.add(body["target"])
        assert seen == {target.address for target in targets}
        cookie = response.cookies["AWSALB"]
        assert (cookie["max-age"], cookie["path"]) == ("3600", "/")
        for _ in range(8):
            _, again, response = await edit.get(
                "/session/demo/", headers={"Cookie": f"AWSALB={cookie.coded_value}"}
            )
            assert again["target"] == body["target"]
            assert "AWSALB" not in response.cookies


async def test_stickiness_ends_with_its_target(address: str, tmp_path: Path) -> None:
    """A cookie of an unhealthy target is replaced by one of a healthy target."""
    async with stack(address, tmp_path, count=2) as (edit, targets):
        _, body, response = await edit.get("/session/demo/")
        first = next(target for target in targets if target.address == body["target"])
        first.healthy = False
        cookie = {"Cookie": f"AWSALB={response.cookies['AWSALB'].coded_value}"}
        async with asyncio.timeout(20):
            while body["target"] == first.address:
                _, body, response = await edit.get("/session/demo/", headers=cookie)
        assert response.cookies["AWSALB"].value


async def test_without_stickiness_there_is_no_cookie(address: str, tmp_path: Path) -> None:
    """The declaration decides."""
    async with stack(address, tmp_path, with_group(BALANCER, stickiness_seconds=None)) as (edit, _):
        _, _, response = await edit.get("/session/demo/")
        assert "AWSALB" not in response.cookies


async def test_unhealthy_targets_get_nothing_until_none_is_healthy(
    address: str, tmp_path: Path
) -> None:
    """Two failed checks take a target out; with no healthy one left an ALB asks them all."""
    async with stack(address, tmp_path, with_group(BALANCER, stickiness_seconds=None), count=2) as (
        edit,
        targets,
    ):
        targets[0].healthy = False
        await _until_asked(edit, {targets[1].address})
        targets[1].healthy = False
        await _until_asked(edit, {target.address for target in targets})


async def test_a_dead_target_is_502_and_none_is_503(address: str, tmp_path: Path) -> None:
    """As an ALB answers."""
    head = address.rsplit(".", 1)[0]
    async with running(
        with_group(BALANCER, health_check=None), address, tmp_path, [(f"{head}.250", 4321)]
    ) as edit:
        assert (await edit.get("/session/demo/"))[0] == 502
    async with running(with_group(BALANCER, health_check=None), address, tmp_path, []) as edit:
        assert (await edit.get("/session/demo/"))[0] == 503


async def test_web_sockets_pass_with_their_subprotocol(address: str, tmp_path: Path) -> None:
    """Through the HMR rule and to the sticky target."""
    async with stack(address, tmp_path, count=2) as (edit, targets):
        _, body, response = await edit.get("/session/demo/")
        cookie = {"Cookie": f"AWSALB={response.cookies['AWSALB'].coded_value}"}
        for _ in range(3):
            async with edit.client.ws_connect(
                f"{edit.url}/session/demo/_hmr", protocols=("vite-hmr",), headers=cookie
            ) as socket:
                assert socket.protocol == "vite-hmr"
                await socket.send_str("ping")
                assert await socket.receive_str(timeout=5) == f"{body['target']} ping"
        request = next(target for target in targets if target.address == body["target"]).requests[
            -1
        ]
        assert request.headers["X-Forwarded-Proto"] == "https"


async def test_a_silent_web_socket_is_cut_after_the_idle_timeout(
    address: str, tmp_path: Path
) -> None:
    """Traffic keeps it; silence for the declared time does not."""
    closed = (
        aiohttp.WSMsgType.CLOSED,
        aiohttp.WSMsgType.CLOSE,
        aiohttp.WSMsgType.ERROR,
        aiohttp.WSMsgType.CLOSING,
    )
    async with (
        stack(address, tmp_path, replace(BALANCER, idle_timeout_seconds=4)) as (edit, _),
        edit.client.ws_connect(f"{edit.url}/session/demo/_hmr", protocols=("vite-hmr",)) as socket,
    ):
        for _ in range(10):
            await asyncio.sleep(0.5)
            await socket.send_str("heartbeat")
            assert "heartbeat" in await socket.receive_str(timeout=5)
        silent = time.monotonic()
        assert (await socket.receive(timeout=10)).type in closed
        assert time.monotonic() - silent > 3


async def test_a_target_that_does_not_answer_is_504_after_the_idle_timeout(
    address: str, tmp_path: Path
) -> None:
    """As an ALB answers."""
    async with stack(address, tmp_path, replace(BALANCER, idle_timeout_seconds=1)) as (edit, _):
        assert (await edit.get("/session/demo/slow"))[0] == 504


@pytest.mark.parametrize(("http2", "expected"), [(True, "h2"), (False, "http/1.1")])
async def test_clients_may_speak_http2(
    address: str, tmp_path: Path, http2: bool, expected: str
) -> None:
    """Negotiated by ALPN when the load balancer enables it; TLS 1.1 is refused."""
    async with stack(address, tmp_path, replace(BALANCER, http2=http2)) as (edit, _):
        edit.context.set_alpn_protocols(["h2", "http/1.1"])
        _, writer = await asyncio.open_connection(address, 8443, ssl=edit.context)
        negotiated = writer.get_extra_info("ssl_object")
        assert negotiated.selected_alpn_protocol() == expected
        assert negotiated.version() == "TLSv1.3"
        writer.close()


async def test_tls_older_than_the_policy_is_refused(address: str, tmp_path: Path) -> None:
    """`ELBSecurityPolicy-TLS13-1-3-…` admits TLS 1.3 alone."""
    https = replace(BALANCER.listeners[0], tls_policy="ELBSecurityPolicy-TLS13-1-3-2021-06")
    async with stack(
        address, tmp_path, replace(BALANCER, listeners=(https, BALANCER.listeners[1]))
    ) as (edit, _):
        edit.context.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            await asyncio.open_connection(address, 8443, ssl=edit.context)


async def _until_asked(edit: Running, wanted: set[str]) -> None:
    """Wait until eight requests in a row are answered by these targets and no others: a check that
    has failed counts a moment later.
    """
    async with asyncio.timeout(20):
        while {(await edit.get("/session/demo/"))[1]["target"] for _ in range(8)} != wanted:  # noqa: ASYNC110 - can only be asked
            await asyncio.sleep(0.1)
