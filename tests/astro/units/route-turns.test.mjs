// Lists of routes are made one after the other, and the last one is of what there is in the end
// (S2).

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
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
  const [one, two] = [{}, {}];
  const made = await Promise.all([
    turns.make(one, async () => ({ routes: ["one"] })),
    turns.make(two, async () => ({ routes: ["two"] })),
    turns.make(one, async () => ({ routes: ["one"] })),
  ]);
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

/** A site of pages, whose list is made as Astro makes it: of the names in their folder. */
function pages() {
  const folder = mkdtempSync(path.join(tmpdir(), "routes-"));
  const settings = { config: { root: pathToFileURL(`${folder}/`) } };
  const turns = new RouteTurns();
  let lists = 0;
  return {
    write: (/** @type {string} */ name) => writeFileSync(path.join(folder, name), ""),
    remove: (/** @type {string} */ name) => rmSync(path.join(folder, name)),
    list: async () => {
      const list = async () => {
        lists++;
        return { routes: readdirSync(folder).map((component) => ({ component })) };
      };
      const { routes } = await turns.make(settings, list);
      return routes.map(({ component }) => component).sort();
    },
    lists: () => lists,
    end: () => rmSync(folder, { recursive: true }),
  };
}

test("a list that is made while a page is written again has the page", async () => {
  for (const ms of [0, 20, 60, 100]) {
    const site = pages();
    try {
      for (const name of ["[id].astro", "what? #1.md", "index.astro"]) site.write(name);
      const all = await site.list();
      site.remove("what? #1.md");
      site.remove("index.astro");
      const made = site.list();
      await sleep(ms);
      site.write("index.astro");
      await sleep(ms);
      site.write("what? #1.md");
      assert.deepEqual(await made, all, `${ms} ms`);
    } finally {
      site.end();
    }
  }
});

test("a page that stays away is missing, and the lists after it do not wait for it", async () => {
  const site = pages();
  try {
    for (const name of ["a.md", "b.md"]) site.write(name);
    await site.list();
    site.remove("a.md");
    assert.deepEqual(await site.list(), ["b.md"]);
    const began = performance.now();
    for (let list = 0; list < 10; list++) assert.deepEqual(await site.list(), ["b.md"]);
    assert.ok(performance.now() - began < 2000); // a wait for it takes 250 ms
    assert.equal(site.lists(), 12);
  } finally {
    site.end();
  }
});
