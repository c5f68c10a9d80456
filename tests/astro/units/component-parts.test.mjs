import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { createServer } from "../../../container/astro/node_modules/vite/dist/node/index.js";
import {
  Compilations,
  componentPartsPlugin,
} from "../../../container/astro/lib/component-parts.mjs";

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

test("a style and its page that are asked for together take one compilation", async () => {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), "parts-")));
  const file = path.join(root, "Card.astro");
  writeFileSync(file, "one");
  /** @type {any} */
  let current;
  const parts = componentPartsPlugin(() => current);
  let compilations = 0;
  const server = await createServer({
    root,
    configFile: false,
    logLevel: "silent",
    server: { middlewareMode: true, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
    plugins: [
      { ...parts, configureServer: undefined },
      {
        name: "astro:build",
        async transform(source, id) {
          if (id !== file) return;
          compilations++;
          await new Promise((resolve) => setImmediate(resolve));
          return `export default ${JSON.stringify(source)};`;
        },
        load: (id) => (id.includes("type=style") ? ":root {}" : undefined),
      },
    ],
  });
  try {
    const { ssr, client } = server.environments;
    current = {
      config: { root, server: { middlewareMode: false } },
      environments: server.environments,
      watcher: { on: () => {} },
    };
    parts.configureServer(current);
    const style = "/Card.astro?astro&type=style&index=0&lang.css";
    await ssr.transformRequest("/Card.astro");
    assert.equal(compilations, 1);
    for (const together of [
      () => [ssr.transformRequest("/Card.astro"), client.transformRequest(style)],
      () => [client.transformRequest(style), ssr.transformRequest("/Card.astro")],
    ]) {
      compilations = 0;
      writeFileSync(file, `edited ${Math.random()}`);
      for (const { moduleGraph } of [ssr, client]) moduleGraph.onFileChange(file);
      await Promise.all(together());
      assert.equal(compilations, 1);
    }
  } finally {
    await server.close();
    rmSync(root, { recursive: true });
  }
});
