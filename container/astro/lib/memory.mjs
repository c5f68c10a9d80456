// Memory that a dev server holds without need, and how it gives it back.
//
// What lives in one takes some 95 MiB, after the first page as after two thousand edits. The rest
// of a process is garbage that V8 is in no hurry to collect, room that it keeps for young objects,
// and the allocator of Vite's bundler, which asks the kernel for huge pages and fills a fifth of
// them. V8's limits are command-line flags (`container/gateway/settings.py`); docs/quirks.md has
// the figures.

import v8 from "node:v8";
import vm from "node:vm";

/**
 * Longer than somebody who is at work looks at what an edit did: the pause must not meet the next
 * one.
 */
const QUIET_MS = 30_000;
const WORTH_BYTES = 32 << 20;

/**
 * Have native modules that bring mimalloc (rolldown does, and so Vite) use pages of the usual size.
 * To be called before they are loaded. https://github.com/microsoft/mimalloc/issues/1323
 */
export function useSmallPages() {
  process.env.MIMALLOC_ALLOW_THP ??= "0";
}

/**
 * Collect what can be collected now. Code stays compiled, and the room for young objects stays as
 * it is.
 */
export function collectGarbage() {
  collector()({ type: "major", execution: "sync" });
}

/**
 * Collect in several rounds and give all room back, which takes twice to three times as long; what
 * comes next has to grow it again.
 */
function shrink() {
  collector()({ type: "major", execution: "sync", flavor: "last-resort" });
}

function collector() {
  v8.setFlagsFromString("--expose-gc");
  return vm.runInNewContext("gc");
}

function heapBytes() {
  return v8.getHeapStatistics().total_heap_size;
}

/**
 * Shrinks the heap when nobody has asked for anything for a while and it has grown since the last
 * time. The pause of an eighth of a second falls between two visits instead of into one, and a
 * session that is open but left alone takes no more than it needs.
 */
export class IdleCollector {
  #quietMs;
  #size;
  #collect;
  #onQuiet;
  #least = 0;
  #activeAt = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** `onQuiet()` is called before; what it does may take memory, too. */
  constructor({
    quietMs = QUIET_MS,
    size = heapBytes,
    collect = shrink,
    onQuiet = async () => {},
  } = {}) {
    this.#quietMs = quietMs;
    this.#size = size;
    this.#collect = collect;
    this.#onQuiet = onQuiet;
  }

  /** Somebody asked for something, or was told something. */
  active() {
    this.#activeAt = performance.now();
    this.#timer ??= this.#lookIn(this.#quietMs);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** @param {number} ms */
  #lookIn(ms) {
    return setTimeout(() => this.#look(), ms).unref();
  }

  async #look() {
    const left = this.#activeAt + this.#quietMs - performance.now();
    this.#timer = left > 0 ? this.#lookIn(left) : undefined;
    if (this.#timer) return;
    await this.#onQuiet();
    if (this.#timer || this.#size() < this.#least + WORTH_BYTES) return;
    this.#collect();
    this.#least = this.#size();
  }
}
