// Where an Astro component imports Astro's runtime from. Every component does, so an edit of many
// files has the same name resolved as often, through all plugins and four times over the folders
// of packages: a fifth of the time that compiling them took.
//
// The same name in the same folder leads to the same file, unless packages, their settings or those
// of TypeScript change. So an answer is kept until anything is edited that is not a component or a
// stylesheet, or comes or goes, and while its file is there. Packages that are installed start the
// server again.

import { existsSync } from "node:fs";
import path from "node:path";
import { COMPONENT, onImportsMoved } from "./events.mjs";

/** What the compiler writes at the top of each component. */
const RUNTIME = "astro/compiler-runtime";

/** @typedef {{ id: string, external?: unknown } | null} Resolved */

/** Vite plugin for every environment. */
export function runtimeImportsPlugin() {
  const none = () => /** @type {WeakMap<object, Map<string, Resolved>>} */ (new WeakMap());
  let known = none(); // by environment and folder
  let edits = 0;
  const forget = () => {
    known = none();
    edits++;
  };
  return {
    name: "astro-live:runtime-imports",
    enforce: /** @type {const} */ ("pre"),

    /** @param {import("./types.d.mts").Server} server */
    configureServer({ watcher, config }) {
      if (config.server.middlewareMode) return;
      forget();
      onImportsMoved(watcher, forget);
    },

    resolveId: {
      order: /** @type {const} */ ("pre"),
      /**
       * @this {{ environment?: object, resolve: (source: string, importer?: string, options?: object)
       *   => Promise<Resolved> }}
       * @param {string} source
       * @param {string} [importer]
       * @param {object} [options]
       */
      async handler(source, importer, options) {
        const { environment } = this;
        if (source !== RUNTIME || !environment || !importer || !COMPONENT.test(importer)) return;
        const folder = path.dirname(importer);
        const found = known.get(environment)?.get(folder);
        if (found && existsSync(found.id)) return { ...found };
        const before = edits;
        const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
        if (resolved && !resolved.external && path.isAbsolute(resolved.id) && before === edits) {
          const folders = known.get(environment) ?? new Map();
          known.set(environment, folders.set(folder, { ...resolved }));
        }
        return resolved;
      },
    },
  };
}
