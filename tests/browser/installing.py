"""Packages that cannot be installed while a session runs: told in the page with file and cause, the
site goes on, and the message goes with the fix (S1, S27).

Test functions for a module that has the fixtures `stack` and `chromium`: both routing modes run
them. The site's packages come from its own folder and from a registry on loopback.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser

from tests.astro.packages import lock_with_npm, make_site, tarball
from tests.astro.registry import TOKEN, running_registry

from .stack import Session, Stack
from .visitor import FIRST_VISIT_MS, open_tab

MANIFEST: Final = "package.json"
LOCK: Final = "package-lock.json"
PACKED: Final = {"tiny": "file:vendor/tiny-1.0.0.tgz"}

EDITS: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "a version that does not exist": (
        MANIFEST,
        json.dumps({"dependencies": {**PACKED, "@corp/secret": "9.9.9"}}),
        (MANIFEST, "No matching version found for @corp/secret@9.9.9"),
    ),
    "a package that does not exist": (
        MANIFEST,
        json.dumps({"dependencies": {**PACKED, "@corp/nobody-has-made-this": "1.0.0"}}),
        (MANIFEST, "@corp/nobody-has-made-this"),
    ),
    "a lock file that is not JSON": (LOCK, '{ "lockfileVersion": 3, ', (LOCK, "is not valid JSON")),
}
"""File, its new text, and words of the message."""


@pytest.fixture(scope="module")
def installed(stack: Stack) -> Iterator[Session]:
    """A session whose packages npm has installed from a lock file."""
    folder = stack.sites / "installed"
    (folder / "vendor").mkdir(parents=True)
    manifest = {"name": "tiny", "version": "1.0.0", "main": "index.js"}
    tarball(
        folder / "vendor" / "tiny-1.0.0.tgz",
        {"package.json": json.dumps(manifest), "index.js": "module.exports = 'tiny';\n"},
    )
    make_site(folder, {"dependencies": PACKED})
    lock_with_npm(folder)
    with running_registry() as registry:
        address = registry.url.removeprefix("http:")
        (folder / ".npmrc").write_text(
            f"@corp:registry={registry.url}/\n{address}/:_authToken={TOKEN}\n"
        )
        answer = stack.api("POST", "/sessions/installed/start")
        assert answer["state"] == "ready", f"{answer}\n{stack.log.read_text()[-3000:]}"
        yield stack.session("installed")
        stack.api("POST", "/sessions/installed/stop")


@pytest.mark.parametrize("name", EDITS)
def test_what_cannot_be_installed_is_told_in_the_page(
    chromium: Browser, installed: Session, name: str
) -> None:
    """In the page that was open before, and for a page that is opened meanwhile, which shows what
    the site shows with the packages that it has.
    """
    file, text, words = EDITS[name]
    path = installed.folder / file
    before = path.read_text()
    with open_tab(chromium, installed) as tab:
        tab.settle()
        tab.see("Hello")
        overlay = tab.page.locator("vite-error-overlay")
        path.write_text(text)
        try:
            for _ in range(2):
                for word in words:
                    overlay.get_by_text(word).first.wait_for(timeout=FIRST_VISIT_MS)
                assert "Hello" in tab.page.locator("body").inner_text()
                tab.page.reload()
            state = installed.stack.api("GET", f"/sessions/{installed.id}")
            assert state["state"] == "ready"
        finally:
            path.write_text(before)
        overlay.wait_for(state="detached", timeout=FIRST_VISIT_MS)
        tab.see("Hello")
        page = installed.folder / "src/pages/index.astro"
        page.write_text("<h1>Hello again</h1>\n")
        tab.see("Hello again")
        page.write_text("<h1>Hello</h1>\n")
        tab.until("document.querySelector('h1').textContent === 'Hello'")
