// The stream of file events between Vite's watcher and its listeners. Three sources feed it (native
// events, polling, notices from the parent), so one write may be told several times: the first
// teller wins. It also measures file event → HMR message.

import { hash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { CONTENT_CONFIG } from "./collections.mjs";
import { TEMPORARY } from "./messages.mjs";
import { Scripts } from "./scripts.mjs";
import { StableWatcher } from "./stable-watcher.mjs";
import { Unresolved } from "./unresolved.mjs";

const FILE_EVENTS = new Set(["add", "change", "unlink"]);
const LARGEST_HASHED = 4 << 20;
const ANSWER_MS = 10_000;
/** Listeners of a session's plugins for one kind of event (component-parts.mjs, component-memory.mjs and others). */
const MOST_OWN_LISTENERS = 6;
/**
 * Edits that may be behind one message: the time that a collection takes to be written and read
 * again.
 */
const TOGETHER_MS = 1000;
/** What listeners know of a file that was gone when its event came. */
const UNSURE = "unsure";
/** As many as a batch of the API has. */
const MOST_RECENT = 1000;
/** Files of which a server that a restart makes hears when it serves. */
const MOST_MISSED = 10_000;
/**
 * chokidar drops a second change of the same file within 50 ms, for good. Look again once that time
 * is over.
 */
const SECOND_LOOK_MS = 75;
/**
 * Writers empty a file before they fill it, and the event of the first step is quick enough to find
 * it so. Vite would send an empty module to the page. Look again this often, this far apart; a file
 * that is still empty then is meant to be.
 */
const EMPTY_LOOKS = 12;
const EMPTY_LOOK_MS = 4;
/** Modules of Astro that ask for a reload themselves; its `module-loader` passes Vite's on. */
const ASTROS_OWN = /[\\/]astro[\\/]dist[\\/](?!core[\\/]module-loader[\\/])/;
/** Kinds of files whose changes end with their listeners. */
const PLAIN = new Set(["astro", "css", "component", "script"]);
/** Files whose text the server renders pages from. */
const RENDERED =
  /\.(astro|md|mdx|mdoc|markdown|html|json|ya?ml|toml|[cm]?[jt]s|[jt]sx|svelte|vue)$/;
/**
 * Stylesheets, by file name or by the address of a module: an Astro component's `<style>` is
 * `…?astro&type=style&index=0&lang.css`.
 */
export const STYLE = /\.(css|less|s[ac]ss|styl(us)?|pcss|postcss|sss)(\?|$)/;
/** Astro components by the name of the module: what is made of one besides has a query. */
export const COMPONENT = /^\/[^\0?#]*\.astro$/;

/**
 * Call `listener` when an edit may lead imports to other files than before: one of anything but
 * components and stylesheets, or a file that comes or goes. It is called before other listeners.
 * @param {import("./types.d.mts").Server["watcher"]} watcher
 * @param {() => void} listener
 */
export function onImportsMoved(watcher, listener) {
  for (const event of /** @type {const} */ (["add", "unlink"]))
    watcher.prependListener(event, listener);
  watcher.prependListener("change", (file) => {
    if (!COMPONENT.test(file) && !STYLE.test(file)) listener();
  });
}

/**
 * Kind of a source file, for reports and metrics.
 * @param {string} root
 * @param {string} file
 */
export function kindOf(root, file) {
  const relative = path.relative(root, file);
  if (/^astro\.config\.[cm]?[jt]s$/.test(relative)) return "config";
  if (STYLE.test(file)) return "css";
  if (file.endsWith(".astro")) return "astro";
  if (/^src[/\\]content[/\\]/.test(relative) || /\.(md|mdx|mdoc)$/.test(file)) return "content";
  if (/\.(jsx|tsx|svelte|vue)$/.test(file)) return "component";
  if (/\.[cm]?[jt]s$/.test(file)) return "script";
  return "other";
}

/**
 * State of a file that tells two versions apart: gone, or its time, size and content.
 * @param {string} file
 */
function fingerprint(file) {
  try {
    const stat = statSync(file, { bigint: true });
    if (!stat.isFile()) return "not-a-file";
    const content = stat.size > LARGEST_HASHED ? "" : hash("sha1", readFileSync(file), "base64");
    return `${stat.mtimeNs}:${stat.size}:${content}`;
  } catch {
    return "gone";
  }
}

/** @param {import("./types.d.mts").Server} server */
function graphsOf({ environments, moduleGraph }) {
  return environments
    ? Object.values(environments).map((environment) => environment.moduleGraph)
    : [moduleGraph];
}

/**
 * Whether modules of a Vite server were made of this file.
 * @param {import("./types.d.mts").Server} server
 * @param {string} file
 */
function isKnown(server, file) {
  return graphsOf(server).some((graph) => (graph?.getModulesByFile(file)?.size ?? 0) > 0);
}

/**
 * Have a Vite server forget what it made of a file, now. Vite itself does so once each plugin's
 * `watchChange` is done, and Astro loads the content configuration 50 ms after its edit: on a busy
 * machine, or with a slow plugin, it would get the schema of before and take it for the new one
 * (it notes the file's digest), for good.
 * @param {import("./types.d.mts").Server} server
 * @param {string} file
 */
function forget(server, file) {
  for (const graph of graphsOf(server)) graph?.onFileChange(file);
}

/** @param {string} file */
function isEmpty(file) {
  try {
    const stat = statSync(file);
    return stat.isFile() && stat.size === 0;
  } catch {
    return false;
  }
}

/** @typedef {(event: string, ...args: unknown[]) => boolean} Pass */
/**
 * A Vite server that is attached: `pass` has its listeners hear of an event, `emit` does without
 * anybody noting it.
 * @typedef {{ server: import("./types.d.mts").Server, pass: Pass, emit: Pass }} Attached
 */

/**
 * Watches over one session's file events. Lives as long as the session; `attach` each server that
 * Vite makes, and `follow` the one that serves.
 */
export class FileEvents {
  #root;
  #onUpdate;
  #onEdit;
  /**
   * What each file was when it was last news.
   * @type {Map<string, { state: string, added: boolean }>}
   */
  #seen = new Map();
  #working = 0;
  /** Empty files that may be filled. */
  #settling = 0;
  /**
   * Files that a loader of a collection has read. It finds them by itself when it reads a whole
   * folder, so it may know one whose addition nobody has reported, and then nobody reports its end.
   * @type {Set<string>}
   */
  #read = new Set();
  /** @type {{ file: string, at: number } | undefined} */
  #waiting;
  /**
   * The latest edits that a message to pages may be about, and whether pages show such files without
   * a reload.
   * @type {{ at: number, shows: boolean }[]}
   */
  #recent = [];
  /** Number of the newest edit. */
  edits = 0;
  /** How often pages were told that the server renders something else. */
  renders = 0;
  /** By watcher. @type {WeakMap<object, Attached>} */
  #attached = new WeakMap();
  /** The server whose listeners hear of events. @type {Attached | undefined} */
  #current;
  /** The server that a restart is to replace. @type {Attached | undefined} */
  #before;
  /** The one that it has made, until that is followed. @type {Attached | undefined} */
  #coming;
  /**
   * What happened to files since that restart has begun: the server that it makes has looked at some
   * of them before, and hears of nothing until it serves.
   * @type {Map<string, string>}
   */
  #missed = new Map();
  /** Whether nobody has to hear of a file's events. @type {(file: string) => boolean} */
  isSilent = () => false;
  /**
   * What the site's `astro dev --config` names, relative to the site. Astro compares the paths of
   * edited files with it as it stands, although they are absolute.
   */
  configuration = "";
  /**
   * Called when listeners are done with the change of a file.
   * @type {(file: string) => void}
   */
  onHandled = () => {};
  /** Imports that wait for a file. */
  unresolved = new Unresolved();
  /** The scripts of components that pages have. */
  scripts = new Scripts();
  /** For listeners that outlive a Vite server. */
  stable = new StableWatcher().setMaxListeners(0);

  /**
   * `onUpdate({ kind, path, ms })` is called when an HMR message has answered a file event,
   * `onEdit(event, path)` for each event.
   * @param {string} root
   * @param {(update: Omit<import("./messages.mjs").Update, "type">) => void} onUpdate
   * @param {(event: string, file: string) => void} [onEdit]
   */
  constructor(root, onUpdate, onEdit = () => {}) {
    this.#root = root;
    this.#onUpdate = onUpdate;
    this.#onEdit = onEdit;
  }

  /**
   * Put this between the watcher of a Vite server and its listeners. They hear of events once the
   * server is followed, as the first one is at once.
   * @param {import("./types.d.mts").Server} server
   */
  attach(server) {
    const { watcher } = server;
    if (this.#attached.has(watcher)) return;
    if (this.#current && !this.#before) this.restarting();
    makeRoom(/** @type {import("node:events").EventEmitter} */ (watcher));
    const emit = /** @type {(event: string, ...values: unknown[]) => boolean} */ (
      watcher.emit
    ).bind(watcher);
    const pass = (/** @type {string} */ event, /** @type {unknown[]} */ ...args) => {
      if (!FILE_EVENTS.has(event)) {
        const follows = this.#current?.server.watcher === watcher;
        if (follows && event !== "error") this.stable.emit(event, ...args);
        return event === "all" && !follows ? true : emit(event, ...args);
      }
      this.#miss(event, String(args[0]));
      this.stable.pass(event, String(args[0]), ...args.slice(1));
      if (CONTENT_CONFIG.test(String(args[0]))) forget(server, String(args[0]));
      const named = this.configuration && args[0] === path.resolve(this.#root, this.configuration);
      const passed = this.#call(watcher, event, args);
      return named ? emit("change", this.configuration) : passed;
    };
    const attached = { server, pass, emit };
    this.#attached.set(watcher, attached);
    if (this.#current) this.#coming = attached;
    else this.follow(server);
    const news = (
      /** @type {string} */ heard,
      /** @type {string} */ file,
      /** @type {unknown[]} */ ...rest
    ) => {
      const told = this.#seen.get(file)?.state;
      const before = told ?? "gone";
      // It is there again, and the system has lost its addition, or tells it later: what acts on
      // additions alone (routes, globs) would go on without the file.
      const again = told === "gone" || told === UNSURE;
      const event = heard === "change" && again ? "add" : heard;
      const current = this.#current;
      if (!current || !this.#isNews(event, file)) return false;
      if (this.#isEnvironment(file))
        return current.emit(
          "change",
          this.configuration || path.join(this.#root, "astro.config.mjs"),
        );
      const passed = current.pass(event, file, ...rest);
      // A file that was deleted and is there again: Vite and Astro take it for a new one, and keep
      // what they made of the old one.
      if (event === "add" && isKnown(current.server, file)) current.pass("change", file);
      // Another text of a file has nobody find it who did not, unless it says where others are.
      const found = event === "change" && before !== "gone" && !file.endsWith(".json");
      if (event !== "unlink" && !found) this.unresolved.look();
      if (this.#isSource(file)) this.#onEdit(event, file);
      return passed;
    };
    const settled = (
      /** @type {number} */ looks,
      /** @type {string} */ event,
      /** @type {string} */ file,
      /** @type {unknown[]} */ ...rest
    ) => {
      if (event === "unlink" || looks === 0 || !isEmpty(file)) return news(event, file, ...rest);
      const again = () => {
        this.#settling--;
        settled(looks - 1, event, file, ...rest);
      };
      this.#settling++;
      setTimeout(again, EMPTY_LOOK_MS).unref();
      return true;
    };
    watcher.emit = (/** @type {string} */ event, /** @type {unknown[]} */ ...args) => {
      if (!FILE_EVENTS.has(event)) return pass(event, ...args);
      const file = String(args[0]);
      if (this.isSilent(file) || file.endsWith(TEMPORARY)) return true;
      // A deletion that is heard late: the file has been written again, and that may have been
      // passed on before.
      const known = event === "unlink" && fingerprint(file) !== "gone" ? "change" : event;
      return settled(EMPTY_LOOKS, known, file, ...args.slice(1));
    };
  }

  /**
   * Listeners of this server, which is attached, hear of events from now on.
   * @param {import("./types.d.mts").Server} server
   */
  follow({ watcher }) {
    const current = this.#attached.get(watcher);
    if (!current || current === this.#current) return;
    this.#current = current;
    this.#coming = undefined;
    this.stable.follow(watcher);
    this.unresolved.watch((importer) => current.pass("change", importer));
  }

  /**
   * A restart begins: what the server to come looks for from now on may be edited before it serves.
   */
  restarting() {
    this.#before = this.#current;
    this.#missed.clear();
  }

  /**
   * The restart has ended: tell the server that it has made what was edited since. Somebody else
   * does for `others`.
   * @param {Set<string>} others
   */
  restarted(others) {
    const [before, missed, current] = [this.#before, [...this.#missed], this.#current];
    this.#before = this.#coming = undefined;
    this.#missed.clear();
    if (!before || before === current) return;
    for (const [file, event] of missed) if (!others.has(file)) current?.pass(event, file);
  }

  /**
   * @param {string} event
   * @param {string} file
   */
  #miss(event, file) {
    if (!this.#before) return;
    // It may have loaded it as it is set up, and Astro loads the configuration of collections as
    // soon as the server is there.
    if (this.#coming) forget(this.#coming.server, file);
    const added = event === "change" && this.#missed.get(file) === "add";
    this.#missed.set(file, added ? "add" : event);
    if (this.#missed.size > MOST_MISSED)
      this.#missed.delete(this.#missed.keys().next().value ?? "");
  }

  /**
   * Transform for the HMR channel: a reload because the server renders something else since the
   * last edit is numbered by edit, for pages that can show it in place. A picture or font changes
   * no HTML, so pages are reloaded for it.
   */
  renderTransform() {
    return (
      /** @type {import("./types.d.mts").Payload} */ payload,
      /** @type {import("./types.d.mts").Server} */ server,
    ) => {
      if (payload.type !== "full-reload" || !isOfRendering(payload, server, this.scripts))
        return payload;
      this.renders++;
      const since = performance.now() - TOGETHER_MS;
      const about = this.#recent.filter(({ at }) => at > since);
      return about.every(({ shows }) => shows) ? { ...payload, inPlace: this.edits } : payload;
    };
  }

  /**
   * A message has gone out to pages.
   * @param {{ type: string }} options
   */
  sent({ type }) {
    if (type === "update" || type === "full-reload") this.#answered();
  }

  /**
   * Tell the dev server of a change that someone else noticed.
   * @param {string} event
   * @param {string} file
   */
  tell(event, file) {
    if (!FILE_EVENTS.has(event) || !path.isAbsolute(file)) return;
    this.#current?.server.watcher.emit(event, file);
  }

  /**
   * Tell listeners that a file has changed that has not been written.
   * @param {string} file
   */
  announce(file) {
    this.#current?.pass("change", file);
  }

  /**
   * Whether nobody but Vite's and Astro's listeners acts on a change: no loader of a collection,
   * which Astro has write its store later, and no file that is new or gone.
   * @param {import("./messages.mjs").FileChange} change
   */
  isPlain({ event, path: file }) {
    const kind = kindOf(this.#root, file);
    return (
      event === "change" && PLAIN.has(kind) && !this.#read.has(file) && !CONTENT_CONFIG.test(file)
    );
  }

  /** Whether listeners are still at work on an event. */
  get busy() {
    return this.#working > 0 || this.#settling > 0 || this.stable.busy;
  }

  /**
   * What `emit` does, with an eye on how long the listeners take.
   * @param {import("vite").FSWatcher} watcher
   * @param {string} event
   * @param {unknown[]} args
   */
  #call(watcher, event, args) {
    const listeners = /** @type {import("node:events").EventEmitter} */ (watcher).rawListeners(
      event,
    );
    /** @type {Promise<unknown>[]} */
    const works = [];
    for (const listener of listeners) {
      const [result, handled] = withHandled(() => listener.apply(watcher, args));
      works.push(...handled);
      for (const work of handled) this.#during(work, () => {});
      if (!(result instanceof Promise)) continue;
      works.push(result);
      // A failure stays as unhandled as it is without this.
      this.#during(result, (error) => {
        throw error;
      });
    }
    if (event === "change") Promise.allSettled(works).then(() => this.onHandled(String(args[0])));
    return listeners.length > 0;
  }

  /**
   * Count `work` until it ends, or has taken too long to be about this event.
   * @param {Promise<unknown>} work
   * @param {(error: unknown) => void} onError
   */
  #during(work, onError) {
    this.#working++;
    let counted = true;
    const done = () => {
      clearTimeout(timer);
      if (counted) this.#working--;
      counted = false;
    };
    const timer = setTimeout(done, ANSWER_MS);
    timer.unref();
    work.then(done, (error) => {
      done();
      onError(error);
    });
  }

  /**
   * A loader has read this file, so its end is news, also when an earlier one was reported last.
   * @param {string} file
   */
  read(file) {
    if (!path.isAbsolute(file) || !existsSync(file)) return; // a loader may call anything a file
    this.#read.add(file);
    if (this.#seen.get(file)?.state === "gone") this.#seen.delete(file);
  }

  /**
   * The project was walked: report the end of files that were read, or reported, and are not there
   * any more.
   * @param {{ has(file: string): boolean }} found
   */
  walked(found) {
    const there = [...this.#seen].filter(([, { state }]) => state !== "gone");
    for (const file of new Set([...this.#read, ...there.map(([name]) => name)])) {
      if (found.has(file) || existsSync(file)) continue; // the walk leaves some folders out
      this.#read.delete(file);
      this.tell("unlink", file);
    }
  }

  /**
   * @param {string} event
   * @param {string} file
   */
  #isNews(event, file) {
    const now = event === "unlink" ? "gone" : fingerprint(file);
    const before = this.#seen.get(file);
    // A change may be told ahead of the file's addition (which waits while the file is empty).
    // Listeners that know files by name (routes, public files, globs) act on the addition alone, so
    // it is news until it was told once.
    const known = before?.state === now && (event !== "add" || before.added);
    if (now === "gone" && event !== "unlink") {
      // It went again before its event came. Astro may have read it meanwhile, so that it is gone
      // is news, too. The system may lose that, or the file may be about to be written again.
      if (before) this.#seen.set(file, { state: UNSURE, added: false });
      if (before && before.state !== "gone")
        setTimeout(() => this.tell("unlink", file), SECOND_LOOK_MS).unref();
      return false;
    }
    if (known) return false;
    this.#seen.set(file, {
      state: now,
      added: now !== "gone" && (event === "add" || before?.added === true),
    });
    // Astro's generated files are a step on the way from an edit to the page.
    if (this.#isSource(file)) {
      const at = performance.now();
      this.#waiting = { file, at };
      // Astro 5 and 6 ask for a reload when a stylesheet is edited, too, although Vite updates that
      // by itself: pages hold its text.
      const shows = RENDERED.test(file) || STYLE.test(file);
      this.#recent = [...this.#recent.slice(1 - MOST_RECENT), { at, shows }];
      this.edits++;
    }
    if (event !== "unlink") setTimeout(() => this.tell("change", file), SECOND_LOOK_MS).unref();
    return true;
  }

  /**
   * Whether this is the project's, and not one of Astro's generated files.
   * @param {string} file
   */
  #isSource(file) {
    return (
      file.startsWith(this.#root + path.sep) &&
      !file.startsWith(path.join(this.#root, ".astro") + path.sep)
    );
  }

  // Vite restarts itself for these, behind Astro's back: afterwards Astro hears of no change of its
  // configuration any more. Astro's own restart reads them again too.
  /** @param {string} file */
  #isEnvironment(file) {
    return (
      path.dirname(file) === this.#root &&
      /^\.env(\.local|\.development|\.development\.local)?$/.test(path.basename(file))
    );
  }

  #answered() {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (!waiting || performance.now() - waiting.at > ANSWER_MS) return;
    this.#onUpdate({
      kind: kindOf(this.#root, waiting.file),
      path: path.relative(this.#root, waiting.file),
      ms: Math.round((performance.now() - waiting.at) * 10) / 10,
    });
  }
}

/**
 * What `call` returns, and the promises whose failure it handles by `catch` before it returns: a
 * listener of Vite 8.3 says nothing else about the work that it has begun.
 * @template T
 * @param {() => T} call
 * @returns {[T, Promise<unknown>[]]}
 */
function withHandled(call) {
  /** @type {Promise<unknown>[]} */
  const handled = [];
  const { catch: original } = Promise.prototype;
  /** @this {Promise<unknown>} @param {unknown[]} args */
  Promise.prototype.catch = function (...args) {
    handled.push(this);
    return Reflect.apply(original, this, args);
  };
  try {
    return [call(), handled];
  } finally {
    Promise.prototype.catch = original;
  }
}

/**
 * Whether a reload is asked for because pages render differently now, and for nothing else. Astro
 * says so itself, from its own modules; that is in the call stack and nowhere in the message. What
 * Vite says passes through Astro as well (`module-loader`). Vite 5 does it for Astro, and names the
 * file.
 * @param {{ triggeredBy?: string }} payload
 * @param {import("./types.d.mts").Server} server
 * @param {Scripts} scripts
 */
function isOfRendering({ triggeredBy }, server, scripts) {
  const fromAstro = callers().some((file) => ASTROS_OWN.test(file));
  if (fromAstro || server.environments || !triggeredBy) return fromAstro;
  return /\.(astro|mdx?|mdoc|markdown)$/.test(triggeredBy) && !scripts.changed(triggeredBy);
}

/**
 * The files of the functions that have led here. As text, the stack would be mapped to sources,
 * which takes a third of a millisecond: 80 files are often changed at once.
 */
function callers() {
  const { prepareStackTrace } = Error;
  /** @type {{ stack: string[] }} */
  const found = { stack: [] };
  Error.prepareStackTrace = (_error, calls) => calls.map((call) => call.getFileName() ?? "");
  try {
    Error.captureStackTrace(found, callers);
    return found.stack; // it is prepared now
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
}

/**
 * Whether `file` is a symbolic link (dangling ones included).
 * @param {string} file
 */
export function isLink(file) {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/**
 * Leave the site's plugins as many listeners as they have without ours: Node.js warns of a leak when
 * there are more.
 * @param {import("node:events").EventEmitter} watcher
 */
function makeRoom(watcher) {
  const most = watcher.getMaxListeners();
  if (most > 0) watcher.setMaxListeners(most + MOST_OWN_LISTENERS); // 0 is no limit
}
