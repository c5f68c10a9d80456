// Asks the session's own server for a page, to see whether it can be rendered.

import { randomUUID } from "node:crypto";
import http from "node:http";
import { CHECK, checks } from "./pages.mjs";
import { ownHeaders } from "./self-fetch.mjs";

const PATIENCE_MS = 20_000;
/** Astro reports an error 200 ms after the answer. */
const REPORT_MS = 1500;

/**
 * The error of rendering a page; undefined when it is answered with anything but a server error.
 * @param {{ host: string, port: number, path: string, publicHost: string }} options `path` with the
 *   base
 * @returns {Promise<import("./types.d.mts").Thrown | undefined>}
 */
export async function renderingError({ host, port, path, publicHost }) {
  const id = randomUUID();
  /** @type {(error: import("./types.d.mts").Thrown) => void} */
  let report = () => {};
  /** @type {Promise<import("./types.d.mts").Thrown>} */
  const reported = new Promise((resolve) => (report = resolve));
  checks.set(id, (payload) => {
    if (payload.type === "error")
      report(/** @type {import("./types.d.mts").Thrown} */ (/** @type {object} */ (payload.err)));
  });
  try {
    const headers = {
      host: publicHost,
      ...ownHeaders(),
      accept: "text/html",
      "sec-fetch-site": "same-origin",
      [CHECK]: id,
    };
    const status = await statusOf({ host, port, path, headers });
    if (status < 500) return undefined;
    const error = Object.assign(new Error(`the page is answered with ${status}`), { stack: "" });
    return await Promise.race([reported, after(REPORT_MS, error)]);
  } catch {
    return undefined; // the server restarts, or the page takes longer than anybody waits
  } finally {
    checks.delete(id);
  }
}

/**
 * @template Value
 * @param {number} ms
 * @param {Value} value
 * @returns {Promise<Value>}
 */
function after(ms, value) {
  return new Promise((resolve) => setTimeout(resolve, ms, value).unref());
}

/**
 * @param {http.RequestOptions} options
 * @returns {Promise<number>}
 */
function statusOf(options) {
  return new Promise((resolve, reject) => {
    const asked = http.get({ ...options, timeout: PATIENCE_MS }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
      response.on("error", reject);
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer in time")));
    asked.on("error", reject);
  });
}
