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
