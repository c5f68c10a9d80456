// A package that is asked for by its name after Vite has bundled packages again (S1).

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { createServer } from "../../../container/astro/node_modules/vite/dist/node/index.js";
import { forgetOutdated } from "../../../container/astro/lib/outdated.mjs";

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "outdated-")));
after(() => rmSync(root, { recursive: true, force: true }));
/** `first` and `second` share a package, so that the second one's bundle changes the first one's. */
const PACKAGES = {
  shared: "export const shared = {};",
  first: 'export { shared as first } from "shared";',
  second: 'export { shared as second } from "shared";',
};
for (const [name, code] of Object.entries(PACKAGES)) {
  const folder = path.join(root, "node_modules", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "index.js"), code);
  writeFileSync(
    path.join(folder, "package.json"),
    JSON.stringify({ name, version: "1.0.0", type: "module", main: "index.js" }),
  );
}

test("it is the new bundle, not 504 until the next start", async () => {
  const server = await createServer({
    root,
    configFile: false,
    logLevel: "silent",
    appType: "custom",
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  });
  after(() => server.close());
  const { client } = server.environments;
  forgetOutdated(client);
  await client.transformRequest("first");
  const bundled = () => client.depsOptimizer?.metadata.optimized.first?.browserHash;
  const before = bundled();
  await client.transformRequest("second");
  const deadline = Date.now() + 20_000;
  while (bundled() === before && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.notEqual(bundled(), before);
  for (const _ of [1, 2])
    assert.match((await client.transformRequest("first"))?.code ?? "", /first/);
});
