// Paths that plugins ask the watcher to watch and that do not exist.
//
// chokidar then watches the folder above for the name alone, and edits of everything else in it go unnoticed, below `src/` as elsewhere
// (bare Astro on Linux too). The project's own folder is watched as a whole, so nothing is lost by not adding what is missing in it.

import { existsSync } from "node:fs";
import path from "node:path";

/** A path outside the project that appears later is added when it does. */
const LOOK_MS = 2000;
const MOST_MISSING = 64;

/** Keep missing paths away from a Vite server's watcher. `root` is the folder that the watcher watches as a whole. */
export function skipMissingPaths(watcher, root) {
  const add = watcher.add.bind(watcher);
  /** @type {Set<string>} */
  const missing = new Set();
  let timer;

  function look() {
    for (const file of missing) {
      if (!existsSync(file)) continue;
      missing.delete(file);
      add(file);
    }
    if (missing.size === 0) stop();
  }

  function stop() {
    clearInterval(timer);
    timer = undefined;
  }

  watcher.add = (paths, ...rest) => {
    const there = [paths].flat().filter((file) => {
      if (typeof file !== "string" || isPattern(file)) return true;
      const absolute = path.resolve(root, file);
      if (existsSync(absolute)) return true;
      if (!absolute.startsWith(root + path.sep) && missing.size < MOST_MISSING) missing.add(absolute);
      return false;
    });
    if (there.length > 0) add(there, ...rest);
    if (missing.size > 0) timer ??= setInterval(look, LOOK_MS).unref();
    return watcher;
  };
  const close = watcher.close.bind(watcher);
  watcher.close = (...rest) => {
    stop();
    return close(...rest);
  };
}

/** chokidar before 4 takes patterns, and so does Vite 5. */
function isPattern(file) {
  return /[*?{}[\]!]/.test(file);
}
