// Which calls of Vite's native plugins are spared: those for components, and no others (S2).

import assert from "node:assert/strict";
import { test } from "node:test";
import { spareNativeHooks } from "../../../container/astro/lib/native-hooks.mjs";

test("a native plugin is not asked to load or transform a component, nor notified of its text", () => {
  /** @type {string[]} */
  const told = [];
  const plugin = (/** @type {string} */ name) => ({
    name,
    load: () => null,
    transform: () => null,
    watchChange: (/** @type {string} */ id, /** @type {{ event: string }} */ { event }) =>
      told.push(`${name} ${event} ${id}`),
  });
  const [native, other] = [plugin("builtin:vite-resolve"), plugin("vite:asset")];
  const plugins = /** @type {any[]} */ ([native, other]);
  const server = { environments: { client: { plugins }, ssr: { plugins } } };
  spareNativeHooks(/** @type {any} */ (server));
  const { load, transform } = /** @type {any} */ (native);
  for (const { filter } of [load, transform]) {
    assert.ok(filter.id.exclude.test("/site/src/Card.astro"));
    for (const id of ["/site/src/Card.astro?astro&type=style", "/site/a.json", "\0virtual.astro"])
      assert.ok(!filter.id.exclude.test(id), id);
  }
  assert.equal(typeof other.load, "function");
  for (const [id, event] of [
    ["/site/src/Card.astro", "update"],
    ["/site/src/Card.astro", "create"],
    ["/site/package.json", "update"],
  ])
    native.watchChange(id, { event });
  assert.deepEqual(told, [
    "builtin:vite-resolve create /site/src/Card.astro",
    "builtin:vite-resolve update /site/package.json",
  ]);
});
