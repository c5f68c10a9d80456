// What leaves the dev server or the built site, made right for the session's base: links in HTML, redirects, cookie paths.

import { StringDecoder } from "node:string_decoder";
import { LinkRewriter, rebaser } from "./links.mjs";

/** Connect middleware. `base` is the session's base without the closing slash, `origin` the public origin. */
export function responseMiddleware({ base, origin }) {
  const rebase = rebaser(base);

  function location(value) {
    const text = String(value);
    return text.startsWith(`${origin}/`) ? origin + rebase(text.slice(origin.length)) : rebase(text);
  }

  // A cookie for the whole origin would reach every other session of this browser.
  function cookie(value) {
    return String(value).replace(/(;\s*path=)(\/[^;]*)/i, (_, prefix, path) => prefix + rebase(path));
  }

  return function astroLiveResponses(request, response, next) {
    if (base !== "") rewriteResponse(request, response, { base, location, cookie });
    next();
  };
}

function rewriteResponse(request, response, { base, location, cookie }) {
  const { writeHead, write, end } = response;
  const decoder = new StringDecoder("utf8");
  let rewriter;

  response.writeHead = function (status, reason, headers) {
    if (response.headersSent) return writeHead.apply(response, arguments);
    if (typeof reason !== "string") [reason, headers] = [undefined, reason];
    for (const [name, value] of entries(headers)) response.setHeader(name, value);
    if (response.hasHeader("location")) response.setHeader("location", location(response.getHeader("location")));
    if (response.hasHeader("set-cookie")) response.setHeader("set-cookie", [response.getHeader("set-cookie")].flat().map(cookie));
    if (isPlainHtml(response)) {
      rewriter = new LinkRewriter(base);
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
