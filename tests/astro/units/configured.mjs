// Starts a small site with a configuration, in this process, and asks it what a browser would.

import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { installAccelerations } from "../../../container/astro/lib/accelerations.mjs";

const RUNNER = fileURLToPath(new URL("../../../container/astro/", import.meta.url));
const require = createRequire(path.join(RUNNER, "package.json"));
export const BASE = "/session/x/";
export const ORIGIN = "https://edit.example.com";
const PATIENCE_MS = 20_000;

process.env.NODE_ENV = "development";
process.env.ASTRO_TELEMETRY_DISABLED = "1";
process.env.ASTRO_DISABLE_UPDATE_CHECK = "true";
installAccelerations();
const manifest = require.resolve("astro/package.json");
const module = await import(pathToFileURL(path.join(path.dirname(manifest), "dist/index.js")).href);
const { startDev } = await import("../../../container/astro/lib/dev.mjs");

const PAGE = `---
const { href } = Astro.url;
---
<html lang="en"><head><title>t</title><link rel="icon" href="/favicon.svg"></head>
<body><h1>Hello</h1><p id="href">{href}</p><p id="base">{import.meta.env.BASE_URL}</p>
<a id="about" href="/about">about</a><a id="own" href="/repo/about/">own</a><script>console.log("ran");</script></body></html>
`;

/**
 * Start a site with this text as its `astro.config.mjs`. Returns `{ root, report(), get(path),
 * socket(), edit(), stop() }`.
 * @param {string} config
 * @param {Record<string, string>} [files] more files, by name
 */
export async function startSite(config, files = {}) {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "configured-")));
  const root = path.join(folder, "site");
  const sources = {
    "package.json": JSON.stringify({ name: "site", type: "module" }),
    "astro.config.mjs": config,
    "src/pages/index.astro": PAGE,
    "src/pages/about.astro": PAGE.replace("Hello", "About"),
    "public/favicon.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    ...files,
  };
  for (const [name, text] of Object.entries(sources)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  symlinkSync(path.join(RUNNER, "node_modules"), path.join(root, "node_modules"));
  mkdirSync(path.join(folder, "scratch"));
  symlinkSync(path.join(RUNNER, "node_modules"), path.join(folder, "scratch", "node_modules"));
  /** @type {string[]} */
  const log = [];
  const socketPath = path.join(folder, "socket");
  const server = await startDev({
    astro: { module, folder: path.dirname(manifest), lasting: true, emptyHome: false },
    start: {
      type: "start",
      mode: "development",
      root,
      base: BASE,
      publicUrl: ORIGIN,
      hmr: { protocol: "wss", clientPort: 443, path: "/_hmr" },
      watch: { mode: "native", intervalMs: 100 },
      pageUpdates: "in-place",
      installSeconds: 900,
      scratchDir: path.join(folder, "scratch"),
      allowedHosts: ["edit.example.com"],
      socketPath,
    },
    watch: { mode: "native", reason: "test" },
    allowed: [realpathSync(path.join(RUNNER, "node_modules"))],
    onUpdate: () => {},
    onReport: () => {},
    onRestart: () => {},
    onNoticed: () => {},
    onViewers: () => {},
    onLog: (level, message) => log.push(`${level} ${message}`),
  });
  await server.tried();
  // What Envoy is in a task: `fetch` and `WebSocket` do not know Unix sockets.
  const front = net.createServer((socket) => {
    const upstream = net.connect(socketPath);
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ])
      from.pipe(to).on("error", () => from.destroy());
  });
  await once(front.listen(0, "127.0.0.1"), "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (front.address());
  const at = `http://127.0.0.1:${port}`;
  const get = async (place = "", headers = {}) => {
    const url = place.startsWith("/") ? at + place : at + BASE + place;
    const answer = await fetch(url, {
      redirect: "manual",
      headers: { accept: "text/html", ...headers },
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  return {
    root,
    log,
    report: server.report,
    get,
    /** Edit the front page and wait for the message about it. */
    follow: async (file = "src/pages/index.astro", text = PAGE.replace("Hello", "Hello again")) => {
      const token = /wsToken = "([^"]+)"/.exec(
        (await get("@vite/client", { accept: "*/*" })).text,
      )?.[1];
      const socket = new WebSocket(`ws://127.0.0.1:${port}${BASE}_hmr?token=${token}`, "vite-hmr");
      await once(socket, "open");
      const told = new Promise((resolve, reject) => {
        const timer = setTimeout(reject, PATIENCE_MS, new Error(`no message about ${file}`));
        socket.addEventListener("message", ({ data }) => {
          if (!["full-reload", "update", "error"].includes(JSON.parse(data).type)) return;
          clearTimeout(timer);
          resolve(undefined);
        });
      });
      writeFileSync(path.join(root, file), text);
      await told;
      socket.close();
    },
    stop: async () => {
      front.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
