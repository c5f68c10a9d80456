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

/**
 * Two servers, one after the other, and what their listeners hear, as `first change one`.
 * @param {(given: { events: FileEvents, servers: Record<"first" | "second", any>, heard: string[],
 *   edit: (by: "first" | "second", name: string, event?: string) => string }) => void} body
 */
function withTwo(body) {
  const folder = mkdtempSync(path.join(tmpdir(), "events-"));
  try {
    /** @type {string[]} */
    const heard = [];
    const servers = {
      first: { watcher: new EventEmitter(), environments: {} },
      second: { watcher: new EventEmitter(), environments: {} },
    };
    for (const [name, { watcher }] of Object.entries(servers))
      for (const event of ["add", "change", "unlink"])
        watcher.on(event, (file) => heard.push(`${name} ${event} ${path.basename(file)}`));
    const events = new FileEvents(folder, () => {});
    events.attach(/** @type {any} */ (servers.first));
    body({
      events,
      servers,
      heard,
      edit: (by, name, event = "add") => {
        const file = path.join(folder, name);
        writeFileSync(file, `${name} ${event}`);
        servers[by].watcher.emit(event, file);
        return file;
      },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the server that serves hears of events from any watcher, and the next one of them later", () =>
  withTwo(({ events, servers, heard, edit }) => {
    edit("first", "one");
    events.attach(servers.second); // of a restart that nobody has announced
    edit("second", "two");
    edit("first", "two", "change");
    assert.deepEqual(heard.splice(0), ["first add one", "first add two", "first change two"]);
    events.follow(servers.second);
    edit("first", "three");
    assert.deepEqual(heard.splice(0), ["second add three"]);
    events.restarted(new Set());
    assert.deepEqual(heard, ["second add two", "second add three"]);
  }));

test("what a watcher says in general is for the server that serves", () =>
  withTwo(({ events, servers }) => {
    /** @type {string[]} */
    const heard = [];
    for (const [name, { watcher }] of Object.entries(servers))
      watcher.on("all", () => heard.push(name));
    events.attach(servers.second);
    for (const { watcher } of Object.values(servers)) watcher.emit("all", "change", "/one");
    assert.deepEqual(heard, ["first"]);
  }));

test("a server that a restart could not make hears of nothing", () =>
  withTwo(({ events, servers, heard, edit }) => {
    events.restarting();
    events.attach(servers.second);
    edit("first", "one");
    events.restarted(new Set());
    assert.deepEqual(heard, ["first add one"]);
  }));

test("a new server hears of what was edited since the restart began, unless somebody else tells", () =>
  withTwo(({ events, servers, heard, edit }) => {
    edit("first", "before");
    events.restarting();
    edit("first", "during");
    const config = edit("first", "config");
    events.attach(servers.second);
    events.follow(servers.second);
    heard.length = 0;
    edit("second", "after");
    events.restarted(new Set([config]));
    events.restarted(new Set());
    assert.deepEqual(heard, ["second add after", "second add during", "second add after"]);
  }));
