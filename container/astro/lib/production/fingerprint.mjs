// What a build is made from, as one text: it changes when a source file, the address or Astro
// changes.

import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { SKIPPED } from "../poll.mjs";
import { asError } from "../thrown.mjs";

/**
 * Of larger files the modification time counts: reading every image and video over the network
 * would take longer than the build.
 */
const LARGEST_READ = 256 * 1024;
/** Files are read this many at a time: a network disk answers each after some milliseconds. */
const AT_ONCE = 16;

/**
 * The fingerprint of the repository `repo`. `more` is what else the result depends on. Contents
 * count, and not the time of a write: a script that makes the same file again has changed nothing.
 * @param {string} repo @param {unknown} more
 */
export async function fingerprintOf(repo, more) {
  /** @type {string[]} */
  const files = [];
  await collect(repo, files);
  files.sort();
  const sums = new Array(files.length);
  let next = 0;
  const work = async () => {
    while (next < files.length) {
      const index = next++;
      sums[index] = await sumOf(files[index]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const hash = createHash("sha256").update(JSON.stringify(more));
  files.forEach((file, index) => hash.update(`${path.relative(repo, file)}\0${sums[index]}\n`));
  return hash.digest("hex");
}

async function collect(/** @type {string} */ folder, /** @type {string[]} */ files) {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) await collect(file, files);
    } else if (entry.isFile()) files.push(file);
  }
}

async function sumOf(/** @type {string} */ file) {
  try {
    const { size, mtimeMs } = await stat(file);
    if (size > LARGEST_READ) return `${size} ${mtimeMs}`;
    return createHash("sha256")
      .update(await readFile(file))
      .digest("base64");
  } catch (error) {
    return asError(error).code ?? "unreadable"; // went meanwhile
  }
}
