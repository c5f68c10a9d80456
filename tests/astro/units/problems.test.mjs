// The place of a problem: what an error says, its stack, and what a generated module was made for
// (S32).

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import {
  distinct,
  importerIn,
  isBehind,
  isSame,
  pageFile,
  placeOf,
  problemOf,
} from "../../../container/astro/lib/problems.mjs";
import { Visits } from "../../../container/astro/lib/visits.mjs";

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "problems-")));
after(() => rmSync(root, { recursive: true, force: true }));
mkdirSync(path.join(root, "src/pages"), { recursive: true });
const page = path.join(root, "src/pages/about.astro");
writeFileSync(page, "---\n---\n<p>{missing}</p>\n");

test("a thrown error is where its stack enters the project, outside of packages", () => {
  const error = Object.assign(new Error("see `missing` in **this** [page](https://a.example/b)"), {
    stack: `Error: x\n    at inner (${root}/node_modules/a/index.js:9:1)\n    at file://${page}?v=2:3:5`,
    loc: { file: `${root}/node_modules/a/index.js`, line: 9, column: 1 },
  });
  const { file, line, column, frame, message } = problemOf(error, "page", { root });
  assert.deepEqual([file, line, column], ["src/pages/about.astro", 3, 5]);
  assert.match(frame ?? "", /^> 3 \| <p>\{missing\}<\/p>$/m);
  assert.equal(message, "see missing in this page (https://a.example/b)");
});

test("a compiler's error is where it says, counted from 0", () => {
  const error = Object.assign(new Error("<p> is open"), {
    stack: `Error: x\n    at ${root}/astro.config.mjs:1:1`,
    loc: { file: page, line: 3, column: 4 },
    frame: "of the compiled module",
  });
  const { file, line, column, frame, message } = problemOf(error, "module", { root });
  assert.deepEqual([file, line, column], ["src/pages/about.astro", 3, 5]);
  assert.equal(frame, "  1 | ---\n  2 | ---\n> 3 | <p>{missing}</p>");
  assert.equal(message, "<p> is open");
});

/**
 * A module's problem with `src/pages/about.astro`, of three lines, and where it is said to be.
 * @type {Record<string, [object, object]>}
 */
const SAID = {
  "a source that a map names without its folder": [
    { message: "no", id: page, loc: { file: "about.astro", line: 3, column: 0 } },
    { message: "no", line: 3, column: 1 },
  ],
  "what is missing behind the last line": [
    { message: "no", loc: { file: page, line: 4, column: 0 } },
    { message: "no", line: 3, column: 17 },
  ],
  "a line that only the compiled module has": [
    { message: "no", loc: { file: page, line: 29, column: 1 }, frame: "29 | }, undefined)" },
    { message: "no", line: 0, column: 0, frame: "29 | }, undefined)" },
  ],
  "a line that the source has, too, and of which esbuild shows another text": [
    {
      message: `Transform failed with 1 error:\n${page}:2:9: ERROR: Unexpected "}"`,
      loc: { file: page, line: 2, column: 9 },
      frame: '1  |  import "a";\n2  |  return render(a);\n   |          ^',
    },
    { message: 'Unexpected "}"', line: 0, column: 0 },
  ],
  "lines of source below the message of a parser": [
    {
      message: `${page}: Expected a closing tag for <b>. (3:4)\n\n  2 | ---\n> 3 | <p>\n    |  ^`,
      loc: { file: page, line: 3, column: 3 },
    },
    { message: "src/pages/about.astro: Expected a closing tag for <b>. (3:4)", line: 3, column: 4 },
  ],
  "esbuild's summary with a place in the compiled module": [
    {
      message: `Transform failed with 1 error:\n${page}:29:1: ERROR: Unexpected ","`,
      frame: "29 | }, undefined)",
    },
    { message: 'Unexpected ","', line: 0, column: 0 },
  ],
  "a text that the message quotes": [
    { message: "[postcss] ENOENT: no such file or directory, open '{missing}'" },
    { line: 3, column: 4 },
  ],
  "a name that is not defined": [{ message: "missing is not defined" }, { line: 3, column: 5 }],
  "Rolldown's place": [
    { message: "Parse failed with 1 error:\nno\n3: <p>\nAt file: about.astro:3:4" },
    { message: "Parse failed with 1 error:\nno", line: 3, column: 5 },
  ],
  "Rollup's place": [
    { message: "Unexpected token\nAt file: about.astro:3:5" },
    { message: "Unexpected token", line: 3, column: 5 },
  ],
};
for (const [what, [thrown, expected]] of Object.entries(SAID)) {
  test(`the place of an error: ${what}`, () => {
    const problem = problemOf(/** @type {any} */ (thrown), "module", { root }, page);
    assert.equal(problem.file, "src/pages/about.astro");
    assert.deepEqual(problem, { ...problem, ...expected });
    if (problem.line) assert.match(problem.frame ?? "", new RegExp(`^> ${problem.line} \\| `, "m"));
  });
}

test("an entry that breaks its schema does so in its field's line, or in its front matter", () => {
  const entry = path.join(root, "src/pages/entry.md");
  writeFileSync(entry, "---\ntitle: 1\nseo:\n  image: 2\n---\ntext\n");
  const problem = (/** @type {string} */ field) => {
    const message = `**a → b** data does not match collection schema.\n\n  **${field}**: **${field}**: no`;
    return problemOf(/** @type {any} */ ({ message, id: entry }), "site", { root });
  };
  assert.equal(problem("title").line, 2);
  assert.equal(problem("seo.image").line, 4);
  assert.equal(problem("date").line, 1);
  assert.doesNotMatch(problem("date").message, /\*/);
  const issues = JSON.stringify([{ path: ["title"], message: "title: Required" }], undefined, 2);
  const message = `**a → b** data does not match collection schema.\n\n  **: ${issues}`;
  const found = problemOf(/** @type {any} */ ({ message, id: entry }), "site", { root });
  assert.equal(found.line, 2);
  assert.match(found.message, /^a → b data .*\.\n {2}title: title: Required$/);
});

/** The messages of a file and of a page, and whether the one is behind the other. */
const BEHIND = /** @type {const} */ ([
  ['Failed to resolve import "./a.js" from "b.jsx".', "Could not import ./a.js.", true],
  ['Failed to resolve import "a" from "b.jsx".', "Cannot find module 'a' imported from 'b'", true],
  [
    'Failed to resolve import "a" from "b.jsx".',
    "Cannot find module 'ab' imported from 'b'",
    false,
  ],
  [
    'Failed to resolve import "./a" from "b.ts".',
    "Failed to load url ./a (resolved id: ./a)",
    true,
  ],
  ['Failed to resolve import "a" from "b.jsx".', "a is not defined", false],
  ["no", "An unknown error was thrown while loading your middleware.", false],
]);
for (const [message, pages, expected] of BEHIND) {
  test(`a page's "${pages}" ${expected ? "is" : "is not"} told by "${message}"`, () => {
    const [of, seen] = /** @type {any[]} */ ([
      { source: "module", file: "b", message },
      { source: "page", file: "c", message: pages },
    ]);
    assert.equal(isBehind(of, seen), expected);
    assert.equal(isBehind({ ...of, file: "c" }, seen), true);
    assert.equal(isBehind({ ...of, source: "page", file: "c" }, seen), false);
  });
}

test("the site's problem is a module's at the same place in the same words", () => {
  const at = { file: "a", line: 1, column: 2 };
  const of = (/** @type {object} */ more) => /** @type {any} */ ({ ...at, message: "no", ...more });
  assert.equal(isSame(of({}), of({ message: "a: no" })), true);
  for (const other of [{ line: 2 }, { column: 1 }, { file: "b" }, { message: "a: yes" }])
    assert.equal(isSame(of({}), of(other)), false);
});

test("middleware that cannot be compiled is what no page can load", () => {
  const problem = /** @type {any} */ ({ source: "module", file: "src/middleware.ts", message: "" });
  const message = "An unknown error was thrown while loading your middleware.";
  assert.equal(isBehind(problem, /** @type {any} */ ({ file: "a", message })), true);
});

test("the file that a generated module was made for is one of the site", () => {
  const named = (/** @type {string} */ name) => importerIn(`"./a.png?f=&importer=${name}"`, root);
  assert.equal(named("src%2Fcontent%2Fa.md"), path.join(root, "src/content/a.md"));
  for (const name of ["..%2F..%2Fetc%2Fpasswd", "%zz", ""]) assert.equal(named(name), "");
});

test("a page's file by its address", () => {
  const folder = path.join(root, "src/pages");
  assert.equal(pageFile(folder, "about"), page);
  assert.equal(pageFile(folder, "about/"), page);
  for (const address of ["", "none", "../../about", "%"])
    assert.equal(pageFile(folder, address), "");
  assert.deepEqual(placeOf(page, "{missing}"), { line: 3, column: 4 });
  for (const file of [page, folder, ""])
    assert.deepEqual(placeOf(file, "nowhere"), { line: 0, column: 0 });
});

test("the same error of two pages is one problem, two pages without a place are two", () => {
  const problem = (/** @type {string} */ at, /** @type {string} */ file) =>
    /** @type {any} */ ({ source: "page", message: "m", file, line: 1, column: 1, page: at });
  const pages = [
    ...distinct([problem("a", "f"), problem("b", "f"), problem("a", ""), problem("b", "")]),
  ];
  assert.deepEqual(
    pages.map((each) => [each.page, each.file]),
    [
      ["a", "f"],
      ["a", ""],
      ["b", ""],
    ],
  );
});

/** Addresses that were used, a file below `src/pages`, and those that it answers. */
const ROUTES = /** @type {const} */ ([
  ["index.astro", ["", "about"], [""]],
  ["about.astro", ["about", "about/", "about/us"], ["about/", "about"]],
  ["[lang]/[...slug].astro", ["de", "de/a/b", ""], ["de/a/b", "de"]],
  ["[...slug].md", ["", "a/b"], ["a/b", ""]],
  ["post-[id].astro", ["post-1", "post-", "post-1/x"], ["post-1"]],
  ["feed.xml.ts", ["feed.xml", "feedaxml"], ["feed.xml"]],
  ["größe.astro", ["gr%C3%B6%C3%9Fe", "%"], ["gr%C3%B6%C3%9Fe"]],
]);
for (const [file, used, found] of ROUTES) {
  test(`the addresses in use of ${file}`, () => {
    const visits = new Visits();
    for (const address of used) visits.add(address, true);
    assert.deepEqual(visits.of(file), found);
  });
}

test("addresses with a query and those of modules are not kept, and no more than 200 are", () => {
  const visits = new Visits();
  for (const address of ["a?token=1", "@vite/client", "src/a.ts", "node_modules/x", "_image"])
    visits.add(address, true);
  assert.deepEqual(visits.pages(), []);
  for (let number = 0; number < 201; number++) visits.add(`p${number}`, number !== 200);
  assert.equal(visits.pages().length, 199);
  assert.equal(visits.pages()[0], "p199");
});

test("an address below the site's folder is a file of it, also where the site is not at the root", () => {
  const site = path.join(root, "apps/docs");
  mkdirSync(path.join(site, "src"), { recursive: true });
  for (const name of ["src/word.js", "package.json"])
    writeFileSync(path.join(site, name), "one\ntwo\n");
  const at = (/** @type {string} */ file) =>
    problemOf(
      Object.assign(new Error("no"), { id: file, loc: { file, line: 2, column: 0 } }),
      "module",
      { root, site },
    );
  const word = at("/src/word.js");
  assert.equal(word.file, "apps/docs/src/word.js");
  assert.match(word.frame ?? "", /^> 2 \| two$/m);
  assert.equal(at(`/@fs${page}`).file, "src/pages/about.astro");
  assert.equal(at(`file://${page}?v=1`).file, "src/pages/about.astro");
  assert.equal(at("package.json").file, "package.json", "relative to the session's folder");
  assert.equal(at("/etc/word.js").file, "etc/word.js");
});
