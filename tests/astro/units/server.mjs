// A Vite server without files, HTTP and watcher, for what is said of its modules.

import { createServer } from "../../../container/astro/node_modules/vite/dist/node/index.js";

/** @param {import("../../../container/astro/node_modules/vite/dist/node/index.js").Plugin[]} plugins which resolve and load all modules */
export const serverOf = (...plugins) =>
  createServer({
    configFile: false,
    logLevel: "silent",
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
    plugins,
  });
