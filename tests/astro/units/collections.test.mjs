// When collections are read again: container/astro/lib/collections.mjs.

import assert from "node:assert/strict";
import test from "node:test";
import { Collections } from "../../../container/astro/lib/collections.mjs";

const SCHEMA = "/site/src/content.config.ts";

/** Collections that were read once after these edits; how often they are read again. */
async function readAgainAfter(/** @type {string[]} */ ...files) {
  const collections = new Collections();
  collections.watch(() => {});
  let again = 0;
  const layer = {
    sync: () => {
      again++;
      return collections.read(layer, Promise.resolve(collections.complete()));
    },
  };
  for (const file of files) collections.edited("change", file);
  await collections.read(layer, Promise.resolve(collections.complete()));
  await new Promise((resolve) => setTimeout(resolve, 500));
  return again;
}

test("a schema that was edited again before it was read is read again", async () => {
  assert.equal(await readAgainAfter(SCHEMA, SCHEMA), 1);
  assert.equal(await readAgainAfter("/site/src/content/config.mjs", SCHEMA), 1);
});

test("one edit of a schema, and edits of other files, are read once", async () => {
  assert.equal(await readAgainAfter(SCHEMA), 0);
  assert.equal(await readAgainAfter("/site/src/a.ts", "/site/src/a.ts", "/site/config.ts"), 0);
});

/** What is reported of collections, and whether they are settled. */
function watched() {
  const collections = new Collections();
  /** @type {(string | undefined)[]} */
  const told = [];
  collections.watch((error) => told.push(error && `${error.id}: ${error.message}`));
  let settled = false;
  const wait = () => {
    settled = false;
    collections.settled().then(() => (settled = true));
  };
  return { collections, told, wait, isSettled: () => settled };
}
const turn = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

test("an error in the configuration is reported with its file, and goes", async () => {
  const { collections, told, wait, isSettled } = watched();
  collections.edited("change", SCHEMA);
  wait();
  collections.configured({ status: "loading" });
  collections.configured({ status: "error", error: new Error("no") });
  await turn(40);
  assert.deepEqual(told, [`${SCHEMA}: no`]);
  assert.equal(isSettled(), true);
  collections.edited("change", SCHEMA);
  collections.configured({ status: "loading" });
  collections.configured({ status: "loaded" });
  await turn(40);
  assert.deepEqual(told, [`${SCHEMA}: no`, undefined]);
});

test("collections are settled when they are read as their edited configuration says", async () => {
  const { collections, wait, isSettled } = watched();
  collections.edited("change", SCHEMA);
  wait();
  await turn(80);
  assert.equal(isSettled(), false, "not loaded yet");
  collections.configured({ status: "loading" });
  await turn();
  assert.equal(isSettled(), false, "being loaded");
  collections.configured({ status: "loaded" });
  const reading = Promise.withResolvers();
  const read = collections.read({ sync: async () => {} }, reading.promise);
  await turn();
  assert.equal(isSettled(), false, "being read");
  collections.complete();
  reading.resolve(undefined);
  await read;
  await turn();
  assert.equal(isSettled(), true);
});

test("what a loader reads by itself is not waited for, nor a file that configures nothing", async () => {
  const { collections, wait, isSettled } = watched();
  void collections.read({ sync: async () => {} }, new Promise(() => {}));
  wait();
  await turn();
  assert.equal(isSettled(), true);
  const alone = watched();
  alone.collections.edited("change", "/site/src/other/content.config.ts");
  alone.wait();
  await turn(1100);
  assert.equal(alone.isSettled(), true);
});

test("a loader that never comes to an end is waited for once, for ten seconds", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { collections } = watched();
  collections.edited("change", SCHEMA);
  collections.configured({ status: "loading" });
  collections.configured({ status: "loaded" });
  void collections.read({ sync: async () => {} }, new Promise(() => {}));
  const settled = collections.settled();
  context.mock.timers.tick(10_000);
  await settled;
  await collections.settled();
});

test("with an error in the configuration there is nothing to wait for", async () => {
  const { collections } = watched();
  void collections.read({ sync: async () => {} }, new Promise(() => {}));
  collections.edited("change", SCHEMA);
  collections.configured({ status: "error", error: new Error("no") });
  await collections.settled();
});

test("a configuration that was edited while it was loaded is not taken for the edited one", () => {
  const collections = new Collections();
  const digests = [];
  for (const edits of [0, 1, 1]) {
    const config = { digest: "of the file" };
    collections.configured({ status: "loading" });
    for (let left = edits; left > 0; left--) collections.edited("change", SCHEMA);
    collections.configured({ status: "loaded", config });
    digests.push(config.digest);
  }
  assert.equal(digests[0], "of the file");
  assert.equal(new Set(digests).size, 3);
});

test("an edit that nobody loads while the server restarts is told again", async () => {
  const { collections, wait, isSettled } = watched();
  /** @type {string[]} */
  const told = [];
  collections.onUnheard = (file) => told.push(file);
  collections.replaced();
  collections.configured({ status: "loading" });
  collections.edited("change", SCHEMA);
  collections.configured({ status: "loaded", config: { digest: "a" } });
  wait();
  await turn(1100); // longer than Astro takes to load what it has heard of
  assert.equal(isSettled(), false);
  collections.followed();
  assert.deepEqual(told, [SCHEMA]);
  collections.configured({ status: "loading" });
  collections.configured({ status: "loaded", config: { digest: "b" } });
  await turn();
  assert.equal(isSettled(), true);
  collections.restarting();
  collections.replaced();
  collections.followed();
  assert.deepEqual(told, [SCHEMA]);
});

test("an edit that was loaded while a restart made the next server is told to that, too", async () => {
  const { collections, wait, isSettled } = watched();
  /** @type {string[]} */
  const told = [];
  collections.onUnheard = (file) => told.push(file);
  const load = (/** @type {string} */ digest) => {
    const config = { digest };
    collections.configured({ status: "loading" });
    collections.configured({ status: "loaded", config });
    return config.digest;
  };
  collections.restarting();
  collections.edited("change", SCHEMA);
  load("of the file"); // by the server of before
  collections.replaced();
  wait();
  assert.notEqual(load("of the file"), "of the file", "its entries are read again");
  collections.followed();
  assert.deepEqual(told, [SCHEMA]);
  assert.equal(load("of the file"), "of the file");
  await turn();
  assert.equal(isSettled(), true);
  collections.restarting();
  collections.replaced();
  collections.followed();
  assert.deepEqual(told, [SCHEMA], "it was not edited since");
});
