// When an edit of Astro's configuration has taken effect: Astro reads the file, which may take
// seconds, and then has another dev server, or reports an error and keeps the one before.
//
// Astro ignores edits that arrive while it restarts, although it may have read the file before: the
// site would keep the earlier configuration. So Astro is notified again after such a restart, which
// may be for another file (`tsconfig.json`, `.env`, what an integration watches).

import path from "node:path";

/** After this, edits count as handled: Astro has not begun to restart. */
const LONGEST_MS = 15_000;

/** A restart that takes longer may have no end (`await new Promise(() => {})`). */
export const SLOW_MS = 15_000;

/** How the restart has ended is told within this time. */
const TOLD_MS = 100;

export class Restarts {
  #root;
  #named;
  /** Files of edits that Astro has ignored, as far as is known. @type {Set<string>} */
  #missed = new Set();
  /** There is a new server, whose files Astro does not follow yet. */
  #deaf = false;
  /** Astro restarts, as far as is known. A configuration may take any time to load. */
  #underWay = false;
  /** It has begun in this very turn: for the edit that is being told. */
  #beginning = false;
  /** It takes long. */
  #slow = false;
  /** @type {NodeJS.Timeout | undefined} */
  #slowTimer;
  /** Called when a restart begins to take long. */
  onSlow = () => {};
  /**
   * Called when the configuration has been edited while a restart takes long: the restart that is
   * under way does not end for it.
   */
  onStuck = () => {};
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  /** @type {PromiseWithResolvers<void> | undefined} */
  #due;

  /**
   * @param {string} root the site's folder
   * @param {unknown} [file] the configuration, if it does not have one of Astro's names
   */
  constructor(root, file) {
    this.#root = root;
    this.#named = typeof file === "string" ? path.resolve(root, file) : undefined;
  }

  /**
   * A file of the site was changed.
   * @param {string} file
   */
  edited(file) {
    if (!this.#isConfiguration(file)) return;
    // Before 7 Astro closes the server, and its watcher, long before it has another one.
    const busy = this.#due || this.#underWay;
    if (this.#deaf || (busy && !this.#beginning)) this.#missed.add(file);
    this.#due ??= Promise.withResolvers();
    this.#wait();
    if (this.#slow) this.onStuck();
  }

  #wait() {
    clearTimeout(this.#timer);
    if (this.#underWay) return;
    this.#timer = setTimeout(() => {
      this.#missed.clear();
      this.ended();
    }, LONGEST_MS).unref();
  }

  /**
   * In the place of what Astro notes (accelerations.mjs): whether it restarts.
   * @param {boolean} underWay
   */
  restarting(underWay) {
    this.#underWay = underWay;
    this.#beginning = underWay;
    queueMicrotask(() => (this.#beginning = false));
    clearTimeout(this.#slowTimer);
    this.#slow = false;
    if (underWay) {
      this.#due ??= Promise.withResolvers();
      this.#slowTimer = setTimeout(() => this.#takeLong(), SLOW_MS).unref();
    } else setTimeout(() => !this.#underWay && this.ended(), TOLD_MS).unref();
    if (this.#due) this.#wait();
    return underWay;
  }

  /**
   * In the place of Astro's `false`: it does not look at an edited file, since it restarts
   * (accelerations.mjs). `watched` are the files that integrations and Astro restart for.
   * @param {string} file
   * @param {string[]} [watched]
   * @returns {false}
   */
  ignored(file, watched = []) {
    const name = path.resolve(this.#root, file);
    const restarts =
      name === path.join(this.#root, "tsconfig.json") ||
      watched.some((each) => path.resolve(this.#root, each) === name);
    if (restarts || this.#isConfiguration(name)) this.#missed.add(name);
    if (this.#slow && this.#missed.has(name)) this.onStuck();
    return false;
  }

  #takeLong() {
    this.#slow = true;
    if (this.#missed.size > 0) return this.onStuck();
    this.onSlow();
    this.#due?.resolve();
    this.#due = undefined;
  }

  /** A restart has made another server. */
  replaced() {
    this.#deaf = true;
  }

  /** Another server listens, or the configuration has an error. */
  ended() {
    if (this.#missed.size > 0) return;
    clearTimeout(this.#timer);
    this.#due?.resolve();
    this.#due = undefined;
  }

  /** Astro is ready for the next edit. The files that it has to be notified of. */
  ready() {
    const files = [...this.#missed];
    this.#missed.clear();
    this.#deaf = false;
    return files;
  }

  /** @param {string} file */
  #isConfiguration(file) {
    if (this.#named) return file === this.#named;
    return /^astro\.config\.[cm]?[jt]s$/.test(path.relative(this.#root, file));
  }

  /** Resolves when the last edit has taken effect. */
  settled() {
    return this.#due?.promise ?? Promise.resolve();
  }
}
