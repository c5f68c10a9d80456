// package.json files and the few settings files of package managers that are read here.

import { existsSync, lstatSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { DependencyError } from "./errors.mjs";
import { asError } from "../thrown.mjs";

/** Fields of package.json that list packages, in the order that managers apply them. */
export const DEPENDENCY_FIELDS = ["dependencies", "devDependencies", "optionalDependencies"];
/**
 * Fields of package.json that change what is installed. Others (a description, a lint setting) may
 * change freely.
 */
const INSTALL_FIELDS = [
  "name",
  "version",
  ...DEPENDENCY_FIELDS,
  "peerDependencies",
  "peerDependenciesMeta",
  "dependenciesMeta",
  "bundleDependencies",
  "bundledDependencies",
  "overrides",
  "resolutions",
  "workspaces",
  "catalog",
  "catalogs",
  "packageManager",
  "devEngines",
  "pnpm",
  "bin",
  "trustedDependencies",
  "allowScripts",
  "lavamoat",
];

/**
 * The text of a file, or undefined when it cannot be read.
 * @param {string} file
 */
export function readText(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * Whether `file` is a symbolic link, a dangling one included.
 * @param {string} file
 */
export function isLink(file) {
  return statusOf(file)?.isSymbolicLink() ?? false;
}

/**
 * Whether `folder` is a folder itself, not a link to one.
 * @param {string} folder
 */
export function isFolder(folder) {
  return statusOf(folder)?.isDirectory() ?? false;
}

/**
 * What a path is, links not followed; undefined where there is nothing, or a file where a folder is
 * wanted.
 * @param {string} file
 */
export function statusOf(file) {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/**
 * The package.json of `folder`, or undefined when there is none. Throws `DependencyError` when it
 * is not a JSON object.
 * @param {string} folder
 */
export function readManifest(folder, { root = folder } = {}) {
  const file = path.join(folder, "package.json");
  const text = readText(file);
  if (text === undefined) return undefined;
  const name = path.relative(root, file) || "package.json";
  let manifest;
  try {
    manifest = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new DependencyError(
      `${name} is not valid JSON: ${asError(error).message}`,
      `correct ${name}; the site starts again by itself`,
      "config",
    );
  }
  if (manifest === null || typeof manifest !== "object" || Array.isArray(manifest)) {
    throw new DependencyError(
      `${name} is not a JSON object`,
      `make ${name} an object such as {"name": "site", "dependencies": {}}`,
      "config",
    );
  }
  return manifest;
}

/**
 * Every package that a manifest asks for: `[name, specifier]`. Fields of a wrong type are left out,
 * as npm leaves them out.
 * @param {import("./types.d.mts").Manifest | undefined} manifest
 */
export function dependenciesOf(manifest) {
  const wanted = DEPENDENCY_FIELDS.map((field) => manifest?.[field]).filter(
    (value) => value && typeof value === "object",
  );
  return wanted
    .flatMap((value) => Object.entries(value))
    .filter(([, specifier]) => typeof specifier === "string");
}

/**
 * The part of a manifest that decides what is installed, as a text that can be compared.
 * @param {import("./types.d.mts").Manifest | undefined} manifest
 */
export function installPart(manifest) {
  return JSON.stringify(INSTALL_FIELDS.map((field) => manifest?.[field] ?? null));
}

/**
 * A YAML file as an object; an empty one for a file that is missing or holds something else. Throws
 * when it is not YAML.
 * @param {string} file
 */
export function readYaml(file) {
  const text = readText(file);
  if (text === undefined) return {};
  let value;
  try {
    value = parse(text, { logLevel: "error" });
  } catch (error) {
    const name = path.basename(file);
    throw new DependencyError(
      `${name} is not valid YAML: ${asError(error).message.split("\n")[0]}`,
      `correct ${name}; the site starts again by itself`,
      "config",
    );
  }
  return value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
}

/**
 * Glob patterns of the workspace whose root is `folder`: pnpm's file, or the field that npm, yarn
 * and bun read.
 * @param {string} folder
 */
export function workspacePatterns(folder, manifest = readManifest(folder)) {
  const listed = existsSync(path.join(folder, "pnpm-workspace.yaml"))
    ? readYaml(path.join(folder, "pnpm-workspace.yaml")).packages
    : (manifest?.workspaces?.packages ?? manifest?.workspaces);
  return Array.isArray(listed) ? listed.filter((pattern) => typeof pattern === "string") : [];
}

/**
 * The folder that a path leads to; the path itself where there is none.
 * @param {string} folder
 */
export function real(folder) {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
