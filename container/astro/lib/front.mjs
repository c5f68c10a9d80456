// The port that the gateway knows. Vite closes its own listener when the configuration restarts; connections that come meanwhile wait
// here for the new one, instead of being refused.

import { createServer } from "node:net";

export class Front {
  // Without a delay for small writes, as the listener of an HTTP server has it: a page comes in several writes, and the second would wait
  // for the acknowledgement of the first, which the other side holds back for 40 ms.
  #server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.#accept(socket));
  #current;
  #waiting = new Set();

  /** Listen on a free port of `host`, and return it. */
  listen(host) {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, host, () => resolve(this.#server.address().port));
    });
  }

  /** Hand connections to this HTTP server as soon as, and as long as, it listens. */
  follow(httpServer) {
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

  #accept(socket) {
    socket.on("error", () => socket.destroy());
    if (this.#current?.listening) return this.#hand(socket);
    this.#waiting.add(socket);
    socket.once("close", () => this.#waiting.delete(socket));
  }

  #hand(socket) {
    this.#current.emit("connection", socket);
    socket.resume();
  }
}
