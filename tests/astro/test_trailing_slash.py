"""The front page of a site that forbids trailing slashes, at the session's address, which ends with
one (S1, S27).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.releases import installed_release

from .driver import StartArgs, live_site

SOURCES = {
    "package.json": '{ "type": "module", "dependencies": { "astro": "*" } }',
    "astro.config.mjs": 'export default { trailingSlash: "never" };',
    "src/pages/index.astro": "<p>home</p>",
    "src/pages/about.astro": "<p>about</p>",
}


@pytest.mark.parametrize("release", ["5.0.9", "7.0.9"])
def test_the_front_page_is_there(release: str, tmp_path: Path) -> None:
    """Below a base, Astro 5.0 knows it only without the slash."""
    root = tmp_path / "site"
    for name, text in SOURCES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "node_modules").symlink_to(installed_release(release) / "node_modules")
    with live_site(StartArgs(root=root, scratch=tmp_path / "scratch")) as live:
        assert live.ready["astro"] == release
        found = {
            path: live.request(path).status for path in ("", "/session/demo", "about", "about/")
        }
        assert found == {"": 200, "/session/demo": 200, "about": 200, "about/": 404}
