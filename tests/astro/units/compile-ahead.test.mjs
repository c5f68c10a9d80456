// Edited modules are compiled before a page asks for them, and no others (S32).

import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { createServer } from "../../../container/astro/node_modules/vite/dist/node/index.js";
import { CompileAhead } from "../../../container/astro/lib/compile-ahead.mjs";
import { FileEvents } from "../../../container/astro/lib/events.mjs";

const until = async (/** @type {() => boolean} */ holds) => {
  const deadline = performance.now() + 30_000;
  while (!holds()) {
    assert.ok(performance.now() < deadline);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

test("what a page was made of is compiled again when its file changes, while a page is open", async () => {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), "ahead-")));
  const write = (/** @type {string} */ name, /** @type {string} */ text) =>
    writeFileSync(path.join(root, name), text);
  write("used.js", "export default 1;");
  write("unused.js", "export default 1;");
  const server = await createServer({
    root,
    configFile: false,
    logLevel: "silent",
    server: { middlewareMode: true, ws: false },
  });
  try {
    const { ssr } = server.environments;
    const clients = new Set();
    const seen = /** @type {any} */ ({ environments: server.environments, ws: { clients } });
    const ahead = new CompileAhead(() => seen);
    const events = new FileEvents(root, () => {});
    let handled = 0;
    events.onHandled = (file) => {
      ahead.handled(file);
      handled++;
    };
    events.attach(/** @type {any} */ (server));
    await ssr.transformRequest("/used.js");
    const edit = async (/** @type {string} */ name, /** @type {string} */ text) => {
      const before = handled;
      write(name, text);
      events.tell("change", path.join(root, name));
      await until(() => handled > before);
    };
    const compiled = () =>
      [...(ssr.moduleGraph.getModulesByFile(path.join(root, "used.js")) ?? [])].map(
        ({ transformResult }) => transformResult?.code ?? "",
      );
    await edit("used.js", "export default 22;");
    assert.deepEqual(compiled(), [""], "nobody looks");
    clients.add({});
    await edit("used.js", "export default 333;");
    await until(() => compiled().every((code) => code.includes("333")));
    await edit("used.js", "export default {");
    await edit("used.js", "export default 4444;");
    await until(() => compiled().every((code) => code.includes("4444")));
    await edit("unused.js", "export default 2;");
    assert.equal(ssr.moduleGraph.getModulesByFile(path.join(root, "unused.js")), undefined);
  } finally {
    await server.close();
    rmSync(root, { recursive: true });
  }
});
