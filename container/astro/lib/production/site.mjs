// What is served: a process for the build of now, connections handed to it, another one when it
// ends or another build takes its place.

import { createServer } from "node:net";
import { BACKLOG } from "../front.mjs";
import { BuildError } from "./errors.mjs";
import { serveJob } from "./job.mjs";

/**
 * Waits before the first, second, … new process after one that ended by itself; the last one
 * repeats.
 */
const AGAIN_MS = [100, 1000, 3000, 10_000, 30_000];
/** A server that held out this long has earned a fresh count. */
const STEADY_MS = 60_000;
/** How long, and how many, connections wait for a server that is being started again. */
const PATIENCE_MS = 15_000;
const MOST_WAITING = 512;
/**
 * How long the process of the build before may take to close the connections that wait for a
 * request.
 */
const RETIRE_MS = 2000;
/** It ends by itself within 10 s of that (jobs/serve.mjs). */
const LONGEST_MS = 15_000;

/** @typedef {import("../messages.mjs").Build} Build */

export class Site {
  #options;
  #front;
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #child;
  /** @type {Build | undefined} */
  #current;
  #stopped = false;
  #failures = 0;
  /** @type {Set<import("node:net").Socket>} */
  #waiting = new Set();
  /**
   * Connections on their way to a process that has not said that it has them, by number.
   * @type {Map<number, { socket: import("node:net").Socket, child:
   *   import("node:child_process").ChildProcess }>}
   */
  #handed = new Map();
  #numbers = 0;

  /**
   * `job(build)` gives the serve job of a build; `onDown` hears why the server ended, `onUp` that
   * it is back.
   * @param {{ cwd: string, job: (build: Build) => Promise<import("../messages.mjs").ServeJob>,
   *   onDown: (error: Error) => void, onUp: () => void }} options
   */
  constructor(options) {
    this.#options = options;
    this.#front = createServer({ pauseOnConnect: true, noDelay: true }, (socket) =>
      this.#accept(socket),
    );
  }

  /** Listen on the Unix socket at `socketPath`. */
  listen(/** @type {string} */ socketPath) {
    return new Promise((resolve, reject) => {
      this.#front.once("error", reject);
      this.#front.listen({ path: socketPath, backlog: BACKLOG }, () => resolve(undefined));
    });
  }

  /** The build that is served. */
  get current() {
    return this.#current;
  }

  /**
   * Serve this build from now on. When it cannot be served, what was served before goes on, and the
   * error is thrown.
   */
  async show(/** @type {Build} */ build) {
    const child = await this.#start(build);
    if (this.#stopped) return void child.kill();
    const previous = this.#child;
    this.#child = child;
    this.#current = build;
    this.#failures = 0;
    this.#watch(child);
    this.#admit();
    if (previous?.connected) await retired(previous);
  }

  stop() {
    this.#stopped = true;
    this.#front.close();
    this.#child?.kill();
    for (const socket of this.#waiting) socket.destroy();
    for (const { socket } of this.#handed.values()) socket.destroy();
  }

  async #start(/** @type {Build} */ build) {
    const job = await this.#options.job(build);
    return serveJob(job, {
      cwd: this.#options.cwd,
      env: build.environment,
      failure: `build ${build.number} cannot be served`,
    });
  }

  #watch(/** @type {import("node:child_process").ChildProcess} */ child) {
    const began = performance.now();
    child.on(
      "message",
      (/** @type {import("../messages.mjs").FromJob} */ message) =>
        message.type === "taken" && this.#taken(message.number),
    );
    child.once("exit", (code, signal) => {
      if (this.#stopped) return;
      const served = this.#child === child;
      if (served) this.#child = undefined;
      this.#takeBack(child);
      if (!served) return;
      if (performance.now() - began > STEADY_MS) this.#failures = 0;
      this.#options.onDown(
        new BuildError(
          `the server of the built site ended (${signal ?? code})`,
          "it is started again; the session's log says more",
        ),
      );
      this.#again();
    });
  }

  #again() {
    const wait = AGAIN_MS[Math.min(this.#failures++, AGAIN_MS.length - 1)];
    setTimeout(async () => {
      const build = this.#current;
      if (this.#stopped || this.#child || !build) return;
      try {
        const child = await this.#start(build);
        if (this.#stopped || this.#child) return void child.kill(); // another build took its place
        this.#child = child;
        this.#watch(child);
        this.#admit();
        this.#options.onUp();
      } catch (error) {
        if (this.#stopped || this.#child) return;
        this.#options.onDown(/** @type {Error} */ (error));
        this.#again();
      }
    }, wait);
  }

  #accept(/** @type {import("node:net").Socket} */ socket) {
    socket.on("error", () => socket.destroy());
    if (this.#child?.connected) return this.#hand(socket);
    if (this.#waiting.size >= MOST_WAITING) return socket.destroy();
    this.#waiting.add(socket);
    const timer = setTimeout(() => socket.destroy(), PATIENCE_MS);
    socket.once("close", () => {
      clearTimeout(timer);
      this.#waiting.delete(socket);
    });
  }

  #admit() {
    for (const socket of this.#waiting) {
      this.#waiting.delete(socket);
      this.#hand(socket);
    }
  }

  /** Have the process close what visitors have open whose sign-in this credential made. */
  endVisits(/** @type {string} */ credential) {
    if (this.#child?.connected)
      this.#child.send(
        /** @type {import("../messages.mjs").EndJobVisits} */ ({ type: "end-visits", credential }),
      );
  }

  /**
   * Hand a connection over. It is kept here, unread, until the process has it: one that has just
   * died loses none.
   */
  #hand(/** @type {import("node:net").Socket} */ socket) {
    const child = this.#child;
    if (!child) return;
    const number = ++this.#numbers;
    this.#handed.set(number, { socket, child });
    socket.once("close", () => this.#handed.delete(number));
    child.send(
      /** @type {import("../messages.mjs").Connection} */ ({ type: "connection", number }),
      socket,
      { keepOpen: true },
      () => {},
    );
  }

  #taken(/** @type {number} */ number) {
    this.#handed.get(number)?.socket.destroy(); // the process has its own
    this.#handed.delete(number);
  }

  #takeBack(/** @type {import("node:child_process").ChildProcess} */ child) {
    for (const [number, { socket, child: to }] of this.#handed) {
      if (to !== child) continue;
      this.#handed.delete(number);
      this.#accept(socket);
    }
  }
}

/**
 * Have a process close its idle connections: a request over one of them would still get the build
 * before.
 * @param {import("node:child_process").ChildProcess} child
 */
function retired(child) {
  return new Promise((resolve) => {
    setTimeout(resolve, RETIRE_MS).unref();
    // Code of the site may have kept it from everything, so that it does not hear of this.
    const timer = setTimeout(() => child.kill("SIGKILL"), LONGEST_MS).unref();
    child.once("exit", () => {
      clearTimeout(timer);
      resolve(undefined);
    });
    child.on(
      "message",
      (/** @type {import("../messages.mjs").FromJob} */ message) =>
        message.type === "retired" && resolve(undefined),
    );
    child.send(/** @type {import("../messages.mjs").Retire} */ ({ type: "retire" }));
  });
}
