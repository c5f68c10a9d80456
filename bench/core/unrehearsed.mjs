// The runner without its rehearsal, to measure what the rehearsal is worth.

import { registerHooks } from "node:module";

registerHooks({
  load(url, context, nextLoad) {
    if (!url.endsWith("/container/astro/lib/rehearse.mjs")) return nextLoad(url, context);
    return { format: "module", source: "export async function rehearse() {}", shortCircuit: true };
  },
});
await import("../../container/astro/runner.mjs");
