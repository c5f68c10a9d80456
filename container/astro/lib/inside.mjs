// The script that keeps the URLs of a page's own scripts inside the session (page/inside.js), as
// HTML for the start of a page.

import { stayInside } from "./page/inside.js";
import { isBelow, mover, withoutInner } from "./urls.mjs";

/**
 * HTML for the start of a page's head; empty on a separate host, where nothing is outside. `base`
 * and `ownBase` are those of `mover`. It is a script within the page: one with an address would be
 * another request before anything shows.
 * @param {{ base: string, ownBase: string }} address
 */
export function insideScript({ base, ownBase }) {
  if (base === "") return "";
  const above = base.slice(0, base.lastIndexOf("/"));
  const sessions = `${above || base}/`;
  const address = JSON.stringify({ base, ownBase }).replaceAll("<", "\\u003c");
  const functions = [isBelow, withoutInner, mover].join("\n");
  return `<script data-astro-live="inside">(() => {
${functions}
(${stayInside})({ move: mover(${address}), sessions: ${JSON.stringify(sessions)} });
})();</script>`;
}

/**
 * Whether an answer forbids scripts within the page. One that does gets none.
 * @param {import("node:http").ServerResponse} response
 */
export function forbidsInline(response) {
  const policy = [response.getHeader("content-security-policy") ?? ""].flat().join(";");
  return (
    /(?:script-src(?:-elem)?|default-src)\s(?![^;]*'unsafe-inline')/i.test(policy) ||
    /'(?:nonce|sha\d+)-/i.test(policy)
  );
}
