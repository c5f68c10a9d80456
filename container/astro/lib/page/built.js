// Runs in a page of a build that is shown in a frame. Its last line, with the settings, comes from
// embedding.mjs.

import { embed } from "./embed.js";

/** @param {import("./embed.js").Settings} settings */
export function begin(settings) {
  const { parent } = window;
  if (parent === window) return;
  embed({
    frame: {
      parent,
      noted: new WeakMap(),
      listen: (hear) => addEventListener("message", hear),
    },
    settings,
    live: false,
    reload: () => location.reload(),
    onPeer: () => {},
  });
}
