// What pages send by Vite's WebSocket, before Vite and the listeners of plugins
// (`server.ws.on`) get it. Each visitor of a session can send anything.
//
// Vite 6 and 7 answer `vite:invoke` with the module of any file (CVE-2026-39363; later releases
// refuse `fetchModule` alone). It is for module runners; no page sends it, so it is dropped.
//
// Vite takes its own events to be well formed: one without data throws in the listener, which ends
// the dev server for everybody who looks.
//
// Visitors who may only look need the socket for edits. What plugins and the developer toolbar of
// a site listen for can change something: it does not reach them from such a visitor. Envoy refuses
// everything else (`container/gateway/envoy/`).

import { asError } from "./thrown.mjs";
import { whoAsked } from "./visitors.mjs";

/** Events of Vite's client and of our own page script. */
const OWN = /^(?:astro-live|vite):/;
/** Of module runners. */
const INVOKE = "vite:invoke";
/** What Vite itself emits when a page comes and goes. */
const OF_VITE = /^vite:client:/;

/** @param {import("./types.d.mts").Server} server */
export function guardIncoming({ ws, config }) {
  ws.on(
    "connection",
    (
      /** @type {import("node:events").EventEmitter} */ socket,
      /** @type {import("./types.d.mts").Request} */ request,
    ) => {
      const { onlyLooks } = whoAsked(request);
      const emit = socket.emit.bind(socket);
      socket.emit = (/** @type {string | symbol} */ event, /** @type {unknown[]} */ ...values) => {
        if (event !== "message") return emit(event, ...values);
        if (!mayArrive(values[0], onlyLooks)) return true;
        try {
          return emit(event, ...values);
        } catch (thrown) {
          const { stack, message } = asError(thrown);
          config.logger.error(`a page's message could not be handled: ${stack ?? message}`);
          return true;
        }
      };
    },
  );
}

/**
 * @param {unknown} raw
 * @param {boolean} onlyLooks whether the visitor may change nothing
 */
function mayArrive(raw, onlyLooks) {
  /** @type {{ type?: unknown, event?: unknown, data?: unknown }} */
  let message;
  try {
    message = JSON.parse(String(raw)) ?? {};
  } catch {
    return !onlyLooks; // Vite ignores it, and a plugin may have it read otherwise
  }
  const { type, event, data } = message;
  if (type !== "custom") return !onlyLooks || type === "ping";
  if (typeof event !== "string" || !OWN.test(event)) return !onlyLooks;
  return event !== INVOKE && !(onlyLooks && OF_VITE.test(event)) && isWellFormed(event, data);
}

/**
 * @param {string} event
 * @param {unknown} data
 */
function isWellFormed(event, data) {
  if (OF_VITE.test(event)) return true;
  if (typeof data !== "object" || data === null) return false;
  return event !== "vite:invalidate" || ("path" in data && typeof data.path === "string");
}
