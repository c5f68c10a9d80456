"""Astro's data store as the accelerations change it, in the releases at hand: nothing that is set
gets lost (S2, S27).
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.browser.releases import installed_release, wanted_releases

from .driver import ASTRO_DIR, NODE

STORE: Final = """
import { promises, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { installAccelerations, live } from %(accelerations)s;
const [, astro, folder] = process.argv;
installAccelerations();
const at = (file) => pathToFileURL(`${astro}/dist/content/${file}`).href;
const { MutableDataStore } = await import(at("mutable-data-store.js"));
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const { writeFile } = promises;
promises.writeFile = (...args) => wait(15).then(() => writeFile(...args)); // a slow disk
const file = pathToFileURL(`${folder}/data-store.json`);
const store = await MutableDataStore.fromFile(file);
for (let number = 0; number < 60; number++) {
  const assetImports = [`./${number}.png`];
  store.scopedStore("notes").set({ id: `note-${number}`, data: {}, assetImports, filePath: "src/notes/a.md" });
  if (number === 0) {
    await store.writeToDisk(file);
    await store.writeAssetImports(pathToFileURL(`${folder}/assets.mjs`));
  }
  await wait((number * 5) %% 13);
}
await wait(100);
await live.writes.idle();
const ids = (text) => [...new Set([...text.matchAll(/note-\\d+/g)].map(([id]) => id))].length;
const images = (text) => [...new Set([...text.matchAll(/\\d+\\.png/g)].map(([name]) => name))].length;
console.log(JSON.stringify([ids(readFileSync(file, "utf8")), images(readFileSync(`${folder}/assets.mjs`, "utf8"))]));
"""


@pytest.mark.parametrize("version", ["bundled", *wanted_releases()])
def test_what_is_set_while_the_store_is_written_is_written_too(
    version: str, tmp_path: Path
) -> None:
    """Entries and images that come a few milliseconds apart, as a switch of branches makes them."""
    packages = (
        ASTRO_DIR / "node_modules"
        if version == "bundled"
        else installed_release(version) / "node_modules"
    )
    script = STORE % {
        "accelerations": json.dumps((ASTRO_DIR / "lib" / "accelerations.mjs").as_uri())
    }
    command = [
        str(NODE),
        "--input-type=module",
        "-e",
        script,
        str(packages / "astro"),
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [60, 60]
