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
 * by who sends it: the stack tells.
 * @param {string} root
 * @param {string | import("./types.d.mts").Payload} payload
 */
export function configErrorOf(root, payload) {
  if (
    typeof payload !== "object" ||
    payload.type !== "error" ||
    !RESTART.test(String(new Error().stack))
  )
    return undefined;
  const { message, stack, loc } = payload.err;
  const file = configFileOf(root);
  return {
    message: file ? `${path.basename(file)}: ${message}` : message,
    stack: stack ?? "",
    plugin: "astro:config",
    id: file,
    loc,
  };
}
