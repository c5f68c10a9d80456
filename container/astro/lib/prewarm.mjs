// A trial start: a runner that waits in the warm pool starts the starter site once and stops it
// again. Everything that a start loads and compiles is in memory then: the start that follows takes
// a quarter of the processor time, and the first page after it two thirds (docs/benchmarks.md,
// session start).

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { collectGarbage } from "./memory.mjs";
import { startSession } from "./session.mjs";

const STARTER = fileURLToPath(new URL("../starter", import.meta.url));
const GENERATED = new Set(["node_modules", ".astro", "dist"]);

/**
 * Start and stop a copy of the starter site in a temporary folder. `bundled` as for `startSession`.
 * @param {{ bundled: import("./types.d.mts").Bundled }} options
 */
export async function prewarm({ bundled }) {
  const cwd = process.cwd();
  const folder = mkdtempSync(path.join(os.tmpdir(), "prewarming-"));
  try {
    const root = path.join(folder, "site");
    cpSync(STARTER, root, {
      recursive: true,
      filter: (source) => !GENERATED.has(path.basename(source)),
    });
    const { server } = await startSession(
      {
        type: "start",
        mode: "development",
        root,
        base: "/prewarming/",
        publicUrl: "http://localhost",
        hmr: { protocol: "ws", clientPort: 80, path: "/_hmr" },
        watch: { mode: "native", intervalMs: 100 },
        pageUpdates: "reload",
        installSeconds: 60,
        scratchDir: path.join(folder, "scratch"),
        allowedHosts: [],
        // In the abstract namespace: the path of a folder may be too long for a socket.
        socketPath: `\0astro-live-prewarming-${process.pid}`,
      },
      { bundled, send: () => {} },
    );
    await server.stop();
  } finally {
    process.chdir(cwd);
    rmSync(folder, { recursive: true, force: true });
    // What it leaves is of no use to the session, and a waiting runner allocates too little to have
    // it collected.
    collectGarbage();
  }
}
