// The watcher that Astro's content layer gets.

import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/** A loader that takes longer than this about a file hears of its next event all the same. */
const PATIENCE_MS = 10_000;

/**
 * The current Vite server's watcher under a name that stays. Astro's content layer keeps the
 * watcher it was first given, and after a restart of the configuration that one is closed:
 * collection edits would go unnoticed from then on.
 *
 * Listeners hear of a file's next event when they are done with its last one. Loaders read and
 * parse a file before they keep the entry, and do not look whether a later event has come
 * meanwhile: an entry that was deleted while it was being read would stay (bare Astro too).
 */
export class StableWatcher extends EventEmitter {
  /** @type {Set<string>} */
  #paths = new Set();
  /** @type {import("vite").FSWatcher | undefined} */
  #current;
  /**
   * Called before an event that had to wait is passed on: Astro takes its listeners away while it
   * reads collections, and that may have begun since.
   * @type {(event: string, file: string) => void}
   */
  onLate = () => {};
  /** The end of what listeners do about a file, by path. @type {Map<string, Promise<unknown>>} */
  #busy = new Map();

  /** Whether listeners are still at work on an event. */
  get busy() {
    return this.#busy.size > 0;
  }

  /**
   * Follow another watcher, with every path that was added so far.
   * @param {import("vite").FSWatcher} watcher
   */
  follow(watcher) {
    this.#current = watcher;
    if (this.#paths.size > 0) watcher.add([...this.#paths]);
  }

  /**
   * An event of `file`, for every listener.
   * @param {string} event
   * @param {string} file
   * @param {unknown[]} rest
   */
  pass(event, file, ...rest) {
    const call = () =>
      Promise.race([
        Promise.allSettled(
          this.rawListeners(event).map(async (listener) => listener.call(this, file, ...rest)),
        ),
        sleep(PATIENCE_MS, undefined, { ref: false }),
      ]);
    const late = () => {
      this.onLate(event, file);
      return call();
    };
    const end = this.#busy.get(file)?.then(late) ?? call();
    this.#busy.set(file, end);
    end.then(() => this.#busy.get(file) === end && this.#busy.delete(file));
  }

  // Arrow functions, because Astro calls them through a Proxy, which has no private members.
  add = (/** @type {string | string[]} */ paths) => {
    for (const file of [paths].flat()) this.#paths.add(file);
    this.#current?.add(paths);
    return this;
  };

  unwatch = (/** @type {string | string[]} */ paths) => {
    for (const file of [paths].flat()) this.#paths.delete(file);
    this.#current?.unwatch(paths);
    return this;
  };
}
