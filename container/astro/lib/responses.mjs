// What leaves the dev server or the built site, made right for the session's base: links in HTML, redirects, cookie paths.

import { StringDecoder } from "node:string_decoder";
import { LinkRewriter } from "./links.mjs";
import { mover } from "./urls.mjs";

/**
 * Connect middleware. `address` is asked for each response: `{ base, ownBase, origin }` as for `mover`. `notice` gives HTML to show
 * at the end of every page, or an empty text.
 */
export function responseMiddleware(address, notice = () => "") {
  return function astroLiveResponses(request, response, next) {
    const current = address();
    if (current.base !== "" || current.ownBase !== "" || notice() !== "") rewriteResponse(request, response, mover(current), notice);
    next();
  };
}

// A cookie for the whole origin would reach every other session of this browser.
function cookie(value, move) {
  return String(value).replace(/(;\s*path=)(\/[^;]*)/i, (_, prefix, path) => prefix + move(path));
}

/** `Link: </style.css>; rel=preload` and its like. */
function link(value, move) {
  return String(value).replace(/<([^>]*)>/g, (_, url) => `<${move(url)}>`);
}

/** What each header's value becomes when its URLs are moved. */
const HEADERS = {
  location: (value, move) => move(String(value)),
  "content-location": (value, move) => move(String(value)),
  refresh: (value, move) => String(value).replace(/(url\s*=\s*)(.*)/i, (_, prefix, url) => prefix + move(url)),
  link: (value, move) => [value].flat().map((one) => link(one, move)),
  "set-cookie": (value, move) => [value].flat().map((one) => cookie(one, move)),
};

function rewriteResponse(request, response, move, notice) {
  const { writeHead, write, end } = response;
  const decoder = new StringDecoder("utf8");
  let rewriter;

  response.writeHead = function (status, reason, headers) {
    if (response.headersSent) return writeHead.apply(response, arguments);
    if (typeof reason !== "string") [reason, headers] = [undefined, reason];
    for (const [name, value] of entries(headers)) response.setHeader(name, value);
    for (const [name, moved] of Object.entries(HEADERS)) {
      if (response.hasHeader(name)) response.setHeader(name, moved(response.getHeader(name), move));
    }
    if (isPlainHtml(response)) {
      rewriter = new LinkRewriter(move, notice);
      response.removeHeader("content-length");
    }
    return reason === undefined ? writeHead.call(response, status) : writeHead.call(response, status, reason);
  };

  function rewritten(chunk, encoding) {
    if (chunk === undefined || chunk === null || chunk === "") return "";
    return rewriter.push(typeof chunk === "string" && !isBinary(encoding) ? chunk : decoder.write(Buffer.from(chunk, encoding)));
  }

  response.write = function (chunk, encoding, callback) {
    if (!response.headersSent) response.writeHead(response.statusCode);
    if (!rewriter) return write.apply(response, arguments);
    if (typeof encoding === "function") [encoding, callback] = [undefined, encoding];
    const text = rewritten(chunk, encoding);
    if (text !== "") return write.call(response, text, callback);
    callback?.();
    return true;
  };

  response.end = function (chunk, encoding, callback) {
    if (typeof chunk === "function") [chunk, callback] = [undefined, chunk];
    else if (typeof encoding === "function") [encoding, callback] = [undefined, encoding];
    if (!response.headersSent) response.writeHead(response.statusCode);
    if (!rewriter || request.method === "HEAD") return end.call(response, chunk, encoding, callback);
    return end.call(response, rewritten(chunk, encoding) + rewriter.push(decoder.end()) + rewriter.end(), callback);
  };
}

function entries(headers) {
  if (!headers) return [];
  if (!Array.isArray(headers)) return Object.entries(headers).filter(([, value]) => value !== undefined);
  return Array.isArray(headers[0]) ? headers : headers.flatMap((name, i) => (i % 2 ? [] : [[name, headers[i + 1]]]));
}

function isBinary(encoding) {
  return encoding !== undefined && encoding !== null && !/^utf-?8$/i.test(encoding);
}

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
