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
/** What breaks the schema of a collection first. */
const FIELD = /collection schema\.?\s*\n\s*([\w.-]+): /;
const ISSUES = /\n\s*\*\*: (\[\s*\{[\s\S]*\}\s*\])/;
const MIDDLEWARE = /(^|\/)middleware(\/index)?\.[cm]?[jt]s$/;
const NOT_FOUND = /^(Could not import|Cannot find (module|package)|Failed to load url) /;
const UNDEFINED = /([\w$]+) is not defined$/;
const QUOTED = /(["'`])([^"'`\n]{2,})\1/g;

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
 * Whether a file that cannot be compiled is the reason of a page's problem: the page's is in that
 * file, or about the import that the file's is about, or the file is middleware.
 * @param {Problem} problem
 * @param {Problem} pages
 */
export function isBehind({ source, file, message }, pages) {
  if (source !== "module") return false;
  if (file !== "" && file === pages.file) return true;
  if (/ loading your middleware\.?$/.test(pages.message)) return MIDDLEWARE.test(file ?? "");
  const [, imported] = /^Failed to resolve import "([^"]+)"/.exec(message) ?? [];
  return (
    imported !== undefined &&
    NOT_FOUND.test(pages.message) &&
    pages.message.split(/[\s'"]+|\.$/).includes(imported)
  );
}

/**
 * Whether the site's problem is that of a module or page: at the same place, in the same words after
 * the name of the file.
 * @param {Problem} problem
 * @param {Problem} site
 */
export function isSame({ file, line, column, message }, site) {
  const there = file === site.file && line === site.line && column === site.column;
  return there && site.message.endsWith(message);
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
  return text ? placeAmong(linesOf(file), text) : { line: 0, column: 0 };
}

/**
 * @param {string[]} lines
 * @param {string} text
 */
function placeAmong(lines, text) {
  const at = lines.findIndex((each) => each.includes(text));
  return { line: at + 1, column: at < 0 ? 0 : lines[at].indexOf(text) + 1 };
}

/**
 * The lines of a file; the line break at its end does not begin another one. Empty if the file cannot
 * be read.
 * @param {string} file
 */
export function linesOf(file) {
  try {
    return readFileSync(file, "utf8")
      .replace(/\r?\n$/, "")
      .split(/\r?\n/);
  } catch {
    return [];
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
  const named = [loc?.file, error.id, known].map((each) => fileNamed(each ?? "", folders));
  const absolute = named.find((each) => each !== "") ?? "";
  // A source map names the source without its folder.
  const full = named.find((each) => each.endsWith(`${path.sep}${absolute}`)) ?? absolute;
  const file = full.startsWith(root + path.sep)
    ? path.relative(root, full)
    : full.replace(/^\/+/, "");
  const lines = linesOf(path.join(root, file));
  const clean = source === "module" ? stripVTControlCharacters : withoutMarkdown;
  const whole = clean(issuesIn(asText(error.message))).replaceAll(root + path.sep, "");
  const message = withoutFrame(whole);
  const compiled = own ? "" : stripVTControlCharacters(error.frame ?? "").trim();
  const said = isCompiled(lines, loc?.line, compiled, whole) ? undefined : loc;
  const { line, column } =
    placeIn(lines, said ?? placeBelow(whole)) ?? placeOfQuoted(lines, message);
  const frame = frameOf(lines, line) || compiled;
  return {
    source,
    message: frame ? message : whole.trim(),
    file,
    line,
    column,
    frame,
    plugin: error.plugin ?? "",
    fix: withoutMarkdown(error.hint ?? ""),
  };
}

/**
 * A message with the errors of a schema as text: Astro 6.0 has them as Zod's JSON.
 * @param {string} message
 */
function issuesIn(message) {
  return message.replace(ISSUES, (text, json) => {
    try {
      return /** @type {{ path: string[], message: string }[]} */ (JSON.parse(json))
        .map(({ path, message }) => `\n  ${path.join(".")}: ${message}`)
        .join("");
    } catch {
      return text;
    }
  });
}

/**
 * The place that a parser of JavaScript writes below its message: Rolldown, since Vite 8, with the
 * column counted from 0, Rollup from 1.
 * @param {string} message
 */
function placeBelow(message) {
  const [, line, column] = /\nAt file: \S+:(\d+):(\d+)$/.exec(message.trim()) ?? [];
  const first = message.includes("Parse failed with ") ? 0 : 1;
  return line ? { line: Number(line), column: Number(column) - first } : undefined;
}

/**
 * Whether esbuild names a place in the code that Astro, before 7, has compiled a component to: the
 * line in its frame differs from that of the source.
 * @param {string[]} lines of the source
 * @param {number | undefined} line
 * @param {string} frame
 * @param {string} message
 */
function isCompiled(lines, line, frame, message) {
  if (!line || !message.startsWith("Transform failed with ")) return false;
  const shown = new RegExp(`^\\s*>?\\s*${line}\\s*\\|(.*)$`, "m").exec(frame)?.[1];
  return shown !== undefined && shown.trim() !== lines[line - 1]?.trim();
}

/**
 * A place that an error says, with the column counted from 1; undefined where the source has no such
 * line: that is one of the compiled module then.
 * @param {string[]} lines of the source
 * @param {{ line?: number, column?: number } | undefined} said
 */
function placeIn(lines, { line = 0, column = -1 } = {}) {
  if (line < 1) return undefined;
  if (lines.length === 0) return { line, column: Math.max(0, column) + 1 };
  // What is missing at the end of a file is missing behind its last line.
  if (line === lines.length + 1) return { line: lines.length, column: lines[line - 2].length + 1 };
  return line > lines.length ? undefined : { line, column: Math.max(0, column) + 1 };
}

/**
 * Where a source has what a message is about: a text that it quotes, or a field of an entry's front
 * matter. An entry without that field has its front matter in the first line.
 * @param {string[]} lines
 * @param {string} message
 */
function placeOfQuoted(lines, message) {
  const field = FIELD.exec(message)?.[1].split(".").at(-1);
  if (field && lines.length > 0) {
    const key = new RegExp(`^[\\s{,-]*["']?${field}["']?\\s*[:=]`);
    const at = lines.findIndex((text) => key.test(text));
    return { line: Math.max(at, 0) + 1, column: 1 };
  }
  const quoted = [...message.matchAll(QUOTED)].map(([, , text]) => text);
  for (const text of [...quoted, UNDEFINED.exec(message)?.[1] ?? ""]) {
    const found = text ? placeAmong(lines, text) : { line: 0, column: 0 };
    if (found.line > 0) return found;
  }
  return { line: 0, column: 0 };
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
 * A message without the lines of source that parsers put below it, which the problem's frame has.
 * @param {string} message
 */
function withoutFrame(message) {
  return message
    .replace(/^Transform failed with 1 error:\n\S+?:\d+:\d+: ERROR: /, "")
    .split(/\n(?:\s*>?\s*\d+\s*[:|]|At file:)/)[0]
    .trim();
}

/**
 * The lines around a place.
 * @param {string[]} lines
 * @param {number} line
 */
export function frameOf(lines, line) {
  if (line < 1) return "";
  const first = Math.max(1, line - AROUND);
  return lines
    .slice(first - 1, line + AROUND)
    .map(
      (text, at) =>
        `${first + at === line ? ">" : " "} ${first + at} | ${text.slice(0, LONGEST_LINE)}`,
    )
    .join("\n");
}
