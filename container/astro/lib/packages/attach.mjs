// The packages of a site: what it needs is planned, installed where it is not there already, and
// linked into the repository.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import path from "node:path";
import semver from "semver";
import { astroCommand } from "./devscript.mjs";
import { DependencyError } from "./errors.mjs";
import { CURRENT, install, installedRecord, planInstall, removeOthers } from "./install.mjs";
import { installRoot } from "./layout.mjs";
import { LOCKS, lockFilesOf } from "./locks.mjs";
import { dependenciesOf, isFolder, isLink, readManifest, real } from "./manifest.mjs";
import { PROJECT_SCRIPTS, withTools } from "./scripts.mjs";
import { viteCache } from "../folders.mjs";
import { asError } from "../thrown.mjs";

/** @typedef {import("./types.d.mts").Workshop} Workshop */
/** @typedef {import("./types.d.mts").Installation} Installation */
/** @typedef {import("../types.d.mts").OnProgress} OnProgress */

const BUNDLED = "bundled";

/**
 * What the packages of `site` need, without doing anything: `{ folder, members, brought, plan }`.
 * `brought` is the folder whose own node_modules is left alone, `plan` an installation; without
 * either the bundled packages will do.
 * @param {Pick<Workshop, "repo" | "site" | "bundled">} workshop
 */
export function planPackages({ repo, site, bundled }) {
  const { folder, members } = installRoot(repo, site);
  const brought = [site, folder].find((each) => each && bringsPackages(each));
  const plan =
    !brought && folder && needsInstall(folder, members, bundled, repo)
      ? planInstall({ repo, folder, members })
      : undefined;
  return { folder, members, brought, plan };
}

/**
 * Install, and link `node_modules` into the repository wherever the installation has one. A
 * node_modules folder that the repository brings itself is left alone.
 * @param {Workshop & { onProgress: OnProgress }} workshop
 */
export async function attachPackages({
  repo,
  site,
  scratch,
  shared,
  bundled,
  dependencies,
  env,
  limitSeconds,
  onProgress,
}) {
  const { folder, members, brought, plan } = planPackages({ repo, site, bundled });
  if (brought) {
    pointTo(path.join(scratch, "node_modules"), path.join(brought, "node_modules"));
    return { folder, members, place: real(path.join(brought, "node_modules")), record: undefined };
  }
  let place;
  let record;
  let fresh = false;
  if (plan && folder) {
    const known = installedRecord(path.join(dependencies, plan.stamp)) !== undefined;
    ({ place, record, fresh } = await install({
      repo,
      folder,
      plan,
      dependencies,
      scratch,
      shared,
      env,
      scriptEnv: withTools(env, dependencies, undefined),
      limitSeconds,
      onProgress,
    }));
    // Vite's bundles of packages name files of the installation they were made from.
    if (!known || readLink(path.join(dependencies, CURRENT)) !== place)
      rmSync(viteCache(scratch), { recursive: true, force: true });
  } else {
    place = path.join(dependencies, BUNDLED);
    const relative = path.relative(repo, site);
    pointTo(path.join(place, relative, "node_modules"), bundled);
    record = { folders: [relative] };
  }
  const main = mainFolder(place, record.folders, path.relative(repo, site));
  // A site that does not ask for Astro gets the runner's: its pages import Astro's runtime by name.
  const astro = path.join(place, main, "node_modules", "astro");
  if (plan && !existsSync(astro)) pointTo(astro, path.join(bundled, "astro"));
  pointTo(path.join(dependencies, CURRENT), place);
  link({ repo, dependencies, folders: record.folders });
  removeOthers(dependencies, plan?.stamp);
  pointTo(
    path.join(scratch, "node_modules"),
    path.join(dependencies, CURRENT, main, "node_modules"),
  );
  return {
    folder,
    members,
    place: plan ? real(place) : real(bundled),
    record: plan ? record : undefined,
    fresh,
  };
}

/**
 * The installation's folder that serves what the runner writes into the scratch folder, which
 * imports packages too.
 * @param {string} place
 * @param {string[]} folders
 * @param {string} site
 */
function mainFolder(place, folders, site) {
  const above = folders
    .filter((/** @type {string} */ each) => each === "" || `${site}/`.startsWith(`${each}/`))
    .sort((/** @type {string} */ one, /** @type {string} */ other) => other.length - one.length);
  return (
    above.find((/** @type {string} */ each) =>
      existsSync(path.join(place, each, "node_modules", "astro")),
    ) ??
    above[0] ??
    folders[0] ??
    ""
  );
}

/** @param {string} link */
function readLink(link) {
  return isLink(link) ? readlinkSync(link) : undefined;
}

/**
 * A reader of what the packages and scripts of a project are made from: `state()` gives `{ files,
 * fingerprint, plan, folder, members }`; the fingerprint changes when an edit needs another
 * installation or another start. Throws `DependencyError` where a manifest cannot be read.
 * @param {{ repo: string, site: string, bundled: string, mode: string | undefined }} options
 */
export function packageState({ repo, site, bundled, mode }) {
  const { folder, members, brought, plan } = planPackages({ repo, site, bundled });
  const manifests = [...new Set([site, ...(folder ? [folder] : []), ...members])].map(
    (each) => readManifest(each, { root: repo }) ?? {},
  );
  const scripts = manifests.map((manifest) =>
    ["preinstall", ...PROJECT_SCRIPTS].map((name) => manifest.scripts?.[name]),
  );
  const command = astroCommand(manifests[0], mode === "production" ? "build" : "dev");
  const fingerprint = JSON.stringify([
    brought,
    plan?.stamp,
    scripts,
    command,
    manifests[0].scripts?.predev,
  ]);
  return { fingerprint, plan, folder, members };
}

/**
 * Files whose change may need another installation; those that may come to be, too.
 * @param {{ repo: string, site: string }} options
 */
export function packageFiles({ repo, site }) {
  const { folder, members } = installRoot(repo, site);
  const top = [...new Set([site, ...(folder ? [folder] : [])])];
  const beside = [
    "package.json",
    ".npmrc",
    "pnpm-workspace.yaml",
    ".yarnrc.yml",
    "bunfig.toml",
    ...LOCKS.map(({ file }) => file),
  ];
  return [
    ...top.flatMap((each) => beside.map((name) => path.join(each, name))),
    ...members.map((member) => path.join(member, "package.json")),
  ];
}

/**
 * Whether `folder` has a node_modules with packages that is no link of ours.
 * @param {string} folder
 */
function bringsPackages(folder) {
  const modules = path.join(folder, "node_modules");
  if (isLink(modules)) return !isOwnLink(modules) && existsSync(modules);
  return isFolder(modules) && readdirSync(modules).some((name) => !name.startsWith("."));
}

/**
 * A link that a runner made, here or on a task that had the session before.
 * @param {string} link
 */
function isOwnLink(link) {
  return /(^|\/)dependencies\/(.*\/)?node_modules$/.test(readlinkSync(link));
}

/** @param {{ repo: string, dependencies: string, folders: string[] }} options */
function link({ repo, dependencies, folders }) {
  for (const folder of folders) {
    const place = path.join(repo, folder, "node_modules");
    try {
      // Caches of tools, left behind in a folder that has no packages in it.
      if (isFolder(place)) rmSync(place, { recursive: true, force: true });
      pointTo(place, path.join(dependencies, CURRENT, folder, "node_modules"));
    } catch (error) {
      throw new DependencyError(
        `the project has no node_modules and a link to them cannot be made in ${path.join(repo, folder)}: ${asError(error).message}`,
        "make the project folder writable, or put node_modules into the project",
      );
    }
  }
}

/**
 * Whether the bundled packages will not do: there is a lock file or a workspace, or something else
 * is asked for.
 * @param {string} folder
 * @param {string[]} members
 * @param {string} bundled
 * @param {string} repo
 */
function needsInstall(folder, members, bundled, repo) {
  if (lockFilesOf(folder).length > 0 || members.length > 0) return true;
  return !dependenciesOf(readManifest(folder, { root: repo })).every(([name, range]) =>
    provides(bundled, name, range),
  );
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {string} range
 */
function provides(folder, name, range) {
  try {
    const { version } = JSON.parse(readFileSync(path.join(folder, name, "package.json"), "utf8"));
    return range === "latest" || semver.satisfies(version, range);
  } catch {
    return false;
  }
}

/**
 * Make `link` a symbolic link to `target`, replacing a link (never a folder) that points elsewhere,
 * in one step.
 * @param {string} link
 * @param {string} target
 */
export function pointTo(link, target) {
  if (isLink(link) && readlinkSync(link) === target) return;
  mkdirSync(path.dirname(link), { recursive: true });
  const next = `${link}.${process.pid}.new`;
  rmSync(next, { force: true });
  symlinkSync(target, next);
  try {
    renameSync(next, link);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}
