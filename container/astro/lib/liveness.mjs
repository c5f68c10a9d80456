// Whether pages of a session can be live at all, tried from outside: Vite's client is served, names
// the session's socket, and the socket opens. Whatever a site configures, a plugin does or a new
// release changes, a page that cannot be live must say so.

import http from "node:http";
import { asError } from "./thrown.mjs";

const PATIENCE_MS = 5000;

/**
 * Undefined when pages can be live, or the reason why not. `base` with closing slash, `hmr` as in
 * the start message, `publicHost` what browsers send as Host. `own` are headers by which the server
 * knows that the process itself asks.
 * @param {{ host: string, port: number, base: string, hmr: { path: string }, publicHost: string,
 *   own?: Record<string, string> }} options
 */
export async function whyNotLive({ host, port, base, hmr, publicHost, own = {} }) {
  const ask = (/** @type {string} */ path, /** @type {Record<string, string>} */ headers) =>
    request({ host, port, path, headers: { host: publicHost, ...own, ...headers } });
  const client = `${base}@vite/client`;
  try {
    const { status, type, text } = await ask(client, {
      accept: "*/*",
      "sec-fetch-dest": "script",
      "sec-fetch-site": "same-origin",
    });
    if (status !== 200 || !/javascript/.test(type))
      return `Vite's client, ${client}, is answered with ${status} ${type}`.trim();
    const socket = `${base.replace(/\/$/, "")}${hmr.path}`;
    if (!text.includes(JSON.stringify(socket)))
      return `Vite's client does not connect to ${socket}`;
    const token = /wsToken = "([^"]+)"/.exec(text)?.[1] ?? "";
    const upgrade = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "YXN0cm8tbGl2ZS1wcm9iZQ==",
    };
    // A ping opens no connection, so it takes no message that waits for a page. Vite 5 has none.
    for (const protocol of ["vite-ping", "vite-hmr"]) {
      const answer = await ask(`${socket}?token=${token}`, {
        ...upgrade,
        "sec-websocket-protocol": protocol,
      }).catch(() => undefined);
      if (answer?.status === 101) return undefined;
    }
    return `the socket at ${socket} does not open`;
  } catch (error) {
    return `Vite's client, ${client}, cannot be loaded: ${asError(error).message}`;
  }
}

/**
 * @param {{ host: string, port: number, path: string, headers: Record<string, string> }} options
 * @returns {Promise<{ status: number, type: string, text: string }>}
 */
function request(options) {
  return new Promise((resolve, reject) => {
    const upgrades = options.headers.upgrade !== undefined;
    const asked = http.request(
      { ...options, timeout: upgrades ? PATIENCE_MS / 10 : PATIENCE_MS },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => (text += chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            type: String(response.headers["content-type"] ?? ""),
            text,
          }),
        );
        response.on("error", reject);
      },
    );
    asked.on("upgrade", (_response, socket) => {
      socket.destroy();
      resolve({ status: 101, type: "", text: "" });
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer in time")));
    asked.on("error", reject);
    asked.end();
  });
}

/**
 * HTML that says in the page why it is not live. No script and no style sheet of the page's is
 * needed for it.
 * @param {string | undefined} reason
 */
export function noticeOf(reason) {
  if (!reason) return "";
  const text = reason.replace(
    /[&<>]/g,
    (/** @type {string} */ character) => `&#${character.charCodeAt(0)};`,
  );
  const style =
    "position:fixed;inset:auto 0 0 0;z-index:2147483647;padding:.6em 1em;font:14px/1.4 system-ui;color:#fff;background:#a11";
  return `<div role="alert" data-astro-live="not-live" style="${style}">This page does not follow edits: ${text}. Reload it to see them.</div>`;
}
