// Addresses that a site writes from the root (`/about`, `/favicon.svg`), moved under the session's
// base.

/**
 * A function that moves one URL under `base` and returns every other text unchanged. `base` and
 * `ownBase` (the base of the site's own configuration, which links may be written against) come
 * without a closing slash, empty for none; `origin` is the public one.
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
    const known = base === "" ? path : withoutInner(path, base);
    const inSite = ownBase !== "" && isBelow(known, ownBase) ? known.slice(ownBase.length) : known;
    return (absolute ? origin : "") + base + (/^\/|^$/.test(inSite) ? inSite || "/" : `/${inSite}`);
  };
}

/**
 * A path without the base in its middle: a site that puts a language before the path of its page
 * (`Astro.url.pathname`) writes `/de/session/x/about` and means `/de/about`.
 * @param {string} path
 * @param {string} base
 */
export function withoutInner(path, base) {
  const at = path.indexOf(base);
  const end = path.search(/[?#]|$/);
  return at > 0 && at < end && isBelow(path.slice(at), base)
    ? path.slice(0, at) + path.slice(at + base.length)
    : path;
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
