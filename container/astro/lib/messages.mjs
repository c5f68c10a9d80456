// made by scripts/gen_messages.py from contract/messages; do not edit.

export const STAGES = Object.freeze(["start", "install", "config", "build", "serve"]);
export const ERROR_CODES = Object.freeze([
  "config",
  "install",
  "unsupported-astro",
  "build",
  "build-memory",
  "build-timeout",
  "internal",
  "crashed",
  "timeout",
  "storage",
  "limit",
  "endless",
]);
export const UPDATE_KINDS = Object.freeze([
  "config",
  "css",
  "astro",
  "content",
  "component",
  "script",
  "other",
]);
export const LOG_LEVELS = Object.freeze(["debug", "info", "warn", "error"]);
export const WATCH_MODES = Object.freeze(["auto", "native", "hybrid", "polling"]);

/** Longest message on the channel, in bytes. */
export const MAX_LINE_BYTES = 589824;

/** Open pages in one `viewers` message. */
export const MAX_VIEWERS = 60;

/** How the names of files end that are about to be renamed into place. */
export const TEMPORARY = ".astro-live-tmp";

/** Longest text, in characters, of each field of each message that a dev server or a process of it sends. */
export const LIMITS = Object.freeze({
  "build-ended": {},
  built: {},
  checked: {
    problems: {
      message: 2000,
      file: 1024,
      frame: 2000,
      plugin: 300,
      fix: 1000,
      page: 300,
    },
  },
  error: {
    message: 4000,
    fix: 4000,
    stack: 16000,
  },
  healed: {},
  log: {
    message: 4000,
  },
  noticed: {},
  production: {},
  progress: {
    detail: 300,
  },
  ready: {
    astro: 100,
    vite: 100,
    watch: {
      reason: 300,
    },
    packages: {
      root: 1024,
      version: 300,
      lock: 300,
      refusedScripts: 300,
      failedScripts: 300,
    },
    site: {
      reason: 300,
      warnings: 300,
      accelerations: {
        name: 100,
        without: 300,
      },
      overridden: {
        name: 300,
        value: 300,
      },
    },
  },
  replace: {
    reason: 300,
  },
  report: {
    site: {
      reason: 300,
      warnings: 300,
      accelerations: {
        name: 100,
        without: 300,
      },
      overridden: {
        name: 300,
        value: 300,
      },
    },
    packages: {
      root: 1024,
      version: 300,
      lock: 300,
      refusedScripts: 300,
      failedScripts: 300,
    },
  },
  update: {
    path: 4096,
  },
  viewers: {
    viewers: {
      id: 100,
      visitor: 300,
      name: 300,
      page: 300,
    },
  },
  warm: {},
  "build-made": {
    layout: {
      assets: 4096,
      client: 4096,
      server: 4096,
      preview: 4096,
    },
    ownBase: 300,
  },
  "job-failed": {
    message: 4000,
    stack: 16000,
  },
  retired: {},
  "server-up": {},
  taken: {},
});
