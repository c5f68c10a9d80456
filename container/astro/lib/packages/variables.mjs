// Variables that a package manager's settings take from the environment. A session has none of the
// owner's. Each manager fails in its own way, also where the packages need no login: npm sends the
// text `${NODE_AUTH_TOKEN}` as the token, pnpm 7 to 10 drop the registries of the file and ask the
// public one, yarn does not start. So they are given as empty, and named when the installation
// fails.

import path from "node:path";
import { readText } from "./manifest.mjs";

/** Yarn 4 reads variables for its settings from here. */
const GIVEN = ".env.yarn";
const FILES = [".npmrc", ".yarnrc", ".yarnrc.yml", "bunfig.toml"];
/** `${NAME}`; not `${NAME?}`, `${NAME-default}` and `${NAME:-default}`, which do without. */
const VARIABLE = /(?<!\\)\$\{([A-Za-z_]\w*)\}/g;

/**
 * Variables without a default that the settings in `folder` name and `env` does not have: `[{ file,
 * name }]`.
 * @param {string} folder
 * @param {import("../types.d.mts").Environment} env
 */
export function unsetVariables(folder, env) {
  const given = (readText(path.join(folder, GIVEN)) ?? "")
    .split("\n")
    .map((line) => line.split("=", 1)[0].trim());
  return FILES.flatMap((file) => {
    const lines = (readText(path.join(folder, file)) ?? "")
      .split("\n")
      .filter((line) => !/^\s*[#;]/.test(line));
    const names = lines.flatMap((line) => [...line.matchAll(VARIABLE)].map((found) => found[1]));
    return [...new Set(names)]
      .filter((name) => env[name] === undefined && !given.includes(name))
      .map((name) => ({ file, name }));
  });
}

/**
 * What to add to a failure where a variable may be its cause: `{ cause, fix }`, or undefined.
 * @param {{ file: string, name: string }[]} unset
 */
export function aboutUnset(unset) {
  if (unset.length === 0) return undefined;
  const named = unset.map(({ file, name }) => `\${${name}} of ${file}`).join(" and ");
  return {
    cause: `${named} ${unset.length > 1 ? "are" : "is"} not set in a session, which has no variables of the site's owner`,
    fix: `write the value into ${unset[0].file} of the project; code of the site can read it, so take a token that may only read packages`,
  };
}
