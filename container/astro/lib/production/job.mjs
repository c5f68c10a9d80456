// Processes of production mode: each does one job (lib/jobs) and says first whether it could.

import { fork } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { BuildError } from "./errors.mjs";
import { membersOf, proportionalMib, residentMib } from "./memory.mjs";

/** @typedef {import("../messages.mjs").FromJob} Answer */

const JOBS = fileURLToPath(new URL("../jobs/", import.meta.url));
/**
 * A server that has not begun to serve after so long never will; on a busy task it needs some
 * seconds.
 */
const SERVE_SECONDS = 120;
const LOOK_MS = 200;
/** Looking for new processes of the build means reading all of /proc. */
const MEMBERS_EVERY = 5;
/** Of a build's memory, for what V8 manages; images and the bundler are outside. */
const HEAP_SHARE = 0.75;
const LONGEST_TAIL = 8192;
/** What V8, Node.js, Rust and the C library say when there is no more memory. */
const OUT_OF_MEMORY =
  /out of memory|allocation (of .* )?failed|failed to allocate|cannot allocate|ENOMEM/i;
const NICENESS = 10;
const CORRECT = "correct the site and build it again";

/**
 * A build is the first to go when the task's memory is short, waits for others when the processors
 * are busy, and is refused memory far above its limit at once: what is between is looked at several
 * times a second. It leads a session, whose niceness counts as a whole (packages/process.mjs).
 */
export const BOUNDED = `echo 1000 2>/dev/null >/proc/self/oom_score_adj; echo ${NICENESS} 2>/dev/null >/proc/self/autogroup; ulimit -d "$0" 2>/dev/null; exec nice -n ${NICENESS} "$@"`;
/** Memory that is reserved and not used counts there, of threads above all. */
const dataKib = (/** @type {number} */ memoryMib) => Math.round(memoryMib * 1.5 + 1024) * 1024;

/**
 * Start the server of a build.
 * @param {import("../messages.mjs").ServeJob} message
 * @param {{ cwd: string, env: Record<string, string>, failure: string }} options
 * @returns {Promise<import("node:child_process").ChildProcess>}
 */
export function serveJob(message, { cwd, env, failure }) {
  const child = fork(path.join(JOBS, "serve.mjs"), {
    cwd,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...process.env, ...env, NODE_ENV: "production" },
  });
  return new Promise((resolve, reject) => {
    const failed = (
      /** @type {string} */ text,
      /** @type {string | undefined} */ stack = undefined,
    ) => reject(new BuildError(`${failure}: ${text}`, CORRECT, { stack }));
    const timer = setTimeout(() => {
      failed(`it did not answer within ${SERVE_SECONDS} s`);
      child.kill("SIGKILL");
    }, SERVE_SECONDS * 1000);
    child.once("message", (/** @type {Answer} */ answer) => {
      clearTimeout(timer);
      if (answer.type === "server-up") resolve(child);
      else if (answer.type === "job-failed") failed(answer.message, answer.stack);
      else failed(`it answered with ${answer.type}`);
    });
    child.once("exit", () => clearTimeout(timer));
    child.once("error", (error) => failed(error.message, error.stack));
    child.once("exit", (code, signal) => failed(`the process ended (${signal ?? code})`));
    child.send(message);
  });
}

/**
 * Run a build within its limits. `onPid` hears of its process group. Resolves with `{ layout,
 * ownBase, memoryMib }`; a `BuildError` says what ended it.
 * @param {import("../messages.mjs").BuildJob} message
 * @param {{ cwd: string, env: Record<string, string>, limits: { memoryMib: number, seconds: number
 *   }, onPid: (pid: number) => void }} options
 */
export function buildJob(message, { cwd, env, limits, onPid }) {
  const child = fork(path.join(JOBS, "build.mjs"), {
    cwd,
    detached: true, // a separate process group, so that it is ended whole
    execPath: "/bin/sh",
    execArgv: [
      "-c",
      BOUNDED,
      String(dataKib(limits.memoryMib)),
      process.execPath,
      `--max-old-space-size=${Math.round(limits.memoryMib * HEAP_SHARE)}`,
    ],
    stdio: ["ignore", "inherit", "pipe", "ipc"],
    env: { ...process.env, ...env, NODE_ENV: "production" },
  });
  const began = performance.now();
  let tail = "";
  let peak = 0;
  /** @type {BuildError | undefined} */
  let reason;
  child.stderr?.on("data", (data) => {
    process.stderr.write(data);
    tail = (tail + data).slice(-LONGEST_TAIL);
  });
  const end = (/** @type {BuildError} */ error) => {
    reason ??= error;
    kill(child);
  };
  const looking = watchMemory(
    child,
    limits.memoryMib,
    (/** @type {number} */ mib) => (peak = Math.max(peak, mib)),
    (/** @type {number} */ mib) => end(tooHungry(limits, mib, began)),
  );
  const timer = setTimeout(() => end(tooSlow(limits)), limits.seconds * 1000);
  if (child.pid) onPid(child.pid);
  const ended = new Promise((resolve, reject) => {
    /** @type {Answer | undefined} */
    let answer;
    child.once("message", (/** @type {Answer} */ message) => (answer = message));
    child.once("error", (error) =>
      reject(
        new BuildError(`the site does not build: ${error.message}`, CORRECT, {
          stack: error.stack,
        }),
      ),
    );
    child.once("exit", () => kill(child)); // what it left running, which would keep its output open
    child.once("close", (code, signal) => {
      if (answer?.type === "build-made" && !reason)
        resolve({ layout: answer.layout, ownBase: answer.ownBase, memoryMib: peak });
      else
        reject(
          Object.assign(
            reason ??
              whyEnded({
                answer: answer?.type === "job-failed" ? answer : undefined,
                code,
                signal,
                tail,
                limits,
                peak,
                began,
              }),
            { memoryMib: peak },
          ),
        );
    });
  });
  child.send(message);
  return ended.finally(() => {
    clearTimeout(timer);
    clearInterval(looking);
  });
}

/** End a build and what it started. @param {import("node:child_process").ChildProcess} child */
function kill(child) {
  if (!child.pid) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // gone
  }
}

function watchMemory(
  /** @type {import("node:child_process").ChildProcess} */ child,
  /** @type {number} */ limitMib,
  /** @type {(mib: number) => void} */ seen,
  /** @type {(mib: number) => void} */ exceeded,
) {
  let looks = 0;
  /** @type {number[]} */
  let members = [];
  return setInterval(() => {
    if (!child.pid) return;
    if (looks++ % MEMBERS_EVERY === 0) members = membersOf(child.pid);
    let mib = residentMib(members);
    if (mib > limitMib && members.length > 1) mib = proportionalMib(members);
    seen(mib);
    if (mib > limitMib) exceeded(mib);
  }, LOOK_MS);
}

/**
 * @param {{ answer: import("../messages.mjs").JobFailed | undefined, code: number | null, signal:
 *   string | null, tail: string, limits: { memoryMib: number }, peak: number, began: number }} end
 */
function whyEnded({ answer, code, signal, tail, limits, peak, began }) {
  const text = answer?.message ?? "";
  if (OUT_OF_MEMORY.test(answer ? text : tail) || (!answer && signal === "SIGKILL"))
    return tooHungry(limits, peak, began);
  if (answer)
    return new BuildError(`the site does not build: ${text}`, CORRECT, { stack: answer.stack });
  const last = tail.trim().split("\n").at(-1) ?? "";
  return new BuildError(
    `the site does not build: the process ended (${signal ?? code})${last && `: ${last}`}`,
    CORRECT,
    { stack: tail },
  );
}

function tooHungry(
  /** @type {{ memoryMib: number }} */ { memoryMib },
  /** @type {number} */ seen,
  /** @type {number} */ began,
) {
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  return new BuildError(
    `the build ran out of memory: it may use ${memoryMib} MiB, and had ${seen} MiB after ${seconds} s`,
    `have it need less (fewer or smaller images at a time), or raise ASTRO_LIVE_BUILD_MEMORY_MIB`,
    { code: "build-memory" },
  );
}

function tooSlow(/** @type {{ seconds: number }} */ { seconds }) {
  return new BuildError(
    `the build did not end within ${seconds} s`,
    `have it do less, or raise ASTRO_LIVE_BUILD_TIMEOUT_SECONDS`,
    {
      code: "build-timeout",
    },
  );
}
