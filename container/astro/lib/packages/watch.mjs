// Edits of package.json and lock files while a site runs: packages are installed beside those in
// use, and the server is started again with the new ones. What cannot be read or installed is
// reported, and the running site stays as it is.
//
// A handful of files is looked at once a second: that works on every file system, and needs no part
// of Vite's watcher, which does not look above the site's folder.

import { stat } from "node:fs/promises";
import path from "node:path";

const LOOK_MS = 1000;
/** Looking may take at most this share of the time. */
const LARGEST_SHARE = 0.02;
/** Editors and Git write several of these files in a row. */
const SETTLE_MS = 300;

/** @typedef {ReturnType<typeof import("./attach.mjs").packageState>} State */

export class PackageWatch {
  #files;
  #state;
  #install;
  #onError;
  #onRestart;
  /** @type {string | undefined} */
  #known;
  /** @type {string | undefined} */
  #fingerprint;
  #failed = false;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #stopped = false;
  #busy = false;

  /**
   * `files()` lists the files to look at; `state()` gives their `fingerprint` and plan, or throws;
   * `install(state)` installs it. `onError(error)` gets what went wrong, and undefined once that is
   * over; `onRestart()` is called when another start would give another site.
   * @param {{ files: () => string[], state: () => State, install: (state: State) => Promise<void>,
   *   onError: (error: unknown) => void, onRestart: () => void }} options
   */
  constructor({ files, state, install, onError, onRestart }) {
    this.#files = files;
    this.#state = state;
    this.#install = install;
    this.#onError = onError;
    this.#onRestart = onRestart;
  }

  start() {
    try {
      this.#fingerprint = this.#state().fingerprint;
    } catch {
      // Edited since the start: the first look finds it.
    }
    this.#look();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /**
   * Someone wrote `file`: look at once.
   * @param {string} file
   */
  notice(file) {
    if (
      this.#stopped ||
      this.#busy ||
      !/^(package\.json|.*lock.*|\.npmrc|pnpm-workspace\.yaml|\.yarnrc\.yml|bunfig\.toml)$/.test(
        path.basename(file),
      )
    )
      return;
    clearTimeout(this.#timer);
    this.#look();
  }

  async #look() {
    if (this.#busy) return;
    this.#busy = true;
    const began = performance.now();
    const now = await this.#versions();
    const cost = performance.now() - began;
    try {
      if (this.#known !== undefined && now !== this.#known) await this.#changed(now);
      else this.#known = now;
    } finally {
      this.#busy = false;
      if (!this.#stopped) {
        this.#timer = setTimeout(() => this.#look(), Math.max(LOOK_MS, cost / LARGEST_SHARE));
        this.#timer.unref();
      }
    }
  }

  async #versions() {
    let files;
    try {
      files = this.#files();
    } catch {
      return "unreadable";
    }
    const versions = await Promise.all(
      files.map((/** @type {string} */ file) =>
        stat(file).then(
          ({ mtimeMs, size }) => `${file}:${mtimeMs}:${size}`,
          () => "",
        ),
      ),
    );
    return versions.join("\n");
  }

  /** @param {string} first */
  async #changed(first) {
    let now = first;
    for (let before; before !== now; ) {
      before = now;
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      now = await this.#versions();
    }
    this.#known = now;
    try {
      const state = this.#state();
      if (state.fingerprint !== this.#fingerprint) {
        await this.#install(state);
        if (this.#stopped) return;
        // The lock file may have been brought up to date meanwhile.
        this.#known = await this.#versions();
        this.#fingerprint = this.#state().fingerprint;
        this.#onRestart();
      } else if (this.#failed) this.#onError(undefined);
      this.#failed = false;
    } catch (error) {
      this.#failed = true;
      this.#onError(error);
    }
  }
}
