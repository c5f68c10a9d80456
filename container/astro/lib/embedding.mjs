// What a page in a frame tells the page around it, as far as the server knows it: edits with their
// latency, and what is wrong with the site as it comes and goes. docs/embed.md describes the whole.
//
// Nothing is looked at before such a page has asked for it. What it hears goes to that page alone.

import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { bounded } from "./channel.mjs";

/** Of a page that has somebody to tell, with the last edit that it told. */
export const WATCH = "astro-live:watch";
/** The number of the newest edit, for a page that has told none. */
export const WATCHING = "astro-live:watching";
export const EDIT = "astro-live:edit";
export const WRONG = "astro-live:wrong";
export const HEALED = "astro-live:healed";

/** Edits that a page which is reloaded for them can still be told, and how long. */
const MOST_EDITS = 50;
const KEPT_MS = 60_000;
/** Changes that come together are looked at once. */
const SETTLE_MS = 100;
const CHECK_MS = 5000;
/** A problem has every field. */
const EMPTY = { file: "", line: 0, column: 0, frame: "", plugin: "", fix: "", page: "" };

/** @typedef {Required<import("./messages.mjs").Problem>} Problem */
/** @typedef {Omit<import("./messages.mjs").Update, "type">} Update */
/** @typedef {import("vite").WebSocketClient} Client */

/**
 * What the scripts of a page are told about frames, or undefined where no other site may frame it.
 * `folder` is the session's. No script of a site can make more of it than it can without: it shares
 * the page, and may speak to its parent by itself.
 * @param {{ origins: readonly string[], base: string, folder: string }} options
 */
export function embeddingOf({ origins, base, folder }) {
  if (origins.length === 0) return undefined;
  return { origins, base, folders: [...new Set([folder, realOf(folder)])] };
}

/** @param {string} folder */
function realOf(folder) {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

export class Embedding {
  #check;
  /** Pages that have somebody to tell. @type {WeakSet<object>} */
  #watching = new WeakSet();
  /** By id. @type {Map<string, Problem>} */
  #known = new Map();
  /** Numbers grow from one process to the next. */
  #number = Date.now();
  /** @type {{ number: number, at: number, edit: { file: string, kind: string } }[]} */
  #edits = [];
  /** @type {import("./types.d.mts").Server["ws"] | undefined} */
  #ws;
  /** Channels that are listened to. @type {WeakSet<object>} */
  #heard = new WeakSet();
  #looking = false;
  #again = false;

  /**
   * `check(message)` finds out what is wrong now, as for the parent.
   * @param {{ check: (message: import("./messages.mjs").Check) =>
   *   Promise<import("./messages.mjs").Checked> }} options
   */
  constructor({ check }) {
    this.#check = check;
  }

  /** @param {import("./types.d.mts").Server} server */
  attach({ ws }) {
    this.#ws = ws;
    if (this.#heard.has(ws)) return;
    this.#heard.add(ws);
    ws.on(
      WATCH,
      (/** @type {{ told?: unknown } | undefined} */ said, /** @type {Client} */ client) =>
        this.#watch(client, Number(said?.told) || 0),
    );
  }

  /** An edit was sent to the pages. @param {Update} update */
  edited({ path, kind, ms }) {
    const at = performance.now() - ms;
    const entry = { number: ++this.#number, at, edit: { file: path, kind } };
    this.#edits = [...this.#edits.slice(1 - MOST_EDITS), entry];
    for (const client of this.#clients()) tellEdit(client, entry);
  }

  /** What is wrong may have changed. */
  noticed() {
    if (this.#clients().length === 0) {
      this.#known.clear(); // nobody hears what heals meanwhile
      return;
    }
    this.#again = true;
    if (!this.#looking) void this.#look();
  }

  #clients() {
    return [...(this.#ws?.clients ?? [])].filter((client) => this.#watching.has(client));
  }

  /**
   * @param {Client} client
   * @param {number} told
   */
  #watch(client, told) {
    this.#watching.add(client);
    const since = performance.now() - KEPT_MS;
    if (told > 0)
      for (const entry of this.#edits)
        if (entry.number > told && entry.at > since) tellEdit(client, entry);
    client.send(WATCHING, { number: this.#number });
    for (const [id, problem] of this.#known) client.send(WRONG, { id, problem });
    this.noticed();
  }

  async #look() {
    this.#looking = true;
    while (this.#again) {
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS).unref());
      this.#again = false;
      try {
        await this.#lookOnce();
      } catch {
        // Of a server that is closing. The next change is looked at again.
      }
    }
    this.#looking = false;
  }

  async #lookOnce() {
    const { outcome, problems } = bounded(
      await this.#check({ type: "check", id: 1, paths: [], ms: CHECK_MS, shown: false }),
    );
    const found = new Map(
      problems.map((problem) => ({ ...EMPTY, ...problem })).map((each) => [idOf(each), each]),
    );
    // What is not known to be over is not.
    this.#take(outcome === "pending" ? new Map([...this.#known, ...found]) : found);
  }

  /** @param {Map<string, Problem>} found */
  #take(found) {
    const before = this.#known;
    this.#known = found;
    for (const client of this.#clients()) {
      for (const [id, { source, file, page }] of before)
        if (!found.has(id)) client.send(HEALED, { id, source, file, page });
      for (const [id, problem] of found) if (!before.has(id)) client.send(WRONG, { id, problem });
    }
  }
}

/**
 * @param {Client} client
 * @param {{ number: number, at: number, edit: object }} entry
 */
function tellEdit(client, { number, at, edit }) {
  const ms = Math.round((performance.now() - at) * 10) / 10;
  client.send(EDIT, { number, ms, ...edit });
}

/**
 * The same as in the API's events (container/gateway/problem_watch.py).
 * @param {Problem} problem
 */
export function idOf({ source, file, page, line, column, plugin, message }) {
  const text = [source, file, page, line, column, plugin, message]
    .map((value) => JSON.stringify(value).replace(/[^ -~]/g, escaped))
    .join(", ");
  return createHash("sha256").update(`[${text}]`).digest("hex").slice(0, 16);
}

/** @param {string} character */
function escaped(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
