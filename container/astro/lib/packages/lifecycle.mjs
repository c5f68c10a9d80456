// Scripts around an installation, run here and by no package manager, so that the same rule holds
// for all of them: a package's own install script runs when the project allows that package by
// name, in any manager's list; the project's own scripts run as its owner's would.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import semver from "semver";
import { isFolder, readManifest, readYaml, real } from "./manifest.mjs";
import { run } from "./process.mjs";
import { ownNpm } from "./tools.mjs";
import { asError } from "../thrown.mjs";

const LIMIT_MS = 300_000;
const PACKAGE_SCRIPTS = ["preinstall", "install", "postinstall"];
const TAIL_LINES = 8;

/**
 * Names that the project allows to run install scripts: a function of name and version that gives
 * true, false (refused by name) or undefined. Read are npm's `allowScripts`, pnpm's
 * `onlyBuiltDependencies`, `allowBuilds` and their refusals, bun's `trustedDependencies`, yarn's
 * `dependenciesMeta.*.built`, and LavaMoat's list.
 * @param {string} root
 */
export function allowedScripts(root, manifest = readManifest(root) ?? {}) {
  const workspace = readYaml(path.join(root, "pnpm-workspace.yaml"));
  /** @type {{ name: string, versions?: string, value: boolean }[]} */
  const rules = [];
  const add = (/** @type {string} */ spec, /** @type {boolean} */ value) => {
    const at = spec.lastIndexOf("@");
    rules.push(
      at > 0
        ? { name: spec.slice(0, at), versions: spec.slice(at + 1), value }
        : { name: spec, value },
    );
  };
  for (const settings of [manifest.pnpm, workspace]) {
    for (const name of listOf(settings?.onlyBuiltDependencies)) add(name, true);
    for (const name of [
      ...listOf(settings?.neverBuiltDependencies),
      ...listOf(settings?.ignoredBuiltDependencies),
    ])
      add(name, false);
    for (const [name, value] of Object.entries(settings?.allowBuilds ?? {}))
      if (typeof value === "boolean") add(name, value);
  }
  for (const [name, value] of Object.entries(manifest.allowScripts ?? {})) {
    if (typeof value === "boolean") add(name, value);
    else if (typeof value === "string") add(`${name}@${value}`, true);
  }
  for (const name of listOf(manifest.trustedDependencies)) add(name, true);
  for (const [name, meta] of Object.entries(manifest.dependenciesMeta ?? {}))
    if (typeof meta?.built === "boolean") add(name, meta.built);
  for (const [name, value] of Object.entries(manifest.lavamoat?.allowScripts ?? {}))
    if (typeof value === "boolean") add(name.slice(name.lastIndexOf(">") + 1), value);
  return (/** @type {string} */ name, /** @type {string} */ version) => {
    const found = rules.filter(
      (rule) => rule.name === name && (!rule.versions || fits(version, rule.versions)),
    );
    return found.length === 0 ? undefined : found.every((rule) => rule.value);
  };
}

const listOf = (/** @type {unknown} */ value) =>
  Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
const fits = (/** @type {string} */ version, /** @type {string} */ range) =>
  range
    .split("||")
    .some((/** @type {string} */ part) => semver.satisfies(version, part.trim(), { loose: true }));

/**
 * Run the install scripts of allowed packages in the installation at `root`. Resolves with `{ ran,
 * failed, refused }`: names with versions; `failed` with the last lines that the script printed. A
 * script that fails does not stop the site: many only fetch what is there already.
 * @param {{ root: string, manifest: import("./types.d.mts").Manifest, folders: string[], env:
 *   import("../types.d.mts").Environment, onProgress: import("../types.d.mts").OnProgress }}
 *   options
 */
export async function runPackageScripts({ root, manifest, folders, env, onProgress }) {
  const allowed = allowedScripts(root, manifest);
  /** @type {import("./types.d.mts").PackageScripts} */
  const told = { ran: [], failed: [], refused: [] };
  for (const { folder, manifest: inner } of packagesWithScripts(folders)) {
    const label = `${inner.name}@${inner.version}`;
    if (allowed(inner.name, inner.version) !== true) {
      if (!told.refused.includes(label)) told.refused.push(label);
      continue;
    }
    onProgress(`running the install script of ${label}, which the project allows`);
    const failure = await runScripts({
      folder,
      manifest: inner,
      names: PACKAGE_SCRIPTS,
      env,
      bins: [path.join(root, "node_modules", ".bin")],
      gyp: true,
    });
    if (failure) told.failed.push({ name: label, ...failure });
    else told.ran.push(label);
  }
  return told;
}

/**
 * Packages of the installation whose manifests hold an install script, each once.
 * @param {string[]} folders
 */
function packagesWithScripts(folders) {
  /** @type {Map<string, { folder: string, manifest: import("./types.d.mts").Manifest }>} */
  const found = new Map();
  for (const folder of folders) {
    for (const place of packagesBelow(path.join(folder, "node_modules"))) {
      if (found.has(place)) continue;
      let text;
      try {
        text = readFileSync(path.join(place, "package.json"), "utf8");
      } catch {
        continue;
      }
      // Most packages have none: spare the parser.
      const gyp = existsSync(path.join(place, "binding.gyp"));
      if (!gyp && !/"(pre|post)?install"\s*:/.test(text)) continue;
      try {
        const manifest = JSON.parse(text);
        const scripts = manifest.scripts ?? {};
        if (gyp || PACKAGE_SCRIPTS.some((name) => typeof scripts[name] === "string"))
          found.set(place, { folder: place, manifest });
      } catch {}
    }
  }
  return [...found.values()].sort((one, other) =>
    one.manifest.name < other.manifest.name ? -1 : 1,
  );
}

/**
 * Folders of all packages below a node_modules, nested ones and the stores of pnpm and bun
 * included; links are not followed.
 * @param {string} modules
 * @returns {Generator<string>}
 */
function* packagesBelow(modules) {
  if (!isFolder(modules)) return;
  for (const name of readdirSync(modules)) {
    const entry = path.join(modules, name);
    if (name === ".pnpm" || name === ".bun" || name === ".store") {
      for (const inner of readdirSync(entry))
        yield* packagesBelow(path.join(entry, inner, "node_modules"));
    } else if (name.startsWith("@")) {
      for (const inner of isFolder(entry) ? readdirSync(entry) : [])
        yield* packageAt(path.join(entry, inner));
    } else if (!name.startsWith(".")) {
      yield* packageAt(entry);
    }
  }
}

/**
 * @param {string} folder
 * @returns {Generator<string>}
 */
function* packageAt(folder) {
  if (!isFolder(folder)) return;
  yield folder;
  yield* packagesBelow(path.join(folder, "node_modules"));
}

/**
 * Run `names` of a manifest's scripts in order. Returns undefined, or `{ script, reason, output }`
 * of the first that failed.
 * @param {{ folder: string, manifest: import("./types.d.mts").Manifest, names: string[], env:
 *   import("../types.d.mts").Environment, bins?: string[], gyp?: boolean, onStart?: (script:
 *   string, text: string) => void, onLine?: ((line: string) => void) | undefined }} options
 */
export async function runScripts({
  folder,
  manifest,
  names,
  env,
  bins = [],
  gyp = false,
  onStart = /** @type {(script: string, text: string) => void} */ (() => {}),
  onLine = undefined,
}) {
  for (const script of names) {
    const implicit =
      gyp &&
      script === "install" &&
      !manifest.scripts?.preinstall &&
      existsSync(path.join(folder, "binding.gyp"));
    const text = manifest.scripts?.[script] ?? (implicit ? "node-gyp rebuild" : undefined);
    if (typeof text !== "string" || text.trim() === "") continue;
    onStart(script, text);
    const failure = await runShell({
      text,
      folder,
      env: scriptVariables({ folder, manifest, script, env, bins }),
      onLine,
    });
    if (failure) return { script, ...failure };
  }
  return undefined;
}

/**
 * Run a command line as a shell would. Returns undefined, or `{ reason, output }`.
 * @param {{ text: string, folder: string, env: import("../types.d.mts").Environment, limitMs?:
 *   number, onLine?: ((line: string) => void) | undefined }} options
 */
export async function runShell({ text, folder, env, limitMs = LIMIT_MS, onLine = undefined }) {
  try {
    const done = await run(["sh", "-c", text], { cwd: folder, env, limitMs, onLine });
    if (done.code === 0) return undefined;
    const reason = done.timedOut
      ? `not finished after ${limitMs / 1000} s`
      : `ended with ${done.signal ?? done.code}`;
    return { reason, output: done.lines.slice(-TAIL_LINES).join("\n") };
  } catch (error) {
    return { reason: asError(error).message, output: "" };
  }
}

/**
 * What npm sets for a script: its programs on the path, and who it is. `env` comes from
 * `withTools`.
 * @param {{ folder: string, manifest?: import("./types.d.mts").Manifest, script: string, env:
 *   import("../types.d.mts").Environment, bins?: string[] }} options
 */
export function scriptVariables({
  folder,
  manifest = /** @type {{ name?: string, version?: string, scripts?: Record<string, string> }} */ ({}),
  script,
  env,
  bins = [],
}) {
  const above = [];
  for (let place = real(folder); ; place = path.dirname(place)) {
    above.push(path.join(place, "node_modules", ".bin"));
    if (place === path.dirname(place)) break;
  }
  const [node, npm] = ownNpm();
  return {
    ...env,
    PATH: [...bins, ...above, env.PATH].join(path.delimiter),
    INIT_CWD: folder,
    npm_execpath: npm,
    npm_node_execpath: node,
    npm_config_node_gyp: path.join(
      path.dirname(npm),
      "..",
      "node_modules",
      "node-gyp",
      "bin",
      "node-gyp.js",
    ),
    npm_config_ignore_scripts: "",
    npm_lifecycle_event: script,
    npm_lifecycle_script: manifest.scripts?.[script] ?? "",
    npm_package_name: manifest.name ?? "",
    npm_package_version: manifest.version ?? "",
    npm_package_json: path.join(folder, "package.json"),
  };
}
