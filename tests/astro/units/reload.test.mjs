// A page reloads once, however many sources ask for it (S1, S2).

import assert from "node:assert/strict";
import { test } from "node:test";
import { reloads } from "../../../container/astro/lib/page/reload.js";

/** What a page does: how often its load began, and the end of the patience with it. */
function page() {
  let loads = 0;
  /** @type {() => void} */
  let patienceEnds = () => {};
  const found = reloads({ load: () => void loads++, later: (call) => (patienceEnds = call) });
  return { ...found, loads: () => loads, wait: () => patienceEnds() };
}

test("a load that is under way is not begun again", () => {
  const { reload, loads } = page();
  for (let times = 0; times < 9; times++) reload();
  assert.equal(loads(), 1);
});

test("nor is one that Vite's client has begun", () => {
  const { reload, begun, loads, wait } = page();
  begun();
  reload();
  assert.equal(loads(), 0);
  wait();
  assert.equal(loads(), 1);
});

test("a page that is still there because it was kept from leaving tries again, if it was requested again", () => {
  const { reload, loads, wait } = page();
  reload();
  wait();
  assert.equal(loads(), 1);
  reload();
  reload();
  wait();
  assert.equal(loads(), 3);
});
