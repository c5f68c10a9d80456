// Changes to Astro's own modules that make a session faster or tidier. A site runs correctly without any of them: a place that a
// release does not have is reported (`ready` message, log), never a reason to refuse. docs/quirks.md explains each one.

import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * What changed code reads at run time, because modules are loaded before a session is known: the scratch folder as a file URL, and a
 * watcher that outlives restarts.
 * @type {{ scratch: string, watcher?: object }}
 */
export const live = (globalThis[Symbol.for("astro-live")] ??= { scratch: "", watcher: undefined });

const LIVE = 'globalThis[Symbol.for("astro-live")]';

/**
 * @typedef {object} Acceleration
 * @property {string} name what is gained, for reports
 * @property {string} without what a site notices where it is missing
 * @property {string} file module below `astro/dist/`
 * @property {{ find: RegExp, replace: string }[]} forms the same place as the releases have it; the first that occurs once is used
 */

/** @type {Acceleration[]} */
export const ACCELERATIONS = [
  {
    name: "content-debounce",
    without: "an edit of a content collection takes half a second longer",
    file: "content/mutable-data-store.js",
    forms: [{ find: /const SAVE_DEBOUNCE_MS = 500;/, replace: "const SAVE_DEBOUNCE_MS = 5;" }],
  },
  {
    name: "content-watcher",
    without: "a change of the configuration starts the dev server twice",
    file: "content/content-layer.js",
    forms: [
      {
        find: /this\.#watcher = createWatcherWrapper\(watcher\);/,
        replace: `this.#watcher = createWatcherWrapper(${LIVE}.watcher ?? watcher);`,
      },
      { find: /this\.#watcher = watcher;/, replace: `this.#watcher = watcher && (${LIVE}.watcher ?? watcher);` },
    ],
  },
  {
    name: "package-components",
    without: "Astro components of packages fail where packages and project lie on different file systems",
    file: "vite-plugin-utils/index.js",
    forms: [
      {
        find: /filename\.startsWith\("\/"\) && !(\w+)\(filename, fileURLToPath\(root\)\)/,
        replace:
          'filename.startsWith("/") && !$1(filename, fileURLToPath(root)) && !process.getBuiltinModule("node:fs").existsSync(filename)',
      },
    ],
  },
  {
    name: "generated-files",
    without: "generated files (.astro) are written into the project, which may be slow, shared or read-only",
    file: "core/config/settings.js",
    forms: [
      {
        find: /const dotAstroDir = new URL\("\.astro\/", config\.root\);/,
        replace: `const dotAstroDir = new URL(".astro/", ${LIVE}.scratch || config.root);`,
      },
    ],
  },
];

const MODULE = /\/node_modules\/astro\/dist\/([\w/.-]+\.js)$/;
const byFile = new Map(ACCELERATIONS.map((acceleration) => [acceleration.file, acceleration]));

/**
 * The source with the acceleration's change, or undefined where no form of its place occurs exactly once.
 * @param {Acceleration} acceleration
 * @param {string} source
 */
export function accelerated({ forms }, source) {
  for (const { find, replace } of forms) {
    if (source.match(new RegExp(find, "g"))?.length === 1) return source.replace(find, replace);
  }
  return undefined;
}

/**
 * Which accelerations the Astro at `astroDir` gets: `{ name, active, without }` each, in the order of the list.
 * @param {string} astroDir
 */
export function inspectAccelerations(astroDir) {
  return ACCELERATIONS.map((acceleration) => ({
    name: acceleration.name,
    active: !isDisabled(acceleration) && accelerated(acceleration, textOf(path.join(astroDir, "dist", acceleration.file))) !== undefined,
    without: acceleration.without,
  }));
}

/** Change modules as Node loads them. Call before Astro is imported. */
export function installAccelerations() {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const acceleration = url.startsWith("file:") ? byFile.get(MODULE.exec(url)?.[1] ?? "") : undefined;
      if (!acceleration || isDisabled(acceleration)) return loaded;
      const source = String(loaded.source ?? readFileSync(fileURLToPath(url)));
      return { ...loaded, source: accelerated(acceleration, source) ?? source };
    },
  });
}

/** For tests and for finding faults: `ASTRO_LIVE_ACCELERATIONS=off` runs Astro's modules as they are. */
function isDisabled(_acceleration) {
  return process.env.ASTRO_LIVE_ACCELERATIONS === "off";
}

function textOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
