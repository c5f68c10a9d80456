// Child process: serves one finished build through Astro's own preview server, static and server output alike. Connections come from
// the runner as open sockets, so that a newer build's process can take over without a change of port.

import { asLocal } from "../front.mjs";
import { ownBaseOf } from "../own-base.mjs";
import { responseMiddleware } from "../responses.mjs";
import { baseOf, inlineConfig, loadAstro, tell } from "./setup.mjs";

const RETIRE_MS = 10_000;
const sockets = new Set();
/** @type {import("node:http").Server} */
let server;
let retiring = false;

process.on("message", async (/** @type {any} */ message, socket) => {
  if (message.type === "serve") await serve(message.job);
  else if (message.type === "retire") retire();
  else if (message.type === "connection" && socket) take(/** @type {import("node:net").Socket} */ (socket));
});
process.on("disconnect", () => process.exit(0));

/** @param {import("./setup.mjs").Job} job */
async function serve(job) {
  try {
    const astro = await loadAstro(job);
    const preview = await astro.preview(inlineConfig(job));
    server = preview.server;
    const origin = new URL(job.publicUrl);
    const address = { base: baseOf(job), ownBase: await ownBaseOf({ root: job.root, astro: job.astro }), origin: origin.origin };
    const rewrite = responseMiddleware(() => address);
    server.prependListener(
      "request",
      (/** @type {import("node:http").IncomingMessage} */ request, /** @type {import("../types.d.mts").Response} */ response) => {
        request.headers.host = origin.host;
        request.headers["x-forwarded-host"] = origin.host;
        request.headers["x-forwarded-proto"] = origin.protocol.slice(0, -1);
        if (origin.port) request.headers["x-forwarded-port"] = origin.port;
        else delete request.headers["x-forwarded-port"];
        if (retiring) response.setHeader("connection", "close");
        rewrite(/** @type {import("../types.d.mts").Request} */ (request), response, () => {});
      },
    );
    await tell({ ok: true });
  } catch (thrown) {
    const error = /** @type {any} */ (thrown);
    await tell({ ok: false, message: String(error?.message ?? error), stack: error?.stack });
    process.exit(1);
  }
}

/** @param {import("node:net").Socket} socket */
function take(socket) {
  sockets.add(socket);
  socket.on("close", () => {
    sockets.delete(socket);
    if (retiring && sockets.size === 0) process.exit(0);
  });
  asLocal(socket);
  server.emit("connection", socket);
  socket.resume();
}

/** A newer build serves from now on: finish what is under way, then end. */
function retire() {
  retiring = true;
  server.closeIdleConnections();
  if (sockets.size === 0) process.exit(0);
  setTimeout(() => process.exit(0), RETIRE_MS).unref();
}
