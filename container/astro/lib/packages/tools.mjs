// Package managers themselves, from the registry on demand. A session has its own copy below its
// scratch folder; what was downloaded is shared on the task by content, and npm holds every byte of
// it against its hash (`cache.mjs`). The pinned releases and their hashes are in
// `tools/package-lock.json`; a version that the project names is held against the hash that it
// names, else against the registry's.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import semver from "semver";
import { DependencyError } from "./errors.mjs";
import { isInside } from "./layout.mjs";
import { readText, readYaml } from "./manifest.mjs";
import { causeOf } from "./output.mjs";
import { run } from "./process.mjs";

const PINNED = fileURLToPath(new URL("../../tools/package-lock.json", import.meta.url));
/** What a release of yarn needs that this Node.js no longer has. */
const YARN_2 = fileURLToPath(new URL("../../tools/yarn-2.cjs", import.meta.url));
const LIMIT_MS = 180_000;

/** npm of this Node.js, as program and arguments. */
export function ownNpm() {
  return [
    process.execPath,
    path.join(
      path.dirname(process.execPath),
      "..",
      "lib",
      "node_modules",
      "npm",
      "bin",
      "npm-cli.js",
    ),
  ];
}

function ownNpmVersion() {
  return JSON.parse(
    readFileSync(path.join(path.dirname(ownNpm()[1]), "..", "package.json"), "utf8"),
  ).version;
}

/** `linux-x64` and the like; `-baseline` for a processor without AVX2. */
function bunPlatform() {
  const arch = process.arch === "arm64" ? "arm64" : "x64";
  const old =
    process.platform === "linux" &&
    arch === "x64" &&
    !/\bavx2\b/.test(readText("/proc/cpuinfo") ?? "avx2");
  return `${process.platform}-${arch}${old ? "-baseline" : ""}`;
}

/**
 * The registry's name of a package manager's own package.
 * @param {string} name
 * @param {string} version
 */
function packageOf(name, version) {
  if (name === "bun") return `@oven/bun-${bunPlatform().replace("arm64", "aarch64")}`;
  return name === "yarn" && !/^1(\.|$)/.test(version) ? "@yarnpkg/cli-dist" : name;
}

/**
 * A package of the registry in a version, with its hash where one is known.
 * @typedef {{ package: string, version: string, integrity?: string }} Pin
 */

/**
 * The pinned release of a line, such as "pnpm" "8": `{ package, version, integrity }`. Throws for a
 * line that is not pinned.
 * @param {string} name
 * @param {string} line
 */
export function pinned(name, line) {
  const key = `node_modules/${name}-${line}${name === "bun" ? `-${bunPlatform()}` : ""}`;
  const entry = JSON.parse(readFileSync(PINNED, "utf8")).packages[key];
  if (!entry)
    throw new DependencyError(
      `${name} ${line} is not a package manager that sessions support`,
      "name an exact version in packageManager",
    );
  return { package: entry.name, version: entry.version, integrity: entry.integrity };
}

/**
 * A package manager that can be run: `{ command, version }`, `command` being program and first
 * arguments. `tool` comes from `managerOf`; `folder` is the project's, whose own release of yarn
 * (`yarnPath`) is taken when it brings one; `cache` this session's folder for downloads.
 * @param {{ tool: import("./types.d.mts").Tool, folder: string, cache: string, env:
 *   import("../types.d.mts").Environment, onProgress: import("../types.d.mts").OnProgress }}
 *   options
 */
export async function provideTool({ tool, folder, cache, env, onProgress }) {
  if (tool.version === "own") return { command: ownNpm(), version: ownNpmVersion() };
  const brought = tool.name === "yarn" && yarnOfProject(folder);
  if (brought) return brought;
  const exact = semver.valid(tool.version) !== null;
  const pin = exact ? samePin(tool) : pinned(tool.name, tool.version);
  const wanted = pin ?? {
    package: packageOf(tool.name, tool.version),
    version: tool.version,
    integrity: integrityOf(tool),
  };
  const place = path.join(cache, "tools", `${tool.name}-${wanted.version}`);
  if (!existsSync(path.join(place, "complete")))
    await fetchTool({ tool, wanted, place, cache, env, onProgress });
  return {
    command: onThisNode(tool.name, wanted.version, commandOf(place, wanted.package, tool.name)),
    version: wanted.version,
  };
}

/**
 * The command, with what this Node.js lacks for it.
 * @param {string} name
 * @param {string} version
 * @param {string[]} command
 */
function onThisNode(name, version, [program, ...args]) {
  return name === "yarn" && semver.major(version) === 2
    ? [program, "--require", YARN_2, ...args]
    : [program, ...args];
}

/**
 * The pinned entry when the project names that very version without its own hash.
 * @param {import("./types.d.mts").Tool} tool
 */
function samePin(tool) {
  if (tool.hash) return undefined;
  try {
    const pin = pinned(tool.name, String(semver.major(tool.version)));
    return pin.version === tool.version ? pin : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The hash in `packageManager` is the tarball's, except for yarn 2 and later, where it is that of
 * the program's one file.
 * @param {{ name: string, version: string, hash?: import("./types.d.mts").Hash }} options
 */
function integrityOf({ name, version, hash }) {
  if (!hash || (name === "yarn" && semver.major(version) > 1)) return undefined;
  return `${hash.algorithm}-${Buffer.from(hash.hex, "hex").toString("base64")}`;
}

/**
 * @param {{ tool: import("./types.d.mts").Tool, wanted: Pin, place: string, cache: string, env:
 *   import("../types.d.mts").Environment, onProgress: import("../types.d.mts").OnProgress }}
 *   options
 */
async function fetchTool({ tool, wanted, place, cache, env, onProgress }) {
  onProgress(`fetching ${tool.name} ${wanted.version}`);
  const next = `${place}.next`;
  rmSync(next, { recursive: true, force: true });
  mkdirSync(next, { recursive: true });
  const dependencies = { [wanted.package]: wanted.version };
  writeFileSync(path.join(next, "package.json"), JSON.stringify({ private: true, dependencies }));
  if (wanted.integrity) {
    const packages = {
      "": { dependencies },
      [`node_modules/${wanted.package}`]: { version: wanted.version, integrity: wanted.integrity },
    };
    writeFileSync(
      path.join(next, "package-lock.json"),
      JSON.stringify({ lockfileVersion: 3, requires: true, packages }),
    );
  }
  const args = [
    wanted.integrity ? "ci" : "install",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-engine-strict",
    "--loglevel=error",
  ];
  const done = await run([...ownNpm(), ...args, `--cache=${path.join(cache, "npm")}`], {
    cwd: next,
    env,
    limitMs: LIMIT_MS,
  });
  if (done.code !== 0) {
    const cause = done.timedOut
      ? `no answer within ${LIMIT_MS / 1000} s`
      : causeOf("npm", done.lines);
    throw new DependencyError(
      `${tool.name} ${wanted.version}, which this project's lock file needs, cannot be fetched: ${cause}`,
      "check whether the package registry can be reached from here, or name another version in packageManager",
    );
  }
  checkFile(tool, commandOf(next, wanted.package, tool.name).at(-1) ?? "");
  writeFileSync(path.join(next, "complete"), "");
  rmSync(place, { recursive: true, force: true });
  renameSync(next, place);
}

/**
 * @param {{ name: string, version: string, hash?: import("./types.d.mts").Hash }} options
 * @param {string} file
 */
function checkFile({ name, version, hash }, file) {
  if (!hash || name !== "yarn" || semver.valid(version) === null || semver.major(version) === 1)
    return;
  const found = createHash(hash.algorithm).update(readFileSync(file)).digest("hex");
  if (found === hash.hex) return;
  throw new DependencyError(
    `yarn ${version} has the ${hash.algorithm} ${found.slice(0, 16)}…, and packageManager names ${hash.hex.slice(0, 16)}…`,
    "correct packageManager in package.json, or leave its hash out",
  );
}

/**
 * @param {string} place
 * @param {string} name
 * @param {string} tool
 */
function commandOf(place, name, tool) {
  const folder = path.join(place, "node_modules", name);
  if (tool === "bun") return [path.join(folder, "bin", "bun")];
  const { bin } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const file = path.join(folder, typeof bin === "string" ? bin : bin[tool]);
  return /^#!.*\bnode\b/.test(readFileSync(file, "latin1").slice(0, 80)) || /\.[cm]?js$/.test(file)
    ? [process.execPath, file]
    : [file];
}

/**
 * The release of yarn that a project keeps in its own folder.
 * @param {string} folder
 */
function yarnOfProject(folder) {
  const named = readYaml(path.join(folder, ".yarnrc.yml")).yarnPath;
  const file = typeof named === "string" ? path.resolve(folder, named) : undefined;
  if (!file || !isInside(file, folder) || !existsSync(file)) return undefined;
  const version = /yarn-(\d+\.\d+\.\d+[^/]*?)\.c?js$/.exec(file)?.[1] ?? "4.0.0";
  return { command: onThisNode("yarn", version, [process.execPath, file]), version };
}
