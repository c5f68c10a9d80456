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

/** Edits that come faster than a module can be made end some time. */
const MOST_ATTEMPTS = 5;

/**
 * Close them for a Vite server.
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
