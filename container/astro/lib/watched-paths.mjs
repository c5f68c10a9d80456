// Paths that plugins ask the watcher to watch and that do not exist.
//
// chokidar then watches the folder above for the name alone, and edits of everything else in it go
// unnoticed, below `src/` as elsewhere (bare Astro on Linux too). The project's own folder is
// watched as a whole, so nothing is lost by not adding what is missing in it. Astro's generated
// files are not touched: it adds the store of its collections before that is written, and waits for
// the event.

import { existsSync } from "node:fs";
import path from "node:path";

/**
 * Keep paths that are missing in the project away from a Vite server's watcher. `root` is the
 * folder that it watches as a whole.
 * @param {import("vite").FSWatcher} watcher
 * @param {string} root
 */
export function skipMissingPaths(watcher, root) {
  const add = watcher.add.bind(watcher);
  watcher.add = (/** @type {string | readonly string[]} */ paths, ...rest) => {
    const wanted = [paths]
      .flat()
      .filter(
        (file) =>
          typeof file !== "string" || isPattern(file) || !isMissing(path.resolve(root, file), root),
      );
    if (wanted.length > 0) add(wanted, ...rest);
    return watcher;
  };
}

/**
 * @param {string} file
 * @param {string} root
 */
function isMissing(file, root) {
  const inside =
    file.startsWith(root + path.sep) && !file.startsWith(path.join(root, ".astro") + path.sep);
  return inside && !existsSync(file);
}

/**
 * chokidar before 4 takes patterns, and so does Vite 5.
 * @param {string} file
 */
function isPattern(file) {
  return /[*?{}[\]!]/.test(file);
}

/**
 * Whether the site's configuration keeps this file from being watched. chokidar knows, and has no
 * public way to ask.
 * @param {object | undefined} watcher
 * @param {string} file
 */
export function isIgnored(watcher, file) {
  return (
    watcher !== undefined &&
    "_isIgnored" in watcher &&
    typeof watcher._isIgnored === "function" &&
    Boolean(watcher._isIgnored(file))
  );
}
