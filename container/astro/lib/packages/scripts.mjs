// The project's own scripts: those around an installation, and what its dev script does beside
// `astro dev`. One that fails is told, and the site starts.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { CURRENT } from "./install.mjs";
import { runScripts, runShell, scriptVariables } from "./lifecycle.mjs";
import { readManifest, readText, real } from "./manifest.mjs";
import { runBeside } from "./process.mjs";
import { toolFolder } from "./shims.mjs";

/** @typedef {import("./types.d.mts").Installation} Installation */
/** @typedef {import("./types.d.mts").Manifest} Manifest */
/** @typedef {import("./types.d.mts").Workshop} Workshop */
/** @typedef {import("../types.d.mts").Log} Log */
/** @typedef {{ onProgress: import("../types.d.mts").OnProgress, log: Log }} Hearers */

/** What an owner's `npm install` runs of the project itself, after the packages are there. */
export const PROJECT_SCRIPTS = ["install", "postinstall", "preprepare", "prepare", "postprepare"];
/** A guard that lets one package manager through; the right one is chosen here. */
const GUARD = /^(npx|pnpm dlx|bunx)\s+(-y\s+|--yes\s+)?only-allow\s+\w+$/;

/**
 * @param {Installation | undefined} record
 * @param {Log} log
 */
export function tellScripts(record, log) {
  const { ran = [], failed = [], refused = [] } = record?.scripts ?? {};
  if (refused.length > 0) {
    log(
      "info",
      `install scripts that did not run, because package.json does not allow them: ${refused.join(", ")}. To allow one, name it in ${allowList(record?.manager)}`,
    );
  }
  if (ran.length > 0) log("info", `install scripts that ran: ${ran.join(", ")}`);
  for (const { name, script, reason, output } of failed)
    log("warn", `the ${script} script of ${name} ${reason}${output ? `:\n${output}` : ""}`);
}

/** @param {string | undefined} manager */
function allowList(manager) {
  if (manager === "pnpm") return "onlyBuiltDependencies or allowBuilds of pnpm-workspace.yaml";
  if (manager === "bun") return "trustedDependencies of package.json";
  return manager === "yarn"
    ? "dependenciesMeta.{name}.built of package.json"
    : "allowScripts of package.json";
}

/**
 * Variables for scripts of the project: the programs of its package manager are on the path under
 * their own names.
 * @param {import("../types.d.mts").Environment} env
 * @param {string} dependencies
 * @param {Installation | undefined} record
 */
export function withTools(env, dependencies, record) {
  const folder = toolFolder({ dependencies, record });
  return {
    ...env,
    PATH: `${folder}${path.delimiter}${env.PATH ?? "/usr/bin:/bin"}`,
    npm_config_user_agent: `${record?.manager ?? "npm"}/${record?.version ?? "11.0.0"} node/${process.version} ${process.platform} ${process.arch}`,
  };
}

/**
 * Run what the owner's installation would have run of the project itself: once for each state of
 * the scripts and packages. Returns what failed, a line each; the site starts all the same.
 * @param {Pick<Workshop, "repo" | "site" | "dependencies" | "env"> & Hearers & { folder: string,
 *   members: string[], record: Installation | undefined }} options
 */
export async function runProjectScripts({
  repo,
  site,
  folder,
  members,
  record,
  dependencies,
  env,
  onProgress,
  log,
}) {
  const places = [
    ...new Set([
      folder,
      ...members.filter(
        (/** @type {string} */ member) => member === site || isLinked(repo, site, member),
      ),
      site,
    ]),
  ];
  const projects = places.map((each) => ({
    folder: each,
    manifest: readManifest(each, { root: repo }) ?? {},
  }));
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
  /** @type {string[]} */
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
        log(
          "info",
          `running ${script} of ${path.relative(repo, path.join(each, "package.json"))}: ${text}`,
        );
      },
      onLine: (/** @type {string} */ line) => log("info", `  ${line}`),
    });
    if (failure)
      told.push(
        tellFailure(
          `the ${failure.script} script of ${path.relative(repo, path.join(each, "package.json"))}`,
          failure,
          log,
        ),
      );
  }
  writeFileSync(done, JSON.stringify({ stamp, told }));
  return told;
}

/**
 * Whether the site's packages lead to this folder of the workspace.
 * @param {string} repo
 * @param {string} site
 * @param {string} member
 */
function isLinked(repo, site, member) {
  const { name } = readManifest(member, { root: repo }) ?? {};
  if (typeof name !== "string") return false;
  try {
    return (
      real(
        path.dirname(
          createRequire(path.join(site, "package.json")).resolve(`${name}/package.json`),
        ),
      ) === real(member)
    );
  } catch {
    return [site, repo].some(
      (each) => real(path.join(each, "node_modules", name)) === real(member),
    );
  }
}

/** @param {string} file */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} what
 * @param {{ reason: string, output: string }} failure
 * @param {Log} log
 */
function tellFailure(what, { reason, output }, log) {
  log(
    "warn",
    `${what} ${reason}. The site starts without what it makes${output ? `:\n${output}` : ""}`,
  );
  const lines = output?.split("\n") ?? [];
  const telling =
    lines.find((/** @type {string} */ line) => /error|not found|cannot|failed/i.test(line)) ??
    lines.at(-1);
  return `${what} ${reason}${telling ? `: ${telling.trim()}` : ""}`;
}

/**
 * Run what comes before `astro dev`, and start what runs beside it. Resolves with `{ told, stop }`.
 * @param {Pick<Workshop, "site" | "dependencies" | "env"> & Hearers & { manifest: Manifest,
 *   command: import("./types.d.mts").AstroCommand, record: Installation | undefined }} options
 */
export async function runDevScript({
  site,
  manifest,
  command,
  record,
  dependencies,
  env,
  onProgress,
  log,
}) {
  /** @type {string[]} */
  const told = [];
  /** @type {(() => void)[]} */
  const stops = [];
  const script = command.script ?? "dev";
  const astro = `astro ${script === "build" ? "build" : "dev"}`;
  const tell = (/** @type {string} */ text) => {
    log("warn", text);
    told.push(text);
  };
  const hook = hookOf(manifest, script, record, tell);
  const before = [hook, ...command.before]
    .filter((text) => typeof text === "string")
    .filter((text) => text.trim() !== "" && !/^cd \S+$/.test(text));
  if (command.wrapper)
    tell(`${command.wrapper} of the ${script} script is not run: the runner starts Astro itself`);
  if (!command.found)
    tell(
      `the ${script} script runs no ${astro} that could be found (${shorten(command.unknown ?? "")}); Astro is started without it`,
    );
  for (const text of command.after)
    tell(`${shorten(text)}, which follows ${astro} in the ${script} script, is not run`);
  if (before.length + command.beside.length === 0) return { told, stop: () => {} };
  const variables = {
    ...scriptVariables({
      folder: site,
      manifest,
      script,
      env: withTools(env, dependencies, record),
    }),
    ...command.variables,
  };
  for (const text of before) {
    onProgress(`running ${shorten(text)}`);
    log("info", `before ${astro}: ${text}`);
    const failure = await runShell({
      text,
      folder: site,
      env: variables,
      onLine: (/** @type {string} */ line) => log("info", `  ${line}`),
    });
    if (failure) told.push(tellFailure(`${shorten(text)} (of the ${script} script)`, failure, log));
  }
  for (const text of command.beside) {
    log("info", `beside ${astro}: ${text}`);
    stops.push(
      runBeside(["sh", "-c", text], {
        cwd: site,
        env: variables,
        onLine: (/** @type {string} */ line) => log("info", `  ${line}`),
        onEnd: (/** @type {number | string | null} */ status) =>
          log(
            status === 0 ? "info" : "warn",
            `${shorten(text)} (beside ${astro}) ended with ${status}`,
          ),
      }),
    );
  }
  return { told, stop: () => stops.forEach((stop) => stop()) };
}

/**
 * `predev`, which every manager runs but yarn from 2 on.
 * @param {Manifest} manifest
 * @param {string} script
 * @param {Installation | undefined} record
 * @param {(text: string) => void} tell
 */
function hookOf(manifest, script, record, tell) {
  const text = manifest.scripts?.[`pre${script}`];
  if (text === undefined || record?.manager !== "yarn" || /^1\./.test(record.version ?? ""))
    return text;
  tell(`pre${script} is not run: yarn ${record.version} runs no such script`);
  return undefined;
}

/** @param {string} text */
function shorten(text) {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
