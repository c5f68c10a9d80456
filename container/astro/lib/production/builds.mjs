// The builds of a session: where they are, which is served, which sources were refused.
//
//     {folder}/published.json   which build is served
//     {folder}/refused.json     the sources that did not build last, and why
//     {folder}/3/build.json     what is known of build 3
//     {folder}/3/site/          what Astro made
//
// There are two such folders: one on the task's own disk, which builds are made in and served from,
// and one where they are kept beyond the task. What a task does not have it takes from there.

import { constants } from "node:fs";
import {
  copyFile,
  mkdir,
  open,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import path from "node:path";

const NUMBER = /^[1-9][0-9]{0,8}$/;
const RECORD = "build.json";
/** Files copied at a time: a network disk takes some milliseconds for each. */
const AT_ONCE = 16;
const MEBIBYTE = 1024 * 1024;
/** Of a record: a build's has some hundred bytes, a refusal's the text of an error. */
const LARGEST_RECORD = MEBIBYTE;
const mib = (/** @type {number} */ bytes) => Math.ceil(bytes / MEBIBYTE);
const PUBLISHED = "published.json";
const REFUSED = "refused.json";

/** @typedef {import("../messages.mjs").Build} Build */

export class Builds {
  #local;
  #kept;
  #keep;
  #keptBytes;

  /**
   * `keptMib` is what all builds that are kept may have together.
   * @param {{ local: string, kept?: string, keep?: number, keptMib?: number }} options
   */
  constructor({ local, kept, keep = 5, keptMib = Number.POSITIVE_INFINITY }) {
    this.#local = local;
    this.#kept = kept ?? local;
    this.#keep = keep;
    this.#keptBytes = keptMib * MEBIBYTE;
  }

  /** All good builds, the newest first. @returns {Promise<Build[]>} */
  async list() {
    /** @type {Map<number, Build>} */
    const found = new Map();
    for (const folder of new Set([this.#kept, this.#local])) {
      for (const number of await numbers(folder)) {
        const record = await readJson(path.join(folder, String(number), RECORD));
        if (record?.number === number && record.layout && !found.has(number))
          found.set(number, record);
      }
    }
    return [...found.values()].sort((one, other) => other.number - one.number);
  }

  /**
   * The build that is served, or was last: `{ build, pinned }`; `build` is the newest where the
   * record is lost.
   */
  async published() {
    const record =
      (await readJson(path.join(this.#kept, PUBLISHED))) ??
      (await readJson(path.join(this.#local, PUBLISHED)));
    const all = await this.list();
    const build = all.find(({ number }) => number === record?.build) ?? all[0];
    return {
      build,
      pinned: build !== undefined && build.number === record?.build && record?.pinned === true,
    };
  }

  /** Record which build is served. `pinned`: a start does not replace it by a newer one. */
  async publish(/** @type {number} */ number, /** @type {boolean} */ pinned) {
    await this.#write(PUBLISHED, { build: number, pinned });
  }

  /** The last refusal: `{ fingerprint, error }`, or undefined. */
  async refused() {
    return (
      (await readJson(path.join(this.#kept, REFUSED))) ??
      (await readJson(path.join(this.#local, REFUSED)))
    );
  }

  async refuse(
    /** @type {string} */ fingerprint,
    /** @type {import("./errors.mjs").BuildError} */ error,
  ) {
    await this.#write(REFUSED, { fingerprint, error });
  }

  async forgive() {
    for (const folder of new Set([this.#kept, this.#local]))
      await rm(path.join(folder, REFUSED), { force: true });
  }

  /** A new, empty folder to build in: `{ number, folder }`. */
  async begin() {
    await mkdir(this.#local, { recursive: true });
    const taken = [...(await numbers(this.#local)), ...(await numbers(this.#kept))];
    const made = new Set((await this.list()).map(({ number }) => number));
    // What did not become a good build is of no use to anybody.
    for (const number of await numbers(this.#local))
      if (!made.has(number)) await remove(path.join(this.#local, String(number)));
    const number = Math.max(0, ...taken) + 1;
    const folder = this.local(number);
    await mkdir(folder, { recursive: true });
    return { number, folder };
  }

  /** Where a build is on the task's own disk. */
  local(/** @type {number} */ number) {
    return path.join(this.#local, String(number));
  }

  /** Make a build in its folder a good one. @param {Build} build */
  async finish(build) {
    await replace(path.join(this.local(build.number), RECORD), build);
  }

  /** Copy a build to where builds are kept, unless it is there. */
  async store(/** @type {number} */ number) {
    const target = path.join(this.#kept, String(number));
    if (this.#kept === this.#local || (await readJson(path.join(target, RECORD)))) return;
    await this.#makeRoom(number);
    await copyBuild(this.local(number), target);
  }

  /**
   * Remove the oldest builds, not the one that is served, until this one fits what may be kept; an
   * error when it does not fit by itself.
   */
  async #makeRoom(/** @type {number} */ number) {
    const all = await this.list();
    const size = (/** @type {Build | undefined} */ build) => build?.bytes ?? 0;
    const own = size(all.find((build) => build.number === number));
    if (own > this.#keptBytes)
      throw new Error(
        `it has ${mib(own)} MiB; ${mib(this.#keptBytes)} MiB may be kept (half of ASTRO_LIVE_SESSION_FILES_MIB)`,
      );
    let used = all.reduce((sum, build) => sum + size(build), 0);
    const { build: served } = await this.published();
    for (const build of all
      .filter((other) => other.number !== number && other.number !== served?.number)
      .reverse()) {
      if (used <= this.#keptBytes) return;
      await remove(path.join(this.#kept, String(build.number)));
      used -= size(build);
    }
  }

  /** Have a build on the task's own disk; its folder. */
  async fetch(/** @type {number} */ number) {
    const target = this.local(number);
    if (!(await readJson(path.join(target, RECORD))))
      await copyBuild(path.join(this.#kept, String(number)), target);
    return target;
  }

  /** Folders of the other builds, the newest first, for what open pages of theirs ask for. */
  async others(/** @type {number} */ number) {
    const folders = [];
    for (const { number: other } of await this.list()) {
      if (other === number) continue;
      const local = this.local(other);
      folders.push(
        (await readJson(path.join(local, RECORD))) ? local : path.join(this.#kept, String(other)),
      );
    }
    return folders;
  }

  /** Remove the oldest builds above the number to keep; the one that is served stays. */
  async prune(/** @type {number | undefined} */ serving) {
    const all = await this.list();
    const spare = all.filter(({ number }) => number !== serving).slice(Math.max(0, this.#keep - 1));
    for (const { number } of spare) {
      for (const folder of new Set([this.#kept, this.#local]))
        await remove(path.join(folder, String(number)));
    }
  }

  async #write(/** @type {string} */ name, /** @type {unknown} */ value) {
    await mkdir(this.#local, { recursive: true });
    await replace(path.join(this.#local, name), value);
    if (this.#kept === this.#local) return;
    await mkdir(this.#kept, { recursive: true });
    await replace(path.join(this.#kept, name), value);
  }
}

async function numbers(/** @type {string} */ folder) {
  return (await readdir(folder).catch(() => [])).filter((name) => NUMBER.test(name)).map(Number);
}

/** Of a plain file only: other sites can write there too, and to read a pipe would never end. */
async function readJson(/** @type {string} */ file) {
  /** @type {import("node:fs/promises").FileHandle | undefined} */
  let handle;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const found = await handle.stat();
    return found.isFile() && found.size <= LARGEST_RECORD
      ? JSON.parse(await handle.readFile("utf8"))
      : undefined;
  } catch {
    return undefined;
  } finally {
    await handle?.close().catch(() => {});
  }
}

/** Write a file in one step. */
async function replace(/** @type {string} */ file, /** @type {unknown} */ value) {
  const next = `${file}.${process.pid}.new`;
  try {
    await writeFile(next, JSON.stringify(value));
    await rename(next, file).catch(async (error) => {
      if (error.code !== "EISDIR") throw error;
      await rm(file, { recursive: true, force: true });
      await rename(next, file);
    });
  } catch (error) {
    await rm(next, { force: true }).catch(() => {});
    throw error;
  }
}

/** Remove a build: what makes it one first, so that half of it is never taken for a whole one. */
async function remove(/** @type {string} */ folder) {
  await rm(path.join(folder, RECORD), { force: true }).catch(() => {});
  await rm(folder, { recursive: true, force: true }).catch(() => {});
}

/** Copy a whole build in one step: the copy has its name once it is complete. */
async function copyBuild(/** @type {string} */ from, /** @type {string} */ to) {
  const next = path.join(path.dirname(to), `.${path.basename(to)}.${process.pid}.new`);
  await rm(next, { recursive: true, force: true });
  try {
    await copyTree(from, next);
    await rm(to, { recursive: true, force: true });
    await rename(next, to);
  } catch (error) {
    await rm(next, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
}

async function copyTree(/** @type {string} */ from, /** @type {string} */ to) {
  /** @type {[string, string][]} */
  const files = [];
  await copyFolders(from, to, files);
  const work = async () => {
    for (let pair = files.pop(); pair; pair = files.pop()) await copyFile(pair[0], pair[1]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function copyFolders(
  /** @type {string} */ from,
  /** @type {string} */ to,
  /** @type {[string, string][]} */ files,
) {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) await copyFolders(source, target, files);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (entry.isFile()) files.push([source, target]);
  }
}
