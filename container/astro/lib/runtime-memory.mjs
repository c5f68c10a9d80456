// What Astro remembers across edits: `astro dev` itself shows an edit of these only after a restart.
//
// 1. The middleware, as it was at the first request: in 6.0 whatever is edited, in 7.0 what it
//    imports. It is asked for at each request instead, which the module runner answers from what it
//    has run. (7.3 forgets it with every edit, but remembers it by its manifest, which here outlives
//    edits that are not of scripts: module-graph.mjs.)
// 2. The actions, where something that they import is edited (from 7.0 on). The same.
// 3. The result of `getStaticPaths`, until the page's own file is edited (6.0). It holds for the
//    module that it came from, as in later releases.
// 4. Whether the site has middleware: that is found out where it is imported first, once.

/** What Astro imports, and the id that this then has: from 6 on, and before. */
const MIDDLEWARE = new Map([
  ["virtual:astro:middleware", "\0virtual:astro:middleware"],
  ["\0astro-internal:middleware", "\0astro-internal:middleware"],
]);
const WITHOUT = "\0noop-middleware";
/** The environments of Vite that may run middleware. */
const SERVERS = ["ssr", "prerender", "astro"];

/** @type {Record<string, [find: string, replace: string][]>} */
const FORGETFUL = {
  "core/base-pipeline.js": [
    ["if (this.resolvedMiddleware) {", "if (false) {"],
    ["if (this.resolvedActions) {", "if (false) {"],
  ],
  "core/middleware/load.js": [
    [
      "return middlewareMemo.get(manifest);",
      "middlewareMemo.invalidate(manifest); return middlewareMemo.get(manifest);",
    ],
  ],
  "actions/load.js": [
    [
      "return actionsMemo.get(manifest);",
      "actionsMemo.invalidate(manifest); return actionsMemo.get(manifest);",
    ],
  ],
  "core/render/route-cache.js": [
    ["if (cached?.staticPaths) {", "if (cached?.staticPaths && cached.mod === mod) {"],
    ["{ ...cached, staticPaths:", "{ ...cached, mod, staticPaths:"],
  ],
};

/**
 * The source of a module of Astro's without such a memory, or undefined where it has none.
 * @param {string} id
 * @param {string} source
 */
export function forgetful(id, source) {
  const file = /\/node_modules\/astro\/dist\/([\w/.-]+\.js)$/.exec(id.split("?")[0])?.[1];
  if (!file || !Object.hasOwn(FORGETFUL, file)) return;
  const code = FORGETFUL[file].reduce(
    (text, [find, replace]) => text.replaceAll(find, replace),
    source,
  );
  return code === source ? undefined : code;
}

/**
 * Whether a file may be the site's middleware.
 * @param {string} file
 * @param {string} sources the site's `srcDir`
 */
export function isMiddleware(file, sources) {
  const folder = sources.endsWith("/") ? sources : `${sources}/`;
  return (
    file.startsWith(folder) &&
    /^middleware(?:\/index)?\.[cm]?[jt]sx?$/.test(file.slice(folder.length))
  );
}

/**
 * Vite plugin.
 * @param {() => string} sources the site's `srcDir`
 */
export function runtimeMemoryPlugin(sources) {
  return {
    name: "astro-live:runtime-memory",
    enforce: /** @type {const} */ ("pre"),

    /** @param {import("./types.d.mts").Server} server */
    configureServer(server) {
      if (server.config.server.middlewareMode || !server.environments) return;
      for (const event of ["add", "unlink"])
        server.watcher.on(event, (/** @type {string} */ file) =>
          isMiddleware(file, sources()) ? findAgain(server) : undefined,
        );
    },

    resolveId: {
      order: /** @type {const} */ ("pre"),
      /**
       * A site without middleware gets the module of those that have some, which then is empty:
       * Astro's manifest keeps the answer.
       * @this {{ resolve: (id: string, importer?: string, options?: object) => Promise<{ id: string }
       *   | null> }}
       * @param {string} id
       * @param {string} [importer]
       */
      async handler(id, importer) {
        const resolved = MIDDLEWARE.get(id);
        if (!resolved) return;
        const found = await this.resolve(id, importer, { skipSelf: true });
        return found?.id === WITHOUT ? { ...found, id: resolved } : found;
      },
    },

    /**
     * @param {string} source
     * @param {string} id
     */
    transform(source, id) {
      const code = forgetful(id, source);
      return code === undefined ? undefined : { code, map: null };
    },
  };
}

/** @param {import("./types.d.mts").Server} server */
async function findAgain(server) {
  for (const name of SERVERS)
    for (const [id, resolved] of MIDDLEWARE) {
      const environment = server.environments?.[name];
      const module = environment?.moduleGraph.getModuleById(resolved);
      if (!environment || !module) continue;
      await environment.pluginContainer.resolveId(id);
      environment.moduleGraph.invalidateModule(module);
      environment.hot.send("astro:middleware-updated", {});
    }
  server.ws.send({ type: "full-reload", path: "*" });
}
