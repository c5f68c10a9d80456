// Hands the report of `node --test` what the other processes of the tests have recorded: dev
// servers, builds, their servers. Node.js reads what it finds in the folder of NODE_V8_COVERAGE; of
// each record only the runner's own modules are kept, which are a hundredth of it.

import assert from "node:assert";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";

const RECORDED = process.env.ASTRO_LIVE_V8_COVERAGE ?? "";
const OURS = pathToFileURL(path.resolve("container/astro/lib") + path.sep).href;

/** What a process has recorded; nothing of one that was killed while it wrote. @returns {any[]} */
function resultOf(/** @type {string} */ file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).result;
  } catch {
    return [];
  }
}

test("the tests have recorded what their processes ran", () => {
  const folder = process.env.NODE_V8_COVERAGE ?? assert.fail("coverage is off");
  const names = readdirSync(RECORDED);
  assert.notEqual(names.length, 0);
  for (const name of names) {
    const result = resultOf(path.join(RECORDED, name));
    writeFileSync(path.join(folder, name), JSON.stringify({ result: result.filter(({ url }) => url.startsWith(OURS)) }));
  }
});
