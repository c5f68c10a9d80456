// Imports that did not find their file, and the file that comes after all.
//
// Vite does not look again: on the server it leaves such an import as it is, for good. So each is
// kept here, with what resolves it, and tried again whenever a file was written. The importer then
// counts as edited.

import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";

/** The file may have come between the search for it and this note. */
const LOOKS_MS = [100, 500];
/** A plugin that takes longer to resolve an import keeps nobody from looking for others. */
const PATIENCE_MS = 2000;
const MOST_IMPORTS = 1000;

/**
 * Set while an import is resolved again. A plugin that asks the others in turn, as Astro's for
 * images of content does, has the import noted again then, and each note is resolved again.
 */
const looking = new AsyncLocalStorage();

export class Unresolved {
  /** @type {Map<string, { importer: string, resolve: () => Promise<unknown> }>} */
  #imports = new Map();
  #looking = false;
  #due = false;
  /**
   * Whether imports were noted since, by how long they wait for a look.
   * @type {Map<number, boolean>}
   */
  #later = new Map();
  /** @type {(file: string) => void} */
  #onFound = () => {};

  /**
   * `onFound(file)` is called with the file of an importer whose import can be resolved now.
   * @param {(file: string) => void} onFound
   */
  watch(onFound) {
    this.#onFound = onFound;
  }

  /**
   * @param {string} key the same for the same import
   * @param {string} importer its file
   * @param {() => Promise<unknown>} resolve gets nothing while the file is missing
   */
  note(key, importer, resolve) {
    if (looking.getStore()) return;
    if (this.#imports.size >= MOST_IMPORTS)
      this.#imports.delete(this.#imports.keys().next().value ?? "");
    this.#imports.set(key, { importer, resolve });
    for (const wait of LOOKS_MS) this.#lookIn(wait);
  }

  /**
   * In so many milliseconds at the earliest, and once for all that were noted meanwhile.
   * @param {number} wait
   */
  #lookIn(wait) {
    if (this.#later.has(wait)) return this.#later.set(wait, true);
    this.#later.set(wait, false);
    setTimeout(() => {
      const more = this.#later.get(wait);
      this.#later.delete(wait);
      this.look();
      if (more) this.#lookIn(wait);
    }, wait).unref();
  }

  /** A file has come. Those that come while imports are resolved are looked for together. */
  async look() {
    this.#due = true;
    if (this.#looking) return;
    this.#looking = true;
    try {
      while (this.#due) {
        this.#due = false;
        await this.#lookOnce();
      }
    } finally {
      this.#looking = false;
    }
  }

  async #lookOnce() {
    /** @type {Set<string>} */
    const found = new Set();
    let over = false;
    const looks = [...this.#imports].map(async ([key, missing]) => {
      const resolve = () => missing.resolve().catch(() => undefined);
      if (!(await looking.run(true, resolve)) || this.#imports.get(key) !== missing) return;
      this.#imports.delete(key);
      if (over) this.#onFound(missing.importer);
      else found.add(missing.importer);
    });
    await Promise.race([Promise.all(looks), sleep(PATIENCE_MS, undefined, { ref: false })]);
    over = true;
    for (const importer of found) this.#onFound(importer);
  }

  /** Vite plugin: hears of every import that no other plugin and not Vite has resolved. */
  plugin() {
    const unresolved = this;
    return {
      name: "astro-live:unresolved",
      enforce: /** @type {const} */ ("post"),
      resolveId: {
        order: /** @type {const} */ ("post"),
        /**
         * @this {{ environment?: { name: string }, resolve: (source: string, importer?: string,
         *   options?: { skipSelf?: boolean }) => Promise<unknown> }}
         * @param {string} source
         * @param {string | undefined} importer
         * @param {{ ssr?: boolean, scan?: boolean }} [options]
         */
        handler(source, importer, options) {
          const file = importer?.split("?")[0] ?? "";
          if (
            options?.scan ||
            !/^\.{0,2}\//.test(source) ||
            !file.startsWith("/") ||
            file.includes("/node_modules/")
          )
            return;
          const where = this.environment?.name ?? String(options?.ssr);
          unresolved.note([where, importer, source].join("\n"), file, () =>
            this.resolve(source, importer, { skipSelf: true }),
          );
        },
      },
    };
  }
}
