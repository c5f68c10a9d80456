// How file changes are noticed: native events where they arrive, polling where they do not, both
// where only some arrive.

import { mkdtempSync, readFileSync, realpathSync, rmSync, watch, writeFileSync } from "node:fs";
import path from "node:path";
import { WATCH_MODES } from "./messages.mjs";

/** File systems whose other clients' writes raise no event on this machine. */
const REMOTE = /^(nfs4?|cifs|smb3|9p|ceph|fuse\..*|fuse|virtiofs|vboxsf|lustre|afs|prl_fs)$/;
const PROBE_MS = 400;

/**
 * Decide for the project at `root`: `{ mode, reason }`, where mode is native, hybrid or polling.
 * @returns {Promise<import("./messages.mjs").WatchReport>}
 * @param {string} root
 */
export async function chooseWatch(
  root,
  wanted = "auto",
  { mounts = readMounts(), probe = nativeEventsArrive } = {},
) {
  if (!(/** @type {readonly string[]} */ (WATCH_MODES).includes(wanted))) {
    throw new RangeError(
      `watch.mode is ${JSON.stringify(wanted)}; allowed are ${WATCH_MODES.join(", ")}`,
    );
  }
  if (wanted !== "auto")
    return { mode: /** @type {"native"} */ (wanted), reason: `set to ${wanted}` };
  const type = filesystemType(realpathSync(root), mounts);
  const remote = REMOTE.test(type);
  const arrived = await probe(root);
  if (arrived === undefined) {
    return remote
      ? {
          mode: "hybrid",
          reason: `the project on ${type} cannot be written to, so events could not be tried`,
        }
      : { mode: "native", reason: `the project cannot be written to; its file system is ${type}` };
  }
  if (!arrived)
    return { mode: "polling", reason: `no native event came within ${PROBE_MS} ms on ${type}` };
  if (remote)
    return {
      mode: "hybrid",
      reason: `native events arrive, but ${type} does not tell of writes made elsewhere`,
    };
  return { mode: "native", reason: `native events arrive on ${type}` };
}

/**
 * Type of the file system that holds `folder`, from the text of /proc/mounts. The mount point
 * closest to the folder counts.
 * @param {string} folder
 * @param {string} mounts
 */
export function filesystemType(folder, mounts) {
  let best = { point: "", type: "unknown" };
  for (const line of mounts.split("\n")) {
    const [, escaped, type] = line.split(" ");
    if (!type) continue;
    const point = escaped.replace(
      /\\([0-7]{3})/g,
      (/** @type {string} */ _, /** @type {string} */ octal) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const inside = folder === point || folder.startsWith(point.endsWith("/") ? point : `${point}/`);
    if (inside && point.length >= best.point.length) best = { point, type };
  }
  return best.type;
}

function readMounts() {
  try {
    return readFileSync("/proc/mounts", "utf8");
  } catch {
    return "";
  }
}

/**
 * Whether an event follows a write in `root`; undefined when nothing can be written there.
 * @param {string} root
 */
async function nativeEventsArrive(root) {
  let folder;
  try {
    folder = mkdtempSync(path.join(root, ".astro-live-probe-"));
  } catch {
    return undefined;
  }
  /** @type {import("node:fs").FSWatcher | undefined} */
  let watcher;
  try {
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), PROBE_MS);
      const done = (/** @type {boolean} */ answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      try {
        watcher = watch(folder, () => done(true));
        watcher.on("error", () => done(false));
        writeFileSync(path.join(folder, "write"), "");
      } catch {
        done(false);
      }
    });
  } finally {
    watcher?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Vite's `server.watch` for a mode. Hybrid watches natively; `events.mjs` polls beside it.
 * @param {{ mode: import("./messages.mjs").WatchReport["mode"] }} options
 * @param {number} intervalMs
 */
export function viteWatchOptions({ mode }, intervalMs) {
  return mode === "polling"
    ? { usePolling: true, interval: intervalMs, binaryInterval: intervalMs }
    : { usePolling: false };
}
