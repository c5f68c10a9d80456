// A stylesheet that travels with the message about it: only one that is nothing but a stylesheet
// (S2).

import assert from "node:assert/strict";
import test from "node:test";
import { styleOf, withStyles } from "../../../container/astro/lib/styles.mjs";

/** What Vite makes of a stylesheet. */
const MODULE = [
  'import { createHotContext as __vite__createHotContext } from "/@vite/client";import.meta.hot = __vite__createHotContext("/a.css");import { updateStyle as __vite__updateStyle, removeStyle as __vite__removeStyle } from "/@vite/client"',
  'const __vite__id = "/site/a.css"',
  'const __vite__css = "a{color:red}\\n"',
  "__vite__updateStyle(__vite__id, __vite__css)",
  "import.meta.hot.accept()",
  "import.meta.hot.prune(() => __vite__removeStyle(__vite__id))",
].join("\n");
const UPDATE = {
  type: /** @type {const} */ ("js-update"),
  path: "/a.css",
  acceptedPath: "/a.css",
  timestamp: 1,
};

test("a module that is a stylesheet is read", () => {
  assert.deepEqual(styleOf(MODULE), { id: "/site/a.css", css: "a{color:red}\n" });
});

test("a module with code of a plugin, and a longer one than a message takes, is not", () => {
  assert.equal(styleOf(`${MODULE}\nconsole.log(1)`), undefined);
  assert.equal(styleOf(MODULE.replace("accept()", "accept(console.log)")), undefined);
  assert.equal(styleOf(MODULE.replace("red", "r".repeat(128 << 10))), undefined);
});

test("only updates of stylesheets get one, and a failed transform is left to the page", async () => {
  const script = { ...UPDATE, path: "/a.ts", acceptedPath: "/a.ts" };
  const message = { type: /** @type {const} */ ("update"), updates: [UPDATE, script] };
  const complete = await withStyles(message, async () => ({ code: MODULE }));
  assert.deepEqual(complete.updates, [
    { ...UPDATE, style: { id: "/site/a.css", css: "a{color:red}\n" } },
    script,
  ]);
  const failed = await withStyles(message, async () => Promise.reject(new Error("no such file")));
  assert.deepEqual(failed.updates, [UPDATE, script]);
});
