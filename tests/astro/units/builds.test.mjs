// What may be kept of a session's builds (container/astro/lib/production/builds.mjs).

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { Builds } from "../../../container/astro/lib/production/builds.mjs";

const MEBIBYTE = 1024 * 1024;

async function made(/** @type {number} */ keptMib) {
  const folder = await mkdtemp(path.join(tmpdir(), "builds-"));
  const [local, kept] = [path.join(folder, "local"), path.join(folder, "kept")];
  const builds = new Builds({ local, kept, keep: 10, keptMib });
  const make = async (/** @type {number} */ number, /** @type {number} */ mib) => {
    await mkdir(path.join(local, String(number), "site"), { recursive: true });
    await writeFile(path.join(local, String(number), "site", "page.html"), `build ${number}`);
    await builds.finish(/** @type {any} */ ({ number, bytes: mib * MEBIBYTE, layout: {} }));
  };
  const listed = async () =>
    (await readdir(kept).catch(() => [])).filter((name) => /^\d+$/.test(name)).sort();
  return { folder, builds, make, listed };
}

test("the oldest builds go when all together are too large, not the one that is served", async () => {
  const { folder, builds, make, listed } = await made(10);
  for (const number of [1, 2, 3]) {
    await make(number, 3);
    await builds.store(number);
  }
  await builds.publish(1, true);
  assert.deepEqual(await listed(), ["1", "2", "3"]);
  await make(4, 3);
  await builds.store(4);
  assert.deepEqual(await listed(), ["1", "3", "4"]);
  await rm(folder, { recursive: true });
});

test("a build that is too large by itself is not kept, and takes no other's place", async () => {
  const { folder, builds, make, listed } = await made(10);
  await make(1, 10);
  await builds.store(1);
  await make(2, 11);
  await assert.rejects(
    builds.store(2),
    /it has 11 MiB; 10 MiB may be kept \(half of ASTRO_LIVE_SESSION_FILES_MIB\)/,
  );
  assert.deepEqual(await listed(), ["1"]);
  await rm(folder, { recursive: true });
});
