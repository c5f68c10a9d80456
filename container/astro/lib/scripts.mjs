// Vite takes the `<script>` of an Astro component for changed whenever its file is, and reloads
// pages for it. A page whose markup alone was edited would never be updated in place then. So a
// component's scripts count as changed when their text is another.

import { readFileSync } from "node:fs";

const SCRIPT = /<script(?:\s[^>]*)?>[\s\S]*?<\/script>/g;
const MODULE = /\.astro\?(?:.*&)?type=script(?:&|$)/;

export class Scripts {
  /** The scripts of each component as pages got them last, by file. @type {Map<string, string>} */
  #served = new Map();

  /**
   * Whether the file holds other scripts than pages have of it.
   * @param {string} file
   * @param {string} [source] what it holds
   */
  changed(file, source = textOf(file)) {
    const served = this.#served.get(file);
    return served !== undefined && scriptsOf(source) !== served;
  }

  /**
   * Vite plugin.
   * @returns {import("vite").Plugin}
   */
  plugin() {
    const scripts = this;
    return {
      name: "astro-live:scripts",

      transform: {
        filter: { id: MODULE },
        /**
         * @param {string} _code
         * @param {string} id
         * @param {{ ssr?: boolean }} [options]
         */
        handler(_code, id, options) {
          if (!MODULE.test(id)) return; // Vite before 6.3 ignores the filter
          const file = id.split("?")[0];
          if (this.environment ? this.environment.name === "client" : !options?.ssr)
            scripts.#served.set(file, scriptsOf(textOf(file)));
        },
      },

      hotUpdate: {
        order: "pre",
        /**
         * @param {{ type: string, file: string, modules: import("vite").EnvironmentModuleNode[],
         *   read: () => string | Promise<string> }} options
         */
        async handler({ type, file, modules, read }) {
          if (this.environment.name !== "client" || type !== "update" || !scripts.#served.has(file))
            return;
          if (scripts.changed(file, await read())) return;
          return modules.filter(({ id }) => !MODULE.test(id ?? ""));
        },
      },
    };
  }
}

/** @param {string} file */
function textOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** @param {string} source */
function scriptsOf(source) {
  return (source.match(SCRIPT) ?? []).join("\n");
}
