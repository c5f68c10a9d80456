// Two changes to Vite's client, the script that keeps a page live.
//
// A page that an earlier dev server has rendered and whose client came from a later one is out of date, and nobody would tell it: the client
// connects to a server that is well and has no news. That happens when the configuration restarts the server just between the two
// requests. So pages carry the start time of their server, and the client of a later server loads such a page anew.
//
// And the client waits 20 ms before it reloads a page, for more messages of the kind. Astro sends one per edit, and a second reload merely
// replaces a first one that is under way.

const NAME = "astro-live-server";
const CLIENT = /\/vite\/dist\/client\/client\.mjs$/;
export const WAIT = "debounceReload(20)";

/** Vite plugin. `now` gives milliseconds that grow from one dev server to the next, over processes too. */
export function clientPlugin({ onLog, now = Date.now }) {
  const starts = new WeakMap();
  return {
    name: "astro-live:client",

    configureServer(server) {
      if (server.config.server.middlewareMode) return;
      const started = now();
      starts.set(server.environments.client, started);
      server.middlewares.use(function astroLiveStart(request, response, next) {
        // Scripts cannot read the headers of their own page, except this one.
        if (isPage(request)) response.setHeader("Server-Timing", `${NAME};desc="${started}"`);
        next();
      });
    },

    transform: {
      filter: { id: CLIENT },
      handler(code) {
        if (!code.includes(WAIT)) onLog("warn", `Vite's client has no ${WAIT}: pages reload 20 ms later than they could`);
        const started = starts.get(this.environment);
        const quick = code.replace(WAIT, "debounceReload(0)");
        return { code: started === undefined ? quick : `${quick}\n${reloadIfOlderThan(started)}\n`, map: null };
      },
    },
  };
}

function isPage(request) {
  return request.method === "GET" && /^(document|i?frame)$/.test(request.headers["sec-fetch-dest"] ?? "");
}

function reloadIfOlderThan(started) {
  return `if (typeof performance !== "undefined" && typeof location !== "undefined") {
  const [page] = performance.getEntriesByType("navigation");
  const served = page?.serverTiming?.find(({ name }) => name === ${JSON.stringify(NAME)})?.description;
  if (served && Number(served) < ${started}) location.reload();
}`;
}
