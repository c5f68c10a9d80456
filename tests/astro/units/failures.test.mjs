// Errors of a start as messages for the parent, and texts within the bounds of a message (S1, S37).

import assert from "node:assert/strict";
import test from "node:test";
import { bounded } from "../../../container/astro/lib/channel.mjs";
import { errorMessage, StartError } from "../../../container/astro/lib/failures.mjs";
import { LIMITS } from "../../../container/astro/lib/messages.mjs";
import { DependencyError } from "../../../container/astro/lib/packages/errors.mjs";
import { BuildError } from "../../../container/astro/lib/production/errors.mjs";

const ROOT = "/sites/demo";

test("an error of ours keeps its code and fix", () => {
  const ours = [new StartError("internal", "m", "f"), new DependencyError("m", "f"), new BuildError("m", "f", undefined)];
  assert.deepEqual(
    ours.map((error) => errorMessage(error, ROOT)).map(({ code, message, fix }) => [code, message, fix]),
    ["internal", "install", "build"].map((code) => [code, "m", "f"]),
  );
});

test("a full disk is the disk's fault, a site's error names the place in the project", () => {
  assert.equal(errorMessage(Object.assign(new Error("x"), { code: "ENOSPC" }), ROOT).code, "storage");
  const error = Object.assign(new Error("Unexpected token"), { loc: { file: `${ROOT}/astro.config.mjs`, line: 3, column: 1 } });
  const { code, message } = errorMessage(error, ROOT);
  assert.equal(code, "config");
  assert.match(message, /^astro\.config\.mjs:3/);
});

test("a site may throw anything at all", () => {
  const circle = new Error("outer");
  circle.cause = circle;
  for (const thrown of ["text", undefined, null, 7, {}, Object.create(null), circle, new Error("", { cause: new Error("inner") })]) {
    const found = errorMessage(thrown, ROOT);
    assert.equal(found.type, "error");
    assert.equal(typeof found.message, "string");
  }
});

test("a message is cut to its bounds, and is fit for JSON", () => {
  const longest = /** @type {number} */ (LIMITS.log.message);
  const cut = bounded({ type: "log", level: "info", message: `\ud800${"x".repeat(longest)}`, extra: undefined });
  assert.equal(cut.message.length, longest);
  assert.ok(cut.message.isWellFormed());
  assert.ok(!("extra" in cut));
});
