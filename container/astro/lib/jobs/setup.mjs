// What the child processes of production mode share: Astro loaded with the patches, and the configuration that both of them give it.

import path from "node:path";
import { pathToFileURL } from "node:url";
import { installAccelerations, live } from "../accelerations.mjs";
import { entryOf } from "../releases.mjs";

/**
 * What a child process works on: the start message, the folder of the Astro to use, and where the build is.
 * @typedef {import("../messages.mjs").Start & { astro: string, outDir: string }} Job
 */

/**
 * Load the Astro of `job` for its session.
 * @param {Job} job
 */
export async function loadAstro(job) {
  installAccelerations();
  Object.assign(live, { scratch: pathToFileURL(job.scratchDir + path.sep).href });
  return import(entryOf(job.astro));
}

/**
 * The session's base without its closing slash; empty when the session has its own host name.
 * @param {Job} job
 */
export function baseOf(job) {
  return job.base.replace(/\/$/, "");
}

/**
 * Configuration for `build` and `preview`, over the site's own.
 * @param {Job} job
 */
export function inlineConfig(job) {
  const { protocol, hostname, port } = new URL(job.publicUrl);
  return {
    root: job.root,
    base: baseOf(job) || "/",
    mode: "production",
    outDir: job.outDir,
    cacheDir: path.join(job.scratchDir, "astro"),
    server: { host: "127.0.0.1", port: 0, allowedHosts: job.allowedHosts, open: false },
    // The gateway ends TLS and says so in X-Forwarded-*, which Astro believes for these hosts alone.
    security: { allowedDomains: [{ protocol: protocol.slice(0, -1), hostname, ...(port && { port }) }] },
    vite: { plugins: [{ name: "astro-live:cache", config: () => ({ cacheDir: path.join(job.scratchDir, "vite-production") }) }] },
  };
}

/**
 * Tell the parent process, and wait until it is told.
 * @param {object} message
 */
export function tell(message) {
  return new Promise((resolve) => (process.connected ? process.send?.(message, resolve) : resolve(undefined)));
}
