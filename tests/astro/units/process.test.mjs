// Programs that a session runs (S13, S37).

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import os from "node:os";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { run, runBeside } from "../../../container/astro/lib/packages/process.mjs";
import { BOUNDED } from "../../../container/astro/lib/production/job.mjs";

const ENABLED = "/proc/sys/kernel/sched_autogroup_enabled";
const SHOW = ["/bin/sh", "-c", "sleep 0.3; cat /proc/self/autogroup"];

/** Whether the kernel schedules each session of processes as a group. */
function isGrouped() {
  try {
    return readFileSync(ENABLED, "utf8").trim() === "1";
  } catch {
    return false;
  }
}

const options = { skip: isGrouped() ? false : `${ENABLED} is not 1` };
const environment = { cwd: "/", env: { PATH: process.env.PATH } };

test(
  "an installation and what runs beside a site leave the processors to the gateway",
  options,
  async () => {
    const { lines } = await run(SHOW, { ...environment, limitMs: 20_000 });
    assert.match(lines.join("\n"), /nice 5$/);
    /** @type {string} */
    const shown = await new Promise((resolve, reject) => {
      runBeside(SHOW, {
        ...environment,
        onLine: resolve,
        onEnd: (status) => reject(new Error(`ended with ${status}`)),
      });
    });
    assert.match(shown, /nice 5$/);
  },
);

test("a build leaves them to dev servers, too", options, async () => {
  const script = 'sleep 0.1; echo "$(nice) $(cat /proc/self/autogroup)"';
  const child = spawn("/bin/sh", ["-c", BOUNDED, "8000000", "/bin/sh", "-c", script], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const nice = Math.min(10 + os.getPriority(), 19); // these tests may run with `nice`
  assert.match(await text(child.stdout), new RegExp(`^${nice} .* nice 10\n$`));
});
