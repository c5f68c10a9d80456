// The lines that stacks of the site's errors name.
//
// A module runner (Vite 6 and later) runs modules with their source maps, so a stack names places in
// the sources. Astro has the stack of every error mapped again by `ssrFixStacktrace`, which is meant
// for modules of `ssrLoadModule`: the line that is named then is another one (bare Astro too).
//
// Astro calls it for each error that it has caught while it answered a request, before and after the
// first byte of the answer, and in every release; so this is also where those errors are noted.
//
// Packages lie outside of the project, and their folder is a link there. Astro takes every file of a
// stack for one of the project and puts the project's path before those that do not begin with it:
// the overlay and the log would name a file that does not exist, and show none of its lines.

import { realpathSync } from "node:fs";
import { findSourceMap } from "node:module";
import path from "node:path";
import { rendering } from "./pages.mjs";
import { asError } from "./thrown.mjs";

const FRAME = /^\s+at .*?\(?((?:file:\/\/)?\/[^()]*?):\d+:\d+\)?$/gm;

/**
 * Map no stack of a module that a runner has run, name files of packages as the project has them, and
 * note whose request an error is of.
 * @param {import("./types.d.mts").Server} server
 * @param {string} root the project's folder
 */
export function keepMappedStacks(server, root) {
  const { environments, ssrFixStacktrace } = server;
  const packages = path.join(root, "node_modules");
  const folder = realFolder(packages);
  server.ssrFixStacktrace = (error) => {
    const asked = rendering.getStore();
    asked?.check?.caught(asError(error));
    asked?.answer?.failed();
    const files = filesOf(error.stack ?? "");
    if (!environments || !(ranBy(Object.values(environments), files) || isMapped(files)))
      ssrFixStacktrace.call(server, error);
    if (!error.stack || folder === packages) return;
    try {
      error.stack = error.stack.replaceAll(folder + path.sep, packages + path.sep);
    } catch {} // what a site throws may not be writable
  };
}

/**
 * Where a folder lies that may be a link; the folder itself where there is none.
 * @param {string} folder
 */
function realFolder(folder) {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

/**
 * The files that a stack names.
 * @param {string} stack
 */
function filesOf(stack) {
  return [...stack.matchAll(FRAME)].map(([, place]) =>
    place.replace(/^file:\/\//, "").replace(/\?.*$/, ""),
  );
}

/**
 * Whether Node.js has mapped where the stack begins. Vite has it do so from the first use of a
 * module runner on, for what runs from then on: with Astro 5.0 the modules of the site that were
 * edited, although `ssrLoadModule` runs them.
 * @param {string[]} files
 */
function isMapped([first]) {
  return first !== undefined && findSourceMap(first) !== undefined;
}

/**
 * Whether one of the files was run by the runner of an environment.
 * @param {object[]} environments
 * @param {string[]} files
 */
function ranBy(environments, files) {
  return environments.some((environment) => {
    const { runner } = /** @type {Partial<import("vite").RunnableDevEnvironment>} */ (environment);
    return files.some((file) => (runner?.evaluatedModules.getModulesByFile(file)?.size ?? 0) > 0);
  });
}
