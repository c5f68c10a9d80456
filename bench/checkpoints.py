"""What do checkpoints, undo and a session from a Git repository cost?

Checkpoints and undo are timed at the API, on a project of 500 files with a dev server that does
nothing. A session from a repository on loopback, served by `git http-backend`, takes turns with one
whose files are in place already; both end with the first page of real Astro.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bench.core import gateway, site
from bench.core.gateway import LiveGateway
from bench.core.registry import Options, Unavailable
from bench.core.result import Measurement, Series, compare, hold
from bench.core.visit import Visitor
from tests.gateway.git_server import GitServer, git_reason, git_server

QUESTION = "What do checkpoints, undo and a session from a Git repository of 500 files cost?"
FILES: Final = 500
TURN: Final = 80
"""Files that an undo puts back."""
CHECKPOINT_SECONDS: Final = 0.3
UNDO_SECONDS: Final = 0.25
FIRST, NEXT = "first checkpoint of 500 files", "checkpoint after 80 of 500 files changed"
UNDO, BATCH = "undo of a turn of 80 files", "batch of 80 files, with its checkpoint"
CLONED, IN_PLACE = "from a repository → first page", "files in place → first page"


def run(options: Options) -> Measurement:
    """Checkpoints first, then starts in turns."""
    if reason := git_reason():
        raise Unavailable(reason)
    times: dict[str, list[float]] = {}
    _checkpoints(options, times)
    _starts(options, times)
    series = {
        name: Series(name=name, unit="s", values=tuple(values)) for name, values in times.items()
    }
    return Measurement(
        series=list(series.values()),
        checks=[
            *(
                hold(text, series[name].summary.median, "s", "at most", bound)
                for text, name, bound in (
                    ("first checkpoint of 500 files", FIRST, CHECKPOINT_SECONDS),
                    ("checkpoint after a turn of 80 files", NEXT, CHECKPOINT_SECONDS),
                    ("undo of a turn of 80 files, answered", UNDO, UNDO_SECONDS),
                )
            ),
            compare(
                "session from a repository of 500 files → page, against files in place",
                series[CLONED],
                series[IN_PLACE],
                "at most",
                1.2,
            ),
        ],
        notes=["On a local disk. On EFS each file costs a round trip more when it is looked at."],
    )


def _checkpoints(options: Options, times: dict[str, list[float]]) -> None:
    with gateway.running(options.scratch / "undo", stub=True) as live:
        for number in range(options.pick(7, 1)):
            session = f"s{number}"
            root = live.sites / session
            for name, text in _data(number).items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            live.api("POST", f"/sessions/{session}/start")
            path = f"/sessions/{session}"
            _timed(times, FIRST, live, f"{path}/checkpoints", {"name": "first"})
            for name in list(_data(0))[:TURN]:
                (root / name).write_text(f"changed {number}")
            _timed(times, NEXT, live, f"{path}/checkpoints", {"name": "second"})
            turn = [
                {"op": "write", "path": name, "content": f"turn {number}"}
                for name in list(_data(0))[:TURN]
            ]
            _timed(times, BATCH, live, f"{path}/batch", {"operations": turn})
            _timed(times, UNDO, live, f"{path}/undo", None)
            live.api("POST", f"{path}/stop")


def _timed(
    times: dict[str, list[float]], name: str, live: LiveGateway, path: str, body: object
) -> None:
    began = time.monotonic()
    live.api("POST", path, body)
    times.setdefault(name, []).append(time.monotonic() - began)


def _data(number: int) -> dict[str, str]:
    return {f"src/data/{name}.json": f'{{"value": {number + name}}}\n' for name in range(FILES)}


def _starts(options: Options, times: dict[str, list[float]]) -> None:
    with git_server(options.scratch / "repositories") as server:
        settings = {
            "ASTRO_LIVE_GIT_INTERNAL_HOSTS": server.address,
            "ASTRO_LIVE_WARM_RUNNERS": "0",
        }
        _repository(server, options.scratch / "source")
        # The smallest run does without Astro: what it starts is measured elsewhere.
        with gateway.running(
            options.scratch / "git", stub=options.quick, settings=settings
        ) as live:
            for number in range(options.pick(7, 1)):
                body = {"id": f"c{number}", "repository": {"url": server.url("site")}}
                times.setdefault(CLONED, []).append(_started(live, body))
                site.make(live.sites / f"p{number}", modules=False)
                _put(live.sites / f"p{number}")
                times.setdefault(IN_PLACE, []).append(_started(live, {"id": f"p{number}"}))


def _put(folder: Path) -> None:
    for name, text in _data(0).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def _repository(server: GitServer, folder: Path) -> None:
    site.make(folder, modules=False)
    _put(folder)
    files: dict[str, str | bytes] = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    server.make("site", files)


def _started(live: LiveGateway, body: Mapping[str, object]) -> float:
    began = time.monotonic()
    live.api("POST", "/sessions", body)
    with Visitor.of(live, str(body["id"])) as visitor:
        if visitor.get().status != 200:
            raise RuntimeError(f"the session does not show its first page\n{live.tail()}")
    taken = time.monotonic() - began
    live.api("POST", f"/sessions/{body['id']}/stop")
    return taken
