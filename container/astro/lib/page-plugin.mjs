// Brings the session's own script (the folder page/) into every page, as a module that Vite's
// client imports.

import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("page/", import.meta.url));
const ENTRY = "astro-live/page.js";
/** For a page in a frame of another site. */
const FRAMED = "astro-live/framed.js";
/** Names that no plugin takes for files of the site. */
const VIRTUAL = "\0astro-live/";
/** The module file of Vite's client. */
export const CLIENT = /\/vite\/dist\/client\/client\.mjs$/;

// What page.js needs of the client is handed over: an import of the client by another name would be
// a second client. Errors are noted from here on: the client runs before the page's own scripts.
/**
 * Vite's client waits for a server that restarts in a shared worker, which a frame of another site
 * may not have where third-party cookies are blocked; the page would never come back. Without the
 * name in its module the client does it in the page.
 */
const PINGS_ITSELF = `
var SharedWorker = globalThis.parent === globalThis.window ? globalThis.SharedWorker : undefined;`;

const importOf = (/** @type {import("./page/embed.js").Settings | undefined} */ embedding) => `
if (typeof document !== "undefined") {
  const known = { onProblem: astroLiveProblems()${embedding ? `, frame: astroLiveFrame(), embedding: ${JSON.stringify(embedding)}` : ""} };
  Promise.all([import(${JSON.stringify(ENTRY)})${embedding ? `, known.frame && import(${JSON.stringify(FRAMED)})` : ""}]).then(
    ([{ attach }, framed]) => attach({ updateStyle, socket: socketProtocol + "://" + socketHost, hmrClient: typeof hmrClient === "undefined" ? undefined : hmrClient, framed, ...known }),
    (error) => console.warn("[astro-live] pages are reloaded for every edit:", error),
  );
}
${astroLiveProblems}
${embedding ? astroLiveFrame + PINGS_ITSELF : ""}
`;

/**
 * Runs in the page, before the site's modules and Astro's toolbar. What a page in a frame has to
 * have from then on: its parent, messages that came early, and the places of elements in their
 * files, which the toolbar takes away. Undefined outside of a frame.
 */
function astroLiveFrame() {
  const { parent } = window;
  if (parent === window) return undefined;
  /** @type {MessageEvent[]} */
  const early = [];
  /** @type {((event: MessageEvent) => void) | undefined} */
  let hear;
  addEventListener("message", (event) => {
    if (event.source !== parent) return;
    if (hear) hear(event);
    else if (early.length < 20) early.push(event);
  });
  /** @type {import("./page/places.js").Noted} */
  const noted = new WeakMap();
  const note = (/** @type {Node} */ root) => {
    if (!(root instanceof Element)) return;
    for (const element of [root, ...root.querySelectorAll("[data-astro-source-file]")]) {
      const file = element.getAttribute("data-astro-source-file");
      if (file) noted.set(element, [file, element.getAttribute("data-astro-source-loc") ?? ""]);
    }
  };
  note(document.documentElement);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) note(node);
  }).observe(document, { childList: true, subtree: true });
  return {
    parent,
    noted,
    listen(/** @type {(event: MessageEvent) => void} */ listener) {
      hear = listener;
      for (const event of early.splice(0)) hear(event);
    },
  };
}

/** Runs in the page. Returns a function that takes who hears of errors, those so far included. */
function astroLiveProblems() {
  /** @type {object[]} */
  const early = [];
  /** @type {((problem: object) => void) | undefined} */
  let hear;
  let left = 20;
  const note = (/** @type {string} */ kind, /** @type {unknown} */ thrown, place = "") => {
    if (left-- <= 0) return;
    try {
      const { message, stack } =
        thrown instanceof Error ? thrown : { message: String(thrown), stack: "" };
      const problem = {
        kind,
        message: message.slice(0, 2000),
        stack: (stack || place).slice(0, 2000),
      };
      hear ? hear(problem) : early.push(problem);
    } catch {
      // A value that cannot be a text.
    }
  };
  addEventListener("error", (event) => {
    if (event instanceof ErrorEvent)
      note(
        "uncaught",
        event.error ?? event.message,
        `${event.filename}:${event.lineno}:${event.colno}`,
      );
  });
  addEventListener("unhandledrejection", (event) => note("rejection", event.reason));
  const { error } = console;
  console.error = function (...values) {
    const hydration = /^\[astro-island\]/.test(String(values[0]));
    note(
      hydration ? "hydration" : "console",
      values.find((value) => value instanceof Error) ?? values.map(String).join(" "),
    );
    return error.apply(this, values);
  };
  return (/** @type {(problem: object) => void} */ listener) => {
    hear = listener;
    for (const problem of early.splice(0)) hear(problem);
  };
}

/**
 * Vite plugin. `embedding` is what pages in frames need to know, where others may frame them.
 * @param {import("./page/embed.js").Settings} [embedding]
 */
export function pagePlugin(embedding) {
  return {
    name: "astro-live:page",
    enforce: "pre",

    /**
     * @param {string} id
     * @param {string | undefined} importer
     */
    resolveId(id, importer) {
      if (id === ENTRY || id === FRAMED) return VIRTUAL + path.basename(id);
      if (importer?.startsWith(VIRTUAL) && id.startsWith("./")) return VIRTUAL + id.slice(2);
    },

    /** @param {string} id */
    load(id) {
      if (id.startsWith(VIRTUAL)) return readFileSync(path.join(FOLDER, path.basename(id)), "utf8");
    },

    // Vite before 6.3 ignores the filter.
    transform: {
      filter: { id: CLIENT },
      /**
       * @param {string} code
       * @param {string} id
       */
      handler(code, id) {
        if (CLIENT.test(id.split("?")[0])) return { code: code + importOf(embedding), map: null };
      },
    },
  };
}
