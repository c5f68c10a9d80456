"""Which lines of the scripts that run in pages (`container/astro/lib/page`) the browser tests have
run.

While ASTRO_LIVE_PAGE_COVERAGE names a folder, each tab leaves there what Chromium has counted.
`python -m tests.browser.in_page` prints the share of lines and fails below the least that is
admitted; where no browser ran it says so.
"""

from __future__ import annotations

import json
import os
import re
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Error as PageError
from playwright.sync_api import Page

from .stack import ROOT

FOLDER: Final = os.environ.get("ASTRO_LIVE_PAGE_COVERAGE", "")
SCRIPTS: Final = ROOT / "container/astro/lib/page"
LEAST_PERCENT: Final = 80
"""Of all of them. A lower bound: what a tab ran before its last navigation counts only while
Chromium still holds the script.
"""

MEASURED_BY_NODE: Final = ("inside.js", "reload.js", "frame.js", "shapes.js", "embed-protocol.js")
"""`node --test` runs these. The first is sent as a part of the page's HTML, so Chromium counts it
for the page.
"""

IN_FRAMES: Final = ("framed.js", "embed.js", "framed-edits.js", "pick.js", "places.js", "built.js")
"""Run in frames of another site (test_embed.py), which are other processes: a tab's counts do not
have them.
"""

NO_CODE: Final = re.compile(r"^\s*(//.*|/?\*.*|[)}\]];?|\W*)$")


@contextmanager
def counted(page: Page) -> Iterator[None]:
    """Count what our scripts run in this tab, over its navigations."""
    if not FOLDER:
        yield
        return
    client = page.context.new_cdp_session(page)
    for command in ("Debugger.enable", "Profiler.enable"):
        client.send(command)
    client.send("Profiler.startPreciseCoverage", {"callCount": False, "detailed": True})
    try:
        yield
    finally:
        with suppress(PageError):  # the tab may have crashed or be closed
            for script in client.send("Profiler.takePreciseCoverage")["result"]:
                if name := _name(script["url"]):
                    source = client.send(
                        "Debugger.getScriptSource", {"scriptId": script["scriptId"]}
                    )["scriptSource"]
                    lines = _lines(name, source, script["functions"])
                    (Path(FOLDER) / f"{uuid.uuid4().hex}.json").write_text(
                        json.dumps({"name": name, "lines": sorted(lines)})
                    )


def _name(url: str) -> str | None:
    found = re.search(r"astro-live/([\w-]+\.js)(?:[?#].*)?$", url)
    return found[1] if found and (SCRIPTS / found[1]).is_file() else None


def _lines(name: str, source: str, functions: list[dict[str, Any]]) -> set[int]:
    """Numbers of the lines of our file that were run. Vite writes before the first line and in
    imports, and keeps the lines.
    """
    own = (SCRIPTS / name).read_text().split("\n")
    counts = [1] * len(source)
    for function in functions:  # outer ranges come before those inside them
        for part in function["ranges"]:
            start, end = part["startOffset"], part["endOffset"]
            counts[start:end] = [part["count"]] * (end - start)
    served, run, at = source.split("\n"), set[int](), 0
    anchor = next(
        number
        for number, line in enumerate(own)
        if number > 5 and len(line) > 40 and not line.startswith("import ")
    )
    shift = served.index(own[anchor]) - anchor
    for number, line in enumerate(served):
        mine = number - shift
        ran = any(
            count
            for count, letter in zip(counts[at : at + len(line)], line, strict=True)
            if not letter.isspace()
        )
        if ran and 0 <= mine < len(own):
            run.add(mine)
        at += len(line) + 1
    return run


def report(folder: Path) -> bool:
    """Print the share of lines and what was not run; whether it is enough."""
    run: dict[str, set[int]] = {}
    for record in folder.glob("*.json"):
        found = json.loads(record.read_text())
        run.setdefault(found["name"], set()).update(found["lines"])
    if not run:
        print("no browser ran: scripts in pages are not measured")
        return True
    lines = missed = 0
    for file in sorted(SCRIPTS.glob("*.js")):
        if file.name in MEASURED_BY_NODE + IN_FRAMES:
            continue
        code = {
            number
            for number, line in enumerate(file.read_text().split("\n"))
            if not NO_CODE.match(line)
        }
        left = code - run.get(file.name, set())
        lines, missed = lines + len(code), missed + len(left)
        print(f"{file.name}: {len(code)} lines, not run: {sorted(number + 1 for number in left)}")
    percent = 100 * (1 - missed / lines)
    print(f"in pages {percent:.1f} % of {lines} lines, at least {LEAST_PERCENT} %")
    return percent >= LEAST_PERCENT


if __name__ == "__main__":
    sys.exit(not report(Path(FOLDER)))
