// A text of a component that was compiled before is not compiled again, and whatever else its
// compilation depends on is never taken from memory (S1, S2).

import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { live } from "../../../container/astro/lib/accelerations.mjs";
import { Versions } from "../../../container/astro/lib/component-memory.mjs";
import { startSite } from "./configured.mjs";

const PATIENCE_MS = 20_000;
const PARTS = ["Plain", "Twin", "Styled", "Glob", "Lost"];
const IMPORTS = PARTS.map((name) => `import * as ${name} from "../parts/${name}.astro";`);
const FILES = {
  "src/pages/index.astro": [
    "---",
    ...IMPORTS,
    `const parts = [${PARTS.join(", ")}];`,
    "---",
    "<html><head><title>t</title></head><body>",
    "{parts.map(({ default: Part, file }) => <p>{file.split('/').at(-1)}: <Part /></p>)}",
    "</body></html>",
  ].join("\n"),
  "src/parts/Plain.astro": "<b>one</b>\n",
  "src/parts/Twin.astro": "<b>one</b>\n",
  "src/parts/Styled.astro": "<i>one</i><style>@import '../styles/more.css';</style>\n",
  "src/parts/Glob.astro":
    "---\nconst found = Object.keys(import.meta.glob('../data/*.ts'));\n---\n<u>one {found.length}</u>\n",
  "src/parts/Lost.astro": "<s>one</s>\n",
  "src/styles/more.css": "i { color: red }\n",
  "src/data/word.ts": "export const word = 'first';\n",
};

/** @type {Awaited<ReturnType<typeof startSite>>} */
let site;
/** Sources that Astro has compiled, by the component's name. @type {[string, string | undefined][]} */
const compiled = [];
const { compiled: original } = live;
live.compiled = (notes, file, noted) => {
  compiled.push([path.basename(file, ".astro"), noted.originalCode]);
  return original(notes, file, noted);
};

before(async () => {
  site = await startSite("export default {}", FILES);
  await shows("Lost.astro: <s");
});
after(() => site.stop());

/**
 * Wait until the page has a text, and give the page.
 * @param {string | RegExp} text
 * @param {typeof site} [of]
 * @returns {Promise<string>}
 */
async function shows(text, of = site) {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    /** @type {string} */
    const page = (await of.get()).text.replace(/ data-astro-[\w-]+(="[^"]*")?/g, "");
    if (typeof text === "string" ? page.includes(text) : text.test(page)) return page;
    if (performance.now() > deadline) assert.fail(`the page does not show ${text}:\n${page}`);
    await sleep(30);
  }
}

/** @param {string} file @param {string} text @param {typeof site} [of] */
const write = (file, text, of = site) => writeFileSync(path.join(of.root, file), text);

/** How often a component was compiled from here on. @param {string} name */
function counting(name) {
  const from = compiled.length;
  return () => compiled.slice(from).filter(([each]) => each === name).length;
}

test("a text that comes back is shown, and not compiled again", async () => {
  // Files that Astro generates after its start forget everything: another round then.
  const deadline = performance.now() + PATIENCE_MS;
  for (let again = true; again; ) {
    const count = counting("Plain");
    for (const text of ["two", "one", "two", "one"]) {
      write("src/parts/Plain.astro", `<b>${text}</b>\n`);
      await shows(`Plain.astro: <b>${text}</b>`);
    }
    again = count() > 0;
    assert.ok(performance.now() < deadline, "each round compiles it again");
  }
  const count = counting("Plain");
  write("src/parts/Plain.astro", "<b>three</b>\n");
  await shows("Plain.astro: <b>three</b>");
  assert.equal(count(), 1);
});

test("two components with the same text stay two", async () => {
  for (const text of ["<b>same</b>\n", "<b>other</b>\n", "<b>same</b>\n"]) {
    for (const name of ["Plain", "Twin"]) write(`src/parts/${name}.astro`, text);
    await shows(`Plain.astro: ${text.trim()}`);
    await shows(`Twin.astro: ${text.trim()}`);
  }
});

test("a component with a style is compiled again, with what its stylesheet imports by now", async () => {
  const styled = (/** @type {string} */ text) =>
    `<i>${text}</i><style>@import '../styles/more.css';</style>\n`;
  await shows(/color:\s*red/);
  const count = counting("Styled");
  write("src/parts/Styled.astro", styled("two"));
  await shows("Styled.astro: <i>two</i>");
  write("src/styles/more.css", "i { color: green }\n");
  await sleep(300);
  write("src/parts/Styled.astro", styled("one"));
  await shows("Styled.astro: <i>one</i>");
  const page = await shows(/color:\s*green/);
  assert.doesNotMatch(page, /color:\s*red/);
  assert.ok(count() >= 2);
});

test("a component that finds files is compiled again, and finds a file that came meanwhile", async () => {
  const glob = (/** @type {string} */ text) => FILES["src/parts/Glob.astro"].replace("one", text);
  write("src/parts/Glob.astro", glob("two"));
  await shows("<u>two 1</u>");
  write("src/data/more.ts", "export const more = 1;\n");
  await shows("<u>two 2</u>");
  write("src/parts/Glob.astro", glob("one"));
  await shows("<u>one 2</u>");
  rmSync(path.join(site.root, "src/data/more.ts"));
  await shows("<u>one 1</u>");
});

test("an import of the same text finds the file that came before others do", async () => {
  const importing = "---\nimport { word } from '../data/found';\n---\n<s>{word}</s>\n";
  write("src/data/found.js", "export const word = 'script';\n");
  write("src/parts/Lost.astro", importing);
  await shows("<s>script</s>");
  write("src/parts/Lost.astro", "<s>none</s>\n");
  await shows("<s>none</s>");
  rmSync(path.join(site.root, "src/data/found.js"));
  write("src/data/found.ts", "export const word = 'typed';\n");
  await sleep(300);
  write("src/parts/Lost.astro", importing);
  await shows("<s>typed</s>");
});

test("what an imported script says by now is shown with a text that comes back", async () => {
  const word = "---\nimport { word } from '../data/word';\n---\n<s>{word}</s>\n";
  write("src/parts/Lost.astro", word);
  await shows("<s>first</s>");
  write("src/parts/Lost.astro", "<s>none</s>\n");
  await shows("<s>none</s>");
  const count = counting("Lost");
  write("src/data/word.ts", "export const word = 'second';\n");
  await sleep(300);
  write("src/parts/Lost.astro", word);
  await shows("<s>second</s>");
  assert.equal(count(), 1, "any other edit has everything compiled again");
});

test("another plugin sees every version", async () => {
  const config = `let versions = 0;
    export default { vite: { plugins: [{
      name: "site:versions",
      transform: (code, id) => id.endsWith("Plain.astro") ? code.replace("VERSION", () => ++versions) : undefined,
    }] } };`;
  const other = await startSite(config, FILES);
  try {
    let latest = 0;
    for (const text of ["one", "two", "one", "two"]) {
      write("src/parts/Plain.astro", `<b>${text} VERSION</b>\n`, other);
      const shown = new RegExp(`<b>${text} (\\d+)</b>`);
      const version = Number(shown.exec(await shows(shown, other))?.[1]);
      assert.ok(version > latest, `${text} is version ${version}, after ${latest}`);
      latest = version;
    }
  } finally {
    await other.stop();
  }
});

test("what is kept is bounded, and what was used goes last", () => {
  const versions = new Versions();
  /** @param {string} source @param {number} characters */
  const version = (source, characters) =>
    /** @type {import("../../../container/astro/lib/component-memory.mjs").Version} */ (
      /** @type {unknown} */ ({ source, characters })
    );
  for (let number = 0; number < 1200; number++) {
    versions.keep("/a.astro", version(String(number), 10));
    assert.ok(versions.get("/a.astro", "0"));
  }
  assert.equal(versions.size, 1000);
  assert.equal(versions.get("/a.astro", "1"), undefined);
  assert.equal(versions.get("/b.astro", "0"), undefined, "of another component");
  versions.keep("/a.astro", version("large", 17 << 20));
  assert.equal(versions.size, 0);
});
