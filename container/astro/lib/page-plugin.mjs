// Brings the session's own script (the folder page/) into every page, as a module that Vite's client imports.

import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("page/", import.meta.url));
const ENTRY = "astro-live/page.js";
/** Names that no plugin takes for files of the site. */
const VIRTUAL = "\0astro-live/";
/** The module file of Vite's client. */
export const CLIENT = /\/vite\/dist\/client\/client\.mjs$/;

// What page.js needs of the client is handed over: an import of the client by another name would be a second client.
const IMPORT = `
if (typeof document !== "undefined") import(${JSON.stringify(ENTRY)}).then(
  ({ attach }) => attach({ updateStyle, hmrClient: typeof hmrClient === "undefined" ? undefined : hmrClient }),
  (error) => console.warn("[astro-live] pages are reloaded for every edit:", error),
);
`;

/** Vite plugin. */
export function pagePlugin() {
  return {
    name: "astro-live:page",
    enforce: "pre",

    /**
     * @param {string} id
     * @param {string | undefined} importer
     */
    resolveId(id, importer) {
      if (id === ENTRY) return `${VIRTUAL}page.js`;
      if (importer?.startsWith(VIRTUAL) && id.startsWith("./")) return VIRTUAL + id.slice(2);
    },

    /** @param {string} id */
    load(id) {
      if (id.startsWith(VIRTUAL)) return readFileSync(path.join(FOLDER, path.basename(id)), "utf8");
    },

    // Vite before 6.3 ignores the filter.
    transform: {
      filter: { id: CLIENT },
      /**
       * @param {string} code
       * @param {string} id
       */
      handler(code, id) {
        if (CLIENT.test(id.split("?")[0])) return { code: code + IMPORT, map: null };
      },
    },
  };
}
