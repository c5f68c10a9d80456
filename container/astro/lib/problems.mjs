// A problem with its place, made of what a site has thrown: by the error's own word, by its stack, or
// by the file that a generated module was made for.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { asText } from "./thrown.mjs";

/** @typedef {import("./messages.mjs").Problem} Problem */
/** @typedef {import("./types.d.mts").Thrown} Thrown */

const FRAME = /^\s+at .*?\(?(?:file:\/\/)?(\/[^()\n]*?):(\d+):(\d+)\)?$/gm;
const AROUND = 2;
const LONGEST_LINE = 160;

/**
 * Problems without those that another page has, too: of a layout or the middleware.
 * @param {Iterable<Problem>} problems
 */
export function distinct(problems) {
  /** @type {Map<string, Problem>} */
  const found = new Map();
  for (const problem of problems) {
    const { source, file, line, column, message, page } = problem;
    const key = JSON.stringify([source, file, line, column, message, file ? "" : page]);
    if (!found.has(key)) found.set(key, problem);
  }
  return found.values();
}

/**
 * The file of a page by its address, where it has no parameters; else nothing.
 * @param {string} folder
 * @param {string} page
 */
export function pageFile(folder, page) {
  const name = path.join(folder, page);
  const names = [".astro", ".md", ".mdx", "/index.astro"].map(
    (end) => name.replace(/\/$/, "") + end,
  );
  return names.find((each) => each.startsWith(folder + path.sep) && existsSync(each)) ?? "";
}

/**
 * The file that a generated module was made for, as its import of an image names it: `importer=`
 * and the path below the site's folder. Nothing where none in that folder is named.
 * @param {string} text
 * @param {string} root
 */
export function importerIn(text, root) {
  const named = /importer=([\w.%/-]+)/.exec(text)?.[1];
  if (!named) return "";
  try {
    const file = path.join(root, decodeURIComponent(named));
    return file.startsWith(root + path.sep) ? file : "";
  } catch {
    return ""; // not percent-encoded
  }
}

/**
 * Where a text first stands in a file.
 * @param {string} file
 * @param {string | undefined} text
 */
export function placeOf(file, text) {
  try {
    const lines = text ? readFileSync(file, "utf8").split("\n") : [];
    const at = lines.findIndex((each) => each.includes(text ?? ""));
    return { line: at + 1, column: at < 0 ? 0 : lines[at].indexOf(text ?? "") + 1 };
  } catch {
    return { line: 0, column: 0 };
  }
}

/**
 * The file that an error names by its path, its URL or, as Vite does where a module cannot be parsed,
 * the module's address below the site's folder.
 * @param {string} named
 * @param {{ root: string, site?: string }} folders
 */
export function fileNamed(named, { root, site = root }) {
  const file = named
    .replace(/^file:\/\//, "")
    .replace(/^\/@fs(?=\/)/, "")
    .split("?")[0];
  if (!file.startsWith("/") || file.startsWith(root + path.sep)) return file;
  const below = path.join(site, file);
  return existsSync(below) ? below : file;
}

/**
 * @param {Thrown & { plugin?: string }} error
 * @param {Problem["source"]} source
 * @param {{ root: string, site?: string }} folders the session's, relative to which files are named,
 *   and the site's in it
 * @param {string} [known] the file, where the error does not name it
 * @returns {Problem}
 */
export function problemOf(error, source, folders, known = "") {
  const { root } = folders;
  const own = source === "page" ? placeInStack(error, root) : undefined;
  const loc = own ?? error.loc;
  const absolute = fileNamed(loc?.file ?? error.id ?? known, folders);
  const file = absolute.startsWith(root + path.sep)
    ? path.relative(root, absolute)
    : absolute.replace(/^\/+/, "");
  const line = Math.max(0, loc?.line ?? 0);
  const column = line > 0 ? Math.max(0, loc?.column ?? -1) + 1 : 0;
  const frame = (own ? "" : plain(error.frame ?? "")) || frameOf(path.join(root, file), line);
  const clean = source === "page" ? withoutMarkdown : plain;
  const message = clean(asText(error.message)).replaceAll(root + path.sep, "");
  return {
    source,
    message,
    file,
    line,
    column,
    frame,
    plugin: error.plugin ?? "",
    fix: clean(error.hint ?? ""),
  };
}

/**
 * Where a stack enters a file of the project, with the column counted from 0 as compilers do. Undefined
 * where the error says itself where it is: a compiler's does, a thrown one has only its stack, of
 * which Astro takes the first line with `src` or `node_modules` in it.
 * @param {Thrown} error
 * @param {string} root
 */
export function placeInStack({ loc, stack = "" }, root) {
  const frames = [...stack.matchAll(FRAME)].map(([, file, line, column]) => ({
    file: file.replace(/\?.*$/, ""),
    line: Number(line),
    column: Number(column) - 1,
  }));
  const said = loc?.file && loc.line;
  const ofStack = frames.some(
    (each) => each.line === Number(loc?.line) && each.column + 1 === Number(loc?.column),
  );
  if (said && !ofStack) return undefined;
  return frames.find(
    ({ file }) =>
      file.startsWith(root + path.sep) && !file.includes(`${path.sep}node_modules${path.sep}`),
  );
}

/**
 * Without the Markdown of Astro's own messages.
 * @param {string} text
 */
function withoutMarkdown(text) {
  return stripVTControlCharacters(text)
    .replace(/\*\*(.+?)\*\*/g, "$1")
    .replace(/`([^`\n]+)`/g, "$1")
    .replace(/\[([^[\]]+)\]\((https?:[^)\s]+)\)/g, "$1 ($2)")
    .trim();
}

/**
 * Without what Astro and compilers mark it up with, for a page or a terminal.
 * @param {string} text
 */
function plain(text) {
  const entities = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" };
  return text
    .replace(/<\/?(code|b|strong|em|a|br|p)\b[^>]*>/g, "")
    .replace(
      /&(lt|gt|quot|#39|amp);/g,
      (found) => entities[/** @type {keyof typeof entities} */ (found)],
    )
    .replace(/\u001b\[[0-9;]*m/g, "")
    .trim();
}

/**
 * The lines around a place.
 * @param {string} file
 * @param {number} line
 */
export function frameOf(file, line) {
  if (line < 1) return "";
  try {
    const lines = readFileSync(file, "utf8").split("\n");
    const first = Math.max(1, line - AROUND);
    return lines
      .slice(first - 1, line + AROUND)
      .map(
        (text, at) =>
          `${first + at === line ? ">" : " "} ${first + at} | ${text.slice(0, LONGEST_LINE)}`,
      )
      .join("\n");
  } catch {
    return "";
  }
}
