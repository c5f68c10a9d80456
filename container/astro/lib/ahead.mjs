// Astro's server runtime, made ready several modules at a time.
//
// Vite's module runner asks for a module, runs its imports one after the other, and only then the
// module itself. Astro's runtime is some four hundred small modules, so a start spends most of its
// time going back and forth between transforms that could have been under way. Whenever one of them
// has been read, those it imports are begun.
//
// Vite can do so by itself (`dev.preTransformRequests`), but for the site's modules as well. Astro
// notes on a page what the components below it bring, and finds the page through modules that
// already know who imports them; one that is begun early may not know it yet.

import path from "node:path";
import { init, parse } from "es-module-lexer";

const RUNTIME = /\/node_modules\/astro\/dist\/.+\.js$/;

await init;

/**
 * Files that the module `id` with this code imports by relative names, dynamic imports not among
 * them.
 * @param {string} id
 * @param {string} code
 */
export function importsOf(id, code) {
  const [imports] = parse(code);
  return imports
    .filter(
      ({ type, specifier }) =>
        type !== "dynamic" && specifier?.startsWith(".") && specifier.endsWith(".js"),
    )
    .map(({ specifier }) => path.resolve(path.dirname(id), /** @type {string} */ (specifier)));
}

/**
 * Vite plugin for every environment that runs on the server.
 * @returns {import("vite").Plugin}
 */
export function aheadPlugin() {
  return {
    name: "astro-live:ahead",
    applyToEnvironment: (environment) => environment.config.consumer === "server",

    transform: {
      filter: { id: RUNTIME },
      /**
       * @param {string} code
       * @param {string} id
       */
      handler(code, id) {
        if (!this.environment || !RUNTIME.test(id)) return; // Vite 5 has no environments, and Vite before 6.3 ignores the filter
        const { root } = this.environment.config;
        for (const file of importsOf(id, code)) {
          if (!RUNTIME.test(file)) continue;
          // The URL that the importing module will use: another one for the same file would be
          // another request.
          begin(
            this.environment,
            file.startsWith(`${root}/`) ? file.slice(root.length) : `/@fs${file}`,
          );
        }
      },
    },
  };
}

/**
 * The importer asks for the module again, and gets the error.
 * @param {import("vite").Environment} environment
 * @param {string} url
 */
async function begin(environment, url) {
  try {
    if (environment.mode === "dev") await environment.transformRequest(url);
  } catch {}
}
