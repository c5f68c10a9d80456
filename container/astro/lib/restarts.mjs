// When an edit of Astro's configuration has had its effect: Astro reads it, which may take seconds,
// and then has another dev server, or an error and the one before.

import path from "node:path";

/** An edit that comes while Astro restarts has no effect. */
const LONGEST_MS = 15_000;

export class Restarts {
  #root;
  #file;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  /** @type {(() => void)[]} */
  #waiting = [];

  /**
   * @param {string} root the site's folder
   * @param {unknown} [file] the configuration, where it has another name than Astro looks for
   */
  constructor(root, file) {
    this.#file = typeof file === "string" ? path.resolve(root, file) : undefined;
    this.#root = root;
  }

  /**
   * A file of the site was changed.
   * @param {string} file
   */
  edited(file) {
    const name = path.relative(this.#root, file);
    if (this.#file ? file !== this.#file : !/^astro\.config\.[cm]?[jt]s$/.test(name)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.ended(), LONGEST_MS).unref();
  }

  /** Another server listens, or the configuration has an error. */
  ended() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves when no restart is due. */
  settled() {
    if (!this.#timer) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(() => resolve(undefined)));
  }
}
