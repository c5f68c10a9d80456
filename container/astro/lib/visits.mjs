// Which addresses of a site an edit concerns, where nobody looks: a page with parameters, and an
// endpoint, can be asked for only by an address that somebody has used.

import { existsSync } from "node:fs";
import path from "node:path";

/**
 * What is used of a module graph of Vite: an environment's, or the only one that Vite 5 has.
 * @typedef {{ file: string | null, importers: Set<Module> }} Module
 * @typedef {{ getModulesByFile(file: string): Set<Module> | undefined }} ModuleGraph
 */

const MOST_VISITS = 200;
const MOST_MODULES = 5000;
const MOST_OF_ROUTE = 4;
/** Modules and files that the server gives to pages. */
const OF_PAGES = /^(@|src\/|node_modules\/|_)/;
/** Names of sources, which the server gives to pages from wherever the site has them (`srcDir`). */
const SOURCE = /\.(astro|[cm]?[jt]sx?|vue|svelte|mdx?|css|scss|sass|less|styl|pcss|json)$/;
const PAGE = /\.(astro|md|mdx|markdown|mdoc|html)$/;
const ROUTE = /\.(astro|md|mdx|markdown|mdoc|html|[cm]?[jt]s)$/;

/** Addresses below the base that were asked for lately, without those that have a query. */
export class Visits {
  /** Whether the answer was HTML, by address; the latest come last. @type {Map<string, boolean>} */
  #html = new Map();
  #root;

  /** @param {string} [root] the site's folder */
  constructor(root) {
    this.#root = root;
  }

  /**
   * @param {string} address
   * @param {boolean} html
   */
  add(address, html) {
    if (/[?#]/.test(address) || OF_PAGES.test(address) || this.#isSource(address)) return;
    this.#html.delete(address);
    this.#html.set(address, html);
    if (this.#html.size > MOST_VISITS) this.#html.delete(this.#html.keys().next().value ?? "");
  }

  /** @param {string} address */
  #isSource(address) {
    return (
      this.#root !== undefined &&
      SOURCE.test(address) &&
      existsSync(path.join(this.#root, plain(address)))
    );
  }

  /** Those of pages, the latest first. */
  pages() {
    return [...this.#html].flatMap(([address, html]) => (html ? address : [])).reverse();
  }

  /**
   * Those that a file of `src/pages` answers by its name, the latest first.
   * @param {string} relative to that folder, with slashes
   */
  of(relative) {
    const pattern = patternOf(relative);
    return [...this.#html.keys()].filter((address) => pattern.test(`/${plain(address)}`)).reverse();
  }
}

/** @param {string} address */
function plain(address) {
  try {
    return decodeURI(address).replace(/\/$/, "");
  } catch {
    return address;
  }
}

/**
 * What addresses a file of `src/pages` has, with a slash in front and none at the end.
 * @param {string} relative
 */
function patternOf(relative) {
  const name = relative.replace(ROUTE, "").replace(/(^|\/)index$/, "");
  const parts = name.split("/").filter((part) => part !== "");
  const patterns = parts.map((part) =>
    /^\[\.\.\.[^\]]+\]$/.test(part)
      ? "(/.*)?"
      : `/${part.replace(/\[[^\]]+\]|[^[]+/g, (text) => (text.startsWith("[") ? "[^/]+" : literal(text)))}`,
  );
  return new RegExp(`^${patterns.join("") || "/"}/?$`);
}

/** @param {string} text */
function literal(text) {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}

/**
 * The addresses, below the base, of what the site makes of a file: that of a page without
 * parameters, and those that were used of other pages and of endpoints.
 * @param {{ server: import("./types.d.mts").Server | undefined, visits: Visits, file: string,
 *   folder: string }} options `folder` is that of the pages
 */
export function addressesOf({ server, visits, file, folder }) {
  const files = new Set([file, ...(server ? importersIn(server, file, folder) : [])]);
  const found = [...files].flatMap((each) => {
    const relative = path.relative(folder, each).split(path.sep).join("/");
    if (relative.startsWith("..") || !ROUTE.test(relative) || /(^|\/)_/.test(relative)) return [];
    const used = visits.of(relative);
    if (used.length > 0 || !PAGE.test(relative) || relative.includes("["))
      return used.slice(0, MOST_OF_ROUTE);
    const name = relative.replace(ROUTE, "").replace(/(^|\/)index$/, "");
    return [name.split("/").map(encodeURIComponent).join("/")];
  });
  return [...new Set(found)];
}

/**
 * Files below a folder that import a file, directly or not, in a module graph of the server's side.
 * @param {import("./types.d.mts").Server} server
 * @param {string} file
 * @param {string} folder
 */
function importersIn(server, file, folder) {
  const { environments, moduleGraph } = server;
  /** @type {(ModuleGraph | undefined)[]} */
  const graphs = environments
    ? Object.entries(environments)
        .filter(([name]) => name !== "client")
        .map(([, environment]) => /** @type {ModuleGraph} */ (environment.moduleGraph))
    : [moduleGraph];
  /** @type {Set<string>} */
  const found = new Set();
  for (const graph of graphs) {
    const seen = new Set(graph?.getModulesByFile(file) ?? []);
    for (const module of seen) {
      if (module.file?.startsWith(folder + path.sep)) found.add(module.file);
      if (seen.size > MOST_MODULES) break;
      for (const importer of module.importers) seen.add(importer);
    }
  }
  return found;
}
