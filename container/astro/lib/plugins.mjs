// The Vite plugins of a session, in their order. Each is placed for a reason:
//
// 1. ahead      looks at modules of Astro's runtime; no other plugin changes those.
// 2. store      answers for Astro's data store before Astro does (`load`, order pre).
// 3. scripts    decides before Astro which modules an edit concerns (`hotUpdate`, order pre).
// 4. parts      has a component compiled before Astro hands out its styles and scripts (`load`, order pre).
// 5. imports    answers for Astro's runtime before others resolve it (`resolveId`, order pre).
// 6. memory     has the first word on Astro's middleware (`resolveId`, order pre).
// 7. page       adds to Vite's client before Vite resolves the client's imports (enforce pre).
// 8. server     takes over the watcher and the HMR channel before other plugins use them (`configureServer`, order pre).
// 9. addresses  has the last word on Vite's configuration, and its middleware comes before Astro's
//    (enforce post).
// 10. unresolved sees the imports that nobody has resolved (enforce post).
// 11. pages     sees what is answered as the last one, after `addresses` has moved its links (enforce post).

import { addressPlugin } from "./addresses.mjs";
import { aheadPlugin } from "./ahead.mjs";
import { componentPartsPlugin } from "./component-parts.mjs";
import { pagePlugin } from "./page-plugin.mjs";
import { pagesPlugin } from "./pages.mjs";
import { runtimeImportsPlugin } from "./runtime-imports.mjs";
import { runtimeMemoryPlugin } from "./runtime-memory.mjs";

/**
 * `onServer` gets each new Vite server before other plugins configure it, `current()` is the one in
 * use; `addresses` and `pages`
 * are the options of those plugins; `embedding` is what pages in frames need to know,
 * `sources` the site's `srcDir`.
 * @param {{ onServer: (server: import("./types.d.mts").Server) => void, current: () =>
 *   import("./types.d.mts").Server | undefined, store:
 *   import("./data-store.mjs").DataStore, collections: import("./collections.mjs").Collections, scripts: import("./scripts.mjs").Scripts, unresolved:
 *   import("./unresolved.mjs").Unresolved, addresses: Parameters<typeof addressPlugin>[0], pages:
 *   Parameters<typeof pagesPlugin>[0], embedding?: import("./page/embed.js").Settings,
 *   sources: () => string }} options
 */
export function sessionPlugins({
  onServer,
  current,
  store,
  collections,
  scripts,
  unresolved,
  addresses,
  pages,
  embedding,
  sources,
}) {
  return [
    aheadPlugin(),
    store.plugin(),
    collections.plugin(),
    scripts.plugin(),
    componentPartsPlugin(current),
    runtimeImportsPlugin(),
    runtimeMemoryPlugin(sources),
    pagePlugin(embedding),
    serverPlugin(onServer),
    addressPlugin(addresses),
    unresolved.plugin(),
    pagesPlugin(pages),
  ];
}

/**
 * @param {(server: import("./types.d.mts").Server) => void} onServer
 * @returns {import("vite").Plugin}
 */
function serverPlugin(onServer) {
  return {
    name: "astro-live:server",
    enforce: "pre",
    configureServer: {
      order: "pre",
      /** @param {import("./types.d.mts").Server} server */
      handler(server) {
        if (!server.config.server.middlewareMode) onServer(server);
      },
    },
  };
}
