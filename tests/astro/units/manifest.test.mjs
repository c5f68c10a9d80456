// package.json and settings files as somebody wrote them: read, or refused with the name of the
// file (S27, S37).

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import * as manifests from "../../../container/astro/lib/packages/manifest.mjs";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "manifest-")));
after(() => rmSync(folder, { recursive: true }));

/** A new folder with this file. @param {string} name @param {string} text */
function withFile(name, text) {
  const place = mkdtempSync(path.join(folder, "case-"));
  writeFileSync(path.join(place, name), text);
  return place;
}

for (const text of ["{", "", "[]", "null", "7", '"text"']) {
  test(`package.json is refused: ${JSON.stringify(text)}`, () => {
    assert.throws(() => manifests.readManifest(withFile("package.json", text)), {
      name: "DependencyError",
      code: "config",
    });
  });
}

test("package.json is read, with a byte order mark too, and may be missing", () => {
  assert.deepEqual(manifests.readManifest(withFile("package.json", '\uFEFF{"name": "site"}')), {
    name: "site",
  });
  assert.equal(manifests.readManifest(folder), undefined);
});

test("dependencies of a wrong type are left out", () => {
  const manifest = {
    dependencies: { a: "1", b: 2 },
    devDependencies: "none",
    optionalDependencies: { c: "3" },
  };
  assert.deepEqual(manifests.dependenciesOf(manifest), [
    ["a", "1"],
    ["c", "3"],
  ]);
  assert.equal(manifests.installPart({ scripts: { dev: "x" } }), manifests.installPart(undefined));
});

test("YAML is an object, or refused", () => {
  assert.deepEqual(manifests.readYaml(path.join(withFile("a.yaml", "packages: [a]"), "a.yaml")), {
    packages: ["a"],
  });
  assert.deepEqual(manifests.readYaml(path.join(withFile("a.yaml", "- a"), "a.yaml")), {});
  assert.deepEqual(manifests.readYaml(path.join(folder, "none.yaml")), {});
  assert.throws(
    () => manifests.readYaml(path.join(withFile("a.yaml", "a: [b"), "a.yaml")),
    /a\.yaml is not valid YAML/,
  );
});

test("a workspace is listed by pnpm's file, or by the field", () => {
  const pnpm = withFile("pnpm-workspace.yaml", "packages: [sites/*, 7]");
  assert.deepEqual(manifests.workspacePatterns(pnpm, { workspaces: ["other"] }), ["sites/*"]);
  assert.deepEqual(manifests.workspacePatterns(folder, { workspaces: { packages: ["a"] } }), ["a"]);
  assert.deepEqual(manifests.workspacePatterns(folder, {}), []);
});

test("links and folders are told apart", () => {
  const link = path.join(folder, "link");
  symlinkSync(path.join(folder, "nowhere"), link);
  mkdirSync(path.join(folder, "real"));
  assert.ok(manifests.isLink(link));
  assert.ok(!manifests.isFolder(link));
  assert.ok(manifests.isFolder(path.join(folder, "real")));
  assert.equal(manifests.statusOf(path.join(folder, "link", "below")), undefined);
  assert.equal(manifests.real(link), link);
});
