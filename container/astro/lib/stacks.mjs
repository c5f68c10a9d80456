// The lines that stacks of the site's errors name.
//
// A module runner (Vite 6 and later) runs modules with their source maps, so a stack names places in
// the sources. Astro has the stack of every error mapped again by `ssrFixStacktrace`, which is meant
// for modules of `ssrLoadModule`: the line that is named then is another one (bare Astro too).
//
// Astro calls it for each error that it has caught while it answered a request, before and after the
// first byte of the answer, and in every release; so this is also where those errors are noted.

import { findSourceMap } from "node:module";
import { rendering } from "./pages.mjs";
import { asError } from "./thrown.mjs";

const FRAME = /^\s+at .*?\(?((?:file:\/\/)?\/[^()]*?):\d+:\d+\)?$/gm;

/**
 * Map no stack of a module that a runner has run, and note whose request an error is of.
 * @param {import("./types.d.mts").Server} server
 */
export function keepMappedStacks(server) {
  const { environments, ssrFixStacktrace } = server;
  server.ssrFixStacktrace = (error) => {
    rendering.getStore()?.check?.caught(asError(error));
    const files = filesOf(error.stack ?? "");
    if (!environments || !(ranBy(Object.values(environments), files) || isMapped(files)))
      ssrFixStacktrace.call(server, error);
  };
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
