// What one visitor may have open at a time. Envoy bounds all of a session's requests and WebSockets
// together; here each visitor gets a part of that, so that none shuts the others out. Envoy names
// the visitor in a header, taken from the verified cookie.

/** As in `container/gateway/envoy/auth.py`, which removes what clients send by this name. */
const HEADER = "x-astro-live-visitor";
/** The name that the sign-in link gave, in base64url. */
const NAME = "x-astro-live-viewer";
/** The audience of the sign-in: the credential of the API that made it, if any, is after a dot. */
const AUDIENCE = "x-astro-live-audience";
/** Begins the audience of a visitor who may only look (`container/gateway/tokens.py`). */
const ONLY_LOOKS = "look-";
const LONGEST_NAME = 100;
/** Credentials that have ended and are remembered: what was under way to here is closed, too. */
const MOST_ENDED = 1000;
const REFUSAL =
  "You have too many requests open to this session (ASTRO_LIVE_VISITOR_CONNECTIONS). Close some, and try again.\n";

/** @typedef {import("node:http").IncomingMessage} Request */
/** @typedef {import("node:http").ServerResponse | import("node:stream").Duplex} Answer */

export class Visitors {
  #most;
  /** Open requests and WebSockets by visitor. @type {Map<string, number>} */
  #open = new Map();
  /** Their answers by the credential that made the sign-in. @type {Map<string, Set<Answer>>} */
  #signedIn = new Map();
  /** @type {Set<string>} */
  #ended = new Set();

  /** @param {number | undefined} most by one visitor at a time; undefined for any number */
  constructor(most) {
    this.#most = most ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Take in what an HTTP server emits with a request: the request and its response, or the socket
   * that it is upgraded to. True when it may be handled; it is refused otherwise. The site does not
   * get to know who the visitor is.
   * @param {Request} request
   * @param {Answer} answer
   */
  admit(request, answer) {
    const audience = taken(request, AUDIENCE) ?? "";
    const credential = /\.([a-z2-7]{16})$/.exec(audience)?.[1];
    const visitor = takeName(request, audience.startsWith(ONLY_LOOKS));
    if (visitor === undefined) return true;
    if (credential !== undefined && this.#ended.has(credential)) {
      request.socket.destroy();
      return false;
    }
    const open = this.#open.get(visitor) ?? 0;
    if (open >= this.#most) {
      refuse(request, answer);
      return false;
    }
    this.#open.set(visitor, open + 1);
    answer.once("close", () => this.#closed(visitor));
    if (credential !== undefined) this.#signIn(credential, answer);
    return true;
  }

  /**
   * Close what visitors have open whose sign-in this credential made.
   * @param {string} credential
   */
  end(credential) {
    this.#ended.add(credential);
    const [first] = this.#ended;
    if (this.#ended.size > MOST_ENDED) this.#ended.delete(first);
    // Without an error, which Vite would report as one of the site. Not the connection, which would
    // be kept for the rest of a page (front.mjs).
    for (const answer of this.#signedIn.get(credential) ?? []) answer.destroy();
  }

  /**
   * @param {string} credential
   * @param {Answer} answer
   */
  #signIn(credential, answer) {
    const open = this.#signedIn.get(credential) ?? new Set();
    this.#signedIn.set(credential, open.add(answer));
    answer.once("close", () => {
      open.delete(answer);
      if (open.size === 0 && this.#signedIn.get(credential) === open)
        this.#signedIn.delete(credential);
    });
  }

  /** @param {string} visitor */
  #closed(visitor) {
    const open = (this.#open.get(visitor) ?? 1) - 1;
    if (open > 0) this.#open.set(visitor, open);
    else this.#open.delete(visitor);
  }
}

/** @typedef {{ visitor: string, name: string, onlyLooks: boolean }} Asker */
/** @type {WeakMap<Request, Asker>} */
const asked = new WeakMap();

/**
 * Who sent a request that was admitted: the name of the sign-in, the name that its link gave, and
 * whether they may only look.
 * @param {Request} request
 * @returns {Asker}
 */
export function whoAsked(request) {
  return asked.get(request) ?? { visitor: "", name: "", onlyLooks: false };
}

/**
 * @param {Request} request
 * @param {boolean} onlyLooks
 */
function takeName(request, onlyLooks) {
  const visitor = taken(request, HEADER);
  const name = Buffer.from(taken(request, NAME) ?? "", "base64url")
    .toString("utf8")
    .slice(0, LONGEST_NAME);
  asked.set(request, { visitor: visitor ?? "", name, onlyLooks });
  return visitor;
}

/**
 * The value of a header, which the request has no longer.
 * @param {Request} request
 * @param {string} header
 */
function taken(request, header) {
  const value = request.headers[header];
  if (value === undefined) return undefined;
  delete request.headers[header];
  const raw = request.rawHeaders;
  for (let at = raw.length - 2; at >= 0; at -= 2)
    if (raw[at].toLowerCase() === header) raw.splice(at, 2);
  return String(value);
}

/**
 * @param {Request} request
 * @param {Answer} answer
 */
function refuse(request, answer) {
  const headers = {
    "content-type": "text/plain",
    "content-length": REFUSAL.length,
    "cache-control": "no-store",
    "retry-after": "1",
  };
  if ("writeHead" in answer) {
    answer.writeHead(503, headers).end(REFUSAL);
    request.resume(); // its body, or the connection could not be used again
    return;
  }
  const lines = Object.entries({ ...headers, connection: "close" }).map(
    ([key, value]) => `${key}: ${value}\r\n`,
  );
  answer.end(`HTTP/1.1 503 Service Unavailable\r\n${lines.join("")}\r\n${REFUSAL}`);
}
