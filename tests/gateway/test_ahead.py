"""Which addresses are rendered ahead of a hand-over, and how work takes turns (S26, S37)."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from container.gateway.ahead import MOST_PAGES, MOST_PARTS, addresses, render
from container.gateway.turns import Turns
from contract.hmr import HmrContract

CONTRACT = HmrContract(public_url="http://edit.localhost:4321")
BASE = CONTRACT.session_base("demo")


def test_pages_below_the_base_are_taken_once_without_their_fragment() -> None:
    pages = ["", "blog/", "/blog/", "a?b=1#c", "a?b=1", "é/"]
    assert addresses(pages, BASE) == [BASE, f"{BASE}blog/", f"{BASE}a?b=1", f"{BASE}%C3%A9/"]


@pytest.mark.parametrize(
    "page",
    [
        "../other/",
        "%2e%2e/other/",
        "//other.example/",
        "http://other.example/",
        "javascript:0",
        "__open-in-editor?file=x",
        "__OPEN-in-editor",
        "%5f_open-in-editor",
        "__astro_live/sign-out",
        "a\nb",
        "x" * 301,
        "http://[",
        None,
        7,
        {"page": ""},
    ],
)
def test_what_is_not_an_address_of_the_session_is_left_out(page: object) -> None:
    assert all(path.startswith(BASE + "other.example") for path in addresses([page], BASE))


@given(st.lists(st.text(max_size=40) | st.none() | st.integers(), max_size=20))
def test_nothing_a_page_says_leads_out_of_its_session(pages: list[object]) -> None:
    found = addresses(pages, BASE)
    assert len(found) <= MOST_PAGES
    for path in found:
        assert path.startswith(BASE)
        assert path.isascii()
        assert path.isprintable()
        assert " " not in path


async def test_a_page_is_rendered_with_what_it_names(tmp_path: Path) -> None:
    """Scripts, styles and islands below the base, each once; nothing else; errors end nothing."""
    asked: list[str] = []
    hosts: set[str | None] = set()
    many = "".join(f'<script src="{BASE}src/{n}.js"></script>' for n in range(2 * MOST_PARTS))
    html = {
        BASE: f'<script src="{BASE}@vite/client"></script><link rel="stylesheet" href="s.css">'
        f'<link rel="icon" href="icon.svg"><script src="https://cdn.example/x.js"></script>'
        f'<astro-island component-url="{BASE}src/C.jsx"></astro-island><script src="/out.js">'
        f'</script><script src="{BASE}__open-in-editor?file=x"></script><![bad<!-- ',
        f"{BASE}many/": many,
    }

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.path_qs)
        hosts.add(request.headers.get("Host"))
        if request.path == f"{BASE}broken/":
            assert request.transport is not None
            request.transport.abort()
        return web.Response(
            text=html.get(request.path, "x"),
            status=500 if request.path.endswith(".css") else 200,
            content_type="text/html",
        )

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    # A socket's path may have 107 characters: the folder's name may be longer.
    where = socket.socket(socket.AF_UNIX)
    where.bind(f"\0ahead-{id(where)}")
    await web.SockSite(runner, where).start()
    try:
        path = Path("\0" + str(where.getsockname()[1:], "ascii"))
        pages = [f"{BASE}broken/", BASE, f"{BASE}many/"]
        count = await render(path, "demo", pages, CONTRACT)
    finally:
        await runner.cleanup()
    named = {f"{BASE}@vite/client", f"{BASE}s.css", f"{BASE}src/C.jsx"}
    first = asked[asked.index(BASE) + 1 : asked.index(f"{BASE}many/")]
    assert set(first) == named
    assert len(asked) - asked.index(f"{BASE}many/") - 1 == MOST_PARTS
    assert count == 1 + len(named) + 1 + MOST_PARTS
    assert hosts == {"edit.localhost:4321"}


async def test_without_a_dev_server_nothing_is_rendered(tmp_path: Path) -> None:
    assert await render(tmp_path / "none.sock", "demo", [BASE], CONTRACT) == 0


async def test_turns_are_taken_so_many_at_once_and_nobody_waits_for_ever() -> None:
    turns, inside, most = Turns(2), 0, 0
    got: list[bool] = []

    async def work(wait: float, hold: asyncio.Event | None = None) -> None:
        nonlocal inside, most
        async with turns.taken(wait) as mine:
            got.append(mine)
            inside += mine
            most = max(most, inside)
            await (hold.wait() if hold else asyncio.sleep(0))
            inside -= mine

    await asyncio.gather(*(work(60) for _ in range(10)))
    assert got == [True] * 10
    assert most == 2
    hold = asyncio.Event()
    holding = [asyncio.create_task(work(60, hold)) for _ in range(2)]
    while inside < 2:  # noqa: ASYNC110 - they have begun
        await asyncio.sleep(0.001)
    got.clear()
    await work(0.01)
    await work(-1)
    assert got == [False, False]
    with pytest.raises(RuntimeError):
        async with turns.taken(0.01):
            raise RuntimeError
    hold.set()
    await asyncio.gather(*holding)
    await asyncio.gather(work(60), work(60))
    assert got == [False, False, True, True]
