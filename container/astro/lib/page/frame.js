// Runs in the page: speaks with the page that frames it, if that is one that the service names
// (`frameAncestors`). docs/embed.md describes the messages, contract/embed.py declares them.
//
// The site's own scripts share this page, so they can say to the embedding page whatever this
// module can. What holds here holds against other pages: a parent that is not named, other frames,
// windows that opened this one.

import { BURST, COMMANDS, PER_SECOND, VERSION } from "./embed-protocol.js";
import { misfit } from "./shapes.js";

/** A command was refused: the reason for the embedding page. */
export class Refusal extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * A frame as the start of the page found it: its parent, and who hears of its messages from then
 * on.
 * @typedef {{ parent: Window, listen: (hear: (event: MessageEvent) => void) => void }} Frame
 * @typedef {Record<string, unknown>} Fields
 */

/**
 * Answer the page around this one. `origins` may speak; `handlers` carry out commands by type, each
 * returning the fields of its answer (`done`, or `ready` for `hello`); `onPeer(after)` is called after
 * each `ready`. Returns `tell(type, fields)`, which sends an event once somebody has said hello.
 * @param {{ frame: Frame, origins: readonly string[], handlers: Record<string, (fields: Fields) =>
 *   Fields>, onPeer: (after: number) => void, now?: () => number }} options
 */
export function converse({ frame, origins, handlers, onPeer, now = () => performance.now() }) {
  /** Who has said hello. Nothing is sent before. */
  let peer = "";
  const admits = rate(now);

  const send = (
    /** @type {string} */ to,
    /** @type {string} */ type,
    /** @type {Fields} */ fields,
  ) => frame.parent.postMessage({ astroLive: VERSION, type, ...fields }, to);

  const hear = (/** @type {MessageEvent} */ event) => {
    // In this order: nothing of a message from elsewhere is read, nor of one too many.
    const { origin } = event;
    if (!event.isTrusted || event.source !== frame.parent || !isNamed(origin, origins)) return;
    const admitted = admits();
    if (admitted === "dropped") return;
    if (admitted === "last")
      return send(origin, "error", {
        code: "too-many",
        message: `commands are dropped: at most ${PER_SECOND} a second are handled`,
      });
    const { data } = event;
    // What the embedding page has to say to the site itself is nobody's business here.
    if (typeof data !== "object" || data === null || !Object.hasOwn(data, "astroLive")) return;
    const id = Number.isSafeInteger(data.id) && data.id > 0 ? { id: data.id } : {};
    try {
      const type = typeOf(data, peer !== "" && peer === origin);
      const answer = () => handlers[type](data);
      if (type !== "hello") return send(origin, "done", { ...id, ...answer() });
      peer = origin;
      send(origin, "ready", { ...id, ...answer() });
      onPeer(Number(data.after ?? 0));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { code, message } = error;
      const versions = code === "version" ? { versions: [VERSION] } : {};
      send(origin, "error", { ...id, code, message, ...versions });
    }
  };
  // Messages that came early are heard at once, and handlers want what their module makes after this
  // call.
  queueMicrotask(() => frame.listen(hear));

  return (/** @type {string} */ type, /** @type {Fields} */ fields) => {
    if (peer) send(peer, type, fields);
  };
}

/**
 * Whether one of these sources of `frame-ancestors` names this origin: its scheme, host and port;
 * `*.` stands for every host below, as browsers read it (https://www.w3.org/TR/CSP3/#match-url-to-source-expression).
 * @param {string} origin
 * @param {readonly string[]} sources
 */
export function isNamed(origin, sources) {
  const from = URL.parse(origin);
  if (from?.origin !== origin) return false;
  return sources.some((source) => {
    const named = URL.parse(source.replace("://*.", "://"));
    if (named?.protocol !== from.protocol || named.port !== from.port) return false;
    return source.includes("://*.")
      ? from.hostname.endsWith(`.${named.hostname}`)
      : from.hostname === named.hostname;
  });
}

/**
 * The type of a command that is what its declaration says. Throws a `Refusal`.
 * @param {Fields} data
 * @param {boolean} greeted
 */
function typeOf(data, greeted) {
  if (data.astroLive !== VERSION)
    throw new Refusal("version", `this page speaks version ${VERSION} of the protocol`);
  const { type } = data;
  if (typeof type !== "string" || !Object.hasOwn(COMMANDS, type))
    throw new Refusal("unknown-type", `type is one of ${Object.keys(COMMANDS).join(", ")}`);
  const wrong = misfit(data, COMMANDS[type], ["astroLive", "type"]);
  if (wrong !== undefined)
    throw new Refusal(
      "bad-field",
      Object.hasOwn(COMMANDS[type], wrong)
        ? `${wrong} of ${type} is missing, or not within ${JSON.stringify(COMMANDS[type][wrong])}`
        : `${type} has only the fields ${Object.keys(COMMANDS[type]).join(", ")}`,
    );
  if (type !== "hello" && !greeted) throw new Refusal("hello-first", "the first command is hello");
  return type;
}

/**
 * A function that says of each command: "admitted", or "last" for the first of those that are one
 * too many (and then once a second), or "dropped".
 * @param {() => number} now in milliseconds
 */
function rate(now) {
  let left = BURST;
  let at = now();
  let told = Number.NEGATIVE_INFINITY;
  return () => {
    const time = now();
    left = Math.min(BURST, left + ((time - at) / 1000) * PER_SECOND);
    at = time;
    if (left >= 1) {
      left -= 1;
      return "admitted";
    }
    if (time - told < 1000) return "dropped";
    told = time;
    return "last";
  };
}
