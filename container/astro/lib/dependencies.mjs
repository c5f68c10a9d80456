// Where a project's packages come from. They live on local disk in `{scratch}/dependencies/node_modules`, and the project gets a
// link `node_modules` to it, so that Node, Vite and every integration find them the usual way. A `node_modules` folder that the
// project brings itself is left alone.

import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
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

/** Make `node_modules` available to the project at `root`. `bundled` is the node_modules folder that comes with the runner. */
export function attachDependencies({ root, scratch, bundled }) {
  const link = path.join(root, "node_modules");
  const own = path.join(scratch, OWN_LINK);
  if (existsSync(link) && !(isLink(link) && readlinkSync(link).endsWith(OWN_LINK))) return link;
  pointTo(own, bundled);
  try {
    pointTo(link, own);
  } catch (error) {
    throw new DependencyError(
      `the project has no node_modules and a link to them cannot be made in ${root}: ${error.message}`,
      "make the project folder writable, or bring node_modules along",
    );
  }
  // Generated files sit in the scratch folder and import packages too.
  pointTo(path.join(scratch, "node_modules"), own);
  return link;
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
