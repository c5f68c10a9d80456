// Edited modules of the server's side are compiled as soon as the edit has been handled, while the
// open pages are notified and other files of the same change are still on their way. A page's
// request would compile them one after the other: the server's modules import in turn.
//
// It is what Vite does at the page's request, no sooner than Vite has forgotten the earlier version,
// and Vite keeps the result by its own rules (module-graph.mjs closes the gaps in them). Nothing is
// compiled that no page had asked for before.

/** A branch that is checked out has thousands of files, which nobody looks at. */
const MOST_AT_ONCE = 200;
/** The environments of Vite that render pages. */
const OF_PAGES = ["ssr", "prerender"];
const CONFIG = /\.config\.[cm]?[jt]s$/;

export class CompileAhead {
  #server;
  #working = 0;

  /** @param {() => import("./types.d.mts").Server | undefined} server */
  constructor(server) {
    this.#server = server;
  }

  /**
   * The change of a file has been handled.
   * @param {string} file
   */
  handled(file) {
    const server = this.#server();
    // Vite 5 has no environments. Its modules load their imports at the same time.
    if (!server?.environments || server.ws.clients.size === 0 || CONFIG.test(file)) return;
    for (const name of OF_PAGES) {
      const environment = server.environments[name];
      // Parts of a component are made of what its own module was compiled to.
      for (const module of environment?.moduleGraph.getModulesByFile(file) ?? [])
        if (module.id === file && !module.transformResult)
          setImmediate(() => this.#compile(environment, module)); // what pages are told goes first
    }
  }

  /**
   * What is wrong with it, says the page, or the check, that asks for it again.
   * @param {import("vite").DevEnvironment} environment
   * @param {import("vite").EnvironmentModuleNode} module
   */
  async #compile(environment, { url, transformResult }) {
    if (transformResult || this.#working >= MOST_AT_ONCE) return;
    this.#working++;
    try {
      await environment.transformRequest(url);
    } catch {
    } finally {
      this.#working--;
    }
  }
}
