// Child process: `astro build` of one project into a fresh folder. A separate process, so that its
// memory is bounded and given back, and a crash harms nothing.

import { existsSync } from "node:fs";
import { ownBaseOf } from "../own-base.mjs";
import { layoutRecorder } from "../production/layout.mjs";
import { inlineConfig, loadAstro, tell } from "./setup.mjs";
import { asError } from "../thrown.mjs";

process.once("message", async (/** @type {import("../messages.mjs").BuildJob} */ job) => {
  try {
    const astro = await loadAstro(job);
    const recorder = layoutRecorder();
    const { configFile, mode, siteUrl: site } = job;
    const ownBase = await ownBaseOf(job);
    await astro.build({
      ...inlineConfig(job, job),
      ...(configFile && { configFile }),
      ...(mode && { mode }),
      ...(site && { site }),
      integrations: [recorder.integration],
    });
    if (!existsSync(job.outDir)) throw new Error("astro build wrote nothing");
    await tell({ type: "build-made", layout: recorder.layout(), ownBase });
    process.exit(0);
  } catch (thrown) {
    const error = asError(thrown);
    await tell({ type: "job-failed", message: describe(error), stack: error.stack });
    process.exit(1);
  }
});
process.on("disconnect", () => process.exit(1));

function describe(/** @type {import("../types.d.mts").Thrown} */ error) {
  const place = error.loc?.file
    ? ` (${error.loc.file}${error.loc.line ? `:${error.loc.line}` : ""})`
    : "";
  return `${error.message ?? error}${place}`;
}
