// The HTML of the pages that were served lately. A page that is to be brought up to date in place
// (page/in-place.js) asks for the HTML that it was made of: its own document may have been changed
// by scripts, and asking for the page again gives a newer one. A page also knows which server made
// it and how often that had reported edits by then, so that it notices what it has missed.

import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Names in `Server-Timing`, the one header of the page's response that its script can read
 * (page/page.js).
 */
const PAGE = "astro-live-page";
const RENDERS = "astro-live-renders";
const SERVER = "astro-live-server";
const UPDATES = "astro-live-updates";
const STATUS = "astro-live-status";
/** Header of what a script gets: the newest edit when it was asked for (page/in-place.js). */
const EDIT = "X-Astro-Live-Edit";
const PATH = "/@astro-live/page/";
const MOST_PAGES = 64;
const MOST_CHARACTERS = 8 << 20;
/** A page in which nothing stands. */
const NOTHING = /^\s*(<!doctype[^>]*>)?\s*$/i;
/** In bytes. A longer one is reloaded instead. */
const LONGEST_PAGE = 1 << 20;

/**
 * What is rendered right now: `{ page }`, its number, where a browser is going to show it. Astro
 * reports an error of rendering to every open page; this tells whose it is. `check` is who hears of
 * errors where the process asks itself, `answer` what is known of a browser's answer.
 * @type {AsyncLocalStorage<{ page?: string, check?: import("./trial.mjs").Listener, answer?:
 *   import("./answers.mjs").Answer }>}
 */
export const rendering = new AsyncLocalStorage();

/**
 * Who waits for the errors of a request of the process itself, by what it has in its header
 * `CHECK`.
 * @type {Map<string, import("./trial.mjs").Listener>}
 */
export const checks = new Map();
export const CHECK = "x-astro-live-check";

/** A bounded memory of HTML by page number; the oldest go first. */
export class Pages {
  /** @type {Map<string, string>} */
  #html = new Map();
  #characters = 0;
  #count = 0;
  // A page of an earlier process must not be taken for one of this.
  #era = Date.now().toString(36);

  /** A number for a page that is about to be served. */
  next() {
    return `${this.#era}-${++this.#count}`;
  }

  /**
   * @param {string} number
   * @param {string} html
   */
  keep(number, html) {
    this.#html.set(number, html);
    this.#characters += html.length;
    for (const [oldest, text] of this.#html) {
      if (this.#html.size <= MOST_PAGES && this.#characters <= MOST_CHARACTERS) break;
      this.#html.delete(oldest);
      this.#characters -= text.length;
    }
  }

  /** @param {string} number */
  get(number) {
    return this.#html.get(number);
  }
}

/**
 * Vite plugin. It has to come after every other plugin that changes what is answered. `base`
 * without closing slash; `renders()` is the number of times that pages were notified of an edit,
 * `updates()` of messages of other kinds; `startOf(server)` a number that grows from one dev server
 * to the next; `visits` gets the addresses that are asked for, `answers` how pages were answered;
 * `edits()` is the number of the newest edit.
 * @param {{ base: string, pages: Pages, visits: import("./visits.mjs").Visits, answers:
 *   import("./answers.mjs").Answers, renders: () => number, updates: () => number, edits: () =>
 *   number, startOf: (server: import("./types.d.mts").Server) => unknown }} options
 */
export function pagesPlugin({ base, pages, visits, answers, renders, updates, edits, startOf }) {
  return {
    name: "astro-live:pages",
    enforce: "post",
    /** @param {import("./types.d.mts").Server} server */
    configureServer(server) {
      if (server.config.server.middlewareMode) return;
      const middleware = pagesMiddleware({
        base,
        pages,
        visits,
        answers,
        renders,
        updates,
        edits,
        started: startOf(server),
      });
      return () =>
        server.middlewares.stack.unshift({
          route: "",
          handle: /** @type {import("./types.d.mts").Handler} */ (middleware),
        });
    },
  };
}

/**
 * @param {{ base: string, pages: Pages, renders: () => number, visits?:
 *   import("./visits.mjs").Visits, answers?: import("./answers.mjs").Answers, updates?: () =>
 *   number, edits?: () => number, started?: unknown }} options
 */
export function pagesMiddleware({
  base,
  pages,
  renders,
  visits,
  answers,
  updates = () => 0,
  edits = () => 0,
  started = undefined,
}) {
  const prefix = base + PATH;
  return function astroLivePages(
    /** @type {import("./types.d.mts").Request} */ request,
    /** @type {import("./types.d.mts").Response} */ response,
    /** @type {import("./types.d.mts").Next} */ next,
  ) {
    if (request.url.startsWith(prefix))
      return answer(response, pages.get(request.url.slice(prefix.length)));
    const check = checks.get(String(request.headers[CHECK] ?? ""));
    if (check) {
      delete request.headers[CHECK];
      return rendering.run({ check }, () => {
        keepContext(response);
        next();
      });
    }
    const address =
      request.method === "GET" && request.url.startsWith(`${base}/`)
        ? request.url.slice(base.length + 1)
        : undefined;
    if (visits && address !== undefined) noteVisit(visits, address, response);
    const document = isDocument(request);
    if (!document && !wantsHtml(request)) return next();
    const noted = address === undefined ? undefined : answers?.begin(address, request, response);
    if (!document) {
      response.setHeader(EDIT, edits());
      return rendering.run({ answer: noted }, next);
    }
    const page = pages.next();
    const known = { [SERVER]: started, [RENDERS]: renders(), [UPDATES]: updates(), [PAGE]: page };
    response.appendHeader(
      "Server-Timing",
      Object.entries(known)
        .map(([name, value]) => `${name};desc="${value}"`)
        .join(", "),
    );
    remember(response, pages, page, `<script type="module" src="${base}/@vite/client"></script>`);
    rendering.run({ page, answer: noted }, () => {
      keepContext(response);
      next();
    });
  };
}

/**
 * Note an address that the site has an answer for.
 * @param {import("./visits.mjs").Visits} visits
 * @param {string} address below the base
 * @param {import("./types.d.mts").Response} response
 */
function noteVisit(visits, address, response) {
  response.once("finish", () => {
    const { statusCode } = response;
    if (statusCode === 200 || statusCode >= 500) visits.add(address, isHtml(response));
  });
}

/**
 * Whether this asks for a page that a browser is going to show.
 * @param {import("./types.d.mts").Request} request
 */
export function isDocument(request) {
  return (
    request.method === "GET" && /^(document|i?frame)$/.test(request.headers["sec-fetch-dest"] ?? "")
  );
}

/**
 * Whether a script asks for a page, as the one does that brings pages up to date.
 * @param {import("./types.d.mts").Request} request
 */
function wantsHtml(request) {
  return request.method === "GET" && /^text\/html\b/.test(request.headers.accept ?? "");
}

/**
 * Astro reports an error once the answer is out; Node.js calls listeners of that event outside of
 * the request's context.
 * @param {import("./types.d.mts").Response} response
 */
function keepContext(response) {
  const emitter = /** @type {import("node:events").EventEmitter} */ (response);
  const { on } = emitter;
  emitter.on = function (
    /** @type {string} */ event,
    /** @type {(...values: unknown[]) => void} */ listener,
  ) {
    return on.call(
      response,
      event,
      event === "close" ? AsyncLocalStorage.bind(listener) : listener,
    );
  };
}

/**
 * @param {import("./types.d.mts").Response} response
 * @param {string | undefined} html
 */
function answer(response, html) {
  response.statusCode = html === undefined ? 404 : 200;
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.setHeader("cache-control", "no-store");
  response.end(html ?? "this page is not remembered");
}

/**
 * Note down what is sent, behind everyone who changes it: their `writeHead`, `write` and `end` call
 * these. A page of nothing is what a writer leaves of it for a moment, who empties a file before it
 * fills it. It has no client, so nothing would ever bring it up to date (bare Astro too); it gets
 * `client`.
 * @param {import("./types.d.mts").Response} response
 * @param {Pages} pages
 * @param {string} number
 * @param {string} client
 */
function remember(response, pages, number, client) {
  const sink = /** @type {import("./types.d.mts").Sink} */ (response);
  const { writeHead, write, end } = sink;
  /** @type {Buffer[]} */
  const chunks = [];
  let length = 0;
  const note = (/** @type {Parameters<typeof end>} */ ...[chunk, encoding]) => {
    if (chunk === undefined || chunk === null || typeof chunk === "function") return;
    const bytes =
      typeof chunk === "string"
        ? Buffer.from(chunk, typeof encoding === "string" ? encoding : "utf8")
        : Buffer.from(chunk);
    length += bytes.length;
    if (length <= LONGEST_PAGE) chunks.push(bytes);
  };
  sink.writeHead = function (status, ...rest) {
    if (!response.headersSent) response.appendHeader("Server-Timing", `${STATUS};desc="${status}"`);
    return writeHead.call(response, status, ...rest);
  };
  sink.write = function (...given) {
    note(...given);
    return write.apply(response, given);
  };
  sink.end = function (...given) {
    note(...given);
    const whole = response.statusCode === 200 && length <= LONGEST_PAGE && isHtml(response);
    if (
      whole &&
      !response.hasHeader("content-length") &&
      NOTHING.test(Buffer.concat(chunks).toString("utf8"))
    ) {
      note(client);
      write.call(response, client);
    }
    if (whole) pages.keep(number, Buffer.concat(chunks).toString("utf8"));
    return end.apply(response, given);
  };
}

/** @param {import("./types.d.mts").Response} response */
function isHtml(response) {
  return (
    /^text\/html\b/i.test(String(response.getHeader("content-type") ?? "")) &&
    !response.hasHeader("content-encoding")
  );
}
