// Addresses of packages that Vite has bundled again.
//
// Vite finds a package that it did not know while a page loads, bundles all packages again, and has
// the page loaded again. The bundles' addresses have another version then. What asks for a package by
// its name (`/@id/{package}`, as Astro's pages do for the dev toolbar) has the address of the first
// bundle for good, since the module graph remembers it by the name, and each request is answered 504
// "Outdated Optimize Dep" until the dev server starts again. Bare Vite 7 and 8 do so, too.

/**
 * Have the names of packages that were bundled again looked up again.
 * @param {import("vite").DevEnvironment} environment
 */
export function forgetOutdated(environment) {
  const { moduleGraph } = environment;
  // Not in Vite's types.
  const names = Reflect.get(moduleGraph, "_unresolvedUrlToModuleMap");
  const { getModuleByUrl } = moduleGraph;
  if (!(names instanceof Map)) return;
  moduleGraph.getModuleByUrl = async (url) => {
    const module = await getModuleByUrl.call(moduleGraph, url);
    if (!module?.id || !isOutdated(module.id, environment.depsOptimizer)) return module;
    for (const known of [names, moduleGraph.urlToModuleMap])
      for (const [name, named] of known) if (named === module) known.delete(name);
    return getModuleByUrl.call(moduleGraph, url);
  };
}

/**
 * @param {string} id
 * @param {import("vite").DevEnvironment["depsOptimizer"]} optimizer
 */
function isOutdated(id, optimizer) {
  const version = /[?&]v=([\w.-]+)/.exec(id)?.[1];
  if (!version || !optimizer?.isOptimizedDepFile(id)) return false;
  const file = id.replace(/[?#].*$/s, "");
  const known = optimizer.metadata.depInfoList.find((each) => each.file === file);
  return known?.browserHash !== version;
}
