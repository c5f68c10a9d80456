"""Draw docs/images/edit.gif: two edits of the starter site, above them the line that is changed.
`python -m tests.browser.picture`

Everything in it happens: the local stack runs, Chromium shows the page, and each picture of the
page is taken after its edit was shown.
"""

from __future__ import annotations

import html
import io
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page

from .stack import ROOT, running_stack
from .visitor import Tab, launched, open_tab

TARGET: Final = ROOT / "docs" / "images" / "edit.gif"
WIDTH: Final = 900
HEIGHT: Final = 760
SCALE: Final = 0.7
EDITS: Final = (
    ("src/pages/index.astro", "Your site is awake.", "Saved, and already here."),
    (
        "src/styles/global.css",
        "--paper: light-dark(#f6f8f7, #10191d);",
        "--paper: light-dark(#fdeccb, #10191d);",
    ),
)
EDITOR: Final = """<body style="margin:0;background:#10191d;color:#e6efee;font:24px/1.6 'DejaVu Sans Mono',monospace;padding:14px 20px">
<div style="color:#a3b7ba;font-size:20px">{file}{saved}</div>
<div style="white-space:pre">{line}<span style="color:#f0a070">▏</span></div>"""


def picture(editor: Page, tab: Tab, file: str, line: str, saved: bool) -> Image.Image:
    """The editor's line above the page as it is now."""
    editor.set_content(
        EDITOR.format(
            file=html.escape(file), saved=" · saved" if saved else "", line=html.escape(line)
        )
    )
    parts = [
        Image.open(io.BytesIO(page.screenshot())).convert("RGB") for page in (editor, tab.page)
    ]
    whole = Image.new("RGB", (WIDTH, sum(part.height for part in parts)))
    whole.paste(parts[0], (0, 0))
    whole.paste(parts[1], (0, parts[0].height))
    return whole.resize((int(WIDTH * SCALE), int(whole.height * SCALE)), Image.Resampling.LANCZOS)


def draw(tab: Tab, editor: Page) -> list[tuple[Image.Image, int]]:
    """Pictures, and for how many milliseconds each is shown."""
    frames = []
    for file, old, new in EDITS:
        frames.append((picture(editor, tab, file, old, False), 1600))
        half = len(new) // 2
        frames += [
            (picture(editor, tab, file, text, False), 250) for text in (old[:half], new[:half], new)
        ]
        tab.session.edit(file, old, new)
        if file.endswith(".css"):
            tab.until(
                "getComputedStyle(document.documentElement).getPropertyValue('--paper').includes('#fdeccb')"
            )
        else:
            tab.see(new)
        frames.append((picture(editor, tab, file, new, True), 2400))
    return frames


def main() -> int:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_stack(Path(folder)) as stack,
        launched(shutil.which("chromium") or "chromium-browser") as browser,
        open_tab(browser, stack.session("demo")) as tab,
    ):
        tab.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        tab.first_visit()
        tab.settle()
        editor = browser.new_page(viewport={"width": WIDTH, "height": 110})
        frames = draw(tab, editor)
    pictures = [frame.quantize(128, dither=Image.Dither.NONE) for frame, _ in frames]
    durations = [duration for _, duration in frames]
    pictures[0].save(
        TARGET, save_all=True, append_images=pictures[1:], duration=durations, loop=0, optimize=True
    )
    print(
        f"{TARGET.relative_to(ROOT)}: {len(frames)} pictures,"
        f" {TARGET.stat().st_size / 1024:.0f} KiB"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
