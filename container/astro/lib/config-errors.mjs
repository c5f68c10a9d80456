// An error in the site's configuration or in an integration, while the site runs.
//
// Astro goes on with the configuration before and tells the pages that are open at that moment. A page that is opened, or loaded again, before
// the error is fixed shows nothing. The message names no file.

import path from "node:path";
import { configFileOf } from "./own-base.mjs";

const RESTART = /[\\/]astro[\\/]dist[\\/]core[\\/]dev[\\/]restart\.m?js/;

/**
 * Hear of such errors in place of the pages. Astro wraps `send` when it handles the first request, and says in it what the
 * error was before that is known here; so the property itself is taken over.
 * @param {import("./types.d.mts").Server} server
 * @param {string} root
 * @param {(error: { message: string, stack: string, plugin: string, id?: string }) => void} onError
 */
export function takeConfigErrors(server, root, onError) {
  /** @type {{ send: import("./types.d.mts").SendMessage }} */
  const channel = server.environments?.client.hot ?? server.hot ?? server.ws;
  let { send } = channel;
  Object.defineProperty(channel, "send", {
    configurable: true,
    enumerable: true,
    get() {
      const inner = send;
      return (/** @type {string | import("./types.d.mts").Payload} */ payload, /** @type {unknown[]} */ ...rest) => {
        if (typeof payload !== "object" || payload.type !== "error" || !RESTART.test(String(new Error().stack)))
          return inner.call(channel, payload, ...rest);
        const { message, stack } = payload.err;
        const file = configFileOf(root);
        onError({ message: file ? `${path.basename(file)}: ${message}` : message, stack: stack ?? "", plugin: "astro:config", id: file });
      };
    },
    set(value) {
      send = value;
    },
  });
}
