// The one place through which messages to pages pass: it owns the `send` of Vite's HMR channel.
//
// A message runs through the transforms in the order of their list, each of which returns it,
// another one for it, or a promise; the order of messages stays. A page whose script has said hello
// (page/page.js) is brought up to date in place where a bare page is reloaded.

import { setTimeout as sleep } from "node:timers/promises";
import { rendering } from "./pages.mjs";
import { Wave } from "./wave.mjs";

/** Events between this and page/page.js, both ways. */
export const HELLO = "astro-live:hello";
export const UPDATE = "astro-live:update";
/** For pages that are not what was asked for: something has changed. */
export const EDITED = "astro-live:edited";
/** For pages that reload by themselves, so that one reload does not meet another. */
export const RELOAD = "astro-live:reload";

/** Asks a page to say when it shows what it has heard of so far, and its answer. */
export const ASK = "astro-live:ask";
export const SHOWN = "astro-live:shown";
/** Something went wrong in a page. */
export const PROBLEM = "astro-live:problem";

const MOST_ERRORS = 64;
const MOST_PROBLEMS = 10;
const LONGEST_TEXT = 2000;
const LONGEST_PATH = 300;
const LOOK_MS = 2;
/** What no event announces (a page that stays away, a reload that is due) is noticed this late. */
const LATEST_LOOK_MS = 25;
/**
 * A page that was told to reload is back, and a new one has said hello, within this time; else its
 * visitor has left.
 */
const ABSENCE_MS = 2000;
/** A page that leaves within this time after it was notified of an edit is taken to be reloading. */
const MOVING_MS = 10_000;
/**
 * A page that was told to reload is on its way, and told again it would begin again: while a branch
 * is checked out, hundreds of times. The page that comes hears what it has missed.
 */
const RELOAD_MS = 1500;

/** @typedef {import("./types.d.mts").Payload} Payload */
/** @typedef {import("vite").WebSocketClient} Client */
/**
 * What a page says of itself.
 * @typedef {{ page?: string, status?: number, path?: string }} About
 */
/** @typedef {{ kind: string, message: string, stack: string, page: string }} Told */

export class HmrChannel {
  #taken;
  #transforms;
  #greeting;
  #onSent;
  #onNews;
  /**
   * Clients whose page can be updated in place, with what they say about it.
   * @type {WeakMap<object, About>}
   */
  #greeted = new WeakMap();
  /** When a page may be told to reload again, by client. @type {WeakMap<object, number>} */
  #reloads = new WeakMap();
  /** What went wrong in a page. @type {WeakMap<object, Told[]>} */
  #told = new WeakMap();
  /** The last question that a page has answered. @type {WeakMap<object, number>} */
  #answers = new WeakMap();
  #asked = 0;
  /** How many wait in `shown`. */
  #waiting = 0;
  /**
   * When a page's connection was last told something that may have its page reloaded.
   * @type {WeakMap<object, number>}
   */
  #moved = new WeakMap();
  /** When pages left that have not come back: an edit may have had them reloaded. */
  #left = /** @type {number[]} */ ([]);
  /** Wakes those that wait in `shown`. @type {PromiseWithResolvers<void>} */
  #stir = Promise.withResolvers();
  #busy;
  /** Messages that a transform has promised. */
  #preparing = 0;
  /** Errors of rendering by page number. @type {Map<string, Payload>} */
  #errors = new Map();
  /** @type {import("./types.d.mts").Server["ws"] | undefined} */
  #ws;
  /** How messages leave each channel. @type {WeakMap<object, import("./types.d.mts").SendMessage>} */
  #sends = new WeakMap();
  /** Messages that a page cannot make up for in place, so far. */
  updates = 0;
  /**
   * Several files change together: what pages hear about them goes out as one message.
   * @type {Wave}
   */
  wave;

  /**
   * `transforms` get `(payload, server)`; `greeting(server)` is what a page hears when it has said
   * hello; `onSent(payload)` is called for each message that has gone out; `busy()` tells whether a
   * change is still being handled; `taken(payload)` is asked first, in the stack of who sends the
   * message, and keeps it from the pages; `onNews()` is called when a page has come, gone or
   * reported a problem.
   * @param {{ transforms: import("./types.d.mts").Transform[], greeting: (server:
   *   import("./types.d.mts").Server) => object, onSent?: (payload:
   *   import("./types.d.mts").Payload) => void, busy?: () => boolean, taken?: (payload: string |
   *   import("./types.d.mts").Payload) => boolean, onNews?: () => void }} options
   */
  constructor({
    transforms,
    greeting,
    onSent = () => {},
    busy = () => false,
    taken = () => false,
    onNews = () => {},
  }) {
    this.#taken = taken;
    // A message that is being prepared belongs to the wave, with all that wait behind it.
    this.#busy = () => busy() || this.#preparing > 0;
    this.wave = new Wave(this.#busy);
    this.#transforms = transforms;
    this.#greeting = greeting;
    this.#onSent = onSent;
    this.#onNews = onNews;
  }

  /**
   * The pages are those of this server, which is attached, from now on.
   * @param {import("./types.d.mts").Server} server
   */
  follow({ ws }) {
    const send = this.#sends.get(ws);
    if (!send) return;
    this.#ws = ws;
    this.wave.onEnd = (payloads) => {
      for (const payload of payloads) this.#deliver(ws, send, payload);
    };
  }

  /**
   * Take over the channel of a Vite server. The first one is followed at once.
   * @param {import("./types.d.mts").Server} server
   */
  attach(server) {
    const { ws } = server;
    if (this.#sends.has(ws)) return;
    const send = /** @type {import("./types.d.mts").SendMessage} */ (ws.send).bind(ws);
    const own = inOrder(
      (/** @type {string | Payload} */ payload, /** @type {unknown[]} */ ...rest) =>
        this.#deliver(ws, send, payload, ...rest),
      (/** @type {string | Payload} */ payload) => this.#prepared(payload, server),
    );
    this.#sends.set(ws, send);
    if (!this.#ws) this.follow(server);
    ws.send = own;
    if (server.environments) {
      // The environment's is the same object in Vite 6 to 8, and `server.hot` another one, through
      // which Astro 5 sends some of its messages.
      for (const channel of new Set([ws, server.hot, server.environments.client.hot])) {
        if (!channel) continue;
        channel.send = own;
        askFirst(channel, this.#taken);
      }
    } else askFirst(server.hot ?? ws, this.#taken); // Vite 5: `server.hot` sends through `ws`
    ws.on(HELLO, (/** @type {About | undefined} */ about, /** @type {Client} */ client) => {
      this.#greeted.set(client, {
        ...about,
        path: typeof about?.path === "string" ? about.path.slice(0, LONGEST_PATH) : undefined,
      });
      client.send(HELLO, this.#greeting(server));
      const error = this.#errors.get(about?.page ?? "");
      if (error) client.send(error);
      this.#onNews();
      this.#wake();
    });
    ws.on("connection", (/** @type {import("node:events").EventEmitter} */ socket) => {
      this.#left.shift();
      this.#wake();
      socket.once("close", () => {
        const now = performance.now();
        const moved = now - (this.#moved.get(socket) ?? Number.NEGATIVE_INFINITY) < MOVING_MS;
        if (moved || this.#waiting > 0) this.#left = [...this.#away(now), now];
        this.#onNews();
        // Vite takes it off its list meanwhile.
        setImmediate(() => this.#wake());
      });
    });
    ws.on(
      SHOWN,
      (/** @type {{ number?: unknown } | undefined} */ answer, /** @type {Client} */ client) => {
        this.#answers.set(client, Number(answer?.number) || 0);
        this.#wake();
      },
    );
    ws.on(PROBLEM, (/** @type {unknown} */ message, /** @type {Client} */ client) =>
      this.#hear(client, message),
    );
  }

  /**
   * Resolves when every change that is known has been handled, and its message sent.
   * @param {number} deadline
   */
  async idle(deadline) {
    while (this.#busy() && performance.now() < deadline) await sleep(LOOK_MS);
  }

  /** Addresses of the open pages, below the base. */
  pages() {
    return new Set(
      [...(this.#ws?.clients ?? [])].flatMap((client) => this.#greeted.get(client)?.path ?? []),
    );
  }

  /** What went wrong in the pages that are open. */
  problems() {
    return [...(this.#ws?.clients ?? [])].flatMap((client) => this.#told.get(client) ?? []);
  }

  /**
   * Wait until the open pages show the edits that they have heard of, those that are reloaded for
   * it included.
   * @param {number} deadline
   * @returns {Promise<{ pages: number, pending: number }>} how many do, and how many have not said
   *   so
   */
  async shown(deadline) {
    this.#waiting++;
    try {
      return await this.#shown(deadline, ++this.#asked);
    } finally {
      this.#waiting--;
    }
  }

  /**
   * @param {number} deadline
   * @param {number} number
   */
  async #shown(deadline, number) {
    /** @type {Set<object>} */
    const asked = new Set();
    for (;;) {
      const woken = this.#stir.promise;
      const open = [...(this.#ws?.clients ?? [])];
      const now = performance.now();
      for (const client of open) {
        const waits = (this.#reloads.get(client) ?? 0) > now + RELOAD_MS; // to be told to reload
        if (asked.has(client) || waits || !this.#greeted.has(client)) continue;
        asked.add(client);
        client.send(ASK, { number });
      }
      const pages = open.filter((client) => (this.#answers.get(client) ?? 0) >= number).length;
      const away = this.#away(now).length;
      if ((pages === open.length && away === 0) || now > deadline)
        return { pages, pending: open.length - pages + away };
      await Promise.race([woken, sleep(LATEST_LOOK_MS)]);
    }
  }

  /** Something has come about that `shown` waits for. */
  #wake() {
    this.#stir.resolve();
    this.#stir = Promise.withResolvers();
  }

  /** @param {number} now */
  #away(now) {
    return this.#left.filter((at) => now - at < ABSENCE_MS);
  }

  /**
   * A page is told something, and may reload.
   * @param {Client} client
   */
  #move(client) {
    if (client.socket) this.#moved.set(client.socket, performance.now());
  }

  /**
   * @param {Client} client
   * @param {unknown} message
   */
  #hear(client, message) {
    const told = this.#told.get(client) ?? [];
    const {
      kind,
      message: text,
      stack,
    } = /** @type {{ [name: string]: unknown }} */ (message ?? {});
    if (told.length >= MOST_PROBLEMS) return;
    const entry = {
      kind: cut(kind),
      message: cut(text),
      stack: cut(stack),
      page: this.#greeted.get(client)?.path ?? "",
    };
    this.#told.set(client, [...told, entry]);
    this.#onNews();
  }

  /** A file has changed. Pages that could not be rendered, or were not there, may be by now. */
  edited() {
    for (const client of this.#ws?.clients ?? [])
      if ((this.#greeted.get(client)?.status ?? 200) >= 400) {
        this.#move(client);
        client.send(EDITED, {});
      }
  }

  /**
   * @param {string | Payload} payload
   * @param {import("./types.d.mts").Server} server
   * @returns {string | Payload | Promise<Payload>}
   */
  #prepared(payload, server) {
    if (typeof payload !== "object" || server.ws !== this.#ws) return payload;
    /** @type {Payload | Promise<Payload>} */
    let prepared = payload;
    for (const transform of this.#transforms) {
      prepared =
        prepared instanceof Promise
          ? prepared.then((ready) => transform(ready, server))
          : transform(prepared, server);
    }
    if (prepared instanceof Promise) {
      this.#preparing++;
      const done = () => this.#preparing--;
      prepared.then(done, done);
    }
    return prepared;
  }

  /**
   * @param {import("./types.d.mts").Server["ws"]} ws
   * @param {import("./types.d.mts").SendMessage} send
   * @param {string | Payload} payload
   * @param {unknown[]} rest
   */
  #deliver(ws, send, payload, ...rest) {
    if (typeof payload !== "object") return send(payload, ...rest); // an event of a plugin's
    // Of a server that does not serve yet, or not any more. Vite keeps an error for the first page.
    if (ws !== this.#ws) return payload.type === "error" && send(payload, ...rest);
    if (rest.length === 0 && this.wave.takes(payload)) return;
    if (
      (payload.type === "update" || payload.type === "full-reload") &&
      payload.inPlace === undefined
    )
      this.updates++;
    if (payload.type === "update" || payload.type === "full-reload")
      for (const client of ws.clients) this.#move(client);
    const rendered = payload.type === "error" ? rendering.getStore() : undefined;
    if (rendered?.check) return; // the check has it from Astro's own handling (lib/stacks.mjs)
    if (rendered) this.#deliverError(ws, payload, rendered.page);
    else if (
      payload?.type === "full-reload" &&
      payload.inPlace === undefined &&
      ws.clients.size > 0
    ) {
      for (const client of ws.clients) this.#reload(client, payload);
    } else if (payload.inPlace === undefined) send(payload, ...rest);
    else {
      const { inPlace, ...reload } = payload;
      // Vite keeps a reload for the first page that connects. One that comes after the edit shows
      // it already, and says hello.
      for (const client of ws.clients) {
        if (this.#greeted.has(client)) client.send(UPDATE, { edit: inPlace });
        else this.#reload(client, reload);
      }
    }
    this.#onSent(payload);
  }

  /**
   * Tell a page to reload: at once, or when it has had the time for the last time that it was told.
   * @param {Client} client
   * @param {Payload} payload
   */
  #reload(client, payload) {
    const now = performance.now();
    const due = this.#reloads.get(client) ?? now;
    if (due > now + RELOAD_MS) return; // one waits already
    this.#reloads.set(client, Math.max(due, now) + RELOAD_MS);
    const ofHtml = payload.type === "full-reload" && payload.path?.endsWith(".html"); // Vite's client knows whether that is the page
    const tell = () => {
      this.#move(client);
      if (this.#greeted.has(client) && !ofHtml) client.send(RELOAD, {});
      else client.send(payload);
    };
    if (due <= now) tell();
    else setTimeout(() => this.#ws?.clients.has(client) && tell(), due - now).unref();
  }

  /**
   * An error of one page's rendering is that page's: others would show it over what they show
   * rightly, and for good.
   * @param {import("./types.d.mts").Server["ws"]} ws
   * @param {Payload} payload
   * @param {string | undefined} page
   */
  #deliverError(ws, payload, page) {
    if (page === undefined) return; // a script asked; it has the answer's status
    this.#errors.set(page, payload);
    if (this.#errors.size > MOST_ERRORS)
      this.#errors.delete(this.#errors.keys().next().value ?? "");
    for (const client of ws.clients)
      if (this.#greeted.get(client)?.page === page) client.send(payload);
  }
}

/** @param {unknown} text */
function cut(text) {
  return typeof text === "string" ? text.slice(0, LONGEST_TEXT) : "";
}

/**
 * Have `taken` see each message before anybody else. Astro wraps `send` when it handles the first
 * request, and says in its wrapper what an error was before `taken` could know; so the property
 * itself is taken over.
 * @param {{ send: import("./types.d.mts").SendMessage }} channel
 * @param {(payload: string | Payload) => boolean} taken
 */
function askFirst(channel, taken) {
  let { send } = channel;
  Object.defineProperty(channel, "send", {
    configurable: true,
    enumerable: true,
    get() {
      const inner = send;
      return (/** @type {string | Payload} */ payload, /** @type {unknown[]} */ ...rest) => {
        if (!taken(payload)) inner.call(channel, payload, ...rest);
      };
    },
    set(value) {
      send = value;
    },
  });
}

/**
 * `send(...args)` that keeps the order of its calls, although `prepare(payload)` may promise
 * another payload for one of them.
 * @template P
 * @param {(payload: P, ...rest: unknown[]) => unknown} send
 * @param {(payload: P) => P | Promise<P>} prepare
 * @returns {(payload: P, ...rest: unknown[]) => void}
 */
export function inOrder(send, prepare) {
  /** @type {Promise<void> | undefined} */
  let last;
  return (payload, ...rest) => {
    const prepared = prepare(payload);
    if (!(prepared instanceof Promise) && !last) {
      send(prepared, ...rest);
      return;
    }
    const sent = Promise.all([prepared, last]).then(([ready]) => {
      if (last === sent) last = undefined;
      send(ready, ...rest);
    });
    last = sent;
  };
}
