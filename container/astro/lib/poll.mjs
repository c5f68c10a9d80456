// Walks of the project's sources beside native events, which compare time and size and rest in
// proportion to what they cost.
//
// In hybrid mode they go on all the time: they find the writes of other machines to a shared file
// system, which raise no event here. In native mode there is one after edits: chokidar misses some
// of them where many files are written at once and the processor is busy (bare Astro too).
//
// A walk in native mode may meet the next edit. Its file system is a local one, where a question
// that waits for its answer costs a quarter of the processor time of one that does not, and leaves
// no garbage. So it asks that way, a moment at a time, and makes way for an edit.

import { statSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { asError } from "./thrown.mjs";

/** Folders that hold no sources of a project. */
export const SKIPPED = new Set(["node_modules", ".git", ".astro", "dist"]);
/** A walk may take at most this share of the time, all the time or after edits. */
const LARGEST_SHARE = 0.05;
const LARGEST_SHARE_AFTER_EDITS = 0.25;
/**
 * After the last event of several, in native mode. The second walk finds what was written during
 * the first.
 */
const AFTER_EDITS_MS = [300, 1500];
/** Somebody who never stops editing waits no longer than this for a walk. */
const LONGEST_WAIT_MS = 3000;
/** Nothing else happens in a dev server for this long at a time while it walks. */
const SLICE_MS = 1;

/**
 * Fills `found` with the version of each file below a folder, by path. Whether it did so to the
 * end: `goOn()` may end it.
 * @typedef {(folder: string, found: Map<string, string>, goOn: () => boolean) => Promise<boolean>}
 *   WalkFolder
 */

export class Poller {
  #root;
  #intervalMs;
  #tell;
  #onWalked;
  #walkFolder;
  /** @type {Map<string, string> | undefined} */
  #known;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #running = false;
  #stopped = false;
  #walking = false;
  /**
   * A walk was due while another was under way: what that one passed already may have changed
   * since.
   */
  #due = false;
  /** When the first edit came that no walk has followed. @type {number | undefined} */
  #editedAt;
  /** When the last walk's rest is over. */
  #restedAt = 0;
  /** @type {NodeJS.Timeout[]} */
  #afterEdits = [];

  /**
   * `tell(event, file)` gets `add`, `change` and `unlink` with absolute paths, `onWalked(found)`
   * what there is after each walk.
   * @param {string} root
   * @param {number} intervalMs
   * @param {(event: string, file: string) => void} tell
   * @param {{ onWalked?: (found: Map<string, string>) => void, walkFolder?: WalkFolder }} [options]
   */
  constructor(root, intervalMs, tell, { onWalked = () => {}, walkFolder } = {}) {
    this.#root = root;
    this.#intervalMs = intervalMs;
    this.#tell = tell;
    this.#onWalked = onWalked;
    this.#walkFolder = walkFolder;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#round();
  }

  stop() {
    this.#running = false;
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const timer of this.#afterEdits) clearTimeout(timer);
    this.#afterEdits = [];
  }

  /** Note what there is, for walks after edits. */
  async begin() {
    await this.#walk();
  }

  /** A file has changed: look soon whether others have. */
  edited() {
    if (this.#running || this.#stopped || !this.#known) return;
    const now = performance.now();
    this.#editedAt ??= now;
    if (now - this.#editedAt > LONGEST_WAIT_MS) return;
    for (const timer of this.#afterEdits) clearTimeout(timer);
    const rest = this.#restedAt - now;
    this.#afterEdits = AFTER_EDITS_MS.map((wait) =>
      setTimeout(() => this.#walk(), Math.max(wait, rest + wait)).unref(),
    );
  }

  async #round() {
    await this.#walk();
    if (!this.#running) return;
    this.#timer = setTimeout(
      () => this.#round(),
      Math.max(this.#intervalMs, this.#restedAt - performance.now()),
    );
    this.#timer.unref();
  }

  async #walk() {
    if (this.#walking) {
      this.#due = true;
      return;
    }
    this.#walking = true;
    this.#due = false;
    const edited = this.#editedAt;
    this.#editedAt = undefined;
    const started = performance.now();
    // Another walk follows the edit that comes during this one.
    const goOn = () =>
      this.#editedAt === undefined ||
      performance.now() - (edited ?? this.#editedAt) > LONGEST_WAIT_MS;
    const walkFolder = this.#walkFolder ?? (this.#running ? walk : walkInSlices);
    /** @type {Map<string, string>} */
    const found = new Map();
    try {
      if (!(await walkFolder(this.#root, found, goOn))) {
        this.#editedAt = edited ?? this.#editedAt;
        return;
      }
      await stat(this.#root); // gone while it was walked, it may be away as a whole
      if (this.#stopped) return;
      if (this.#known) this.#compare(found, this.#known);
      this.#known = found;
      this.#onWalked(found);
    } catch {
      // The file system is away for a moment: nothing was deleted.
    } finally {
      this.#walking = false;
      const ended = performance.now();
      this.#restedAt =
        ended + (ended - started) / (this.#running ? LARGEST_SHARE : LARGEST_SHARE_AFTER_EDITS);
      if (this.#due && !this.#running && !this.#stopped) this.edited();
    }
  }

  /**
   * @param {Map<string, string>} found
   * @param {Map<string, string>} known
   */
  #compare(found, known) {
    for (const [file, version] of found) {
      const before = known.get(file);
      if (before === undefined) this.#tell("add", file);
      else if (before !== version) this.#tell("change", file);
    }
    for (const file of known.keys()) {
      if (!found.has(file)) this.#tell("unlink", file);
    }
  }
}

/** @type {WalkFolder} */
export async function walkInSlices(root, found, goOn) {
  let began = performance.now();
  const folders = [root];
  for (const folder of folders) {
    for (const entry of await entriesOf(folder, root)) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) folders.push(file);
      if (!entry.isFile()) continue;
      const known = statSync(file, { throwIfNoEntry: false });
      if (known) found.set(file, versionOf(known));
      if (performance.now() - began < SLICE_MS) continue;
      await turn();
      if (!goOn()) return false;
      began = performance.now();
    }
  }
  return true;
}

/**
 * @param {string} folder
 * @param {string} root
 */
async function entriesOf(folder, root) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (folder === root || asError(error).code !== "ENOENT") throw error;
    return []; // it has gone since
  }
}

/** @param {{ mtimeMs: number, size: number }} file */
function versionOf({ mtimeMs, size }) {
  return `${mtimeMs}:${size}`;
}

/**
 * @param {string} folder
 * @param {Map<string, string>} found
 */
export async function walk(folder, found) {
  const entries = await readdir(folder, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const file = path.join(folder, entry.name);
      try {
        if (entry.isDirectory()) {
          if (!SKIPPED.has(entry.name)) await walk(file, found);
        } else if (entry.isFile()) {
          found.set(file, versionOf(await stat(file)));
        }
      } catch (error) {
        if (asError(error).code !== "ENOENT") throw error; // it has gone since
      }
    }),
  );
  return true;
}
