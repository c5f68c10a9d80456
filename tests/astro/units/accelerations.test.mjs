// Which files Astro's list of routes is made of (S2), and that an acceleration whose places are gone
// is not said to be in force (S27).

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ACCELERATIONS,
  accelerated,
  ofRoutes,
} from "../../../container/astro/lib/accelerations.mjs";

test("the list of routes is made again for the files of its routes, wherever they are", () => {
  const routes = [
    { component: "src/pages/index.astro" },
    { component: "./src/pages/notes/[id].astro" },
    { component: "../shared/about.astro" },
    { component: "/abs/node_modules/kit/page.ts" },
    { component: "/old", redirectRoute: { component: "src/elsewhere/new.astro" } },
    { component: "" },
  ];
  const config = { srcDir: new URL("file:///site/src/") };
  const of = (/** @type {string} */ file) => ofRoutes(routes, file, config);
  for (const file of [
    "/site/src/pages/index.astro",
    "/site/src/pages/notes/[id].astro",
    "/shared/about.astro",
    "/abs/node_modules/kit/page.ts",
    "/site/src/elsewhere/new.astro",
    "/site/src/pages/not-listed.md",
    "/site/src/pages/notes/not-listed.astro",
  ])
    assert.ok(of(file), file);
  for (const file of [
    "/site/src/components/Card.astro",
    "/site/src/pages/_part.astro",
    "/site/src/pages/_parts/Part.astro",
    "/site/src/pages.astro",
    "/site/a",
  ])
    assert.ok(!of(file), file);
});

for (const acceleration of ACCELERATIONS)
  test(`${acceleration.name} is not in force in a module that has none of its places`, () => {
    assert.equal(accelerated(acceleration, "export const nothing = 0;"), undefined);
  });
