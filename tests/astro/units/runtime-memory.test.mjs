// What Astro's runtime would remember across edits (`lib/runtime-memory.mjs`).

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import test from "node:test";
import {
  forgetful,
  isMiddleware,
  runtimeMemoryPlugin,
} from "../../../container/astro/lib/runtime-memory.mjs";

const ASTRO = "/site/node_modules/astro/dist/";

test("middleware is asked for at each request", () => {
  const source = "async getMiddleware() {\n if (this.resolvedMiddleware) {\n return it; } }";
  assert.match(forgetful(`${ASTRO}core/base-pipeline.js?v=1`, source) ?? "", /if \(false\) \{/);
  assert.equal(forgetful("/site/src/core/base-pipeline.js", source), undefined);
  assert.equal(forgetful(`${ASTRO}core/base-pipeline.js`, "class Pipeline {}"), undefined);
  const later = "return middlewareMemo.get(manifest);";
  assert.match(
    forgetful(`${ASTRO}core/middleware/load.js`, later) ?? "",
    /invalidate\(manifest\); return/,
  );
});

test("actions are asked for at each request", () => {
  const early = "if (this.resolvedActions) {";
  assert.equal(forgetful(`${ASTRO}core/base-pipeline.js`, early), "if (false) {");
  const later = "return actionsMemo.get(manifest);";
  assert.match(forgetful(`${ASTRO}actions/load.js`, later) ?? "", /invalidate\(manifest\); return/);
});

test("paths hold for the module that they came from", () => {
  const early = `if (cached?.staticPaths) {
    set(route, { ...cached, staticPaths: entry }); set(route, { ...cached, staticPaths: keyed });`;
  const changed = forgetful(`${ASTRO}core/render/route-cache.js`, early) ?? "";
  assert.match(changed, /cached\?\.staticPaths && cached\.mod === mod/);
  assert.equal(changed.match(/\.\.\.cached, mod, staticPaths/g)?.length, 2);
  // As it is in later releases.
  assert.equal(forgetful(`${ASTRO}core/render/route-cache.js`, changed), undefined);
});

test("middleware is a file, or a folder's index, of the sources", () => {
  for (const name of ["middleware.ts", "middleware.js", "middleware.mjs", "middleware/index.ts"])
    assert.equal(isMiddleware(`/site/src/${name}`, "/site/src/"), true, name);
  for (const name of ["middleware.test.ts", "middleware/auth.ts", "pages/middleware.ts", "a.ts"])
    assert.equal(isMiddleware(`/site/src/${name}`, "/site/src"), false, name);
  assert.equal(isMiddleware("/site/middleware.ts", "/site/src"), false);
});

test("whether there is middleware is found out again where it comes or goes", async () => {
  /** @type {string[]} */
  const done = [];
  const watcher = new EventEmitter();
  const environment = {
    moduleGraph: {
      getModuleById: (/** @type {string} */ id) => (id.includes("virtual:") ? { id } : undefined),
      invalidateModule: (/** @type {{ id: string }} */ { id }) => done.push(`forget ${id}`),
    },
    pluginContainer: { resolveId: async (/** @type {string} */ id) => done.push(`find ${id}`) },
    hot: { send: (/** @type {string} */ event) => done.push(event) },
  };
  const server = {
    config: { server: {} },
    watcher,
    environments: { client: environment, ssr: environment },
    ws: { send: ({ type = "" }) => done.push(type) },
  };
  runtimeMemoryPlugin(() => "/site/src/").configureServer(/** @type {any} */ (server));
  watcher.emit("add", "/site/src/lib/other.ts");
  const [listener] = watcher.listeners("unlink");
  await listener("/site/src/middleware.ts");
  assert.deepEqual(done, [
    "find virtual:astro:middleware",
    "forget \0virtual:astro:middleware",
    "astro:middleware-updated",
    "full-reload",
  ]);
});

test("a site without middleware imports the module of one that has some", async () => {
  const { handler } = runtimeMemoryPlugin(() => "/site/src/").resolveId;
  const by = (/** @type {string} */ id) => ({ resolve: async () => ({ id }) });
  const id = "virtual:astro:middleware";
  assert.equal((await handler.call(by("\0noop-middleware"), id))?.id, `\0${id}`);
  assert.equal((await handler.call(by(`\0${id}`), id))?.id, `\0${id}`);
  const earlier = "\0astro-internal:middleware";
  assert.equal((await handler.call(by("\0noop-middleware"), earlier))?.id, earlier);
  assert.equal(await handler.call(by("/x"), "./other"), undefined);
});
