// The data store of content collections in memory: pages get what its file would have given them.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { copyOf, NotCopied } from "../../../container/astro/lib/copies.mjs";
import { DataStore } from "../../../container/astro/lib/data-store.mjs";

const require = createRequire(new URL("../../../container/astro/package.json", import.meta.url));
/**
 * What Astro writes its store with.
 * @type {{ stringify: (value: unknown) => string, parse: (text: string) => unknown }}
 */
const devalue = await import(
  pathToFileURL(require.resolve("devalue", { paths: [require.resolve("astro/package.json")] })).href
);
const OPTIONS = { watched: true, sorted: true };

/** Pseudo-random numbers below `most`, the same ones in every run. @param {number} seed */
function numbers(seed) {
  let state = seed;
  return (/** @type {number} */ most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % most;
  };
}

/**
 * @param {(most: number) => number} next
 * @param {number} depth
 * @param {unknown[]} made
 * @returns {unknown}
 */
function anyValue(next, depth, made) {
  const few = () => Array.from({ length: next(4) }, () => anyValue(next, depth - 1, made));
  const kind = next(depth > 0 ? 14 : 9);
  if (kind === 8 && made.length > 0) return made[next(made.length)];
  const value = [
    () => ["text", "", "ü\u2028</script>", "\ud800"][next(4)],
    () => [0, -0, 1.5, Number.NaN, Number.NEGATIVE_INFINITY][next(5)],
    () => next(2) === 0,
    () => null,
    () => undefined,
    () => 12n,
    () => new Date([0, 1_700_000_000_123, Number.NaN][next(3)]),
    () => /a"b/gi,
    () => Object.assign(Object.create(null), { bare: next(9) }),
    few,
    () => new Map(few().map((inner, at) => [at % 2 ? `key-${at}` : at, inner])),
    () => new Set(few()),
    () => Object.fromEntries(few().map((inner, at) => [`key ${at}`, inner])),
    () => ({ a: anyValue(next, depth - 1, made), b: anyValue(next, depth - 1, made) }),
  ][kind]();
  if (typeof value === "object" && value !== null) made.push(value);
  return value;
}

test("a copy is what devalue writes and reads again", () => {
  for (let seed = 1; seed <= 500; seed++) {
    const value = anyValue(numbers(seed), 4, []);
    const copy = copyOf(value);
    assert.deepStrictEqual(copy, devalue.parse(devalue.stringify(value)), `seed ${seed}`);
    // The same references among each other: what is written again is the same text.
    assert.equal(devalue.stringify(copy), devalue.stringify(value), `seed ${seed}`);
  }
});

test("a copy has nothing in common with its original", () => {
  const entry = { data: { tags: ["a"], at: new Date(0), more: new Map([["k", { n: 1 }]]) } };
  /** @type {any} */
  const copy = copyOf(entry);
  copy.data.tags.push("b");
  copy.data.at.setTime(1);
  copy.data.more.get("k").n = 2;
  assert.deepStrictEqual(entry, {
    data: { tags: ["a"], at: new Date(0), more: new Map([["k", { n: 1 }]]) },
  });
});

test("what refers to itself is copied", () => {
  /** @type {any} */
  const value = { list: [] };
  value.list.push(value);
  /** @type {any} */
  const copy = copyOf(value);
  assert.equal(copy.list[0], copy);
  assert.notEqual(copy, value);
});

for (const [name, value] of Object.entries({
  "a function": () => {},
  "a symbol": Symbol("s"),
  "an object of a class": new (class Money {})(),
  "an array with holes": Array(2),
  "a URL": new URL("https://example.com"),
  bytes: new Uint8Array(2),
  "a property by symbol": { [Symbol("s")]: 1 },
  "a boxed number": Object(1),
}))
  test(`${name} is left to Astro`, () => {
    assert.throws(() => copyOf({ data: value }), NotCopied);
  });

/**
 * A plugin's `load` of the module, in a server environment.
 * @param {DataStore} store
 * @param {object} environment
 */
function load(store, environment = { runner: {} }, id = "\0astro:data-layer-content") {
  /** @type {any} */
  const { handler } = store.plugin().load;
  return handler.call({ environment }, id);
}

/** A store with what was written and announced. */
function storeWith() {
  const store = new DataStore();
  store.reset();
  /** @type {Map<string, Map<string, unknown>>} */
  const collections = new Map([["notes", new Map([["b", { id: "b" }]])]]);
  /** @type {string[]} */
  const written = [];
  /** @type {string[]} */
  const announced = [];
  store.onChange = (file) => announced.push(file);
  const write = async () => {
    written.push([...(collections.get("notes")?.keys() ?? [])].join());
    return true;
  };
  const keep = (options = OPTIONS) => store.keep("/x/store.json", collections, write, options);
  const notes = /** @type {Map<string, unknown>} */ (collections.get("notes"));
  return { store, notes, written, announced, keep };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a build, which has no session, writes the file at once", async () => {
  const store = new DataStore();
  let written = 0;
  const write = async () => ++written;
  assert.equal(await store.keep("/x/store.json", new Map(), write, OPTIONS), 1);
  assert.equal(written, 1);
  assert.equal(store.holds("/x/store.json"), false);
});

test("the file is written once all is read, and later when nobody is at work", async () => {
  const { store, notes, written, keep } = storeWith();
  assert.equal(await keep(), true);
  assert.deepEqual(written, []);
  await store.read();
  assert.deepEqual(written, ["b"]);
  notes.set("a", { id: "a" });
  assert.equal(await keep(), true);
  await store.read();
  assert.deepEqual(written, ["b"]);
  assert.deepEqual([...(store.copy().get("notes")?.keys() ?? [])], ["a", "b"]);
  await store.save();
  await store.save();
  assert.deepEqual(written, ["b", "b,a"]);
});

test("pages are rendered again for what was set, removed or renamed, and for nothing else", async () => {
  const { store, notes, announced, keep } = storeWith();
  await keep();
  await settled();
  assert.deepEqual(announced, []); // nobody shows anything yet
  await load(store);
  const changes = [
    () => notes.set("b", { id: "b" }),
    () => notes.set("c", { id: "c" }),
    () => notes.delete("b"),
    () => (notes.delete("c"), notes.set("d", { id: "d" })),
  ];
  for (const change of changes) {
    change();
    assert.equal(await keep(), true);
    assert.equal(await keep(), false);
  }
  await settled();
  assert.deepEqual(announced, Array(changes.length).fill("/x/store.json"));
});

test("entries keep the order in which they were set where Astro does not sort them", async () => {
  const { store, notes, keep } = storeWith();
  notes.set("a", {});
  await keep({ watched: false, sorted: false });
  assert.deepEqual([...(store.copy().get("notes")?.keys() ?? [])], ["b", "a"]);
});

test("pages get the state that was kept, whatever is set afterwards", async () => {
  const { store, notes, keep } = storeWith();
  await keep();
  notes.set("half", {});
  assert.equal(store.copy().get("notes")?.has("half"), false);
});

test("a store that cannot be copied goes through its file until it can be again", async () => {
  const { store, notes, written, keep } = storeWith();
  await keep();
  assert.equal(store.holds("/x/store.json"), true);
  notes.set("url", { data: { link: new URL("https://example.com") } });
  await keep();
  assert.equal(written.length, 1);
  assert.equal(store.holds("/x/store.json"), false);
  notes.set("a", {});
  await keep(); // the entry with the URL is there still
  assert.equal(store.holds("/x/store.json"), false);
  notes.delete("url");
  await keep();
  assert.equal(store.holds("/x/store.json"), true);
  assert.equal(written.length, 2);
});

test("a file that cannot be written is reported, and tried again", async () => {
  const { store, notes, keep } = storeWith();
  await keep();
  let fails = true;
  let attempts = 0;
  const write = async () => {
    attempts++;
    if (fails) throw new Error("no space left on device");
  };
  notes.set("a", {});
  await store.keep("/x/store.json", new Map([["notes", notes]]), write, OPTIONS);
  /** @type {string[]} */
  const told = [];
  store.onError = (error) => told.push(/** @type {Error} */ (error).message);
  await store.save();
  assert.deepEqual(told, ["no space left on device"]);
  fails = false;
  await store.save();
  assert.equal(attempts, 2);
});

test("a server in another process gets the file, which is brought up to date for it", async () => {
  const { store, notes, written, keep } = storeWith();
  assert.equal(await load(store), undefined); // nothing is kept yet
  await keep();
  notes.set("a", {});
  await keep();
  assert.equal(await load(store, { runner: {} }, "\0astro:content"), undefined);
  const { code } = await load(store);
  assert.match(code, /^export default globalThis\[.*\]\.store\.copy\(\);/);
  assert.deepEqual(written, []);
  assert.equal(await load(store, {}), undefined);
  assert.deepEqual(written, ["b,a"]);
  notes.set("c", {});
  await keep();
  assert.notEqual((await load(store)).code, code); // Vite compares by text
});

test("without the name of Astro's file nothing is kept: pages get the file, and Astro watches it", async () => {
  const store = new DataStore();
  store.reset();
  let written = 0;
  const write = async () => ++written;
  for (const file of [undefined, ""]) await store.keep(file, new Map(), write, OPTIONS);
  assert.equal(written, 2);
  const { handler } = /** @type {{ handler: Function }} */ (store.plugin().load);
  assert.equal(await handler.call({}, "\0astro:data-layer-content"), undefined);
});
