// Every error on the way to a running server, in words that say where it is and what to do.

import path from "node:path";
import { DependencyError } from "./packages/errors.mjs";
import { BuildError } from "./production/errors.mjs";
import { remedyOf } from "./remedies.mjs";
import { asError, asText } from "./thrown.mjs";

/** An error may name itself as its cause, in a circle. */
const MOST_CAUSES = 5;

/** An error that the parent shows to the person at the browser. */
export class StartError extends Error {
  /**
   * @param {import("./messages.mjs").ErrorCode} code
   * @param {string} message
   * @param {string} fix
   */
  constructor(code, message, fix) {
    super(message);
    this.name = "StartError";
    this.code = code;
    this.fix = fix;
  }
}

/**
 * @param {unknown} value
 * @returns {value is import("./types.d.mts").Thrown}
 */
function isObject(value) {
  return value instanceof Object;
}

/** @param {unknown} value */
function causeOf(value) {
  return isObject(value) ? value.cause : undefined;
}

/** Errors of the system that are the disk's and not the site's. */
const STORAGE = new Set(["ENOSPC", "EDQUOT", "EROFS", "EIO"]);

/**
 * The error as a message for the parent. `root` is the project's folder, which file names leave
 * out. A site may throw anything at all.
 * @returns {import("./messages.mjs").Failure}
 * @param {unknown} thrown
 * @param {string} root
 */
export function errorMessage(thrown, root) {
  const error = asError(thrown);
  const known =
    thrown instanceof StartError ||
    thrown instanceof DependencyError ||
    thrown instanceof BuildError;
  const { message, stack } = explain(error, root, known);
  if (known) return { type: "error", code: thrown.code, message, fix: thrown.fix, stack };
  if (STORAGE.has(error.code ?? ""))
    return {
      type: "error",
      code: "storage",
      message,
      fix: "free space on the disk, or mount it writable; the start is then repeated",
      stack,
    };
  const remedy = remedyOf([error, ...causesOf(error)].filter(isObject), root);
  const fix =
    remedy ?? error.hint ?? "correct the site's configuration; the dev server then starts again";
  return { type: "error", code: "config", message, fix, stack };
}

/**
 * A text without the project's folder.
 * @param {string} root
 */
function shortener(root) {
  return (/** @type {unknown} */ text) =>
    asText(text ?? "")
      .replaceAll(`file://${root}${path.sep}`, "")
      .replaceAll(root + path.sep, "");
}

/**
 * A message with what was behind the error: "fetch failed (cause: getaddrinfo ENOTFOUND
 * example.com)".
 * @param {string} message
 * @param {import("./types.d.mts").Thrown} error
 * @param {string} root
 */
export function withCauses(message, error, root) {
  const causes = causesOf(error).map((cause) => causeText(cause, root, shortener(root)));
  return [
    message,
    ...causes
      .filter((text) => text !== "" && !message.includes(text))
      .map((text) => `(cause: ${text})`),
  ].join(" ");
}

/**
 * Message and details, with the place in the project: Vite's messages often leave it to its
 * terminal output.
 * @param {import("./types.d.mts").Thrown} error
 * @param {string} root
 * @param {boolean} known
 */
function explain(error, root, known) {
  const short = shortener(root);
  if (error.name === "ZodError" && Array.isArray(error.issues)) {
    const issues = error.issues.map(({ message, path }) => plain(message) || path.join("."));
    return { message: `the configuration is not valid. ${issues.join(" ")}`, stack: "" };
  }
  const place = known ? "" : short(placeOf(error, root));
  // A parser's message quotes the source below its first lines; it is readable in the details
  // alone, where line breaks are kept.
  const told = error.frame
    ? short(error.message)
        .split(/\n(?:\s*\d+\s*[:|]|At file:)/)[0]
        .replaceAll("\n", " ")
    : short(error.message);
  const placed =
    !place || told.includes(place.replace(/(:\d+)+$/, "")) ? told : `${place}: ${told}`;
  const message = withCauses(placed, error, root);
  return {
    message,
    stack: error.frame ? `${error.frame.trimEnd()}\n\n${short(error.stack)}` : short(error.stack),
  };
}

/**
 * What an error says was behind it, the nearest first.
 * @param {import("./types.d.mts").Thrown} error
 */
function causesOf(error) {
  /** @type {unknown[]} */
  const causes = [];
  for (
    let { cause } = error;
    cause !== undefined && cause !== null && causes.length < MOST_CAUSES;
    cause = causeOf(cause)
  ) {
    if (cause === error || causes.includes(cause)) break;
    causes.push(cause);
  }
  return causes;
}

/**
 * @param {unknown} cause
 * @param {string} root
 * @param {(text: unknown) => string} short
 */
function causeText(cause, root, short) {
  if (!isObject(cause)) return short(cause);
  const place = short(placeOf(cause, root));
  const text = short(cause.message ?? cause.code ?? "");
  return place && text && !text.includes(place) ? `${place}: ${text}` : text;
}

/**
 * `file:line:column` where the error knows it, else the project's file on top of the stack, else
 * nothing.
 * @param {import("./types.d.mts").Thrown} error
 * @param {string} root
 */
function placeOf(error, root) {
  const file = error.loc?.file ?? error.id;
  const column = error.loc?.column;
  if (file)
    return [file, error.loc?.line, column !== undefined && column >= 0 ? column + 1 : undefined]
      .filter((part) => part)
      .join(":");
  // Vite wraps modules before it runs them, so the stack's line numbers are not those of the file.
  const stack = error.stack ?? "";
  const start = stack.indexOf(root + path.sep);
  return start < 0 ? "" : (/^[^?:)\n]*/.exec(stack.slice(start))?.[0] ?? "");
}

/**
 * Astro marks up its messages for a terminal.
 * @param {unknown} text
 */
function plain(text) {
  return String(text ?? "")
    .replace(/[*`]/g, "")
    .replace(/\n> /g, ". ")
    .replace(/\.\. /g, ". ");
}
