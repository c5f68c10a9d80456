// Types that several modules share. What Vite, Node.js and the parent's messages declare is taken from there.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { HotPayload, ViteDevServer } from "vite";
import type { FromRunner, LogLevel, Overridden, Start } from "./messages.mjs";

/** A Vite server of any supported release: Vite 5 has no `environments`. */
export type Server = Omit<ViteDevServer, "environments"> & { environments?: ViteDevServer["environments"] };

/** A request that a server got, so it has a URL. */
export type Request = IncomingMessage & { url: string };
export type Response = ServerResponse;
export type Next = (error?: unknown) => void;

/** A message to pages; `inPlace` is the number of the edit that a page may show without a reload. */
export type Payload = HotPayload & { inPlace?: number };
export type Transform = (payload: Payload, server: Server) => Payload | Promise<Payload>;

/** Moves a URL below the session's base. */
export type Move = (url: string) => string;

export type Environment = Record<string, string | undefined>;
export type Log = (level: LogLevel, text: string) => void;
export type OnProgress = (detail: string) => void;
export type Send = (message: FromRunner) => void;

/** The Astro that comes with the runner. */
export interface Bundled {
  folder: string;
  version: string;
  loaded: () => Promise<typeof import("astro")>;
}

/** The start message, with the site's own folder as `root` and the repository's as `repo`. */
export type SiteStart = Start & { repo?: string };

/** What is known of a running site. */
export interface Found {
  notLive: string | undefined;
  overridden: Overridden[];
}
