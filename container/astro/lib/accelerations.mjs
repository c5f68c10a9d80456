// Changes to Astro's own modules that make a session faster or tidier. A site runs correctly
// without any of them: a place that a release does not have is reported (`ready` message, log),
// never a reason to refuse. docs/quirks.md explains each one.

import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Collections } from "./collections.mjs";
import { compiled } from "./component-memory.mjs";
import { DataStore } from "./data-store.mjs";
import { WritesInTurn } from "./in-turn.mjs";
import { RouteTurns } from "./route-turns.mjs";

const LIVE_KEY = Symbol.for("astro-live");
const shared = /** @type {Record<symbol, typeof live | undefined>} */ (globalThis);

/**
 * What changed code uses at run time, because modules are loaded before a session is known: the
 * scratch folder as a file URL, a watcher that outlives restarts, the data store and its writes,
 * what goes wrong with entries, whether elements name their places without the toolbar, too,
 * whether a file is that of a route, the turns of lists of routes, what notes Astro's notes of a
 * compilation, what notes edits that Astro ignores because it restarts, and when it does.
 * @type {{ scratch: string, watcher?: object, writes: WritesInTurn, store: DataStore, collections:
 *   Collections, places: boolean, ofRoutes: typeof ofRoutes, routes: RouteTurns, compiled:
 *   typeof compiled, ignored: (file: string, watched: string[]) => false, restarting: (underWay: boolean) => boolean }}
 */
export const live = (shared[LIVE_KEY] ??= {
  scratch: "",
  watcher: undefined,
  writes: new WritesInTurn(),
  store: new DataStore(),
  collections: new Collections(),
  places: false,
  ofRoutes,
  routes: new RouteTurns(),
  compiled,
  ignored: () => false,
  restarting: (underWay) => underWay,
});

const LIVE = 'globalThis[Symbol.for("astro-live")]';

/**
 * One place of a module as the releases have it: the first form that occurs once is used.
 * @typedef {{ find: RegExp, replace: string }[]} Place
 */

/**
 * @typedef {object} Acceleration
 * @property {string} name what is gained, for reports
 * @property {string} without what a site notices where it is missing
 * @property {string} file module below `astro/dist/`
 * @property {Place[]} places all of them, or none, are changed
 * @property {boolean} [later] whether releases that do not have the module do not need it
 */

/** As it should be already. */
const SAME = "$&";

/**
 * The data store with a shorter wait. Its writes then meet each other, so they are put in turn,
 * what is changed during a write counts as not written (Astro forgets it after the write), and who
 * waits for the store to be saved waits for a write that is under way, too.
 * @type {Place[]}
 */
const DATA_STORE = [
  [{ find: /const SAVE_DEBOUNCE_MS = 500;/, replace: "const SAVE_DEBOUNCE_MS = 5;" }],
  [
    {
      find: /async #writeFileAtomic\(filePath, data, depth = 0\) \{/,
      replace: `async #writeFileAtomic(filePath, data) {
    return ${LIVE}.writes.write(filePath, data, (newest) => this.#writeFileNow(filePath, newest, 0));
  }
  async #writeFileNow(filePath, data, depth) {`,
    },
    {
      find: /fs\.writeFile\(filePath, this\.toString\(\)\)/,
      replace: `${LIVE}.writes.write(filePath, this.toString(), (newest) => fs.writeFile(filePath, newest))`,
    },
  ],
  [
    {
      find: /(await [^\n]+this\.toString\(\)[^\n]+(?:\n\s+this\.#file = filePath;)?)\n\s+this\.#dirty = false;/,
      replace: "this.#dirty = false;\n      $1",
    },
    { find: /this\.#dirty = false;\s+(await|this\.#writeInProgress = true)/, replace: SAME },
  ],
  [
    {
      find: /await this\.#saveToDiskNow\(\);(\s+)return this\.#savePromise;/,
      replace: `await this.#saveToDiskNow();$1await ${LIVE}.writes.idle();$1return this.#savePromise;`,
    },
    {
      find: /(async writeToDisk\((?:filePath)?\) \{\s+if \(!this\.#dirty\) \{\s+return)/,
      replace: `$1 ${LIVE}.writes.idle()`,
    },
  ],
  [
    {
      find: /await this\.#writer\.write\(this\._collections\)/,
      replace: `await ${LIVE}.writes.during(this.#writer.write(this._collections))`,
    },
    {
      find: /await this\.#writeFileAtomic\((this\.#file|filePath), this\.toString\(\)\)/,
      replace: SAME,
    },
    { find: /fs\.writeFile\(filePath, this\.toString\(\)\)/, replace: SAME },
  ],
  [
    {
      find: /(async writeAssetImports\(filePath\) \{[\s\S]*?)(const imports = \[\];[\s\S]*?)this\.#assetsDirty = false;/,
      replace: "$1this.#assetsDirty = false;\n    $2",
    },
  ],
  [
    {
      find: /(async writeModuleImports\(filePath\) \{[\s\S]*?)(const lines = \[\];[\s\S]*?)this\.#modulesDirty = false;/,
      replace: "$1this.#modulesDirty = false;\n    $2",
    },
  ],
];

/**
 * The data store is kept in memory where it would be written (data-store.mjs). Astro sorts what it
 * writes from 6.0 on, leaves it to a writer from 7.1 on, and tells itself of the write from 7.2.10
 * on: before, it watches the file, whose name the writer keeps to itself.
 * @type {Place[]}
 */
const IN_MEMORY = [
  [
    {
      find: /this\.#writer\.write\(this\._collections\)(?=\)?;\s+if \(didWrite\))/,
      replace: kept({ file: "this.#writer.target", watched: false, sorted: "true" }),
    },
    {
      find: /this\.#writer\.write\(this\._collections\)/,
      replace: kept({ file: `${LIVE}.store.file`, watched: true, sorted: "true" }),
    },
    {
      find: /this\.#writeFileAtomic\((this\.#file|filePath), this\.toString\(\)\)/,
      replace: kept({ file: "$1", watched: true, sorted: "this.isSorted" }),
    },
  ],
  [
    {
      find: /toString\(\) \{\s+const sorted = new Map\(/,
      replace: "get isSorted() {\n    return true;\n  }\n  $&",
    },
    { find: /toString\(\) \{\s+return devalue\.stringify\(this\._collections\);/, replace: SAME },
    { find: /toString\(\) \{\s+return serializeDataStore\(this\._collections\);/, replace: SAME },
  ],
  [
    {
      find: /static async fromFile\(filePath\) \{/,
      replace: `$& ${LIVE}.store.file = filePath;`,
    },
  ],
  [
    {
      find: /static async fromDir\(dirPath, chunkSize\) \{\s+const manifestFile = [^\n]+;/,
      replace: `$& ${LIVE}.store.file = manifestFile;`,
    },
    { find: /class MutableDataStore\b/, replace: SAME }, // before 7.1
  ],
];

/**
 * `$&`, which writes the data store, kept instead.
 * @param {{ file: string, watched: boolean, sorted: string }} options
 */
function kept({ file, watched, sorted }) {
  return `${LIVE}.store.keep(${file}, this._collections, () => $&, { watched: ${watched}, sorted: Boolean(${sorted}) })`;
}

/**
 * Astro makes the list of routes again for every file of the site that has changed: it walks the
 * pages' folder, reads every page, and has the server import the list. The list is made of the
 * files' names and of what pages themselves say (`prerender`), so what is no page changes nothing
 * in it. Until 5.18 Astro did it only for files that are new or gone. The map of the pages' styles
 * is invalidated as it was.
 * @type {Place[]}
 */
const ROUTES = [
  [
    {
      find: /server\.watcher\.on\("change", \(path\) => rebuildRoutes\(path, server\)\);/,
      replace: `server.watcher.on("change", (path) => {
        if (${LIVE}.ofRoutes(initialRoutesList.routes, normalizePath(path), settings.config)) return rebuildRoutes(path, server);
        for (const environment of Object.values(server.environments)) {
          const styles = environment.moduleGraph.getModuleById(RESOLVED_MODULE_DEV_CSS_ALL);
          if (styles && environment.name !== "client") environment.moduleGraph.invalidateModule(styles);
        }
      });`,
    },
  ],
  [{ find: /initialRoutesList\.routes\.push\(\.\.\.newRoutesList\.routes\);/, replace: SAME }],
  [
    {
      find: /environment\.moduleGraph\.getModuleById\(RESOLVED_MODULE_DEV_CSS_ALL\)/,
      replace: SAME,
    },
  ],
  [{ find: /import \{ normalizePath \} from "vite";/, replace: SAME }],
];

/**
 * Lists of routes in turn (route-turns.mjs).
 * @type {Place[]}
 */
const ROUTE_TURNS = [
  [
    {
      find: /async function (createRoutesList|createRouteManifest)\(params, logger,/,
      replace: `async function $1(...given) {
  return ${LIVE}.routes.make(given[0].settings, () => $1Alone(...given));
}
async function $1Alone(params, logger,`,
    },
    { find: /(?<!async )function createRouteManifest\(/, replace: SAME }, // 4 makes it at once
  ],
];

/** @type {Acceleration[]} */
export const ACCELERATIONS = [
  {
    name: "content-debounce",
    without: "an edit of a content collection takes half a second longer",
    file: "content/mutable-data-store.js",
    places: DATA_STORE,
  },
  {
    name: "content-memory",
    without: "an edit of a content collection takes longer the more entries the site has",
    file: "content/mutable-data-store.js",
    places: IN_MEMORY,
  },
  {
    name: "content-watcher",
    without: "a change of the configuration starts the dev server twice",
    file: "content/content-layer.js",
    places: [
      [
        {
          find: /this\.#watcher = createWatcherWrapper\(watcher\);/,
          replace: `this.#watcher = createWatcherWrapper(${LIVE}.watcher ?? watcher);`,
        },
        {
          find: /this\.#watcher = watcher;/,
          replace: `this.#watcher = watcher && (${LIVE}.watcher ?? watcher);`,
        },
      ],
    ],
  },
  {
    name: "content-errors",
    without:
      "an entry that breaks its schema is reported in the log only, and may keep other edits of its collection from pages",
    file: "content/content-layer.js",
    places: [
      [
        {
          find: /(collection: collectionName,[\s\S]*?\n\s+)parseData,/,
          replace: `$1parseData: ${LIVE}.collections.parse(collectionName, parseData),`,
        },
      ],
      [
        {
          find: /return (this\.#queue\.add\(\(\) => this\.#doSync\(options\)\));/,
          replace: `return ${LIVE}.collections.read(this, $1);`,
        },
      ],
      [{ find: /logger\.info\("Synced content"\);/, replace: `$&${LIVE}.collections.complete();` }],
    ],
  },
  {
    name: "content-config",
    without: "an error in the configuration of content collections is not reported",
    file: "content/utils.js",
    places: [[{ find: /ctx = _ctx;/, replace: `$&${LIVE}.collections.configured(_ctx);` }]],
  },
  {
    name: "restarts",
    without:
      "an edit of the configuration is lost while the dev server restarts for another file, and has no verdict where it takes more than 15 s",
    file: "core/dev/restart.js",
    places: [
      [
        {
          find: /if \(restartInFlight\) return false;/,
          replace: `if (restartInFlight) return ${LIVE}.ignored(changedFile, settings.watchFiles);`,
        },
      ],
      ...["true", "false"].map((underWay) => [
        {
          find: new RegExp(`container\\.restartInFlight = ${underWay};`),
          replace: `container.restartInFlight = ${LIVE}.restarting(${underWay});`,
        },
      ]),
    ],
  },
  {
    name: "package-components",
    without:
      "Astro components of packages fail where packages and project lie on different file systems",
    file: "vite-plugin-utils/index.js",
    places: [
      [
        {
          find: /filename\.startsWith\("\/"\) && !(\w+)\(filename, fileURLToPath\(root\)\)/,
          replace:
            'filename.startsWith("/") && !$1(filename, fileURLToPath(root)) && !process.getBuiltinModule("node:fs").existsSync(filename)',
        },
      ],
    ],
  },
  {
    name: "source-places",
    without:
      "where the dev toolbar is off, a page in a frame cannot say which file an element comes from",
    file: "core/compile/compile.js",
    places: [
      [
        {
          find: /(annotateSourceFile: viteConfig\.command === "serve" && )([^\n]+),\n/,
          replace: `$1(${LIVE}.places || ($2)),\n`,
        },
      ],
    ],
  },
  {
    name: "component-memory",
    without: "a component whose text is as it was before is compiled again",
    file: "vite-plugin-astro/compile.js",
    places: [
      [
        {
          find: /astroFileToCompileMetadata\.set\((?=compileProps\.filename, \{)/,
          replace: `${LIVE}.compiled(astroFileToCompileMetadata, `,
        },
      ],
    ],
  },
  {
    name: "route-list",
    without: "an edit of any file has every page of the site read again",
    file: "vite-plugin-routes/index.js",
    places: ROUTES,
    later: true,
  },
  {
    name: "route-turns",
    without: "a page that is deleted and written again at once may stay away on a busy machine",
    file: "core/routing/create-manifest.js",
    places: ROUTE_TURNS,
    later: true,
  },
  {
    name: "route-turns-5",
    without: "a page that is deleted and written again at once may stay away on a busy machine",
    file: "core/routing/manifest/create.js",
    places: ROUTE_TURNS,
    later: true,
  },
  {
    name: "generated-files",
    without:
      "generated files (.astro) are written into the project, which may be slow, shared or read-only",
    file: "core/config/settings.js",
    places: [
      [
        {
          find: /const dotAstroDir = new URL\("\.astro\/", config\.root\);/,
          replace: `const dotAstroDir = new URL(".astro/", ${LIVE}.scratch || config.root);`,
        },
      ],
    ],
  },
];

/**
 * Whether a file may be that of one of Astro's routes, whose components are named relative to the
 * site, or of a page that the list lacks: a writer may have deleted the page, and not yet written it
 * again, when the list was made.
 * @param {{ component: string, redirectRoute?: { component: string } }[]} routes
 * @param {string} file
 * @param {{ srcDir: URL }} config
 */
export function ofRoutes(routes, file, { srcDir }) {
  const pages = fileURLToPath(new URL("pages/", srcDir));
  // Astro makes no route of a name that begins with an underscore.
  if (file.startsWith(pages) && !/(^|[\\/])_/.test(file.slice(pages.length))) return true;
  return routes.some(({ component, redirectRoute }) =>
    [component, redirectRoute?.component].some(
      (each) => each && file.endsWith(each.replace(/^(?:\.{0,2}\/)+/, "")),
    ),
  );
}

const MODULE = /\/node_modules\/astro\/dist\/([\w/.-]+\.js)$/;

/**
 * The source with the acceleration's changes, or undefined where no form of one of its places
 * occurs exactly once.
 * @param {Acceleration} acceleration
 * @param {string} source
 */
export function accelerated({ places }, source) {
  let changed = source;
  for (const forms of places) {
    const form = forms.find(({ find }) => source.match(new RegExp(find, "g"))?.length === 1);
    if (!form) return undefined;
    changed = changed.replace(form.find, form.replace);
  }
  return changed;
}

/**
 * Which accelerations the Astro at `astroDir` gets: `{ name, active, without }` each, in the order
 * of the list.
 * @param {string} astroDir
 */
export function inspectAccelerations(astroDir) {
  return ACCELERATIONS.map((acceleration) => {
    const text = textOf(path.join(astroDir, "dist", acceleration.file));
    const needless = acceleration.later === true && text === "";
    return {
      name: acceleration.name,
      active:
        !isDisabled(acceleration) && (needless || accelerated(acceleration, text) !== undefined),
      without: acceleration.without,
    };
  });
}

/** Change modules as Node loads them. Call before Astro is imported. */
export function installAccelerations() {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const file = url.startsWith("file:") ? MODULE.exec(url)?.[1] : undefined;
      const wanted = ACCELERATIONS.filter(
        (acceleration) => acceleration.file === file && !isDisabled(acceleration),
      );
      if (wanted.length === 0) return loaded;
      const source = String(loaded.source ?? readFileSync(fileURLToPath(url)));
      return {
        ...loaded,
        source: wanted.reduce(
          (text, acceleration) => accelerated(acceleration, text) ?? text,
          source,
        ),
      };
    },
  });
}

/**
 * For tests and for finding faults: `ASTRO_LIVE_ACCELERATIONS=off` runs Astro's modules as they
 * are.
 * @param {Acceleration} _acceleration
 */
function isDisabled(_acceleration) {
  return process.env.ASTRO_LIVE_ACCELERATIONS === "off";
}

/** @param {string} file */
function textOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
