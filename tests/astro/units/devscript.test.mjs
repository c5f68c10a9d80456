// How a dev or build script is taken apart: what comes before Astro, what runs beside it, and
// Astro's own options (S27).

import assert from "node:assert/strict";
import test from "node:test";
import { astroCommand } from "../../../container/astro/lib/packages/devscript.mjs";

/**
 * @typedef {import("../../../container/astro/lib/packages/types.d.mts").AstroCommand} AstroCommand
 */

/**
 * A dev script, and what is expected of its parts; parts that are not named are empty.
 * @type {[string, Partial<AstroCommand>][]}
 */
const SCRIPTS = [
  ["astro dev", {}],
  ["npx astro dev --port 3000 --host", { options: { port: "3000", host: true } }],
  ["astro dev --root", { options: { root: true } }],
  ["node --import ./x.mjs node_modules/.bin/astro dev", {}],
  ["MODE=a cross-env-less astro dev", { found: false, unknown: "MODE=a cross-env-less astro dev" }],
  [
    "cross-env A=1 B='two words' astro dev --mode=staging",
    { variables: { A: "1", B: "two words" }, options: { mode: "staging" } },
  ],
  ["node make.mjs && astro dev", { before: ["node make.mjs"] }],
  ["a; b || c && astro dev && d", { before: ["a ; b || c"], after: ["d"] }],
  ["tsc -w & astro dev", { beside: ["tsc -w"] }],
  ["astro dev & tsc -w", { beside: ["tsc -w"] }],
  ["(cd a && b) && astro dev", { before: ["(cd a && b)"] }],
  ["cd docs && astro dev", { before: ["cd docs"], options: { root: "docs" } }],
  ["echo 'a && astro dev' && astro dev", { before: ["echo 'a && astro dev'"] }],
  ["dotenv -e .env -- astro dev", { wrapper: "dotenv" }],
  [
    "concurrently -n a,b 'tsc -w' 'astro dev --config x.mjs'",
    { beside: ["tsc -w"], options: { config: "x.mjs" } },
  ],
  ["run-p watch:* site", { beside: ["npm run watch:css", "npm run watch:data"] }],
  ["run-s make site", { before: ["npm run make"] }],
  ["npm-run-all --parallel make site", { beside: ["npm run make"] }],
  ["pnpm site", {}],
  ["node --run site", {}],
  ["conc npm:watch:css npm:site", { beside: ["npm run watch:css"] }],
  ["vite dev", { found: false, unknown: "vite dev" }],
];

const OTHERS = {
  site: "astro dev",
  make: "node make.mjs",
  "watch:css": "tailwind -w",
  "watch:data": "node data.mjs",
};

for (const [dev, expected] of SCRIPTS) {
  test(`dev script: ${dev}`, () => {
    const { script, wrapper, ...parts } = astroCommand({ scripts: { ...OTHERS, dev } });
    assert.equal(script, "dev");
    const nothing = { found: true, before: [], beside: [], after: [], options: {}, variables: {} };
    assert.deepEqual({ ...parts, ...(wrapper && { wrapper }) }, { ...nothing, ...expected });
  });
}

test("another script starts Astro where there is none of the name", () => {
  assert.equal(astroCommand({ scripts: { start: "astro dev" } }).script, "start");
  assert.equal(
    astroCommand({ scripts: { build: "tsc && astro build" } }, "build").before[0],
    "tsc",
  );
  assert.deepEqual(astroCommand({ scripts: { dev: 7 } }).script, undefined);
  assert.deepEqual(astroCommand(undefined).found, true);
});

test("a script that calls itself ends", () => {
  assert.equal(astroCommand({ scripts: { dev: "npm run dev" } }).found, false);
});
