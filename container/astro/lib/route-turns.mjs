// Astro's lists of routes, made one after the other.
//
// Astro makes its list again for each file that comes or goes, several at once if need be, and the
// one that ends last is kept: where it was begun first, a page that was deleted and written again
// stays away (5.0 to 7.3). A file that goes while the list is made is an error, after which the list
// stays as it was. And a writer may delete a page and write it again: a list that is made for another
// file in between lacks the page, and the watcher reports the page as changed, not as added.

import { existsSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { asError } from "./thrown.mjs";

/** A hook of an integration that never ends does not hold up the lists after it for longer. */
const LONGEST_MS = 5000;
const ATTEMPTS = 5;
const AGAIN_MS = 50;
/** chokidar reports a file that was away for up to 100 ms as changed (its option `atomic`). */
const BACK_LOOKS = 5;

/**
 * What Astro makes a list of.
 * @typedef {{ config?: { root?: URL } }} Settings
 * @typedef {{ routes: unknown[] }} List
 */

/**
 * What waits for its turn.
 * @typedef {{ settings: Settings, made?: Promise<List> }} Turn
 */

export class RouteTurns {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();
  /** @type {Turn | undefined} */
  #next;
  /** The files of the last list. @type {Set<string>} */
  #files = new Set();

  /**
   * What `work` makes after the lists before it, for the caller alone. Callers with the same
   * settings share the work as long as it has not begun.
   * @template {List} Made
   * @param {Settings} settings
   * @param {() => Promise<Made>} work
   * @returns {Promise<Made>}
   */
  async make(settings, work) {
    const next = this.#next;
    const turn = next && next.settings === settings ? next : this.#begin(settings, work);
    const list = /** @type {Made} */ (await turn.made);
    return { ...list, routes: [...list.routes] };
  }

  /**
   * @param {Settings} settings
   * @param {() => Promise<List>} work
   */
  #begin(settings, work) {
    /** @type {Turn} */
    const turn = { settings };
    turn.made = ended(this.#last).then(() => {
      if (this.#next === turn) this.#next = undefined;
      return this.#whole(settings, work);
    });
    this.#next = turn;
    this.#last = turn.made;
    return turn;
  }

  /**
   * A list with the pages of the last one, unless they stay away.
   * @param {Settings} settings
   * @param {() => Promise<List>} work
   */
  async #whole(settings, work) {
    let list = await attempts(work);
    let files = filesOf(list, settings);
    const away = [...this.#files].filter((file) => !files.has(file));
    for (let look = 0; look < BACK_LOOKS && !away.every((file) => existsSync(file)); look++)
      await sleep(AGAIN_MS);
    if (away.some((file) => existsSync(file))) {
      list = await attempts(work);
      files = filesOf(list, settings);
    }
    this.#files = files;
    return list;
  }
}

/**
 * The files of a list's routes, by their absolute paths.
 * @param {List} list
 * @param {Settings} settings
 */
function filesOf({ routes }, { config }) {
  const root = config?.root && fileURLToPath(config.root);
  if (!root) return new Set();
  const components = routes.map((route) => /** @type {{ component?: string }} */ (route).component);
  return new Set(components.flatMap((each) => (each ? [path.resolve(root, each)] : [])));
}

/**
 * A promise that this has ended, or has taken too long.
 * @param {Promise<unknown>} work
 */
async function ended(work) {
  const waited = new AbortController();
  const limit = sleep(LONGEST_MS, undefined, { ref: false, signal: waited.signal });
  await Promise.race([work, limit]).catch(() => {});
  limit.catch(() => {});
  waited.abort();
}

/**
 * @template List
 * @param {() => Promise<List>} work
 */
async function attempts(work) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (asError(error).code !== "ENOENT" || attempt === ATTEMPTS) throw error;
      await sleep(AGAIN_MS);
    }
  }
}
