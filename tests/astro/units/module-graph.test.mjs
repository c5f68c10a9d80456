import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createServer } from "../../../container/astro/node_modules/vite/dist/node/index.js";
import { fetchWhatIsNew, invalidateForGood } from "../../../container/astro/lib/module-graph.mjs";

const ID = "\0clock";
/** @type {any} */
let server;
let version = 0;
/** Lets the module's load end. @type {(value?: any) => void} */
let release = () => {};
/** @type {Promise<unknown>} */
let held = Promise.resolve();

before(async () => {
  server = await createServer({
    configFile: false,
    logLevel: "silent",
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
    plugins: [
      {
        name: "clock",
        resolveId: (id) => (id === "clock" ? ID : undefined),
        async load(id) {
          if (id !== ID) return;
          const code = `export default ${version};`;
          await held;
          return code;
        },
      },
    ],
  });
});
after(() => server.close());

const graph = () => server.environments.ssr.moduleGraph;
const rendered = async () => (await server.environments.ssr.runner.import("clock")).default;

/** A plugin says that the module is out of date, as Astro does of its data store. */
function update() {
  version++;
  const { ssr } = server.environments;
  ssr.moduleGraph.invalidateModule(ssr.moduleGraph.getModuleById(ID), undefined, Date.now(), true);
  const run = ssr.runner.evaluatedModules.getModuleById(ID);
  if (run) ssr.runner.evaluatedModules.invalidateModule(run);
}

async function updatedWhileItIsRead() {
  await rendered();
  update();
  ({ promise: held, resolve: release } = Promise.withResolvers());
  const reading = rendered();
  await new Promise((resolve) => setTimeout(resolve, 20));
  update();
  release();
  held = Promise.resolve();
  await reading;
  return rendered();
}

async function transformedBySomebodyElse() {
  await rendered();
  version++;
  graph().invalidateModule(graph().getModuleById(ID), undefined, Date.now(), true);
  await server.environments.ssr.fetchModule(ID);
  return rendered();
}

test("Vite keeps what was being read when a plugin invalidated it, and a runner what it ran before", async () => {
  assert.notEqual(await updatedWhileItIsRead(), version);
  update();
  assert.notEqual(await transformedBySomebodyElse(), version);
  update();
});

test("a module that is invalidated while it is read is read again", async () => {
  invalidateForGood(graph());
  assert.equal(await updatedWhileItIsRead(), version);
});

test("a runner runs what somebody else had transformed", async () => {
  fetchWhatIsNew(server.environments.ssr);
  assert.equal(await transformedBySomebodyElse(), version);
  assert.equal(await rendered(), version);
});

test("a module that did not change runs once", async () => {
  const first = await server.environments.ssr.runner.import("clock");
  assert.equal(await server.environments.ssr.runner.import("clock"), first);
});
