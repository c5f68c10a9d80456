import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fetchWhatIsNew, invalidateForGood } from "../../../container/astro/lib/module-graph.mjs";
import { serverOf } from "./server.mjs";

const ID = "\0clock";
/** @type {any} */
let server;
let version = 0;
let missing = false;
/** Lets the module's load end. @type {(value?: any) => void} */
let release = () => {};
/** @type {Promise<unknown>} */
let held = Promise.resolve();
/** Called when a load has taken the version that it is going to answer with. */
let begun = () => {};

before(async () => {
  server = await serverOf({
    name: "clock",
    resolveId: (id) => (id === "clock" || id === "wall" ? `\0${id}` : undefined),
    async load(id) {
      if (id === "\0wall")
        return 'import time from "clock"; const own = time; export const shown = () => own;';
      if (id !== ID) return;
      const [code, gone] = [`export default ${version};`, missing];
      begun();
      await held;
      if (gone) throw new Error("gone");
      return code;
    },
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

/** Resolves when the next load has begun. */
const loading = () =>
  new Promise((resolve) => {
    begun = () => resolve(undefined);
  });

/** What is rendered afterwards, and what another page rendered that asked after the update. */
async function updatedWhileItIsRead({ asked = true } = {}) {
  await rendered();
  update();
  ({ promise: held, resolve: release } = Promise.withResolvers());
  const begins = loading();
  const reading = rendered();
  await begins;
  update();
  const meanwhile = asked ? rendered() : undefined;
  await new Promise((resolve) => setTimeout(resolve, 20));
  release();
  held = Promise.resolve();
  await reading;
  return { meanwhile: await meanwhile, later: await rendered() };
}

async function transformedBySomebodyElse() {
  await rendered();
  version++;
  graph().invalidateModule(graph().getModuleById(ID), undefined, Date.now(), true);
  await server.environments.ssr.fetchModule(ID);
  return rendered();
}

test("Vite keeps what was being read when a plugin invalidated it, and a runner what it ran before", async () => {
  const { later } = await updatedWhileItIsRead({ asked: false });
  assert.notEqual(later, version);
  update();
  assert.notEqual(await transformedBySomebodyElse(), version);
  update();
});

test("a module that is invalidated while it is read is read again", async () => {
  invalidateForGood(graph());
  assert.equal((await updatedWhileItIsRead()).later, version);
});

test("a runner runs what somebody else had transformed", async () => {
  fetchWhatIsNew(server.environments.ssr);
  assert.equal(await transformedBySomebodyElse(), version);
  assert.equal(await rendered(), version);
});

test("a module whose import was edited runs again, also where somebody else had it transformed", async () => {
  const { ssr } = server.environments;
  const shown = async () => (await ssr.runner.import("wall")).shown();
  await shown();
  update();
  await ssr.fetchModule("\0wall");
  await ssr.fetchModule(ID);
  assert.equal(await shown(), version);
});

test("who asks after an edit gets no answer that was begun before it, nor its error", async () => {
  assert.deepEqual(await updatedWhileItIsRead(), { meanwhile: version, later: version });
  missing = true;
  update();
  ({ promise: held, resolve: release } = Promise.withResolvers());
  const begins = loading();
  const failing = rendered().catch((error) => error);
  await begins;
  missing = false;
  update();
  const meanwhile = rendered();
  await new Promise((resolve) => setTimeout(resolve, 20));
  release();
  await failing;
  assert.equal(await meanwhile, version);
  missing = true;
  update();
  await assert.rejects(rendered, /gone/);
  missing = false;
  update();
});

test("a module that did not change runs once", async () => {
  const first = await server.environments.ssr.runner.import("clock");
  assert.equal(await server.environments.ssr.runner.import("clock"), first);
});
