// Where a project's packages come from. They live on local disk in `{scratch}/dependencies/node_modules`, and the project gets a
// link `node_modules` to it, so that Node, Vite and every integration find them the usual way. A `node_modules` folder that the
// project brings itself is left alone.

import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import semver from "semver";
import { install, InstallFailed, managerOf, WITHOUT_LOCK } from "./install.mjs";
import { isLink } from "./events.mjs";

const OWN_LINK = path.join("dependencies", "node_modules");

/** A project's packages cannot be provided; `code` is the error code for the parent. */
export class DependencyError extends Error {
  constructor(message, fix, code = "install") {
    super(message);
    this.name = "DependencyError";
    this.fix = fix;
    this.code = code;
  }
}

/**
 * Make `node_modules` available to the project at `root` and return its path. `bundled` is the node_modules folder that comes with the runner: it
 * serves projects without a lock file whose packages are all in it, such as the starter. `onProgress` hears of an installation.
 */
export async function attachDependencies({ root, scratch, bundled, onProgress }) {
  const link = path.join(root, "node_modules");
  const own = path.join(scratch, OWN_LINK);
  if (existsSync(link) && !(isLink(link) && readlinkSync(link).endsWith(OWN_LINK))) {
    pointTo(path.join(scratch, "node_modules"), link);
    return link;
  }
  const manager = managerFor(root, bundled);
  if (manager) await installOwn(root, path.dirname(own), manager, onProgress);
  else pointTo(own, bundled);
  try {
    pointTo(link, own);
  } catch (error) {
    throw new DependencyError(
      `the project has no node_modules and a link to them cannot be made in ${root}: ${error.message}`,
      "make the project folder writable, or bring node_modules along",
    );
  }
  // Generated files and built servers sit in the scratch folder and import packages too.
  pointTo(path.join(scratch, "node_modules"), own);
  return link;
}

/** How to install the project's packages, or undefined when the bundled ones will do. */
function managerFor(root, bundled) {
  const file = path.join(root, "package.json");
  if (!existsSync(file)) return undefined;
  let manifest;
  try {
    manifest = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new DependencyError(`package.json is not JSON: ${error.message}`, "mend package.json", "config");
  }
  const manager = managerOf(root);
  if (manager) return manager;
  const wanted = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  return wanted.every(([name, range]) => provides(bundled, name, range)) ? undefined : WITHOUT_LOCK;
}

function provides(folder, name, range) {
  try {
    const { version } = JSON.parse(readFileSync(path.join(folder, name, "package.json"), "utf8"));
    return range === "latest" || semver.satisfies(version, range);
  } catch {
    return false;
  }
}

async function installOwn(root, folder, manager, onProgress) {
  if (isLink(path.join(folder, "node_modules"))) rmSync(path.join(folder, "node_modules"));
  try {
    await install({ root, folder, manager, onProgress });
  } catch (error) {
    if (!(error instanceof InstallFailed)) throw error;
    const file = manager.lock ? `package.json and ${manager.lock}` : "package.json";
    throw new DependencyError(error.message, `mend ${file}, or see whether the package registry can be reached from here`);
  }
}

/** Make `link` a symbolic link to `target`, replacing a link (never a folder) that points elsewhere. */
function pointTo(link, target) {
  if (isLink(link)) {
    if (readlinkSync(link) === target) return;
    rmSync(link);
  }
  mkdirSync(path.dirname(link), { recursive: true });
  symlinkSync(target, link);
}

/** Folder and version of a package as the project sees it, or undefined. */
export function installed(root, name) {
  try {
    const file = createRequire(path.join(root, "package.json")).resolve(`${name}/package.json`);
    return { folder: path.dirname(file), version: JSON.parse(readFileSync(file, "utf8")).version };
  } catch {
    return undefined;
  }
}
