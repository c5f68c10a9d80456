// An edited stylesheet travels with the message that tells of it. Otherwise Vite's client asks for
// it, as a module whose only work is to put its text into the page: three ways between page and
// server instead of one.

import { setTimeout as sleep } from "node:timers/promises";
import { STYLE } from "./events.mjs";

/** In characters. The message goes to every page, so pages that use a longer one ask for it. */
const LONGEST_STYLE = 128 << 10;
/**
 * Other news waits no longer than this for a slow preprocessor; then pages ask for what it makes.
 */
const PATIENCE_MS = 100;

/**
 * What Vite makes of a stylesheet, line by line. Anything else (CSS modules, code that a plugin
 * adds) has to run as a module.
 */
const LINES = [
  /^import \{ createHotContext as __vite__createHotContext \} from "[^"]+";import\.meta\.hot = __vite__createHotContext\("[^"]+"\);import \{ updateStyle as __vite__updateStyle, removeStyle as __vite__removeStyle \} from "[^"]+"$/,
  /^const __vite__id = (?<text>".*")$/,
  /^const __vite__css = (?<text>".*")$/,
  /^__vite__updateStyle\(__vite__id, __vite__css\)$/,
  /^import\.meta\.hot\.accept\(\)$/,
  /^import\.meta\.hot\.prune\(\(\) => __vite__removeStyle\(__vite__id\)\)$/,
];

/**
 * Transform for the HMR channel (hmr-channel.mjs): the message, or a promise of it with the edited
 * styles in it.
 */
export function stylesTransform() {
  return (
    /** @type {import("./types.d.mts").Payload} */ payload,
    /** @type {import("./types.d.mts").Server} */ server,
  ) => {
    if (
      payload.type !== "update" ||
      server.ws.clients.size === 0 ||
      !payload.updates.some(isOwnStyle)
    )
      return payload;
    const transform = (/** @type {string} */ url) =>
      (server.environments?.client ?? server).transformRequest(url);
    return withStyles(payload, transform);
  };
}

/**
 * The message with `style: { id, css }` in every update that is nothing but a stylesheet.
 * `transform(url)` promises what Vite makes of a file.
 * @template {import("vite").HotPayload & { type: "update" }} Payload
 * @param {Payload} payload
 * @param {(url: string) => Promise<{ code: string } | null>} transform
 * @returns {Promise<Payload>}
 */
export async function withStyles(payload, transform) {
  const complete = async (/** @type {import("vite").Update} */ update) => {
    if (!isOwnStyle(update)) return update;
    // What is wrong with a style, the page hears when it asks for it.
    const asked = Promise.try(transform, update.path).catch(() => undefined);
    const made = await Promise.race([asked, sleep(PATIENCE_MS, undefined, { ref: false })]);
    const style = styleOf(made?.code ?? "");
    return style ? { ...update, style } : update;
  };
  return { ...payload, updates: await Promise.all(payload.updates.map(complete)) };
}

/** @param {{ type: string, path: string, acceptedPath: string }} options */
function isOwnStyle({ type, path, acceptedPath }) {
  return type === "js-update" && path === acceptedPath && STYLE.test(path);
}

/**
 * `{ id, css }` of a module that is nothing but a stylesheet, or undefined.
 * @param {string} code
 */
export function styleOf(code) {
  if (code.length > LONGEST_STYLE) return undefined;
  const lines = code.trimEnd().split("\n");
  if (lines.length !== LINES.length) return undefined;
  const found = lines.map((/** @type {string} */ line, /** @type {number} */ at) =>
    LINES[at].exec(line),
  );
  if (found.includes(null)) return undefined;
  const [, id, css] = found.map((match) => match?.groups?.text ?? "");
  return { id: JSON.parse(id), css: JSON.parse(css) };
}
