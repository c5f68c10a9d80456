// What the child processes of production mode share: Astro loaded with the patches, and the
// configuration that both of them give it.

import path from "node:path";
import { pathToFileURL } from "node:url";
import { installAccelerations, live } from "../accelerations.mjs";
import { bounded } from "../channel.mjs";
import { entryOf } from "../releases.mjs";

/** @typedef {import("../messages.mjs").BuildJob | import("../messages.mjs").ServeJob} Job */

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
 * Configuration for `build` and `preview`, over the site's own. `root` is the site's folder,
 * `outDir` the build's.
 * @param {Job} job @param {{ root: string, outDir: string }} folders
 */
export function inlineConfig(job, { root, outDir }) {
  const { protocol, hostname, port } = new URL(job.publicUrl);
  return {
    root,
    base: baseOf(job) || "/",
    mode: "production",
    outDir,
    cacheDir: path.join(job.scratchDir, "astro"),
    server: { host: "127.0.0.1", port: 0, allowedHosts: job.allowedHosts, open: false },
    // The gateway ends TLS and says so in X-Forwarded-*, which Astro believes for these hosts
    // alone.
    security: {
      allowedDomains: [{ protocol: protocol.slice(0, -1), hostname, ...(port && { port }) }],
    },
    vite: {
      plugins: [
        {
          name: "astro-live:cache",
          config: () => ({ cacheDir: path.join(job.scratchDir, "vite-production") }),
        },
      ],
    },
  };
}

/**
 * Send the parent process a message, and wait until it is sent.
 * @param {import("../messages.mjs").FromJob} message
 */
export function tell(message) {
  return new Promise((resolve) =>
    process.connected ? process.send?.(bounded(message), resolve) : resolve(undefined),
  );
}
