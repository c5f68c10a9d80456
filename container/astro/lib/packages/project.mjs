// A session's repository made ready for Astro: its site is found, its packages are installed and
// linked, its owner's scripts have run.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import semver from "semver";
import { attachPackages, packageFiles, packageState } from "./attach.mjs";
import { astroCommand } from "./devscript.mjs";
import { installEdited } from "./install.mjs";
import { findSite } from "./layout.mjs";
import { readManifest, readText, real } from "./manifest.mjs";
import { runDevScript, runProjectScripts, tellScripts, withTools } from "./scripts.mjs";
import { PackageWatch } from "./watch.mjs";

/** @typedef {import("./types.d.mts").Workshop} Workshop */
/** @typedef {import("./types.d.mts").Installation} Installation */
/** @typedef {import("../types.d.mts").OnProgress} OnProgress */
/** @typedef {import("../types.d.mts").Log} Log */
/**
 * @typedef {{ onProgress: OnProgress, onError: (error: unknown) => void, onRestart: () => void }}
 *   Hooks
 */

/** Bounds of `Packages` in contract/messages. */
const MOST_TOLD = 50;
const LONGEST_TOLD = 300;

/**
 * Make the repository at `repo` ready. `root` names the site's folder, where the session does;
 * `bundled` is the node_modules that comes with the runner, which serves projects without a lock
 * file whose packages are all in it; `scratch` is the session's own folder on local disk and
 * `shared` one that sessions of the task share, by content; `mode` is "development" or
 * "production". `onProgress(detail)` hears how far it is and `log(level, text)` what its owner
 * should know.
 *
 * Resolves with `{ repo, site, allowed, packages, command, environment, stop }`: the site's folder;
 * folders outside it that its modules come from; what was installed and which scripts ran or did
 * not; the parts of its dev script; variables for it. `stop()` ends what runs beside Astro, and
 * `watch(hooks)` follows edits of package.json and lock files.
 * @param {Pick<Workshop, "repo" | "scratch" | "shared" | "bundled" | "limitSeconds"> & { root:
 *   string | undefined, mode?: string, env?: Workshop["env"], onProgress?: OnProgress, log?: Log }}
 *   options
 */
export async function openProject({
  repo,
  root,
  scratch,
  shared,
  bundled,
  mode = "development",
  env = process.env,
  limitSeconds,
  onProgress = () => {},
  log = () => {},
}) {
  const site = findSite(repo, root);
  const dependencies = path.join(scratch, "dependencies");
  const workshop = { repo, site, scratch, shared, bundled, dependencies, env, limitSeconds };
  const attached = await attachPackages({ ...workshop, onProgress });
  const { folder = site, members, record } = attached;
  for (const text of record?.notes ?? []) log("info", text);
  for (const text of engineNotes(folder, site, repo)) log("warn", text);
  tellScripts(record, log);
  const scripts = await runProjectScripts({
    ...workshop,
    folder,
    members,
    record,
    onProgress,
    log,
  });
  const manifest = readManifest(site, { root: repo }) ?? {};
  const command = astroCommand(manifest, mode === "production" ? "build" : "dev");
  const beside = await runDevScript({ ...workshop, manifest, command, record, onProgress, log });
  return {
    repo,
    site,
    allowed: [...new Set([repo, attached.place, real(bundled)])].filter(
      (each) => each !== undefined,
    ),
    packages: describe({
      record,
      fresh: attached.fresh,
      root: path.relative(repo, site),
      failed: [...scripts, ...beside.told],
    }),
    command,
    environment: command.variables,
    watch: (/** @type {Hooks} */ hooks) => watchProject(workshop, { ...hooks, mode, log }),
    stop: beside.stop,
  };
}

/**
 * Follow edits of package.json and lock files: see `PackageWatch`.
 * @param {Workshop} workshop
 * @param {Hooks & { mode: string, log: Log }} hooks
 */
function watchProject(workshop, { mode, log, onProgress, onError, onRestart }) {
  const watch = new PackageWatch({
    files: () => packageFiles(workshop),
    state: () => packageState({ ...workshop, mode }),
    install: async (/** @type {ReturnType<typeof packageState>} */ { plan, folder, members }) => {
      if (!plan || !folder) return;
      const scriptEnv = withTools(workshop.env, workshop.dependencies, undefined);
      await installEdited({ ...workshop, folder, members, plan, scriptEnv, onProgress, log });
    },
    onError,
    onRestart,
  });
  watch.start();
  return watch;
}

/**
 * A list within the bounds of a message.
 * @param {string[]} texts
 */
function bounded(texts) {
  return texts
    .slice(0, MOST_TOLD)
    .map((/** @type {string} */ text) => text.slice(0, LONGEST_TOLD).toWellFormed());
}

/**
 * What the parent hears about packages and scripts; `seconds` is how long the installation took,
 * where there was one.
 * @param {{ record: Installation | undefined, fresh: boolean | undefined, root: string, failed:
 *   string[] }} options
 * @returns {import("../messages.mjs").Packages}
 */
function describe({ record, fresh, root, failed }) {
  return {
    root,
    manager: record?.manager ?? "none",
    version: record?.version ?? "",
    lock: record?.lock ?? "",
    seconds: fresh ? record?.seconds : 0,
    refusedScripts: bounded(record?.scripts?.refused ?? []),
    failedScripts: bounded([
      ...(record?.scripts?.failed ?? []).map(
        (
          /** @type {{ name: string, script: string, reason: string }} */ { name, script, reason },
        ) => `${name} ${script}: ${reason}`,
      ),
      ...failed,
    ]),
  };
}

/**
 * Wishes about Node.js that this one does not meet. They are told and do not stop the site.
 * @param {string} folder
 * @param {string} site
 * @param {string} repo
 */
function engineNotes(folder, site, repo) {
  const notes = [];
  for (const each of new Set([folder, site])) {
    for (const { file, range } of wishesOf(each, repo)) {
      if (!semver.validRange(range) || semver.satisfies(process.version, range)) continue;
      const name = path.relative(repo, path.join(each, file));
      notes.push(
        `${name} asks for Node.js ${range}; this is ${process.version.slice(1)}. The site runs all the same; a package that cannot will say so`,
      );
    }
  }
  return notes;
}

/**
 * The release of Node.js that the project in `folder` asks for, and where. Tools on the owner's
 * machine take an exact one, of which the line counts.
 * @param {string} folder
 * @param {string} repo
 * @returns {{ file: string, range: string }[]}
 */
function wishesOf(folder, repo) {
  const manifest = readManifest(folder, { root: repo });
  const line = (/** @type {unknown} */ text) =>
    String(semver.coerce(typeof text === "string" ? text : "")?.major ?? "*");
  return [
    {
      file: "package.json",
      range:
        typeof manifest?.engines?.node === "string"
          ? manifest.engines.node
          : line(manifest?.volta?.node),
    },
    ...[".nvmrc", ".node-version"].map((file) => ({
      file,
      range: line(readText(path.join(folder, file))),
    })),
  ];
}

/**
 * Folder and version of a package as the project sees it, or undefined.
 * @param {string} root
 * @param {string} name
 */
export function installed(root, name) {
  try {
    const file = createRequire(path.join(root, "package.json")).resolve(`${name}/package.json`);
    return { folder: path.dirname(file), version: JSON.parse(readFileSync(file, "utf8")).version };
  } catch {
    return undefined;
  }
}
