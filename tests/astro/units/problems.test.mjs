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
    frame: "its own frame",
  });
  const { file, line, column, frame, message } = problemOf(error, "page", { root });
  assert.deepEqual([file, line, column, frame], ["src/pages/about.astro", 3, 5, "its own frame"]);
  assert.equal(message, "<p> is open");
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
