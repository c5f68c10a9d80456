// Production mode of one session: `astro build`, then the result under the session's URL. The last good build is kept: it serves
// while a newer one is made, and when that one fails.

import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { BACKLOG } from "./front.mjs";
import { SKIPPED } from "./poll.mjs";

const JOBS = fileURLToPath(new URL("./jobs/", import.meta.url));

/** The site could not be built, or its build not be served. */
export class BuildError extends Error {
  /**
   * @param {any} message
   * @param {string} fix
   * @param {string} [stack]
   */
  constructor(message, fix, stack) {
    super(message);
    this.name = "BuildError";
    this.code = /** @type {const} */ ("build");
    this.fix = fix;
    if (stack) this.stack = stack;
  }
}

/**
 * Start production mode for a start message. `astro` is the folder of the Astro to use. Returns `{ tell, rebuild, stop }`.
 * When there is an older good build and the newest fails, the older one serves and `onError` gets the failure.
 * @param {{ start: import("./types.d.mts").SiteStart, astro: string, astroVersion: string, onProgress: (stage: import("./messages.mjs").Stage, detail: string) => void, onError: (error: any) => void }} options
 */
export async function startProduction({ start, astro, astroVersion, onProgress, onError }) {
  const builds = path.join(start.scratchDir, "builds");
  mkdirSync(builds, { recursive: true });
  const job = { ...start, astro };
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let serving;
  /** @type {Promise<boolean> | undefined} */
  let building;
  let stopped = false;

  const front = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    socket.on("error", () => {});
    if (serving?.connected) serving.send({ type: "connection" }, socket, { keepOpen: false }, () => {});
    else socket.destroy();
  });

  /** @param {string} folder */
  async function serve(folder) {
    const child = await run("serve.mjs", { type: "serve", job: { ...job, outDir: folder } }, "its build cannot be served");
    const previous = serving;
    serving = child;
    if (previous?.connected) previous.send({ type: "retire" });
    child.once("exit", (/** @type {number | null} */ code, /** @type {NodeJS.Signals | null} */ signal) => {
      if (stopped || serving !== child) return;
      serving = undefined;
      onError(new BuildError(`the server of the built site ended (${signal ?? code})`, "read the session's log; it is started again"));
      setTimeout(() => !stopped && !serving && serve(folder).catch(onError), 1000);
    });
  }

  /** Build when the sources changed since the last good build. Returns whether there was anything to do. */
  async function build() {
    const fingerprint = fingerprintOf(start, astroVersion);
    const last = lastGood(builds);
    if (last?.fingerprint === fingerprint) {
      if (!serving) await serve(last.folder);
      return false;
    }
    onProgress("build", "building the site");
    const folder = path.join(builds, String((last?.number ?? 0) + 1));
    rmSync(folder, { recursive: true, force: true });
    const child = await run("build.mjs", { ...job, outDir: folder }, "the site does not build");
    child.disconnect();
    onProgress("serve", "starting the built site");
    await serve(folder);
    record(builds, { number: (last?.number ?? 0) + 1, fingerprint, folder });
    if (last) setTimeout(() => rmSync(last.folder, { recursive: true, force: true }), 15_000).unref();
    return true;
  }

  /** Build again on demand; calls during a build share the next one. */
  function rebuild() {
    building = (building ?? Promise.resolve()).catch(() => {}).then(build);
    return building;
  }

  const last = lastGood(builds);
  try {
    await build();
  } catch (error) {
    if (!last) throw error;
    await serve(last.folder);
    setImmediate(() => onError(error));
  }
  await new Promise((resolve, reject) =>
    front.once("error", reject).listen({ path: start.socketPath, backlog: BACKLOG }, () => resolve(undefined)),
  );
  return {
    tell: () => {},
    rebuild,
    stop: async () => {
      stopped = true;
      front.close();
      serving?.kill();
    },
  };
}

/**
 * Fork a job and wait for its first word. Resolves with the child process.
 * @param {string} script
 * @param {any} message
 * @param {string} failure
 */
function run(script, message, failure) {
  // Astro puts what it prerenders with below its working directory unless the output folder is there; from the scratch folder both are, and
  // the site's packages are found by the link beside them.
  const cwd = (message.job ?? message).scratchDir;
  const child = fork(path.join(JOBS, script), {
    cwd,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...process.env, NODE_ENV: "production" },
  });
  return new Promise((resolve, reject) => {
    const failed = (/** @type {string} */ text, /** @type {string | undefined} */ stack = undefined) =>
      reject(new BuildError(`${failure}: ${text}`, "mend the site and build it again; until then the last good build is shown", stack));
    child.once("message", (/** @type {any} */ answer) => (answer.ok ? resolve(child) : failed(answer.message, answer.stack)));
    child.once("error", (error) => failed(error.message, error.stack));
    child.once("exit", (code, signal) => failed(`the process ended (${signal ?? code})`));
    child.send(message);
  });
}

/** @typedef {{ number: number, fingerprint: string, folder: string }} LastGood */

/**
 * A text that changes when a source file, the address or Astro changes.
 * @param {import("./types.d.mts").SiteStart} start
 * @param {string} astroVersion
 */
function fingerprintOf(start, astroVersion) {
  const hash = createHash("sha256").update(JSON.stringify([start.base, start.publicUrl, astroVersion]));
  const walk = (/** @type {string} */ folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) walk(file);
      else if (entry.isFile()) {
        const { mtimeMs, size } = statSync(file);
        hash.update(`${path.relative(start.root, file)}\0${mtimeMs}\0${size}\n`);
      }
    }
  };
  walk(start.root);
  return hash.digest("hex");
}

/**
 * The last good build: `{ number, fingerprint, folder }`, or undefined.
 * @param {string} builds
 */
function lastGood(builds) {
  try {
    const last = JSON.parse(readFileSync(path.join(builds, "last-good.json"), "utf8"));
    return existsSync(last.folder) ? last : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} builds
 * @param {LastGood} entry
 */
function record(builds, entry) {
  const file = path.join(builds, "last-good.json");
  writeFileSync(`${file}.new`, JSON.stringify(entry));
  renameSync(`${file}.new`, file);
}
