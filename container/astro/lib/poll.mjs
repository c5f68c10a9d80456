// Polling beside native events (hybrid mode): it finds the writes of other machines to a shared file system, which raise no event
// here. It walks the project's sources and compares time and size, and rests in proportion to what a walk costs.

import { readdir, stat } from "node:fs/promises";
import path from "node:path";

/** Folders that hold no sources of a project. */
export const SKIPPED = new Set(["node_modules", ".git", ".astro", "dist"]);
/** A walk may take at most this share of the time. */
const LARGEST_SHARE = 0.05;

export class Poller {
  #root;
  #intervalMs;
  #tell;
  /** @type {Map<string, string> | undefined} */
  #known;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #running = false;

  /**
   * `tell(event, file)` gets `add`, `change` and `unlink` with absolute paths.
   * @param {string} root
   * @param {number} intervalMs
   * @param {(event: string, file: string) => void} tell
   */
  constructor(root, intervalMs, tell) {
    this.#root = root;
    this.#intervalMs = intervalMs;
    this.#tell = tell;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#round();
  }

  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  async #round() {
    const started = performance.now();
    const found = new Map();
    let complete = true;
    try {
      await walk(this.#root, found);
    } catch {
      complete = false; // The file system is away for a moment: nothing was deleted.
    }
    if (!this.#running) return;
    if (complete) {
      if (this.#known) this.#compare(found, this.#known);
      this.#known = found;
    }
    const rest = Math.max(this.#intervalMs, (performance.now() - started) / LARGEST_SHARE);
    this.#timer = setTimeout(() => this.#round(), rest);
    this.#timer.unref();
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

/**
 * @param {string} folder
 * @param {Map<string, string>} found
 */
async function walk(folder, found) {
  const entries = await readdir(folder, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) await walk(file, found);
      } else if (entry.isFile()) {
        const { mtimeMs, size } = await stat(file);
        found.set(file, `${mtimeMs}:${size}`);
      }
    }),
  );
}
