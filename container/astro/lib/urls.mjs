// Addresses that a site writes from the root (`/about`, `/favicon.svg`), moved under the session's base.

/**
 * A function that moves one URL under `base` and returns every other text unchanged. `base` and `ownBase` (the base of the site's
 * own configuration, which links may be written against) come without a closing slash, empty for none; `origin` is the public one.
 * @param {{ base: string, ownBase?: string, origin?: string }} address
 * @returns {(url: string) => string}
 */
export function mover({ base, ownBase = "", origin = "" }) {
  return (url) => {
    const text = url.trim();
    const absolute = origin !== "" && isBelow(text, origin);
    const path = absolute ? text.slice(origin.length) : text;
    if ((!path.startsWith("/") && !absolute) || path.startsWith("//")) return url;
    // On its own host a session has no base, and only the site's own is taken off.
    if (base === "" ? ownBase === "" || !isBelow(path, ownBase) : isBelow(path, base)) return url;
    const inSite = ownBase !== "" && isBelow(path, ownBase) ? path.slice(ownBase.length) : path;
    return (absolute ? origin : "") + base + (/^\/|^$/.test(inSite) ? inSite || "/" : `/${inSite}`);
  };
}

/**
 * Whether `url` is `prefix` or something below it.
 * @param {string} url
 * @param {string} prefix
 */
export function isBelow(url, prefix) {
  return url.startsWith(prefix) && ["", "/", "?", "#"].includes(url.charAt(prefix.length));
}

/**
 * A base as a prefix: with a leading slash and without a closing one; empty for the root.
 * @param {unknown} base
 */
export function asPrefix(base) {
  const text = `/${base ?? ""}`.replace(/^\/+/, "/").replace(/\/+$/, "");
  return text;
}
