"""Astro's data store as the accelerations change it, in the releases at hand: nothing that is set
gets lost (S2, S27).
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.browser.releases import SHORT, installed_release, wanted_releases

from .driver import ASTRO_DIR, NODE, WAIT_SECONDS, LiveSite, StartArgs, live_site

STORE: Final = """
import assert from "node:assert";
import { createRequire } from "node:module";
import { promises, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { installAccelerations, live } from %(accelerations)s;
const [, astro, folder] = process.argv;
installAccelerations();
live.store.reset(); // a session begins
const at = (file) => pathToFileURL(`${astro}/dist/content/${file}`).href;
const { MutableDataStore } = await import(at("mutable-data-store.js"));
const shape = (store) => [...store].map(([name, entries]) => [name, [...entries]]); // in its order
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
await live.store.save();
const { parse } = await import(createRequire(at("mutable-data-store.js")).resolve("devalue"));
const held = live.store.holds(fileURLToPath(file));
if (held) assert.deepStrictEqual(shape(live.store.copy()), shape(parse(readFileSync(file, "utf8"))));
const ids = (text) => [...new Set([...text.matchAll(/note-\\d+/g)].map(([id]) => id))].length;
/* A page shows the entries, and hears of the next edit: Astro tells itself, or watches the file. */
await live.store.plugin().load.handler("\\0astro:data-layer-content");
const told = [];
live.store.onChange = (name) => told.push(name);
store.onFileWritten?.((name) => told.push(name));
const before = readFileSync(file, "utf8");
store.scopedStore("notes").set({ id: "later", data: {}, filePath: "src/notes/b.md" });
for (let waited = 0; held && told.length === 0 && waited < 10_000; waited += 10) await wait(10);
if (held) assert.deepStrictEqual(told, [fileURLToPath(file)]);
const images = (text) => [...new Set([...text.matchAll(/\\d+\\.png/g)].map(([name]) => name))].length;
console.log(JSON.stringify([ids(before), images(readFileSync(`${folder}/assets.mjs`, "utf8")), held]));
"""


@pytest.mark.parametrize("version", ["bundled", *wanted_releases((*SHORT, "7.1.6"))])
def test_what_is_set_while_the_store_is_written_is_written_too(
    version: str, tmp_path: Path
) -> None:
    """Entries and images that come a few milliseconds apart, as a switch of branches makes them.
    What pages get from memory is what the file holds, in its order, and of an edit they are told.
    """
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
    assert json.loads(done.stdout) == [60, 60, not version.startswith("4.")]


NOTE: Final = "src/content/notes/write-here.md"


def until(text: str, read: Callable[[], str]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while text not in read():
        assert time.monotonic() < deadline, f"{text!r} never comes"
        time.sleep(0.05)


def until_shown(site: LiveSite, text: str) -> None:
    until(text, lambda: site.request("notes/write-here").text)


def test_pages_are_ahead_of_the_file_and_a_start_never_behind_the_entries(args: StartArgs) -> None:
    """The file is older than what pages show while somebody edits. After a process that was killed
    the next one reads what has changed since; one that ends in order leaves it up to date.
    """
    file = args.scratch / ".astro" / "data-store.json"
    with live_site(args) as site:
        until("Change this sentence", file.read_text)
        site.edit(NOTE, "Change this sentence", "The first change")
        until_shown(site, "The first change")
        assert "The first change" not in file.read_text()
        site.runner.process.kill()
        site.runner.process.wait(WAIT_SECONDS)
    assert "The first change" not in file.read_text()
    with live_site(args) as site:
        until_shown(site, "The first change")
        site.edit(NOTE, "The first change", "The second change")
        until_shown(site, "The second change")
        site.runner.send({"type": "stop"})
        site.runner.process.wait(WAIT_SECONDS)
    assert "The second change" in file.read_text()
