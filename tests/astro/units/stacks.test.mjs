// The files that stacks of errors name (S32).

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { keepMappedStacks, mappedStack } from "../../../container/astro/lib/stacks.mjs";
import { entryOf } from "../../../container/astro/lib/releases.mjs";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "stacks-")));
after(() => rmSync(folder, { recursive: true, force: true }));
const root = path.join(folder, "site");
const astro = entryOf(
  path.resolve(import.meta.dirname, "../../../container/astro/node_modules/astro"),
);

test("Astro finds the file of a package that threw, where packages lie outside of the project", async () => {
  const thrower = path.join(folder, "packages/node_modules/thrower/index.mjs");
  mkdirSync(path.dirname(thrower), { recursive: true });
  mkdirSync(root);
  writeFileSync(thrower, "export function fail() {\n  throw new Error('of a package');\n}\n");
  symlinkSync(path.join(folder, "packages/node_modules"), path.join(root, "node_modules"));
  const { fail } = await import(pathToFileURL(thrower).href);
  const { collectErrorMetadata } = await import(new URL("core/errors/dev/utils.js", astro).href);
  const server = /** @type {any} */ ({ environments: {}, ssrFixStacktrace() {} });
  keepMappedStacks(server, root);
  let error = /** @type {any} */ (undefined);
  try {
    fail();
  } catch (thrown) {
    error = thrown;
  }
  server.ssrFixStacktrace(error);
  const { loc, frame } = collectErrorMetadata(error, pathToFileURL(root));
  assert.equal(loc.file, path.join(root, "node_modules/thrower/index.mjs"));
  assert.match(frame, /throw new Error\('of a package'\)/);
});

test("a stack that cannot be written stays as it is", () => {
  const server = /** @type {any} */ ({ environments: {}, ssrFixStacktrace() {} });
  keepMappedStacks(server, root);
  const error = Object.freeze(new Error("frozen"));
  server.ssrFixStacktrace(error);
  assert.match(error.stack ?? "", /frozen/);
});

test("a line of a stack is mapped once, whether Node.js has done it or not", () => {
  // The code's third line, from its 5th column on, is the source's second, from its first on.
  const map = { version: 3, sources: ["a.ts"], names: [], mappings: ";;IACA,QAAQ" };
  const mapped = (/** @type {string} */ place) =>
    mappedStack(`Error: no\n    at eval (${place})\n    at ${place}`, (id) =>
      id === "/site/a.ts" ? map : undefined,
    );
  for (const place of ["/site/a.ts:5:5", "/site/a.ts:2:1"])
    assert.equal(mapped(place), "Error: no\n    at eval (/site/a.ts:2:1)\n    at /site/a.ts:2:1");
  assert.match(mapped("/site/a.ts:5:13"), /a\.ts:2:9\)/);
  for (const place of ["/site/a.ts:9:1", "/site/b.ts:5:5"])
    assert.match(mapped(place), new RegExp(`${place}\\)`), "what has no part stays as it is");
});
