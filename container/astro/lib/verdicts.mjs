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
/** Requests for such a page that are left open. */
const MOST_OPEN = 3;
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
  /** The last request for each page: its answer counts. @type {Map<string, number>} */
  #asked = new Map();
  #number = 0;
  #edits = 0;
  /** Requests whose outcome is waited for. @type {Map<string, { edits: number, work: Promise<void> }>} */
  #under = new Map();
  /** Requests without an answer, by page. @type {Map<string, number>} */
  #open = new Map();
  /** Pages that were not answered. @type {Set<string>} */
  #silent = new Set();

  /**
   * `render(page)` asks the server for a page and gives the error of rendering it, if there is one;
   * `site()` gives the errors that are no module's, `settled()` resolves when they are those of the
   * last edit; `visits` are the addresses in use, `answers`
   * what browsers got; `onLate()` is called when what is wrong changes after a check. `root` is the
   * site's folder; files are named relative to the session's,
   * `project`. `pages()` is the folder of the pages, which is where the site's configuration has it.
   * @param {{ root: string, project?: string, server: () => import("./types.d.mts").Server | undefined, channel:
   *   import("./hmr-channel.mjs").HmrChannel, render: (page: string) => Promise<Thrown |
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
    for (const page of this.#under.keys()) pages.add(page); // an earlier check was over before
    const known = await Promise.all(
      [...pages].map(async (page) => {
        const other = this.#silent.has(page) && !concerned.has(page);
        if (other && (this.#open.get(page) ?? 0) >= MOST_OPEN) return true;
        const until = other ? Math.min(deadline, performance.now() + KNOWN_SILENT_MS) : deadline;
        return (await within(until, this.#renderPage(page, times))) || other;
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
   * Render a page, unless an open one was rendered without an error since all edits were handled.
   * Resolves when what is wrong with it is known. One that is not answered is, too: the answer
   * counts when it comes.
   * @param {string} page
   * @param {{ since: number, deadline: number }} times `since` is when they were
   */
  #renderPage(page, times) {
    const under = this.#under.get(page);
    if (under?.edits === this.#edits) return under.work; // it shows what there is
    const work = this.#askFor(page, times);
    const entry = { edits: this.#edits, work };
    this.#under.set(page, entry);
    const done = () => this.#under.get(page) === entry && this.#under.delete(page);
    work.then(done, done);
    return work;
  }

  /**
   * @param {string} page
   * @param {{ since: number, deadline: number }} times
   */
  async #askFor(page, times) {
    const number = ++this.#number;
    this.#asked.set(page, number);
    const isLast = () => this.#asked.get(page) === number;
    const answered = async (/** @type {Thrown | undefined} */ error) => {
      if (!isLast()) return;
      this.#silent.delete(page);
      await this.#noteAnswer(page, error, isLast);
      if (isLast()) this.#asked.delete(page);
      if (performance.now() > times.deadline) this.#onLate();
    };
    if (await this.#answers.isWhole(page, times)) return answered(undefined);
    this.#open.set(page, (this.#open.get(page) ?? 0) + 1);
    const rendering = this.#render(page).finally(() => {
      const left = (this.#open.get(page) ?? 1) - 1;
      if (left > 0) this.#open.set(page, left);
      else this.#open.delete(page);
    });
    if (await within(performance.now() + SILENT_MS, rendering)) return answered(await rendering);
    if (!isLast()) return;
    this.#silent.add(page);
    this.#note(page, silence(SILENT_MS));
    this.#onLate();
    void rendering.then((error) => (error?.code === SILENT ? undefined : answered(error)));
  }

  /**
   * @param {string} page
   * @param {Thrown | undefined} error
   * @param {() => boolean} isLast whether nobody has asked for the page since
   */
  async #noteAnswer(page, error, isLast) {
    const key = `/${page}`;
    // Astro writes its generated files a moment after an edit that heals them.
    for (
      let left = GENERATED_LOOKS;
      error && left > 0 && this.#problems.has(key) && !this.#isOfSite(error);
      left--
    ) {
      await new Promise((resolve) => setTimeout(resolve, GENERATED_MS));
      error = await this.#render(page);
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
