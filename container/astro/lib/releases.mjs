// Releases of Astro: which ones the tests cover, and where a release has its entry.

import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import semver from "semver";

/** What tests/releases runs; docs/compatibility.md has the table. Others start with a warning. */
export const OLDEST_TESTED = "4.16.0";
export const NEWEST_TESTED = "7.3";

/**
 * A warning about a release that the tests do not cover, or undefined.
 * @param {string} version
 */
export function untested(version) {
  if (semver.lt(version, OLDEST_TESTED)) {
    return `Astro ${version} is older than ${OLDEST_TESTED}, the oldest release that is tested`;
  }
  if (semver.gtr(version, `<=${NEWEST_TESTED}`)) {
    return `Astro ${version} is newer than ${NEWEST_TESTED}, the newest release that is tested`;
  }
  return undefined;
}

/**
 * Whether the front page below a base has an empty URL where trailing slashes are forbidden. Astro
 * 4 and 5 answer 404 to `/` then, up to 5.17 or so; it is the base without its closing slash there,
 * and later releases take both.
 * @param {string} version
 */
export function hasEmptyHome(version) {
  return semver.lt(version, "6.0.0");
}

/**
 * URL of the module that `import "astro"` gives for the Astro in `folder`.
 * @param {string} folder
 */
export function entryOf(folder) {
  const { exports } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const main = exports?.["."];
  const file =
    typeof main === "string" ? main : (main?.import ?? main?.default ?? "./dist/index.js");
  return pathToFileURL(path.join(folder, file)).href;
}
