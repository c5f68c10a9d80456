// What Vite must know of the session's address, whatever the site's configuration and its plugins
// say: base, HMR socket, scheme.
//
// Astro strips its own base from each request and leaves Vite's base at `/`, so Vite's client,
// module URLs and HMR socket would sit outside the session. Setting `vite.base` in the site's
// configuration makes both of them strip it. The plugin here sets Vite's base after Astro has read
// the configuration, and `requests.mjs` takes the stripping of both out of the request path.

import path from "node:path";
import { isDocument } from "./pages.mjs";
import { takeOverBase } from "./requests.mjs";
import { responseMiddleware } from "./responses.mjs";
import { rootsOf, servedFiles } from "./served-files.mjs";

/**
 * Keys of Vite's `server.ws` (since 8.1) and `server.hmr` (before) that say where the socket is.
 */
const SOCKET_KEYS = /** @type {const} */ ([
  "protocol",
  "host",
  "port",
  "clientPort",
  "path",
  "server",
]);

/**
 * @typedef {object} Address
 * @property {string} base with leading and closing slash
 * @property {string} origin the public one
 * @property {{ protocol: string, clientPort: number, path: string }} hmr
 * @property {string[]} allowedHosts
 * @property {readonly string[]} ancestors other sites that may frame pages
 */

/**
 * Vite plugin with the last word on addresses. `watch` and `allow` are Vite's `server.watch` and
 * more of `server.fs.allow`; `ownBase()` gives the site's own base, `images()` the path of Astro's
 * endpoint for images, `emptyHome()` says whether Astro knows the front page by an empty URL,
 * `notice()` what pages must say (all asked for each response); `onOverridden(name, value)` hears of
 * each setting that does not hold here, and `onMissing(message)` of what was expected of Vite or
 * Astro and not found.
 * @param {{ address: Address, cacheDir: string, watch: object, allow: string[], ownBase: () =>
 *   string, images: () => string, emptyHome: () => boolean, notice: () => string, onOverridden:
 *   (name: string, value: unknown) => void, onMissing: (message: string) => void }} options
 */
export function addressPlugin({
  address,
  cacheDir,
  watch,
  allow,
  ownBase,
  images,
  emptyHome,
  notice,
  onOverridden,
  onMissing,
}) {
  const prefix = address.base.replace(/\/$/, "");
  const secure = address.origin.startsWith("https:");
  return {
    name: "astro-live:addresses",
    enforce: "post",

    config: {
      order: "post",
      /** @param {import("./types.d.mts").ViteOptions} config */
      handler(config) {
        // Astro also makes short-lived servers in middleware mode, to read content collections.
        // They watch nothing and listen nowhere.
        if (config.server?.middlewareMode)
          return { base: address.base, cacheDir: `${cacheDir}-sync` };
        for (const [name, value] of [...overridden(config, address), ...unserved(config, allow)])
          onOverridden(`vite.${name}`, value);
        config.base = address.base;
        config.cacheDir = cacheDir;
        config.server = serverOptions(config.server ?? {}, { address, watch, allow });
      },
    },

    /** @param {Required<import("./types.d.mts").ViteOptions>} config */
    configResolved(config) {
      if (config.server.middlewareMode) return;
      insist(config, address, onOverridden);
      // Plugins that make certificates set this when the configuration is resolved. The dev server
      // speaks plain HTTP here; but what Astro concludes from the option (`Astro.url`, the check of
      // a form's Origin) has to fit the public address.
      let listening = false;
      Object.defineProperty(config.server, "https", {
        configurable: true,
        enumerable: true,
        get: () => (listening && secure ? {} : undefined),
        set: () => {},
      });
      servers.set(config.server, () => (listening = true));
    },

    /** @param {import("./types.d.mts").Server} server */
    configureServer(server) {
      if (server.config.server.middlewareMode) return;
      servers.get(server.config.server)?.();
      return () => {
        const { stack } = server.middlewares;
        const missing = takeOverBase(stack, prefix, ownBase, emptyHome);
        if (missing.length > 0) onMissing(`the dev server has no ${missing.join(" and no ")}`);
        stack.splice(1, 0, {
          route: "",
          handle: /** @type {import("./types.d.mts").Handler} */ (
            servedFiles(server, { allow, base: address.base, images })
          ),
        });
        const { origin, ancestors } = address;
        const current = () => ({ base: prefix, ownBase: ownBase(), origin, ancestors });
        const ending = (
          /** @type {import("./types.d.mts").Request} */ request,
          /** @type {number} */ status,
        ) => (status >= 400 && isDocument(request) ? `${clientOf(address)}${notice()}` : notice());
        stack.unshift({
          route: "",
          handle: /** @type {import("./types.d.mts").Handler} */ (
            responseMiddleware(current, ending)
          ),
        });
      };
    },
  };
}

/**
 * Astro's own page for what is not there has no client, so it would not notice that it is there by
 * now. A second one loads nothing.
 * @param {Address} address
 */
function clientOf({ base }) {
  return `<script type="module" src="${base}@vite/client"></script>`;
}

/**
 * What to call for a server's options as soon as the server exists.
 * @type {WeakMap<object, () => void>}
 */
const servers = new WeakMap();

/**
 * Names and values of options of the site that do not hold in a session.
 * @param {import("./types.d.mts").ViteOptions} config
 * @param {Address} address
 */
export function overridden(config, address) {
  const { hmr, ws, https, origin, watch } = config.server ?? {};
  /** @type {[string, unknown][]} */
  const found = [];
  if (config.base !== undefined && !["", "/", address.base].includes(config.base))
    found.push(["base", config.base]);
  if (hmr === false) found.push(["server.hmr", false]);
  if (ws === false) found.push(["server.ws", false]);
  // From Vite 8.1 on both names give the same value.
  for (const key of SOCKET_KEYS) {
    const value = socketOf(ws)[key] ?? socketOf(hmr)[key];
    if (value !== undefined) found.push([`server.hmr.${key} or server.ws.${key}`, value]);
  }
  if (https) found.push(["server.https", https]);
  if (origin) found.push(["server.origin", origin]);
  if (watch === null) found.push(["server.watch", null]);
  else if (watch?.usePolling !== undefined)
    found.push(["server.watch.usePolling", watch.usePolling]);
  return found;
}

/**
 * Of the site's `server.fs`, what leads beyond its project and packages: `[name, value]` each.
 * @param {import("./types.d.mts").ViteOptions} config
 * @param {string[]} allow
 * @returns {[string, unknown][]}
 */
function unserved({ root = ".", server }, allow) {
  const wanted = list(server?.fs?.allow).map((folder) => path.resolve(root, folder));
  const served = new Set(rootsOf(wanted, allow));
  const beyond = wanted.filter((folder) => !served.has(folder));
  return [
    ...(server?.fs?.strict === false
      ? [/** @type {[string, unknown]} */ (["server.fs.strict", false])]
      : []),
    ...beyond.map((folder) => /** @type {[string, unknown]} */ (["server.fs.allow", folder])),
  ];
}

/**
 * Where they are only switched on or off, they say nothing more.
 * @param {boolean | import("./types.d.mts").SocketOptions | undefined} options
 * @returns {import("./types.d.mts").SocketOptions}
 */
function socketOf(options) {
  return typeof options === "object" && options !== null ? options : {};
}

/**
 * Vite's `server` options of a session: the site's, with the session's address and watching.
 * @param {import("./types.d.mts").ViteServerOptions} site
 * @param {{ address: Address, watch: object, allow: string[] }} options
 * @returns {import("./types.d.mts").ViteServerOptions}
 */
function serverOptions(site, { address, watch, allow }) {
  const socket = { ...address.hmr };
  const timeout = socketOf(site.ws).timeout ?? socketOf(site.hmr).timeout;
  const { overlay } = socketOf(site.hmr);
  return {
    ...site,
    // Vite before 8.1 reads the address from `hmr`, later releases from `ws`; they accept both.
    hmr: {
      ...socket,
      ...(timeout !== undefined && { timeout }),
      ...(overlay !== undefined && { overlay }),
    },
    ws: { ...socket, ...(timeout !== undefined && { timeout }) },
    https: undefined,
    origin: undefined,
    open: false,
    allowedHosts:
      site.allowedHosts === true ? true : [...list(site.allowedHosts), ...address.allowedHosts],
    watch: { ...site.watch, usePolling: false, ...watch },
    fs: { ...site.fs, strict: true, allow: [...list(site.fs?.allow), ...allow] },
  };
}

/** @param {unknown} value */
function list(value) {
  return Array.isArray(value) ? value : [];
}

/**
 * The same again, for what a plugin that comes later has set in spite of it.
 * @param {Required<import("./types.d.mts").ViteOptions>} config
 * @param {Address} address
 * @param {(name: string, value: unknown) => void} onOverridden
 */
function insist(config, address, onOverridden) {
  if (config.base !== address.base) {
    onOverridden("vite.base (set by a plugin)", config.base);
    for (const name of ["base", "rawBase", "decodedBase"])
      if (name in config) Object.assign(config, { [name]: address.base });
  }
  const { server } = config;
  // From Vite 8.1 on the keys of `hmr` are another name for those of `ws`.
  const off = server.ws === false || server.hmr === false;
  const socket = off ? {} : socketOf(socketOf(server.ws).path ? server.ws : server.hmr);
  const { protocol, clientPort, path } = address.hmr;
  const right =
    socket.protocol === protocol &&
    socket.clientPort === clientPort &&
    socket.path === path &&
    !socket.host &&
    !socket.port;
  if (!right || socket.server) {
    onOverridden("vite.server.hmr (set by a plugin)", server.hmr);
    const { overlay } = socketOf(server.hmr);
    server.hmr = { ...address.hmr, ...(overlay !== undefined && { overlay }) };
    server.ws = { ...address.hmr };
  }
  if (server.origin) {
    onOverridden("vite.server.origin (set by a plugin)", server.origin);
    server.origin = undefined;
  }
}
