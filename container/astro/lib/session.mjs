// From the parent's start message to a running server.

import { existsSync } from "node:fs";
import path from "node:path";
import { inspectAccelerations } from "./accelerations.mjs";
import { startDev } from "./dev.mjs";
import { errorMessage, StartError } from "./failures.mjs";
import { installed, openProject } from "./packages/project.mjs";
import { startProduction } from "./production.mjs";
import { entryOf, hasEmptyHome, OLDEST_TESTED, untested } from "./releases.mjs";
import { chooseWatch } from "./watch.mjs";
import { asError } from "./thrown.mjs";

/** @typedef {Awaited<ReturnType<typeof openProject>>} Project */

/** More are in the log only. */
const MOST_OVERRIDDEN = 64;
/** @type {(keyof import("./messages.mjs").Start)[]} */
const REQUIRED = [
  "root",
  "base",
  "publicUrl",
  "hmr",
  "watch",
  "pageUpdates",
  "scratchDir",
  "installSeconds",
  "socketPath",
];

/**
 * Start the session of a start message. `bundled` describes the Astro that comes with the runner:
 * `{ folder, version, loaded }`. `send` takes messages for the parent. Returns the running server
 * and what the `ready` message says.
 * @param {import("./types.d.mts").SiteStart} message
 * @param {{ bundled: import("./types.d.mts").Bundled, send: import("./types.d.mts").Send }} options
 */
export async function startSession(message, { bundled, send }) {
  for (const field of REQUIRED) {
    if (message[field] === undefined)
      throw new StartError(
        "internal",
        `the start message has no ${field}`,
        "send every field of the start message",
      );
  }
  if (!existsSync(message.root)) {
    throw new StartError(
      "config",
      `the project folder ${message.root} does not exist`,
      "create the project, or restore its files",
    );
  }
  const scratchDir = path.resolve(message.scratchDir);
  const open = () => openProjectOf(message, { scratchDir, bundled, send });
  const start = { ...message, scratchDir, repo: message.root };
  if (message.mode === "production") return startBuilt(start, { open, bundled, send });
  const project = await open();
  try {
    return await startSite({ ...start, root: project.site }, { project, bundled, send });
  } catch (error) {
    project.stop();
    throw error;
  }
}

/**
 * @param {import("./types.d.mts").SiteStart} message
 * @param {{ scratchDir: string, bundled: import("./types.d.mts").Bundled, send:
 *   import("./types.d.mts").Send }} options
 */
function openProjectOf(message, { scratchDir, bundled, send }) {
  return openProject({
    repo: message.root,
    root: message.site,
    mode: message.mode,
    scratch: scratchDir,
    shared: message.sharedDir,
    bundled: path.dirname(bundled.folder),
    limitSeconds: message.installSeconds,
    onProgress: (detail) => send({ type: "progress", stage: "install", detail }),
    log: (level, text) => send({ type: "log", level, message: text }),
  });
}

/**
 * Start production mode. What was built before is served first, whatever the project looks like
 * now.
 * @returns {Promise<{ server: import("./types.d.mts").Running, ready:
 *   Omit<import("./messages.mjs").Ready, "type"> }>}
 * @param {import("./types.d.mts").SiteStart & { repo: string }} start
 * @param {{ open: () => Promise<Project>, bundled: import("./types.d.mts").Bundled, send:
 *   import("./types.d.mts").Send }} options
 */
async function startBuilt(start, { open, bundled, send }) {
  let ready = false;
  const prepare = async () => {
    const project = await open();
    const { version, folder } = installed(project.site, "astro") ?? bundled;
    const warning = untested(version);
    if (warning) send({ type: "log", level: "warn", message: warning });
    if (ready) send({ type: "report", packages: project.packages });
    const vite = installed(folder, "vite")?.version;
    const environment = Object.fromEntries(
      Object.entries(project.environment).filter(([name]) => !KEPT_VARIABLES.has(name)),
    );
    return {
      root: project.site,
      astro: folder,
      version,
      vite,
      environment,
      command: project.command.options,
      packages: project.packages,
      stop: project.stop,
    };
  };
  const failure = (/** @type {unknown} */ error) => errorMessage(error, start.root);
  const server = await startProduction({ start, prepare, bundled: bundled.folder, send, failure });
  ready = true;
  return {
    server,
    ready: {
      ...server.versions,
      packages: server.packages,
      watch: { mode: "off", reason: "production: built on request" },
    },
  };
}

/**
 * Start Astro on the site of a project whose packages are there.
 * @returns {Promise<{ server: import("./types.d.mts").Running, ready:
 *   Omit<import("./messages.mjs").Ready, "type"> }>}
 * @param {import("./types.d.mts").SiteStart} start
 * @param {{ project: Project, bundled: import("./types.d.mts").Bundled, send:
 *   import("./types.d.mts").Send }} options
 */
async function startSite(start, { project, bundled, send }) {
  useAsOwner(project);
  const log = (
    /** @type {import("./messages.mjs").LogLevel} */ level,
    /** @type {string} */ message,
  ) => send({ type: "log", level, message });
  const { version, folder } = installed(start.root, "astro") ?? bundled;
  const versions = { astro: version, vite: installed(folder, "vite")?.version };
  const warning = untested(version);
  if (warning) log("warn", warning);
  const accelerations = inspectAccelerations(folder);
  for (const { name, active, without } of accelerations) {
    if (!active)
      log("warn", `Astro ${version} has no place for the acceleration ${name}: ${without}`);
  }
  const module = folder === bundled.folder ? await bundled.loaded() : await import(entryOf(folder));
  if (typeof module.dev !== "function") {
    throw new StartError(
      "unsupported-astro",
      `Astro ${version} cannot be started by another program`,
      `use Astro ${OLDEST_TESTED} or newer`,
    );
  }
  send({ type: "progress", stage: "start", detail: "starting the dev server" });
  const watch = await chooseWatch(start.root, start.watch.mode);
  const restart = (/** @type {string} */ reason) => send({ type: "replace", reason });
  const report = (
    /** @type {{ notLive: string | undefined, overridden: import("./messages.mjs").Overridden[] }} */ {
      notLive,
      overridden,
    },
  ) => ({
    live: !notLive,
    reason: notLive ?? "",
    warnings: warning ? [warning] : [],
    accelerations,
    overridden: overridden.slice(0, MOST_OVERRIDDEN),
  });
  const server = await startDev({
    astro: {
      module,
      folder,
      lasting: accelerations.find(({ name }) => name === "content-watcher")?.active === true,
      emptyHome: hasEmptyHome(version),
    },
    start,
    watch,
    allowed: project.allowed,
    command: project.command.options,
    onUpdate: (/** @type {Omit<import("./messages.mjs").Update, "type">} */ update) =>
      send({ type: "update", ...update }),
    onReport: (/** @type {import("./types.d.mts").Found} */ found) =>
      send({ type: "report", site: report(found) }),
    onRestart: restart,
    onNoticed: () => send({ type: "noticed" }),
    onViewers: (/** @type {Omit<import("./messages.mjs").Viewers, "type">} */ viewers) =>
      send({ type: "viewers", ...viewers }),
    onLog: log,
  });
  return {
    server: withProject(server, project, send),
    ready: { ...versions, packages: project.packages, watch, site: report(server.report()) },
  };
}

/** Variables that the site's dev script may not set: they are the runner's. */
const KEPT_VARIABLES = new Set(["NODE_ENV", "NODE_OPTIONS", "PATH", "HOME"]);

/**
 * What `npm run dev` in the site's folder gives: the working directory and the script's own
 * variables.
 * @param {Project} project
 */
function useAsOwner(project) {
  process.chdir(project.site);
  for (const [name, value] of Object.entries(project.environment))
    if (!KEPT_VARIABLES.has(name)) process.env[name] = value;
}

/**
 * The server together with its project: edits of package.json and lock files are installed while it
 * serves, and its stop ends what the site's dev script runs beside it.
 * @param {Awaited<ReturnType<typeof startDev>>} server
 * @returns {import("./types.d.mts").Running}
 * @param {Project} project
 * @param {import("./types.d.mts").Send} send
 */
function withProject(server, project, send) {
  const watch = project.watch({
    onProgress: (/** @type {string | undefined} */ detail) =>
      send({ type: "progress", stage: "install", detail }),
    onError: (/** @type {unknown} */ error) => {
      send(error ? errorMessage(error, project.site) : { type: "healed" });
      server.show(error ? asError(error) : undefined);
    },
    onRestart: () => send({ type: "replace", reason: "package.json or a lock file has changed" }),
  });
  return {
    ...server,
    tell: (/** @type {string} */ event, /** @type {string} */ file) => {
      watch.notice(file);
      server.tell(event, file);
    },
    tellAll: (/** @type {import("./messages.mjs").FileChange[]} */ changes) => {
      for (const { path: file } of changes) watch.notice(file);
      server.tellAll(changes);
    },
    stop: async () => {
      watch.stop();
      project.stop();
      await server.stop();
    },
  };
}
