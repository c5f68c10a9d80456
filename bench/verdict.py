"""How long does a write through the API wait until it says that the page shows the edit, or what is
wrong with it?

One session of the starter, once with its page open in Chromium and once without. A write is timed
from the request to the whole answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from playwright.sync_api import Browser, Page

from bench.core import browser, gateway, site
from bench.core.gateway import LiveGateway
from bench.core.registry import Options
from bench.core.result import Measurement, Series, hold
from tests.gateway.git_server import git_reason

QUESTION = (
    "How long from a write through the API to its verdict, and from an undo of 80 files to the page"
    " that shows it?"
)
SHOWN_MS: Final = 150.0
ERROR_MS: Final = 300.0
UNDO_MS: Final = 250.0
TURN: Final = 80
PAGE: Final = "src/pages/measured.astro"
PART: Final = "src/parts/p{:02}.astro"
FIRST_PAGE_MS: Final = 120_000
SHOWN, RENDERED = "edit → shown, page open", "edit → rendered, no page open"
ERROR, ERROR_ALONE = "edit → error, page open", "edit → error, no page open"
REPAIRED: Final = "repair → shown, page open"
BATCH, UNDO = "batch of 80 files → shown", "undo of a turn of 80 files → shown"


def run(options: Options) -> Measurement:
    """Edits and errors in turns without a page, then with one, then turns of 80 files."""
    times: dict[str, list[float]] = {}
    with gateway.running(options.scratch / "gateway") as live:
        site.make(live.sites / "bench", modules=False)
        _write_parts(live)
        live.api("POST", "/sessions/bench/start")
        _warm(live)
        for number in range(options.pick(40, 1)):
            _round(live, times, number, "rendered", RENDERED, ERROR_ALONE)
        with browser.chromium() as chromium:
            page = _opened(chromium, live)
            for number in range(options.pick(40, 1)):
                _round(live, times, number, "shown", SHOWN, ERROR)
            if not git_reason():
                for number in range(options.pick(15, 1)):
                    _turn(live, page, times, number)
            page.context.close()
    series = {
        name: Series(name=name, unit="ms", values=tuple(values)) for name, values in times.items()
    }
    return _measured(series)


def _measured(series: dict[str, Series]) -> Measurement:
    aims = [
        (SHOWN, SHOWN_MS),
        (RENDERED, SHOWN_MS),
        (ERROR, ERROR_MS),
        (ERROR_ALONE, ERROR_MS),
        (UNDO, UNDO_MS),
    ]
    return Measurement(
        series=list(series.values()),
        checks=[
            hold(f"p95 of {name}", series[name].summary.p95, "ms", "at most", bound)
            for name, bound in aims
            if name in series
        ],
        notes=[
            (
                "`shown` means that the page has said so. With a page open, an edit that breaks it"
                " has Vite's overlay shown before the answer, and the repair has the page reloaded."
            ),
            (
                "The turn of 80 files changes 80 components of the page that is open. The answer of"
                " an undo says which checkpoint it has kept of what was undone."
            ),
        ],
    )


def _page(text: str) -> str:
    return (
        "---\n"
        'const parts = Object.values(import.meta.glob("../parts/*.astro", { eager: true }));\n'
        "---\n"
        '<html><head><meta charset="utf-8"><title>measured</title></head>\n'
        f"<body>\n<h1>{text}</h1>\n<ul>{{parts.map(({{ default: Part }}) => <Part />)}}</ul>\n"
        "</body></html>\n"
    )


def _write_parts(live: LiveGateway) -> None:
    (live.sites / "bench/src/parts").mkdir()
    (live.sites / "bench" / PAGE).write_text(_page("start"))
    for number in range(TURN):
        (live.sites / "bench" / PART.format(number)).write_text("<li>part 0</li>\n")


def _warm(live: LiveGateway) -> None:
    """The first render compiles everything, and the first error loads Astro's pages for it."""
    for text in ("a", "{none}", "b"):
        _verdict(live, _page(text))


def _verdict(live: LiveGateway, text: str) -> tuple[str, float]:
    """The outcome of writing the page, and milliseconds to the answer."""
    began = time.monotonic()
    answer: Any = live.api("PUT", f"/sessions/bench/files/{PAGE}?wait=30", raw=text.encode())
    return str(answer["verdict"]["outcome"]), (time.monotonic() - began) * 1000


def _round(
    live: LiveGateway, times: dict[str, list[float]], number: int, good: str, fine: str, bad: str
) -> None:
    """An edit, an error, and the way back."""
    for name, text, wanted in (
        (fine, f"edit {number} {good}", good),
        (bad, "{nobody}", "error"),
        (REPAIRED if good == "shown" else "", f"repair {number}", good),
    ):
        outcome, taken = _verdict(live, _page(text))
        if outcome != wanted:
            raise RuntimeError(f"the verdict on {text!r} is {outcome}\n{live.tail()}")
        if name:
            times.setdefault(name, []).append(taken)


def _opened(chromium: Browser, live: LiveGateway) -> Page:
    """The measured page, steady."""
    page = chromium.new_context().new_page()
    page.goto(live.link("bench"), timeout=FIRST_PAGE_MS)
    page.goto(live.contract.session_url("bench") + "measured", timeout=FIRST_PAGE_MS)
    page.wait_for_load_state("networkidle")
    for _ in range(100):
        if _verdict(live, _page("opened"))[0] == "shown":
            return page
        page.wait_for_timeout(100)
    raise RuntimeError(f"the page is not shown to be open\n{live.tail()}")


def _turn(live: LiveGateway, page: Page, times: dict[str, list[float]], number: int) -> None:
    """A batch of 80 files, and its undo: both are in the page when they are answered."""
    operations = [
        {"op": "write", "path": PART.format(each), "content": f"<li>turn {number}</li>\n"}
        for each in range(TURN)
    ]
    shows = f"document.body.innerText.split('turn {number}').length - 1"
    for name, call, wanted in (
        (
            BATCH,
            lambda: live.api("POST", "/sessions/bench/batch?wait=30", {"operations": operations}),
            TURN,
        ),
        (UNDO, lambda: live.api("POST", "/sessions/bench/undo?wait=30"), 0),
    ):
        times.setdefault(name, []).append(_shown(call))
        if (found := page.evaluate(shows)) != wanted:
            raise RuntimeError(f"{name}: the page shows {found} of the files\n{live.tail()}")


def _shown(call: Callable[[], Any]) -> float:
    began = time.monotonic()
    answer = call()
    taken = (time.monotonic() - began) * 1000
    if (outcome := answer["verdict"]["outcome"]) != "shown":
        raise RuntimeError(f"the verdict is {outcome}: {answer['verdict']['problems']}")
    return taken
