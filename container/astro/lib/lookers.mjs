// Visitors who may only look have Vite's WebSocket, by which edits arrive. What plugins and the
// developer toolbar of a site listen for there (`server.ws.on`) can change something: it does not
// reach them from such a visitor. Envoy refuses everything else (`container/gateway/envoy/`).

import { whoAsked } from "./visitors.mjs";

/** Events of Vite's client and of our own page script. */
const HARMLESS = /^(?:astro-live|vite):/;

/** @param {import("./types.d.mts").Server} server */
export function quietLookers({ ws }) {
  ws.on(
    "connection",
    (
      /** @type {import("node:events").EventEmitter} */ socket,
      /** @type {import("./types.d.mts").Request} */ request,
    ) => {
      if (!whoAsked(request).onlyLooks) return;
      const emit = socket.emit.bind(socket);
      socket.emit = (/** @type {string | symbol} */ event, /** @type {unknown[]} */ ...values) =>
        event === "message" && !isHarmless(values[0]) ? true : emit(event, ...values);
    },
  );
}

/** @param {unknown} raw */
function isHarmless(raw) {
  try {
    const { type, event } = JSON.parse(String(raw));
    return type !== "custom" || (typeof event === "string" && HARMLESS.test(event));
  } catch {
    return false;
  }
}
