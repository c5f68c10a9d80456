// The runner without some of what makes it quick or small, to measure what that is worth: `node
// without.mjs prewarm ahead memory`.

import { registerHooks } from "node:module";

const STANDINS = {
  prewarm: "export async function prewarm() {}",
  ahead: "export const aheadPlugin = () => null;",
  memory: `
    import v8 from "node:v8";
    import vm from "node:vm";
    export function useSmallPages() {}
    export function collectGarbage() {
      v8.setFlagsFromString("--expose-gc");
      vm.runInNewContext("gc")();
    }
    export class IdleCollector {
      active() {}
      stop() {}
    }`,
};
const left = new Set(process.argv.slice(2));
for (const name of left) {
  if (!(name in STANDINS))
    throw new RangeError(
      `${name} cannot be left out; these can: ${Object.keys(STANDINS).join(", ")}`,
    );
}

registerHooks({
  load(url, context, nextLoad) {
    const name = /\/container\/astro\/lib\/(\w+)\.mjs$/.exec(url)?.[1];
    if (!left.has(name)) return nextLoad(url, context);
    return { format: "module", source: STANDINS[name], shortCircuit: true };
  },
});
await import("../../container/astro/runner.mjs");
