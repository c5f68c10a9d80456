// Lock files: which package manager wrote one, in which of its formats, and whether it is in step
// with package.json.

import { existsSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { asError } from "../thrown.mjs";
import { DependencyError } from "./errors.mjs";
import { dependenciesOf, readText } from "./manifest.mjs";

/**
 * Lock files by name, and the manager that writes each. The order decides where nothing else does.
 * @type {import("./types.d.mts").Lock[]}
 */
export const LOCKS = [
  { file: "package-lock.json", manager: "npm" },
  { file: "npm-shrinkwrap.json", manager: "npm" },
  { file: "pnpm-lock.yaml", manager: "pnpm" },
  { file: "yarn.lock", manager: "yarn" },
  { file: "bun.lock", manager: "bun" },
  { file: "bun.lockb", manager: "bun" },
];

/**
 * The lock files in `folder`.
 * @param {string} folder
 */
export function lockFilesOf(folder) {
  return LOCKS.filter(({ file }) => existsSync(path.join(folder, file)));
}

/**
 * Throws `DependencyError` where the lock file `file` of `folder` cannot be read: managers take an
 * empty one for none, and npm one that is not JSON, and write another in its place. A syntax error
 * in the others is told by their manager.
 * @param {string} folder
 * @param {string | undefined} file
 * @param {string} name the file's path to show
 */
export function requireReadable(folder, file, name) {
  if (file === undefined || file.endsWith(".lockb")) return;
  const text = readText(path.join(folder, file)) ?? "";
  const conflict = text.split("\n").findIndex((line) => /^<{7}(\s|$)/.test(line));
  const fault =
    text.trim() === ""
      ? "is empty"
      : conflict >= 0
        ? `has a merge conflict in line ${conflict + 1}`
        : file.endsWith(".json")
          ? jsonFault(text)
          : undefined;
  if (fault)
    throw new DependencyError(
      `${name} ${fault}`,
      `restore ${name} from Git, or delete it and have it made again`,
    );
}

/** @param {string} text */
function jsonFault(text) {
  try {
    JSON.parse(text.replace(/^\uFEFF/, ""));
    return undefined;
  } catch (error) {
    return `is not valid JSON: ${asError(error).message}`;
  }
}

/**
 * Format of a pnpm-lock.yaml, such as 6 or 9; undefined when it does not say.
 * @param {string | undefined} text
 */
export function pnpmFormat(text) {
  const found = /^lockfileVersion:\s*['"]?(\d+(?:\.\d+)?)/m.exec(text ?? "");
  return found ? Number(found[1]) : undefined;
}

/**
 * Format of a yarn.lock: 1 for classic, else the number that berry writes; undefined when the text
 * is neither.
 * @param {string | undefined} text
 */
export function yarnFormat(text) {
  if (/^# yarn lockfile v1$/m.test(text ?? "")) return 1;
  const found = /^__metadata:\s*\n\s+version:\s*(\d+)/m.exec(text ?? "");
  return found ? Number(found[1]) : undefined;
}

/** Managers put the registry that is configured in the place of these. */
const REPLACED = new Set(["registry.npmjs.org", "registry.yarnpkg.com"]);
const MOST_HOSTS = 3;

/**
 * The hosts that a lock file names packages at, which a manager asks whatever registry is
 * configured; the first few.
 * @param {string | undefined} text
 */
export function hostsOf(text) {
  const archives = (text ?? "").matchAll(/\bhttps?:\/\/([^\s"'/@]+)\/[^\s"']*\.(?:tgz|tar\.gz)\b/g);
  const hosts = new Set([...archives].map(([, host]) => host));
  return [...hosts].filter((host) => !REPLACED.has(host)).slice(0, MOST_HOSTS);
}

/**
 * Whether the lock file `file` in `folder` was made for this manifest; undefined when it cannot be
 * told. Only used to choose among several: the package manager itself is the judge of the one that
 * is taken.
 * @param {string} folder
 * @param {string} file
 * @param {import("./types.d.mts").Manifest} manifest
 */
export function inStep(folder, file, manifest) {
  const text = readText(path.join(folder, file)) ?? "";
  const wanted = dependenciesOf(manifest);
  try {
    if (file === "package-lock.json" || file === "npm-shrinkwrap.json") {
      return same(wanted, dependenciesOf(JSON.parse(text).packages?.[""] ?? {}));
    }
    if (file === "pnpm-lock.yaml") {
      const lock = parse(text);
      const root = lock.importers?.["."] ?? lock;
      const specifiers = dependenciesOf(manifest).map(([name]) => [name, specifierOf(root, name)]);
      return same(
        wanted,
        specifiers.filter(([, specifier]) => specifier !== undefined),
      );
    }
    if (file === "yarn.lock")
      return wanted.every(
        ([name, specifier]) =>
          text.includes(`${name}@${specifier}`) || text.includes(`${name}@npm:${specifier}`),
      );
  } catch {}
  return undefined;
}

/**
 * What a lock file of pnpm says of one package of a workspace: the second and third form is before
 * 6.0.
 * @typedef {{ [field in "dependencies" | "devDependencies" | "optionalDependencies"]?:
 *   Record<string, { specifier?: string }> } & { specifiers?: Record<string, string> }} Importer
 */

/**
 * @param {Importer} importer
 * @param {string} name
 */
function specifierOf(importer, name) {
  for (const field of /** @type {const} */ ([
    "dependencies",
    "devDependencies",
    "optionalDependencies",
  ])) {
    const specifier = importer[field]?.[name]?.specifier;
    if (specifier !== undefined) return specifier;
  }
  return importer.specifiers?.[name];
}

/**
 * @param {unknown[][]} one
 * @param {unknown[][]} other
 */
function same(one, other) {
  const text = (/** @type {unknown[][]} */ entries) => JSON.stringify([...entries].sort());
  return text(one) === text(other);
}
