import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { after, before, beforeEach, test } from "node:test";
import { editsOf, keepRuntime } from "../../../container/astro/lib/module-graph.mjs";
import { serverOf } from "./server.mjs";

const PAGE = "virtual:astro:page:src/pages/index@_@astro";
/** @type {any} */
let server;
let routes = ["/"];
let edited = "/site/src/pages/index.astro";
let lazy = true;
const STYLES = "virtual:astro:dev-css-all";
const PAGE_STYLES = "virtual:astro:dev-css:src/pages/index@_@astro";
const MIDDLEWARE = "virtual:astro:middleware";
/** @type {any} */
const watcher = new EventEmitter();

/** @type {Record<string, () => string>} */
const CODE = {
  "virtual:astro:routes": () =>
    `export const routes = ${JSON.stringify(routes.map((route) => ({ file: edited, route })))};`,
  "virtual:astro:manifest": () =>
    'import { routes } from "virtual:astro:routes"; import { pages } from "virtual:astro:pages"; export default { routes, pages, middleware: () => import("virtual:astro:middleware"), made: Math.random() };',
  [MIDDLEWARE]: () => "export const made = Math.random();",
  [STYLES]: () =>
    `export const styles = { ${routes.map((route) => `"${route}": () => import("${PAGE_STYLES}")`)} }; export const made = Math.random();`,
  [PAGE_STYLES]: () => "export const made = Math.random();",
  "virtual:astro:pages": () =>
    lazy
      ? `export const pages = () => import("${PAGE}"); export const made = Math.random();`
      : `import * as page from "${PAGE}"; export const pages = () => page; export const made = Math.random();`,
  [PAGE]: () => "export const made = Math.random();",
};

before(async () => {
  const plugin = (/** @type {string} */ name, /** @type {(id: string) => boolean} */ knows) => ({
    name,
    resolveId: (/** @type {string} */ id) => (id in CODE && knows(id) ? `\0${id}` : undefined),
    load: {
      handler: (/** @type {string} */ id) =>
        id.slice(1) in CODE && knows(id.slice(1)) ? { code: CODE[id.slice(1)]() } : undefined,
    },
  });
  server = await serverOf(
    plugin("astro:routes", (id) => id !== STYLES),
    plugin(STYLES, (id) => id === STYLES),
  );
  keepRuntime(server.environments.ssr, editsOf(watcher));
});
after(() => server.close());
beforeEach(async () => {
  server.environments.ssr.moduleGraph.invalidateAll();
  server.environments.ssr.runner.clearCache();
  await run("virtual:astro:manifest");
  await run(PAGE);
  await run(STYLES);
});

const run = (/** @type {string} */ id) => server.environments.ssr.runner.import(id);
const moduleOf = (/** @type {string} */ id) =>
  server.environments.ssr.moduleGraph.getModuleById(`\0${id}`);
const isKept = (/** @type {string} */ id) => moduleOf(id).transformResult !== null;
const invalidate = (/** @type {string} */ id) =>
  server.environments.ssr.moduleGraph.invalidateModule(moduleOf(id));

/** What Astro does with each edit: the manifest in the listener, the routes later. */
async function edit(/** @type {string} */ event, /** @type {string} */ file) {
  const reload = () => invalidate("virtual:astro:manifest");
  watcher.once(event, reload);
  watcher.emit(event, file);
  await new Promise((resolve) => setTimeout(resolve, 1));
  edited = file;
  invalidate("virtual:astro:routes");
  invalidate(STYLES);
}

test("an edit of a page leaves manifest and routes as they are", async () => {
  await edit("change", "/site/src/pages/index.astro");
  await Promise.all([run("virtual:astro:manifest"), run(STYLES)]);
  await edit("change", "/site/src/pages/about.astro");
  assert.ok(isKept("virtual:astro:routes"));
  assert.ok(isKept("virtual:astro:manifest"));
  assert.ok(isKept(STYLES));
});

for (const [event, file] of [
  ["change", "/site/src/middleware.ts"],
  ["change", "/site/src/actions/index.js"],
  ["change", "/site/src/components/Island.tsx"],
  ["add", "/site/src/pages/new.astro"],
  ["unlink", "/site/src/pages/new.astro"],
])
  test(`${event} of ${file} has them made again`, async () => {
    await edit("change", "/site/src/pages/index.astro");
    await Promise.all([run("virtual:astro:manifest"), run(STYLES)]);
    await edit(event, file);
    assert.ok(!isKept("virtual:astro:routes"));
    assert.ok(!isKept("virtual:astro:manifest"));
    assert.ok(!isKept(STYLES));
  });

test("routes that an edit changes are made again, with what imports them", async () => {
  await edit("change", "/site/src/pages/index.astro");
  await Promise.all([run("virtual:astro:manifest"), run(STYLES)]);
  routes = ["/", "/more"];
  await edit("change", "/site/src/pages/index.astro");
  assert.ok(!isKept("virtual:astro:routes"));
  assert.ok(!isKept("virtual:astro:manifest"));
  assert.equal((await run("virtual:astro:manifest")).default.routes.length, 2);
  assert.equal(Object.keys((await run(STYLES)).styles).length, 2);
});

test("middleware, which Astro forgets with every edit, is seen through the manifest that imports it lazily", async () => {
  const { middleware } = (await run("virtual:astro:manifest")).default;
  const { made } = await middleware();
  invalidate(MIDDLEWARE);
  assert.ok(isKept("virtual:astro:manifest"));
  assert.notEqual((await middleware()).made, made);
});

test("the styles of a page that are made again are seen through the list that imports them lazily", async () => {
  const { styles } = await run(STYLES);
  const { made } = await styles["/"]();
  invalidate(PAGE_STYLES);
  assert.ok(isKept(STYLES));
  assert.notEqual((await styles["/"]()).made, made);
});

test("the manifest is made again when something else than an edit asks for it", async () => {
  watcher.emit("change", "/site/src/pages/index.astro");
  await Promise.resolve();
  invalidate("virtual:astro:manifest");
  assert.ok(!isKept("virtual:astro:manifest"));
});

test("a page that is made again is seen through the list that imports it lazily", async () => {
  const { pages } = await run("virtual:astro:pages");
  const { made } = await pages();
  invalidate(PAGE);
  assert.ok(isKept("virtual:astro:pages"));
  assert.ok(isKept("virtual:astro:manifest"));
  assert.notEqual((await pages()).made, made);
});

test("a list that imports its pages at once is made again with them", async (t) => {
  lazy = false;
  t.after(() => {
    lazy = true;
  });
  invalidate("virtual:astro:pages");
  await run("virtual:astro:manifest");
  invalidate(PAGE);
  assert.ok(!isKept("virtual:astro:pages"));
  assert.ok(!isKept("virtual:astro:manifest"));
});
