// Vite 8 asks its native plugins about everything: each has every hook, and each call goes to
// another thread and back. Of an Astro component they neither load nor transform anything, and
// where imports lead does not change with a component's text. The components of an edit that has
// changed many files spent a tenth of their time on that.

import { COMPONENT } from "./events.mjs";

/** Plugins, and what they are for. */
const NATIVE = new Set([
  "builtin:vite-resolve", // addresses of imports; loads stand-ins of what browsers do not have
  "builtin:oxc-runtime", // modules of the transpiler's own runtime
  "builtin:vite-json", // files whose names end with .json
]);

/**
 * Spare a Vite server the calls that can have no result.
 * @param {import("./types.d.mts").Server} server
 */
export function spareNativeHooks({ environments }) {
  const plugins = Object.values(environments ?? {}).flatMap((environment) => environment.plugins);
  for (const plugin of new Set(plugins)) {
    if (!NATIVE.has(plugin.name)) continue;
    // any: Vite's type of a plugin does not allow that a hook is replaced by one of another shape
    const hooks = /** @type {import("./types.d.mts").Fields} */ (/** @type {unknown} */ (plugin));
    for (const name of ["load", "transform"])
      if (typeof hooks[name] === "function")
        hooks[name] = { handler: hooks[name], filter: { id: { exclude: COMPONENT } } };
    const { watchChange } = hooks;
    if (typeof watchChange === "function")
      /** @this {unknown} @param {[id: string, change: { event: string }]} given */
      hooks.watchChange = function (...given) {
        const [id, { event }] = given;
        if (event !== "update" || !COMPONENT.test(id)) return watchChange.apply(this, given);
      };
  }
}
