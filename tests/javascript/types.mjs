// Holes in the checked types that neither tsc nor Biome reports: `any` in JSDoc, in declarations
// and in casts through `unknown`, and collections whose entries nobody has declared. `node
// tests/javascript/types.mjs FOLDER…` lists them and fails. A hole that has to be is told with its
// reason, on the line or the one above: `any: why`. There may be few of those.

import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

/** Holes with a reason that are admitted. */
const MOST_EXPLAINED = 3;
const SOURCE = /\.(mjs|js|mts)$/;
const REASON = /\bany: \S+|noExplicitAny: \S+/;
const TAG = /@(?:type|typedef|param|returns|this|template|property|satisfies)\s*\{/g;
/** A field or variable that begins as an empty collection, with the comment right before it. */
const COLLECTION = /(?:(\/\*\*(?:(?!\*\/)[^])*\*\/)\s*)?(?:(?:export|const|let|static)\s+)*(?<![\w#])#?\w+ = new (?:Weak)?(?:Map|Set)\(\)/g;
/** What makes a checked value an unchecked one. */
const HOLES = [
  ["any", /\bany\b/],
  ["Function", /\bFunction\b/],
  ["a cast through unknown", /^unknown$/],
];

/**
 * The text of a JSDoc type that begins behind the brace at `start`, to its closing brace.
 * @param {string} text
 * @param {number} start
 */
function typeAt(text, start) {
  let depth = 1;
  let at = start;
  for (; at < text.length && depth > 0; at++) depth += text[at] === "{" ? 1 : text[at] === "}" ? -1 : 0;
  return text.slice(start, at - 1);
}

/**
 * Holes of a source by the place in its text.
 * @param {string} name
 * @param {string} text
 * @returns {Generator<[place: number, what: string]>}
 */
function* holesOf(name, text) {
  if (name.endsWith(".mts")) {
    const code = text.replace(/\/\*[^]*?\*\/|\/\/.*/g, (comment) => comment.replace(/\S/g, " "));
    for (const { index } of code.matchAll(/\bany\b/g)) yield [index, "any"];
    return;
  }
  for (const comment of text.matchAll(/\/\*\*[^]*?\*\//g)) {
    for (const tag of comment[0].matchAll(TAG)) {
      const place = comment.index + tag.index;
      const type = typeAt(text, place + tag[0].length);
      const isCast = /^\s*\(/.test(text.slice(comment.index + comment[0].length));
      for (const [what, pattern] of HOLES) {
        const counts = what !== "a cast through unknown" || isCast;
        if (counts && /** @type {RegExp} */ (pattern).test(type.trim())) yield [place, String(what)];
      }
    }
  }
  for (const { index, 1: comment } of text.matchAll(COLLECTION)) if (!comment?.includes("@type")) yield [index, "a collection without a type"];
}

/** @param {string} place @returns {string[]} */
function sourcesIn(place) {
  if (statSync(place).isFile()) return SOURCE.test(place) ? [place] : [];
  return readdirSync(place)
    .filter((name) => name !== "node_modules")
    .flatMap((name) => sourcesIn(path.join(place, name)));
}

/** @type {string[]} */
const unexplained = [];
/** @type {string[]} */
const explained = [];
for (const file of process.argv.slice(2).flatMap(sourcesIn)) {
  const text = readFileSync(file, "utf8");
  for (const [place, what] of holesOf(file, text)) {
    const line = text.slice(0, place).split("\n").length;
    const told = text.split("\n").slice(Math.max(0, line - 2), line).join("\n");
    (REASON.test(told) ? explained : unexplained).push(`${file}:${line}: ${what}`);
  }
}
for (const hole of unexplained) console.error(`${hole}: declare the type, or say why not ("any: …" beside it)`);
if (explained.length > MOST_EXPLAINED)
  console.error(`${explained.length} holes with a reason, ${MOST_EXPLAINED} are admitted:\n${explained.join("\n")}`);
console.log(`${unexplained.length} unexplained, ${explained.length} explained`);
process.exitCode = unexplained.length > 0 || explained.length > MOST_EXPLAINED ? 1 : 0;
