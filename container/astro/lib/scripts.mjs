// Vite takes the `<script>` of an Astro component for changed whenever its file is, and reloads pages for it. A page whose markup alone was
// edited would never be updated in place then. So a component's scripts count as changed when their text is another.

import { readFileSync } from "node:fs";

const SCRIPT = /<script(?:\s[^>]*)?>[\s\S]*?<\/script>/g;
const MODULE = /\.astro\?(?:.*&)?type=script(?:&|$)/;

/**
 * Vite plugin.
 * @returns {import("vite").Plugin}
 */
export function scriptsPlugin() {
  const served = new Map();
  return {
    name: "astro-live:scripts",

    transform: {
      filter: { id: MODULE },
      /**
       * @param {string} _code
       * @param {string} id
       */
      handler(_code, id) {
        if (!MODULE.test(id)) return; // Vite before 6.3 ignores the filter
        const file = id.split("?")[0];
        if (this.environment?.name === "client") served.set(file, scriptsOf(readFileSync(file, "utf8")));
      },
    },

    hotUpdate: {
      order: "pre",
      /** @param {{ type: string, file: string, modules: any[], read: () => string | Promise<string> }} options */
      async handler({ type, file, modules, read }) {
        if (this.environment.name !== "client" || type !== "update" || !served.has(file)) return;
        if (scriptsOf(await read()) !== served.get(file)) return;
        return modules.filter((/** @type {{ id: string }} */ { id }) => !MODULE.test(id ?? ""));
      },
    },
  };
}

/** @param {string} source */
function scriptsOf(source) {
  return (source.match(SCRIPT) ?? []).join("\n");
}
