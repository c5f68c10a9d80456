// A child process with a time limit, whose output is heard line by line. It leads a process group,
// so that what it started ends with it.

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";

/** Lines of output that are kept for an error. */
const KEPT_LINES = 400;
const LONGEST_LINE = 2000;
const TERM_MS = 2000;
/** As that of the dev server (container/gateway/hardening.py). */
const NICENESS = 5;

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
process.on("exit", () => {
  for (const child of running) killGroup(child, "SIGKILL");
});

/**
 * A child leads a session, which Linux may schedule as a separate group: the niceness that the
 * child has from this process counts within that group only (sched(7), "The autogroup feature"), so
 * the group gets it, too.
 * @param {import("node:child_process").ChildProcess} child
 */
function keep(child) {
  running.add(child);
  try {
    writeFileSync(`/proc/${child.pid}/autogroup`, String(NICENESS));
  } catch {} // no such groups, or it was not started
}

/**
 * Run `command` (program and arguments) and resolve with `{ code, signal, timedOut, seconds, lines
 * }`; rejects only when it cannot be started. `onLine(line)` hears each line of stdout and stderr.
 * @param {string[]} command
 * @param {{ cwd: string, env: import("../types.d.mts").Environment, limitMs: number, onLine?:
 *   (line: string) => void }} options
 */
export function run(
  command,
  { cwd, env, limitMs, onLine = /** @type {(text: string) => void} */ (() => {}) },
) {
  const [program, ...args] = command;
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    keep(child);
    /** @type {string[]} */
    const lines = [];
    const hear = (/** @type {string} */ line) => {
      const text = line
        .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "")
        .trimEnd()
        .slice(0, LONGEST_LINE);
      if (text === "") return;
      lines.push(text);
      if (lines.length > KEPT_LINES) lines.shift();
      onLine(text);
    };
    for (const stream of [child.stdout, child.stderr]) follow(stream, hear);
    let timedOut = false;
    const limit = setTimeout(() => {
      timedOut = true;
      killGroup(child, "SIGTERM");
      setTimeout(() => killGroup(child, "SIGKILL"), TERM_MS).unref();
    }, limitMs);
    const done = () => {
      clearTimeout(limit);
      running.delete(child);
    };
    child.once("error", (error) => {
      done();
      reject(error);
    });
    // Not "close": something that it left running in the background may hold its output open for
    // ever.
    child.once("exit", (code, signal) => {
      setTimeout(() => {
        done();
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({
          code,
          signal,
          timedOut,
          seconds: Math.round((performance.now() - started) / 1000),
          lines,
        });
      }, 20);
    });
  });
}

/**
 * Start `command` and leave it running until the group, or this process, ends. Returns `stop()`.
 * @param {string[]} command
 * @param {{ cwd: string, env: import("../types.d.mts").Environment, onLine: (line: string) => void,
 *   onEnd: (status: number | string | null) => void }} options
 */
export function runBeside(command, { cwd, env, onLine, onEnd }) {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  keep(child);
  for (const stream of [child.stdout, child.stderr])
    follow(
      stream,
      (/** @type {string} */ line) => line.trim() !== "" && onLine(line.slice(0, LONGEST_LINE)),
    );
  child.once("error", (error) => onEnd(error.message));
  child.once("exit", (code, signal) => {
    running.delete(child);
    onEnd(signal ?? code);
  });
  return () => killGroup(child, "SIGTERM");
}

/**
 * @param {import("node:stream").Readable} stream
 * @param {(line: string) => void} hear
 */
function follow(stream, hear) {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  stream.on("data", (/** @type {Buffer} */ data) => {
    const parts = (rest + decoder.write(data)).split(/\r?\n|\r/);
    rest = (parts.pop() ?? "").slice(-LONGEST_LINE);
    for (const part of parts) hear(part);
  });
  stream.on("end", () => rest !== "" && hear(rest));
  stream.on("error", () => {});
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function killGroup(child, signal) {
  try {
    if (child.pid) process.kill(-child.pid, signal);
  } catch {}
}
