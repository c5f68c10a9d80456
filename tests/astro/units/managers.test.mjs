// Which package manager installs a project, in which release, and how its failures are reported
// (S27).

import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { hostsOf } from "../../../container/astro/lib/packages/locks.mjs";
import {
  installArguments,
  installVariables,
  managerOf,
} from "../../../container/astro/lib/packages/managers.mjs";
import {
  causeOf,
  isOutOfStep,
  progressOf,
  remedyFor,
} from "../../../container/astro/lib/packages/output.mjs";

/**
 * The result of `work(folder)` for a project of these files.
 * @template T
 * @param {Record<string, string>} files
 * @param {(folder: string) => T} work
 * @returns {T}
 */
function inProject(files, work) {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "managers-")));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const PLAIN = '{"name":"site","dependencies":{"astro":"^5"}}';
const NAMED = (/** @type {string} */ name) => `{"name":"site","packageManager":"${name}"}`;

/**
 * Files of a project; the manager, the release of it and the lock file that are taken.
 * @type {Record<string, [Record<string, string>, string, string, string?]>}
 */
const PROJECTS = {
  "no lock file": [{ "package.json": PLAIN }, "npm", "own"],
  npm: [{ "package.json": PLAIN, "package-lock.json": "{}" }, "npm", "own", "package-lock.json"],
  "pnpm, an old lock file": [
    { "package.json": PLAIN, "pnpm-lock.yaml": "lockfileVersion: 5.4\n" },
    "pnpm",
    "7",
    "pnpm-lock.yaml",
  ],
  "pnpm, format 6": [
    { "package.json": PLAIN, "pnpm-lock.yaml": "lockfileVersion: '6.0'\n" },
    "pnpm",
    "8",
    "pnpm-lock.yaml",
  ],
  "pnpm, format 9": [
    { "package.json": PLAIN, "pnpm-lock.yaml": "lockfileVersion: '9.0'\n" },
    "pnpm",
    "10",
    "pnpm-lock.yaml",
  ],
  "yarn classic": [
    { "package.json": PLAIN, "yarn.lock": "# yarn lockfile v1\n" },
    "yarn",
    "1",
    "yarn.lock",
  ],
  "yarn berry": [
    { "package.json": PLAIN, "yarn.lock": "__metadata:\n  version: 8\n" },
    "yarn",
    "4",
    "yarn.lock",
  ],
  bun: [{ "package.json": PLAIN, "bun.lock": "{}" }, "bun", "1", "bun.lock"],
  "named with a version": [{ "package.json": NAMED("pnpm@9.1.2") }, "pnpm", "9.1.2"],
  "named, and a lock file of another": [
    { "package.json": NAMED("pnpm@9.1.2"), "yarn.lock": "# yarn lockfile v1\n" },
    "yarn",
    "1",
    "yarn.lock",
  ],
  "two lock files, one is named": [
    {
      "package.json": NAMED("yarn@1.22.22"),
      "yarn.lock": "# yarn lockfile v1\n",
      "package-lock.json": "{}",
    },
    "yarn",
    "1.22.22",
    "yarn.lock",
  ],
  "a workspace protocol": [
    { "package.json": '{"dependencies":{"a":"workspace:*"}}' },
    "pnpm",
    "10",
  ],
  "two lock files, one fits": [
    {
      "package.json": PLAIN,
      "package-lock.json": '{"packages":{"":{}}}',
      "yarn.lock": '# yarn lockfile v1\n\nastro@^5:\n  version "5.0.0"\n',
    },
    "yarn",
    "1",
    "yarn.lock",
  ],
  devEngines: [{ "package.json": '{"devEngines":{"packageManager":{"name":"bun"}}}' }, "bun", "1"],
};

for (const [name, [files, manager, version, lock]] of Object.entries(PROJECTS)) {
  test(`manager: ${name}`, () => {
    const found = inProject(files, (folder) => managerOf(folder));
    assert.deepEqual([found.name, found.tool.version, found.lock], [manager, version, lock]);
  });
}

test("no manager runs a script of a package, and each keeps to the lock file when it is told to", () => {
  const quiet = /ignore-scripts|skip-build/;
  for (const [name, version, frozen] of /** @type {const} */ ([
    ["npm", "11.0.0", "ci"],
    ["pnpm", "10.0.0", "--frozen-lockfile"],
    ["yarn", "1.22.22", "--frozen-lockfile"],
    ["yarn", "2.4.3", "--immutable"],
    ["yarn", "4.0.0", "--immutable"],
    ["bun", "1.2.0", "--frozen-lockfile"],
  ])) {
    for (const lock of ["lock", undefined]) {
      const args = installArguments({ name, lock, version, frozen: true, cache: "/cache" });
      assert.equal(
        args.includes(frozen),
        lock !== undefined,
        `${name} ${version} ${lock}: ${args}`,
      );
      const variables = installVariables({
        name,
        version,
        cache: "/cache",
        folder: "/nowhere",
        environment: {},
      });
      assert.ok(
        args.some((arg) => quiet.test(arg)) || "YARN_ENABLE_SCRIPTS" in variables,
        `${name} ${version}`,
      );
    }
  }
});

test("the manager's own reason is told, and what to do about it", () => {
  const npm = [
    "npm error code ETARGET",
    "npm error notarget No matching version found for left-pad@99",
    "npm error A complete log of this run: x",
  ];
  const cause = causeOf("npm", npm);
  assert.match(cause, /No matching version/);
  assert.doesNotMatch(cause, /complete log/);
  assert.match(remedyFor("npm", cause), /correct the package's name or version/);
  const pnpm = causeOf("pnpm", [
    "Progress: resolved 1",
    " ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with frozen-lockfile",
  ]);
  assert.ok(isOutOfStep(pnpm));
  assert.match(remedyFor("pnpm", pnpm), /pnpm install/);
  assert.equal(causeOf("yarn", []), "it printed no reason");
  assert.match(remedyFor("bun", "something else"), /correct package.json or the lock file/);
});

test("progress is read from what a manager prints", () => {
  const npm = progressOf("npm", 20);
  npm.hear("npm http fetch GET 200 https://x");
  assert.equal(npm.text(), "1 of about 20 packages looked up");
  const pnpm = progressOf("pnpm", undefined);
  pnpm.hear("Progress: resolved 3, reused 1, done");
  assert.equal(pnpm.text(), "resolved 3, reused 1");
  const yarn = progressOf("yarn", undefined);
  yarn.hear("➤ YN0000: ┌ Fetch step");
  assert.equal(yarn.text(), "fetch step");
});

test("the places of packages that a lock file names are those that no registry setting replaces", () => {
  const place = "https://mirror.example.com";
  for (const text of [
    `"a": ["a@1.0.0", "${place}/a/-/a-1.0.0.tgz", {}, "sha512-x"],`, // bun.lock
    `  resolved "${place}/a/-/a-1.0.0.tgz#abc"`, // yarn.lock
    `    resolution: {integrity: sha512-x, tarball: ${place}/a/-/a-1.0.0.tgz}`, // pnpm-lock.yaml
    `"resolved": "${place}/a/-/a-1.0.0.tgz", "funding": {"url": "https://elsewhere.example.com/a"}`,
  ])
    assert.deepEqual(hostsOf(text), ["mirror.example.com"], text);
  for (const text of [
    undefined,
    "",
    '"resolved": "https://registry.npmjs.org/a/-/a-1.0.0.tgz"',
    'resolved "https://registry.yarnpkg.com/a/-/a-1.0.0.tgz#abc"',
    '"resolved": "https://user:password@mirror.example.com/a/-/a-1.0.0.tgz"', // no credentials in errors
  ])
    assert.deepEqual(hostsOf(text), [], text);
});
