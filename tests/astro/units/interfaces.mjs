// The names of an interface's properties, read from a package's type declarations.

import { readFileSync } from "node:fs";

/**
 * Names of the properties that `interface name` declares in the text of a `.d.ts` file, without
 * those that it inherits.
 * @param {string} file
 * @param {string} name
 */
export function propertiesOf(file, name) {
  const text = readFileSync(file, "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "");
  const start = new RegExp(`interface ${name}\\b[^{]*\\{`).exec(text);
  if (!start) throw new Error(`${file} declares no interface ${name}`);
  const names = [];
  let depth = 0;
  let line = "";
  for (const character of text.slice(start.index + start[0].length)) {
    if ("{([".includes(character)) depth++;
    if ("})]".includes(character) && --depth < 0) break;
    if (character === "\n" || (character === ";" && depth === 0)) {
      const found = /^\s*(?:readonly )?(\w+)\??\s*[:({]/.exec(line);
      if (found && !line.includes("\0")) names.push(found[1]);
      line = depth > 0 ? "\0" : "";
    } else line += character;
  }
  return [...new Set(names)].sort();
}
