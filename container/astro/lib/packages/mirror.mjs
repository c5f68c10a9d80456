// A copy of what a package manager reads, on local disk: manifests, lock file, settings, patches
// and the folders that packages are made from. The installation happens there, and the sources stay
// where they are, often on a network file system. Afterwards whatever leads to a folder of the
// repository inside the copy is made to lead to the repository itself, so that an edit there shows.

import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import path from "node:path";
import { DependencyError } from "./errors.mjs";
import { isInside } from "./layout.mjs";
import {
  dependenciesOf,
  installPart,
  isLink,
  readManifest,
  readYaml,
  statusOf,
} from "./manifest.mjs";

/** Files beside a manifest that decide what is installed, and folders likewise. */
const SETTINGS = [
  ...[".npmrc", "pnpm-workspace.yaml", ".pnpmfile.cjs", ".pnpmfile.mjs"],
  ...[".yarnrc.yml", ".yarnrc", ".env.yarn", "yarn.config.cjs", "bunfig.toml"],
];
const FOLDERS = ["patches", ".yarn/patches", ".yarn/plugins", ".yarn/releases"];
const MOST_COPIED_FILES = 5000;
const SKIPPED = new Set(["node_modules", ".git", "dist", ".astro"]);

/**
 * What an installation of the project in `folder` reads: `{ manifests, files, folders }`, absolute
 * paths. `folders` are copied whole: those that packages are made from (`file:`, `link:`,
 * `portal:`). Throws for one that is missing or outside the repository.
 * @param {{ repo: string, folder: string, members: string[], lock: string | undefined }} options
 */
export function inputsOf({ repo, folder, members, lock }) {
  /** @type {Set<string>} */
  const files = new Set();
  /** @type {Set<string>} */
  const folders = new Set();
  /** @type {Set<string>} */
  const manifests = new Set();
  const queue = [folder, ...members];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const file = path.join(next, "package.json");
    if (manifests.has(file)) continue;
    const manifest = readManifest(next, { root: repo });
    if (manifest === undefined) continue;
    manifests.add(file);
    if (existsSync(path.join(next, ".npmrc"))) files.add(path.join(next, ".npmrc"));
    for (const [name, target] of localPackages(manifest, next)) {
      if (!isInside(target, repo)) {
        throw new DependencyError(
          `the package ${name} is to come from ${path.relative(folder, target)}, which lies outside the repository`,
          "put it into the repository, or take it from a registry",
        );
      }
      if (!existsSync(target)) {
        throw new DependencyError(
          `the package ${name} is to come from ${path.relative(repo, target)}, which does not exist`,
          "add it, or correct package.json",
        );
      }
      if (!statSync(target).isDirectory()) files.add(target);
      else if (!members.includes(target) && target !== folder) {
        folders.add(target);
        queue.push(target);
      }
    }
  }
  for (const name of [lock, ...SETTINGS]) {
    if (name && existsSync(path.join(folder, name))) files.add(path.join(folder, name));
  }
  for (const name of FOLDERS) {
    for (const file of filesBelow(path.join(folder, name))) files.add(file);
  }
  for (const file of patchesOf(folder)) files.add(file);
  return {
    manifests: [...manifests].sort(),
    files: [...files].sort(),
    folders: [...folders].sort(),
  };
}

/**
 * Packages of the manifest in `folder` that come from a place on disk: `[name, absolute path]`.
 * @param {import("./types.d.mts").Manifest} manifest
 * @param {string} folder
 * @returns {[string, string][]}
 */
function localPackages(manifest, folder) {
  const overrides = [manifest.overrides, manifest.resolutions, manifest.pnpm?.overrides].flatMap(
    (value) => Object.entries(value ?? {}),
  );
  return [...dependenciesOf(manifest), ...overrides].flatMap(([name, specifier]) => {
    const target = /^(?:file|link|portal):(?!\/\/)(.+?)(?:::.*)?$/.exec(String(specifier))?.[1];
    return target && !path.isAbsolute(target)
      ? [/** @type {[string, string]} */ ([name, path.resolve(folder, target)])]
      : [];
  });
}

/**
 * Patches that pnpm's settings name, wherever they are.
 * @param {string} folder
 */
function patchesOf(folder) {
  const manifest = readManifest(folder);
  const named = {
    ...manifest?.pnpm?.patchedDependencies,
    ...manifest?.patchedDependencies,
    ...readYaml(path.join(folder, "pnpm-workspace.yaml")).patchedDependencies,
  };
  return Object.values(named)
    .filter((file) => typeof file === "string")
    .map((file) => path.resolve(folder, file))
    .filter((file) => isInside(file, folder) && existsSync(file));
}

/**
 * @param {string} folder
 * @param {string[]} found
 */
function filesBelow(folder, found = []) {
  if (!existsSync(folder) || isLink(folder)) return found;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) filesBelow(file, found);
    else if (entry.isFile()) found.push(file);
    if (found.length > MOST_COPIED_FILES) break;
  }
  return found;
}

/**
 * A text that changes when the installation would: `parts` are added to what the inputs hold.
 * @param {string} repo
 * @param {import("./types.d.mts").Inputs} inputs
 * @param {unknown[]} parts
 */
export function stampOf(repo, inputs, parts) {
  const hash = createHash("sha256").update(
    JSON.stringify([process.version, process.arch, ...parts]),
  );
  const add = (/** @type {string} */ file, /** @type {string | Buffer} */ content) =>
    hash.update(`\0${path.relative(repo, file)}\0`).update(content);
  for (const file of inputs.manifests)
    add(file, installPart(readManifest(path.dirname(file), { root: repo })));
  for (const file of inputs.files) add(file, readFileSync(file));
  for (const folder of inputs.folders)
    for (const file of filesBelow(folder).sort())
      if (path.basename(file) !== "package.json") add(file, readFileSync(file));
  return hash.digest("hex").slice(0, 24);
}

/**
 * Copy the inputs below `target`, at the places they have below `repo`.
 * @param {string} repo
 * @param {import("./types.d.mts").Inputs} inputs
 * @param {string} target
 */
export function copyInputs(repo, inputs, target) {
  const place = (/** @type {string} */ file) => path.join(target, path.relative(repo, file));
  const copy = (/** @type {string} */ file) => {
    mkdirSync(path.dirname(place(file)), { recursive: true });
    copyFileSync(file, place(file));
  };
  for (const file of [...inputs.manifests, ...inputs.files]) copy(file);
  for (const folder of inputs.folders) {
    cpSync(folder, place(folder), {
      recursive: true,
      dereference: false,
      filter: (source) => source === folder || !SKIPPED.has(path.basename(source)),
    });
  }
}

/**
 * Folders of a finished installation that hold a node_modules, as paths relative to the repository.
 * @param {string} mirror
 * @param {string[]} folders
 */
export function packageFolders(mirror, folders) {
  return folders.filter((/** @type {string} */ folder) =>
    existsSync(path.join(mirror, folder, "node_modules")),
  );
}

/**
 * Make every link in the installation below `mirror` that leads to a folder of the repository's
 * copy lead to the repository, and fill the copy of each of `folders` with links to what the
 * original holds. Links among packages stay.
 * @param {{ repo: string, mirror: string, folders: string[] }} options
 */
export function leadToSources({ repo, mirror, folders }) {
  for (const folder of folders) {
    const modules = path.join(mirror, folder, "node_modules");
    retarget(modules, { repo, mirror });
    for (const store of [".pnpm", ".bun", ".store"]) {
      for (const entry of names(path.join(modules, store))) {
        for (const inner of ["node_modules", ""])
          retarget(path.join(modules, store, entry, inner), { repo, mirror });
      }
    }
    fill(path.join(repo, folder), path.join(mirror, folder));
  }
}

/**
 * @param {string} modules
 * @param {{ repo: string, mirror: string }} places
 */
function retarget(modules, places) {
  for (const name of names(modules)) {
    const entry = path.join(modules, name);
    if (name.startsWith("@"))
      for (const inner of names(entry)) lead(path.join(entry, inner), places);
    else lead(entry, places);
  }
}

/**
 * @param {string} link
 * @param {{ repo: string, mirror: string }} options
 */
function lead(link, { repo, mirror }) {
  if (!isLink(link)) return;
  const target = path.resolve(path.dirname(link), readlinkSync(link));
  const relative = path.relative(mirror, target);
  if (relative.startsWith("..") || relative.split(path.sep).includes("node_modules")) return;
  rmSync(link);
  symlinkSync(path.join(repo, relative), link);
}

/**
 * Programs of a workspace's packages are started through the copy, and import what lies beside
 * them.
 * @param {string} source
 * @param {string} copy
 */
function fill(source, copy) {
  for (const name of names(source)) {
    const entry = path.join(copy, name);
    if (name === "node_modules" || name === "package.json" || statusOf(entry)) continue;
    symlinkSync(path.join(source, name), entry);
  }
}

/** @param {string} folder */
function names(folder) {
  try {
    return lstatSync(folder).isDirectory() ? readdirSync(folder) : [];
  } catch {
    return [];
  }
}
