// What goes wrong with entries of content collections, for pages to show, and the way back from it.
//
// Astro tells its log only. And where an entry breaks its schema while a collection is read as a
// whole (at the start, after an edit of the schema), Astro gives up before it follows the
// collection's files: pages are out of date, or empty, from then on. Here the collections are read
// again with the next edit, until that works.
//
// Astro does not report an error in their configuration either: it keeps the collections as they were.

import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * After an edit, collections that could not be read are read again: writers make several edits in a
 * row, and one may come while they are read.
 */
const AGAIN_MS = [60, 300, 1000, 3000];
/**
 * After this, an edited entry that was not read again is what it was before it was broken: loaders
 * skip those.
 */
const SKIPPED_MS = 300;
/** Where Astro looks for the configuration of collections, from Astro 5 on and before. */
export const CONTENT_CONFIG = /[\\/]content[.\\/]config\.(mjs|js|mts|ts)$/;
const CONTENT_CONFIGS = ["content.config", "content/config"].flatMap((name) =>
  ["mjs", "js", "mts", "ts"].map((extension) => `${name}.${extension}`),
);
/** Vite's error for what a server loads that a restart has closed meanwhile. */
const CLOSED = /transport was disconnected|The server is being restarted or closed/;
/** What loaders do not read. */
const NO_ENTRY = /\.(astro|css|scss|sass|less|jsx|tsx|vue|svelte)$/;
const LOADER = /[\\/]astro[\\/]dist[\\/]content[\\/]loaders[\\/]glob\.js(?:\?|$)/;
/** In 4.16 to 7.3. Without it front matter that cannot be parsed is reported in the log only. */
const TAKEN_APART = "await entryType.getEntryInfo(";
/** How a module finds the collections: see accelerations.mjs. */
const HERE = 'globalThis[Symbol.for("astro-live")].collections';
/** One edit of a schema may break hundreds of entries. */
const REPORT_MS = 20;
/** Astro loads an edited configuration after 50 ms, and never loads one that it does not use. */
const LOADS_MS = 1000;
/** After a restart Astro loads the configuration and follows it then: before 5.1 never. */
const DEAF_MS = 5000;
/** A loader may read for minutes, or never end. */
const FOLLOWS_MS = 10_000;

/**
 * The configurations of collections that are there.
 * @param {string} sources the site's `srcDir`
 */
export function contentConfigs(sources) {
  return CONTENT_CONFIGS.filter((name) => existsSync(path.join(sources, name))).join(", ");
}

/** Astro's content layer. @typedef {{ sync: () => Promise<unknown> }} Layer */

export class Collections {
  /** Errors by file, or by entry where a loader names no file. @type {Map<string, Error>} */
  #errors = new Map();
  /**
   * The content layer that has to read again, and what was wrong the last time.
   * @type {{ layer: Layer, error?: Error } | undefined}
   */
  #failed;
  /** @type {((error: import("./types.d.mts").Thrown | undefined) => void) | undefined} */
  #onError;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #attempts = 0;
  /** Readings that are not done, and whether files were edited meanwhile. */
  #readings = 0;
  #missed = false;
  /** How often the schema was edited since collections were read last. */
  #schemas = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #reporting;
  /** The configuration that was edited last, and what is wrong with it. */
  #config = "";
  /** @type {Error | undefined} */
  #configError;
  /**
   * After an edit of the configuration: Astro has not begun to load it.
   * @type {NodeJS.Timeout | undefined}
   */
  #expected;
  #loading = false;
  /** The edited configuration, until Astro begins to load it. */
  #unheard = "";
  /**
   * Astro has another dev server, whose files it does not follow yet.
   * @type {NodeJS.Timeout | undefined}
   */
  #deaf;
  /** The configuration that was edited since a restart has begun. */
  #editedSince = "";
  /** Loads of a configuration that was edited meanwhile. */
  #mixed = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #limit;
  /** @type {PromiseWithResolvers<void> | undefined} */
  #due;
  /** Gets the absolute path of each entry that a loader reads. @type {(file: string) => void} */
  onRead = () => {};
  /** Called when every collection has been read. */
  onComplete = () => {};
  /** Gets a configuration whose edit Astro has not heard of. @type {(file: string) => void} */
  onUnheard = () => {};

  /**
   * Vite plugin. Astro's loader of files is a module of the site's: `parts` takes its files apart.
   * @returns {import("vite").Plugin}
   */
  plugin() {
    return {
      name: "astro-live:collections",
      transform: {
        order: "pre",
        filter: { id: LOADER },
        /**
         * @param {string} code
         * @param {string} id
         */
        handler(code, id) {
          if (!LOADER.test(id)) return; // Vite before 6.3 ignores the filter
          return { code: code.replace(TAKEN_APART, `await ${HERE}.parts(entryType, `), map: null };
        },
      },
    };
  }

  /**
   * Gets the state of the collections' configuration, which Astro only stores.
   * @param {{ status: string, error?: Error, config?: { digest?: string } }} state
   */
  configured({ status, error, config }) {
    this.#loading = status === "loading";
    // During a restart, loads of the server of before begin as well.
    if (this.#loading && !this.#deaf) this.#unheard = "";
    if (!this.#unheard) {
      clearTimeout(this.#expected);
      this.#expected = undefined;
    } else if (config?.digest) {
      // Astro takes the digest of the file after it has loaded it, and does not read collections
      // for a configuration of the same digest: not for the one that it is about to load.
      config.digest += `-${++this.#mixed}`;
    }
    if (this.#loading) return;
    const closed = error !== undefined && CLOSED.test(error.message);
    if (closed && this.#due) this.#expect(this.#config); // of the next server
    const wrong = closed ? undefined : error;
    if (wrong || this.#configError) this.#report();
    this.#configError = wrong;
    queueMicrotask(() => this.#settle()); // Astro begins to read after this
  }

  /** A restart begins. */
  restarting() {
    this.#editedSince = "";
  }

  /**
   * A restart has made another dev server. It may have loaded the configuration as it was set up:
   * one that was edited meanwhile, for that of the file as it is now.
   */
  replaced() {
    if (this.#editedSince) this.#expect(this.#editedSince);
    this.#editedSince = "";
    clearTimeout(this.#deaf);
    this.#deaf = setTimeout(() => {
      this.#deaf = undefined;
      this.#settle();
    }, DEAF_MS).unref();
  }

  /** Astro follows files again, and loads an edited configuration. */
  followed() {
    clearTimeout(this.#deaf);
    this.#deaf = undefined;
    if (!this.#unheard) return this.#settle();
    this.#expect(this.#unheard);
    this.onUnheard(this.#unheard);
  }

  /** Resolves when the collections are as their configuration says since its last edit. */
  settled() {
    return this.#due?.promise ?? Promise.resolve();
  }

  #settle() {
    // Reading again, once: Astro may have nothing to read. It has not with an error.
    const again = this.#failed && !this.#failed.error && this.#attempts === 0;
    const reads = !this.#configError && (this.#readings > 0 || again);
    if (!this.#expected && !this.#loading && !reads && !this.#deaf) this.#settleNow();
  }

  #settleNow() {
    clearTimeout(this.#limit);
    this.#due?.resolve();
    this.#due = undefined;
  }

  /** Whether an error has come or gone that is not reported yet. */
  get busy() {
    return this.#reporting !== undefined;
  }

  /**
   * From now on errors are reported, not thrown: `onError(error)` gets the first of them, in the
   * order of their names, or undefined.
   * @param {(error: import("./types.d.mts").Thrown | undefined) => void} onError
   */
  watch(onError) {
    this.#onError = onError;
  }

  /**
   * Astro's `parseData` of a collection.
   * @template {{ id: string, filePath?: string }} Entry
   * @param {string} collection
   * @param {(entry: Entry) => Promise<unknown>} parseData
   */
  parse(collection, parseData) {
    return async (/** @type {Entry} */ entry) => {
      if (entry.filePath) this.onRead(entry.filePath);
      const key = entry.filePath || `${collection} → ${entry.id}`;
      return this.#during(key, () => parseData(entry));
    };
  }

  /**
   * Front matter and body of an entry's file, as the type of the file takes them apart. The loader
   * has the entry parsed only where the file is another one than the kept entry was made of, so what
   * was wrong with it is forgotten here.
   * @template {{ fileUrl: URL }} File
   * @template Parts
   * @param {{ getEntryInfo: (file: File) => Parts }} type
   * @param {File} file
   * @returns {Promise<Awaited<Parts>>}
   */
  async parts(type, file) {
    const name = fileURLToPath(file.fileUrl);
    this.onRead(name);
    return this.#during(name, () => type.getEntryInfo(file));
  }

  /**
   * What `work` gives. Its error is kept as that of `key`, and an earlier one is forgotten when it
   * has none.
   * @template Given
   * @param {string} key
   * @param {() => Given} work
   * @returns {Promise<Awaited<Given>>}
   */
  async #during(key, work) {
    try {
      const given = await work();
      if (this.#errors.delete(key)) this.#report();
      return given;
    } catch (error) {
      this.#errors.set(key, /** @type {Error} */ (error));
      this.#report();
      throw error;
    }
  }

  /**
   * The promise of a reading by the content layer.
   * @param {Layer} layer
   * @param {Promise<unknown>} reading
   */
  async read(layer, reading) {
    // Astro notes the digest of the file after it has loaded it: one that was edited again in
    // between is taken for known when it is loaded.
    const mixed = this.#schemas > 1;
    this.#schemas = 0;
    try {
      this.#readings++;
      await reading;
      // Astro reads nothing while the schema is being loaded, and takes it for read when that is
      // done. And it does not follow files while it reads.
      if ((this.#missed || mixed) && !this.#failed) this.#failed = { layer };
      if (this.#failed) this.#readAgain();
    } catch (error) {
      if (!this.#onError) throw error;
      if (CLOSED.test(String(error))) return; // the next server reads them
      this.#failed = { layer, error: /** @type {Error} */ (error) };
      this.#report();
      this.#readAgain();
    } finally {
      if (--this.#readings === 0) this.#missed = false;
      this.#settle();
    }
  }

  /** Every collection has been read. */
  complete() {
    this.#failed = undefined;
    this.#errors.clear();
    this.#report();
    this.onComplete();
  }

  /**
   * A file of the project has changed.
   * @param {string} event
   * @param {string} file
   */
  edited(event, file) {
    const error = this.#errors.get(file);
    if (error)
      setTimeout(
        () => this.#errors.get(file) === error && this.#forget(file),
        event === "unlink" ? 0 : SKIPPED_MS,
      ).unref();
    this.#attempts = 0;
    if (CONTENT_CONFIG.test(file)) {
      this.#editedSince = file;
      this.#expect(file);
    }
    this.#missed ||= this.#readings > 0 && !NO_ENTRY.test(file);
    if (this.#failed) this.#readAgain();
  }

  /** @param {string} config */
  #expect(config) {
    this.#config = config;
    this.#unheard = config;
    this.#schemas++;
    this.#due ??= Promise.withResolvers();
    clearTimeout(this.#limit);
    this.#limit = setTimeout(() => this.#settleNow(), FOLLOWS_MS).unref();
    clearTimeout(this.#expected);
    this.#expected = setTimeout(() => {
      this.#expected = undefined;
      this.#settle();
    }, LOADS_MS).unref();
  }

  #readAgain() {
    const wait = AGAIN_MS[this.#attempts];
    if (wait === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#attempts++;
      this.#failed?.layer.sync();
    }, wait).unref();
  }

  /** @param {string} file */
  #forget(file) {
    this.#errors.delete(file);
    this.#report();
  }

  #report() {
    this.#reporting ??= setTimeout(() => {
      this.#reporting = undefined;
      this.#tell();
    }, REPORT_MS).unref();
  }

  #tell() {
    if (this.#configError) {
      const { message, stack, ...more } = /** @type {import("./types.d.mts").Thrown} */ (
        this.#configError
      );
      const id = more.id ?? more.loc?.file ?? this.#config;
      return this.#onError?.(Object.assign(new Error(message), more, { stack, id }));
    }
    const [first] = [...this.#errors].sort(([one], [other]) => (one < other ? -1 : 1));
    if (!first) return this.#onError?.(this.#failed?.error);
    const [file, { message, ...more }] = first;
    const error = new Error(
      this.#errors.size > 1 ? `${message}\n(and ${this.#errors.size - 1} more)` : message,
    );
    this.#onError?.(Object.assign(error, more, path.isAbsolute(file) && { id: file }));
  }
}
