"""Vite's bundles of packages are packages to plugins, as they are below a site's own `node_modules`
(S1, S27), and each session has its own (S8).
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from .driver import ASTRO_DIR, LiveSite, StartArgs, copy_starter, live_site, open_page

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


@pytest.mark.parametrize("brought", [False, True], ids=["bundled packages", "own packages"])
def test_a_session_has_its_bundles_to_itself(tmp_path: Path, brought: bool) -> None:
    """They are in its scratch folder. The packages may be read-only, and are other sessions' too:
    one whose configuration changes has Vite remove all bundles and make them again.
    """
    root, scratch = copy_starter(tmp_path / "project"), tmp_path / "scratch"
    packages = ASTRO_DIR / "node_modules"
    if brought:
        packages = root / "node_modules"
        shutil.copytree(ASTRO_DIR / "node_modules", packages, symlinks=True, copy_function=_link)
    before = written(packages)
    with live_site(StartArgs(root=root, scratch=scratch)) as site, open_page(site):
        script = site.request("src/components/Counter.jsx", headers={"accept": "*/*"}).text
        found = re.findall(r'"/@fs(/[^"?]*/\.vite/deps/[^"?]*)', _below(script, site))
        assert found, script
        for file in found:
            assert Path(file).resolve(strict=True).is_relative_to(scratch.resolve())
    assert written(packages) == before


def written(packages: Path) -> dict[Path, int]:
    """What is beside the packages, as Vite's cache is by default, and when it was made."""
    return {each: each.stat().st_mtime_ns for each in packages.glob(".*/**/*")}


def _below(script: str, site: LiveSite) -> str:
    """Without the session's prefix."""
    return script.replace('"' + site.args.base.rstrip("/") + "/@fs", '"/@fs')


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)
