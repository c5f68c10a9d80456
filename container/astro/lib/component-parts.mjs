// The styles and scripts of an Astro component, of the version that the file has now.
//
// Astro makes them when it compiles the component for the server, and hands them out as modules from memory. A page that
// asks for them after an edit of markup and style at once, and before it is rendered again, gets the earlier ones, which Vite then keeps.

import { readFile } from "node:fs/promises";
import path from "node:path";

const PART = /\.astro\?astro&type=(style|script)\b/;

/** Vite plugin: compiles the component first. */
export function componentPartsPlugin() {
  /** @type {import("./types.d.mts").Server | undefined} */
  let server;
  return {
    name: "astro-live:component-parts",
    enforce: /** @type {const} */ ("pre"),

    /** @param {import("./types.d.mts").Server} started */
    configureServer(started) {
      if (!started.config.server.middlewareMode) server = started;
    },

    load: {
      order: /** @type {const} */ ("pre"),
      /**
       * @this {any}
       * @param {string} id
       * @param {{ ssr?: boolean }} [options]
       */
      async handler(id, options) {
        if (!server || !PART.test(id) || (this.environment ? this.environment.config.consumer !== "client" : options?.ssr)) return;
        const file = id.split("?")[0];
        await Promise.all(componentsOf(server, path.isAbsolute(file) ? file : path.join(server.config.root, file)).map(compiled));
      },
    },
  };
}

/**
 * What to call to have the component in `file` compiled: nothing where it has been since its last edit. The result is thrown away: Vite 6 takes
 * a module that it finds transformed for one that has run as it is, and never runs the edited one.
 * @param {import("./types.d.mts").Server} server
 * @param {string} file
 * @returns {(() => Promise<unknown>)[]}
 */
function componentsOf(server, file) {
  const { environments, moduleGraph } = server;
  const edited = (/** @type {any} */ graph, /** @type {string} */ result) =>
    [...(graph.getModulesByFile(file) ?? [])].filter((module) => !module.url.includes("?astro") && !module[result]);
  if (!environments)
    return edited(moduleGraph, "ssrTransformResult").map(
      ({ url }) =>
        () =>
          server.transformRequest(url, { ssr: true }),
    );
  return Object.values(environments)
    .filter((environment) => environment.config.consumer === "server")
    .flatMap((environment) =>
      edited(environment.moduleGraph, "transformResult").map(
        ({ id }) =>
          async () =>
            environment.pluginContainer.transform(await readFile(file, "utf8"), id),
      ),
    );
}

/**
 * What is wrong with the component, its page says.
 * @param {() => Promise<unknown>} compile
 */
async function compiled(compile) {
  try {
    await compile();
  } catch {}
}
