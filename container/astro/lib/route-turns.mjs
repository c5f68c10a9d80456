// Astro's lists of routes, made one after the other.
//
// Astro makes its list again for each file that comes or goes, several at once if need be, and the
// one that ends last is kept: where it was begun first, a page that was deleted and written again
// stays away (5.0 to 7.3). A file that goes while the list is made is an error, after which the list
// stays as it was.

import { setTimeout as sleep } from "node:timers/promises";
import { asError } from "./thrown.mjs";

/** A hook of an integration that never ends does not hold up the lists after it for longer. */
const LONGEST_MS = 5000;
const ATTEMPTS = 5;
const AGAIN_MS = 50;

/**
 * What waits for its turn.
 * @typedef {{ settings: unknown, made?: Promise<{ routes: unknown[] }> }} Turn
 */

export class RouteTurns {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();
  /** @type {Turn | undefined} */
  #next;

  /**
   * What `work` makes after the lists before it, for the caller alone. Callers with the same
   * settings share the work as long as it has not begun.
   * @template {{ routes: unknown[] }} List
   * @param {unknown} settings
   * @param {() => Promise<List>} work
   * @returns {Promise<List>}
   */
  async make(settings, work) {
    const next = this.#next;
    const turn = next && next.settings === settings ? next : this.#begin(settings, work);
    const list = /** @type {List} */ (await turn.made);
    return { ...list, routes: [...list.routes] };
  }

  /**
   * @param {unknown} settings
   * @param {() => Promise<{ routes: unknown[] }>} work
   */
  #begin(settings, work) {
    /** @type {Turn} */
    const turn = { settings };
    turn.made = ended(this.#last).then(() => {
      if (this.#next === turn) this.#next = undefined;
      return attempts(work);
    });
    this.#next = turn;
    this.#last = turn.made;
    return turn;
  }
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
