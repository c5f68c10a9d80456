import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { StableWatcher } from "../../../container/astro/lib/stable-watcher.mjs";

/** A watcher, and what its listeners note down. */
function listening() {
  /** @type {string[]} */
  const heard = [];
  return { watcher: new StableWatcher(), heard };
}

test("what happens to a file is heard in its order, also where a listener takes its time", async () => {
  const { watcher, heard } = listening();
  /** @type {((value?: unknown) => void)[]} */
  const ends = [];
  watcher.on("add", async (file) => {
    const { promise, resolve } = Promise.withResolvers();
    ends.push(resolve);
    await promise;
    heard.push(`add ${file}`);
  });
  watcher.on("unlink", (file) => heard.push(`unlink ${file}`));
  /** @type {string[]} */
  const late = [];
  watcher.onLate = (event, file) => late.push(`${event} ${file}`);
  watcher.pass("add", "a.md");
  watcher.pass("unlink", "a.md");
  watcher.pass("unlink", "b.md");
  assert.deepEqual(heard, ["unlink b.md"]);
  ends[0]();
  await turn();
  assert.deepEqual(heard, ["unlink b.md", "add a.md", "unlink a.md"]);
  assert.deepEqual(late, ["unlink a.md"]);
});

test("a listener that fails keeps nobody from the next event", async () => {
  const { watcher, heard } = listening();
  watcher.on("change", () => {
    throw new Error("broken loader");
  });
  watcher.on("change", (file) => heard.push(file));
  watcher.pass("change", "a.md");
  watcher.pass("change", "a.md");
  await turn();
  assert.deepEqual(heard, ["a.md", "a.md"]);
});

test("a listener that is added with once hears one event", () => {
  const { watcher, heard } = listening();
  watcher.once("add", (file) => heard.push(file));
  watcher.pass("add", "a.md");
  watcher.pass("add", "b.md");
  assert.deepEqual(heard, ["a.md"]);
});
