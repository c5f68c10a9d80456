// The session's base, taken off a request before anything else reads its URL.
//
// Astro and Vite each have a middleware that takes the base off, and only one of them may run.
// Astro also judges URLs before its middleware has run (trailing slashes, internal paths such as
// `/@vite/client`), which fails below a base: with `trailingSlash: "always"` Vite's client would be
// 404. So both go, and this comes first.

import { restoreHost } from "./self-fetch.mjs";
import { isBelow } from "./urls.mjs";

const ASTROS = "devBaseMiddleware";
const VITES = "viteBaseMiddleware";

/**
 * Make the middleware stack of a Vite server expect URLs with the base. `base` comes without a
 * closing slash, empty for a session on its own host; `ownBase()` gives the base of the site's
 * own configuration, `emptyHome()` says whether Astro knows the front page by an empty URL. Returns
 * the names of middleware that should have been there and were not.
 * @param {import("vite").Connect.ServerStackItem[]} stack
 * @param {string} base
 * @param {() => string} ownBase
 * @param {() => boolean} [emptyHome]
 */
export function takeOverBase(stack, base, ownBase, emptyHome) {
  const missing = base === "" ? [] : [ASTROS, VITES].filter((name) => !remove(stack, name));
  // A release that keeps Astro's under another name takes the base off by itself.
  const astroDoes = missing.includes(ASTROS);
  stack.unshift({
    route: "",
    handle: /** @type {import("./types.d.mts").Handler} */ (
      requestMiddleware(astroDoes ? "" : base, base === "" ? ownBase : () => "", emptyHome)
    ),
  });
  return missing;
}

/**
 * @param {import("vite").Connect.ServerStackItem[]} stack
 * @param {string} name
 */
function remove(stack, name) {
  const place = stack.findIndex(
    ({ handle }) => typeof handle === "function" && handle.name === name,
  );
  if (place >= 0) stack.splice(place, 1);
  return place >= 0;
}

/**
 * Connect middleware that takes the base off, and answers 404 to what lies elsewhere.
 * @param {string} base
 */
export function requestMiddleware(base, ownBase = () => "", emptyHome = () => false) {
  return function astroLiveRequest(
    /** @type {import("./types.d.mts").Request} */ request,
    /** @type {import("./types.d.mts").Response} */ response,
    /** @type {import("./types.d.mts").Next} */ next,
  ) {
    restoreHost(request);
    const prefix = base === "" ? ownBase() : base;
    if (prefix === "") return next();
    if (isBelow(request.url, prefix)) {
      const rest = request.url.slice(prefix.length);
      request.url = rest.startsWith("/") ? rest : `/${rest}`;
      if (request.url === "/" && emptyHome()) request.url = "";
      return next();
    }
    if (base === "") return next();
    response.statusCode = 404;
    response.setHeader("content-type", "text/plain; charset=utf-8");
    response.end(`This dev server serves ${base}/ and nothing else.\n`);
  };
}
