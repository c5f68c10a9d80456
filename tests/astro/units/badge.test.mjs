// What a page says while its live connection is lost (S35).

import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";
import { loss } from "../../../container/astro/lib/page/badge.js";

/** A page whose gateway answers with these statuses, one after another. */
function page(/** @type {(number | Error)[]} */ ...answers) {
  /** @type {(string | undefined)[]} */
  const shown = [];
  /** @type {(() => void)[]} */
  const waiting = [];
  const connection = loss({
    show: (text) => shown.push(text?.split(":")[0]),
    ask: async () => {
      const answer = answers.shift();
      if (typeof answer === "number") return answer;
      throw answer ?? new Error("nobody has asked for so many answers");
    },
    later: (call) => {
      waiting.push(call);
      return () => waiting.splice(waiting.indexOf(call), 1);
    },
  });
  return { connection, shown, waiting };
}

const LOST = "Live connection lost";
const ENDED = "Your sign-in has ended";

for (const status of [401, 403, 404])
  test(`an answer of ${status} says that the sign-in has ended, and is the last`, async () => {
    const { connection, shown, waiting } = page(status);
    connection(true);
    connection(true);
    await turn();
    assert.deepEqual(shown, [LOST, ENDED]);
    assert.deepEqual(waiting, []);
    connection(false);
    assert.deepEqual(shown, [LOST, ENDED, undefined]);
  });

test("of a visitor who is signed in, or cannot be answered, the question is repeated", async () => {
  const { connection, shown, waiting } = page(200, new Error("network"), 503, 404);
  connection(true);
  for (const left of [1, 1, 1, 0]) {
    await turn();
    assert.equal(waiting.length, left);
    waiting.pop()?.();
  }
  await turn();
  assert.deepEqual(shown, [LOST, ENDED]);
});

test("an answer that comes when the connection is back, or lost again, counts no more", async () => {
  const { connection, shown, waiting } = page(404, 200);
  connection(false);
  connection(true);
  connection(false);
  connection(true);
  await turn();
  assert.deepEqual(shown, [LOST, undefined, LOST]);
  assert.equal(waiting.length, 1);
  connection(false);
  assert.deepEqual(waiting, []);
});
