// Asks the session's own server for a page, to see whether it can be rendered.

import { randomUUID } from "node:crypto";
import http from "node:http";
import { stripVTControlCharacters } from "node:util";
import { CHECK, checks, rendering } from "./pages.mjs";
import { ownHeaders } from "./self-fetch.mjs";

/** A page without a byte for so long has no end. */
const PATIENCE_MS = 120_000;
/** What is not HTML may have no end: an endpoint that sends events. */
const ENDLESS_MS = 1000;
const LONGEST_LOG = 16_384;

/** Code of the error of a page that is not answered. */
export const SILENT = "SILENT";

/**
 * Who asks for a page: `caught` gets each error that Astro has caught for it, `logged` what was
 * written to the error output for it.
 * @typedef {{ caught: (error: import("./types.d.mts").Thrown) => void, logged: (text: string) =>
 *   void }} Listener
 */

/**
 * The error of rendering a page; undefined when there is none. Astro sends the head of a page before
 * it has rendered the rest, so that an answer with status 200 may still fail: it counts what Astro
 * has caught by the end of the answer.
 * @param {{ host: string, port: number, path: string, publicHost: string, signal?: AbortSignal,
 *   mapStack: (error: Error) => void }} options `path` with the base; `mapStack` gives a stack the lines of the sources
 * @returns {Promise<import("./types.d.mts").Thrown | undefined>}
 */
export async function renderingError({ host, port, path, publicHost, signal, mapStack }) {
  const id = randomUUID();
  /** @type {import("./types.d.mts").Thrown | undefined} */
  let caught;
  let log = "";
  listen();
  checks.set(id, {
    caught: (error) => (caught ??= error),
    logged: (text) => (log = `${log}${text}`.slice(0, LONGEST_LOG)),
  });
  try {
    const headers = {
      host: publicHost,
      ...ownHeaders(),
      accept: "text/html",
      "sec-fetch-site": "same-origin",
      [CHECK]: id,
    };
    const status = await statusOf({ host, port, path, headers, signal });
    if (caught || status < 500) return caught;
    const logged = loggedError(log);
    if (logged) mapStack(logged);
    return logged ?? Object.assign(new Error(`the page is answered with ${status}`), { stack: "" });
  } catch (error) {
    // Else the server restarts, or nobody wants to know any more.
    return caught ?? (error === silent ? silence(PATIENCE_MS) : undefined);
  } finally {
    checks.delete(id);
  }
}

const silent = new Error("no answer in time");

/**
 * The error of a page that has not been answered for so long.
 * @param {number} ms
 * @returns {import("./types.d.mts").Thrown}
 */
export function silence(ms) {
  const message =
    `the page has not been answered for ${ms / 1000} s: something that it waits for (a request, a` +
    " promise) may not come to an end";
  return Object.assign(new Error(message), { stack: "", code: SILENT });
}

let listening = false;

/** Hear what is written to the error output, by whose request it is. */
function listen() {
  if (listening) return;
  listening = true;
  const { stderr } = process;
  const write = /** @type {(...values: unknown[]) => boolean} */ (stderr.write);
  stderr.write = (/** @type {unknown[]} */ ...values) => {
    rendering.getStore()?.check?.logged(String(values[0]));
    return write.apply(stderr, values);
  };
}

/**
 * The first error with a stack in what was logged: Astro only logs an error that the site has a
 * page for (`src/pages/500.astro`).
 * @param {string} log
 */
function loggedError(log) {
  const found = /(?:^|\] |: )((?:\w*Error|\w+): .*)((?:\n\s+at .*)+)/m.exec(
    stripVTControlCharacters(log),
  );
  if (!found) return undefined;
  const message = found[1].replace(/^\w*Error: /, "");
  return Object.assign(new Error(message), { stack: `${found[1]}${found[2]}` });
}

/**
 * The status of an answer once it has ended.
 * @param {http.RequestOptions} options
 * @returns {Promise<number>}
 */
function statusOf(options) {
  return new Promise((resolve, reject) => {
    const asked = http.get({ ...options, timeout: PATIENCE_MS }, (response) => {
      const done = () => resolve(response.statusCode ?? 0);
      response.resume();
      response.on("end", done);
      response.on("error", reject);
      if (/^text\/html\b/i.test(response.headers["content-type"] ?? "")) return;
      const timer = setTimeout(() => {
        done();
        asked.destroy();
      }, ENDLESS_MS);
      response.on("close", () => clearTimeout(timer));
    });
    asked.on("timeout", () => asked.destroy(silent));
    asked.on("error", reject);
  });
}
