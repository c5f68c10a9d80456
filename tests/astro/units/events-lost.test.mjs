// What there is in the end is what listeners believe, whichever events the system loses or tells
// late (S2).

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { mock, test } from "node:test";
import { FileEvents } from "../../../container/astro/lib/events.mjs";

/** Numbers below 1, the same for the same seed. @param {number} seed */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** In steps: a timer that another one sets waits for the next step. @param {number} ms */
function pass(ms) {
  for (let left = ms; left > 0; left -= 4) mock.timers.tick(4);
}

/**
 * Write and delete a file at random, tell some of its events and some late, and at last what a walk
 * finds. What was done, and what listeners believe.
 * @param {string} root
 * @param {number} seed
 */
function live(root, seed) {
  const random = numbers(seed);
  const file = path.join(root, `page-${seed}.astro`);
  const watcher = /** @type {any} */ (new EventEmitter());
  const events = new FileEvents(root, () => {});
  events.attach(/** @type {any} */ ({ watcher, environments: {} }));
  let written = 0;
  const write = () => {
    writeFileSync(file, random() < 0.2 ? "" : `text ${written}`);
    utimesSync(file, 1, ++written);
  };
  if (random() < 0.5) write();
  const before = existsSync(file) ? written : undefined;
  /** What a listener has read that knows a file by its addition. @type {number | undefined} */
  let believed = before;
  const read = () => (believed = existsSync(file) ? written : undefined);
  watcher.on("add", read);
  watcher.on("change", () => believed !== undefined && read());
  watcher.on("unlink", () => (believed = undefined));
  /** @type {string[]} */
  const late = [];
  /** @type {string[]} */
  const done = [before === undefined ? "absent" : "present"];
  for (let step = 0; step < 8; step++) {
    const chosen = random();
    if (chosen < 0.5) {
      const existed = existsSync(file);
      const deletes = existed && random() < 0.5;
      if (deletes) rmSync(file);
      else write();
      done.push(deletes ? "delete" : "write");
      if (random() < 0.6) late.push(deletes ? "unlink" : existed ? "change" : "add");
    } else if (chosen < 0.8 && late.length > 0) {
      const event = String(late.shift());
      done.push(`(${event})`);
      watcher.emit(event, file);
    } else {
      const ms = Math.round(random() * 100);
      done.push(`${ms} ms`);
      pass(ms);
    }
  }
  for (const event of late) watcher.emit(event, file);
  done.push(...late.map((event) => `(${event})`));
  pass(200);
  // What a walk tells is what differs from the walk before.
  const now = existsSync(file) ? written : undefined;
  if (now !== before) {
    const event = before === undefined ? "add" : now === undefined ? "unlink" : "change";
    done.push(`walk: ${event}`);
    events.tell(event, file);
  }
  events.walked(new Set(existsSync(file) ? [file] : []));
  pass(200);
  return { believed, is: now, done: done.join(", ") };
}

test("listeners know the last version of a file, or that it is gone, after any order of its events and without some", () => {
  const root = mkdtempSync(path.join(tmpdir(), "lost-"));
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    for (let seed = 1; seed <= 2000; seed++) {
      const { believed, is, done } = live(root, seed);
      assert.equal(believed, is, `seed ${seed}: ${done}`);
    }
  } finally {
    mock.timers.reset();
    rmSync(root, { recursive: true });
  }
});
