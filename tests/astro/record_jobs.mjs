// Loaded before a runner: writes what it and its processes of production mode say to each other
// into the file that RECORD_JOBS names.

import childProcess from "node:child_process";
import { appendFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { fork } = childProcess;

/** @param {"ToJob" | "FromJob"} direction @param {unknown} message */
function record(direction, message) {
  appendFileSync(/** @type {string} */ (process.env.RECORD_JOBS), `${JSON.stringify([direction, message])}\n`);
}

childProcess.fork = /** @type {typeof fork} */ (
  (/** @type {Parameters<typeof fork>} */ ...options) => {
    const child = fork(...options);
    const send = child.send.bind(child);
    child.send = (/** @type {any[]} */ ...parts) => {
      record("ToJob", parts[0]);
      return /** @type {any} */ (send)(...parts);
    };
    child.on("message", (message) => record("FromJob", message));
    return child;
  }
);
syncBuiltinESMExports();
