// What is wrong with a site now, and whether its open pages show the edits so far.
//
// Nothing is compiled or rendered for this before somebody asks: then the files that were changed
// are, with the pages that are open. What was wrong and is not any more is forgotten.

import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import path from "node:path";
import { STYLE } from "./events.mjs";
import { checkStyle } from "./style-check.mjs";
import { asError } from "./thrown.mjs";

/** @typedef {import("./messages.mjs").Problem} Problem */
/** @typedef {import("./types.d.mts").Thrown} Thrown */

const MOST_PROBLEMS = 10;
const MOST_CHANGED = 50;
const MOST_MODULES = 4;
const MOST_PAGES = 4;
const AROUND = 2;
const LONGEST_LINE = 160;
const SCRIPT = /\.([cm]?[jt]s|[jt]sx|svelte|vue)$/;
/** Files that no page is made of. */
const CONFIG = /(^|\/)[^/]+\.config\.[cm]?[jt]s$|\.d\.ts$/;

export class Verdicts {
  #root;
  #project;
  #server;
  #channel;
  #render;
  #site;
  /** By file or page. @type {Map<string, Problem>} */
  #problems = new Map();
  /** Files that were changed and not looked at since. @type {Set<string>} */
  #changed = new Set();
  /** One at a time. @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * `render(page)` asks the server for a page and gives the error of rendering it, if there is one;
   * `site()` gives the errors that are no module's. `root` is the site's folder; files are named
   * relative to the session's, `project`.
   * @param {{ root: string, project?: string, server: () => import("./types.d.mts").Server | undefined, channel:
   *   import("./hmr-channel.mjs").HmrChannel, render: (page: string) => Promise<Thrown |
   *   undefined>, site: () => import("./types.d.mts").Shows[] }} options
   */
  constructor({ root, project = root, server, channel, render, site }) {
    this.#root = root;
    this.#project = project;
    this.#server = server;
    this.#channel = channel;
    this.#render = render;
    this.#site = site;
  }

  /**
   * A file was changed.
   * @param {string} file
   */
  edited(file) {
    this.#changed.add(file);
    if (this.#changed.size > MOST_CHANGED)
      this.#changed.delete(this.#changed.values().next().value ?? "");
  }

  /**
   * The answer to a `check` message.
   * @param {import("./messages.mjs").Check} check
   * @returns {Promise<import("./messages.mjs").Checked>}
   */
  async check({ id, paths, ms, shown = true }) {
    const began = performance.now();
    const deadline = began + ms;
    const work = this.#last.then(() => this.#look(paths, deadline, shown));
    this.#last = work.catch(() => {});
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, ms, undefined)));
    const found = /** @type {{ pages: number, pending: number } | undefined} */ (
      await Promise.race([work, late])
    );
    clearTimeout(timer);
    const broken = [
      ...this.#problems.values(),
      ...this.#site().map((shown) =>
        problemOf(/** @type {Thrown} */ (shown), "site", this.#project),
      ),
    ];
    const browser = this.#channel.problems().map((told) => this.#placed(told));
    const failed = broken.length > 0 || browser.some(({ plugin }) => plugin !== "console");
    const outcome = failed
      ? "error"
      : !found || found.pending > 0
        ? "pending"
        : found.pages > 0
          ? "shown"
          : "rendered";
    const problems = [...broken, ...browser].slice(0, MOST_PROBLEMS);
    return {
      type: "checked",
      id,
      outcome,
      pages: found?.pages ?? 0,
      ms: Math.round((performance.now() - began) * 10) / 10,
      problems,
    };
  }

  /**
   * @param {string[]} paths
   * @param {number} deadline
   * @param {boolean} ask whether the open pages are asked
   */
  async #look(paths, deadline, ask) {
    await this.#channel.wave.over();
    await this.#channel.idle(deadline);
    const known = [...this.#problems]
      .filter(([, { source }]) => source === "module")
      .map(([file]) => file);
    const files = new Set([...paths, ...this.#changed, ...known]);
    for (const file of files) {
      if (performance.now() >= deadline) break; // the next check looks at those that are left
      this.#changed.delete(file);
      await this.#compile(file);
    }
    const broken = [...this.#problems.values()]
      .filter(({ source }) => source === "page")
      .map(({ page }) => page ?? "");
    const pages = new Set([
      ...this.#channel.pages(),
      ...broken,
      ...[...files].flatMap((file) => this.#pageOf(file)),
    ]);
    if (pages.size === 0) pages.add("");
    const shown = ask ? this.#channel.shown(deadline) : { pages: 0, pending: 0 };
    await Promise.all([...pages].slice(0, MOST_PAGES).map((page) => this.#renderPage(page)));
    return shown;
  }

  /**
   * The address below the base of a page without parameters that is made of this file; none for
   * other files.
   * @param {string} file
   */
  #pageOf(file) {
    const relative = path.relative(path.join(this.#root, "src/pages"), file);
    if (
      relative.startsWith("..") ||
      !/\.(astro|md|mdx|html)$/.test(relative) ||
      /[[\]]|(^|\/)_/.test(relative)
    )
      return [];
    const name = relative.replace(/\.[^.]+$/, "").replace(/(^|\/)index$/, "");
    return [name.split(path.sep).map(encodeURIComponent).join("/")];
  }

  /** @param {string} page */
  async #renderPage(page) {
    const error = await this.#render(page);
    const key = `/${page}`;
    this.#problems.delete(key);
    if (!error) return;
    const problem = { ...problemOf(error, "page", this.#project), page };
    // The file that cannot be compiled says so itself.
    const same = [...this.#problems.values()].some(
      ({ source, file }) => source === "module" && file === problem.file,
    );
    if (!same) this.#problems.set(key, problem);
  }

  /** @param {string} file */
  async #compile(file) {
    this.#problems.delete(file);
    const server = this.#server();
    if (!server) return;
    const works = modulesOf(server, file, this.#root);
    for (const work of works.length > 0 ? [...works, () => checkStyle(server, file)] : works) {
      try {
        await work();
      } catch (thrown) {
        const error = /** @type {Thrown} */ (asError(thrown));
        // It was taken away meanwhile, or nobody can load it by itself.
        if (
          error.code === "ERR_LOAD_URL" ||
          error.code === "ENOENT" ||
          error.code === "ERR_OUTDATED_OPTIMIZED_DEP"
        )
          continue;
        this.#problems.set(file, problemOf(error, "module", this.#project, file));
        return;
      }
    }
  }

  /**
   * A page's error with the place in the source, where its stack names a module of the site.
   * @param {{ kind: string, message: string, stack: string, page: string }} told
   * @returns {Problem}
   */
  #placed({ kind, message, stack, page }) {
    /** @type {Problem} */
    const problem = { source: "browser", message, plugin: kind, page };
    const place = /https?:\/\/[^/\s]+(\/[^\s:?)]*)[^\s:)]*:(\d+):(\d+)/.exec(stack);
    const server = this.#server();
    if (!place || !server) return problem;
    const url = place[1].startsWith(server.config.base)
      ? `/${place[1].slice(server.config.base.length)}`
      : place[1];
    const graph = server.environments?.client.moduleGraph ?? server.moduleGraph;
    const module = [...(graph.getModulesByFile(path.join(this.#root, url)) ?? [])].find(
      (each) => each.transformResult,
    );
    if (!module?.file) return problem;
    const [line, column] = [Number(place[2]), Number(place[3])];
    const map = module.transformResult?.map;
    const raw =
      map && "mappings" in map && map.mappings
        ? new SourceMap(/** @type {never} */ (map))
        : undefined;
    const entry = /** @type {{ originalLine?: number, originalColumn?: number }} */ (
      raw?.findEntry(line - 1, column - 1) ?? {}
    );
    const known = entry.originalLine !== undefined;
    const at = known
      ? { line: (entry.originalLine ?? 0) + 1, column: (entry.originalColumn ?? 0) + 1 }
      : { line, column };
    return {
      ...problem,
      file: path.relative(this.#project, module.file),
      ...at,
      frame: frameOf(module.file, at.line),
    };
  }
}

/**
 * Compiles what is made of a file, one function for each module.
 * @param {import("./types.d.mts").Server} server
 * @param {string} file
 * @param {string} root
 */
function modulesOf(server, file, root) {
  /** @type {(() => Promise<unknown>)[]} */
  const works = [];
  const relative = path.relative(root, file).split(path.sep).join("/");
  if (relative.startsWith("..") || relative.startsWith("public/") || CONFIG.test(relative))
    return works;
  const client = STYLE.test(file) || SCRIPT.test(file);
  const { environments } = server;
  const graphs = environments ? { client: environments.client, ssr: environments.ssr } : {};
  for (const [name, environment] of Object.entries(graphs)) {
    const urls = [...(environment?.moduleGraph.getModulesByFile(file) ?? [])]
      .map(({ url }) => url)
      .slice(0, MOST_MODULES);
    if (urls.length === 0 && client === (name === "client") && (client || file.endsWith(".astro")))
      urls.push(`/${relative}`);
    for (const url of urls) works.push(async () => environment?.transformRequest(url));
  }
  if (!environments && (client || file.endsWith(".astro")))
    works.push(() => server.transformRequest(`/${relative}`, { ssr: !client }));
  return works;
}

/**
 * @param {Thrown & { plugin?: string }} error
 * @param {Problem["source"]} source
 * @param {string} root
 * @param {string} [known] the file, where the error does not name it
 * @returns {Problem}
 */
function problemOf(error, source, root, known = "") {
  const named = error.loc?.file ?? error.id ?? known;
  const absolute = named.replace(/^file:\/\//, "").split("?")[0];
  const file = absolute.startsWith(root + path.sep)
    ? path.relative(root, absolute)
    : absolute.replace(/^\/+/, "");
  const line = Math.max(0, error.loc?.line ?? 0);
  const column = line > 0 ? Math.max(0, error.loc?.column ?? -1) + 1 : 0;
  const frame = plain(error.frame ?? "") || frameOf(path.join(root, file), line);
  const message = plain(error.message).replaceAll(root + path.sep, "");
  return {
    source,
    message,
    file,
    line,
    column,
    frame,
    plugin: error.plugin ?? "",
    fix: plain(error.hint ?? ""),
  };
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
function frameOf(file, line) {
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
