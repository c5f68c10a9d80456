// The socket that the gateway knows. Vite closes its own listener when the configuration restarts;
// connections that come meanwhile wait here for the new one, instead of being refused.

import { createServer } from "node:net";
import { isHtml } from "./answers.mjs";
import { isDocument } from "./pages.mjs";
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
/** A page that is on its way when its server ends may take this long to be rendered. */
export const PAGE_MS = 30_000;
/**
 * The document that a browser has last asked for over a connection, and what had been sent before.
 * @type {WeakMap<import("node:net").Socket, { page: import("./types.d.mts").Response, before:
 *   number }>}
 */
const documents = new WeakMap();

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
    finishBeforeEnd(socket);
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
        if (event === "request" && isDocument(request))
          documents.set(request.socket, { page: answer, before: request.socket.bytesWritten });
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
 * 208 KiB. Let that out first, and what is missing of a page: Chromium runs none of the modules of a
 * document that was cut off, Vite's client neither, so that the page would stay as it is for good.
 * What has not begun is asked for again by Envoy.
 * @param {import("node:net").Socket} socket
 */
function finishBeforeEnd(socket) {
  const destroy = socket.destroy.bind(socket);
  let flushing = false;
  /** @type {import("./types.d.mts").Response | undefined} */
  let page;
  const flush = () => {
    if (flushing) return;
    if (socket.writableLength === 0) return void destroy();
    flushing = true;
    setTimeout(destroy, FLUSH_MS).unref();
    socket.once("finish", () => destroy());
    if (!socket.writableEnded) socket.end();
  };
  socket.destroy = (/** @type {Error | undefined} */ error) => {
    if (error) return destroy(error);
    const unfinished = socket.writable ? begunPage(socket) : undefined;
    if (!unfinished) flush();
    else if (unfinished !== page) {
      page = unfinished;
      page.once("finish", flush);
      const late = () => (endHere(unfinished), flush());
      setTimeout(late, PAGE_MS).unref();
    }
    return socket;
  };
}

/**
 * The page of which a part was sent over this connection.
 * @param {import("node:net").Socket} socket
 */
function begunPage(socket) {
  const { page, before } = documents.get(socket) ?? {};
  const begun = page && socket.bytesWritten > Number(before) && isHtml(page);
  return begun && !page.writableFinished && !page.destroyed ? page : undefined;
}

/**
 * The head of the page has the client, which loads it again.
 * @param {import("./types.d.mts").Response} page
 */
function endHere(page) {
  if (page.writableEnded) return;
  page.on("error", () => {}); // what is still written to it
  page.end();
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
