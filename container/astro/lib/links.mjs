// URLs in a page's HTML, moved under the session's base while the response streams by.
//
// Only attributes that hold URLs and `url(…)` in styles are touched; text, scripts and everything
// that already carries the base pass through byte for byte. The tokenizer is htmlparser2's: it
// reports where things are in the source, so what is left alone is not written again
// (docs/adr/0019-astro-as-it-is.md says why not another).

import { Tokenizer } from "htmlparser2";

const URL_ATTRIBUTES = new Set([
  ..."href src action formaction poster data xlink:href background codebase ping manifest".split(
    " ",
  ),
  // Astro's islands: the modules that the browser imports to make them live.
  ..."component-url renderer-url before-hydration-url".split(" "),
]);
const LIST_ATTRIBUTES = new Set(["srcset", "imagesrcset"]);
/**
 * Between two candidates of a `srcset`. A comma may be part of a URL, so it counts only before a
 * space or behind a descriptor.
 */
const CANDIDATES = /(,\s+|(?<=\s[\d.]+[wxh]),\s*)/;
const CSS_URL = /(url\(\s*["']?|@import\s+["'])(\/[^)"']*)/gi;
/** In characters. A tag or style that is held back longer than this passes unchanged. */
const LONGEST_HELD = 1 << 20;

/**
 * Rewrites HTML piece by piece: `push` returns what can be sent now, `end` the rest. All positions
 * count from the page's start.
 */
export class LinkRewriter {
  #move;
  #insert;
  #tokenizer;
  /** Text that is not sent yet; it begins at `#sent`. */
  #text = "";
  #sent = 0;
  /** Up to here the tokenizer has made up its mind. */
  #done = 0;
  /**
   * @type {{ start: number, end: number, text: string }[]} changes to the text, in ascending order
   */
  #edits = [];
  #tag = "";
  /**
   * @type {Map<string, { start: number, end: number }>} where the current tag's attributes have
   *   their values
   */
  #values = new Map();
  #attribute = "";
  /** Where the text of the current `<style>` begins, or -1. */
  #style = -1;
  #inserted = false;
  #first;
  /**
   * Whether this is the start of a document: nothing but its type and `<html>` so far. A fragment
   * begins with anything else.
   */
  #start = false;

  /**
   * @param {(url: string) => string} move moves one URL, as `mover` makes it
   * @param {() => string} [insert] HTML to put at the end of the page's body, asked for when it is
   *   reached
   * @param {string} [first] HTML to put at the start of the page's head; not into a fragment
   */
  constructor(move, insert = () => "", first = "") {
    this.#move = move;
    this.#insert = insert;
    this.#first = first;
    const reached = (/** @type {number} */ _start, /** @type {number} */ end) => this.#reached(end);
    this.#tokenizer = new Tokenizer(
      { decodeEntities: false },
      {
        onopentagname: (start, end) => this.#open(start, end),
        onattribname: (start, end) => (this.#attribute = this.#slice(start, end).toLowerCase()),
        onattribdata: (start, end) => this.#value(start, end),
        onattribend: () => {},
        onattribentity: () => {},
        onopentagend: (end) => this.#opened(end + 1),
        onselfclosingtag: (end) => this.#opened(end + 1),
        onclosetag: (start, end) => this.#close(start, end),
        ontext: reached,
        ontextentity: () => {},
        oncdata: reached,
        oncomment: reached,
        ondeclaration: (start, end) => this.#declared(start, end),
        onprocessinginstruction: reached,
        onend: () => {},
      },
    );
  }

  /** @param {string} html */
  push(html) {
    this.#text += html;
    this.#tokenizer.write(html);
    const all = this.#sent + this.#text.length;
    if (this.#text.length > LONGEST_HELD) this.#style = -1;
    const safe = this.#style < 0 ? this.#done : this.#style;
    return this.#flush(this.#text.length > LONGEST_HELD ? all : Math.min(safe, all));
  }

  end() {
    this.#tokenizer.end();
    const all = this.#sent + this.#text.length;
    if (this.#style >= 0) this.#change(this.#style, all, this.#css(this.#slice(this.#style, all)));
    return this.#flush(all) + this.#last();
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  #slice(start, end) {
    return this.#text.slice(start - this.#sent, end - this.#sent);
  }

  /** @param {number} until */
  #flush(until) {
    let out = "";
    let at = this.#sent;
    while (this.#edits.length > 0 && this.#edits[0].end <= until) {
      const { start, end, text } = this.#edits[0];
      this.#edits.shift();
      if (start < at) continue; // it was held for too long, and is out already
      out += this.#slice(at, start) + text;
      at = end;
    }
    if (at < until) out += this.#slice(at, until);
    this.#text = this.#text.slice(until - this.#sent);
    this.#sent = until;
    return out;
  }

  /**
   * @param {number} start
   * @param {number} end
   * @param {string} text
   */
  #change(start, end, text) {
    if (start >= this.#sent && text !== this.#slice(start, end))
      this.#edits.push({ start, end, text });
  }

  /** @param {number} end */
  #reached(end) {
    this.#done = Math.max(this.#done, end);
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  #open(start, end) {
    this.#tag = this.#slice(start, end).toLowerCase();
    this.#values.clear();
    if (this.#tag === "html") this.#start = true;
    else if (this.#tag !== "head") this.#begin(start - "<".length);
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  #declared(start, end) {
    if (/^!?doctype\b/i.test(this.#slice(start, end))) this.#start = true;
    this.#reached(end);
  }

  /**
   * The head begins here, whether it has a tag or not.
   * @param {number} at
   */
  #begin(at) {
    if (this.#start && this.#first !== "") this.#change(at, at, this.#first);
    this.#start = false;
    this.#first = "";
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  #value(start, end) {
    const value = this.#values.get(this.#attribute);
    // A value may come in several pieces; of an attribute that is given twice, the first counts.
    if (!value) this.#values.set(this.#attribute, { start, end });
    else if (value.end === start) value.end = end;
  }

  /** @param {number} end */
  #opened(end) {
    for (const [name, { start, end: after }] of this.#values) {
      const value = this.#slice(start, after);
      if (URL_ATTRIBUTES.has(name)) this.#change(start, after, this.#move(value));
      else if (LIST_ATTRIBUTES.has(name))
        this.#change(start, after, value.split(CANDIDATES).map(this.#move).join(""));
      else if (name === "style") this.#change(start, after, this.#css(value));
      else if (name === "content" && this.#isRefresh())
        this.#change(start, after, this.#refresh(value));
    }
    this.#values.clear();
    this.#reached(end);
    if (this.#tag === "head") this.#begin(end);
    if (this.#tag === "style") this.#style = end;
  }

  #isRefresh() {
    const equiv = this.#tag === "meta" && this.#values.get("http-equiv");
    return equiv && /^refresh$/i.test(this.#slice(equiv.start, equiv.end).trim());
  }

  /** @param {string} value */
  #refresh(value) {
    return value.replace(
      /(url\s*=\s*["']?)([^"']+)/i,
      (/** @type {string} */ _, /** @type {string} */ prefix, /** @type {string} */ url) =>
        prefix + this.#move(url),
    );
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  #close(start, end) {
    const before = start - "</".length;
    if (this.#style >= 0)
      this.#change(this.#style, before, this.#css(this.#slice(this.#style, before)));
    this.#style = -1;
    this.#tag = "";
    this.#values.clear();
    if (this.#slice(start, end).toLowerCase() === "body")
      this.#change(before, before, this.#last());
    this.#reached(this.#slice(end, end + 1) === ">" ? end + 1 : end);
  }

  /** @param {string} text */
  #css(text) {
    return text.replace(
      CSS_URL,
      (/** @type {string} */ _, /** @type {string} */ open, /** @type {string} */ url) =>
        open + this.#move(url),
    );
  }

  #last() {
    if (this.#inserted) return "";
    this.#inserted = true;
    return this.#insert();
  }
}
