// Types of a project's packages and scripts, from the plan of an installation to its record.

import type { PackageManager } from "../messages.mjs";
import type { Environment } from "../types.d.mts";

/** A package.json as somebody wrote it: nothing about its fields is certain. */
// biome-ignore lint/suspicious/noExplicitAny: a reader has to expect any shape
export type Manifest = Record<string, any>;
export type ManagerName = Exclude<PackageManager, "none">;

export interface Lock {
  file: string;
  manager: ManagerName;
}

export interface Hash {
  algorithm: string;
  hex: string;
}

/** A package manager in a version, or the newest release of a line. */
export interface Tool {
  name: ManagerName;
  version: string;
  hash?: Hash;
}

/** What `packageManager` of package.json asks for. */
export interface Wanted {
  name: ManagerName;
  version?: string;
  range?: string;
  hash?: Hash;
}

export interface Manager {
  name: ManagerName;
  lock: string | undefined;
  tool: Tool;
  notes: string[];
}

/** Absolute paths of what an installation reads; `folders` are copied whole. */
export interface Inputs {
  manifests: string[];
  files: string[];
  folders: string[];
}

export interface Plan {
  manager: Manager;
  inputs: Inputs;
  stamp: string;
  folders: string[];
  manifest: Manifest;
}

export interface ScriptFailure {
  script: string;
  reason: string;
  output: string;
}

/** Install scripts of packages: `name@version` of each. */
export interface PackageScripts {
  ran: string[];
  failed: (ScriptFailure & { name: string })[];
  refused: string[];
}

/** What is noted down about a finished installation; without a manager for the packages that come with the runner. */
export interface Installation {
  folders: string[];
  manager?: ManagerName;
  version?: string;
  command?: string[];
  lock?: string;
  notes?: string[];
  scripts?: PackageScripts;
  seconds?: number;
}

/** Where a project is and what is made for it: `bundled` is the runner's node_modules, `dependencies` holds the installations. */
export interface Workshop {
  repo: string;
  site: string;
  bundled: string;
  dependencies: string;
  /** The session's own folder on local disk, and one that the sessions of a task share, by content. */
  scratch: string;
  shared: string | undefined;
  env: Environment;
  limitSeconds: number;
}

/** How a dev or build script starts Astro. */
export interface Parts {
  before: string[];
  beside: string[];
  after: string[];
  options: Record<string, string | true>;
  variables: Record<string, string>;
  wrapper?: string;
}

export interface AstroCommand extends Parts {
  script: string | undefined;
  found: boolean;
  unknown?: string;
}
