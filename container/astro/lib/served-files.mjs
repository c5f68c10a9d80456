// Which files visitors can ask the dev server for, whatever its Vite takes for allowed.
//
// Vite serves files below `server.fs.allow`, and has had one way around after the other: queries
// (`?raw??`, `?import&raw??`: CVE-2025-30208), `#`, `..`, paths from the root of the file system.
// Astro 5.0.9's endpoint for images reads any file that `href` names. A site runs with the Vite and
// Astro that it has, so this comes before them, and looks at the file alone. Beyond the project lie
// other sessions' files, which the process can read: so the site's own `server.fs.strict` and
// `allow` do not lead there either.

import { statSync } from "node:fs";
import path from "node:path";

/** What Vite refuses by default (`server.fs.deny`), in every release. */
const DENIED = /(?:^|\/)(?:\.env(?:\.[^/]*)?|\.git\/.*|[^/]*\.(?:crt|pem))$/;
const UP = /(?:^|[\\/])\.\.(?:[\\/]|$)/;
/** Vite takes these off a path before it looks for the file, also one inside the other. */
const WRAPPED = /^\/+@(?:fs|id)(?=\/)|^\/+__x00__/;

/**
 * Connect middleware that answers 403 to what is not served, for URLs without the session's base.
 * `allow` are the folders of the project and of its packages, `base` comes with its closing slash,
 * and `images()` gives the path of Astro's endpoint for images.
 * @param {import("./types.d.mts").Server} server
 * @param {{ allow: string[], base: string, images: () => string }} options
 */
export function servedFiles(server, { allow, base, images }) {
  const serves = fileRules({
    root: server.config.root,
    publicDir: server.config.publicDir,
    roots: rootsOf(server.config.server.fs?.allow ?? [], allow),
    isDenied: denialOf(server),
    isSafe: (file) => safeOf(server).some((files) => files.has(file)),
  });
  return function astroLiveFiles(
    /** @type {import("./types.d.mts").Request} */ request,
    /** @type {import("./types.d.mts").Response} */ response,
    /** @type {import("./types.d.mts").Next} */ next,
  ) {
    const named = sourcesOf(request.url, images(), base);
    if (serves(request.url) && named.every((name) => name !== undefined && serves(name)))
      return next();
    response.statusCode = 403;
    response.setHeader("content-type", "text/plain; charset=utf-8");
    response.end("This file is not part of the site that the session serves.\n");
  };
}

/**
 * Paths that a request for an image names in `href`, undefined for one that is neither a path nor an
 * address with a scheme, which Astro holds against the site's configuration.
 * @param {string} url
 * @param {string} endpoint
 * @param {string} base
 */
export function sourcesOf(url, endpoint, base) {
  const [pathname = "", query = ""] = url.split(/\?(.*)/s);
  if (decoded(pathname).replace(/\/+/g, "/").replace(/\/$/, "") !== endpoint) return [];
  const given = new URLSearchParams(query).getAll("href").flatMap((href) => [href, decoded(href)]);
  return given.flatMap((href) => {
    if (/^(?:https?|data):/i.test(href)) return [];
    if (/^[a-z][a-z\d+.-]*:|^\/\/|\\/i.test(href.trim())) return [undefined];
    return [href.startsWith(base) ? href.slice(base.length - 1) : href];
  });
}

/**
 * The path of Astro's endpoint for images; Astro 4 has its module where later releases have both.
 * @param {{ image?: { endpoint?: { route?: string } | string } }} config
 */
export function endpointOfImages({ image }) {
  const endpoint = image?.endpoint;
  const route = typeof endpoint === "object" ? endpoint.route : undefined;
  return `/${(route ?? "_image").replace(/^\/+|\/+$/g, "")}`;
}

/**
 * The folders of `server.fs.allow` that a session serves: in `allow`, and of packages.
 * @param {string[]} wanted
 * @param {string[]} allow
 */
export function rootsOf(wanted, allow) {
  const inside = wanted.filter(
    (folder) => allow.some((root) => isIn(folder, root)) || /\/node_modules(\/|$)/.test(folder),
  );
  return [...allow, ...inside];
}

/**
 * A function that tells whether a URL's path may be served. A path that names no file is Vite's and
 * the site's to answer.
 * @param {{ root: string, publicDir: string, roots: string[], isDenied: (file: string) => boolean,
 *   isSafe: (file: string) => boolean }} options `isSafe` knows files that modules of the site import
 */
export function fileRules({ root, publicDir, roots, isDenied, isSafe }) {
  const isPublic = (/** @type {string} */ file) => publicDir !== "" && isIn(file, publicDir);
  const isServed = (/** @type {string} */ file) =>
    isPublic(file) || // also where that lies elsewhere, and with names that Vite denies otherwise
    (!isDenied(file) && (roots.some((folder) => isIn(file, folder)) || isSafe(file)));
  return (/** @type {string} */ url) => {
    if (url.includes("#")) return false; // no browser sends it
    const pathname = url.replace(/\?.*$/s, "");
    return [...new Set([pathname, decoded(pathname, decodeURI), decoded(pathname)])].every(
      (name) => {
        if (UP.test(name)) return false;
        const plain = unwrapped(name);
        const file = path.posix.normalize(plain);
        const named = [path.join(root, file), publicDir && path.join(publicDir, file), file];
        // From the root of the file system it is taken for nothing else.
        const asked = plain === name ? named : [file];
        const found = asked.find((each) => each && isFile(each));
        return found === undefined || isServed(found);
      },
    );
  };
}

/** @param {string} name */
function unwrapped(name) {
  let plain = name;
  while (WRAPPED.test(plain)) plain = plain.replace(WRAPPED, "");
  return plain;
}

/**
 * @param {string} text
 * @param {(text: string) => string} decode
 */
function decoded(text, decode = decodeURIComponent) {
  try {
    return decode(text);
  } catch {
    return text; // Vite and Astro refuse it
  }
}

/**
 * @param {string} file
 * @param {string} folder
 */
function isIn(file, folder) {
  const root = folder.replace(/\/+$/, "");
  return file === root || file.startsWith(`${root}/`);
}

/** @param {string} file */
function isFile(file) {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false;
  }
}

/**
 * Vite's own matcher of `server.fs.deny`, which has no public name, and what it denies by default.
 * @param {import("./types.d.mts").Server} server
 */
function denialOf(server) {
  const matches = Reflect.get(server.config, "fsDenyGlob") ?? Reflect.get(server, "_fsDenyGlob");
  return (/** @type {string} */ file) =>
    DENIED.test(file) || (typeof matches === "function" && matches(file) === true);
}

/**
 * Files that modules import, which Vite serves wherever they are; each release has them elsewhere.
 * @param {import("./types.d.mts").Server} server
 * @returns {Set<string>[]}
 */
function safeOf(server) {
  const found = [
    Reflect.get(server.config, "safeModulePaths"),
    server.moduleGraph && Reflect.get(server.moduleGraph, "safeModulesPath"),
  ];
  return found.filter((each) => each instanceof Set);
}
