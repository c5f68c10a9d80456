import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { FileEvents } from "../../../container/astro/lib/events.mjs";
import { Unresolved } from "../../../container/astro/lib/unresolved.mjs";

/** `{ imports, found, files }`: what waits, whose imports were found, and which files there are. */
function waiting() {
  const imports = new Unresolved();
  /** @type {string[]} */
  const found = [];
  const files = new Set();
  imports.watch((file) => found.push(file));
  const { handler } = imports.plugin().resolveId;
  const resolve = handler.bind({
    environment: { name: "ssr" },
    resolve: async (/** @type {string} */ source) => (files.has(source) ? { id: source } : null),
  });
  return { imports, found, files, resolve };
}

test("an importer counts as edited when its file comes, once", async () => {
  const { imports, found, files, resolve } = waiting();
  resolve("../Card.astro", "/site/src/pages/index.astro?x");
  resolve("../Card.astro", "/site/src/pages/index.astro");
  await imports.look();
  assert.deepEqual(found, []);
  files.add("../Card.astro");
  await imports.look();
  await imports.look();
  assert.deepEqual(found, ["/site/src/pages/index.astro"]);
});

test("a file that comes while it is being looked for is found without another event", async () => {
  const { found, files, resolve } = waiting();
  resolve("/src/words", "/site/src/pages/index.astro");
  files.add("/src/words");
  await sleep(200);
  assert.deepEqual(found, ["/site/src/pages/index.astro"]);
});

test("packages, addresses without an importer and what packages import are left alone", async () => {
  const { imports, found, files, resolve } = waiting();
  resolve("lodash", "/site/src/a.ts");
  resolve("/missing.png", undefined);
  resolve("./optional", "/site/node_modules/pkg/index.js");
  for (const source of ["lodash", "/missing.png", "./optional"]) files.add(source);
  await imports.look();
  assert.deepEqual(found, []);
});

test("what waits is bounded", async () => {
  const { imports, found, files, resolve } = waiting();
  for (let number = 0; number < 1001; number++)
    resolve(`./file-${number}`, `/site/src/${number}.ts`);
  for (let number = 0; number < 1001; number++) files.add(`./file-${number}`);
  await imports.look();
  assert.equal(found.length, 1000);
});

test("an import that is noted again while it is looked for is looked for no more often", async () => {
  const imports = new Unresolved();
  let looks = 0;
  const { handler } = imports.plugin().resolveId;
  // As Astro's plugin for images of content does: it asks the other plugins, in turn.
  const resolve = async (/** @type {string} */ source, /** @type {string} */ importer) => {
    looks++;
    await Promise.resolve();
    handler.call(context, `${source}?${looks}`, importer);
    return null;
  };
  const context = { environment: { name: "ssr" }, resolve: /** @type {any} */ (resolve) };
  handler.call(context, "./none.png", "/site/content-assets.mjs");
  for (let look = 0; look < 5; look++) await imports.look();
  await sleep(700);
  assert.equal(looks, 7); // with the two that follow a note
});

test("files that come while imports are resolved cost one more look, however many they are", async () => {
  const imports = new Unresolved();
  let looks = 0;
  /** @type {(value: null) => void} */
  let end = () => {};
  imports.note("a", "/site/src/a.ts", () => {
    looks++;
    return new Promise((resolve) => (end = resolve));
  });
  const first = imports.look();
  for (let file = 0; file < 80; file++) imports.look();
  assert.equal(looks, 1);
  end(null);
  while (looks < 2) await sleep(1);
  end(null);
  await first;
  assert.equal(looks, 2);
});

test("imports that are noted together are looked for together", async () => {
  const imports = new Unresolved();
  let looks = 0;
  for (let number = 0; number < 50; number++)
    imports.note(`${number}`, `/site/src/${number}.ts`, async () => (looks++, null));
  await sleep(700);
  // At both times, and again for those that were noted after the first.
  assert.ok(looks <= 4 * 50, `${looks} looks`);
});

test("another text of a known file has nothing looked for, unless it may say where files are", () => {
  const root = mkdtempSync(path.join(os.tmpdir(), "unresolved-"));
  const watcher = new EventEmitter();
  const events = new FileEvents(root, () => {});
  events.attach(/** @type {any} */ ({ watcher, moduleGraph: undefined }));
  let looks = 0;
  events.unresolved.look = async () => {
    looks++;
  };
  const edit = (
    /** @type {string} */ event,
    /** @type {string} */ name,
    /** @type {string} */ text,
  ) => {
    const before = looks;
    writeFileSync(path.join(root, name), text);
    watcher.emit(event, path.join(root, name));
    return looks - before;
  };
  assert.equal(edit("change", "page.astro", "one"), 1); // it may have come with this
  assert.equal(edit("change", "page.astro", "two"), 0);
  assert.equal(edit("add", "page.astro", "three"), 1);
  assert.equal(edit("change", "package.json", "{}"), 1);
  assert.equal(edit("change", "package.json", "[]"), 1);
  rmSync(path.join(root, "page.astro"));
  watcher.emit("unlink", path.join(root, "page.astro"));
  assert.equal(edit("change", "page.astro", "four"), 1);
  rmSync(root, { recursive: true });
});
