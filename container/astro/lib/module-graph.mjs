// Gaps of Vite's module graph, through which an earlier version of a module is rendered until the
// next edit (bare Astro too).
//
// 1. What is being made of a module when it is invalidated must not be kept. Vite sees to that for
//    edits of its file. It does not for
//    invalidations by plugins that say that they are of an update (`isHmr`): Astro's of the store of its collections, and of the styles of pages.
// 2. A module runner (Vite 6 and later) that has run a module asks whether that was transformed
//    again. Vite says that it was not wherever it finds it
//    transformed, also where somebody else had that done since: Astro does for the styles of a page, while another page is rendered.
// 3. Who asks for a module while another request for it is under way gets the answer of that one,
//    or its error, although the module was invalidated
//    in between.
//
// And more is invalidated than an edit can change. From Astro 6 on, its server runtime runs in the
// module runner and imports the pages lazily, so with any edit below `src/` some hundred modules of
// Astro were asked for again, and a third of them run again: a third of the time that the page took.
// A lazy import gets the newest module whenever it is called; its module need not run again.

import { forgetOutdated } from "./outdated.mjs";

/** Edits that come faster than a module can be made end some time. */
const MOST_ATTEMPTS = 5;

/**
 * Close them for a Vite server.
 * @param {import("./types.d.mts").Server} server
 */
export function closeGaps(server) {
  const { environments, moduleGraph } = server;
  if (!environments) return invalidateForGood(moduleGraph);
  const edits = editsOf(server.watcher);
  for (const environment of Object.values(environments)) {
    invalidateForGood(environment.moduleGraph);
    if (environment.name === "client") {
      forgetOutdated(environment);
      continue;
    }
    fetchWhatIsNew(environment);
    keepRuntime(environment, edits);
  }
}

const ROUTES = "\0virtual:astro:routes";
const MANIFEST = "\0virtual:astro:manifest";
const PAGES = "\0virtual:astro:pages";
const PAGE = "\0virtual:astro:page:";
const STYLES = "\0virtual:astro:dev-css-all";
const PAGE_STYLES = "\0virtual:astro:dev-css:";
const MIDDLEWARE = "\0virtual:astro:middleware";
/** Middleware, actions and endpoints are such files, and what they import. */
const SCRIPT = /\.[cm]?[jt]sx?$/;
const RUNTIME = /\/node_modules\/astro\/dist\//;

/**
 * Whether `importer` imports `module` when it is asked for it, each time again: Astro's list of
 * pages the pages, its list of their styles those of a page, its runtime that list, its manifest the
 * middleware (runtime-memory.mjs), which Astro invalidates with every edit from 7.3 on.
 * @param {import("vite").EnvironmentModuleNode} module
 * @param {import("vite").EnvironmentModuleNode} importer
 */
function isLazy({ id, url }, importer) {
  const known =
    (id?.startsWith(PAGE) && importer.id === PAGES) ||
    (id?.startsWith(PAGE_STYLES) && importer.id === STYLES) ||
    (id === STYLES && RUNTIME.test(importer.id ?? "")) ||
    (id === MIDDLEWARE && importer.id === MANIFEST);
  if (!known || !importer.transformResult) return false;
  const { deps, dynamicDeps } = importer.transformResult;
  const isIt = (/** @type {string} */ name) => unwrapped(name) === unwrapped(url);
  return (dynamicDeps?.some(isIt) && !deps?.some(isIt)) ?? false;
}

/** Astro's plugins for its lists, by module. */
const LISTS = new Map([
  [ROUTES, "astro:routes"],
  [STYLES, "virtual:astro:dev-css-all"],
]);

/**
 * Astro's list of routes, or of pages' styles, as its module would have it now. Astro names the
 * edited file in each route, which means nothing.
 * @param {import("vite").DevEnvironment} environment
 * @param {string} id
 */
function listOf(environment, id) {
  const load = environment.plugins.find(({ name }) => name === LISTS.get(id))?.load;
  const handler = typeof load === "function" ? load : load?.handler;
  try {
    // any: of a plugin's context the releases so far read the environment only
    const loaded = handler?.call(/** @type {any} */ ({ environment }), id);
    if (loaded instanceof Promise) loaded.catch(() => {});
    return typeof loaded === "object" && loaded && "code" in loaded
      ? String(loaded.code).replaceAll(/"file":"(?:[^"\\]|\\.)*",/g, "")
      : undefined;
  } catch {
    return undefined; // it needs more than it does in the releases so far
  }
}

/**
 * What is known of the edits that a watcher reports: `harmless` is true while listeners hear of one
 * that leaves Astro's manifest as it is, `others` counts the rest.
 * @param {import("vite").FSWatcher} watcher
 */
export function editsOf(watcher) {
  const edits = { harmless: false, others: 0 };
  for (const event of /** @type {const} */ (["add", "change", "unlink"]))
    watcher.prependListener(event, (file) => {
      edits.harmless = event === "change" && !SCRIPT.test(file);
      if (!edits.harmless) edits.others++;
      queueMicrotask(() => {
        edits.harmless = false;
      });
    });
  return edits;
}

/**
 * Astro's runtime in a module runner is run again only where an edit may have changed it. Astro
 * invalidates its manifest and its routes with every edit below `src/`. An edit of a file that is no
 * script changes nothing in the manifest, which is made of the configuration, and of the routes at
 * most what they say.
 * @param {import("vite").DevEnvironment} environment
 * @param {ReturnType<typeof editsOf>} edits
 */
export function keepRuntime(environment, edits) {
  const { moduleGraph } = environment;
  const { invalidateModule } = moduleGraph;
  /** @type {import("vite").EnvironmentModuleNode | undefined} */
  let invalidated;
  /**
   * The lists that the runtime has, as far as that is known, and after how many edits.
   * @type {Map<string, { list: string | undefined, others: number }>}
   */
  const lists = new Map();

  const isSame = (/** @type {string | null} */ id) => {
    if (id === MANIFEST) return edits.harmless;
    if (id === null || !LISTS.has(id)) return false;
    const before = lists.get(id);
    const { others } = edits;
    const list = listOf(environment, id);
    lists.set(id, { list, others });
    return list !== undefined && list === before?.list && others === before.others;
  };
  moduleGraph.invalidateModule = (module, ...rest) => {
    if (invalidated ? isLazy(invalidated, module) : isSame(module.id)) return;
    const outer = invalidated;
    invalidated = module;
    try {
      return invalidateModule.call(moduleGraph, module, ...rest);
    } finally {
      invalidated = outer;
    }
  };
}

/**
 * Every invalidation holds for what is under way.
 * @param {import("./types.d.mts").Graph} graph
 */
export function invalidateForGood(graph) {
  const { invalidateModule } = graph;
  // Vite's clock runs ahead of others where it is asked several times within a millisecond. Only
  // Vite can say what time it is.
  const now = () => {
    const probe = { importers: new Set(), lastInvalidationTimestamp: 0 };
    invalidateModule.call(graph, probe);
    return probe.lastInvalidationTimestamp;
  };
  graph.invalidateModule = (module, ...rest) => {
    invalidateModule.call(graph, module, ...rest);
    const [, , isHmr] = rest;
    if (isHmr) module.lastInvalidationTimestamp = now();
  };
}

/**
 * The module runner of an environment gets a module as it is when the answer leaves, and keeps what
 * it has run only if that is what the graph holds.
 * @param {import("vite").DevEnvironment} environment
 */
export function fetchWhatIsNew(environment) {
  const { fetchModule, moduleGraph } = environment;
  if (!fetchModule) return;
  /** What the runner got last, by module. @type {WeakMap<object, object>} */
  const given = new WeakMap();
  let invalidations = 0;
  const { invalidateModule } = moduleGraph;
  moduleGraph.invalidateModule = (...parameters) => {
    invalidations++;
    // One whose imports have changed is taken as it was, and has to run again all the same.
    given.delete(parameters[0]);
    return invalidateModule.apply(moduleGraph, parameters);
  };

  /**
   * Whether an answer is what the graph holds. `calm` says that nothing was invalidated while it
   * was made.
   */
  const isCurrent = (
    /** @type {import("vite").FetchResult} */ result,
    /** @type {boolean} */ calm,
  ) => {
    const module = "id" in result ? moduleGraph.getModuleById(result.id) : undefined;
    if (!module || !("code" in result)) return true;
    const { transformResult } = module;
    if (!calm && transformResult?.code !== result.code) return false;
    if (transformResult) given.set(module, transformResult);
    return true;
  };

  const attempt = async (
    /** @type {Parameters<typeof fetchModule>} */ ...[url, importer, options]
  ) => {
    const known = await moduleGraph.getModuleByUrl(unwrapped(url));
    const isNew = known?.transformResult && given.get(known) !== known.transformResult;
    const result = await fetchModule.call(
      environment,
      url,
      importer,
      isNew ? { ...options, cached: false } : options,
    );
    return isNew ? { ...result, invalidate: true } : result;
  };

  environment.fetchModule = async (url, importer, options) => {
    if (typeof options?.cached !== "boolean")
      return fetchModule.call(environment, url, importer, options);
    for (let left = MOST_ATTEMPTS - 1; ; left--) {
      const before = invalidations;
      try {
        const result = await attempt(url, importer, options);
        if (isCurrent(result, before === invalidations) || left === 0) return result;
      } catch (error) {
        if (before === invalidations || left === 0) throw error;
      }
    }
  };
}

/**
 * An address of Vite's as the graph has it.
 * @param {string} url
 */
function unwrapped(url) {
  return url.startsWith("/@id/") ? url.slice("/@id/".length).replace("__x00__", "\0") : url;
}
