// The session's base path (`/session/{id}/`) for Vite, without a change to the site's configuration.
//
// Astro strips its own base from each request and leaves Vite's base at `/`, so Vite's client, module URLs and HMR socket would
// sit outside the session. Setting `vite.base` in the site's configuration makes both of them strip it. This plugin sets Vite's
// base after Astro has read the configuration, and takes Vite's stripping out of the request path.

/**
 * `base` with leading and closing slash; `hmr` as in the start message; `report` is told about what the plugin expected and
 * did not find.
 */
export function prefixPlugin({ base, hmr, cacheDir, allowedFolders, watch, report }) {
  return {
    name: "astro-live:prefix",
    enforce: "post",
    config() {
      return {
        base,
        cacheDir,
        server: {
          ws: { protocol: hmr.protocol, clientPort: hmr.clientPort, path: hmr.path },
          fs: { allow: allowedFolders },
          watch,
          open: false,
        },
      };
    },
    configResolved(config) {
      const ws = config.server.ws;
      if (config.base !== base || typeof ws !== "object" || ws.path !== hmr.path) {
        report(`Vite resolved base ${config.base} and HMR path ${ws?.path}; expected ${base} and ${hmr.path}`);
      }
    },
    configureServer(server) {
      return () => {
        const { stack } = server.middlewares;
        const place = stack.findIndex((layer) => layer.handle.name === "viteBaseMiddleware");
        if (place < 0) report("Vite's base middleware (viteBaseMiddleware) is not in the middleware stack");
        else stack.splice(place, 1);
      };
    },
  };
}
