// Which reloads a page may replace by an update in place: those that are asked for because pages
// render differently, and no others (S2).

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { EventEmitter } from "node:events";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { FileEvents } from "../../../container/astro/lib/events.mjs";
import { TEMPORARY } from "../../../container/astro/lib/messages.mjs";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "rendering-")));
after(() => rmSync(folder, { recursive: true, force: true }));
const reload = { type: /** @type {const} */ ("full-reload"), path: "*" };
const vite5 = /** @type {any} */ ({});
const vite8 = /** @type {any} */ ({ environments: {} });

/**
 * A function that calls another from a module of Astro.
 * @param {string} name of the module below `astro/dist/`
 * @returns {Promise<(call: () => unknown) => any>}
 */
async function fromAstro(name) {
  const file = path.join(folder, "astro/dist", name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, "export function send(call) { return call(); }");
  return (await import(pathToFileURL(file).href)).send;
}

test("what Astro asks for by itself is of the rendering", async () => {
  const send = await fromAstro("vite-plugin-hmr-reload/index.mjs");
  const transform = new FileEvents(folder, () => {}).renderTransform();
  assert.equal(send(() => transform(reload, vite8)).inPlace, 0);
});

test("who asks is found without text of the stack, which is slow to map to sources", async () => {
  const send = await fromAstro("vite-plugin-hmr-reload/index.mjs");
  const transform = new FileEvents(folder, () => {}).renderTransform();
  const { prepareStackTrace } = Error;
  const mapped = () => assert.fail("the stack was made a text");
  Error.prepareStackTrace = mapped;
  try {
    assert.equal(send(() => transform(reload, vite8)).inPlace, 0);
    assert.equal(Error.prepareStackTrace, mapped, "the site's own is in place again");
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
});

test("what Vite asks for is not, although it passes through Astro: a script was edited", async () => {
  const send = await fromAstro("core/module-loader/vite.mjs");
  const transform = new FileEvents(folder, () => {}).renderTransform();
  for (const triggeredBy of ["/site/src/announce.ts", "/site/src/Card.astro"])
    assert.equal(send(() => transform({ ...reload, triggeredBy }, vite8)).inPlace, undefined);
});

test("Vite 5 reloads for Astro, and for a component's script", () => {
  const file = path.join(folder, "Card.astro");
  writeFileSync(file, "<p>one</p><script>one()</script>");
  const events = new FileEvents(folder, () => {});
  const served = /** @type {any} */ (events.scripts.plugin().transform).handler;
  served.call({}, "", `${file}?astro&type=script&index=0&lang.ts`, { ssr: false });
  const shown = () => events.renderTransform()({ ...reload, triggeredBy: file }, vite5).inPlace;
  writeFileSync(file, "<p>two</p><script>one()</script>");
  assert.equal(shown(), 0);
  writeFileSync(file, "<p>three</p><script>two()</script>");
  assert.equal(shown(), undefined);
});

test("a file that the API is about to rename into place is no edit", async () => {
  const send = await fromAstro("vite-plugin-hmr-reload/index.mjs");
  const heard = /** @type {string[]} */ ([]);
  const events = new FileEvents(
    folder,
    () => {},
    (event, file) => heard.push(`${event} ${path.basename(file)}`),
  );
  const watcher = /** @type {any} */ (new EventEmitter());
  const moduleGraph = { getModulesByFile: () => undefined };
  events.attach(/** @type {any} */ ({ watcher, moduleGraph }));
  const written = path.join(folder, `.0123${TEMPORARY}`);
  const page = path.join(folder, "index.astro");
  for (const file of [written, page]) writeFileSync(file, "<p>one</p>");
  watcher.emit("add", written);
  watcher.emit("add", page);
  rmSync(written);
  watcher.emit("unlink", written);
  assert.deepEqual(heard, ["add index.astro"]);
  assert.equal(send(() => events.renderTransform()(reload, vite8)).inPlace, 1);
});
