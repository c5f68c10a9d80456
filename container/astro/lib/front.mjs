// The socket that the gateway knows. Vite closes its own listener when the configuration restarts;
// connections that come meanwhile wait here for the new one, instead of being refused.

import { createServer } from "node:net";
import { isOwn } from "./self-fetch.mjs";

/**
 * Connections that wait while the event loop is busy. At a Unix socket one more is refused at once,
 * not tried again as over TCP.
 */
export const BACKLOG = 4096;
/** What an HTTP server emits once it has a request's head. */
const REQUESTS = new Set(["request", "upgrade", "connect", "checkContinue", "checkExpectation"]);
/** Longer than the event loop is busy with a restart: the timer comes before the socket then. */
const FLUSH_MS = 10_000;

export class Front {
  // Without a delay for small writes, as the listener of an HTTP server has it: a page comes in
  // several writes, and the second would wait for the acknowledgement of the first, which the other
  // side holds back for 40 ms.
  #server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.#accept(socket));
  /** @type {import("vite").HttpServer | import("node:http").Server | undefined} */
  #current;
  /** @type {Set<import("node:net").Socket>} */
  #waiting = new Set();
  /** @type {WeakSet<import("node:net").Socket>} */
  #handed = new WeakSet();
  #visitors;

  /** @param {import("./visitors.mjs").Visitors} visitors */
  constructor(visitors) {
    this.#visitors = visitors;
  }

  /**
   * Listen on the Unix socket at `socketPath`.
   * @param {string} socketPath
   */
  listen(socketPath) {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ path: socketPath, backlog: BACKLOG }, () => resolve(undefined));
    });
  }

  /**
   * Hand connections to this HTTP server as soon as, and as long as, it listens.
   * @param {import("vite").HttpServer | import("node:http").Server} httpServer
   */
  follow(httpServer) {
    answerOnly(httpServer, this.#handed, this.#visitors);
    const take = () => {
      this.#current = httpServer;
      for (const socket of this.#waiting) this.#hand(socket);
      this.#waiting.clear();
    };
    if (httpServer.listening) take();
    else httpServer.once("listening", take);
  }

  close() {
    this.#server.close();
    for (const socket of this.#waiting) socket.destroy();
    this.#waiting.clear();
  }

  /** @param {import("node:net").Socket} socket */
  #accept(socket) {
    socket.on("error", () => socket.destroy());
    if (this.#current?.listening) return this.#hand(socket);
    this.#waiting.add(socket);
    socket.once("close", () => this.#waiting.delete(socket));
  }

  /** @param {import("node:net").Socket} socket */
  #hand(socket) {
    asLocal(socket);
    this.#handed.add(socket);
    flushBeforeEnd(socket);
    this.#current?.emit("connection", socket);
    socket.resume();
  }
}

/**
 * Vite and Astro listen on a loopback port as well, which every process of the task can connect to.
 * What does not come over one of the `handed` sockets is answered only if it comes from this
 * process, as requests for the site's own public address do: other sites of the task find nobody
 * there. Of what does, `visitors` admit each visitor's share.
 * @param {import("vite").HttpServer | import("node:http").Server} httpServer
 * @param {WeakSet<import("node:net").Socket>} handed
 * @param {import("./visitors.mjs").Visitors} visitors
 */
export function answerOnly(httpServer, handed, visitors) {
  const emit = httpServer.emit.bind(httpServer);
  httpServer.emit = (/** @type {string} */ event, /** @type {unknown[]} */ ...values) => {
    if (REQUESTS.has(event)) {
      const [request, answer] = /** @type {import("./types.d.mts").Asked} */ (values);
      if (handed.has(request.socket)) {
        if (!visitors.admit(request, answer)) return true;
      } else if (!isOwn(request)) {
        request.socket.destroy();
        return true;
      }
    }
    return emit(event, ...values);
  };
}

/**
 * Vite breaks its connections off when its configuration restarts, and Node.js those that wait for
 * another request, both with what was written to them and not yet sent: more than a Unix socket's
 * 208 KiB. Let that out first.
 * @param {import("node:net").Socket} socket
 */
function flushBeforeEnd(socket) {
  const destroy = socket.destroy.bind(socket);
  let flushing = false;
  socket.destroy = (/** @type {Error | undefined} */ error) => {
    if (error || (!flushing && socket.writableLength === 0)) return destroy(error);
    if (flushing) return socket;
    flushing = true;
    setTimeout(destroy, FLUSH_MS).unref();
    socket.once("finish", () => destroy());
    if (!socket.writableEnded) socket.end();
    return socket;
  };
}

/**
 * A connection over a Unix socket has no addresses, and Astro and Node.js servers make an error of
 * that (`Astro.clientAddress`). It comes from this machine.
 * @param {import("node:net").Socket} socket
 */
export function asLocal(socket) {
  Object.defineProperties(socket, {
    remoteAddress: { value: "127.0.0.1" },
    remoteFamily: { value: "IPv4" },
    remotePort: { value: 0 },
  });
}
