// The session's base has the last word over the site's own.
//
// Astro takes the base from the start message (`dev({ base })`), over what the site's configuration
// says. An integration may set another one afterwards (`updateConfig({ base })`), so one of ours
// comes last. Links that were written against the site's own base (`/repo/about` with `base:
// "/repo"`) are moved like others, so it has to be known.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { asPrefix } from "./urls.mjs";

const CONFIG_FILES = ["mjs", "js", "ts", "mts", "cjs", "cts"].map(
  (extension) => `astro.config.${extension}`,
);
const RESOLVER = "dist/core/config/index.js";

/**
 * The base that the site's own configuration asks for, as a prefix (empty for the root). `astro` is
 * the folder of its Astro, `configFile` and `ownBase` what its script gives `--config` and `--base`.
 * The configuration is loaded one more time, so only where it can have a base at all; what is wrong
 * with it, the start itself reports.
 * @param {{ root: string, astro: string, configFile?: string, ownBase?: string }} site
 */
export async function ownBaseOf({ root, astro, configFile, ownBase }) {
  if (ownBase) return asPrefix(ownBase);
  const file = configFile ? path.resolve(root, configFile) : configFileOf(root);
  try {
    if (!file || !mayHaveBase(readFileSync(file, "utf8"))) return "";
    const { resolveConfig } = await import(pathToFileURL(path.join(astro, RESOLVER)).href);
    const inline = { root, configFile: configFile || undefined, logLevel: "silent" };
    const { userConfig } = await resolveConfig(inline, "dev");
    return asPrefix(userConfig.base);
  } catch {
    return "";
  }
}

/**
 * The site's configuration file, if it has one.
 * @param {string} root
 */
export function configFileOf(root) {
  return CONFIG_FILES.map((name) => path.join(root, name)).find((name) => existsSync(name));
}

/**
 * Whether a configuration's text names a base, or takes values from a file of the project that may.
 * @param {string} text
 */
export function mayHaveBase(text) {
  return /\bbase\b/.test(text) || /(?:from|import|import\(|require\()\s*["']\.{1,2}\//.test(text);
}

/**
 * Astro integration that keeps the session's base. `base` comes without a closing slash; `onSetup`
 * is called whenever a configuration has been read, and awaited; `onDone(config)` gets what came of
 * it, and `onOverridden(name, value)` hears of a base that an integration has set.
 * @param {{ base: string, onSetup: () => Promise<void>, onDone: (config:
 *   import("astro").AstroConfig) => void, onOverridden: (name: string, value: unknown) => void }}
 *   options
 * @returns {import("astro").AstroIntegration}
 */
export function baseIntegration({ base, onSetup, onDone, onOverridden }) {
  const wanted = (/** @type {import("astro").AstroConfig} */ config) =>
    config.trailingSlash === "always" || base === "" ? `${base}/` : base;
  return {
    name: "astro-live",
    hooks: {
      "astro:config:setup": async ({ config, updateConfig }) => {
        await onSetup();
        if (asPrefix(config.base) === base) return;
        onOverridden("base (set by an integration)", config.base);
        updateConfig({ base: wanted(config) });
      },
      "astro:config:done": ({ config }) => {
        // An integration that another one brought along comes after ours.
        if (asPrefix(config.base) !== base) config.base = wanted(config);
        onDone(config);
      },
    },
  };
}
