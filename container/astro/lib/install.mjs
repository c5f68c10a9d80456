// Installs the packages of a project that brings a lock file, onto local disk: `{scratch}/dependencies`. Sources on a network file
// system stay where they are; only the manifest and the lock file are copied. Nothing happens when neither changed.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

const PNPM = "10.34.8";
const YARN_CLASSIC = "1.22.22";
const YARN = "4.18.1";
const LONGEST_MS = 15 * 60_000;
const OUTPUT_LINES = 15;
/** Files beside the manifest that decide what is installed. */
const SETTINGS = [".npmrc", "pnpm-workspace.yaml", ".pnpmfile.cjs", ".yarnrc.yml", ".yarnrc"];
const FOLDERS = ["patches", ".yarn/patches", ".yarn/plugins", ".yarn/releases"];

/** The packages could not be installed; `output` holds the last lines that the package manager printed. */
export class InstallFailed extends Error {
  constructor(message, output) {
    super(output ? `${message}:\n${output}` : message);
    this.name = "InstallFailed";
  }
}

/**
 * How to install the project at `root`: `{ name, lock, file, arguments }`, where `arguments` are for npm's command line, which also fetches the
 * other package managers. Undefined when there is no lock file.
 */
export function managerOf(root) {
  const exists = (name) => existsSync(path.join(root, name));
  // An install script would run before anyone has seen the page; a site that needs one brings node_modules along.
  const common = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const fetched = (name, spec, ...more) => ["exec", "--yes", "--loglevel=error", `--package=${spec}`, "--", name, "install", ...more];
  for (const lock of ["package-lock.json", "npm-shrinkwrap.json"]) {
    if (exists(lock)) return { name: "npm", lock, arguments: ["ci", "--include=dev", ...common] };
  }
  const wanted = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).packageManager ?? "";
  const version = (name, other) => new RegExp(`^${name}@(\\d+\\.\\d+\\.\\d+)`).exec(wanted)?.[1] ?? other;
  if (exists("pnpm-lock.yaml")) {
    const spec = `pnpm@${version("pnpm", PNPM)}`;
    return { name: "pnpm", lock: "pnpm-lock.yaml", arguments: fetched("pnpm", spec, "--frozen-lockfile", "--ignore-scripts", "--prod=false") };
  }
  if (exists("yarn.lock")) {
    const classic = /^# yarn lockfile v1$/m.test(readFileSync(path.join(root, "yarn.lock"), "utf8"));
    const more = classic ? ["--frozen-lockfile", "--ignore-scripts", "--non-interactive", "--production=false"] : ["--immutable", "--mode=skip-build"];
    const spec = classic ? `yarn@${version("yarn", YARN_CLASSIC)}` : `@yarnpkg/cli-dist@${version("yarn", YARN)}`;
    return { name: "yarn", lock: "yarn.lock", arguments: fetched("yarn", spec, ...more) };
  }
  return undefined;
}

/** npm without a lock file, for a project whose packages do not come with the runner either. */
export const WITHOUT_LOCK = {
  name: "npm",
  lock: undefined,
  arguments: ["install", "--include=dev", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
};

/** Install into `folder` unless it holds the same already. `onProgress(detail)` is called about once a second. Throws `InstallFailed`. */
export async function install({ root, folder, manager, onProgress }) {
  const stamp = stampOf(root, manager);
  if (readText(path.join(folder, "installed.txt")) === stamp) return false;
  const next = `${folder}.next`;
  rmSync(next, { recursive: true, force: true });
  mkdirSync(next, { recursive: true });
  for (const name of ["package.json", manager.lock, ...SETTINGS]) {
    if (name && existsSync(path.join(root, name))) copyFileSync(path.join(root, name), path.join(next, name));
  }
  for (const name of FOLDERS) {
    if (existsSync(path.join(root, name))) cpSync(path.join(root, name), path.join(next, name), { recursive: true });
  }
  await run(manager, next, onProgress);
  if (!existsSync(path.join(next, "node_modules"))) throw new InstallFailed(`${manager.name} made no node_modules`);
  writeFileSync(path.join(next, "installed.txt"), stamp);
  rmSync(folder, { recursive: true, force: true });
  renameSync(next, folder);
  return true;
}

function stampOf(root, manager) {
  const hash = createHash("sha256").update(JSON.stringify([process.version, manager.arguments]));
  for (const name of ["package.json", manager.lock, ...SETTINGS]) hash.update(`\0${(name && readText(path.join(root, name))) ?? ""}`);
  return hash.digest("hex");
}

function readText(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function run(manager, folder, onProgress) {
  const bin = path.dirname(process.execPath);
  const npm = path.join(bin, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js");
  const environment = {
    ...process.env,
    PATH: `${bin}${path.delimiter}${process.env.PATH ?? ""}`,
    NODE_ENV: "development",
    CI: "1",
    YARN_NODE_LINKER: "node-modules",
    YARN_ENABLE_TELEMETRY: "0",
    npm_config_update_notifier: "false",
  };
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, [npm, ...manager.arguments], { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    const lines = [];
    const heard = (data) => {
      lines.push(...data.toString().split("\n").filter((line) => line.trim() !== ""));
      lines.splice(0, lines.length - OUTPUT_LINES);
    };
    child.stdout.on("data", heard);
    child.stderr.on("data", heard);
    const seconds = () => Math.round((performance.now() - started) / 1000);
    const tick = setInterval(() => onProgress(`${manager.name} is installing packages, ${seconds()} s so far`), 1000);
    const limit = setTimeout(() => child.kill("SIGKILL"), LONGEST_MS);
    onProgress(`${manager.name} is installing packages`);
    const done = (error) => {
      clearInterval(tick);
      clearTimeout(limit);
      if (error) reject(error);
      else resolve();
    };
    child.once("error", (error) => done(new InstallFailed(`${manager.name} did not start: ${error.message}`)));
    child.once("close", (code, signal) => {
      done(code === 0 ? undefined : new InstallFailed(`${manager.name} ended with ${signal ?? code} after ${seconds()} s`, lines.join("\n")));
    });
  });
}
