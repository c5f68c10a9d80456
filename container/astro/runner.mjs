// One session's dev server: `node container/astro/runner.mjs` with the control channel at file descriptor 3.
// docs/quirks.md says what is changed in Astro and Vite, and why.

import { createRequire } from "node:module";
import { existsSync, symlinkSync } from "node:fs";
import path from "node:path";
import { openChannel } from "./lib/channel.mjs";
import { installPatches, PatchMissing, SUPPORTED_ASTRO, verifyPatches } from "./lib/patches.mjs";
import { startDev } from "./lib/dev.mjs";

process.env.ASTRO_TELEMETRY_DISABLED = "1";
process.env.ASTRO_DISABLE_UPDATE_CHECK = "true";
process.env.NODE_ENV = "development";

const channel = openChannel({ onMessage, onClose: () => process.exit(0) });
installPatches();
const require = createRequire(import.meta.url);
const astroDir = path.dirname(require.resolve("astro/package.json"));
const astroVersion = require("astro/package.json").version;
const astroLoaded = import("astro");
let running;

function fail(code, message, more = {}) {
  channel.send({ type: "error", code, message, ...more });
  channel.flush().then(() => process.exit(1));
}

async function start(message) {
  try {
    if (!SUPPORTED_ASTRO.includes(astroVersion)) return fail("unsupported-astro", `astro ${astroVersion}`);
    verifyPatches(astroDir);
    const modules = path.join(message.root, "node_modules");
    if (!existsSync(modules)) symlinkSync(path.dirname(astroDir), modules);
    const astro = await astroLoaded;
    const { version: vite } = await import("vite");
    running = await startDev({ astro, start: { ...message, allowedFolders: [path.dirname(astroDir)] }, fail });
    channel.send({ type: "ready", port: running.port, host: running.host, astro: astroVersion, vite, watch: { mode: "native", reason: "default" } });
  } catch (error) {
    fail(error instanceof PatchMissing ? "patch-missing" : "internal", error.message, { stack: error.stack });
  }
}

function onMessage(message) {
  if (message.type === "start") start(message);
  if (message.type === "stop") process.exit(0);
  if (message.type === "change") running?.server.watcher?.emit(message.event, message.path);
}

astroLoaded.then(() => channel.send({ type: "warm" }));
