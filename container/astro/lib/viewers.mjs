// Who looks at the session: the open pages with what they say of themselves, for the parent.

import { randomBytes } from "node:crypto";
import { MAX_VIEWERS } from "./messages.mjs";
import { throttled } from "./throttle.mjs";
import { whoAsked } from "./visitors.mjs";

/** Of a page, that it is visible or not, and the answer that it is heard. */
export const SEEN = "astro-live:seen";

const SETTLE_MS = 100;
/**
 * A page that is visible says so every 30 s (page/presence.js). One that does not is on a machine
 * that sleeps, or behind a connection that is dead and not closed.
 */
const SILENT_MS = 75_000;
const SWEEP_MS = 30_000;
const LONGEST_PAGE = 300;

/** @typedef {import("./messages.mjs").Viewer & { heard: number }} Page */

export class Viewers {
  #tell;
  #onChange;
  /** By socket. @type {Map<object, Page>} */
  #pages = new Map();
  /** Who opened each socket. @type {WeakMap<object, { visitor: string, name: string }>} */
  #who = new WeakMap();
  #told = "";
  #sweep;

  /** @param {(viewers: Omit<import("./messages.mjs").Viewers, "type">) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
    this.#tell = throttled(() => this.#changed(), SETTLE_MS);
    this.#sweep = setInterval(this.#tell, SWEEP_MS).unref();
  }

  /** @param {import("./types.d.mts").Server} server */
  attach({ ws }) {
    ws.on(
      "connection",
      (
        /** @type {import("node:events").EventEmitter} */ socket,
        /** @type {import("./types.d.mts").Request} */ request,
      ) => {
        this.#who.set(socket, whoAsked(request));
        socket.once("close", () => {
          if (this.#pages.delete(socket)) this.#tell();
        });
      },
    );
    ws.on(
      SEEN,
      (/** @type {unknown} */ said, /** @type {import("vite").WebSocketClient} */ client) => {
        this.#seen(client.socket, said);
        client.send(SEEN, {});
      },
    );
  }

  /** What is open now. */
  report() {
    const silent = Date.now() - SILENT_MS;
    const open = [...this.#pages.values()]
      .map(({ heard, visible, ...page }) => ({ ...page, visible: visible && heard > silent }))
      .sort((one, other) => Number(other.visible) - Number(one.visible));
    return { viewers: open.slice(0, MAX_VIEWERS), more: Math.max(0, open.length - MAX_VIEWERS) };
  }

  stop() {
    clearInterval(this.#sweep);
  }

  /**
   * @param {object} socket
   * @param {unknown} said
   */
  #seen(socket, said) {
    const { visible, page } = /** @type {import("./types.d.mts").Fields} */ (said ?? {});
    const { visitor, name } = this.#who.get(socket) ?? { visitor: "", name: "" };
    const known = this.#pages.get(socket) ?? {
      id: randomBytes(6).toString("hex"),
      since: Date.now() / 1000,
    };
    this.#pages.set(socket, {
      ...known,
      visitor,
      name,
      visible: visible === true,
      page: typeof page === "string" ? page.slice(0, LONGEST_PAGE) : "",
      heard: Date.now(),
    });
    this.#tell();
  }

  #changed() {
    const report = this.report();
    const told = JSON.stringify(report);
    if (told === this.#told) return;
    this.#told = told;
    this.#onChange(report);
  }
}
