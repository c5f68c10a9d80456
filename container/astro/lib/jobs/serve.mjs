// Child process: serves one finished build, static output by Astro's own preview server and server
// output by its adapter's. Nothing is read from the site's sources: they may be another state by
// now. Connections come from the runner as open sockets, so that a newer build's process can take
// over without a change of port.

import path from "node:path";
import { pathToFileURL } from "node:url";
import { builtPages } from "../built-pages.mjs";
import { answerOnly, asLocal } from "../front.mjs";
import { assetHandler } from "../production/assets.mjs";
import { previewUrl } from "../production/layout.mjs";
import { responseMiddleware } from "../responses.mjs";
import { Visitors } from "../visitors.mjs";
import { baseOf, inlineConfig, loadAstro, tell } from "./setup.mjs";
import { asError } from "../thrown.mjs";

const RETIRE_MS = 10_000;
const REQUESTS = new Set(["request", "upgrade", "connect", "checkContinue", "checkExpectation"]);
/** @type {Set<import("node:net").Socket>} */
const sockets = new Set();
/** @type {WeakSet<import("node:net").Socket>} */
const handed = new WeakSet();
/** @type {import("node:http").Server} */
let server;
let retiring = false;
/** @type {Visitors | undefined} */
let visitors;

/** @typedef {import("../messages.mjs").ServeJob} ServeJob */

const READS = new Set(["GET", "HEAD"]);

process.on("message", async (/** @type {import("../messages.mjs").ToJob} */ message, socket) => {
  if (message.type === "serve-job") await serve(message);
  else if (message.type === "retire") retire();
  else if (message.type === "end-visits") visitors?.end(message.credential);
  else if (message.type === "connection" && socket)
    take(/** @type {import("node:net").Socket} */ (socket), message.number);
});
process.on("disconnect", () => process.exit(0));

async function serve(/** @type {ServeJob} */ job) {
  try {
    const { build, folder } = job;
    server = build.layout.server ? await onDemand(job) : await fixed(job);
    const origin = new URL(job.publicUrl);
    const ancestors = job.frameAncestors ?? [];
    const address = { base: baseOf(job), ownBase: build.ownBase, origin: origin.origin, ancestors };
    const framed = builtPages({ base: address.base, origins: ancestors });
    const rewrite = responseMiddleware(() => address, framed.ending);
    const client = path.join(folder, "site", build.layout.client);
    const others = job.others.map((other) => path.join(other, "site", build.layout.client));
    const assets = assetHandler({
      base: address.base,
      assets: build.layout.assets,
      client,
      others,
    });
    intercept(
      server,
      (
        /** @type {import("../types.d.mts").Request} */ request,
        /** @type {import("../types.d.mts").Response} */ response,
      ) => {
        request.headers.host = origin.host;
        request.headers["x-forwarded-host"] = origin.host;
        request.headers["x-forwarded-proto"] = origin.protocol.slice(0, -1);
        if (origin.port) request.headers["x-forwarded-port"] = origin.port;
        else delete request.headers["x-forwarded-port"];
        // Who has heard of the newer build must not get this one over a connection that was not
        // idle then. Envoy asks again, over a new connection, for what may be asked twice.
        if (retiring && READS.has(request.method ?? "")) {
          request.socket.destroy();
          return true;
        }
        if (retiring) response.setHeader("connection", "close");
        response.once("finish", () => retiring && setImmediate(closeIdle));
        if (framed.answer(request, response) || assets(request, response)) return true;
        rewrite(request, response, () => {});
        return false;
      },
    );
    visitors = new Visitors(job.visitorConnections);
    answerOnly(server, handed, visitors); // last, so that it sees a request first
    await tell({ type: "server-up" });
  } catch (thrown) {
    const error = asError(thrown);
    await tell({ type: "job-failed", message: String(error.message ?? error), stack: error.stack });
    process.exit(1);
  }
}

/**
 * The HTTP server of static output. The Astro that comes with the runner serves what any release
 * has built.
 */
async function fixed(/** @type {ServeJob} */ job) {
  const { build, folder } = job;
  const astro = await loadAstro(job);
  const preview = await astro.preview({
    ...inlineConfig(job, { root: folder, outDir: path.join(folder, "site", build.layout.client) }),
    configFile: false,
    logLevel: "error", // the folder has no pages, which Astro would remark on
    trailingSlash: build.layout.trailingSlash,
    build: { format: build.layout.format, assets: build.layout.assets },
  });
  return preview.server;
}

/** The HTTP server of a site that renders on demand, by the preview module of its adapter. */
async function onDemand(/** @type {ServeJob} */ job) {
  const { build, folder } = job;
  const module = previewUrl(build.layout, folder);
  if (!build.layout.preview)
    throw new Error("the site's adapter has no preview server; @astrojs/node has one");
  if (!module) throw new Error(`${build.layout.preview}, which serves it, is not installed`);
  const { server: entry } = build.layout;
  if (!entry) throw new Error("the site does not render on demand");
  const url = (/** @type {string[]} */ ...parts) =>
    pathToFileURL(path.join(folder, "site", ...parts));
  const { default: createPreviewServer } = await import(module);
  const preview = await createPreviewServer({
    outDir: url(path.sep),
    client: url(build.layout.client, path.sep),
    server: url(path.dirname(entry), path.sep),
    serverEntrypoint: url(entry),
    host: "127.0.0.1",
    port: 0,
    base: baseOf(job) || "/",
    logger: logger(),
    headers: build.layout.headers,
    allowedHosts: job.allowedHosts,
    open: false,
    root: pathToFileURL(folder + path.sep),
  });
  return preview.server?.server ?? preview.server;
}

/** What an adapter logs to. */
function logger() {
  const quiet = () => {};
  const self = {
    options: { dest: { write: quiet }, level: "warn" },
    label: "adapter",
    fork: () => self,
    info: quiet,
    debug: quiet,
    warn: console.warn,
    error: console.error,
  };
  return self;
}

/**
 * Have `handle` see each request first; the server's own listeners do not when it says that it has
 * answered. The preview server listens on a loopback port as well, which every process of the task
 * can connect to: nobody is answered there.
 * @param {import("node:http").Server} httpServer
 * @param {(request: import("../types.d.mts").Request, response: import("../types.d.mts").Response)
 *   => boolean} handle
 */
function intercept(httpServer, handle) {
  const emit = httpServer.emit.bind(httpServer);
  httpServer.emit = (/** @type {string} */ name, /** @type {unknown[]} */ ...values) => {
    if (!REQUESTS.has(name)) return emit(name, ...values);
    const [request, response] = /** @type {import("../types.d.mts").Asked} */ (values);
    if (!sockets.has(request.socket)) {
      request.socket.destroy();
      return true;
    }
    return name === "request" && handle(request, response) ? true : emit(name, ...values);
  };
}

function take(/** @type {import("node:net").Socket} */ socket, /** @type {number} */ number) {
  void tell({ type: "taken", number });
  sockets.add(socket);
  handed.add(socket);
  socket.on("close", () => {
    sockets.delete(socket);
    if (retiring && sockets.size === 0) process.exit(0);
  });
  asLocal(socket);
  server.emit("connection", socket);
  socket.resume();
}

const closeIdle = () => server.closeIdleConnections();

/** A newer build serves from now on: finish what is under way, then end. */
function retire() {
  retiring = true;
  closeIdle();
  void tell({ type: "retired" });
  if (sockets.size === 0) process.exit(0);
  setTimeout(() => process.exit(0), RETIRE_MS).unref();
}
