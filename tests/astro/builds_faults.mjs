// Lives through what production mode does with its builds on disk, once for each file operation ×
// error, and says what was wrong.
//     node builds_faults.mjs <builds.mjs> <folder> [one]   → {"rows": [[operation, error, outcome by step]], "problems": [...]} as JSON
// With `one` each operation has one of the errors, in turn, instead of all.

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";

const [, , module, top, extent] = process.argv;
const ERRORS = { full: "ENOSPC", "I/O error": "EIO", "no permission": "EACCES", "read-only": "EROFS" };
const OPERATIONS = ["copyFile", "mkdir", "open", "readdir", "readlink", "rename", "rm", "symlink", "writeFile"];
const real = Object.fromEntries(OPERATIONS.map((name) => [name, fs.promises[name]]));

let fault;
const seen = new Set();

/** The path with everything random replaced, below the folder of this life. */
const comparable = (file) =>
  path
    .relative(top, String(file))
    .replace(/^[^/]+\//, "")
    .replace(/(^|\/)\.?[0-9]+(?=[./]|$)/g, "$1N")
    .replace(/\.[0-9]+\.new/, ".*.new");

function check(name, file) {
  const key = `${name} ${comparable(file)}`;
  seen.add(key);
  if (fault?.key === key) throw Object.assign(new Error(`${fault.code}: injected, ${key}`), { code: fault.code });
}

for (const name of OPERATIONS) {
  fs.promises[name] = async (...values) => {
    check(name, name === "copyFile" || name === "rename" || name === "symlink" ? values[1] : values[0]);
    const result = await real[name](...values);
    if (name === "open") {
      const { readFile } = result;
      result.readFile = async (...more) => {
        check("read", values[0]);
        return readFile.apply(result, more);
      };
    }
    return result;
  };
}
syncBuiltinESMExports();
const { Builds } = await import(module);

const record = (number) => ({ number, layout: {}, bytes: 100, fingerprint: `f${number}` });

class Life {
  constructor(name) {
    this.folder = path.join(top, name);
    this.builds = new Builds({ local: path.join(this.folder, "local"), kept: path.join(this.folder, "kept"), keep: 2 });
    this.outcome = {};
  }

  async step(name, action) {
    try {
      await action();
      this.outcome[name] = "done";
    } catch (error) {
      this.outcome[name] = error.code ?? "refused";
      return false;
    }
    return true;
  }

  /**
   * A build is made, kept, published; others go; a task without it fetches it; sources are refused,
   * and forgiven.
   */
  async live() {
    let made;
    const begun = await this.step("begin", async () => {
      made = await this.builds.begin();
      fs.mkdirSync(path.join(made.folder, "site", "deep"), { recursive: true });
      fs.writeFileSync(path.join(made.folder, "site", "deep", "page"), `page of ${made.number}`);
      fs.symlinkSync("deep/page", path.join(made.folder, "site", "link"));
    });
    const finished = begun && (await this.step("finish", () => this.builds.finish(record(made.number))));
    if (finished) {
      await this.step("keep", () => this.builds.store(made.number));
      await this.step("publish", () => this.builds.publish(made.number, false));
      await this.step("prune", () => this.builds.prune(made.number));
      fs.rmSync(path.join(this.folder, "local"), { recursive: true, force: true }); // another task
      await this.step("fetch", () => this.builds.fetch(made.number));
    }
    await this.step("list", () => this.builds.list());
    await this.step("refuse", () => this.builds.refuse("x", { message: "no" }));
    await this.step("forgive", () => this.builds.forgive());
  }

  /** What is listed is whole, what is published is among it, and nothing half-made is left. */
  async problems({ recovered }) {
    const found = [];
    const all = await this.builds.list();
    const { build } = await this.builds.published();
    if (all.length === 0 || !build) found.push("no build is left");
    for (const { number } of all) {
      const folder = [path.join(this.folder, "kept", String(number)), path.join(this.folder, "local", String(number))].find((place) =>
        fs.existsSync(path.join(place, "build.json")),
      );
      const page = path.join(folder ?? "", "site", "link");
      if (!fs.existsSync(page) || fs.readFileSync(page, "utf8") !== `page of ${number}`) found.push(`build ${number} is not whole`);
    }
    if (recovered) {
      const names = fs.readdirSync(this.folder, { recursive: true }).filter((name) => name.endsWith(".new"));
      if (names.length > 0) found.push(`left: ${names.join(", ")}`);
      if (await this.builds.refused()) found.push("the refusal is left");
    }
    return found;
  }
}

const rows = [];
const problems = [];
const first = new Life("recorded");
for (let turn = 0; turn < 4; turn++) await first.live();
problems.push(...(await first.problems({ recovered: true })).map((text) => `without a fault: ${text}`));
if (Object.values(first.outcome).some((text) => text !== "done")) problems.push(`without a fault: ${JSON.stringify(first.outcome)}`);
const operations = [...seen].sort();
for (const [index, key] of operations.entries()) {
  for (const [position, [name, code]] of Object.entries(ERRORS).entries()) {
    if (extent === "one" && position !== index % 4) continue;
    const life = new Life(`case${index}${code}`);
    for (let turn = 0; turn < 3; turn++) await life.live();
    fault = { key, code };
    await life.live();
    fault = undefined;
    rows.push([key, name, life.outcome]);
    for (const text of await life.problems({ recovered: false })) problems.push(`${key} ${name}: ${text}`);
    life.outcome = {};
    for (let turn = 0; turn < 2; turn++) await life.live();
    const failed = Object.entries(life.outcome).filter(([, text]) => text !== "done");
    if (failed.length > 0) problems.push(`${key} ${name}: afterwards ${failed}`);
    for (const text of await life.problems({ recovered: true })) problems.push(`${key} ${name}: afterwards ${text}`);
    fs.rmSync(life.folder, { recursive: true });
  }
}
console.log(JSON.stringify({ rows, problems }));
