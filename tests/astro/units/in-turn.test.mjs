// Writes of one file: in turn, the newest last.

import assert from "node:assert/strict";
import { test } from "node:test";
import { WritesInTurn } from "../../../container/astro/lib/in-turn.mjs";

/** A write that takes as long as it is told, and notes what was written. */
function slow() {
  /** @type {string[]} */
  const written = [];
  /** @type {(() => void)[]} */
  const ends = [];
  const work = (/** @type {string} */ data) =>
    new Promise((resolve) => ends.push(() => (written.push(data), resolve(undefined))));
  const end = async () => {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { written, work, end };
}

test("of the writes that wait for one under way only the newest is done", async () => {
  const { written, work, end } = slow();
  const writes = new WritesInTurn();
  const done = ["a", "b", "c"].map((data) => writes.write("file", data, work));
  await end();
  assert.deepEqual(written, ["a"]);
  await end();
  await Promise.all(done);
  assert.deepEqual(written, ["a", "c"]);
});

test("files do not wait for each other", async () => {
  const { written, work, end } = slow();
  const writes = new WritesInTurn();
  writes.write("one", "a", work);
  writes.write(new URL("file:///two"), "b", work);
  await end();
  await end();
  assert.deepEqual(written, ["a", "b"]);
});

test("a write that fails is its caller's error, and the next one is done", async () => {
  const { written, work, end } = slow();
  const writes = new WritesInTurn();
  const failing = writes.write("file", "a", () => Promise.reject(new Error("the disk is full")));
  const next = writes.write("file", "b", work);
  await assert.rejects(failing, /disk is full/);
  await end();
  await next;
  assert.deepEqual(written, ["b"]);
});

test("idle means that nothing is under way, and nothing that was waiting", async () => {
  const { written, work, end } = slow();
  const writes = new WritesInTurn();
  await writes.idle();
  writes.write("file", "a", work);
  writes.write("file", "b", work);
  let idle = false;
  const waiting = writes.idle().then(() => (idle = true));
  await end();
  assert.equal(idle, false);
  await end();
  await waiting;
  assert.deepEqual(written, ["a", "b"]);
});
