// What a project's `dev` script does besides `astro dev`, or its `build` script besides `astro
// build`. Its owner starts the site with `npm run dev`: what comes before Astro in that script
// makes files that the site needs, and what runs beside it keeps them up to date. Astro itself is
// started by the runner, so the script is taken apart.

/** @typedef {import("./types.d.mts").Manifest} Manifest */
/** @typedef {import("./types.d.mts").Parts} Parts */
/** @typedef {import("./types.d.mts").AstroCommand} AstroCommand */
/** @typedef {{ scripts: Record<string, unknown>, command: "dev" | "build" }} Context */
/**
 * A command, and the operator that follows it.
 * @typedef {{ text: string, operator: string }} Step
 */

const RUNNERS = /^(?:npx|bunx|pnpx|(?:pnpm|yarn|npm) exec|(?:pnpm|yarn) dlx|pnpm|yarn|bun|bun x)$/;
const VALUE_OPTIONS = new Set([
  "root",
  "config",
  "mode",
  "site",
  "base",
  "port",
  "host",
  "open",
  "outDir",
  "allowed-hosts",
]);
const DEEPEST = 4;
const SCRIPTS = { dev: ["dev", "start", "develop", "serve"], build: ["build"] };

/**
 * The script of a manifest that runs `astro dev` (or another `command`), taken apart:
 * `{ script, found, before, beside, after, options, variables, wrapper, unknown }`.
 *
 * `before` are command lines that have to end before Astro starts, `beside` those that run along
 * with it, `after` those that follow its end; `options` are Astro's own, `variables` those set for
 * it. `wrapper` is a program that would have started it (`dotenv -- astro dev`). `found` is false
 * when no `astro dev` is in the script, and `unknown` is then its text.
 * @param {Manifest | undefined} manifest
 * @param {"dev" | "build"} [command]
 * @returns {AstroCommand}
 */
export function astroCommand(manifest, command = "dev") {
  const scripts = manifest?.scripts ?? {};
  const nothing = { before: [], beside: [], after: [], options: {}, variables: {} };
  for (const script of SCRIPTS[command]) {
    const text = scripts[script];
    if (typeof text !== "string" || text.trim() === "") continue;
    const parts = takeApart(text, { scripts, command }, DEEPEST);
    if (parts) return { script, found: true, ...parts, options: withFolder(parts) };
    if (script === command) return { script, found: false, ...nothing, unknown: text.trim() };
  }
  return { script: undefined, found: true, ...nothing };
}

/**
 * `cd docs && astro dev` is another spelling of `astro dev --root docs`.
 * @param {{ before: string[], options: Parts["options"] }} options
 */
function withFolder({ before, options }) {
  const folder = /(?:^|&& )cd ([^\s;&|]+)$/.exec(before.at(-1) ?? "")?.[1];
  return folder && options.root === undefined ? { ...options, root: folder } : options;
}

/**
 * Parts of a command line that starts Astro somewhere, or undefined.
 * @param {string} text
 * @param {Context} context
 * @param {number} depth
 * @returns {Parts | undefined}
 */
function takeApart(text, context, depth) {
  if (depth === 0) return undefined;
  const steps = split(text);
  for (const [index, step] of steps.entries()) {
    const parts =
      astroIn(step.text, context.command) ??
      scriptIn(step.text, context, depth - 1) ??
      severalIn(step.text, context, depth - 1);
    if (!parts) continue;
    const earlier = steps.slice(0, index);
    const later = steps.slice(index + 1);
    // `a & b`: a runs beside b. `a && b`, `a; b`: a ends before b.
    const before = joined(earlier);
    const beside = [
      ...earlier.filter(({ operator }) => operator === "&"),
      ...(step.operator === "&" ? later : []),
    ].map((each) => each.text);
    return {
      ...parts,
      before: [...before, ...parts.before],
      beside: [...beside, ...parts.beside],
      after: [...parts.after, ...(step.operator === "&" ? [] : joined(later))],
    };
  }
  return undefined;
}

/**
 * Steps that follow each other, as one command line for a shell.
 * @param {Step[]} steps
 */
function joined(steps) {
  const inOrder = steps.filter(
    (/** @type {{ operator: string }} */ { operator }) => operator !== "&",
  );
  return inOrder.length === 0
    ? []
    : [
        inOrder
          .map(
            (
              /** @type {{ text: string, operator: string }} */ { text, operator },
              /** @type {number} */ index,
            ) => (index < inOrder.length - 1 ? `${text} ${operator}` : text),
          )
          .join(" "),
      ];
}

/**
 * `[VARIABLE=value …] [runner] astro {command} [options]`, behind a wrapper that takes a command
 * line after `--` too.
 * @param {string} text
 * @param {"dev" | "build"} command
 */
function astroIn(text, command) {
  const words = wordsOf(text);
  const variables = takeVariables(words);
  takeRunners(words);
  let wrapper;
  if (!isAstro(words[0]) && words.includes("--")) {
    wrapper = words.splice(0, words.indexOf("--") + 1)[0];
    takeRunners(words);
  }
  if (!isAstro(words[0]) || words[1] !== command) return undefined;
  return {
    before: [],
    beside: [],
    after: [],
    options: optionsOf(words.slice(2)),
    variables,
    wrapper,
  };
}

const isAstro = (/** @type {string | undefined} */ word) =>
  /^(.*\/)?astro(\.m?js)?$/.test(word ?? "");

/**
 * Take what only starts another program off the front of `words`: `npx`, `pnpm exec`, `node
 * --flag`.
 * @param {string[]} words
 */
function takeRunners(words) {
  for (;;) {
    if (RUNNERS.test(`${words[0]} ${words[1]}`)) words.splice(0, 2);
    else if (RUNNERS.test(words[0] ?? "") || /^(--bun|-y|--yes|--silent|-s)$/.test(words[0] ?? ""))
      words.shift();
    else if (words[0] === "node") {
      words.splice(0, Math.max(1, words.findIndex(isAstro)));
    } else return;
  }
}

/**
 * `npm run name`, `pnpm name`, `yarn name`, `bun run name`, `node --run name`.
 * @param {string} text
 * @param {Context} context
 * @param {number} depth
 * @returns {Parts | undefined}
 */
function scriptIn(text, context, depth) {
  const found =
    /^(?:npm|pnpm|yarn|bun)\s+(?:run(?:-script)?\s+)?(?:--?\S+\s+)*([\w:.-]+)(?:\s|$)|^node\s+--run\s+([\w:.-]+)/.exec(
      text.trim(),
    );
  const name = found?.[1] ?? found?.[2];
  return name && typeof context.scripts[name] === "string"
    ? takeApart(context.scripts[name], context, depth)
    : undefined;
}

/**
 * `concurrently "a" "b"`, `run-p a b`, `run-s a b`, `npm-run-all [--parallel] a b`.
 * @param {string} text
 * @param {Context} context
 * @param {number} depth
 * @returns {Parts | undefined}
 */
function severalIn(text, context, depth) {
  const words = wordsOf(text);
  const variables = takeVariables(words);
  if (words[0] === "npx") words.shift();
  const [program, ...rest] = words;
  if (!/^(concurrently|conc|run-p|run-s|npm-run-all2?)$/.test(program ?? "")) return undefined;
  const sequential =
    program === "run-s" ||
    (program.startsWith("npm-run-all") && !rest.some((word) => /^(-p|--parallel)$/.test(word)));
  const lines = withoutOptions(rest, program).flatMap((word) =>
    lineOf(word, program, context.scripts),
  );
  for (const [index, line] of lines.entries()) {
    const parts = takeApart(line, context, depth);
    if (!parts) continue;
    const others = lines.filter((_, other) => other !== index);
    const mine = sequential
      ? { before: [...lines.slice(0, index), ...parts.before], beside: parts.beside }
      : { before: parts.before, beside: [...others, ...parts.beside] };
    return { ...parts, ...mine, variables: { ...variables, ...parts.variables } };
  }
  return undefined;
}

/**
 * @param {string[]} words
 * @param {string} program
 */
function withoutOptions(words, program) {
  const kept = [];
  for (let index = 0; index < words.length; index++) {
    if (!words[index].startsWith("-")) kept.push(words[index]);
    else if (
      /^conc/.test(program) &&
      /^(-n|--names|-c|--prefix-colors|-p|--prefix|-s|--success|-m|--max-processes)$/.test(
        words[index],
      )
    )
      index++;
  }
  return kept;
}

/**
 * @param {string} word
 * @param {string} program
 * @param {Record<string, unknown>} scripts
 */
function lineOf(word, program, scripts) {
  if (!/^conc/.test(program)) {
    const pattern = new RegExp(
      `^${word.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, "[^:]*")}$`,
    );
    return Object.keys(scripts)
      .filter((name) => pattern.test(name))
      .map((name) => `npm run ${name}`);
  }
  const short = /^(npm|pnpm|yarn|bun):(\S+)(.*)$/.exec(word);
  if (!short) return [word];
  if (!short[2].includes("*")) return [`npm run ${short[2]}${short[3]}`];
  return lineOf(short[2], "run-p", scripts);
}

/**
 * Take `NAME=value` and `cross-env NAME=value` off the front of `words`.
 * @param {string[]} words
 */
function takeVariables(words) {
  /** @type {Record<string, string>} */
  const variables = {};
  if (/^(cross-env|cross-env-shell|env)$/.test(words[0] ?? "")) words.shift();
  for (let found; (found = /^([A-Za-z_]\w*)=(.*)$/s.exec(words[0] ?? "")); words.shift())
    variables[found[1]] = found[2];
  return variables;
}

/** @param {string[]} words */
function optionsOf(words) {
  /** @type {Parts["options"]} */
  const options = {};
  for (let index = 0; index < words.length; index++) {
    const found = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(words[index]);
    if (!found) continue;
    const [, name, value] = found;
    const takesNext =
      value === undefined &&
      VALUE_OPTIONS.has(name) &&
      words[index + 1] !== undefined &&
      !words[index + 1].startsWith("-");
    options[name] = value ?? (takesNext ? words[++index] : true);
  }
  return options;
}

/**
 * Words of a command line, quotes taken off.
 * @param {string} text
 */
function wordsOf(text) {
  return [...text.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gs)].map(([word]) =>
    word.replace(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs,
      (
        /** @type {string} */ _,
        /** @type {string | undefined} */ double,
        /** @type {string | undefined} */ single,
        /** @type {string | undefined} */ escaped,
      ) =>
        double !== undefined ? double.replace(/\\(["\\$`])/g, "$1") : (single ?? escaped ?? ""),
    ),
  );
}

/**
 * Steps of a command line with the operator that follows each: `&&`, `||`, `;`, `&`, `|` or nothing. Quotes and brackets are left whole.
 * @param {string} text
 */
function split(text) {
  const steps = [];
  let current = "";
  let quote = "";
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (quote) {
      if (character === "\\" && quote === '"') current += text[index++];
      else if (character === quote) quote = "";
    } else if (character === '"' || character === "'") quote = character;
    else if (character === "\\") current += text[index++];
    else if (character === "(" || character === "{") depth++;
    else if (character === ")" || character === "}") depth--;
    else if (
      depth === 0 &&
      /[&|;\n]/.test(character) &&
      !(character === "&" && /[<>]/.test(text[index - 1] ?? ""))
    ) {
      const double = text[index + 1] === character && character !== "\n";
      const operator = double ? character.repeat(2) : character === "\n" ? ";" : character;
      if (current.trim()) steps.push({ text: current.trim(), operator });
      current = "";
      if (double) index++;
      continue;
    }
    current += text[index] ?? "";
  }
  if (current.trim()) steps.push({ text: current.trim(), operator: "" });
  return steps;
}
