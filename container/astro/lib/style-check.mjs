// Syntax errors of plain stylesheets. Vite passes a stylesheet on that nothing of the site
// transforms, and browsers leave out what they do not understand, so nobody would say a word.
// Lightning CSS, which comes with Vite 8, parses it.

import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const LARGEST = 1 << 20;
/** Plugins whose stylesheets have another syntax. */
const OWN_SYNTAX = /tailwind|unocss|postcss|sass|less|stylus|linaria|vanilla|panda/i;

/**
 * @typedef {{ transform: (options: { filename: string, code: Uint8Array, errorRecovery: boolean })
 *   => unknown }} Parser
 */

/** @type {Promise<Parser | undefined> | undefined} */
let parser;

/** @returns {Promise<Parser | undefined>} */
async function load() {
  try {
    const vite = createRequire(import.meta.url).resolve("vite");
    return createRequire(vite)("lightningcss");
  } catch {
    return undefined;
  }
}

/**
 * Throw the first syntax error of a stylesheet, with its place.
 * @param {import("./types.d.mts").Server} server
 * @param {string} file
 */
export async function checkStyle(server, file) {
  if (!file.endsWith(".css") || transformed(server)) return;
  parser ??= load();
  const { transform } = (await parser) ?? {};
  const code = await readFile(file);
  if (!transform || code.length > LARGEST) return;
  try {
    transform({ filename: file, code, errorRecovery: false });
  } catch (thrown) {
    const { message, loc } =
      /** @type {{ message: string, loc?: { line: number, column: number } }} */ (thrown);
    const place = loc && { file, line: loc.line, column: Math.max(0, loc.column - 1) };
    throw Object.assign(new Error(message), { loc: place, plugin: "lightningcss" });
  }
}

/**
 * Whether something of the site transforms stylesheets: it says itself what is wrong with them, and
 * may take what is no CSS yet.
 * @param {import("./types.d.mts").Server} server
 */
function transformed({ config }) {
  const { postcss } = config.css;
  const plugins = typeof postcss === "object" && (postcss.plugins?.length ?? 0) > 0;
  const configured = readdirSync(config.root).some((name) =>
    /^(\.postcssrc|postcss\.config)/.test(name),
  );
  return (
    configured ||
    plugins ||
    typeof postcss === "string" ||
    config.plugins.some(({ name }) => OWN_SYNTAX.test(name) && !name.startsWith("vite:"))
  );
}
