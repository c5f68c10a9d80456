// Where a repository's Astro site is, and where its packages are installed. A session is a
// repository; its site may be in a folder of it, and that folder may be one of a workspace whose
// packages are installed at the repository's root.

import { existsSync, globSync, readdirSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { lockFilesOf } from "./locks.mjs";
import { astroCommand } from "./devscript.mjs";
import { DependencyError } from "./errors.mjs";
import { dependenciesOf, readManifest, workspacePatterns } from "./manifest.mjs";

const CONFIG = /^astro\.config\.(mjs|js|cjs|ts|mts|cts)$/;
/** Folders that are not sites: packages, output, and what tests bring along. */
const NOT_SEARCHED = new Set([
  "node_modules",
  "dist",
  "build",
  "out",
  "public",
  "vendor",
  "coverage",
  "fixtures",
  "test",
  "tests",
  "e2e",
]);
const DEEPEST = 5;
const MOST_FOLDERS = 20_000;

/**
 * The site of the repository at `repo`: its absolute folder. `wanted` is the folder that the
 * session names, relative to the repository; without it the repository's own root is the site when
 * it is one, else the only folder that holds one.
 * @param {string} repo
 * @param {string | undefined} wanted
 */
export function findSite(repo, wanted) {
  if (wanted && wanted !== ".") return namedSite(repo, wanted);
  if (isSite(repo)) return repo;
  const named = rootOfDevScript(repo);
  if (named) return named;
  const found = searchSites(repo);
  if (found.length === 1) return found[0];
  if (found.length > 1) {
    const folders = found.map((folder) => path.relative(repo, folder)).sort();
    const shown =
      folders.slice(0, 12).join(", ") +
      (folders.length > 12 ? ` and ${folders.length - 12} more` : "");
    throw new DependencyError(
      `this repository holds ${folders.length} Astro sites: ${shown}`,
      `name the one to edit: PATCH /api/v1/sessions/{id} with {"root": "${folders[0]}"}, or "root" when the session is created`,
      "config",
    );
  }
  throw new DependencyError(
    "there is no Astro site in this repository: no astro.config.mjs and no src/pages, in its root or below",
    "add one of them, or put the site's files in place; the site starts again by itself",
    "config",
  );
}

/**
 * @param {string} repo
 * @param {string} wanted
 */
function namedSite(repo, wanted) {
  const folder = path.resolve(repo, wanted);
  const fix = "name a folder of the repository as the session's root, or none to have it found";
  if (path.isAbsolute(wanted) || !isInside(folder, repo)) {
    throw new DependencyError(
      `the site's folder ${JSON.stringify(wanted)} lies outside the repository`,
      fix,
      "config",
    );
  }
  let real;
  try {
    real = realpathSync(folder);
    if (!statSync(real).isDirectory()) throw new Error("not a folder");
  } catch {
    const found = searchSites(repo).map((entry) => path.relative(repo, entry) || ".");
    const there = found.length > 0 ? `; there is a site in ${found.slice(0, 12).join(", ")}` : "";
    throw new DependencyError(
      `the repository has no folder ${JSON.stringify(wanted)}${there}`,
      fix,
      "config",
    );
  }
  if (!isInside(real, realpathSync(repo))) {
    throw new DependencyError(
      `the site's folder ${JSON.stringify(wanted)} is a link that leaves the repository`,
      fix,
      "config",
    );
  }
  return folder;
}

/**
 * Whether `file` is `folder` or below it.
 * @param {string} file
 * @param {string} folder
 */
export function isInside(file, folder) {
  return file === folder || file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep);
}

/**
 * Whether `folder` is an Astro site: it has a configuration, or pages.
 * @param {string} folder
 */
function isSite(folder, entries = names(folder)) {
  return (
    entries.some((name) => CONFIG.test(name)) ||
    (entries.includes("src") && existsSync(path.join(folder, "src", "pages")))
  );
}

/**
 * A folder below the root counts as a site without a configuration only when it asks for Astro
 * itself.
 * @param {string} folder
 * @param {string[]} entries
 */
function isSiteBelow(folder, entries) {
  if (entries.some((/** @type {string} */ name) => CONFIG.test(name))) return true;
  if (!isSite(folder, entries)) return false;
  try {
    return dependenciesOf(readManifest(folder)).some(([name]) => name === "astro");
  } catch {
    return false;
  }
}

/** @param {string} folder */
function names(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * `astro dev --root docs` in the repository's own dev script names the site.
 * @param {string} repo
 */
function rootOfDevScript(repo) {
  let manifest;
  try {
    manifest = readManifest(repo);
  } catch {
    return undefined;
  }
  const named = astroCommand(manifest).options.root;
  const folder = typeof named === "string" ? path.resolve(repo, named) : undefined;
  return folder && isInside(folder, repo) && existsSync(folder) ? folder : undefined;
}

/**
 * Every folder below `repo` that is a site, nearest first; what lies inside a site is part of it.
 * @param {string} repo
 */
function searchSites(repo) {
  const found = [];
  let level = [repo];
  let seen = 0;
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
    const next = [];
    for (const folder of level) {
      if (++seen > MOST_FOLDERS) return found;
      let entries;
      try {
        entries = readdirSync(folder, { withFileTypes: true });
      } catch {
        continue;
      }
      if (
        folder !== repo &&
        isSiteBelow(
          folder,
          entries.map((entry) => entry.name),
        )
      ) {
        found.push(folder);
        continue;
      }
      const below = entries.filter(
        (entry) =>
          entry.isDirectory() && !/^(\.|__)/.test(entry.name) && !NOT_SEARCHED.has(entry.name),
      );
      next.push(...below.map((entry) => path.join(folder, entry.name)));
    }
    level = next;
  }
  return found;
}

/**
 * Where the packages of the site in `site` are installed: `{ folder, members }`. `folder` is the
 * root of the workspace that lists the site, else the nearest folder with a package.json; undefined
 * when there is none. `members` are the workspace's folders, `folder` itself not among them.
 * @param {string} repo
 * @param {string} site
 */
export function installRoot(repo, site) {
  const chain = [];
  for (let folder = site; isInside(folder, repo); folder = path.dirname(folder)) {
    chain.push(folder);
    if (folder === repo) break;
  }
  const own = chain.find((folder) => existsSync(path.join(folder, "package.json")));
  if (!own) return { folder: undefined, members: [] };
  const above = chain
    .slice(chain.indexOf(own) + 1)
    .find((folder) => workspaceMembers(folder, repo).includes(own));
  const separate = above && lockFilesOf(own).length > 0 && lockFilesOf(above).length === 0;
  const folder = above && !separate ? above : own;
  return { folder, members: workspaceMembers(folder, repo) };
}

/**
 * Folders with a package.json that the workspace at `folder` lists, itself not among them.
 * @param {string} folder
 */
export function workspaceMembers(folder, repo = folder) {
  const patterns = workspacePatterns(folder, readManifest(folder, { root: repo })).map((pattern) =>
    pattern.replace(/\/+$/, ""),
  );
  const wanted = patterns
    .filter((pattern) => !pattern.startsWith("!"))
    .map((pattern) => `${pattern.replace(/^\.\//, "")}/package.json`);
  if (wanted.length === 0) return [];
  const unwanted = patterns
    .filter((pattern) => pattern.startsWith("!"))
    .flatMap((pattern) => [pattern.slice(1), `${pattern.slice(1)}/**`]);
  const files = globSync(wanted, {
    cwd: folder,
    exclude: ["**/node_modules/**", "node_modules", ...unwanted],
  });
  const folders = files
    .filter((file) => !file.includes("node_modules"))
    .map((file) => path.resolve(folder, path.dirname(file)));
  return [...new Set(folders)]
    .filter((member) => member !== folder && isInside(member, folder))
    .sort();
}
