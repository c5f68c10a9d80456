// made by scripts/gen_messages.py from contract/messages; do not edit.

/** A change to Astro's modules that makes a session faster or tidier, and whether this release has a place for it. */
export interface Acceleration {
  name: string;
  active: boolean;
  without: string;
}

/** What is known of a good build: `build.json` beside it. */
export interface Build {
  number: number;
  /** Unix time */
  createdAt: number;
  /** What the build took */
  seconds: number;
  /** The most memory that the build was seen to use */
  memoryMib: number;
  bytes: number;
  files: number;
  /** Version */
  astro: string;
  fingerprint: string;
  vite?: string;
  environment: Record<string, string>;
  ownBase: string;
  layout: Layout;
}

/** Production mode: a build is over, on request or not. */
export interface BuildEnded {
  type: "build-ended";
  outcome: BuildOutcome;
  build?: number;
  ms: number;
  memoryMib: number;
}

/** Build the site, and end. */
export interface BuildJob {
  base: string;
  publicUrl: string;
  scratchDir: string;
  allowedHosts: string[];
  astro: string;
  type: "build-job";
  root: string;
  outDir: string;
  configFile?: string;
  mode?: string;
  siteUrl?: string;
  ownBase?: string;
}

/** The site was built. */
export interface BuildMade {
  type: "build-made";
  layout: Layout;
  ownBase: string;
}

/** How a build ended, for metrics. A closed list: each value is a label. */
export type BuildOutcome = "good" | "failed" | "memory" | "timeout";

/** Production mode: what a build may take, and what becomes of it. */
export interface BuildPolicy {
  folder: string;
  keep: number;
  keptMib?: number;
  memoryMib: number;
  seconds: number;
  publishing: Publishing;
  turns?: boolean;
}

/** Production mode: the build that waits may begin. */
export interface BuildTurn {
  type: "build-turn";
}

/** Production mode: what `Rebuild` or `Serve` asked for is done. */
export interface Built {
  type: "built";
  changed: boolean;
  build: number;
  ms: number;
}

/** A file was written, added or removed; the watcher need not find out. */
export interface Change {
  type: "change";
  event: "add" | "change" | "unlink";
  path: string;
}

/** Files that were changed together: pages get what follows of all of them in one message. */
export interface Changes {
  type: "changes";
  changes: FileChange[];
  more?: boolean;
}

/** Find out what is wrong now, and (`shown`) wait until the open pages show the edits so far. Answered by `Checked`. */
export interface Check {
  type: "check";
  id: number;
  paths: string[];
  ms: number;
  shown?: boolean;
}

/** What `Check` has found. */
export interface Checked {
  type: "checked";
  id: number;
  outcome: Outcome;
  pages: number;
  ms: number;
  problems: Problem[];
}

/** A connection, whose socket comes along. Answered by `Taken`. */
export interface Connection {
  type: "connection";
  number: number;
}

/** Send `Ready` as it would be now, and in production mode `Production`, to a control plane that took over. */
export interface Describe {
  type: "describe";
}

/** Close what visitors have open whom a credential of the API has signed in: it has ended. */
export interface EndJobVisits {
  type: "end-visits";
  credential: string;
}

/** Close what visitors have open whom a credential of the API has signed in: it has ended. */
export interface EndVisits {
  type: "end-visits";
  credential: string;
}

/** What went wrong with a session's dev server. */
export type ErrorCode =
  | "config"
  | "install"
  | "unsupported-astro"
  | "build"
  | "build-memory"
  | "build-timeout"
  | "internal"
  | "crashed"
  | "timeout"
  | "storage"
  | "limit"
  | "endless";

/** Files are about to be changed together; `Changes` follows. Pages hear about them once. */
export interface Expect {
  type: "expect";
}

/** The start failed, or (production) the newest build did. */
export interface Failure {
  type: "error";
  code: ErrorCode;
  message: string;
  fix?: string;
  stack?: string;
  answer?: boolean;
}

/** One of several. */
export interface FileChange {
  event: "add" | "change" | "unlink";
  path: string;
}

/** What the last `Failure` of a serving dev server said is over. */
export interface Healed {
  type: "healed";
}

/** How a page's HMR client reaches its dev server from outside. */
export interface HmrClient {
  protocol: SocketScheme;
  clientPort: number;
  path: string;
}

/** The job cannot be done; the process ends. */
export interface JobFailed {
  type: "job-failed";
  message: string;
  stack?: string;
}

/** What has to be known of a build to serve it without the site's sources. Paths are relative to the build's output folder. */
export interface Layout {
  trailingSlash: "always" | "never" | "ignore";
  format: "file" | "directory" | "preserve";
  assets: string;
  client: string;
  server?: string;
  preview?: string;
  headers: Record<string, string>;
}

/** A line for the session's log. */
export interface Log {
  type: "log";
  level: LogLevel;
  message: string;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

/** What a `Check` would find may have changed: a file, an open page, an error in one of them. */
export interface Noticed {
  type: "noticed";
}

/** What became of an edit. */
export type Outcome = "shown" | "rendered" | "error" | "pending";

/** A setting of the site that does not hold in a session. */
export interface Overridden {
  name: string;
  value: string;
}

/** Where the site is in its repository, how its packages were installed, and which scripts ran or did not. */
export interface Packages {
  root?: string;
  manager: PackageManager;
  version?: string;
  lock?: string;
  seconds?: number;
  refusedScripts?: string[];
  failedScripts?: string[];
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

/** Where a problem was seen. */
export type ProblemSource = "module" | "page" | "site" | "browser";

/** Production mode: what is served and whether a build is under way. Sent at each change. */
export interface Production {
  type: "production";
  serving?: number;
  pinned?: boolean;
  buildingPid?: number;
  turn?: Turn;
}

/** The start is under way. */
export interface Progress {
  type: "progress";
  stage: Stage;
  detail?: string;
}

/** The dev server answers on the socket that `Start` named. */
export interface Ready {
  type: "ready";
  astro: string;
  vite?: string;
  watch: WatchReport;
  packages?: Packages;
  site?: SiteReport;
}

/** Production mode: build again. Answered by `Built`, or by a `Failure` that is marked as the answer. */
export interface Rebuild {
  type: "rebuild";
  publish?: boolean;
  force?: boolean;
}

/** The dev server has to be replaced by a new one: packages were installed that this one cannot load any more. */
export interface Replace {
  type: "replace";
  reason: string;
}

/** What `Ready` said has changed: the site's configuration was edited, or its packages are installed only now. */
export interface Report {
  type: "report";
  site?: SiteReport;
  packages?: Packages;
}

/** A newer build serves: finish what is under way, then end. Answered by `Retired`. */
export interface Retire {
  type: "retire";
}

/** The answer to `Retire`: idle connections are closed, so no further request meets this build. */
export interface Retired {
  type: "retired";
}

/** Production mode: serve a build that is kept. Answered as `Rebuild` is. */
export interface Serve {
  type: "serve";
  build: number;
}

/** Serve a build, until `Retire` or the end of the channel. Connections come with `Connection`. */
export interface ServeJob {
  base: string;
  publicUrl: string;
  scratchDir: string;
  allowedHosts: string[];
  astro: string;
  type: "serve-job";
  build: Build;
  folder: string;
  others: string[];
  visitorConnections?: number;
  frameAncestors?: string[];
}

/** The server takes connections. */
export interface ServerUp {
  type: "server-up";
}

/** How a site runs in its session: whether open pages follow edits, and what differs from bare `astro dev`. */
export interface SiteReport {
  live: boolean;
  reason: string;
  warnings: string[];
  accelerations: Acceleration[];
  overridden: Overridden[];
}

/** Where a start is, for the waiting page. */
export type Stage = "start" | "install" | "config" | "build" | "serve";

/** Start the session. Sent once. */
export interface Start {
  type: "start";
  mode: Mode;
  root: string;
  site?: string;
  base: string;
  publicUrl: string;
  hmr: HmrClient;
  watch: Watch;
  pageUpdates: PageUpdates;
  scratchDir: string;
  sharedDir?: string;
  installSeconds: number;
  allowedHosts: string[];
  socketPath: string;
  builds?: BuildPolicy;
  visitorConnections?: number;
  connectionBadge?: boolean;
  frameAncestors?: string[];
}

/** End in order. */
export interface Stop {
  type: "stop";
}

/** The process has the connection. */
export interface Taken {
  type: "taken";
  number: number;
}

/** Whether a session builds, or waits until the builds of others have ended. */
export type Turn = "none" | "waiting" | "building";

/** An edit reached the open pages. */
export interface Update {
  type: "update";
  kind: UpdateKind;
  path: string;
  ms: number;
}

/** Kind of an edited file, for metrics. A closed list: each value is a label for as long as the task lives. */
export type UpdateKind = "config" | "css" | "astro" | "content" | "component" | "script" | "other";

/** An open page. */
export interface Viewer {
  id: string;
  visitor: string;
  name: string;
  visible: boolean;
  page: string;
  since: number;
}

/** The open pages, sent at each change. */
export interface Viewers {
  type: "viewers";
  viewers: Viewer[];
  more?: number;
}

/** Everything that can be loaded before the session is known is loaded. */
export interface Warm {
  type: "warm";
}

/** How file changes are to be noticed. */
export interface Watch {
  mode: WatchMode;
  intervalMs: number;
}

/** How file changes are noticed, and why so. */
export interface WatchReport {
  mode: "native" | "hybrid" | "polling" | "off";
  reason: string;
}

export type ToRunner =
  | BuildTurn
  | Change
  | Changes
  | Check
  | Describe
  | EndVisits
  | Expect
  | Rebuild
  | Serve
  | Start
  | Stop;

export type FromRunner =
  | BuildEnded
  | Built
  | Checked
  | Failure
  | Healed
  | Log
  | Noticed
  | Production
  | Progress
  | Ready
  | Replace
  | Report
  | Update
  | Viewers
  | Warm;

export type ToJob = BuildJob | Connection | EndJobVisits | Retire | ServeJob;

export type FromJob = BuildMade | JobFailed | Retired | ServerUp | Taken;

export type Mode = "development" | "production";
export type WatchMode = "auto" | "native" | "hybrid" | "polling";
export type PageUpdates = "in-place" | "reload";
export type Publishing = "on-start" | "on-request";
export type PackageManager = "none" | "npm" | "pnpm" | "yarn" | "bun";
export type SocketScheme = "ws" | "wss";

export const MAX_LINE_BYTES: number;
export const MAX_VIEWERS: number;

export const TEMPORARY: ".astro-live-tmp";

export const STAGES: readonly Stage[];
export const ERROR_CODES: readonly ErrorCode[];
export const UPDATE_KINDS: readonly UpdateKind[];
export const LOG_LEVELS: readonly LogLevel[];

export const WATCH_MODES: readonly WatchMode[];

export interface Limits {
  [field: string]: number | Limits;
}

export const LIMITS: Readonly<Record<string, Limits>>;
