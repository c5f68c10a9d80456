// Which package manager installs a project, in which version, and with which arguments: the one
// that its owner uses. No manager runs a script of a package or of the project here;
// `lifecycle.mjs` does, for those that are allowed.

import { existsSync } from "node:fs";
import path from "node:path";
import semver from "semver";
import { inStep, lockFilesOf, pnpmFormat, yarnFormat } from "./locks.mjs";
import { dependenciesOf, readManifest, readText, readYaml } from "./manifest.mjs";

/** @typedef {import("./types.d.mts").Lock} Lock */
/** @typedef {import("./types.d.mts").ManagerName} ManagerName */
/** @typedef {import("./types.d.mts").Wanted} Wanted */

export const MANAGERS = ["npm", "pnpm", "yarn", "bun"];
/** The manager of this Node.js: it needs no download. */
const OWN = "own";

/**
 * How the packages of the project in `folder` are installed: `{ name, lock, tool: { name, version,
 * hash }, notes }`. `lock` is undefined when there is no lock file; `tool.version` is an exact
 * version, a line such as "8" whose newest release is pinned (`tools/package-lock.json`), or "own"
 * for the npm of this Node.js. `notes` say what was decided where the project left a choice.
 * @param {string} folder
 * @param {{ manifest?: import("./types.d.mts").Manifest, members?: string[] }} options
 */
export function managerOf(folder, { manifest = readManifest(folder) ?? {}, members = [] } = {}) {
  /** @type {string[]} */
  const notes = [];
  const wanted = wantedManager(manifest);
  const locks = lockFilesOf(folder);
  const lock = chooseLock(folder, locks, manifest, wanted?.name, notes);
  const name =
    lock?.manager ?? wanted?.name ?? (needsPnpm(folder, manifest, members) ? "pnpm" : "npm");
  const named = wanted?.name === name ? wanted : undefined;
  if (wanted && !named)
    notes.push(
      `packageManager asks for ${wanted.name}, and the only lock file is ${lock.file}: ${name} installs`,
    );
  if (name === "yarn" && usesPlugAndPlay(folder, lock)) {
    notes.push(
      "yarn's Plug'n'Play is replaced by node_modules, which Vite and Astro's integrations look into",
    );
  }
  const tool = toolFor(name, { text: lock && readText(path.join(folder, lock.file)), named });
  return { name, lock: lock?.file, tool, notes };
}

/**
 * Berry's default, unless its settings name another linker.
 * @param {string} folder
 * @param {Lock | undefined} lock
 */
function usesPlugAndPlay(folder, lock) {
  if (existsSync(path.join(folder, ".pnp.cjs"))) return true;
  const settings = path.join(folder, ".yarnrc.yml");
  const berry = lock !== undefined && (yarnFormat(readText(path.join(folder, lock.file))) ?? 1) > 1;
  return (
    (existsSync(settings) || berry) &&
    !["node-modules", "pnpm"].includes(readYaml(settings).nodeLinker)
  );
}

/**
 * What `packageManager`, or `devEngines.packageManager`, asks for: `{ name, version, range, hash
 * }`.
 * @param {import("./types.d.mts").Manifest} manifest
 * @returns {Wanted | undefined}
 */
function wantedManager(manifest) {
  const found =
    /^(npm|pnpm|yarn|bun)@(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)(?:\+(sha\d+)\.([0-9a-f]+))?$/.exec(
      String(manifest.packageManager ?? "").trim(),
    );
  if (found) {
    const hash = found[3] ? { algorithm: found[3], hex: found[4] } : undefined;
    return { name: /** @type {ManagerName} */ (found[1]), version: found[2], hash };
  }
  const engine = [manifest.devEngines?.packageManager].flat()[0];
  if (engine && MANAGERS.includes(engine.name))
    return { name: engine.name, range: semver.validRange(engine.version ?? "*") ?? undefined };
  return undefined;
}

/**
 * @param {string} folder
 * @param {Lock[]} locks
 * @param {import("./types.d.mts").Manifest} manifest
 * @param {ManagerName | undefined} wanted
 * @param {string[]} notes
 */
function chooseLock(folder, locks, manifest, wanted, notes) {
  if (locks.length < 2) return locks[0];
  const byName = locks.filter(
    (/** @type {{ manager: string }} */ { manager }) => manager === wanted,
  );
  const fit = (byName.length > 0 ? byName : locks).filter(
    (/** @type {{ file: string }} */ { file }) => inStep(folder, file, manifest) !== false,
  );
  const chosen = fit[0] ?? byName[0] ?? locks[0];
  const why =
    byName.length > 0
      ? "packageManager names it"
      : fit.length > 0 && fit.length < locks.length
        ? "it is in step with package.json"
        : "it comes first";
  const others = locks
    .filter((lock) => lock !== chosen)
    .map((/** @type {{ file: string }} */ { file }) => file);
  notes.push(
    `there are several lock files; ${chosen.file} is used because ${why}, not ${others.join(" or ")}`,
  );
  return chosen;
}

/**
 * npm knows neither a pnpm workspace nor the `workspace:` and `catalog:` protocols.
 * @param {string} folder
 * @param {import("./types.d.mts").Manifest} manifest
 * @param {string[]} members
 */
function needsPnpm(folder, manifest, members) {
  if (existsSync(path.join(folder, "pnpm-workspace.yaml")) || manifest.pnpm !== undefined)
    return true;
  const manifests = [
    manifest,
    ...members.map((/** @type {string} */ member) => readManifest(member, { root: folder })),
  ];
  return manifests.some((each) =>
    dependenciesOf(each).some(([, specifier]) => /^(workspace|catalog):/.test(specifier)),
  );
}

/**
 * @param {ManagerName} name
 * @param {{ text: string | undefined, named: Wanted | undefined }} options
 */
function toolFor(name, { text, named }) {
  const line = lineFor(name, text);
  if (named?.version) return { name, version: named.version, hash: named.hash };
  if (
    named?.range &&
    !semver.intersects(named.range, `${line === OWN ? (process.env.npm_version ?? "*") : line}`)
  ) {
    const lowest = semver.minVersion(named.range);
    if (lowest) return { name, version: lowest.version };
  }
  return { name, version: line };
}

/**
 * The release line of a manager that reads this lock file without changing its format.
 * @param {ManagerName} name
 * @param {string | undefined} text
 */
function lineFor(name, text) {
  if (name === "pnpm") {
    const format = pnpmFormat(text) ?? 9;
    return format < 6 ? "7" : format < 7 ? "8" : "10";
  }
  if (name === "yarn") {
    const format = text === undefined ? 8 : (yarnFormat(text) ?? 1);
    return format === 1 ? "1" : format <= 4 ? "2" : format <= 7 ? "3" : "4";
  }
  return name === "bun" ? "1" : OWN;
}

/**
 * Arguments of an installation. `frozen` keeps to the lock file and fails when it does not fit;
 * otherwise it is brought up to date. `version` is the tool's exact version; `cache` this session's
 * own folder for downloads.
 * @param {{ name: ManagerName, lock: string | undefined, version: string, frozen: boolean, cache:
 *   string }} options
 */
export function installArguments({ name, lock, version, frozen, cache }) {
  const major = semver.parse(version)?.major ?? 0;
  if (name === "npm") {
    const common = [
      "--include=dev",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--no-engine-strict",
      "--loglevel=http",
      `--cache=${cache}/npm`,
    ];
    if (lock && frozen) return ["ci", ...common];
    return ["install", ...(lock ? [] : ["--no-package-lock"]), ...common];
  }
  if (name === "pnpm") {
    const settings = {
      "strict-dep-builds": false,
      "engine-strict": false,
      "manage-package-manager-versions": false,
      "package-manager-strict": false,
      "package-manager-strict-version": false,
      "update-notifier": false,
    };
    return [
      "install",
      lock && frozen ? "--frozen-lockfile" : "--no-frozen-lockfile",
      "--ignore-scripts",
      "--reporter=append-only",
      `--store-dir=${cache}/pnpm`,
      ...Object.entries(settings).map(([key, value]) => `--config.${key}=${value}`),
      ...(major >= 11 ? ["--config.pmOnFail=ignore", "--config.verifyDepsBeforeRun=false"] : []),
    ];
  }
  if (name === "yarn" && major < 2) {
    const common = [
      "--ignore-scripts",
      "--ignore-engines",
      "--non-interactive",
      "--no-progress",
      "--production=false",
      `--cache-folder=${cache}/yarn`,
    ];
    return ["install", ...(lock && frozen ? ["--frozen-lockfile"] : []), ...common];
  }
  if (name === "yarn")
    return [
      "install",
      ...(lock && frozen ? ["--immutable"] : ["--no-immutable"]),
      ...(major < 3 ? ["--skip-builds"] : ["--mode=skip-build"]),
    ];
  return [
    "install",
    ...(lock && frozen ? ["--frozen-lockfile"] : []),
    "--ignore-scripts",
    "--no-progress",
  ];
}

/**
 * Variables that a manager needs beside those of the task.
 * @param {{ name: ManagerName, version: string, cache: string, folder: string, environment:
 *   import("../types.d.mts").Environment }} options
 */
export function installVariables({ name, version, cache, folder, environment }) {
  const common = {
    CI: "1",
    NODE_ENV: "development",
    npm_config_update_notifier: "false",
    COREPACK_ENABLE_STRICT: "0",
  };
  if (name === "bun") return { ...common, BUN_INSTALL_CACHE_DIR: `${cache}/bun` };
  if (name !== "yarn" || semver.parse(version)?.major === 1) return common;
  const linker = readYaml(path.join(folder, ".yarnrc.yml")).nodeLinker;
  const proxy = (/** @type {string} */ kind) =>
    environment[`${kind}_PROXY`] ?? environment[`${kind.toLowerCase()}_proxy`];
  const given = {
    YARN_NPM_REGISTRY_SERVER: environment.npm_config_registry,
    YARN_HTTP_PROXY: proxy("HTTP"),
    YARN_HTTPS_PROXY: proxy("HTTPS"),
    // Plug'n'Play leaves no node_modules, which Vite and Astro's integrations look into.
    YARN_NODE_LINKER: linker === "pnpm" ? "pnpm" : "node-modules",
    YARN_GLOBAL_FOLDER: `${cache}/berry`,
    YARN_ENABLE_GLOBAL_CACHE: existsSync(path.join(folder, ".yarn", "cache")) ? undefined : "true",
    YARN_ENABLE_TELEMETRY: "0",
    YARN_ENABLE_SCRIPTS: "0",
    YARN_ENABLE_PROGRESS_BARS: "0",
    YARN_ENABLE_COLORS: "0",
  };
  return {
    ...common,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}
