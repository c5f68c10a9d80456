// Errors of a start as messages for the parent, and texts within the bounds of a message (S1, S37).

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { bounded } from "../../../container/astro/lib/channel.mjs";
import { errorMessage, StartError } from "../../../container/astro/lib/failures.mjs";
import { LIMITS } from "../../../container/astro/lib/messages.mjs";
import { DependencyError } from "../../../container/astro/lib/packages/errors.mjs";
import { BuildError } from "../../../container/astro/lib/production/errors.mjs";

const ROOT = "/sites/demo";

test("an error of ours keeps its code and fix", () => {
  const ours = [
    new StartError("internal", "m", "f"),
    new DependencyError("m", "f"),
    new BuildError("m", "f", undefined),
  ];
  assert.deepEqual(
    ours
      .map((error) => errorMessage(error, ROOT))
      .map(({ code, message, fix }) => [code, message, fix]),
    ["internal", "install", "build"].map((code) => [code, "m", "f"]),
  );
});

test("a full disk is the disk's fault, a site's error names the place in the project", () => {
  assert.equal(
    errorMessage(Object.assign(new Error("x"), { code: "ENOSPC" }), ROOT).code,
    "storage",
  );
  const error = Object.assign(new Error("Unexpected token"), {
    loc: { file: `${ROOT}/astro.config.mjs`, line: 3, column: 1 },
  });
  const { code, message } = errorMessage(error, ROOT);
  assert.equal(code, "config");
  assert.match(message, /^astro\.config\.mjs:3/);
});

/**
 * What a site throws at its start, and what to do about it.
 * @type {Record<string, [Error, RegExp]>}
 */
const REMEDIES = {
  "a host out of reach": [
    new TypeError("fetch failed", {
      cause: Object.assign(new Error("getaddrinfo ENOTFOUND cms.example.com"), {
        code: "ENOTFOUND",
        hostname: "cms.example.com",
      }),
    }),
    /the site asks cms\.example\.com when it starts/,
  ],
  "a certificate": [
    new TypeError("fetch failed", {
      cause: Object.assign(new Error("x"), { code: "CERT_HAS_EXPIRED" }),
    }),
    /NODE_EXTRA_CA_CERTS/,
  ],
  "a part that was not built": [
    new Error("Could not locate the bindings file. Tried:\n → x/build/Release/x.node"),
    /allowScripts/,
  ],
  "a part for another Node.js": [
    Object.assign(new Error("x"), { code: "ERR_DLOPEN_FAILED" }),
    /allowScripts/,
  ],
  "a package that is not there": [
    new Error("Cannot find module '@astrojs/sitemap' imported from 'astro.config.mjs'"),
    /add @astrojs\/sitemap to/,
  ],
  "a file that is not there": [
    new Error("Cannot find module './site.json'"),
    /^correct the site's configuration/,
  ],
  "variables of Astro's schema": [
    Object.assign(
      new Error(
        "The following variables are invalid:\n\n- **API_KEY** is missing\n- PORT is missing",
      ),
      {
        name: "EnvInvalidVariables",
      },
    ),
    /write API_KEY, PORT into the \.env file/,
  ],
  "a variable of the configuration": [
    new Error("SHOP_TOKEN is required"),
    /reads SHOP_TOKEN from the environment/,
  ],
  "a variable that has a default": [
    new Error("SITE is required"),
    /^correct the site's configuration/,
  ],
};

for (const [name, [error, fix]] of Object.entries(REMEDIES)) {
  test(`what to do about ${name}`, () => {
    const root = mkdtempSync(path.join(os.tmpdir(), "remedies-"));
    try {
      writeFileSync(
        path.join(root, "astro.config.mjs"),
        "const token = process.env.SHOP_TOKEN; const site = process.env.SITE ?? 'x';",
      );
      assert.match(/** @type {string} */ (errorMessage(error, root).fix), fix);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
}

test("a site may throw anything at all", () => {
  const circle = new Error("outer");
  circle.cause = circle;
  for (const thrown of [
    "text",
    undefined,
    null,
    7,
    {},
    Object.create(null),
    { message: Symbol("x"), code: 7 },
    circle,
    new Error("", { cause: new Error("inner") }),
  ]) {
    const found = errorMessage(thrown, ROOT);
    assert.equal(found.type, "error");
    assert.equal(typeof found.message, "string");
  }
});

test("a message is cut to its bounds, and is fit for JSON", () => {
  const longest = /** @type {number} */ (LIMITS.log.message);
  const cut = bounded({
    type: "log",
    level: "info",
    message: `\ud800${"x".repeat(longest)}`,
    extra: undefined,
  });
  assert.equal(cut.message.length, longest);
  assert.ok(cut.message.isWellFormed());
  assert.ok(!("extra" in cut));
});
