"""Set-Cookie lines of any make, judged by a real browser: what it keeps of them reaches no other
session, host or name (S8, S38).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.addresses import own_address

from .harness import Gateway, running_gateway
from .test_waiting_page_in_browser import CHROMIUM, link, pytestmark

__all__ = ["pytestmark"]

HOST, BASE = "edit.example.test", "/session/demo/"
SEED: Final = 20261126
ANSWERS, LINES = 12, 30
NAMES = ["a", "b", "", " ", "x y", '"q"', "AWSALB", "__host-a"]
NAMES += [
    "astro_live_session",
    "Astro_live_session",
    "astro_live_fresh",
    "__Host-astro_live_session",
]
PATHS = [
    "/",
    "",
    "x",
    "//",
    '"/"',
    "'/'",
    "/\t",
    "/session",
    "/session/",
    "/session/demo",
    "/session/demo/",
    "/session/demo/deep",
]
PATHS += [
    "/session/demox",
    "/session/demox/",
    "/session/other/",
    "/session/demo/../other/",
    "/session/demo//",
    "/session/%64emo/",
]
PATHS += ["/session/demo/%2e%2e/", "/Session/Demo/", "/session/demo\\"]
DOMAINS = [
    HOST,
    f".{HOST}",
    HOST.upper(),
    "example.test",
    ".example.test",
    "test",
    "",
    ".",
    f"x.{HOST}",
    "evil.test",
    f'"{HOST}"',
]
OTHERS = [
    "HttpOnly",
    "Secure",
    "SameSite=None",
    "SameSite=Lax",
    "Max-Age=600",
    "Expires=Fri, 01 Jan 2100 00:00:00 GMT",
    "Path",
    "Domain",
    "=",
]
JOINTS = ["; ", ";", ";  ", " ; ", ";;", ";\t", "; ;"]


def line(choice: random.Random) -> str:
    """A cookie with up to five attributes, each spelt in some way."""

    def spelt(name: str, value: str) -> str:
        name = choice.choice([name, name.upper(), name.lower(), name.swapcase()])
        return choice.choice(["{}={}", "{} = {}", "{}= {}", "{}\t={}", "{}=={}"]).format(
            name, value
        )

    attributes = [
        choice.choice(
            [
                spelt("Path", choice.choice(PATHS)),
                spelt("Domain", choice.choice(DOMAINS)),
                choice.choice(OTHERS),
            ]
        )
        for _ in range(choice.randrange(6))
    ]
    first = choice.choice(
        [
            f"{choice.choice(NAMES)}=v{choice.randrange(1000)}",
            choice.choice(NAMES),
            f"=astro_live_session={choice.randrange(9)}",
        ]
    )
    return first + "".join(choice.choice(JOINTS) + attribute for attribute in attributes)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Page]]:
    """A page of session `demo`, in a browser to which the public host has a name with hosts above
    it.
    """
    address = own_address()
    extra = {"ASTRO_LIVE_BIND_ADDRESS": address, "ASTRO_LIVE_PUBLIC_URL": f"http://{HOST}:4321"}
    rules = f"--host-resolver-rules=MAP *.test {address}"
    with (
        running_gateway(tmp_path_factory.mktemp("gw"), wait=False, **extra) as gateway,
        sync_playwright() as playwright,
    ):
        gateway.address = address
        with ThreadPoolExecutor(1) as pool:  # Playwright's loop occupies this thread
            pool.submit(asyncio.run, gateway.ready()).result()
            pool.submit(asyncio.run, gateway.start("demo")).result()
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", rules],
        )
        page = browser.new_page()
        page.goto(link(gateway, "demo"))
        page.locator("#site").wait_for(timeout=20_000)
        yield gateway, page
        browser.close()


def test_no_line_makes_a_cookie_that_reaches_beyond_its_session(
    page: tuple[Gateway, Page], tmp_path: Path
) -> None:
    """And many make one, or the lines would show nothing. Chromium decides what a line means."""
    _, tab = page
    choice, kept, wide = random.Random(SEED), 0, []
    signed_in = {(cookie["name"], cookie["value"]) for cookie in tab.context.cookies()}
    for _ in range(ANSWERS):
        lines = [line(choice) for _ in range(LINES)]
        tab.evaluate(
            "(query) => fetch('headers?' + query)",
            "&".join("Set-Cookie=" + quote(each) for each in lines),
        )
        for cookie in tab.context.cookies():
            if (cookie["name"], cookie["value"]) in signed_in:
                continue
            kept += 1
            inside = cookie["path"] + "/" == BASE or cookie["path"].startswith(BASE)
            name = (cookie["name"] or cookie["value"].partition("=")[0]).removeprefix("__Host-")
            if (
                not inside
                or cookie["domain"].lstrip(".") != HOST
                or name in ("astro_live_session", "astro_live_fresh", "AWSALB")
            ):
                wide.append(cookie)
    assert wide == []
    assert kept > 2 * ANSWERS
    answer = tab.reload()
    assert answer is not None
    assert answer.status == 200, "the visitor is signed in all the same"
