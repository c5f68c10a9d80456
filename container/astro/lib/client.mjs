// Four changes to Vite's client, the script that keeps a page live.
//
// A page whose HTML has changed is brought up to date in place where that is possible (in-place.js), instead of loaded anew.
//
// A page that an earlier dev server has rendered and whose client came from a later one is out of date, and nobody would tell it: the client
// connects to a server that is well and has no news. That happens when the configuration restarts the server just between the two
// requests. So pages carry the start time of their server, and the client of a later server loads such a page anew.
//
// A page that was rendered before an edit, and opened its socket after the message about it, catches up.
//
// And the client waits 20 ms before it reloads a page, for more messages of the kind. Astro sends one per edit, and a second reload merely
// replaces a first one that is under way.

import { readFileSync } from "node:fs";
import { RENDERS } from "./events.mjs";
import { earlierHtml, isBehind, isDocument, served } from "./pages.mjs";

const NAME = "astro-live-server";
/** The module file of Vite's client. */
export const CLIENT = /\/vite\/dist\/client\/client\.mjs$/;
export const WAIT = "debounceReload(20)";
/** Where the client handles a reload that is meant for every page. */
export const RELOAD = "} else pageReload();";
const IN_PLACE = readFileSync(new URL("in-place.js", import.meta.url), "utf8").replace(/^export /gm, "");

/**
 * Vite plugin. `base` without closing slash; `inPlace` is whether pages may be updated without a reload; `now` gives milliseconds that
 * grow from one dev server to the next, over processes too.
 */
export function clientPlugin({ base, inPlace, onLog, now = Date.now }) {
  const starts = new WeakMap();
  return {
    name: "astro-live:client",

    configureServer(server) {
      if (server.config.server.middlewareMode) return;
      const started = now();
      starts.set(server.environments.client, started);
      server.middlewares.use(function astroLiveStart(request, response, next) {
        // Scripts cannot read the headers of their own page, except this one.
        if (isDocument(request)) response.appendHeader("Server-Timing", `${NAME};desc="${started}"`);
        next();
      });
    },

    transform: {
      filter: { id: CLIENT },
      handler(code) {
        if (!code.includes(WAIT)) onLog("warn", `Vite's client has no ${WAIT}: pages reload 20 ms later than they could`);
        const started = starts.get(this.environment);
        const parts = [code.replace(WAIT, "debounceReload(0)")];
        if (inPlace && code.split(RELOAD).length === 2) {
          parts[0] = parts[0].replace(RELOAD, "} else (payload.inPlace && astroLiveUpdate ? astroLiveUpdate(payload.inPlace) : pageReload());");
          parts.push(updateInPlace(base));
        } else if (inPlace) {
          onLog("warn", `Vite's client has not one ${RELOAD}: pages are loaded anew where they could be updated in place`);
        }
        parts.push(catchUp());
        if (started !== undefined) parts.push(reloadIfOlderThan(started));
        return { code: parts.join("\n"), map: null };
      },
    },
  };
}

/** The block keeps the names of in-place.js to itself. A page's own worker has neither document nor pages. */
function updateInPlace(base) {
  return `var astroLiveUpdate;
if (typeof document !== "undefined") {
${IN_PLACE}
astroLiveUpdate = inPlaceUpdates({ reload: pageReload, earlier: ${earlierHtml(base)} });
}`;
}

/** The edit may be in the page or not: whoever rendered it in the meantime cannot say. It is asked for again. */
function catchUp() {
  return `if (typeof document !== "undefined") {
  createHotContext("/@astro-live/page").on(${JSON.stringify(RENDERS)}, ({ renders, edit }) => {
    if (${isBehind("renders")}) typeof astroLiveUpdate === "function" ? astroLiveUpdate(edit) : pageReload();
  });
}`;
}

function reloadIfOlderThan(started) {
  return `if (typeof document !== "undefined") {
  const served = ${served(NAME)};
  if (served && Number(served) < ${started}) location.reload();
}`;
}
