// What leaves the dev server or the built site, made right for the session's base: links in HTML,
// redirects, cookie paths.

import { StringDecoder } from "node:string_decoder";
import { forbidsInline, insideScript } from "./inside.mjs";
import { LinkRewriter } from "./links.mjs";
import { mover } from "./urls.mjs";

/**
 * Connect middleware. `address` is asked for each response: `{ base, ownBase, origin }` as for
 * `mover`, and the other sites that may frame pages. `ending(request, status)` gives HTML for the end of a page, or an empty text.
 * @param {() => { base: string, ownBase: string, origin?: string, ancestors?: readonly string[] }}
 *   address
 * @param {(request: import("./types.d.mts").Request, status: number) => string} [ending]
 */
export function responseMiddleware(address, ending = () => "") {
  return function astroLiveResponses(
    /** @type {import("./types.d.mts").Request} */ request,
    /** @type {import("./types.d.mts").Response} */ response,
    /** @type {import("./types.d.mts").Next} */ next,
  ) {
    const current = address();
    const moves = current.base !== "" || current.ownBase !== "";
    rewriteResponse(request, response, {
      move: mover(current),
      ancestors: current.ancestors ?? [],
      first: () => (forbidsInline(response) ? "" : insideScript(current)),
      isNeeded: (status) => moves || ending(request, status) !== "",
      ending: () => ending(request, response.statusCode),
    });
    next();
  };
}

// A cookie for the whole origin would reach every other session of this browser.
/**
 * @param {string | number | undefined} value
 * @param {import("./types.d.mts").Move} move
 */
function cookie(value, move) {
  return String(value).replace(/(;\s*path=)(\/[^;]*)/i, (_, prefix, path) => prefix + move(path));
}

/**
 * `Link: </style.css>; rel=preload` and its like.
 * @param {string | number | undefined} value
 * @param {import("./types.d.mts").Move} move
 */
function link(value, move) {
  return String(value).replace(/<([^>]*)>/g, (_, url) => `<${move(url)}>`);
}

/** @typedef {number | string | string[] | undefined} Value of a header */
/** @typedef {import("./types.d.mts").HeaderList | undefined} Headers */

/** What each header's value becomes when its URLs are moved. */
const HEADERS = {
  location: (/** @type {Value} */ value, /** @type {import("./types.d.mts").Move} */ move) =>
    move(String(value)),
  "content-location": (
    /** @type {Value} */ value,
    /** @type {import("./types.d.mts").Move} */ move,
  ) => move(String(value)),
  refresh: (/** @type {Value} */ value, /** @type {import("./types.d.mts").Move} */ move) =>
    String(value).replace(/(url\s*=\s*)(.*)/i, (_, prefix, url) => prefix + move(url)),
  link: (/** @type {Value} */ value, /** @type {import("./types.d.mts").Move} */ move) =>
    [value].flat().map((one) => link(one, move)),
  "set-cookie": (/** @type {Value} */ value, /** @type {import("./types.d.mts").Move} */ move) =>
    [value].flat().map((one) => cookie(one, move)),
};

/**
 * @param {import("./types.d.mts").Request} request
 * @param {import("./types.d.mts").Response} response
 * @param {{ move: import("./types.d.mts").Move, ancestors: readonly string[], first: () => string,
 *   isNeeded: (status: number) => boolean, ending: () => string }} options
 */
function rewriteResponse(request, response, { move, ancestors, first, isNeeded, ending }) {
  const sink = /** @type {import("./types.d.mts").Sink} */ (response);
  const { writeHead, write, end } = sink;
  const decoder = new StringDecoder("utf8");
  /** @type {LinkRewriter | undefined} */
  let rewriter;

  sink.writeHead = function (status, ...rest) {
    if (response.headersSent) return writeHead.call(response, status, ...rest);
    const reason = headersInto(response, ...rest);
    for (const [name, moved] of Object.entries(HEADERS)) {
      if (response.hasHeader(name)) response.setHeader(name, moved(response.getHeader(name), move));
    }
    keepAncestors(response, ancestors);
    if (isPlainHtml(response) && isNeeded(status)) {
      rewriter = new LinkRewriter(move, ending, first());
      response.removeHeader("content-length");
    }
    return reason === undefined
      ? writeHead.call(response, status)
      : writeHead.call(response, status, reason);
  };

  /**
   * @param {LinkRewriter} into
   * @param {import("./types.d.mts").Chunk | null | undefined} chunk
   * @param {BufferEncoding | undefined} encoding
   */
  function rewritten(into, chunk, encoding) {
    if (chunk === undefined || chunk === null || chunk === "") return "";
    if (typeof chunk !== "string") return into.push(decoder.write(Buffer.from(chunk)));
    return into.push(isBinary(encoding) ? decoder.write(Buffer.from(chunk, encoding)) : chunk);
  }

  sink.write = function (chunk, ...rest) {
    if (!response.headersSent) response.writeHead(response.statusCode);
    if (!rewriter) return write.call(response, chunk, ...rest);
    const { encoding, callback } = named(rest);
    const text = rewritten(rewriter, chunk, encoding);
    if (text !== "") return write.call(response, text, callback);
    callback?.();
    return true;
  };

  sink.end = function (...given) {
    const [first, ...rest] = given;
    const chunk = typeof first === "function" ? undefined : first;
    const { encoding, callback } =
      typeof first === "function" ? { encoding: undefined, callback: first } : named(rest);
    if (!response.headersSent) response.writeHead(response.statusCode);
    if (!rewriter || request.method === "HEAD")
      return end.call(response, chunk, encoding, callback);
    return end.call(
      response,
      rewritten(rewriter, chunk, encoding) + rewriter.push(decoder.end()) + rewriter.end(),
      callback,
    );
  };
}

/**
 * The gateway adds its policy where a site has none. A site's own that does not say who may frame its
 * pages says nothing against the service's list, which then holds beside it.
 * @param {import("./types.d.mts").Response} response
 * @param {readonly string[]} ancestors
 */
function keepAncestors(response, ancestors) {
  const name = "content-security-policy";
  if (!response.hasHeader(name)) return;
  const policies = [response.getHeader(name)].flat().map(String);
  if (policies.some((policy) => /(^|[;,])\s*frame-ancestors(?![\w-])/i.test(policy))) return;
  response.setHeader(name, [...policies, ["frame-ancestors 'self'", ...ancestors].join(" ")]);
}

/**
 * The encoding and the callback of `write` and `end`, either of which may be left out.
 * @param {readonly [encoding?: BufferEncoding | import("./types.d.mts").Written | null, callback?:
 *   import("./types.d.mts").Written]} given
 */
function named([encoding, callback]) {
  return typeof encoding === "function"
    ? { encoding: undefined, callback: encoding }
    : { encoding: encoding ?? undefined, callback };
}

/**
 * Set the headers that a call of `writeHead` was given; its reason is returned, or undefined where
 * it has none. The arguments are those of `writeHead` after the status.
 * @param {import("./types.d.mts").Response} response
 * @param {string | Headers} [reason]
 * @param {Headers} [headers]
 */
export function headersInto(response, reason, headers) {
  const [text, given] =
    typeof reason === "string" ? [reason, headers] : [undefined, reason ?? headers];
  for (const [name, value] of entries(given)) response.setHeader(name, value);
  return text;
}

/**
 * Names and values, of an object, of pairs, or of names and values in turn.
 * @param {Headers} headers
 * @returns {[string, import("node:http").OutgoingHttpHeader][]}
 */
function entries(headers) {
  if (!headers) return [];
  if (!Array.isArray(headers))
    return Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
  const pairs = headers.filter((entry) => Array.isArray(entry));
  if (pairs.length > 0) return pairs.map(([name, value]) => [name, value]);
  return headers.flatMap((name, i) => (i % 2 ? [] : [[String(name), headers[i + 1]]]));
}

/** @param {unknown} encoding */
function isBinary(encoding) {
  return encoding !== undefined && encoding !== null && !/^utf-?8$/i.test(String(encoding));
}

/** @param {import("./types.d.mts").Response} response */
function isPlainHtml(response) {
  const type = String(response.getHeader("content-type") ?? "");
  const charset = /charset\s*=\s*"?([\w-]+)/i.exec(type)?.[1];
  return (
    /^text\/html\b/i.test(type) &&
    (!charset || /^utf-?8$/i.test(charset)) &&
    !response.hasHeader("content-encoding") &&
    !response.hasHeader("content-range")
  );
}
