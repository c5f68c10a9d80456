// An error in the site's configuration or in an integration, while the site runs.
//
// Astro goes on with the configuration before and tells the pages that are open at that moment. A page that is opened, or loaded again, before
// the error is fixed shows nothing. The message names no file.

import { configFileOf } from "./own-base.mjs";

const RESTART = /[\\/]astro[\\/]dist[\\/]core[\\/]dev[\\/]restart\.m?js/;

/**
 * Hear of such errors in place of the pages. Call when every plugin has had the server: Astro puts a function of its own around `send`, which comes later.
 * @param {import("./types.d.mts").Server} server
 * @param {string} root
 * @param {(error: { message: string, stack: string, plugin: string, id?: string }) => void} onError
 */
export function takeConfigErrors(server, root, onError) {
  const channel = /** @type {any} */ (server.environments?.client.hot ?? server.hot ?? server.ws);
  const { send } = channel;
  channel.send = (/** @type {any} */ payload, /** @type {any[]} */ ...rest) => {
    if (payload?.type !== "error" || !RESTART.test(String(new Error().stack))) return send.call(channel, payload, ...rest);
    const { message, stack } = payload.err;
    onError({ message, stack: stack ?? "", plugin: "astro:config", id: configFileOf(root) });
  };
}
