import assert from "node:assert/strict";
import { test } from "node:test";
import { Compilations } from "../../../container/astro/lib/component-parts.mjs";

/**
 * A compilation that ends on command.
 * @param {Compilations} compilations
 * @param {string} source
 */
function running(compilations, source) {
  const { promise, resolve, reject } = /** @type {PromiseWithResolvers<void>} */ (
    Promise.withResolvers()
  );
  const ended = compilations.run("Card.astro", source, () => promise);
  return {
    end: () => (resolve(), ended),
    fail: () => (reject(new Error("syntax")), assert.rejects(ended)),
  };
}

test("the compilation that ends last counts, whichever began last", async () => {
  const compilations = new Compilations();
  const [earlier, later] = [running(compilations, "one"), running(compilations, "two")];
  await later.end();
  assert.ok(compilations.isOf("Card.astro", "two"));
  await earlier.end();
  assert.ok(!compilations.isOf("Card.astro", "two"));
});

test("nothing is known of a compilation during which a file was edited", async () => {
  const compilations = new Compilations();
  const compilation = running(compilations, "one");
  compilations.edited();
  await compilation.end();
  assert.ok(!compilations.isOf("Card.astro", "one"));
});

test("nothing is known of a component that did not compile, or whose imports were edited", async () => {
  const compilations = new Compilations();
  await running(compilations, "one").end();
  await running(compilations, "broken").fail();
  assert.ok(!compilations.isOf("Card.astro", "one"));
  await running(compilations, "one").end();
  compilations.edited();
  assert.ok(!compilations.isOf("Card.astro", "one"));
});
