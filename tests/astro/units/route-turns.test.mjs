// Lists of routes are made one after the other, and the last one is of what there is in the end
// (S2).

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { RouteTurns } from "../../../container/astro/lib/route-turns.mjs";

test("the list that is begun last ends last, and those that wait are one", async () => {
  const turns = new RouteTurns();
  const settings = {};
  let there = 0;
  let running = 0;
  let kept = -1;
  let lists = 0;
  const make = async (/** @type {number} */ ms) => {
    const found = there;
    assert.equal(++running, 1);
    lists++;
    await sleep(ms);
    running--;
    return { routes: [found] };
  };
  const callers = [];
  for (let version = 1; version <= 20; version++) {
    there = version;
    const ms = version === 1 ? 50 : 1;
    callers.push(
      turns
        .make(settings, () => make(ms))
        .then(({ routes }) => {
          kept = Number(routes[0]);
          routes.length = 0; // as Astro does with the list that it has
        }),
    );
    await sleep(1);
  }
  await Promise.all(callers);
  assert.equal(kept, 20);
  assert.ok(lists <= 4, `${lists}`);
});

test("other settings have a list that is made with them", async () => {
  const turns = new RouteTurns();
  const made = await Promise.all(
    ["one", "two", "one"].map((name) => turns.make(name, async () => ({ routes: [name] }))),
  );
  assert.deepEqual(made, [{ routes: ["one"] }, { routes: ["two"] }, { routes: ["one"] }]);
});

test("a file that goes meanwhile has the list made again, and another error is the caller's", async () => {
  const turns = new RouteTurns();
  let attempts = 0;
  const gone = async () => {
    if (++attempts < 3) throw Object.assign(new Error("gone"), { code: "ENOENT" });
    return { routes: [] };
  };
  assert.deepEqual(await turns.make({}, gone), { routes: [] });
  const broken = async () => {
    throw new Error("two pages of one name");
  };
  await assert.rejects(turns.make({}, broken), /two pages/);
  assert.deepEqual(await turns.make({}, async () => ({ routes: [1] })), { routes: [1] });
});
