// The session's base path (`/session/{id}/`) for Vite, without a change to the site's configuration.
//
// Astro strips its own base from each request and leaves Vite's base at `/`, so Vite's client, module URLs and HMR socket would
// sit outside the session. Setting `vite.base` in the site's configuration makes both of them strip it. This plugin sets Vite's
// base after Astro has read the configuration, and takes Vite's stripping out of the request path.

import { responseMiddleware } from "./responses.mjs";

/**
 * `base` with leading and closing slash, `origin` the public one, `hmr` as in the start message, `serverOptions` more of Vite's
 * `server` options. `onServer` gets each dev server (a new one after a restart of the configuration). `onMissing` is told what
 * this plugin expected of Vite and did not find; it throws.
 */
export function prefixPlugin({ base, origin, hmr, cacheDir, serverOptions, onServer, onMissing }) {
  return {
    name: "astro-live:prefix",
    enforce: "post",

    config(config) {
      // Astro also makes short-lived servers in middleware mode, to read content collections. They watch nothing and listen nowhere.
      if (config.server?.middlewareMode) return { base, cacheDir: `${cacheDir}-sync` };
      return {
        base,
        cacheDir,
        server: {
          ...serverOptions,
          ws: { protocol: hmr.protocol, clientPort: hmr.clientPort, path: hmr.path },
        },
      };
    },

    configResolved(config) {
      if (config.server.middlewareMode) return;
      const path = config.server.ws?.path;
      if (config.base !== base || path !== hmr.path) {
        onMissing(`Vite resolved base ${config.base} and HMR path ${path}; expected ${base} and ${hmr.path}`);
      }
    },

    configureServer(server) {
      if (server.config.server.middlewareMode) return;
      onServer(server);
      return () => {
        const { stack } = server.middlewares;
        const place = stack.findIndex((layer) => layer.handle.name === "viteBaseMiddleware");
        if (place >= 0) stack.splice(place, 1);
        else if (base !== "/") onMissing("Vite's base middleware (viteBaseMiddleware) is not in the middleware stack");
        stack.unshift({ route: "", handle: responseMiddleware({ base: base.replace(/\/$/, ""), origin }) });
      };
    },
  };
}
