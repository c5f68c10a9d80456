// What components were compiled to before. An undo brings back texts that were compiled a moment
// ago, as does an agent that tries one thing after another.
//
// A compilation depends on more than the text. One is taken from memory only where nothing else can
// have changed:
// - all edits since were of Astro components and stylesheets; any other edit, and any file that comes
//   or goes, forgets everything. So where imports lead is the same. A restart has new environments,
//   and nothing is known of those;
// - the component has neither styles nor scripts, which are separate modules and depend on what
//   they import, and is not a page, of which Astro keeps lists;
// - its source names nothing that plugins keep lists of by file: `import.meta` (globs, the
//   environment, assets), `import()`;
// - it imports what the present version does, and Astro and Vite have noted the same of it besides,
//   so that the module graph is as it would be;
// - every plugin that may have seen it is Vite's or Astro's (or Preact's, which is for islands).
//   Another one may want to see every version;
// - Astro has compiled what is in the file, unchanged by anyone.

import { AsyncLocalStorage } from "node:async_hooks";
import { readFile } from "node:fs/promises";
import { COMPONENT, onImportsMoved } from "./events.mjs";

const MOST_VERSIONS = 1000;
const MOST_CHARACTERS = 16 << 20;
/** An `import` that is not a plain statement, and islands: plugins keep lists of these. */
const NOT_KEPT = /\bimport\b(?!\s+[\w{*"'])|\b(?:server|client):/;
const PAGES = "/pages/";
/** Plugins that do the same with a component each time. */
const KNOWN = /^(?:astro|astro-live|vite|builtin|virtual:astro|preact|prefresh)(?::|$)/;

/**
 * What Astro notes of a component when it has compiled it (`originalCode` is the source), and
 * where.
 * @typedef {{ originalCode?: string, css?: unknown[], scripts?: unknown[] }} Noted
 * @typedef {{ notes: Map<string, Noted>, file: string, noted: Noted }} Compiled
 * @typedef {import("vite").EnvironmentModuleNode} Module
 * @typedef {Compiled & { source: string, characters: number, result:
 *   import("vite").TransformResult, present: string }} Version
 */

/**
 * What is compiled right now: `compiled` is what Astro noted last in it.
 * @type {AsyncLocalStorage<{ compiled?: Compiled }>}
 */
const compiling = new AsyncLocalStorage();

/**
 * In the place of Astro's `notes.set(file, noted)` (accelerations.mjs).
 * @param {Map<string, Noted>} notes
 * @param {string} file
 * @param {Noted} noted
 */
export function compiled(notes, file, noted) {
  notes.set(file, noted);
  const work = compiling.getStore();
  if (work) work.compiled = { notes, file, noted };
}

/** A bounded memory; what was used longest ago goes first. */
export class Versions {
  /** By module and source. @type {Map<string, Version>} */
  #known = new Map();
  #characters = 0;

  /**
   * @param {string} id
   * @param {string} source
   */
  get(id, source) {
    const key = `${id}\0${source}`;
    const found = this.#known.get(key);
    if (found) {
      this.#known.delete(key);
      this.#known.set(key, found);
    }
    return found;
  }

  /**
   * @param {string} id
   * @param {Version} version
   */
  keep(id, version) {
    const key = `${id}\0${version.source}`;
    this.#characters += version.characters - (this.#known.get(key)?.characters ?? 0);
    this.#known.delete(key);
    this.#known.set(key, version);
    for (const [oldest, { characters }] of this.#known) {
      if (this.#known.size <= MOST_VERSIONS && this.#characters <= MOST_CHARACTERS) break;
      this.#known.delete(oldest);
      this.#characters -= characters;
    }
  }

  get size() {
    return this.#known.size;
  }

  /** How often all was forgotten. */
  forgotten = 0;

  clear() {
    this.#known.clear();
    this.#characters = 0;
    this.forgotten++;
  }
}

/**
 * Have a Vite server's environments for pages take components from memory.
 * @param {import("./types.d.mts").Server} server
 */
export function keepComponents({ environments, watcher }) {
  const memories = Object.values(environments ?? {})
    .filter(({ config }) => config.consumer === "server")
    .map((environment) => {
      const versions = new Versions();
      remember(environment, versions);
      return versions;
    });
  const forget = () => {
    for (const versions of memories) versions.clear();
  };
  onImportsMoved(watcher, forget);
}

/**
 * @param {import("vite").DevEnvironment} environment
 * @param {Versions} versions
 */
export function remember(environment, versions) {
  const { moduleGraph, transformRequest } = environment;
  /** @type {boolean | undefined} */
  let possible;
  environment.transformRequest = async (url) => {
    const module = moduleGraph.urlToModuleMap.get(url);
    const file = module?.id ?? "";
    possible ??= environment.plugins.every(({ name, transform }) => !transform || KNOWN.test(name));
    if (!module || module.transformResult || !possible || !COMPONENT.test(file))
      return transformRequest.call(environment, url);
    await restore(environment, module, versions);
    const { forgotten } = versions;
    /** @type {{ compiled?: Compiled }} */
    const work = {};
    const result = await compiling.run(work, () => transformRequest.call(environment, url));
    const unchanged = forgotten === versions.forgotten && module.transformResult === result;
    if (result && unchanged && work.compiled?.file === file)
      keep(module, versions, { ...work.compiled, result });
    return result;
  };
}

/**
 * Keep what a component has just been compiled to, if it depends on nothing else.
 * @param {Module} module
 * @param {Versions} versions
 * @param {Compiled & { result: import("vite").TransformResult }} made
 */
function keep(module, versions, made) {
  const { originalCode: source, css, scripts } = made.noted;
  if (source === undefined || css?.length !== 0 || scripts?.length !== 0) return;
  if (NOT_KEPT.test(source) || made.file.includes(PAGES)) return;
  const { code, map } = made.result;
  const mapped = map && "mappings" in map ? map.mappings.length : 0;
  const characters = 3 * source.length + code.length + mapped;
  versions.keep(made.file, { ...made, source, characters, present: presentOf(module) });
}

/**
 * Give a module that was invalidated what its file was compiled to before.
 * @param {import("vite").DevEnvironment} environment
 * @param {Module} module
 * @param {Versions} versions
 */
async function restore({ moduleGraph }, module, versions) {
  const file = module.id ?? "";
  if (versions.size === 0) return;
  const before = module.lastInvalidationTimestamp;
  const source = await readFile(file, "utf8").catch(() => undefined);
  const found = source === undefined ? undefined : versions.get(file, source);
  if (!found || module.transformResult || module.lastInvalidationTimestamp !== before) return;
  // What Vite only has to look through again, it takes from its own memory.
  const { invalidationState } = /** @type {{ invalidationState?: unknown }} */ (module);
  if (typeof invalidationState === "object" && invalidationState !== null) return;
  if (found.present !== presentOf(module)) return;
  found.notes.set(file, found.noted);
  moduleGraph.updateModuleTransformResult(module, found.result);
}

/**
 * What Vite's graph has of a module: what it imports, and what plugins have noted of it.
 * @param {Module} module
 */
function presentOf({ importedModules, meta }) {
  return JSON.stringify([[...importedModules].map(({ url }) => url), meta ?? null]);
}
