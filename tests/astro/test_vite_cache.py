"""Vite's bundles of packages are packages to plugins, as they are below a site's own `node_modules`
(S1, S27).
"""

from __future__ import annotations

import re
from pathlib import Path

from .driver import StartArgs, copy_starter, live_site, open_page

PLUGIN = """vite: { plugins: [{
  name: "own",
  transform(code, id) {
    if (id.includes("/deps/preact")) console.log(`${/node_modules/.test(id) ? "package" : "own"}: ${id}`);
  },
}] },
"""


def test_bundled_packages_are_not_the_sites_own_modules(tmp_path: Path) -> None:
    """The Preact preset, for one, has Babel transform all that is outside of `node_modules`."""
    root = copy_starter(tmp_path / "project")
    config = root / "astro.config.mjs"
    text = config.read_text()
    assert "defineConfig({" in text
    config.write_text(text.replace("defineConfig({", "defineConfig({" + PLUGIN))
    with live_site(StartArgs(root=root, scratch=tmp_path / "scratch")) as site:
        with open_page(site):
            script = site.request("src/components/Counter.jsx", headers={"accept": "*/*"}).text
            bundled = re.findall(r'"(/[^"]*/node_modules/\.vite/deps/[^"]*)"', script)
            assert bundled, script
            for path in bundled:
                assert site.request(path, headers={"accept": "*/*"}).status == 200
        output = site.runner.output
    assert "package: " in output
    assert "own: " not in output
