"""A repository behind the gateway: its site is named, and its packages follow package.json while it
runs (S27).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from container.gateway.settings import ASTRO_DIR

from .harness import Gateway, running_gateway

pytestmark = pytest.mark.skipif(
    not (ASTRO_DIR / "node_modules").is_dir(),
    reason="container/astro/node_modules is missing: run `make setup`",
)
SESSION = "/api/v1/sessions/demo"


@pytest.fixture
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(tmp_path_factory.mktemp("gw"), ASTRO_LIVE_RUNNER_COMMAND="") as gateway:
        repo = gateway.sites / "demo"
        for name in ("docs", "web"):
            page = repo / name / "src" / "pages" / "index.astro"
            page.parent.mkdir(parents=True)
            page.write_text(f"<h1>{name}</h1>\n")
            (repo / name / "astro.config.mjs").write_text("export default {};\n")
        (repo / "local" / "package.json").parent.mkdir()
        (repo / "local" / "package.json").write_text('{"name": "local", "version": "1.0.0"}')
        (repo / "package.json").write_text('{"private": true}')
        yield gateway


async def test_a_named_site_runs_and_its_packages_follow_its_manifest(gateway: Gateway) -> None:
    """Of two sites one is asked for by name. Then a package is added, the manifest breaks, and
    heals.
    """
    created = await gateway.api("POST", "/api/v1/sessions", body={"id": "demo"})
    assert (created.json["state"], created.json["error"]["code"]) == ("failed", "config")
    assert "2 Astro sites: docs, web" in created.json["error"]["message"]

    named = await gateway.api("PATCH", SESSION, body={"root": "web"})
    assert (named.json["state"], named.json["root"]) == ("ready", "web"), (
        named.text + gateway.tail()
    )
    page = await gateway.get("/session/demo/", headers=gateway.cookie("demo"))
    assert ">web</h1>" in page.text

    manifest = b'{"private": true, "dependencies": {"local": "file:./local"}}'
    await gateway.api("PUT", f"{SESSION}/files/package.json", data=manifest)
    await until(
        gateway, lambda state: state["pid"] != named.json["pid"] and state["state"] == "ready"
    )
    assert (
        gateway.sites / "demo" / "node_modules" / "local"
    ).resolve() == gateway.sites / "demo" / "local"
    page = await gateway.get(
        "/session/demo/", headers=gateway.cookie("demo")
    )  # with the Astro that the manifest does not name
    assert (page.status, ">web</h1>" in page.text) == (200, True)

    await gateway.api("PUT", f"{SESSION}/files/package.json", data=b"{")
    broken = await until(gateway, lambda state: state["error"] is not None)
    assert (broken["state"], broken["error"]["code"]) == ("ready", "config")
    assert "package.json is not valid JSON" in broken["error"]["message"]
    await gateway.api("PUT", f"{SESSION}/files/package.json", data=manifest)
    await until(gateway, lambda state: state["error"] is None)


async def until(
    gateway: Gateway, accept: Callable[[dict[str, Any]], bool], seconds: float = 60
) -> dict[str, Any]:
    """The session's description once it is accepted."""
    for _ in range(int(seconds / 0.2)):
        state: dict[str, Any] = (await gateway.api("GET", SESSION)).json
        if accept(state):
            return state
        await asyncio.sleep(0.2)
    raise AssertionError(f"not within {seconds} s: {state}\n{gateway.tail()}")


@pytest.mark.parametrize("root", ["/etc", "../other", "a/../../b"])
async def test_a_folder_outside_the_repository_is_refused(gateway: Gateway, root: str) -> None:
    answer = await gateway.api("PATCH", SESSION, body={"root": root})
    assert (answer.status, answer.json["code"]) == (400, "bad-request")
