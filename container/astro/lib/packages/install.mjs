// One installation: the copy of the manifests is filled by the project's package manager, below
// `{scratch}/dependencies/{stamp}`. A finished one is used again as long as nothing it was made
// from has changed.

import { randomBytes } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { downloadCache } from "./cache.mjs";
import { DependencyError } from "./errors.mjs";
import { readManifest, readText } from "./manifest.mjs";
import { hostsOf, requireReadable } from "./locks.mjs";
import { managerOf, installArguments, installVariables } from "./managers.mjs";
import { copyInputs, inputsOf, leadToSources, packageFolders, stampOf } from "./mirror.mjs";
import { causeOf, isOutOfStep, progressOf, remedyFor } from "./output.mjs";
import { run } from "./process.mjs";
import { runPackageScripts } from "./lifecycle.mjs";
import { provideTool } from "./tools.mjs";
import { aboutUnset, unsetVariables } from "./variables.mjs";
import { asError } from "../thrown.mjs";

const RECORD = "installed.json";
/** The link to the installation in use, in the folder of installations. */
export const CURRENT = "current";

/**
 * What has to be installed for `folder`, without doing it: `{ manager, inputs, stamp, folders }`.
 * Throws `DependencyError` where package.json or the lock file cannot be read.
 * @param {{ repo: string, folder: string, members: string[] }} options
 */
export function planInstall({ repo, folder, members }) {
  const manifest = readManifest(folder, { root: repo }) ?? {};
  const manager = managerOf(folder, { manifest, members });
  const lock = path.relative(repo, path.join(folder, manager.lock ?? ""));
  requireReadable(folder, manager.lock, lock);
  const inputs = inputsOf({ repo, folder, members, lock: manager.lock });
  const stamp = stampOf(repo, inputs, [manager.name, manager.tool, manager.lock]);
  const folders = [folder, ...members, ...inputs.folders].map((each) => path.relative(repo, each));
  return { manager, inputs, stamp, folders, manifest };
}

/**
 * The record of a finished installation, or undefined.
 * @param {string} place
 */
export function installedRecord(place) {
  try {
    return JSON.parse(readFileSync(path.join(place, RECORD), "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * Carry `plan` out below `dependencies`, unless it is there already. `frozen` keeps to the lock
 * file. Resolves with `{ place, record, fresh }`; `record` says manager, version, what was
 * installed and which packages' scripts ran or were not allowed to. Throws `DependencyError` with
 * the manager's own reason.
 * @param {{ repo: string, folder: string, plan: import("./types.d.mts").Plan, dependencies: string,
 *   scratch: string, shared: string | undefined, env: import("../types.d.mts").Environment,
 *   scriptEnv?: import("../types.d.mts").Environment, frozen?: boolean, limitSeconds: number,
 *   onProgress: import("../types.d.mts").OnProgress }} options
 */
export async function install({
  repo,
  folder,
  plan,
  dependencies,
  scratch,
  shared,
  env,
  scriptEnv = env,
  frozen = true,
  limitSeconds,
  onProgress,
}) {
  const place = path.join(dependencies, plan.stamp);
  const before = installedRecord(place);
  if (before) return { place, record: before, fresh: false };
  const { manager, inputs } = plan;
  const next = `${place}.next`;
  remove(next);
  mkdirSync(next, { recursive: true });
  copyInputs(repo, inputs, next);
  const cwd = path.join(next, path.relative(repo, folder));
  const cache = downloadCache(scratch, shared);
  const tool = await provideTool({ tool: manager.tool, folder, cache, env, onProgress });
  const started = performance.now();
  await runManager({
    manager,
    tool,
    cwd,
    cache,
    env,
    frozen,
    limitSeconds,
    total: packagesIn(folder, manager.lock),
    onProgress,
  });
  const folders = packageFolders(next, plan.folders);
  if (folders.length === 0) {
    if (
      plan.manifest &&
      Object.keys({ ...plan.manifest.dependencies, ...plan.manifest.devDependencies }).length > 0
    ) {
      throw new DependencyError(
        `${manager.name} made no node_modules`,
        "see its settings in .npmrc, .yarnrc.yml or bunfig.toml",
      );
    }
    mkdirSync(path.join(cwd, "node_modules"), { recursive: true });
  }
  leadToSources({ repo, mirror: next, folders: plan.folders });
  const scripts = await runPackageScripts({
    root: cwd,
    manifest: plan.manifest,
    folders: folders.map((/** @type {string} */ each) => path.join(next, each)),
    env: scriptEnv,
    onProgress,
  });
  const record = {
    manager: manager.name,
    version: tool.version,
    command: tool.command,
    lock: manager.lock,
    notes: manager.notes,
    scripts,
    folders: packageFolders(next, plan.folders),
    seconds: Math.round((performance.now() - started) / 100) / 10,
  };
  writeFileSync(path.join(next, RECORD), JSON.stringify(record));
  remove(place);
  renameSync(next, place);
  return { place, record, fresh: true };
}

/**
 * Install as an owner does who has edited package.json: by the lock file when it fits, else with
 * the lock file brought up to date, in the repository too. Resolves with the plan that fits what is
 * there now.
 * @param {Omit<Parameters<typeof install>[0], "plan" | "frozen"> & { plan:
 *   import("./types.d.mts").Plan, members: string[], log: import("../types.d.mts").Log }} options
 */
export async function installEdited(options) {
  const { repo, folder, members, plan, dependencies, log } = options;
  try {
    await install({ ...options, frozen: true });
    return plan;
  } catch (error) {
    if (!plan.manager.lock || !(error instanceof DependencyError) || !isOutOfStep(error.message))
      throw error;
  }
  await install({ ...options, frozen: false });
  const place = path.join(dependencies, plan.stamp);
  const relative = path.join(path.relative(repo, folder), plan.manager.lock);
  copyFileSync(path.join(place, relative), path.join(repo, relative));
  log("info", `${relative} was brought up to date with package.json: commit it with your change`);
  const updated = planInstall({ repo, folder, members });
  if (updated.stamp !== plan.stamp) {
    remove(path.join(dependencies, updated.stamp));
    renameSync(place, path.join(dependencies, updated.stamp));
  }
  return updated;
}

/**
 * Remove every installation but the one in use, in the background: there are many files.
 * @param {string} dependencies
 * @param {string | undefined} keep
 */
export function removeOthers(dependencies, keep) {
  for (const name of existsSync(dependencies) ? readdirSync(dependencies) : []) {
    if (/^[0-9a-f]{24}(\..*)?$/.test(name) && name !== keep) remove(path.join(dependencies, name));
  }
}

/**
 * Take a folder out of the way at once, and remove it in the background.
 * @param {string} folder
 */
function remove(folder) {
  if (!existsSync(folder)) return;
  let gone = folder;
  try {
    gone = `${folder.replace(/\.gone-[0-9a-f]+$/, "")}.gone-${randomBytes(4).toString("hex")}`;
    renameSync(folder, gone);
  } catch {}
  rm(gone, { recursive: true, force: true }).catch(() => {});
}

/**
 * @param {{ manager: import("./types.d.mts").Manager, tool: { command: string[], version: string },
 *   cwd: string, cache: string, env: import("../types.d.mts").Environment, frozen: boolean,
 *   limitSeconds: number, total: number | undefined, onProgress:
 *   import("../types.d.mts").OnProgress }} options
 */
async function runManager({
  manager,
  tool,
  cwd,
  cache,
  env,
  frozen,
  limitSeconds,
  total,
  onProgress,
}) {
  const args = installArguments({
    name: manager.name,
    lock: manager.lock,
    version: tool.version,
    frozen,
    cache,
  });
  const unset = unsetVariables(cwd, env);
  const variables = {
    ...installVariables({
      name: manager.name,
      version: tool.version,
      cache,
      folder: cwd,
      environment: env,
    }),
    ...Object.fromEntries(unset.map(({ name }) => [name, ""])),
  };
  const progress = progressOf(manager.name, total);
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  const tell = () => {
    const how = progress.text();
    onProgress(
      `${manager.name} ${tool.version} is installing packages${how ? `: ${how}` : ""}${seconds() > 0 ? `, ${seconds()} s so far` : ""}`,
    );
  };
  tell();
  const tick = setInterval(tell, 1000);
  let done;
  try {
    done = await run([...tool.command, ...args], {
      cwd,
      env: { ...env, ...variables },
      limitMs: limitSeconds * 1000,
      onLine: progress.hear,
    });
  } catch (error) {
    throw new DependencyError(
      `${manager.name} ${tool.version} did not start: ${asError(error).message}`,
      "check whether this processor and system can run it",
    );
  } finally {
    clearInterval(tick);
  }
  if (done.code === 0) return;
  const file = manager.lock ? `package.json and ${manager.lock}` : "package.json";
  if (done.timedOut) {
    const hosts = hostsOf(manager.lock && readText(path.join(cwd, manager.lock)));
    const named = hosts.length > 0 ? ` and ${hosts.join(", ")}, which ${manager.lock} names,` : "";
    throw new DependencyError(
      `${manager.name} had not installed the packages of ${file} after ${limitSeconds} s; it was at: ${progress.text() || done.lines.at(-1) || "its start"}`,
      `check whether the package registry${named} can be reached from here, and how fast`,
    );
  }
  const cause =
    done.signal === "SIGKILL"
      ? "it was ended by SIGKILL: the task may be out of memory"
      : causeOf(manager.name, done.lines);
  const about = isOutOfStep(cause) ? undefined : aboutUnset(unset);
  throw new DependencyError(
    `${manager.name} ${tool.version} could not install the packages of ${file}:\n${cause}${about ? `\n${about.cause}` : ""}`,
    about?.fix ?? remedyFor(manager.name, cause),
  );
}

/**
 * A rough number of packages in a lock file, for the progress.
 * @param {string} folder
 * @param {string | undefined} lock
 */
function packagesIn(folder, lock) {
  if (!lock || lock === "bun.lockb") return undefined;
  try {
    const text = readFileSync(path.join(folder, lock), "utf8");
    return lock.endsWith(".json") ? (text.match(/"node_modules\//g) ?? []).length : undefined;
  } catch {
    return undefined;
  }
}
