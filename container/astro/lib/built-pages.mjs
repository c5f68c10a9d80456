// Production mode: the script of a built page that is shown in a frame, and where it is served.

import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { isDocument } from "./pages.mjs";

const FOLDER = fileURLToPath(new URL("page/", import.meta.url));
const PATH = "/@astro-live/frame/";
const FILE = /^[a-z-]+\.js$/;

/**
 * `ending(request)` is HTML for the end of a page, `answer(request, response)` serves the scripts
 * and says by true that it has answered. Both do nothing where no other site may frame the session.
 * `base` comes without its closing slash.
 * @param {{ base: string, origins: readonly string[] }} options
 */
export function builtPages({ base, origins }) {
  const wanted = origins.length > 0;
  const settings = JSON.stringify({ origins, base: `${base}/`, folders: [] });
  const prefix = base + PATH;
  return {
    ending: (/** @type {import("./types.d.mts").Request} */ request) =>
      wanted && isDocument(request) && request.headers["sec-fetch-dest"] !== "document"
        ? `<script type="module" data-astro-live="frame" src="${prefix}begin.js"></script>`
        : "",

    answer(
      /** @type {import("./types.d.mts").Request} */ request,
      /** @type {import("./types.d.mts").Response} */ response,
    ) {
      if (!wanted || request.method !== "GET" || !request.url.startsWith(prefix)) return false;
      const name = request.url.slice(prefix.length).split("?")[0];
      const text =
        name === "begin.js"
          ? `import { begin } from "./built.js";\nbegin(${settings});\n`
          : textOf(name);
      response.statusCode = text === undefined ? 404 : 200;
      response.setHeader("content-type", "text/javascript; charset=utf-8");
      response.setHeader("cache-control", "no-cache");
      response.end(text ?? "");
      return true;
    },
  };
}

/** @param {string} name */
function textOf(name) {
  try {
    return FILE.test(name) ? readFileSync(path.join(FOLDER, name), "utf8") : undefined;
  } catch {
    return undefined;
  }
}
