// The lines that stacks of the site's errors name.
//
// A module runner (Vite 6 and later) runs modules with their source maps, so a stack names places in
// the sources. Astro has the stack of every error mapped again by `ssrFixStacktrace`, which is meant
// for modules of `ssrLoadModule`: the line that is named then is another one (bare Astro too).
//
// Of the modules that `ssrLoadModule` runs, Node.js maps those that were run while it was told to by
// a runner, such as the one that reads Astro's configuration. So each line of a stack is looked at:
// one that names the beginning of a part of the source, as the map has them, has been mapped.
//
// Astro calls it for each error that it has caught while it answered a request, before and after the
// first byte of the answer, and in every release; so this is also where those errors are noted.
//
// Packages lie outside of the project, and their folder is a link there. Astro takes every file of a
// stack for one of the project and puts the project's path before those that do not begin with it:
// the overlay and the log would name a file that does not exist, and show none of its lines.

import { realpathSync } from "node:fs";
import { SourceMap } from "node:module";
import path from "node:path";
import { rendering } from "./pages.mjs";
import { asError } from "./thrown.mjs";

/** A source map. @typedef {{ mappings: string }} Mappings */

/** What V8 puts before the text of a function that is made of it. */
const LINES_BEFORE = 2;
const PLACE = /((?:file:\/\/)?\/[^()\n]*?):(\d+):(\d+)(?=\)?$)/gm;
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const FRAME = /^\s+at .*?\(?((?:file:\/\/)?\/[^()]*?):\d+:\d+\)?$/gm;

/**
 * Map no stack of a module that a runner has run, name files of packages as the project has them, and
 * note whose request an error is of.
 * @param {import("./types.d.mts").Server} server
 * @param {string} root the project's folder
 */
export function keepMappedStacks(server, root) {
  const { environments, ssrFixStacktrace } = server;
  const packages = path.join(root, "node_modules");
  const folder = realFolder(packages);
  server.ssrFixStacktrace = (error) => {
    const asked = rendering.getStore();
    asked?.check?.caught(asError(error));
    asked?.answer?.failed();
    if (!environments) ssrFixStacktrace.call(server, error);
    const { stack = "" } = error;
    const mapped =
      !environments || ranBy(Object.values(environments), filesOf(stack))
        ? stack
        : mappedStack(stack, (id) => mapOf(environments.ssr?.moduleGraph.getModuleById(id)));
    const named = mapped.replaceAll(folder + path.sep, packages + path.sep);
    if (named === stack) return;
    try {
      error.stack = named;
    } catch {} // what a site throws may not be writable
  };
}

/**
 * Where a folder lies that may be a link; the folder itself where there is none.
 * @param {string} folder
 */
function realFolder(folder) {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

/**
 * The files that a stack names.
 * @param {string} stack
 */
function filesOf(stack) {
  return [...stack.matchAll(FRAME)].map(([, place]) =>
    place.replace(/^file:\/\//, "").replace(/\?.*$/, ""),
  );
}

/**
 * The map of a module's code to its source.
 * @param {{ transformResult: { map: unknown } | null } | undefined} module
 */
function mapOf(module) {
  const map = /** @type {Partial<Mappings> | null | undefined} */ (module?.transformResult?.map);
  return map?.mappings ? /** @type {Mappings} */ (map) : undefined;
}

/**
 * A stack with places in the sources.
 * @param {string} stack
 * @param {(id: string) => Mappings | undefined} mapOf a module's, by its id
 */
export function mappedStack(stack, mapOf) {
  return stack.replace(PLACE, (text, id, line, column) => {
    const map = mapOf(id);
    if (!map || beginnings(map).has(`${line - 1}:${column - 1}`)) return text;
    const generated = line - 1 - LINES_BEFORE;
    const entry = new SourceMap(/** @type {never} */ (map)).findEntry(generated, column - 1);
    if (!("originalLine" in entry) || entry.generatedLine !== generated) return text;
    return `${id}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

/**
 * Where the parts begin that a map divides its source into: `line:column`, counted from 0.
 * @param {Mappings} map
 */
function beginnings({ mappings }) {
  /** @type {Set<string>} */
  const places = new Set();
  let [line, column] = [0, 0];
  for (const segment of mappings.split(/[;,]/)) {
    const [, , lines, columns] = numbersIn(segment);
    if (columns === undefined) continue;
    line += lines;
    column += columns;
    places.add(`${line}:${column}`);
  }
  return places;
}

/**
 * The numbers of a segment of a source map, which are Base64 VLQ
 * (https://tc39.es/ecma426/#sec-base64-vlq).
 * @param {string} segment
 */
function numbersIn(segment) {
  /** @type {number[]} */
  const numbers = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = BASE64.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    numbers.push(value & 1 ? -(value >>> 1) : value >>> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}

/**
 * Whether one of the files was run by the runner of an environment.
 * @param {object[]} environments
 * @param {string[]} files
 */
function ranBy(environments, files) {
  return environments.some((environment) => {
    const { runner } = /** @type {Partial<import("vite").RunnableDevEnvironment>} */ (environment);
    return files.some((file) => (runner?.evaluatedModules.getModulesByFile(file)?.size ?? 0) > 0);
  });
}
