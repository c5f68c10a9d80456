// A site's own server code asks for its own public address: `fetch(new URL("/api/x",
// Astro.url.origin))`. The public address leads through a load balancer and a sign-in that the site
// has no cookie for, so the session answers such requests itself.

import { randomUUID } from "node:crypto";
import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import { mover } from "./urls.mjs";

/**
 * Header of such a request, with a secret of this process: `fetch` does not let anybody set `Host`.
 */
const HEADER = "x-astro-live-own";
const SECRET = randomUUID();

/**
 * @type {{ origin: string, host: string, port: number, move: (url: string) => string } | undefined}
 */
let own;

/**
 * Answer requests for `origin` from the server at `host` and `port`; paths outside the session's
 * base are moved below it. The session is the process's only one: another call replaces the first.
 * @param {{ origin: string, base: string, ownBase: string, host: string, port: number }} options
 */
export function answerOwnOrigin({ origin, base, ownBase, host, port }) {
  if (!own) install();
  own = { origin, host, port, move: mover({ base, ownBase }) };
}

/** Headers by which a request says that this process made it. */
export const ownHeaders = () => ({ [HEADER]: SECRET });

/**
 * Whether this process made the request.
 * @param {import("node:http").IncomingMessage} request
 */
export const isOwn = (request) => request.headers[HEADER] === SECRET;

/**
 * Make a request that the session has sent to itself look like one for the public address.
 * @param {import("node:http").IncomingMessage} request
 */
export function restoreHost(request) {
  if (!isOwn(request)) return;
  delete request.headers[HEADER];
  if (own) request.headers.host = new URL(own.origin).host;
}

/** What to ask instead of `url`, or undefined when it is somebody else's. @param {URL} url */
function ownTarget(url) {
  if (!own || url.origin !== own.origin) return undefined;
  return { hostname: own.host, port: own.port, path: own.move(url.pathname) + url.search };
}

function install() {
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const url = urlOf(input);
    const target = url && ownTarget(url);
    if (!url || !target) return fetch(input, init);
    const request = new Request(input, init);
    const headers = new Headers(request.headers);
    headers.set(HEADER, SECRET);
    const { method, body, redirect, signal } = request;
    const address = `http://${target.hostname}:${target.port}${target.path}`;
    const answer = await fetch(address, {
      method,
      body,
      redirect,
      signal,
      headers,
      ...(body && { duplex: "half" }),
    });
    return Object.defineProperty(answer, "url", { value: url.href });
  };
  for (const [module, protocol] of /** @type {[Requesting, string][]} */ ([
    [http, "http:"],
    [https, "https:"],
  ])) {
    for (const name of /** @type {const} */ (["request", "get"])) wrap(module, name, protocol);
  }
  syncBuiltinESMExports();
}

/** @typedef {import("node:http").RequestOptions} Options */
/**
 * What is replaced of Node's modules, with one signature in the place of its overloads.
 * @typedef {import("./types.d.mts").Requesting} Requesting
 */

/** @param {unknown} value @returns {Options} */
function asOptions(value) {
  return typeof value === "object" && value !== null ? value : {};
}

/**
 * `request` and `get` of Node's own modules, for libraries that use these.
 * @param {Requesting} module
 * @param {"request" | "get"} name
 * @param {string} protocol
 */
function wrap(module, name, protocol) {
  const original = module[name];
  module[name] = (...args) => {
    const [url, options, callback] = parts(args, protocol);
    const target = url && ownTarget(url);
    if (!url || !target) return original(...args);
    const { agent: _, ...rest } = options;
    return requestHttp[name](
      {
        ...rest,
        ...target,
        protocol: "http:",
        host: undefined,
        headers: { ...rest.headers, [HEADER]: SECRET },
      },
      callback,
    );
  };
}

/** @type {Requesting} */
const requestHttp = { request: http.request, get: http.get };

/**
 * The arguments of `http.request`: `(url, options?, callback?)` or `(options, callback?)`.
 * @param {unknown[]} args
 * @param {string} protocol
 * @returns {[url: URL | undefined, options: Options, callback: unknown]}
 */
function parts(args, protocol) {
  const [first, ...rest] = args;
  const url = urlOf(first);
  if (url) return [url, asOptions(rest[0]), rest.find((value) => typeof value === "function")];
  const options = asOptions(first);
  const host = options.hostname ?? options.host;
  const port = options.port ? `:${options.port}` : "";
  return [
    host
      ? urlOf(`${options.protocol ?? protocol}//${host}${port}${options.path ?? "/"}`)
      : undefined,
    options,
    rest[0],
  ];
}

/** @param {unknown} input */
function urlOf(input) {
  try {
    return new URL(input instanceof Request ? input.url : String(input));
  } catch {
    return undefined;
  }
}
