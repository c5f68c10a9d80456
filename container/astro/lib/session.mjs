// From the parent's start message to a running server.

import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { attachDependencies, installed } from "./dependencies.mjs";
import { startDev } from "./dev.mjs";
import { errorMessage, StartError, supportedText } from "./failures.mjs";
import { SUPPORTED_ASTRO, verifyPatches } from "./patches.mjs";
import { startProduction } from "./production.mjs";
import { chooseWatch } from "./watch.mjs";

const REQUIRED = ["root", "base", "publicUrl", "hmr", "watch", "scratchDir", "host"];

/**
 * Start the session of a start message. `bundled` describes the Astro that comes with the runner: `{ folder, version, loaded }`.
 * `send` takes messages for the parent. Returns the running server and what the `ready` message says.
 */
export async function startSession(start, { bundled, send }) {
  for (const field of REQUIRED) {
    if (start[field] === undefined) throw new StartError("internal", `the start message has no ${field}`, "send every field of the start message");
  }
  if (!existsSync(start.root)) {
    throw new StartError("config", `the project folder ${start.root} does not exist`, "create the project, or restore its files");
  }
  const progress = (stage, detail) => send({ type: "progress", stage, detail });
  const scratchDir = path.resolve(start.scratchDir);
  const modules = await attachDependencies({
    root: start.root,
    scratch: scratchDir,
    bundled: path.dirname(bundled.folder),
    onProgress: (detail) => progress("install", detail),
  });
  const { version, folder } = checkAstro(start.root, bundled);
  const versions = { astro: version, vite: installed(folder, "vite")?.version };
  if (start.mode === "production") {
    const server = await startProduction({
      start: { ...start, scratchDir },
      astro: folder,
      astroVersion: version,
      onProgress: progress,
      onError: (error) => send(errorMessage(error, start.root)),
    });
    return { server, ready: { port: server.port, host: server.host, ...versions, watch: { mode: "off", reason: "production: built on demand" } } };
  }
  const astro = folder === bundled.folder ? await bundled.loaded() : await import(pathToFileURL(path.join(folder, "dist", "index.js")).href);
  progress("start", "starting the dev server");
  const watch = await chooseWatch(start.root, start.watch.mode);
  const server = await startDev({
    astro,
    start,
    watch,
    modules,
    onUpdate: (update) => send({ type: "update", ...update }),
    onMissing: (message) => {
      throw new StartError("patch-missing", message, supportedText());
    },
    onLog: (level, message) => send({ type: "log", level, message }),
  });
  return { server, ready: { port: server.port, host: server.host, ...versions, watch } };
}

/** The project's own Astro when it brings one, else the runner's. Both must be a release the patches were written for. */
function checkAstro(root, bundled) {
  const own = installed(root, "astro") ?? { folder: bundled.folder, version: bundled.version };
  if (!SUPPORTED_ASTRO.includes(own.version)) {
    throw new StartError("unsupported-astro", `this site brings Astro ${own.version}, which is not supported here`, supportedText());
  }
  verifyPatches(own.folder);
  return own;
}
