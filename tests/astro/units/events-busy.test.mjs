// Whether listeners are still at work on a change, which waves and verdicts wait for (S31, S32).

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { createServer } from "../../../container/astro/node_modules/vite/dist/node/index.js";
import { componentPartsPlugin } from "../../../container/astro/lib/component-parts.mjs";
import { FileEvents } from "../../../container/astro/lib/events.mjs";

const until = async (/** @type {() => boolean} */ holds) => {
  const deadline = performance.now() + 30_000;
  while (!holds()) {
    assert.ok(performance.now() < deadline);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

test("a listener is at work until its promise ends: one that it returns, and one whose failure it handles", async () => {
  const root = mkdtempSync(path.join(tmpdir(), "busy-"));
  try {
    for (const returned of [true, false]) {
      const watcher = /** @type {any} */ (new EventEmitter());
      const events = new FileEvents(root, () => {});
      events.attach(/** @type {any} */ ({ watcher, moduleGraph: new Map() }));
      /** @type {(value?: unknown) => void} */
      let end = () => {};
      const work = new Promise((resolve) => (end = resolve));
      watcher.on("change", () => (returned ? work : void work.catch(() => {})));
      writeFileSync(path.join(root, "a.txt"), `${returned}`);
      const { catch: before } = Promise.prototype;
      watcher.emit("change", path.join(root, "a.txt"));
      assert.equal(Promise.prototype.catch, before);
      assert.equal(events.busy, true);
      end();
      await until(() => !events.busy);
    }
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("Vite's own listener is at work until plugins have handled the change", async () => {
  const root = mkdtempSync(path.join(tmpdir(), "busy-"));
  const file = path.join(root, "a.js");
  writeFileSync(file, "export default 1;");
  /** @type {(value?: unknown) => void} */
  let end = () => {};
  const work = new Promise((resolve) => (end = resolve));
  let handling = false;
  const server = await createServer({
    root,
    configFile: false,
    logLevel: "silent",
    server: { middlewareMode: true, ws: false },
    plugins: [
      {
        name: "slow",
        async hotUpdate() {
          handling = true;
          await work;
        },
      },
    ],
  });
  try {
    const events = new FileEvents(root, () => {});
    events.attach(/** @type {any} */ (server));
    writeFileSync(file, "export default 2;");
    events.tell("change", file);
    assert.equal(events.busy, true);
    await until(() => handling);
    assert.equal(events.busy, true);
    end();
    await until(() => !events.busy);
  } finally {
    await server.close();
    rmSync(root, { recursive: true });
  }
});

test("only changes of files that no collection is made of end with their listeners", () => {
  const root = mkdtempSync(path.join(tmpdir(), "plain-"));
  try {
    const events = new FileEvents(root, () => {});
    const plain = (/** @type {string} */ name, event = /** @type {"change"} */ ("change")) =>
      events.isPlain({ event, path: path.join(root, name) });
    for (const name of ["src/pages/index.astro", "src/a.css", "src/Island.tsx", "src/a.ts"])
      assert.ok(plain(name), name);
    for (const name of [
      "src/content/notes/a.md",
      "src/content.config.ts",
      "astro.config.mjs",
      "src/data.json",
    ])
      assert.ok(!plain(name), name);
    assert.ok(!plain("src/a.ts", /** @type {any} */ ("add")));
    mkdirSync(path.join(root, "src"));
    writeFileSync(path.join(root, "src/entries.ts"), "");
    events.read(path.join(root, "src/entries.ts"));
    assert.ok(!plain("src/entries.ts"));
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("a file that may be filled in a moment is waited for", async () => {
  const root = mkdtempSync(path.join(tmpdir(), "empty-"));
  try {
    const watcher = /** @type {any} */ (new EventEmitter());
    const events = new FileEvents(root, () => {});
    const moduleGraph = { getModulesByFile: () => undefined };
    events.attach(/** @type {any} */ ({ watcher, moduleGraph }));
    let heard = 0;
    watcher.on("add", () => heard++);
    writeFileSync(path.join(root, "a.css"), "");
    watcher.emit("add", path.join(root, "a.css"));
    assert.deepEqual([events.busy, heard], [true, 0]);
    await until(() => !events.busy);
    assert.equal(heard, 1);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("the site's plugins have as many listeners as without ours before Node.js warns of a leak", async () => {
  const root = mkdtempSync(path.join(tmpdir(), "listeners-"));
  /** @type {string[]} */
  const warnings = [];
  const hear = (/** @type {Error} */ warning) => void warnings.push(warning.message);
  const server = await createServer({
    root,
    configFile: false,
    logLevel: "silent",
    server: { middlewareMode: true, ws: false },
    plugins: [componentPartsPlugin(() => undefined)],
  });
  process.on("warning", hear);
  try {
    const watcher = /** @type {EventEmitter} */ (server.watcher);
    const limit = watcher.getMaxListeners();
    const bare = limit - watcher.listenerCount("change");
    new FileEvents(root, () => {}).attach(/** @type {any} */ (server));
    const { configureServer } = componentPartsPlugin(() => undefined);
    configureServer(
      /** @type {any} */ ({ watcher, config: { server: { middlewareMode: false } } }),
    );
    for (let added = 0; added < bare; added++) watcher.on("change", () => {});
    assert.ok(watcher.listenerCount("change") > limit);
    await new Promise((resolve) => setImmediate(resolve)); // the warning comes in a later turn
    assert.deepEqual(warnings, []);
  } finally {
    process.off("warning", hear);
    await server.close();
    rmSync(root, { recursive: true });
  }
});

test("the server that serves hears of events from any watcher, and the next one of them later", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "events-"));
  try {
    const [first, second] = [new EventEmitter(), new EventEmitter()];
    const events = new FileEvents(folder, () => {});
    const [earlier, later] = [first, second].map((watcher) => ({ watcher, environments: {} }));
    /** @type {string[]} */
    const heard = [];
    for (const [name, watcher] of Object.entries({ first, second }))
      for (const event of ["add", "change", "unlink"])
        watcher.on(event, (file) => heard.push(`${name} ${event} ${path.basename(file)}`));
    const file = (/** @type {string} */ name) => path.join(folder, name);
    const edit = (
      /** @type {EventEmitter} */ watcher,
      /** @type {string} */ name,
      event = "add",
    ) => {
      writeFileSync(file(name), `${name} ${event}`);
      watcher.emit(event, file(name));
    };
    events.attach(/** @type {any} */ (earlier));
    edit(first, "one");
    events.attach(/** @type {any} */ (later)); // of a restart that nobody has announced
    edit(second, "two");
    edit(first, "two", "change");
    assert.deepEqual(heard.splice(0), ["first add one", "first add two", "first change two"]);
    events.follow(/** @type {any} */ (later));
    edit(first, "three");
    assert.deepEqual(heard.splice(0), ["second add three"]);
    events.restarted(new Set());
    assert.deepEqual(heard, ["second add two", "second add three"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a server that a restart could not make hears of nothing", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "events-"));
  try {
    const [first, second] = [new EventEmitter(), new EventEmitter()];
    const events = new FileEvents(folder, () => {});
    const [earlier, failed] = [first, second].map((watcher) => ({ watcher, environments: {} }));
    /** @type {string[]} */
    const heard = [];
    first.on("change", (file) => heard.push(`earlier ${path.basename(file)}`));
    second.on("change", (file) => heard.push(`failed ${path.basename(file)}`));
    events.attach(/** @type {any} */ (earlier));
    events.restarting();
    events.attach(/** @type {any} */ (failed));
    writeFileSync(path.join(folder, "one"), "one");
    events.tell("change", path.join(folder, "one"));
    events.restarted(new Set());
    assert.deepEqual(heard, ["earlier one"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a new server hears of what was edited since the restart began, unless somebody else tells", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "events-"));
  try {
    const [first, second] = [new EventEmitter(), new EventEmitter()];
    const events = new FileEvents(folder, () => {});
    const [earlier, later] = [first, second].map((watcher) => ({ watcher, environments: {} }));
    /** @type {string[]} */
    const heard = [];
    second.on("change", (file) => heard.push(path.basename(file)));
    const file = (/** @type {string} */ name) => path.join(folder, name);
    const edit = (/** @type {string} */ name) => {
      writeFileSync(file(name), name);
      events.tell("change", file(name));
    };
    events.attach(/** @type {any} */ (earlier));
    edit("before");
    events.restarting();
    edit("during");
    edit("config");
    events.attach(/** @type {any} */ (later));
    events.follow(/** @type {any} */ (later));
    edit("after");
    events.restarted(new Set([file("config")]));
    assert.deepEqual(heard, ["after", "during", "after"]);
    events.restarted(new Set());
    assert.equal(heard.length, 3);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
