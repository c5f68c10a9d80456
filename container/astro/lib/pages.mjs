// The HTML of the pages that were served lately. A page that is to be brought up to date in place (in-place.js) asks for the HTML that it
// was made of: its own document may have been changed by scripts, and asking for the page again gives a newer one. A page also knows how
// often the server had told of edits when it was asked for, so that it notices one that came before its socket was open.

const NAME = "astro-live-page";
const RENDERS = "astro-live-renders";
const PATH = "/@astro-live/page/";
const MOST_PAGES = 64;
const MOST_CHARACTERS = 8 << 20;
/** In bytes. A longer one is loaded anew instead. */
const LONGEST_PAGE = 1 << 20;

/** A bounded memory of HTML by page number; the oldest go first. */
export class Pages {
  #html = new Map();
  #characters = 0;
  #count = 0;
  // A page of an earlier process must not be taken for one of this.
  #era = Date.now().toString(36);

  /** A number for a page that is about to be served. */
  next() {
    return `${this.#era}-${++this.#count}`;
  }

  keep(number, html) {
    this.#html.set(number, html);
    this.#characters += html.length;
    for (const [oldest, text] of this.#html) {
      if (this.#html.size <= MOST_PAGES && this.#characters <= MOST_CHARACTERS) break;
      this.#html.delete(oldest);
      this.#characters -= text.length;
    }
  }

  get(number) {
    return this.#html.get(number);
  }
}

/**
 * Vite plugin. It has to come after every other plugin that changes what is answered. `base` without closing slash; `renders` gives the
 * number of times that pages were told of an edit.
 */
export function pagesPlugin({ base, pages, renders }) {
  return {
    name: "astro-live:pages",
    enforce: "post",
    configureServer(server) {
      if (server.config.server.middlewareMode) return;
      return () => server.middlewares.stack.unshift({ route: "", handle: pagesMiddleware({ base, pages, renders }) });
    },
  };
}

export function pagesMiddleware({ base, pages, renders }) {
  const prefix = base + PATH;
  return function astroLivePages(request, response, next) {
    if (request.url.startsWith(prefix)) return answer(response, pages.get(request.url.slice(prefix.length)));
    if (isDocument(request)) {
      // Scripts cannot read the headers of their own page, except this one.
      response.appendHeader("Server-Timing", `${RENDERS};desc="${renders()}"`);
      remember(response, pages);
    }
    next();
  };
}

/** JavaScript that says what the header of the page around it says under a name, or undefined. */
export function served(name) {
  return `performance.getEntriesByType("navigation")[0]?.serverTiming?.find(({ name }) => name === ${JSON.stringify(name)})?.description`;
}

/** JavaScript that is true when the server has told of more than these `renders` at the time when the page around it was asked for. */
export function isBehind(renders) {
  return `Number(${served(RENDERS)} ?? Infinity) < ${renders}`;
}

/** JavaScript that gives a promise of the HTML which the page around it was made of. */
export function earlierHtml(base) {
  return `async () => {
    const number = ${served(NAME)};
    const answer = number && (await fetch(${JSON.stringify(base + PATH)} + number));
    if (!answer?.ok) throw new Error("the server has forgotten this page");
    return answer.text();
  }`;
}

/** Whether this asks for a page that a browser is going to show. */
export function isDocument(request) {
  return request.method === "GET" && /^(document|i?frame)$/.test(request.headers["sec-fetch-dest"] ?? "");
}

function answer(response, html) {
  response.statusCode = html === undefined ? 404 : 200;
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.setHeader("cache-control", "no-store");
  response.end(html ?? "this page is not remembered");
}

/** Note down what is sent, behind everyone who changes it: their `write` and `end` call these. */
function remember(response, pages) {
  const { write, end } = response;
  const number = pages.next();
  const chunks = [];
  let length = 0;
  const note = (chunk, encoding) => {
    if (chunk === undefined || chunk === null || typeof chunk === "function") return;
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, typeof encoding === "string" ? encoding : "utf8") : Buffer.from(chunk);
    length += bytes.length;
    if (length <= LONGEST_PAGE) chunks.push(bytes);
  };
  response.appendHeader("Server-Timing", `${NAME};desc="${number}"`);
  response.write = function (chunk, encoding) {
    note(chunk, encoding);
    return write.apply(response, arguments);
  };
  response.end = function (chunk, encoding) {
    note(chunk, encoding);
    const whole = response.statusCode === 200 && length <= LONGEST_PAGE && isHtml(response);
    if (whole) pages.keep(number, Buffer.concat(chunks).toString("utf8"));
    return end.apply(response, arguments);
  };
}

function isHtml(response) {
  return /^text\/html\b/i.test(String(response.getHeader("content-type") ?? "")) && !response.hasHeader("content-encoding");
}
