// Child process: `astro build` of one project into a fresh folder. A separate process, so that its memory is given back and a
// crash harms nothing.

import { inlineConfig, loadAstro, tell } from "./setup.mjs";

process.once("message", async (/** @type {import("./setup.mjs").Job} */ job) => {
  try {
    const astro = await loadAstro(job);
    await astro.build(inlineConfig(job));
    await tell({ ok: true });
    process.exit(0);
  } catch (thrown) {
    const error = /** @type {any} */ (thrown);
    await tell({ ok: false, message: describe(error), stack: error?.stack });
    process.exit(1);
  }
});
process.on("disconnect", () => process.exit(1));

/** @param {any} error */
function describe(error) {
  const place = error?.loc?.file ? ` (${error.loc.file}${error.loc.line ? `:${error.loc.line}` : ""})` : "";
  return `${error?.message ?? error}${place}`;
}
