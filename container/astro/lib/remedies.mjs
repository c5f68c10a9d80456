// What to do about an error that keeps a site from starting, by its kind. A site that starts on its
// owner's machine fails in a session where it needs what only that machine has: variables of the
// environment, hosts within reach, packages that were built.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

const UNREACHABLE =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|UND_ERR_\w*TIMEOUT|UND_ERR_SOCKET)$/;
const CERTIFICATE = /^(CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_TLS)/;
const NATIVE =
  /bindings file|\.node['"]?\s*$|ERR_DLOPEN_FAILED|NODE_MODULE_VERSION|node-gyp|prebuil[dt]|different Node\.js version/im;
const MISSING = /Cannot find (?:module|package) '((?:@[\w.-]+\/)?\w[\w.-]*)(?:\/[^']*)?'/;
const CONFIG = ["mjs", "js", "ts", "mts", "cjs", "cts"].map(
  (extension) => `astro.config.${extension}`,
);

/**
 * What to do, or undefined where the error is of no kind that is known here. `chain` is the error
 * and what caused it.
 * @param {import("./types.d.mts").Thrown[]} chain
 * @param {string} root the project's folder
 */
export function remedyOf(chain, root) {
  const unreachable = chain.find(({ code }) => UNREACHABLE.test(text(code)));
  if (unreachable) {
    const host = text(unreachable.hostname) || text(unreachable.address) || "a host";
    return `the site asks ${host} when it starts: see whether this task may reach it (routes, proxy), or let the site do without`;
  }
  if (chain.some(({ code }) => CERTIFICATE.test(text(code)))) {
    return "the site asks a host whose certificate is not known here: give the task its authority (NODE_EXTRA_CA_CERTS), or let the site do without";
  }
  if (chain.some(({ code, message }) => NATIVE.test(`${text(code)}\n${text(message)}`))) {
    return "a package has a native part that its install script builds or fetches: allow it by name in allowScripts of package.json, and it is installed again";
  }
  const missing = chain
    .map(({ message }) => MISSING.exec(text(message))?.[1])
    .find((name) => name !== undefined);
  if (missing)
    return `add ${missing} to the dependencies in package.json; it is installed, and the dev server starts again by itself`;
  const [{ name, message }] = chain;
  if (name === "EnvInvalidVariables")
    return `write ${variablesOf(text(message))} into the .env file of the project`;
  const unset = unsetVariables(root);
  if (
    unset.some((variable) => text(message).includes(variable)) ||
    (unset.length > 0 && /\bundefined\b|Invalid URL/.test(text(message)))
  ) {
    return `the configuration reads ${unset.join(", ")} from the environment, and a session has no variables of the site's owner: give a default, or read the project's .env file there (loadEnv of vite)`;
  }
  return undefined;
}

/**
 * A site may throw anything at all.
 * @param {unknown} value
 */
function text(value) {
  return typeof value === "string" ? value : "";
}

/**
 * Astro lists them, one a line.
 * @param {string} message
 */
function variablesOf(message) {
  const names = [...message.matchAll(/^\s*-\s+\W*(\w+)/gm)].map((found) => found[1]);
  return names.length > 0 ? names.join(", ") : "the variables";
}

/**
 * Variables that the site's configuration reads from the environment and that are not there.
 * @param {string} root
 */
function unsetVariables(root) {
  const file = CONFIG.map((name) => path.join(root, name)).find((name) => existsSync(name));
  const source = file ? readFileSync(file, "utf8") : "";
  const names = [...source.matchAll(/process\.env\.([A-Z]\w*)(?!\w|\s*(\|\||\?\?))/g)].map(
    (found) => found[1],
  );
  return [...new Set(names)].filter(
    (name) => process.env[name] === undefined && name !== "NODE_ENV",
  );
}
