// When an edit of Astro's configuration has taken effect: Astro reads the file, which may take
// seconds, and then has another dev server, or reports an error and keeps the one before.
//
// Astro ignores edits that arrive while it restarts, although it may have read the file before: the
// site would keep the earlier configuration. So Astro is notified again after such a restart.

import path from "node:path";

/** After this, edits count as handled: Astro has not answered. */
const LONGEST_MS = 15_000;

export class Restarts {
  #root;
  #named;
  #file = "";
  #edits = 0;
  /** How many edits the restart that is under way has certainly read, and the last one had. */
  #reading = 0;
  #handled = 0;
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
    const name = path.relative(this.#root, file);
    if (this.#named ? file !== this.#named : !/^astro\.config\.[cm]?[jt]s$/.test(name)) return;
    this.#file = file;
    this.#edits++;
    if (!this.#due) {
      this.#due = Promise.withResolvers();
      this.#reading = this.#edits;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#reading = this.#edits;
      this.ended();
    }, LONGEST_MS).unref();
  }

  /** Another server listens, or the configuration has an error. */
  ended() {
    this.#handled = this.#reading;
    if (this.#handled < this.#edits) return;
    clearTimeout(this.#timer);
    this.#due?.resolve();
    this.#due = undefined;
  }

  /**
   * Astro is ready for the next edit. The file that it has to be notified of: it may have ignored an
   * edit of it.
   */
  ready() {
    if (this.#handled === this.#edits) return undefined;
    this.#reading = this.#edits;
    return this.#file;
  }

  /** Resolves when the last edit has taken effect. */
  settled() {
    return this.#due?.promise ?? Promise.resolve();
  }
}
