// When the verdict on an edit of Astro's configuration may be given (S32).

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Restarts, SLOW_MS } from "../../../container/astro/lib/restarts.mjs";

const turn = () => new Promise((resolve) => setTimeout(resolve));

/** Whether a restart is waited for after these edits. */
async function isDue(/** @type {Restarts} */ restarts, /** @type {string[]} */ ...files) {
  for (const file of files) restarts.edited(file);
  let due = true;
  restarts.settled().then(() => (due = false));
  await turn();
  return due;
}

test("an edit of the configuration is settled when the restart has ended", async () => {
  const restarts = new Restarts("/site");
  assert.equal(await isDue(restarts, "/site/src/astro.config.mjs", "/site/package.json"), false);
  assert.equal(await isDue(restarts, "/site/astro.config.ts"), true);
  restarts.ended();
  assert.equal(await isDue(restarts), false);
});

test("Astro is notified again of an edit that it may have ignored", async () => {
  const file = "/site/astro.config.mjs";
  const restarts = new Restarts("/site");
  assert.deepEqual(restarts.ready(), []);
  assert.equal(await isDue(restarts, file, file), true);
  restarts.ended();
  assert.equal(await isDue(restarts), true, "it has read the first edit at least");
  assert.deepEqual(restarts.ready(), [file]);
  restarts.ended();
  assert.equal(await isDue(restarts), false);
  assert.deepEqual(restarts.ready(), []);
});

test("so it is of one while it restarts for another file", async () => {
  const [file, other] = ["/site/astro.config.mjs", "/site/tsconfig.json"];
  const restarts = new Restarts("/site");
  for (const each of [file, other, "/site/src/pages/index.astro", "/site/lib/tsconfig.json"])
    assert.equal(restarts.ignored(each), false);
  assert.equal(await isDue(restarts, file), true);
  restarts.ended();
  assert.equal(await isDue(restarts), true);
  assert.deepEqual(restarts.ready(), [file, other]);
  restarts.ended();
  assert.equal(await isDue(restarts), false);
});

test("and of one before it follows the files of the new server", async () => {
  const file = "/site/astro.config.mjs";
  const restarts = new Restarts("/site");
  restarts.replaced();
  restarts.ended();
  assert.equal(await isDue(restarts, file), true);
  assert.deepEqual(restarts.ready(), [file]);
  restarts.ended();
  assert.equal(await isDue(restarts), false);
  assert.equal(await isDue(restarts, file), true);
  assert.deepEqual(restarts.ready(), []);
});

test("an edit while Astro is notified again is not handled by that", async () => {
  const file = "/site/astro.config.mjs";
  const restarts = new Restarts("/site");
  await isDue(restarts, file, file);
  restarts.ended();
  restarts.ready();
  restarts.edited(file);
  restarts.ended();
  assert.equal(await isDue(restarts), true);
  assert.deepEqual(restarts.ready(), [file]);
});

test("a configuration of another name is the one that is meant", async () => {
  const restarts = new Restarts("/site", "./config/live.mjs");
  assert.equal(await isDue(restarts, "/site/astro.config.mjs"), false);
  assert.equal(await isDue(restarts, "/site/config/live.mjs"), true);
});

test("an edit that Astro does not act on holds nobody for good", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const restarts = new Restarts("/site");
  restarts.edited("/site/astro.config.mjs");
  const settled = restarts.settled();
  context.mock.timers.tick(15_000);
  await settled;
});

test("a configuration may take any time to load, once Astro has begun", async () => {
  const file = "/site/astro.config.mjs";
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const settled = async (/** @type {Restarts} */ restarts) => {
      let done = false;
      restarts.settled().then(() => (done = true));
      await Promise.resolve().then(() => {});
      return done;
    };
    const restarts = new Restarts("/site");
    restarts.edited(file);
    assert.equal(restarts.restarting(true), true);
    mock.timers.tick(600_000);
    restarts.edited(file);
    mock.timers.tick(600_000);
    assert.equal(await settled(restarts), false);
    assert.equal(restarts.restarting(false), false);
    mock.timers.tick(15_000);
    assert.equal(await settled(restarts), true, "it has not said how it ended");
    const other = new Restarts("/site");
    other.edited(file);
    mock.timers.tick(15_000);
    assert.equal(await settled(other), true, "it has not begun");
  } finally {
    mock.timers.reset();
  }
});

test("a restart that takes long is told, and does not go on when its configuration is edited", async () => {
  const file = "/site/astro.config.mjs";
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    /** @type {string[]} */
    const told = [];
    const begin = () => {
      const restarts = new Restarts("/site");
      restarts.onSlow = () => told.push("slow");
      restarts.onStuck = () => told.push("stuck");
      restarts.edited(file);
      restarts.restarting(true);
      return restarts;
    };
    const before = begin();
    mock.timers.tick(SLOW_MS - 1);
    before.ignored(file);
    assert.deepEqual(told.splice(0), []);
    mock.timers.tick(1);
    assert.deepEqual(told.splice(0), ["stuck"], "it was edited before");
    for (const edit of /** @type {const} */ (["edited", "ignored"])) {
      const restarts = begin();
      mock.timers.tick(SLOW_MS);
      await restarts.settled(); // what is wrong is known
      assert.deepEqual(told.splice(0), ["slow"]);
      restarts[edit]("/site/src/pages/index.astro");
      assert.deepEqual(told.splice(0), []);
      restarts[edit](file);
      assert.deepEqual(told.splice(0), ["stuck"]);
      restarts.restarting(false);
      restarts[edit](file);
      assert.deepEqual(told.splice(0), []);
    }
  } finally {
    mock.timers.reset();
  }
});

test("an edit while the server of before is closed already is told again", async () => {
  const file = "/site/astro.config.mjs";
  const restarts = new Restarts("/site");
  restarts.restarting(true);
  restarts.edited(file); // the one that it restarts for
  await turn();
  restarts.restarting(false);
  assert.deepEqual(restarts.ready(), []);
  restarts.ended();
  restarts.restarting(true); // for another file
  await turn();
  assert.equal(await isDue(restarts, file), true);
  restarts.ended();
  assert.equal(await isDue(restarts), true);
  restarts.restarting(false);
  assert.deepEqual(restarts.ready(), [file]);
});

test("a restart for another file is waited for, and edits of files that have it restart count", async () => {
  const restarts = new Restarts("/site");
  restarts.restarting(true);
  await turn();
  assert.equal(await isDue(restarts), true);
  assert.equal(restarts.ignored("/site/data.json", ["/site/other.json"]), false);
  assert.equal(restarts.ignored("/site/other.json", ["/site/other.json"]), false);
  restarts.restarting(false);
  assert.deepEqual(restarts.ready(), ["/site/other.json"]);
  restarts.ended();
  assert.equal(await isDue(restarts), false);
});
