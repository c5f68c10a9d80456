// One build, from a project that is ready to its record.

import path from "node:path";
import { BuildError } from "./errors.mjs";
import { buildJob } from "./job.mjs";
import { sizeOf } from "./layout.mjs";
import { asError } from "../thrown.mjs";

const PROGRESS_MS = 2000;
/** @type {Record<string, import("../messages.mjs").BuildEnded["outcome"]>} */
const OUTCOMES = { "build-memory": "memory", "build-timeout": "timeout" };

/**
 * A project that is ready to build. `environment` is what its build script sets, `command` the
 * options that it gives `astro build`.
 * @typedef {{ root: string, astro: string, version: string, vite?: string, environment:
 *   Record<string, string>, command?: import("../types.d.mts").CommandOptions, packages:
 *   import("../messages.mjs").Packages, stop: () => void }} Prepared
 */

/**
 * Build a project within `limits` and record the result; the record of a good build. A refusal is
 * recorded with the sources' fingerprint, and thrown. The parent hears how far it is and how it
 * ended; `onPid` hears of the process group.
 * @param {{ builds: import("./builds.mjs").Builds, session: { base: string, publicUrl: string,
 *   allowedHosts: string[], scratchDir: string }, project: Prepared, fingerprint: string, limits: {
 *   memoryMib: number, seconds: number }, send: import("../types.d.mts").Send, onPid: (pid: number)
 *   => void }} options
 * @returns {Promise<import("./builds.mjs").Build>}
 */
export async function makeBuild({ builds, session, project, fingerprint, limits, send, onPid }) {
  const { number, folder } = await builds.begin();
  const site = path.join(folder, "site");
  const began = performance.now();
  const ms = () => Math.round(performance.now() - began);
  try {
    /** @type {import("../messages.mjs").BuildJob} */
    const job = {
      type: "build-job",
      ...session,
      root: project.root,
      astro: project.astro,
      outDir: site,
      configFile: text(project.command?.config),
      mode: text(project.command?.mode),
      siteUrl: text(project.command?.site),
      ownBase: text(project.command?.base),
    };
    const options = { cwd: session.scratchDir, env: project.environment, limits, onPid };
    const elapsed = () => `building the site, ${Math.round(ms() / 1000)} s`;
    const { layout, ownBase, memoryMib } = await telling(send, "build", elapsed, () =>
      buildJob(job, options),
    );
    const build = {
      number,
      fingerprint,
      createdAt: Math.round(Date.now() / 1000),
      seconds: ms() / 1000,
      memoryMib,
      ...sizeOf(site),
      astro: project.version,
      vite: project.vite,
      environment: project.environment,
      ownBase,
      layout,
    };
    await builds.finish(build);
    send({ type: "build-ended", outcome: "good", build: number, ms: ms(), memoryMib });
    return build;
  } catch (thrown) {
    const error = asError(thrown);
    send({
      type: "build-ended",
      outcome: OUTCOMES[error.code ?? ""] ?? "failed",
      ms: ms(),
      memoryMib: error.memoryMib ?? 0,
    });
    if (error instanceof BuildError) await builds.refuse(fingerprint, error).catch(() => {});
    throw error;
  }
}

/** @param {unknown} option */
function text(option) {
  return typeof option === "string" && option !== "" ? option : undefined;
}

/**
 * Tell the parent again and again that work goes on: it gives up who is silent. The work has its
 * own limit, or `limitSeconds`: a network disk may never answer.
 * @template T
 * @param {import("../types.d.mts").Send} send
 * @param {import("../messages.mjs").Stage} stage
 * @param {() => string} detail
 * @param {() => Promise<T>} work
 * @param {number} [limitSeconds]
 * @returns {Promise<T>}
 */
export async function telling(send, stage, detail, work, limitSeconds) {
  const tell = () => send({ type: "progress", stage, detail: detail() });
  const timer = setInterval(tell, PROGRESS_MS);
  tell();
  /** @type {NodeJS.Timeout | undefined} */
  let limit;
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    if (limitSeconds === undefined) return;
    const error = new BuildError(
      `the build was not copied to the task's disk within ${limitSeconds} s`,
      "check the disk that builds are kept on",
      {
        code: "storage",
      },
    );
    limit = setTimeout(() => reject(error), limitSeconds * 1000);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearInterval(timer);
    clearTimeout(limit);
  }
}
