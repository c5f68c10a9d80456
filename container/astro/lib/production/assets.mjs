// Files whose names have a hash of their content: browsers keep them for good, and those of earlier
// builds are still answered, for pages that were opened before the newest one.

import { createReadStream, statSync } from "node:fs";
import path from "node:path";
import { lookup } from "mrmime";
import { headersInto } from "../responses.mjs";

/** As Vite and Astro name them (`Counter.BRB1rgIn.js`, `harbour.CPqIkLyD_243VsA.webp`). */
const HASHED = /[.-](?=[A-Za-z0-9_-]*[A-Z0-9])[A-Za-z0-9_-]{8}(?:_[A-Za-z0-9_-]+)?\.[A-Za-z0-9]+$/;
/** Only for the visitor's own browser: what a session shows is behind its cookie. */
const FOR_GOOD = "private, max-age=31536000, immutable";

/** Whether the name of a file in the assets folder promises that its content never changes. */
export function isHashed(/** @type {string} */ name) {
  return HASHED.test(name);
}

/**
 * `handle(request, response)` answers what only an earlier build has, and says so by true; of other
 * assets it sets the caching. `client` is the folder of the build that is served, `others` those of
 * earlier ones, the newest first.
 * @param {{ base: string, assets: string, client: string, others: string[] }} options
 */
export function assetHandler({ base, assets, client, others }) {
  const prefix = `${base}/${assets}/`;
  return function handle(
    /** @type {import("../types.d.mts").Request} */ request,
    /** @type {import("../types.d.mts").Response} */ response,
  ) {
    if (request.method !== "GET" && request.method !== "HEAD") return false;
    const name = nameIn(request.url, prefix);
    if (name === undefined) return false;
    if (isFile(path.join(client, assets, name))) {
      if (isHashed(name)) cacheForGood(response);
      return false;
    }
    const older = others.map((folder) => path.join(folder, assets, name)).find(isFile);
    if (!older) return false;
    send(request, response, older, name);
    return true;
  };
}

/** The file's name in the assets folder, or undefined. No path leads out of it. */
function nameIn(/** @type {string} */ url, /** @type {string} */ prefix) {
  const raw = url.split("?", 1)[0];
  if (!raw.startsWith(prefix)) return undefined;
  try {
    const name = decodeURIComponent(raw.slice(prefix.length));
    const parts = name.split("/");
    return name.includes("\0") ||
      name.includes("\\") ||
      parts.some((part) => part === "" || part === "." || part === "..")
      ? undefined
      : name;
  } catch {
    return undefined;
  }
}

function isFile(/** @type {string} */ file) {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

function cacheForGood(/** @type {import("../types.d.mts").Response} */ response) {
  const sink = /** @type {import("../types.d.mts").Sink} */ (response);
  const { writeHead } = sink;
  sink.writeHead = function (status, ...rest) {
    if (response.headersSent) return writeHead.call(response, status, ...rest);
    const text = headersInto(response, ...rest);
    if (status === 200 || status === 206 || status === 304)
      response.setHeader("cache-control", FOR_GOOD);
    return text === undefined
      ? writeHead.call(response, status)
      : writeHead.call(response, status, text);
  };
}

function send(
  /** @type {import("../types.d.mts").Request} */ request,
  /** @type {import("../types.d.mts").Response} */ response,
  /** @type {string} */ file,
  /** @type {string} */ name,
) {
  const { size } = statSync(file);
  response.statusCode = 200;
  response.setHeader("content-type", contentType(name));
  response.setHeader("content-length", size);
  response.setHeader("cache-control", isHashed(name) ? FOR_GOOD : "no-cache");
  if (request.method === "HEAD") return response.end();
  createReadStream(file)
    .on("error", () => response.destroy())
    .pipe(response);
}

function contentType(/** @type {string} */ name) {
  const type = lookup(name) ?? "application/octet-stream";
  return /^text\/|javascript|json/.test(type) ? `${type};charset=utf-8` : type;
}
