// What is wrong with a site now, and whether its open pages show the edits so far.
//
// Nothing is compiled or rendered for this before somebody asks: then the files that were changed
// are, with the pages that are open. What was wrong and is not any more is forgotten.

import { existsSync } from "node:fs";
import { SourceMap } from "node:module";
import path from "node:path";
import { Answers } from "./answers.mjs";
import { STYLE } from "./events.mjs";
import {
  distinct,
  fileNamed,
  frameOf,
  importerIn,
  isBehind,
  isSame,
  linesOf,
  pageFile,
  placeInStack,
  placeOf,
  problemOf,
} from "./problems.mjs";
import { checkStyle } from "./style-check.mjs";
import { SILENT, silence } from "./trial.mjs";
import { asError } from "./thrown.mjs";
import { addressesOf, Visits } from "./visits.mjs";

/** @typedef {import("./messages.mjs").Problem} Problem */
/** @typedef {import("./types.d.mts").Thrown} Thrown */

/**
 * A request for a page: after how many edits, whether the page is known for no answer, whether the
 * request has come to nothing, and what resolves when the outcome is known.
 * @typedef {{ edits: number, silent: boolean, ended: boolean, control: AbortController, known:
 *   Promise<void> }} Asked
 */

const MOST_PROBLEMS = 10;
const MOST_CHANGED = 50;
const MOST_MODULES = 4;
/** Of each kind: those that an edit concerns, and those that are open. */
const MOST_PAGES = 4;
const MOST_BROKEN_PAGES = 10;
/** How long what open pages ask for goes before what is checked here. */
const PAGES_FIRST_MS = 100;
/** A page that is not answered for so long is a problem. An answer that comes later counts. */
const SILENT_MS = 20_000;
/** How long a check waits for a page that is known for that, and that is not about the edit. */
const KNOWN_SILENT_MS = 500;
const GENERATED_LOOKS = 3;
const GENERATED_MS = 250;
const SCRIPT = /\.([cm]?[jt]s|[jt]sx|svelte|vue)$/;
/** Astro's error for a style or script that was removed from its component. */
const NO_PART = /^No (Astro CSS|script) at index \d+$/;
/** Files that no page is made of. */
const CONFIG = /(^|\/)[^/]+\.config\.[cm]?[jt]s$|\.d\.ts$/;

export class Verdicts {
  #root;
  #project;
  #folders;
  #server;
  #channel;
  #render;
  #site;
  #settled;
  #visits;
  #answers;
  #pages;
  #onLate;
  /** By file or page. @type {Map<string, Problem>} */
  #problems = new Map();
  /** Files that were changed and not looked at since. @type {Set<string>} */
  #changed = new Set();
  /** One at a time. @type {Promise<unknown>} */
  #last = Promise.resolve();
  /** How many edits there were. */
  #edits = 0;
  /** The last request for each page whose answer is not there. @type {Map<string, Asked>} */
  #asked = new Map();

  /**
   * `render(page)` asks the server for a page and gives the error of rendering it, if there is one;
   * `site()` gives the errors that are no module's, `settled()` resolves when they are those of the
   * last edit; `visits` are the addresses in use, `answers`
   * what browsers got; `onLate()` is called when what is wrong changes after a check. `root` is the
   * site's folder; files are named relative to the session's,
   * `project`. `pages()` is the folder of the pages, which is where the site's configuration has it.
   * @param {{ root: string, project?: string, server: () => import("./types.d.mts").Server | undefined, channel:
   *   import("./hmr-channel.mjs").HmrChannel, render: (page: string, signal: AbortSignal) => Promise<Thrown |
   *   undefined>, site: () => import("./types.d.mts").Shows[], settled?: () => Promise<void>, visits?:
   *   Visits, answers?: Answers, pages?: () => string, onLate?: () => void }} options
   */
  constructor({
    root,
    project = root,
    server,
    channel,
    render,
    site,
    settled = async () => {},
    visits = new Visits(),
    answers = new Answers(),
    pages = () => path.join(root, "src", "pages"),
    onLate = () => {},
  }) {
    this.#root = root;
    this.#project = project;
    this.#folders = { root: project, site: root };
    this.#server = server;
    this.#channel = channel;
    this.#render = render;
    this.#site = site;
    this.#settled = settled;
    this.#visits = visits;
    this.#answers = answers;
    this.#pages = pages;
    this.#onLate = onLate;
  }

  /**
   * A file was changed.
   * @param {string} file
   */
  edited(file) {
    this.#edits++;
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
    const looked = /** @type {{ pages: number, pending: number } | undefined} */ (
      await Promise.race([work, late])
    );
    clearTimeout(timer);
    const found = [...distinct(this.#problems.values())];
    const site = this.#site()
      .map((shown) => problemOf(/** @type {Thrown} */ (shown), "site", this.#folders))
      .filter((problem) => !found.some((each) => isSame(each, problem)));
    const broken = [...found, ...site];
    const browser = this.#channel.problems().map((told) => this.#placed(told));
    const failed = broken.length > 0 || browser.some(({ plugin }) => plugin !== "console");
    const outcome = failed
      ? "error"
      : !looked || looked.pending > 0
        ? "pending"
        : looked.pages > 0
          ? "shown"
          : "rendered";
    const problems = [...broken, ...browser].slice(0, MOST_PROBLEMS);
    return {
      type: "checked",
      id,
      outcome,
      pages: looked?.pages ?? 0,
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
    if (!(await within(deadline, this.#settled()))) return undefined;
    await this.#channel.wave.over();
    await this.#channel.idle(deadline);
    const times = { since: performance.now(), deadline }; // what is rendered from now on has the edit
    const wrong = [...this.#problems]
      .filter(([, { source }]) => source === "module")
      .map(([file]) => file);
    const files = new Set([...paths, ...this.#changed, ...wrong]);
    // The pages have the edit already. What is rendered for them need not be compiled again, so
    // they go first, unless one of them does not come to an end.
    const shown = Promise.resolve(ask ? this.#channel.shown(deadline) : { pages: 0, pending: 0 });
    await Promise.race([shown, new Promise((resolve) => setTimeout(resolve, PAGES_FIRST_MS))]);
    for (const file of files) {
      if (performance.now() >= deadline) break; // the next check looks at those that are left
      this.#changed.delete(file);
      await this.#compile(file);
    }
    const { pages, concerned } = this.#pagesToAsk(files);
    for (const page of this.#asked.keys()) pages.add(page); // an earlier check was over before
    const known = await Promise.all(
      [...pages].map(async (page) => {
        const isKnown = this.#asked.get(page)?.silent === true && !concerned.has(page);
        const until = isKnown ? Math.min(deadline, performance.now() + KNOWN_SILENT_MS) : deadline;
        return (await within(until, this.#renderPage(page, times))) || isKnown;
      }),
    );
    return known.every(Boolean) ? shown : undefined;
  }

  /**
   * Addresses below the base: of pages that are made of these files, of open pages, and of those
   * that were broken. For a file that no page is known to be made of, and nobody looks: the pages
   * that were looked at last.
   * @param {Set<string>} files
   */
  #pagesToAsk(files) {
    const common = { server: this.#server(), visits: this.#visits, folder: this.#pages() };
    const concerned = [...files].flatMap((file) => addressesOf({ ...common, file }));
    const open = [...this.#channel.pages()];
    const broken = [...this.#problems.values()].flatMap(({ source, page }) =>
      source === "page" ? (page ?? "") : [],
    );
    const unknown = files.size > 0 && concerned.length === 0 && open.length === 0;
    const last = unknown ? this.#visits.pages().slice(0, MOST_PAGES - 1) : [];
    const pages = new Set([
      ...broken,
      ...concerned.slice(0, MOST_PAGES),
      ...open.slice(0, MOST_PAGES),
      ...last,
    ]);
    if (unknown || pages.size === 0) pages.add("");
    pages.delete("500"); // the site's page for errors has that status
    return { pages, concerned: new Set(concerned) };
  }

  /**
   * Have what is wrong with a page known. One that is not answered is, too, and the answer counts
   * when it comes. Who asks again without an edit between gets the outcome of the same request.
   * @param {string} page
   * @param {{ since: number, deadline: number }} times `since` is when all edits were handled
   * @returns {Promise<void>}
   */
  #renderPage(page, times) {
    const before = this.#asked.get(page);
    if (before?.edits === this.#edits && !before.ended) return before.known;
    before?.control.abort();
    /** @type {Asked} */
    const asked = {
      edits: this.#edits,
      silent: before?.silent === true,
      ended: false,
      control: new AbortController(),
      known: Promise.resolve(),
    };
    this.#asked.set(page, asked);
    asked.known = this.#ask(page, asked, times);
    return asked.known;
  }

  /**
   * Render a page, unless an open one was rendered without an error since all edits were handled.
   * @param {string} page
   * @param {Asked} asked
   * @param {{ since: number, deadline: number }} times
   */
  async #ask(page, asked, times) {
    const answered = async (/** @type {Thrown | undefined} */ error) => {
      await this.#noteAnswer(page, error, asked);
      if (this.#asked.get(page) !== asked) return;
      this.#asked.delete(page);
      if (performance.now() > times.deadline) this.#onLate();
    };
    if (await this.#answers.isWhole(page, times)) return answered(undefined);
    const rendering = this.#render(page, asked.control.signal);
    if (await within(performance.now() + SILENT_MS, rendering)) return answered(await rendering);
    if (this.#asked.get(page) !== asked) return;
    asked.silent = true;
    this.#note(page, silence(SILENT_MS));
    this.#onLate();
    void rendering.then((error) => {
      asked.ended = true;
      return error?.code === SILENT ? undefined : answered(error);
    });
  }

  /**
   * @param {string} page
   * @param {Thrown | undefined} error
   * @param {Asked} asked
   */
  async #noteAnswer(page, error, asked) {
    const key = `/${page}`;
    const isLast = () => this.#asked.get(page) === asked; // and no edit was made since
    // Astro writes its generated files a moment after an edit that heals them.
    for (
      let left = GENERATED_LOOKS;
      error && left > 0 && isLast() && this.#problems.has(key) && !this.#isOfSite(error);
      left--
    ) {
      await new Promise((resolve) => setTimeout(resolve, GENERATED_MS));
      error = await this.#render(page, asked.control.signal);
    }
    if (!isLast()) return;
    this.#problems.delete(key);
    if (error) this.#note(page, error);
  }

  /**
   * What is wrong with a page.
   * @param {string} page
   * @param {Thrown} error
   */
  #note(page, error) {
    const key = `/${page}`;
    this.#problems.delete(key);
    const problem = { ...problemOf(error, "page", this.#folders), page };
    if (!this.#isOfSite(error)) Object.assign(problem, this.#ofGenerated(error, page));
    const same = [...this.#problems.values()].some((each) => isBehind(each, problem));
    const known = [...this.#problems.values()].filter((each) => each.source === "page").length;
    if (!same && known < MOST_BROKEN_PAGES) this.#problems.set(key, problem);
  }

  /**
   * Whether an error says where in the project it is: in a file that is not a package's.
   * @param {Thrown} error
   */
  #isOfSite(error) {
    const file = placeInStack(error, this.#project)?.file ?? error.loc?.file ?? error.id ?? "";
    const absolute = fileNamed(file, this.#folders);
    // Astro puts the site's folder in front of a file that is outside of it.
    return (
      absolute.startsWith(this.#project + path.sep) &&
      !absolute.includes(`${path.sep}node_modules${path.sep}`) &&
      existsSync(absolute)
    );
  }

  /**
   * The place of an error in a module that Astro has made, or in Astro: the file that the module
   * was made for, else that of the page.
   * @param {Thrown} error
   * @param {string} page
   */
  #ofGenerated({ frame = "", id = "", message, stack = "" }, page) {
    const importer = importerIn([id, frame, stack].join("\n"), this.#root);
    const found = importer || pageFile(this.#pages(), page);
    const quoted = /[`'"]([^`'"]+)[`'"]/.exec(importer ? message : "")?.[1];
    const { line, column } = placeOf(found, quoted);
    return {
      file: found && path.relative(this.#project, found),
      line,
      column,
      frame: frameOf(linesOf(found), line),
    };
  }

  /** @param {string} file */
  async #compile(file) {
    this.#problems.delete(file);
    const server = this.#server();
    // What is wrong without it is an error of the pages that need it.
    if (!server || !existsSync(file)) return;
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
          error.code === "ERR_OUTDATED_OPTIMIZED_DEP" ||
          NO_PART.test(error.message)
        )
          continue;
        this.#problems.set(file, problemOf(error, "module", this.#folders, file));
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
      frame: frameOf(linesOf(module.file), at.line),
    };
  }
}

/**
 * Resolves with a promise, or at a time: whether that promise was first.
 * @param {number} deadline
 * @param {Promise<unknown>} promise
 */
async function within(deadline, promise) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, Math.max(0, deadline - performance.now()), false);
  });
  return await Promise.race([promise.then(() => true), late]).finally(() => clearTimeout(timer));
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
  const { publicDir } = server.config; // of the site's configuration; empty where there is none
  const isPublic = publicDir !== "" && file.startsWith(publicDir + path.sep);
  if (relative.startsWith("..") || isPublic || CONFIG.test(relative)) return works;
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
