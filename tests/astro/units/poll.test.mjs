// Walks of the sources: what happens during one, and between two, is found (S2, S4).

import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { FileEvents } from "../../../container/astro/lib/events.mjs";
import { Poller, walk, walkInSlices } from "../../../container/astro/lib/poll.mjs";

test("a walk that is due while another is under way is made after it", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const walks = new EventEmitter();
  /** Ends the walk that is under way. @type {(files: string[]) => void} */
  let end = () => {};
  /** @type {string[]} */
  const told = [];
  const poller = new Poller(os.tmpdir(), 100, (event, file) => told.push(`${event} ${file}`), {
    walkFolder: (_, found) =>
      new Promise((resolve) => {
        end = (files) => {
          for (const file of files) found.set(file, "1");
          resolve(true);
        };
        walks.emit("begun");
      }),
    onWalked: () => walks.emit("ended"),
  });
  const walked = async (/** @type {string[]} */ files) => {
    const ended = once(walks, "ended");
    end(files);
    await ended;
    await new Promise((resolve) => setImmediate(resolve)); // its rest has begun
  };
  poller.begin();
  await walked([]);
  poller.edited();
  context.mock.timers.tick(300); // the first walk after the edit begins
  context.mock.timers.tick(1500); // the second is due while it is under way
  await walked([]);
  const third = once(walks, "begun");
  context.mock.timers.tick(60_000);
  await third;
  await walked(["late"]);
  assert.deepEqual(told, ["add late"]);
  poller.stop();
});

/** A folder of a site with more files than a walk sees at a time. */
function folderOfMany() {
  const root = mkdtempSync(path.join(os.tmpdir(), "poll-"));
  for (const folder of ["src/pages", "src/empty", "node_modules/left-out", "public"])
    mkdirSync(path.join(root, folder), { recursive: true });
  writeFileSync(path.join(root, "node_modules/left-out/index.js"), "");
  for (let number = 0; number < 2000; number++)
    writeFileSync(path.join(root, "src/pages", `${number}.md`), "x".repeat(number % 7));
  return root;
}

test("both ways to walk find the same", async () => {
  const root = folderOfMany();
  const [one, other] = [new Map(), new Map()];
  assert.ok(await walk(root, one));
  assert.ok(await walkInSlices(root, other, () => true));
  assert.equal(one.size, 2000);
  assert.deepEqual(new Map([...other].sort()), new Map([...one].sort()));
  await assert.rejects(() => walkInSlices(path.join(root, "gone"), new Map(), () => true));
  rmSync(root, { recursive: true });
});

test("a walk lets others work, and makes way for an edit, which another walk follows", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const root = folderOfMany();
  const walks = new EventEmitter();
  /** @type {string[]} */
  const told = [];
  const poller = new Poller(root, 100, (event, file) => told.push(`${event} ${file}`), {
    onWalked: () => walks.emit("ended"),
  });
  await poller.begin();
  const missed = path.join(root, "src/pages/missed.md");
  writeFileSync(missed, "");
  poller.edited();
  context.mock.timers.tick(300);
  // The walk has begun. An edit comes before its end: it must not hold up what follows from it.
  await new Promise((resolve) => setImmediate(resolve));
  poller.edited();
  const ended = once(walks, "ended").then(() => "walked");
  const turns = (async () => {
    for (let left = 50; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
    return "made way";
  })();
  assert.equal(await Promise.race([ended, turns]), "made way");
  assert.deepEqual(told, []);
  context.mock.timers.tick(60_000);
  await ended;
  assert.deepEqual(told, [`add ${missed}`]);
  poller.stop();
  rmSync(root, { recursive: true });
});

test("the end of a file that only a loader knew is reported", () => {
  const root = mkdtempSync(path.join(os.tmpdir(), "poll-"));
  const file = path.join(root, "entry.md");
  /** @type {string[]} */
  const heard = [];
  const watcher = new EventEmitter();
  for (const event of ["add", "unlink"])
    watcher.on(event, (name) => heard.push(`${event} ${name}`));
  const events = new FileEvents(root, () => {});
  events.attach(/** @type {any} */ ({ watcher, moduleGraph: undefined }));

  writeFileSync(file, "one");
  watcher.emit("add", file);
  rmSync(file);
  watcher.emit("unlink", file);
  assert.deepEqual(heard, [`add ${file}`, `unlink ${file}`]);

  writeFileSync(file, "again"); // nobody reports it: chokidar misses some of hundreds
  events.read(file); // a loader reads the folder
  events.walked(new Map([[file, "1"]]));
  events.walked(new Map()); // a folder that walks leave out
  assert.equal(heard.length, 2);
  rmSync(file);
  events.walked(new Map());
  assert.deepEqual(heard.slice(2), [`unlink ${file}`]);
  events.walked(new Map());
  assert.equal(heard.length, 3);
  rmSync(root, { recursive: true });
});
