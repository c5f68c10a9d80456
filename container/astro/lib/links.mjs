// Root-absolute links (`/about`, `/favicon.svg`) in a page's HTML, moved under the session's base while the response streams by.
//
// A site that was written for its own domain names its pages and public files from the root. Under `/session/{id}/` those
// addresses belong to someone else. Only attributes that hold URLs are touched; text, scripts and everything that already
// carries the base pass through unchanged.

const URL_ATTRIBUTES = new Set(["href", "src", "action", "formaction", "poster", "data", "xlink:href", "background"]);
const LIST_ATTRIBUTES = new Set(["srcset", "imagesrcset"]);
const RAW_TEXT = new Set(["script", "style", "textarea", "title", "xmp", "iframe", "noembed"]);
const ATTRIBUTE = /([^\s"'<>/=]+)(?:(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'<>]+))?/g;
const CSS_URL = /(url\(\s*["']?)(\/[^)"']*)/gi;
const LONGEST_TAG = 1 << 20;

/** A function that moves one root-absolute URL under `base` (no closing slash) and returns every other text unchanged. */
export function rebaser(base) {
  return (url) => {
    const text = url.trimStart();
    if (base === "" || !text.startsWith("/") || text.startsWith("//")) return url;
    if (text.startsWith(base) && ["", "/", "?", "#"].includes(text.charAt(base.length))) return url;
    return base + text;
  };
}

/** Rewrites HTML piece by piece: `push` returns what can be sent now, `end` the rest. */
export class LinkRewriter {
  #rebase;
  #pending = "";
  #raw = "";

  constructor(base) {
    this.#rebase = rebaser(base);
  }

  push(html) {
    const text = this.#pending + html;
    let out = "";
    let at = 0;
    for (;;) {
      if (this.#raw) {
        const end = closingTag(text, this.#raw, at);
        if (end < 0) break;
        const content = text.slice(at, end);
        out += this.#raw === "style" ? this.#css(content) : content;
        at = end;
        this.#raw = "";
      }
      const open = text.indexOf("<", at);
      if (open < 0) {
        out += text.slice(at);
        at = text.length;
        break;
      }
      out += text.slice(at, open);
      at = open;
      const end = tokenEnd(text, open);
      if (end < 0) break;
      const token = text.slice(open, end);
      at = end;
      const name = /^<([a-zA-Z][^\s/>]*)/.exec(token)?.[1].toLowerCase();
      out += name ? this.#tag(token, name) : token;
      if (name && RAW_TEXT.has(name)) this.#raw = name;
    }
    this.#pending = text.slice(at);
    if (this.#pending.length > LONGEST_TAG && !this.#raw) out += this.end();
    return out;
  }

  end() {
    const rest = this.#pending;
    this.#pending = "";
    return this.#raw === "style" ? this.#css(rest) : rest;
  }

  #css(text) {
    return text.replace(CSS_URL, (_, open, url) => open + this.#rebase(url));
  }

  #tag(tag, name) {
    const start = name.length + 1;
    const refresh = name === "meta" && /http-equiv\s*=\s*["']?refresh/i.test(tag);
    const attributes = tag.slice(start).replace(ATTRIBUTE, (whole, attribute, equals, value) => {
      if (value === undefined) return whole;
      const quote = value[0] === '"' || value[0] === "'" ? value[0] : "";
      const text = quote ? value.slice(1, -1) : value;
      const key = attribute.toLowerCase();
      let changed = text;
      if (URL_ATTRIBUTES.has(key)) changed = this.#rebase(text);
      else if (LIST_ATTRIBUTES.has(key)) changed = text.split(/(,\s+)/).map((part) => this.#rebase(part)).join("");
      else if (key === "style") changed = this.#css(text);
      else if (key === "content" && refresh) changed = text.replace(/(url\s*=\s*)(\/.*)/i, (_, prefix, url) => prefix + this.#rebase(url));
      return changed === text ? whole : attribute + equals + quote + changed + quote;
    });
    return tag.slice(0, start) + attributes;
  }
}

/** Index of `</name` at or after `from`, or -1. */
function closingTag(text, name, from) {
  const pattern = new RegExp(`</${name}(?=[\\s/>])`, "gi");
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}

/** Index just behind the tag or comment that starts at `open`, or -1 when it is not complete yet. */
function tokenEnd(text, open) {
  if (open + 1 >= text.length) return -1;
  if (text.startsWith("<!--", open)) {
    const end = text.indexOf("-->", open + 4);
    return end < 0 ? -1 : end + 3;
  }
  if (text.length - open < 4 && "<!--".startsWith(text.slice(open))) return -1;
  if (!/[a-zA-Z/!?]/.test(text[open + 1])) return open + 1;
  let quote = "";
  for (let at = open + 1; at < text.length; at++) {
    const char = text[at];
    if (quote) {
      if (char === quote) quote = "";
    } else if (char === ">") {
      return at + 1;
    } else if ((char === '"' || char === "'") && /=\s*$/.test(text.slice(Math.max(open, at - 8), at))) {
      quote = char;
    }
  }
  return -1;
}
