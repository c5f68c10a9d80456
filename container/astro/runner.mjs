// One session's dev server: `node container/astro/runner.mjs` with the control channel at file
// descriptor 3. docs/quirks.md says what is changed in Astro and Vite, and why.

import { createRequire } from "node:module";
import path from "node:path";
import { installAccelerations } from "./lib/accelerations.mjs";
import { openChannel } from "./lib/channel.mjs";
import { errorMessage } from "./lib/failures.mjs";
import { useSmallPages } from "./lib/memory.mjs";
import { prewarm } from "./lib/prewarm.mjs";
import { beginBuild } from "./lib/production.mjs";
import { startSession } from "./lib/session.mjs";

// `production` and `test` silently turn HMR off, and Astro reports usage and asks for newer
// releases unless told not to. Which mode a session runs in is said by its start message; the
// variable only tells what to load ahead.
const production = process.env.NODE_ENV === "production";
process.env.NODE_ENV = "development";
process.env.ASTRO_TELEMETRY_DISABLED = "1";
process.env.ASTRO_DISABLE_UPDATE_CHECK = "true";
if (!production) useSmallPages();

/**
 * A parent that needs a session now sends its start message together with starting this program.
 */
const UNASKED_MS = 100;

const require = createRequire(import.meta.url);
const manifest = require.resolve("astro/package.json");
const bundled = {
  folder: path.dirname(manifest),
  version: require(manifest).version,
  loaded: () => import("astro"),
};

installAccelerations();
const channel = openChannel({ onMessage, onClose: () => process.exit(0) }) ?? notStarted();
/** @type {import("./lib/types.d.mts").Running | undefined} */
let running;
/**
 * What the `ready` message says, with what has changed since.
 * @type {import("./lib/messages.mjs").Ready | undefined}
 */
let ready;
let root = "";
let starting = false;
let prewarming = Promise.resolve();

/** @returns {never} */
function notStarted() {
  console.error(
    "astro-live runner: no control channel at descriptor 3. The gateway starts this program: python -m container.gateway",
  );
  process.exit(2);
}

/** @param {import("./lib/messages.mjs").ToRunner} message */
async function onMessage(message) {
  if (message.type === "start") await start(message);
  else if (message.type === "change") running?.tell?.(message.event, message.path);
  else if (message.type === "expect") running?.expect?.();
  else if (message.type === "end-visits") running?.endVisits?.(message.credential);
  else if (message.type === "changes") together(message);
  else if (message.type === "check") await check(message);
  else if (message.type === "rebuild")
    await change(() =>
      running?.rebuild?.({ publish: message.publish !== false, force: message.force === true }),
    );
  else if (message.type === "build-turn") beginBuild();
  else if (message.type === "serve") await change(() => running?.serve?.(message.build));
  else if (message.type === "describe") describe();
  else if (message.type === "stop") await stop();
  else
    channel.send({
      type: "log",
      level: "warn",
      message: `unknown message ${JSON.stringify(message).slice(0, 100)}`,
    });
}

/** @param {import("./lib/messages.mjs").Check} message */
async function check(message) {
  /** @type {import("./lib/messages.mjs").Checked} */
  const nothing = {
    type: "checked",
    id: message.id,
    outcome: "pending",
    pages: 0,
    ms: 0,
    problems: [],
  };
  channel.send((await running?.check?.(message)) ?? nothing);
}

/** @type {import("./lib/messages.mjs").FileChange[]} */
let gathered = [];

/**
 * Files that were changed together, which may take several messages.
 * @param {import("./lib/messages.mjs").Changes} message
 */
function together({ changes, more }) {
  gathered.push(...changes);
  if (more) return;
  const all = gathered;
  gathered = [];
  running?.tellAll?.(all);
}

/** @param {import("./lib/messages.mjs").Start} message */
async function start(message) {
  if (starting)
    return channel.send({
      type: "log",
      level: "warn",
      message: "a second start message was ignored",
    });
  starting = true;
  root = message.root;
  await prewarming;
  try {
    const session = await startSession(message, { bundled, send });
    running = session.server;
    ready = { type: "ready", ...session.ready };
    channel.send(ready);
  } catch (error) {
    channel.send(errorMessage(error, root));
    await leave(1);
  }
}

/** @param {import("./lib/messages.mjs").FromRunner} message */
function send(message) {
  if (message.type === "report" && ready) ready = { ...ready, ...message, type: "ready" };
  channel.send(message);
}

function describe() {
  if (ready) channel.send(ready);
  running?.describe?.();
}

/**
 * Production mode: have another build served. A `built` message says whether one is; a failure is
 * an `error` message that is marked as the answer.
 */
async function change(
  /** @type {() => Promise<import("./lib/types.d.mts").Shown> | undefined} */ work,
) {
  const started = performance.now();
  try {
    const done = await work();
    if (!done) throw new Error("the session does not serve builds");
    channel.send({ type: "built", ...done, ms: Math.round(performance.now() - started) });
  } catch (error) {
    channel.send({ ...errorMessage(error, root), answer: true });
  }
}

async function stop() {
  await Promise.race([running?.stop(), new Promise((resolve) => setTimeout(resolve, 1000))]);
  await leave(0);
}

/** @param {number} code */
async function leave(code) {
  await channel.flush();
  process.exit(code);
}

process.on("SIGTERM", stop);
process.on("SIGINT", stop);

/**
 * Get ready for a start message that is not here yet. Nobody waits then, so there is time to
 * prewarm.
 */
async function warmUp() {
  await bundled.loaded();
  await new Promise((resolve) => setTimeout(resolve, UNASKED_MS));
  if (!starting) {
    prewarming = prewarm({ bundled }).catch((error) =>
      channel.send({ type: "log", level: "warn", message: `prewarming: ${error.message}` }),
    );
    await prewarming;
  }
  channel.send({ type: "warm" });
}

// Production mode loads Astro in other processes.
if (production) channel.send({ type: "warm" });
else warmUp();
