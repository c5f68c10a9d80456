// Two gaps of Vite's module graph, through which an earlier version of a module is rendered until the next edit (bare Astro too).
//
// 1. What is being made of a module when it is invalidated must not be kept. Vite sees to that for edits of its file. It does not for
//    invalidations by plugins that say that they are of an update (`isHmr`): Astro's of the store of its collections, and of the styles of pages.
// 2. A module runner (Vite 6 and later) that has run a module asks whether that was transformed again. Vite says that it was not wherever it finds it
//    transformed, also where somebody else had that done since: Astro does for the styles of a page, while another page is rendered.

/**
 * Close both for a Vite server.
 * @param {import("./types.d.mts").Server} server
 */
export function closeGaps({ environments, moduleGraph }) {
  if (!environments) return invalidateForGood(moduleGraph);
  for (const environment of Object.values(environments)) {
    invalidateForGood(environment.moduleGraph);
    if (environment.name !== "client") fetchWhatIsNew(environment);
  }
}

/**
 * Every invalidation holds for what is under way.
 * @param {any} graph
 */
export function invalidateForGood(graph) {
  const { invalidateModule } = graph;
  // Vite's clock runs ahead of others where it is asked several times within a millisecond. Only Vite can say what time it is.
  const now = () => {
    const probe = { importers: new Set(), lastInvalidationTimestamp: 0 };
    invalidateModule.call(graph, probe);
    return probe.lastInvalidationTimestamp;
  };
  graph.invalidateModule = (/** @type {any} */ module, /** @type {any[]} */ ...rest) => {
    const result = invalidateModule.call(graph, module, ...rest);
    const [, , isHmr] = rest;
    if (isHmr) module.lastInvalidationTimestamp = now();
    return result;
  };
}

/**
 * The module runner of an environment keeps what it has run only if that is what the graph holds.
 * @param {any} environment
 */
export function fetchWhatIsNew(environment) {
  const { fetchModule, moduleGraph } = environment;
  if (!fetchModule) return;
  /** What the runner got last, by module. @type {WeakMap<object, object>} */
  const given = new WeakMap();
  environment.fetchModule = async (/** @type {string} */ url, /** @type {any} */ importer, /** @type {any} */ options) => {
    const fetch = (/** @type {object} */ more = {}) => fetchModule.call(environment, url, importer, options && { ...options, ...more });
    if (typeof options?.cached !== "boolean") return fetch();
    const known = await moduleGraph.getModuleByUrl(unwrapped(url));
    const isNew = known?.transformResult && given.get(known) !== known.transformResult;
    const result = await fetch(isNew && { cached: false });
    const module = result.id === undefined ? undefined : moduleGraph.getModuleById(result.id);
    if (!module) return result;
    const { transformResult } = module;
    // One that was invalidated meanwhile holds something else by now, or nothing.
    if (transformResult?.code === result.code) given.set(module, transformResult);
    else given.delete(module);
    return isNew ? { ...result, invalidate: true } : result;
  };
}

/**
 * An address of Vite's as the graph has it.
 * @param {string} url
 */
function unwrapped(url) {
  return url.startsWith("/@id/") ? url.slice("/@id/".length).replace("__x00__", "\0") : url;
}
