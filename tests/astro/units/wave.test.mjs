// What pages hear about files that were changed together (S31).

import assert from "node:assert/strict";
import { test } from "node:test";
import { merged, Wave } from "../../../container/astro/lib/wave.mjs";

/** @returns {any} */
const update = (/** @type {string} */ path, timestamp = 1) => ({
  type: "update",
  updates: [{ type: "js-update", path, acceptedPath: path, timestamp }],
});
/** @returns {any} */
const reload = (/** @type {number | undefined} */ inPlace) => ({ type: "full-reload", inPlace });
const together = (/** @type {any[]} */ ...payloads) => /** @type {any[]} */ (merged(payloads));

test("updates become one, the last of each module", () => {
  const [one, ...more] = together(update("/a"), update("/b"), update("/a", 2));
  assert.deepEqual(more, []);
  assert.deepEqual(
    one.updates.map((/** @type {any} */ each) => [each.path, each.timestamp]),
    [
      ["/a", 2],
      ["/b", 1],
    ],
  );
});

test("a reload says everything; one that may be made in place comes after the updates, with the last edit", () => {
  assert.deepEqual(together(update("/a"), reload(undefined), reload(3)), [reload(undefined)]);
  const [first, second, ...more] = together(reload(3), update("/a"), reload(5), reload(4));
  assert.deepEqual([first.type, second, more], ["update", reload(5), []]);
  assert.deepEqual(together(), []);
});

test("a wave lasts until the changes are made and their listeners have ended", async () => {
  let busy = true;
  /** @type {any[]} */
  const sent = [];
  const wave = new Wave(() => busy);
  wave.onEnd = (payloads) => sent.push(...payloads);
  assert.equal(wave.takes(update("/a")), false, "no wave");
  wave.begin();
  assert.equal(wave.takes(update("/a")), true);
  assert.equal(wave.takes(/** @type {any} */ ({ type: "error" })), false);
  wave.changed();
  assert.equal(wave.takes(update("/b")), true);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(sent.length, 0);
  busy = false;
  await wave.over();
  assert.deepEqual(
    sent.map((each) => each.updates.length),
    [2],
  );
});

test("a process that was kept from running has not been quiet meanwhile", async () => {
  for (const quiet of [4, 30]) {
    /** @type {any[]} */
    const sent = [];
    const wave = new Wave(() => false);
    wave.onEnd = (payloads) => sent.push(...payloads);
    wave.begin();
    wave.changed(quiet);
    // As Astro's store has its entries told, in several steps.
    setTimeout(() => setTimeout(() => setImmediate(() => wave.takes(reload(2))), 1), 1);
    const end = performance.now() + 60;
    while (performance.now() < end);
    await wave.over();
    assert.deepEqual(sent, [reload(2)], `quiet for ${quiet} ms`);
  }
});
