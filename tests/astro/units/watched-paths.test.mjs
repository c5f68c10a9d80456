// A path that a plugin has watched and that does not exist harms nothing, and what Astro waits for
// is left to it (S4, S27).

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { skipMissingPaths } from "../../../container/astro/lib/watched-paths.mjs";

test("only what is missing among the project's own files is left out", () => {
  const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "watched-")));
  mkdirSync(path.join(root, "src"));
  /** @type {string[][]} */
  const added = [];
  const watcher = /** @type {any} */ ({
    add: (/** @type {string[]} */ paths) => added.push(paths),
  });
  skipMissingPaths(watcher, root);
  const kept = [
    path.join(root, "src"),
    path.join(root, ".astro/data-store.json"),
    "/elsewhere/store.json",
    "src/**/*.md",
  ];
  const left = [path.join(root, "src/icons"), path.join(root, "icons"), "src/none", "./none"];
  try {
    assert.equal(watcher.add([...kept, ...left]), watcher);
    watcher.add(left[0]);
    assert.deepEqual(added, [kept], "and nothing is added where nothing is there");
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
