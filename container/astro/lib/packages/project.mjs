// A session's repository made ready for Astro: its site is found, its packages are installed and linked, its owner's scripts have run.

import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import path from "node:path";
import semver from "semver";
import { astroCommand } from "./devscript.mjs";
import { DependencyError } from "./errors.mjs";
import { install, installedRecord, installEdited, planInstall, removeOthers } from "./install.mjs";
import { findSite, installRoot } from "./layout.mjs";
import { runScripts, runShell, scriptVariables } from "./lifecycle.mjs";
import { LOCKS, lockFilesOf } from "./locks.mjs";
import { dependenciesOf, isFolder, isLink, readManifest, readText } from "./manifest.mjs";
import { runBeside } from "./process.mjs";
import { toolFolder } from "./shims.mjs";
import { PackageWatch } from "./watch.mjs";

const CURRENT = "current";
const BUNDLED = "bundled";
/** Bounds of `Packages` in contract/messages. */
const MOST_TOLD = 50;
const LONGEST_TOLD = 300;
/** What an owner's `npm install` runs of the project itself, after the packages are there. */
const PROJECT_SCRIPTS = ["install", "postinstall", "preprepare", "prepare", "postprepare"];
/** A guard that lets one package manager through; the right one is chosen here. */
const GUARD = /^(npx|pnpm dlx|bunx)\s+(-y\s+|--yes\s+)?only-allow\s+\w+$/;

/**
 * Make the repository at `repo` ready. `root` names the site's folder, where the session does; `bundled` is the node_modules that comes with the runner, which
 * serves projects without a lock file whose packages are all in it; `scratch` is the session's own folder on local disk and `shared` one that sessions of the
 * task share, by content; `mode` is "dev" or "production". `onProgress(detail)` hears how far it is and `log(level, text)` what its owner should know.
 *
 * Resolves with `{ repo, site, allowed, packages, command, environment, stop }`: the site's folder; folders outside it that its modules come from; what was
 * installed and which scripts ran or did not; the parts of its dev script; variables for it. `stop()` ends what runs beside Astro, and `watch(hooks)` follows
 * edits of package.json and lock files.
 */
export async function openProject({
  repo,
  root,
  scratch,
  shared,
  bundled,
  mode = "dev",
  env = process.env,
  limitSeconds,
  onProgress = /** @type {(detail: string) => void} */ (() => {}),
  log = /** @type {(level: string, text: string) => void} */ (() => {}),
}) {
  const site = findSite(repo, root);
  const dependencies = path.join(scratch, "dependencies");
  const attached = await attachPackages({ repo, site, scratch, shared, bundled, dependencies, env, limitSeconds, onProgress });
  const { folder = site, members, record } = attached;
  for (const text of record?.notes ?? []) log("info", text);
  for (const text of engineNotes(folder, site, repo)) log("warn", text);
  tellScripts(record, log);
  const scripts = await runProjectScripts({ repo, site, folder, members, record, dependencies, env, onProgress, log });
  const manifest = readManifest(site, { root: repo }) ?? {};
  const command = astroCommand(manifest, mode === "production" ? "build" : "dev");
  const beside = await runDevScript({ site, manifest, command, record, dependencies, env, onProgress, log });
  return {
    repo,
    site,
    allowed: [...new Set([repo, attached.place, real(bundled)])].filter((each) => each !== undefined),
    packages: describe({ record, fresh: attached.fresh, root: path.relative(repo, site), failed: [...scripts, ...beside.told] }),
    command,
    environment: command.variables,
    watch: (hooks) => watchProject({ repo, site, scratch, shared, bundled, mode, env, limitSeconds, dependencies, log, ...hooks }),
    stop: beside.stop,
  };
}

/** Follow edits of package.json and lock files: see `PackageWatch`. */
function watchProject({
  repo,
  site,
  bundled,
  mode,
  scratch,
  shared,
  env,
  limitSeconds,
  dependencies,
  log,
  onProgress,
  onError,
  onRestart,
}) {
  const watch = new PackageWatch({
    files: () => packageFiles({ repo, site }),
    state: () => packageState({ repo, site, bundled, mode }),
    install: async ({ plan, folder, members }) => {
      if (!plan) return;
      await installEdited({
        repo,
        folder,
        members,
        plan,
        dependencies,
        scratch,
        shared,
        env,
        scriptEnv: withTools(env, dependencies),
        limitSeconds,
        onProgress,
        log,
      });
    },
    onError,
    onRestart,
  });
  watch.start();
  return watch;
}

/** A list within the bounds of a message. */
function bounded(texts) {
  return texts.slice(0, MOST_TOLD).map((text) => text.slice(0, LONGEST_TOLD).toWellFormed());
}

/** What the parent hears about packages and scripts; `seconds` is how long the installation took, where there was one. */
function describe({ record, fresh, root, failed }) {
  return {
    root,
    manager: record?.manager ?? "none",
    version: record?.version ?? "",
    lock: record?.lock ?? "",
    seconds: fresh ? record.seconds : 0,
    refusedScripts: bounded(record?.scripts?.refused ?? []),
    failedScripts: bounded([
      ...(record?.scripts?.failed ?? []).map(({ name, script, reason }) => `${name} ${script}: ${reason}`),
      ...failed,
    ]),
  };
}

/**
 * What the packages of `site` need, without doing anything: `{ folder, members, brought, plan }`. `brought` is the folder whose own node_modules is
 * left alone, `plan` an installation; without either the bundled packages will do.
 */
function planPackages({ repo, site, bundled }) {
  const { folder, members } = installRoot(repo, site);
  const brought = [site, folder].find((each) => each && bringsPackages(each));
  const plan = !brought && folder && needsInstall(folder, members, bundled, repo) ? planInstall({ repo, folder, members }) : undefined;
  return { folder, members, brought, plan };
}

/**
 * Install, and link `node_modules` into the repository wherever the installation has one. A node_modules folder that the repository brings itself is left alone.
 */
async function attachPackages({ repo, site, scratch, shared, bundled, dependencies, env, limitSeconds, onProgress }) {
  const { folder, members, brought, plan } = planPackages({ repo, site, bundled });
  if (brought) {
    pointTo(path.join(scratch, "node_modules"), path.join(brought, "node_modules"));
    return { folder, members, place: real(path.join(brought, "node_modules")), record: undefined };
  }
  let place;
  let record;
  let fresh = false;
  if (plan) {
    const known = installedRecord(path.join(dependencies, plan.stamp)) !== undefined;
    ({ place, record, fresh } = await install({
      repo,
      folder,
      plan,
      dependencies,
      scratch,
      shared,
      env,
      scriptEnv: withTools(env, dependencies),
      limitSeconds,
      onProgress,
    }));
    // Vite's bundles of packages name files of the installation they were made from.
    if (!known || readLink(path.join(dependencies, CURRENT)) !== place)
      rmSync(path.join(scratch, "vite"), { recursive: true, force: true });
  } else {
    place = path.join(dependencies, BUNDLED);
    const relative = path.relative(repo, site);
    pointTo(path.join(place, relative, "node_modules"), bundled);
    record = { folders: [relative] };
  }
  const main = mainFolder(place, record.folders, path.relative(repo, site));
  // A site that does not ask for Astro gets the runner's: its pages import Astro's runtime by name.
  const astro = path.join(place, main, "node_modules", "astro");
  if (plan && !existsSync(astro)) pointTo(astro, path.join(bundled, "astro"));
  pointTo(path.join(dependencies, CURRENT), place);
  link({ repo, dependencies, folders: record.folders });
  removeOthers(dependencies, plan?.stamp);
  pointTo(path.join(scratch, "node_modules"), path.join(dependencies, CURRENT, main, "node_modules"));
  return { folder, members, place: plan ? real(place) : real(bundled), record: plan ? record : undefined, fresh };
}

/** The installation's folder that serves what the runner writes into the scratch folder, which imports packages too. */
function mainFolder(place, folders, site) {
  const above = folders.filter((each) => each === "" || `${site}/`.startsWith(`${each}/`)).sort((one, other) => other.length - one.length);
  return above.find((each) => existsSync(path.join(place, each, "node_modules", "astro"))) ?? above[0] ?? folders[0] ?? "";
}

function readLink(link) {
  return isLink(link) ? readlinkSync(link) : undefined;
}

/**
 * A reader of what the packages and scripts of a project are made from: `state()` gives `{ files, fingerprint, plan, folder, members }`; the fingerprint changes
 * when an edit needs another installation or another start. Throws `DependencyError` where a manifest cannot be read.
 */
export function packageState({ repo, site, bundled, mode }) {
  const { folder, members, brought, plan } = planPackages({ repo, site, bundled });
  const manifests = [...new Set([site, ...(folder ? [folder] : []), ...members])].map((each) => readManifest(each, { root: repo }) ?? {});
  const scripts = manifests.map((manifest) => ["preinstall", ...PROJECT_SCRIPTS].map((name) => manifest.scripts?.[name]));
  const command = astroCommand(manifests[0], mode === "production" ? "build" : "dev");
  const fingerprint = JSON.stringify([brought, plan?.stamp, scripts, command, manifests[0].scripts?.predev]);
  return { fingerprint, plan, folder, members };
}

/** Files whose change may need another installation; those that may come to be, too. */
export function packageFiles({ repo, site }) {
  const { folder, members } = installRoot(repo, site);
  const top = [...new Set([site, ...(folder ? [folder] : [])])];
  const beside = ["package.json", ".npmrc", "pnpm-workspace.yaml", ".yarnrc.yml", "bunfig.toml", ...LOCKS.map(({ file }) => file)];
  return [
    ...top.flatMap((each) => beside.map((name) => path.join(each, name))),
    ...members.map((member) => path.join(member, "package.json")),
  ];
}

/** Whether `folder` has a node_modules with packages that is no link of ours. */
function bringsPackages(folder) {
  const modules = path.join(folder, "node_modules");
  if (isLink(modules)) return !isOwnLink(modules) && existsSync(modules);
  return isFolder(modules) && readdirSync(modules).some((name) => !name.startsWith("."));
}

/** A link that a runner made, here or on a task that had the session before. */
function isOwnLink(link) {
  return /(^|\/)dependencies\/(.*\/)?node_modules$/.test(readlinkSync(link));
}

function link({ repo, dependencies, folders }) {
  for (const folder of folders) {
    const place = path.join(repo, folder, "node_modules");
    try {
      // Caches of tools, left behind in a folder that has no packages in it.
      if (isFolder(place)) rmSync(place, { recursive: true, force: true });
      pointTo(place, path.join(dependencies, CURRENT, folder, "node_modules"));
    } catch (error) {
      throw new DependencyError(
        `the project has no node_modules and a link to them cannot be made in ${path.join(repo, folder)}: ${error.message}`,
        "make the project folder writable, or bring node_modules along",
      );
    }
  }
}

/** Whether the bundled packages will not do: there is a lock file or a workspace, or something else is asked for. */
function needsInstall(folder, members, bundled, repo) {
  if (lockFilesOf(folder).length > 0 || members.length > 0) return true;
  return !dependenciesOf(readManifest(folder, { root: repo })).every(([name, range]) => provides(bundled, name, range));
}

function provides(folder, name, range) {
  try {
    const { version } = JSON.parse(readFileSync(path.join(folder, name, "package.json"), "utf8"));
    return range === "latest" || semver.satisfies(version, range);
  } catch {
    return false;
  }
}

/** Make `link` a symbolic link to `target`, replacing a link (never a folder) that points elsewhere, in one step. */
export function pointTo(link, target) {
  if (isLink(link) && readlinkSync(link) === target) return;
  mkdirSync(path.dirname(link), { recursive: true });
  const next = `${link}.${process.pid}.new`;
  rmSync(next, { force: true });
  symlinkSync(target, next);
  try {
    renameSync(next, link);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}

function real(folder) {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

/** Wishes about Node.js that this one does not meet. They are told and do not stop the site. */
function engineNotes(folder, site, repo) {
  const notes = [];
  for (const each of new Set([folder, site])) {
    const manifest = readManifest(each, { root: repo });
    const range = manifest?.engines?.node;
    if (typeof range !== "string" || !semver.validRange(range) || semver.satisfies(process.version, range)) continue;
    const name = path.relative(repo, path.join(each, "package.json"));
    notes.push(
      `${name} asks for Node.js ${range}; this is ${process.version.slice(1)}. The site runs all the same; a package that cannot will say so`,
    );
  }
  return notes;
}

function tellScripts(record, log) {
  const { ran = [], failed = [], refused = [] } = record?.scripts ?? {};
  if (refused.length > 0) {
    log(
      "info",
      `install scripts that did not run, because package.json does not allow them: ${refused.join(", ")}. To allow one, name it in ${allowList(record.manager)}`,
    );
  }
  if (ran.length > 0) log("info", `install scripts that ran: ${ran.join(", ")}`);
  for (const { name, script, reason, output } of failed)
    log("warn", `the ${script} script of ${name} ${reason}${output ? `:\n${output}` : ""}`);
}

function allowList(manager) {
  if (manager === "pnpm") return "onlyBuiltDependencies or allowBuilds of pnpm-workspace.yaml";
  if (manager === "bun") return "trustedDependencies of package.json";
  return manager === "yarn" ? "dependenciesMeta.{name}.built of package.json" : "allowScripts of package.json";
}

/** Variables for scripts of the project: the programs of its package manager are on the path under their own names. */
function withTools(env, dependencies, record) {
  const folder = toolFolder({ dependencies, record });
  return {
    ...env,
    PATH: `${folder}${path.delimiter}${env.PATH ?? "/usr/bin:/bin"}`,
    npm_config_user_agent: `${record?.manager ?? "npm"}/${record?.version ?? "11.0.0"} node/${process.version} ${process.platform} ${process.arch}`,
  };
}

/**
 * Run what the owner's installation would have run of the project itself: once for each state of the scripts and packages. Returns what failed, a line each;
 * the site starts all the same.
 */
async function runProjectScripts({ repo, site, folder, members, record, dependencies, env, onProgress, log }) {
  const places = [...new Set([folder, ...members.filter((member) => member === site || isLinked(repo, site, member)), site])];
  const projects = places.map((each) => ({ folder: each, manifest: readManifest(each, { root: repo }) ?? {} }));
  const texts = projects.map(({ folder: each, manifest }) => [
    each,
    ...["preinstall", ...PROJECT_SCRIPTS].map((name) => manifest.scripts?.[name] ?? ""),
  ]);
  if (texts.every(([, ...each]) => each.every((text) => text === ""))) return [];
  const installed = readText(path.join(dependencies, CURRENT, "installed.json")) ?? "";
  const stamp = createHash("sha256")
    .update(JSON.stringify([process.version, texts, installed]))
    .digest("hex");
  const done = path.join(dependencies, "scripts.json");
  const before = readJson(done);
  if (before?.stamp === stamp) return before.told;
  const told = [];
  const variables = withTools(env, dependencies, record);
  for (const { folder: each, manifest } of projects) {
    const guard = GUARD.test((manifest.scripts?.preinstall ?? "").trim());
    const failure = await runScripts({
      folder: each,
      manifest,
      names: [...(guard ? [] : ["preinstall"]), ...PROJECT_SCRIPTS],
      env: variables,
      onStart: (script, text) => {
        onProgress(`running the project's ${script} script`);
        log("info", `running ${script} of ${path.relative(repo, path.join(each, "package.json"))}: ${text}`);
      },
      onLine: (line) => log("info", `  ${line}`),
    });
    if (failure)
      told.push(tellFailure(`the ${failure.script} script of ${path.relative(repo, path.join(each, "package.json"))}`, failure, log));
  }
  writeFileSync(done, JSON.stringify({ stamp, told }));
  return told;
}

/** Whether the site's packages lead to this folder of the workspace. */
function isLinked(repo, site, member) {
  const { name } = readManifest(member, { root: repo }) ?? {};
  if (typeof name !== "string") return false;
  try {
    return real(path.dirname(createRequire(path.join(site, "package.json")).resolve(`${name}/package.json`))) === real(member);
  } catch {
    return [site, repo].some((each) => real(path.join(each, "node_modules", name)) === real(member));
  }
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function tellFailure(what, { reason, output }, log) {
  log("warn", `${what} ${reason}. The site starts without what it makes${output ? `:\n${output}` : ""}`);
  const lines = output?.split("\n") ?? [];
  const telling = lines.find((line) => /error|not found|cannot|failed/i.test(line)) ?? lines.at(-1);
  return `${what} ${reason}${telling ? `: ${telling.trim()}` : ""}`;
}

/** Run what comes before `astro dev`, and start what runs beside it. Resolves with `{ told, stop }`. */
async function runDevScript({ site, manifest, command, record, dependencies, env, onProgress, log }) {
  const told = [];
  const stops = [];
  const script = command.script ?? "dev";
  const astro = `astro ${script === "build" ? "build" : "dev"}`;
  const tell = (text) => {
    log("warn", text);
    told.push(text);
  };
  const hook = hookOf(manifest, script, record, tell);
  const before = [hook, ...command.before].filter((text) => typeof text === "string" && text.trim() !== "" && !/^cd \S+$/.test(text));
  if (command.wrapper) tell(`${command.wrapper} of the ${script} script is not run: the runner starts Astro itself`);
  if (!command.found)
    tell(`the ${script} script runs no ${astro} that could be found (${shorten(command.unknown)}); Astro is started without it`);
  for (const text of command.after) tell(`${shorten(text)}, which follows ${astro} in the ${script} script, is not run`);
  if (before.length + command.beside.length === 0) return { told, stop: () => {} };
  const variables = {
    ...scriptVariables({ folder: site, manifest, script, env: withTools(env, dependencies, record) }),
    ...command.variables,
  };
  for (const text of before) {
    onProgress(`running ${shorten(text)}`);
    log("info", `before ${astro}: ${text}`);
    const failure = await runShell({ text, folder: site, env: variables, onLine: (line) => log("info", `  ${line}`) });
    if (failure) told.push(tellFailure(`${shorten(text)} (of the ${script} script)`, failure, log));
  }
  for (const text of command.beside) {
    log("info", `beside ${astro}: ${text}`);
    stops.push(
      runBeside(["sh", "-c", text], {
        cwd: site,
        env: variables,
        onLine: (line) => log("info", `  ${line}`),
        onEnd: (status) => log(status === 0 ? "info" : "warn", `${shorten(text)} (beside ${astro}) ended with ${status}`),
      }),
    );
  }
  return { told, stop: () => stops.forEach((stop) => stop()) };
}

/** `predev`, which every manager runs but yarn from 2 on. */
function hookOf(manifest, script, record, tell) {
  const text = manifest.scripts?.[`pre${script}`];
  if (text === undefined || record?.manager !== "yarn" || /^1\./.test(record.version)) return text;
  tell(`pre${script} is not run: yarn ${record.version} runs no such script`);
  return undefined;
}

function shorten(text) {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
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
