// `npm`, `npx` and the project's own package manager as programs on the path of its scripts, which
// call them by name.

import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ownNpm } from "./tools.mjs";

/**
 * A folder with a program for each; made again, since the tool may have moved.
 * @param {{ dependencies: string, record: import("./types.d.mts").Installation | undefined }}
 *   options
 */
export function toolFolder({ dependencies, record }) {
  const folder = path.join(dependencies, "bin");
  mkdirSync(folder, { recursive: true });
  const [node, npm] = ownNpm();
  /** @type {Record<string, string[]>} */
  const programs = {
    node: [node],
    npm: [node, npm],
    npx: [node, path.join(path.dirname(npm), "npx-cli.js")],
  };
  if (record?.manager && record.manager !== "npm" && record.command)
    programs[record.manager] = record.command;
  for (const [name, command] of Object.entries(programs)) {
    const file = path.join(folder, name);
    writeFileSync(file, `#!/bin/sh\nexec ${command.map(quoted).join(" ")} "$@"\n`);
    chmodSync(file, 0o755);
  }
  return folder;
}

/** @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
