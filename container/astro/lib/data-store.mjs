// Astro's data store, handed to pages from memory.
//
// With every edit of an entry Astro writes all entries of all collections into one file, and pages
// load that file as a module: it is serialized, written, read, parsed, wrapped in code, transformed,
// run and parsed again. On a site of 1,850 articles that takes seconds. But the process that has
// the entries is the one that renders the pages, so they get a copy. The file spares the next start
// the reading of entries that have not changed; it is written when all of them have been read, when
// nobody is at work, and at the end.

import { fileURLToPath } from "node:url";
import { copyOf, NotCopied } from "./copies.mjs";

const MODULE = "\0astro:data-layer-content";
/** How a module finds the store: see accelerations.mjs. */
const HERE = 'globalThis[Symbol.for("astro-live")].store';

/** Entries by collection and id. @typedef {Map<string, Map<string, unknown>>} Collections */

export class DataStore {
  /** @type {{ file: string, entries: Collections, write: () => Promise<unknown> } | undefined} */
  #kept;
  /** Whether this process renders pages: those of a build read the file. */
  #live = false;
  /** Whether pages get what is kept. They get the file where it cannot be copied. */
  #given = false;
  /** Whether the file is older than what is kept. */
  #unsaved = false;
  /** Whether the file has been written since the session began. */
  #saved = false;
  /** Whether a module has asked for it: before, nobody shows anything. */
  #shown = false;
  #version = 0;
  /** @type {Promise<unknown>} */
  #saving = Promise.resolve();
  /** The file that Astro has read its store from, and will write it to. @type {string | URL} */
  file = "";
  /** Called when other entries than before are kept in the place of a file that Astro watches. */
  onChange = (/** @type {string} */ _file) => {};
  /** Called when the file could not be written. */
  onError = (/** @type {unknown} */ _error) => {};

  /** A session begins in this process: nothing is kept yet. */
  reset() {
    this.#live = true;
    this.#kept = undefined;
    this.#given = false;
    this.#unsaved = false;
    this.#saved = false;
    this.#shown = false;
  }

  /**
   * Astro is about to write the store: `collections` into `file` by `write()`. Resolves with
   * whether pages have to be rendered again; `watched` says that Astro finds that out from the
   * file, `sorted` that the file has everything in alphabetical order.
   * @param {string | URL | undefined} file
   * @param {Collections} collections
   * @param {() => Promise<unknown>} write
   * @param {{ watched: boolean, sorted: boolean }} options
   */
  async keep(file, collections, write, { watched, sorted }) {
    if (!this.#live || !file) return write(); // a release that names its file in another way
    const name = file instanceof URL ? fileURLToPath(file) : file;
    const before = this.#given && this.#kept?.file === name ? this.#kept.entries : undefined;
    const { entries, changed, copied } = taken(collections, before, sorted);
    this.#kept = { file: name, entries, write };
    this.#unsaved = true;
    this.#given = copied;
    if (!copied) return this.#save();
    this.#version++;
    if (!changed) return false;
    if (watched && this.#shown) setImmediate(() => this.onChange(name));
    return true;
  }

  /**
   * Whether nobody has to hear of a change of this file.
   * @param {string} file
   */
  holds(file) {
    return this.#given && file === this.#kept?.file;
  }

  /** Have the file written if it is older than what is kept. Never rejects. */
  async save() {
    try {
      if (this.#unsaved) await this.#save();
    } catch (error) {
      this.onError(error);
    }
  }

  /**
   * Every collection has been read, which takes much longer than to write the file once. Later the
   * next start has to read only what was edited since. Never rejects.
   */
  async read() {
    if (!this.#saved) await this.save();
  }

  /** A copy of what is kept, for one module of pages. @returns {Collections} */
  copy() {
    return /** @type {Collections} */ (copyOf(this.#kept?.entries ?? new Map()));
  }

  /**
   * Vite plugin. A server environment of another process (as Cloudflare's adapter has it) gets the
   * file.
   * @returns {import("vite").Plugin}
   */
  plugin() {
    const store = this;
    return {
      name: "astro-live:data-store",
      load: {
        order: "pre",
        filter: { id: new RegExp(`^${MODULE}$`) },
        /** @param {string} id */
        async handler(id) {
          if (id !== MODULE) return; // Vite before 6.3 ignores the filter
          store.#shown = true;
          if (!store.#given) return;
          if (this.environment && !("runner" in this.environment)) {
            await store.save();
            return;
          }
          const code = `export default ${HERE}.copy(); // ${store.#version}`;
          return { code, map: { mappings: "" } };
        },
      },
    };
  }

  /** One write after the other. */
  #save() {
    const saving = this.#saving
      .catch(() => {})
      .then(() => {
        this.#unsaved = false;
        this.#saved = true;
        return this.#kept?.write();
      });
    this.#saving = saving.catch(() => {
      this.#unsaved = true;
    });
    return saving;
  }
}

/**
 * The entries at this moment, whether they are others than `before`, and whether each of them can
 * be copied. An entry that was set again counts as another one.
 * @param {Collections} collections
 * @param {Collections | undefined} before
 * @param {boolean} sorted
 */
function taken(collections, before, sorted) {
  /** @type {Collections} */
  const entries = new Map();
  let changed = before?.size !== collections.size;
  let copied = true;
  for (const [name, collection] of sorted ? inOrder(collections, before) : collections) {
    const old = before?.get(name);
    entries.set(name, sorted ? inOrder(collection, old) : new Map(collection));
    changed ||= old?.size !== collection.size;
    for (const [id, entry] of collection) {
      if (old?.get(id) === entry) continue;
      changed = true;
      copied &&= canCopy(entry);
    }
  }
  return { entries, changed, copied };
}

/** @param {unknown} entry */
function canCopy(entry) {
  try {
    copyOf(entry);
    return true;
  } catch (error) {
    if (error instanceof NotCopied) return false;
    throw error;
  }
}

/**
 * A copy of the map in the order of its keys, which is that of `before` where these are the same.
 * @template T
 * @param {Map<string, T>} map
 * @param {Map<string, unknown> | undefined} before
 * @returns {Map<string, T>}
 */
function inOrder(map, before) {
  const same = before?.size === map.size && [...before.keys()].every((key) => map.has(key));
  const keys = same
    ? [...before.keys()]
    : [...map.keys()].sort((one, other) => one.localeCompare(other));
  return new Map(keys.map((key) => [key, /** @type {T} */ (map.get(key))]));
}
