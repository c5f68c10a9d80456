// Writes of Astro's data store: one file after the other, of which the newest is the last, and a
// way to wait for all of them.
//
// Astro keeps a second write of the same file back while the first is under way, and then writes
// the first one's data again (4.16 to
// 7.3): entries read meanwhile are missing until the next edit. At Astro's pace of half a second
// that is rare.

/** @typedef {{ running: Promise<void>, next?: { data: string, done: Promise<void> } }} Turn */

export class WritesInTurn {
  /** @type {Map<string, Turn>} */
  #files = new Map();
  /** @type {Set<Promise<unknown>>} */
  #running = new Set();

  /**
   * Promises that `work(data)`, or the same with newer data, has been done. While one write of a
   * file runs, only the newest waits.
   * @param {string | URL} file
   * @param {string} data
   * @param {(data: string) => Promise<void>} work
   * @returns {Promise<void>}
   */
  write(file, data, work) {
    const key = String(file);
    const turn = this.#files.get(key);
    if (!turn) return this.#begin(key, data, work);
    if (turn.next) {
      turn.next.data = data;
      return turn.next.done;
    }
    const next = { data, done: Promise.resolve() };
    next.done = turn.running.catch(() => {}).then(() => this.#begin(key, next.data, work));
    turn.next = next;
    return next.done;
  }

  /**
   * `work`, which is something to wait for.
   * @template T
   * @param {Promise<T>} work
   * @returns {Promise<T>}
   */
  during(work) {
    this.#running.add(work);
    const end = () => this.#running.delete(work);
    work.then(end, end);
    return work;
  }

  /** Whether something is under way. */
  get busy() {
    return this.#running.size > 0;
  }

  /** Promises that nothing is under way. What ends may begin another write before it says so. */
  async idle() {
    while (this.#running.size > 0) {
      await Promise.allSettled(this.#running);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /**
   * @param {string} key
   * @param {string} data
   * @param {(data: string) => Promise<void>} work
   */
  #begin(key, data, work) {
    /** @type {Turn} */
    const turn = { running: Promise.resolve() };
    turn.running = this.during(
      Promise.resolve(work(data)).finally(() => {
        if (this.#files.get(key) === turn && !turn.next) this.#files.delete(key);
      }),
    );
    this.#files.set(key, turn);
    return turn.running;
  }
}
