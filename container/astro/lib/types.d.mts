// Types that several modules share. What Vite, Node.js and the parent's messages declare is taken from there.

import type {
  IncomingMessage,
  OutgoingHttpHeader,
  OutgoingHttpHeaders,
  ServerResponse,
} from "node:http";
import type { Connect, ErrorPayload, HotPayload, Update, ViteDevServer } from "vite";
import type {
  Check,
  Checked,
  FileChange,
  FromRunner,
  LogLevel,
  Overridden,
  Start,
} from "./messages.mjs";

/** A Vite server of any supported release: Vite 5 has no `environments`. */
export type Server = Omit<ViteDevServer, "environments"> & {
  environments?: ViteDevServer["environments"];
};

/** A request that a server got, so it has a URL. */
export type Request = IncomingMessage & { url: string };
export type Response = ServerResponse;
export type Next = (error?: unknown) => void;
/** An entry of a Connect server's stack. */
export type Handler = Connect.NextHandleFunction;

/**
 * A message to pages; `inPlace` is the number of the edit that a page may show without a reload. Of an update, `style` is what became of its
 * stylesheet.
 */
export type Payload = HotPayload & { inPlace?: number };
export type StyledUpdate = Update & { style?: { id: string; css: string } };
/** `send` of Vite's HMR channel: a message, or the name of a plugin's event with its data. */
export type SendMessage = (payload: string | Payload, ...rest: unknown[]) => void;
export type Transform = (payload: Payload, server: Server) => Payload | Promise<Payload>;

/** What a server emits with a request's head: a response, or for an upgrade the connection's stream. */
export type Asked = [request: Request, response: Response];

export type HeaderList = OutgoingHttpHeaders | OutgoingHttpHeader[];
export type Chunk = string | Uint8Array;
export type Written = (error?: Error | null) => void;

/** What a response's methods are replaced with: each has one signature in the place of Node's overloads. */
export interface Sink {
  writeHead(
    status: number,
    ...rest: [reason?: string | HeaderList, headers?: HeaderList]
  ): Response;
  write(
    chunk: Chunk,
    ...rest: [encoding?: BufferEncoding | Written | null, callback?: Written]
  ): boolean;
  end(
    ...rest: [
      chunk?: Chunk | Written | null,
      encoding?: BufferEncoding | Written | null,
      callback?: Written,
    ]
  ): Response;
}

/** Where in a file something is wrong. */
export interface Place {
  file?: string;
  line?: number;
  column?: number;
}

/** What was thrown (`asError`). Node.js, Vite, Astro and zod each say more in fields of their own; a site may leave out any of them. */
export interface Thrown extends Error {
  code?: string;
  hint?: string;
  fix?: string;
  id?: string;
  frame?: string;
  loc?: Place;
  issues?: { message?: string; path: PropertyKey[] }[];
  hostname?: string;
  address?: string;
  memoryMib?: number;
}

/** What is used of a module graph of Vite, of an environment's or of the one that Vite 5 has. */
export interface Graph {
  invalidateModule(module: { lastInvalidationTimestamp: number }, ...rest: unknown[]): void;
  onFileChange(file: string): void;
}

/** A build that is served now, and whether it is another than before. */
export interface Shown {
  changed: boolean;
  build: number;
}

/** An error that pages show in Vite's overlay. */
export type Shows = Omit<ErrorPayload["err"], "loc"> & { loc?: Place };

/** A session that runs. What it has besides `stop` depends on its mode. */
export interface Running {
  stop(): void | Promise<void>;
  tell?(event: string, file: string): void;
  expect?(): void;
  endVisits?(credential: string): void;
  check?(message: Check): Promise<Checked>;
  tellAll?(changes: FileChange[]): void;
  rebuild?(options: { publish: boolean; force?: boolean }): Promise<Shown>;
  serve?(build: number): Promise<Shown>;
  describe?(): void;
}

/** An object whose fields are looked at one by one: nothing declares them. */
export interface Fields {
  [name: string]: unknown;
}

/** `node:http` and `node:https`, as far as they make requests: one signature in the place of several. */
export interface Requesting {
  request(...args: unknown[]): unknown;
  get(...args: unknown[]): unknown;
}

/** Options of the HMR socket: `server.hmr` in Vite before 8.1, `server.ws` since. */
export interface SocketOptions {
  protocol?: string;
  host?: string;
  port?: number;
  clientPort?: number;
  path?: string;
  server?: unknown;
  timeout?: number;
  overlay?: boolean;
}

/** What concerns addresses in a configuration of any supported release of Vite, the site's or the resolved one. */
export interface ViteOptions {
  root?: string;
  base?: string;
  cacheDir?: string;
  server?: ViteServerOptions;
}
export interface ViteServerOptions {
  middlewareMode?: unknown;
  hmr?: boolean | SocketOptions;
  ws?: boolean | SocketOptions;
  https?: object;
  origin?: string;
  open?: string | boolean;
  allowedHosts?: true | string[];
  watch?: { usePolling?: boolean } | null;
  fs?: { allow?: string[]; strict?: boolean };
}

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

/** Options that the site's own script gives Astro: text, or `true` for one without a value. */
export interface CommandOptions {
  config?: unknown;
  mode?: unknown;
  site?: unknown;
  base?: unknown;
}
