// A page whose live connection has never opened is loaded again, and not without end (S1, S2).

import assert from "node:assert/strict";
import { test } from "node:test";
import { whenUnopened } from "../../../container/astro/lib/page/unopened.js";

/**
 * A page for so many milliseconds: when it was loaded again, if it was. `opens(at)` says whether
 * the server accepts connections, `heardAt` when it is heard.
 * @param {{ tries: { get(): number, set(count: number): void }, opens: (at: number) => boolean,
 *   heardAt?: number, ms: number }} options
 */
async function page({ tries, opens, heardAt, ms }) {
  let now = 0;
  /** @type {{ call: () => void, at: number }[]} */
  const due = [];
  const later = (/** @type {() => void} */ call, /** @type {number} */ wait) =>
    due.push({ call, at: now + wait });
  /** @type {number | undefined} */
  let reloadedAt;
  const heard = whenUnopened({
    ping: async () => opens(now),
    reload: () => {
      reloadedAt ??= now;
    },
    tries,
    later,
  });
  if (heardAt !== undefined) later(heard, heardAt);
  for (let next = earliest(due); next && next.at <= ms && reloadedAt === undefined; ) {
    now = next.at;
    due.splice(due.indexOf(next), 1);
    next.call();
    await new Promise((resolve) => setImmediate(resolve));
    next = earliest(due);
  }
  return reloadedAt;
}

/** @param {{ call: () => void, at: number }[]} due */
const earliest = (due) => [...due].sort((one, other) => one.at - other.at)[0];

const counting = () => {
  let count = 0;
  return { get: () => count, set: (/** @type {number} */ next) => (count = next) };
};

test("a page that hears the server in time is left alone, and so is one that nobody accepts", async () => {
  for (const heardAt of [0, 100, 3999, 5999])
    assert.equal(
      await page({ tries: counting(), opens: () => true, heardAt, ms: 600_000 }),
      undefined,
      `${heardAt}`,
    );
  assert.equal(await page({ tries: counting(), opens: () => false, ms: 600_000 }), undefined);
});

test("a page that hears nothing is loaded again as soon as the server accepts connections", async () => {
  const at = await page({ tries: counting(), opens: (now) => now > 20_000, ms: 600_000 });
  assert.ok(at !== undefined && at > 20_000 && at < 45_000, `${at}`);
});

test("where a reload does not help, the next one waits longer, up to a minute", async () => {
  const tries = counting();
  /** @type {(number | undefined)[]} */
  const waits = [];
  for (let load = 0; load < 8; load++)
    waits.push(await page({ tries, opens: () => true, ms: 600_000 }));
  assert.deepEqual(waits, [6000, 10_000, 18_000, 34_000, 62_000, 62_000, 62_000, 62_000]);
  assert.equal(await page({ tries, opens: () => true, heardAt: 10, ms: 600_000 }), undefined);
  assert.equal(tries.get(), 0, "the server was heard");
});
