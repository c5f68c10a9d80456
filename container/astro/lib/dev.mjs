// `astro dev` for one session, through Astro's programmatic interface.

import path from "node:path";
import { pathToFileURL } from "node:url";
import { aheadPlugin } from "./ahead.mjs";
import { clientPlugin } from "./client.mjs";
import { FileEvents } from "./events.mjs";
import { Front } from "./front.mjs";
import { IdleCollector } from "./memory.mjs";
import { Pages, pagesPlugin } from "./pages.mjs";
import { live, patchPlugin } from "./patches.mjs";
import { Poller } from "./poll.mjs";
import { prefixPlugin } from "./prefix.mjs";
import { scriptsPlugin } from "./scripts.mjs";
import { stylesPlugin } from "./styles.mjs";
import { viteWatchOptions } from "./watch.mjs";

/** Close code "service restart" (RFC 6455's registry at IANA): whoever reads it knows that coming back is worth while. */
const SERVICE_RESTART = 1012;
const DISMISSAL_MS = 250;
/** Where Vite's own listener is, which nobody connects to. */
const LOOPBACK = "127.0.0.1";

/**
 * Start the dev server of the project in `start` (the parent's message) with the given `astro` module. `allowed` are folders outside the site that
 * its modules come from, `command` the options of `astro dev` in its own dev script.
 * Returns `{ tell(event, path), stop() }`. A failed start closes what it had opened, so that it can be tried again.
 */
export async function startDev({ astro, start, watch, allowed, command = {}, onUpdate, onMissing, onLog }) {
  const base = start.base.replace(/\/$/, "");
  const origin = new URL(start.publicUrl).origin;
  const scratch = path.resolve(start.scratchDir);
  const inPlace = start.pageUpdates !== "reload";
  const collector = new IdleCollector();
  const events = new FileEvents(start.root, (update) => {
    collector.active();
    onUpdate(update);
  });
  Object.assign(live, { base, origin, scratch: pathToFileURL(scratch + path.sep).href, watcher: events.stable });

  const poller = new Poller(start.repo ?? start.root, start.watch.intervalMs, (event, file) => events.tell(event, file));
  const front = new Front();
  let viteServer;
  let shown;

  function onServer(server) {
    viteServer = server;
    server.ws.on("connection", () => shown && server.ws.send(shown));
    front.follow(server.httpServer);
    server.httpServer.on("request", () => collector.active());
    events.attach(server);
    server.watcher.on("error", (error) => {
      onLog("warn", `file watching: ${error.message}; polling takes over where events are missing`);
      poller.start();
    });
  }

  let server;
  try {
    server = await astro.dev({
      root: start.root,
      mode: typeof command.mode === "string" ? command.mode : "development",
      ...(typeof command.config === "string" && { configFile: command.config }),
      base: base || "/",
      cacheDir: path.join(scratch, "astro"),
      server: { host: LOOPBACK, port: 0, allowedHosts: start.allowedHosts, open: false },
      vite: {
        plugins: [
          patchPlugin(),
          aheadPlugin(),
          scriptsPlugin(),
          clientPlugin({ base, inPlace, onLog }),
          inPlace && stylesPlugin({ onLog }),
          prefixPlugin({
            base: `${base}/`,
            origin,
            hmr: start.hmr,
            cacheDir: path.join(scratch, "vite"),
            serverOptions: {
              open: false,
              watch: viteWatchOptions(watch, start.watch.intervalMs),
              fs: { allow: [start.root, ...allowed, path.join(scratch, "vite")] },
            },
            onServer,
            onMissing,
          }),
          pagesPlugin({ base, pages: new Pages(), renders: () => events.renders }),
        ],
      },
    });
  } catch (error) {
    await viteServer?.close().catch(() => {});
    throw error;
  }
  /** Put an error that is not the site's modules' over the open pages, and over those to come; without one take it away again. */
  function show(error) {
    const before = shown;
    shown = error && { type: "error", err: { message: error.message, stack: error.fix ?? "", plugin: "packages" } };
    if (shown) viteServer?.ws.send(shown);
    else if (before) viteServer?.ws.send({ type: "full-reload", path: "*" });
  }

  if (watch.mode === "hybrid") poller.start();
  collector.active();

  await front.listen(start.socketPath);
  return {
    tell: (event, file) => events.tell(event, file),
    show,
    stop: async () => {
      poller.stop();
      collector.stop();
      front.close();
      await dismiss(viteServer);
      await server.stop();
    },
  };
}

/** Vite breaks its WebSockets off when it ends. Close them in order first, so that an end on purpose does not look like a crash. */
async function dismiss(server) {
  const sockets = [...(server?.ws.clients ?? [])].map((client) => client.socket);
  if (sockets.length === 0) return;
  const closed = sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
  for (const socket of sockets) socket.close(SERVICE_RESTART, "the dev server ends");
  await Promise.race([Promise.all(closed), new Promise((resolve) => setTimeout(resolve, DISMISSAL_MS))]);
}
