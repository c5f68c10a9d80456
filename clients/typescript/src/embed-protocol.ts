// made by scripts/gen_embed.py from contract/embed.py; do not edit.

import type { Fields } from "./shapes.ts";

export const VERSION = 1;

export type Mode = "development" | "production";

/** An element's box in the frame's viewport, in CSS pixels. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The page's live connection is lost, or back. */
export interface Connection {
  /** Version of the protocol */
  astroLive: 1;
  type: "connection";
  live: boolean;
}

/** A command was carried out. `hello` has `ready` instead; `navigate` and `reload` are answered before the page goes. */
export interface Done {
  /** Version of the protocol */
  astroLive: 1;
  type: "done";
  id?: number;
  /** Of `reveal`: whether there is an element */
  found?: boolean;
}

/** The page shows an edit, in place or by a reload. */
export interface Edit {
  /** Version of the protocol */
  astroLive: 1;
  type: "edit";
  /** Grows from edit to edit */
  number: number;
  /** Relative to the session's folder, as the API names it */
  file: string;
  kind: UpdateKind;
  /** From the file's change until the page shows it */
  ms: number;
}

/** Begin. The page answers `ready`. Before it the page sends nothing, and each load of a page in the frame is a new page: send it at each `load` event of the frame. */
export interface Hello {
  /** Version of the protocol */
  astroLive: 1;
  id?: number;
  type: "hello";
  /** Of the last `edit` or `listening`: edits since then follow, among them those that the page was reloaded for */
  after?: number;
}

/** The document has gone, and another one comes in the frame: say `hello` until that one answers. Not sent where a page ends without a chance to say so. */
export interface Leaving {
  /** Version of the protocol */
  astroLive: 1;
  type: "leaving";
}

/** The page hears of edits and problems from now on. Follows `ready`, in a live view. */
export interface Listening {
  /** Version of the protocol */
  astroLive: 1;
  type: "listening";
  /** Of the newest edit */
  number: number;
}

/** Go to another page of the session. */
export interface Navigate {
  /** Version of the protocol */
  astroLive: 1;
  id?: number;
  type: "navigate";
  /** Below the session's own, with query and fragment; empty for its first page */
  address: string;
}

/** The page shows another address without a new document (view transitions, history, fragments). A new document answers the next `hello` with `ready`. */
export interface Navigated {
  /** Version of the protocol */
  astroLive: 1;
  type: "navigated";
  /** Below the session's own, with query and fragment; empty for its first page */
  address: string;
  title: string;
}

/** Begin or end the selection of an element: the one under the pointer has an outline, a click is reported as `picked` and does nothing else, Escape ends it. */
export interface Pick {
  /** Version of the protocol */
  astroLive: 1;
  id?: number;
  type: "pick";
  on: boolean;
}

/** An element was clicked while picking. */
export interface Picked {
  /** Version of the protocol */
  astroLive: 1;
  type: "picked";
  /** In lower case */
  tag: string;
  /** Of the element, its beginning */
  text: string;
  box: Box;
  /** Of the element, or of the nearest one around it that is markup of an Astro file; left out when none is known */
  source?: Place;
  /** Whether `source` is the element's own and not one around it */
  exact: boolean;
  /** The component's file, where the element is a framework island's */
  island?: string;
}

/** The selection of an element has begun or ended, by `pick` or by Escape. A new page begins without. */
export interface Picking {
  /** Version of the protocol */
  astroLive: 1;
  type: "picking";
  on: boolean;
}

/** Where an element is in its file. */
export interface Place {
  /** Relative to the session's folder, as the API names it */
  file: string;
  line: number;
  column: number;
}

/** Something that is wrong with the site. */
export interface Problem {
  source: ProblemSource;
  message: string;
  file?: string;
  line?: number;
  column?: number;
  frame?: string;
  plugin?: string;
  fix?: string;
  page?: string;
}

/** Something is wrong with the site that was not before. After `ready` those that still are come again, and no others are left. `problem` and `id` are those of the API's events. */
export interface ProblemAppeared {
  /** Version of the protocol */
  astroLive: 1;
  type: "problem";
  id: string;
  problem: Problem;
}

/** A problem is over. */
export interface ProblemHealed {
  /** Version of the protocol */
  astroLive: 1;
  type: "healed";
  id: string;
  source: ProblemSource;
  file: string;
  page: string;
}

/** Where a problem was seen. */
export type ProblemSource = "module" | "page" | "site" | "browser";

/** The answer to `hello`. */
export interface Ready {
  /** Version of the protocol */
  astroLive: 1;
  type: "ready";
  id?: number;
  /** Whether the session is edited live or shows a build */
  mode: Mode;
  /** Whether the page follows edits now; always false in a production view */
  live: boolean;
  /** Below the session's own, with query and fragment; empty for its first page */
  address: string;
  title: string;
}

/** Why a command was refused. */
export type RefusalCode =
  | "version"
  | "unknown-type"
  | "bad-field"
  | "hello-first"
  | "too-many"
  | "outside-session"
  | "not-live";

/** A command was refused. Nothing was done. */
export interface Refused {
  /** Version of the protocol */
  astroLive: 1;
  type: "error";
  id?: number;
  code: RefusalCode;
  /** What was wrong, and what is allowed */
  message: string;
  versions?: number[];
}

/** Load the page again. */
export interface Reload {
  /** Version of the protocol */
  astroLive: 1;
  id?: number;
  type: "reload";
}

/** Scroll to what is made of a place in a file: the element of the last annotated line at or before it. */
export interface Reveal {
  /** Version of the protocol */
  astroLive: 1;
  id?: number;
  type: "reveal";
  /** Relative to the session's folder, as the API names it */
  file: string;
  line: number;
}

/** Kind of an edited file, for metrics. A closed list: each value is a label for as long as the task lives. */
export type UpdateKind = "config" | "css" | "astro" | "content" | "component" | "script" | "other";

export type Command = Hello | Navigate | Pick | Reload | Reveal;

export type Event =
  | Connection
  | Done
  | Edit
  | Refused
  | ProblemHealed
  | Leaving
  | Listening
  | Navigated
  | Picked
  | Picking
  | ProblemAppeared
  | Ready;

/** Fields of each event, without `astroLive` and `type`. */
export const EVENTS: Readonly<Record<string, Fields>> = {
  connection: {
    live: { type: "boolean" },
  },
  done: {
    id: { type: "integer", min: 1, max: 9007199254740991, optional: true },
    found: { type: "boolean", optional: true },
  },
  edit: {
    number: { type: "integer", min: 1, max: 9007199254740991 },
    file: { type: "string", min: 1, max: 1024 },
    kind: { of: ["config", "css", "astro", "content", "component", "script", "other"] },
    ms: { type: "number", min: 0, max: 3600000 },
  },
  error: {
    id: { type: "integer", min: 1, max: 9007199254740991, optional: true },
    code: {
      of: [
        "version",
        "unknown-type",
        "bad-field",
        "hello-first",
        "too-many",
        "outside-session",
        "not-live",
      ],
    },
    message: { type: "string", max: 300 },
    versions: {
      type: "array",
      max: 10,
      each: { type: "integer", min: 1, max: 1000 },
      optional: true,
    },
  },
  healed: {
    id: { type: "string", min: 1, max: 100 },
    source: { of: ["module", "page", "site", "browser"] },
    file: { type: "string", max: 1024 },
    page: { type: "string", max: 300 },
  },
  leaving: {},
  listening: {
    number: { type: "integer", min: 1, max: 9007199254740991 },
  },
  navigated: {
    address: { type: "string", max: 2048 },
    title: { type: "string", max: 300 },
  },
  picked: {
    tag: { type: "string", min: 1, max: 100 },
    text: { type: "string", max: 200 },
    box: {
      type: "object",
      fields: {
        x: { type: "number", min: -10000000.0, max: 10000000.0 },
        y: { type: "number", min: -10000000.0, max: 10000000.0 },
        width: { type: "number", min: -10000000.0, max: 10000000.0 },
        height: { type: "number", min: -10000000.0, max: 10000000.0 },
      },
    },
    source: {
      type: "object",
      fields: {
        file: { type: "string", min: 1, max: 1024 },
        line: { type: "integer", min: 1, max: 10000000 },
        column: { type: "integer", min: 1, max: 10000000 },
      },
      optional: true,
    },
    exact: { type: "boolean" },
    island: { type: "string", min: 1, max: 1024, optional: true },
  },
  picking: {
    on: { type: "boolean" },
  },
  problem: {
    id: { type: "string", min: 1, max: 100 },
    problem: {
      type: "object",
      fields: {
        source: { of: ["module", "page", "site", "browser"] },
        message: { type: "string", max: 2000 },
        file: { type: "string", max: 1024, optional: true },
        line: { type: "integer", min: 0, max: 10000000, optional: true },
        column: { type: "integer", min: 0, max: 10000000, optional: true },
        frame: { type: "string", max: 2000, optional: true },
        plugin: { type: "string", max: 300, optional: true },
        fix: { type: "string", max: 1000, optional: true },
        page: { type: "string", max: 300, optional: true },
      },
    },
  },
  ready: {
    id: { type: "integer", min: 1, max: 9007199254740991, optional: true },
    mode: { of: ["development", "production"] },
    live: { type: "boolean" },
    address: { type: "string", max: 2048 },
    title: { type: "string", max: 300 },
  },
};
