// What a package manager prints: how far it is, and why it failed. The last lines are seldom the
// cause: npm closes with its usage text, pnpm with a stack. Each manager's own error code and the
// lines that belong to it are told instead.

const MOST_LINES = 6;
const LONGEST_CAUSE = 1200;

/** Lines that say nothing about a failure. */
const NOISE = [
  /^npm (error|ERR!) (A complete log of this run|There is an? .*log|Run "npm help|Note that you can also|Clean install a project|Usage:|Options:|aliases?:|npm ci\b|\s*\[|For a full report|Log files were not written|in the file)/i,
  /^npm (http|warn|WARN|notice|timing|info|verb|sill)\b/,
  /^npm (error|ERR!)( 40\d)?\s*$|^npm (error|ERR!) 404\s+(Note that you can|tarball, folder)/,
  /^\s*at .+:\d+:\d+\)?$/,
  /^(Progress:|Already up to date|Lockfile is up to date|Scope:|Done in|info |\[\d\/\d\]|success )/,
  /^➤ YN0000: ([└┌]|·|Done|Failed)/,
  /^(\s*[~^─-]+|bun install v|Resolving dependencies|Resolved, downloaded)/,
];

/** What to do about a failure, by what the managers say. The first that fits is told. */
const OUT_OF_STEP =
  /from lock file|EUSAGE|OUTDATED_LOCKFILE|CONFIG_MISMATCH|YN0028|needs to be updated|lockfile had changes|frozen/i;
const REMEDIES = [
  [OUT_OF_STEP, "bring the lock file up to date ({update}) and commit it"],
  [
    /EINTEGRITY|TARBALL_INTEGRITY|YN0018|Integrity check failed|integrity/i,
    "the registry gives other bytes than the lock file names: make the lock file again, or see what the registry serves",
  ],
  [
    /E40[13]|ERR_PNPM_FETCH_40[13]|401|403|authenticat|credential/i,
    "the registry wants credentials; put them into the project's own .npmrc, or use packages that anyone may read",
  ],
  [
    /E404|FETCH_404|404 Not Found|YN0035|is not in this registry|NO_MATCHING_VERSION|ETARGET|No matching version|YN0082/i,
    "correct the package's name or version in package.json",
  ],
  [
    /ENOSPC|no space left/i,
    "free space on the task's scratch disk, or give the task more (ephemeral storage)",
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|META_FETCH_FAIL|self.signed|CERT_|UNABLE_TO_/i,
    "check whether the package registry can be reached from here: registry, proxy and certificate settings",
  ],
  [
    /EUNSUPPORTEDPROTOCOL|Unsupported URL Type/i,
    "name the package manager that knows this protocol in packageManager, such as pnpm",
  ],
  [
    /ERESOLVE|peer dep/i,
    "resolve the conflict in package.json, or set legacy-peer-deps=true in .npmrc as npm suggests",
  ],
];

/** @type {Record<string, string>} */
const UPDATE = {
  npm: "npm install",
  pnpm: "pnpm install",
  yarn: "yarn install",
  bun: "bun install",
};

/**
 * The lines that say why the manager failed, joined; its last line when none is known to.
 * @param {import("./types.d.mts").ManagerName} name
 * @param {string[]} lines
 */
export function causeOf(name, lines) {
  const told = lines
    .filter((/** @type {string} */ line) => !NOISE.some((noise) => noise.test(line.trim())))
    .map((/** @type {string} */ line) => line.trim());
  const marked = told.filter((/** @type {string} */ line) => MARKS[name].test(line)).map(plain);
  const start = told.findIndex((/** @type {string} */ line) => STARTS[name]?.test(line));
  const chosen =
    start >= 0
      ? told.slice(start).map(plain)
      : marked.length > 0
        ? marked
        : told.slice(-3).map(plain);
  const unique = [...new Set(chosen.filter((/** @type {string} */ line) => line !== ""))];
  return unique.slice(0, MOST_LINES).join("\n").slice(0, LONGEST_CAUSE) || "it printed no reason";
}

/**
 * Whether a manager's cause says that the lock file does not fit package.json.
 * @param {string} cause
 */
export function isOutOfStep(cause) {
  return OUT_OF_STEP.test(cause);
}

/**
 * What to do about the cause.
 * @param {import("./types.d.mts").ManagerName} name
 * @param {string} cause
 */
export function remedyFor(name, cause) {
  const found = /** @type {[RegExp, string][]} */ (REMEDIES).find(([pattern]) =>
    pattern.test(cause),
  );
  return (
    found?.[1] ??
    "correct package.json or the lock file, or check whether the package registry can be reached from here"
  ).replace("{update}", UPDATE[name]);
}

/** @type {Record<string, RegExp>} */
const MARKS = {
  npm: /^npm (error|ERR!)/,
  pnpm: /^\s*ERROR\b|^\[?ERR/,
  yarn: /^error |YN\d{4}.*(error|fail|can't|couldn't|would|forbidden|not)|^➤ YN(?!0000|0007|0013|0019)\d{4}|^Usage Error|^Internal Error/i,
  bun: /^error:?|error:/i,
};
/** @type {Record<string, RegExp>} */
const STARTS = { pnpm: /^(\[?ERR\w*\]?\s+)?ERR_PNPM_/ };

/** @param {string} line */
function plain(line) {
  return line
    .replace(/^npm (error|ERR!)\s*/, "")
    .replace(/^code /, "")
    .replace(/^➤ /, "")
    .replace(/^\[?ERR(OR)?\]?\s+(?=ERR_)/, "")
    .trim();
}

/**
 * A reader of a manager's output for its progress: feed it lines, ask `text()`. `total` is the
 * number of packages in the lock file, if known.
 * @param {import("./types.d.mts").ManagerName} name
 * @param {number | undefined} total
 */
export function progressOf(name, total) {
  let fetched = 0;
  let last = "";
  return {
    /** @param {string} line */
    hear(line) {
      if (name === "npm" && /^npm http (fetch|cache)/.test(line)) fetched++;
      else if (name === "pnpm" && /^Progress:/.test(line))
        last = line.replace(/^Progress:\s*/, "").replace(/, done$/, "");
      else if (name === "yarn" && /^\[\d\/\d\]|^➤ YN0000: ┌ /.test(line))
        last = line.replace(/^➤ YN0000: ┌ |\.{3}$/g, "").toLowerCase();
    },
    text: () =>
      name === "npm" && fetched > 0
        ? `${fetched}${total ? ` of about ${total}` : ""} packages looked up`
        : last,
  };
}
