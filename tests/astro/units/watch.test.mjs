// How changes are noticed: the mode that a file system gets, and polling (S4).

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { Poller } from "../../../container/astro/lib/poll.mjs";
import {
  chooseWatch,
  filesystemType,
  viteWatchOptions,
} from "../../../container/astro/lib/watch.mjs";

const MOUNTS = [
  "overlay / overlay rw 0 0",
  "fs-1:/ /sites nfs4 rw 0 0",
  "tmpfs /sites/with\\040space tmpfs rw 0 0",
  "broken",
].join("\n");

test("the nearest mount above a folder counts", () => {
  assert.equal(filesystemType("/home/x", MOUNTS), "overlay");
  assert.equal(filesystemType("/sites/demo", MOUNTS), "nfs4");
  assert.equal(filesystemType("/sites-not", MOUNTS), "overlay");
  assert.equal(filesystemType("/sites/with space/x", MOUNTS), "tmpfs");
});

/**
 * The file system's type, whether an event arrives, what was asked for; the mode.
 * @type {[string, boolean | undefined, any, string][]}
 */
const CHOICES = [
  ["overlay", true, "auto", "native"],
  ["overlay", false, "auto", "polling"],
  ["nfs4", true, "auto", "hybrid"],
  ["nfs4", false, "auto", "polling"],
  ["nfs4", true, "native", "native"],
  ["overlay", true, "polling", "polling"],
  ["overlay", true, "hybrid", "hybrid"],
];

for (const [type, arrives, wanted, mode] of CHOICES) {
  test(`${wanted} on ${type}, events ${arrives ? "arrive" : "do not arrive"}: ${mode}`, async () => {
    const found = await chooseWatch(os.tmpdir(), wanted, {
      mounts: `x / ${type} rw 0 0`,
      probe: async () => arrives,
    });
    assert.equal(found.mode, mode);
    assert.ok(found.reason.length > 0);
    assert.equal(viteWatchOptions(found, 100).usePolling, mode === "polling");
  });
}

test("events arrive in a folder of this machine, and it is left as it was", async () => {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "watch-")));
  try {
    assert.match((await chooseWatch(folder)).mode, /^(native|hybrid)$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the poller tells of files that come, change and go, and of none in folders without sources", async () => {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "poll-")));
  mkdirSync(path.join(folder, "node_modules"));
  writeFileSync(path.join(folder, "old"), "1");
  /** @type {string[]} */
  const told = [];
  const poller = new Poller(folder, 5, (event, file) =>
    told.push(`${event} ${path.relative(folder, file)}`),
  );
  /** Waits, within bounds, until so many were told; a walk takes as long as the machine needs. */
  const heard = async (/** @type {number} */ count) => {
    for (let round = 0; round < 400 && told.length < count; round++)
      await new Promise((resolve) => setTimeout(resolve, 25));
  };
  try {
    poller.start();
    poller.start();
    await new Promise((resolve) => setTimeout(resolve, 500)); // the first walk, against which later ones are compared
    writeFileSync(path.join(folder, "new"), "1");
    writeFileSync(path.join(folder, "old"), "22");
    writeFileSync(path.join(folder, "node_modules", "x"), "1");
    await heard(2);
    rmSync(path.join(folder, "old"));
    await heard(3);
    rmSync(folder, { recursive: true });
    await new Promise((resolve) => setTimeout(resolve, 200));
  } finally {
    poller.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  assert.deepEqual(
    told.toSorted(),
    ["add new", "change old", "unlink old"],
    "a folder that is away for a moment deletes nothing",
  );
});

test("after an edit the poller finds what native events have missed, and rests otherwise", async () => {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "missed-")));
  mkdirSync(path.join(folder, "notes"));
  writeFileSync(path.join(folder, "notes", "old"), "1");
  /** @type {string[]} */
  const told = [];
  const poller = new Poller(folder, 5, (event, file) =>
    told.push(`${event} ${path.relative(folder, file)}`),
  );
  try {
    await poller.begin();
    writeFileSync(path.join(folder, "notes", "new"), "1");
    rmSync(path.join(folder, "notes", "old"));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(told, []);
    poller.edited();
    for (let round = 0; round < 200 && told.length < 2; round++)
      await new Promise((resolve) => setTimeout(resolve, 25));
    assert.deepEqual(told.toSorted(), ["add notes/new", "unlink notes/old"]);
    poller.stop();
    poller.edited();
    writeFileSync(path.join(folder, "notes", "later"), "1");
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(told.length, 2);
  } finally {
    poller.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
