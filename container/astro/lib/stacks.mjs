// The lines that stacks of the site's errors name.
//
// A module runner (Vite 6 and later) runs modules with their source maps, so a stack names places in
// the sources. Astro has the stack of every error mapped again by `ssrFixStacktrace`, which is meant
// for modules of `ssrLoadModule`: the line that is named then is another one (bare Astro too).

const FRAME = /^\s+at .*?\(?((?:file:\/\/)?\/[^()]*?):\d+:\d+\)?$/gm;

/**
 * Map no stack of a module that a runner has run.
 * @param {import("./types.d.mts").Server} server
 */
export function keepMappedStacks(server) {
  const { environments, ssrFixStacktrace } = server;
  if (!environments) return;
  server.ssrFixStacktrace = (error) => {
    if (!ranBy(Object.values(environments), error.stack ?? ""))
      ssrFixStacktrace.call(server, error);
  };
}

/**
 * Whether one of the stack's files was run by the runner of an environment.
 * @param {object[]} environments
 * @param {string} stack
 */
function ranBy(environments, stack) {
  const files = [...stack.matchAll(FRAME)].map(([, place]) =>
    place.replace(/^file:\/\//, "").replace(/\?.*$/, ""),
  );
  return environments.some((environment) => {
    const { runner } = /** @type {Partial<import("vite").RunnableDevEnvironment>} */ (environment);
    return files.some((file) => (runner?.evaluatedModules.getModulesByFile(file)?.size ?? 0) > 0);
  });
}
