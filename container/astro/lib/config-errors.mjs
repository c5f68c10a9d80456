// An error in the site's configuration or in an integration, while the site runs.
//
// Astro goes on with the configuration before and tells the pages that are open at that moment. A
// page that is opened, or loaded again, before the error is fixed shows nothing. The message names
// no file.

import path from "node:path";
import { configFileOf } from "./own-base.mjs";

const RESTART = /[\\/]astro[\\/]dist[\\/]core[\\/]dev[\\/]restart\.m?js/;

/**
 * What such a message says, with the configuration's file; undefined for any other message. Called
 * by who sends it: the stack tells. `named` is what the site's `astro dev --config` names, relative
 * to the site; empty where Astro finds the file.
 * @param {string} root
 * @param {string | import("./types.d.mts").Payload} payload
 * @param {string} named
 */
export function configErrorOf(root, payload, named) {
  if (
    typeof payload !== "object" ||
    payload.type !== "error" ||
    !RESTART.test(String(new Error().stack))
  )
    return undefined;
  const { message, stack, loc } = payload.err;
  return { ...ofConfiguration(root, message, named), stack: stack ?? "", loc };
}

/**
 * What is wrong where no other dev server could be made.
 * @param {string} root
 * @param {string[]} errors what was logged meanwhile
 * @param {string} [named] as for `configErrorOf`
 */
export function setupError(root, errors, named) {
  const [message = "the dev server could not be set up"] = errors;
  return { ...ofConfiguration(root, message, named), stack: "" };
}

/**
 * A configuration that has been loading for `seconds`. `named` as for `configErrorOf`.
 * @param {string} root
 * @param {number} seconds
 * @param {string} named
 */
export function slowError(root, seconds, named) {
  const message =
    `has been loading for ${seconds} s, the setup of integrations included. Until it is done, the` +
    " session goes on with the one before. If it does not end, edit it: the dev server starts again";
  return { ...ofConfiguration(root, message, named), stack: "" };
}

/**
 * @param {string} root
 * @param {string} message
 * @param {string} [named]
 */
function ofConfiguration(root, message, named) {
  const file = named ? path.resolve(root, named) : configFileOf(root);
  return {
    message: file ? `${path.relative(root, file)}: ${message}` : message,
    plugin: "astro:config",
    id: file,
  };
}

/**
 * `errors` are the errors that this logger is given until `end()` is called.
 * @param {import("vite").Logger} logger
 */
export function listenedTo(logger) {
  /** @type {string[]} */
  const errors = [];
  const { error } = logger;
  logger.error = (message, options) => {
    errors.push(message);
    error.call(logger, message, options);
  };
  return { errors, end: () => (logger.error = error) };
}
