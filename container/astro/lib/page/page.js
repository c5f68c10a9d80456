// Runs in the page, beside Vite's client: shows edits without a reload where that is possible, and notices what the page has missed.

/// <reference types="vite/client" />

import { inPlaceUpdates } from "./in-place.js";

// Vite looks for this very text.
const hot = /** @type {import("vite/types/hot.js").ViteHotContext} */ (import.meta.hot);
/** The session's base with its closing slash: Vite serves this module as `{base}@id/…`. */
const base = import.meta.url.split("@id/")[0];
/** What the server says about the answer that this page was made of. Scripts cannot read other headers of their own page. */
const served = servedWith(/** @type {PerformanceNavigationTiming | undefined} */ (performance.getEntriesByType("navigation")[0]));

/** @param {PerformanceNavigationTiming | undefined} navigation */
function servedWith(navigation) {
  return Object.fromEntries((navigation?.serverTiming ?? []).map(({ name, description }) => [name, description]));
}

/**
 * Called by Vite's client with functions of its own; `hmrClient` is undefined where a release has no such object.
 * @param {{ updateStyle: (id: string, css: string) => void, hmrClient: any }} options
 */
export function attach({ updateStyle, hmrClient }) {
  const reload = async () => {
    await hmrClient?.notifyListeners("vite:beforeFullReload", { type: "full-reload" });
    location.reload();
  };
  const update = inPlaceUpdates({ reload, earlier });

  hot.on("astro-live:update", ({ edit }) => update(edit));
  hot.on("astro-live:hello", ({ server, renders, edit, inPlace }) => {
    console.debug("[astro-live] connected.");
    // A page of an earlier server whose client came from a later one is out of date, and that server has no news for it. A page that
    // was rendered before an edit and connected after the message about it has missed that message.
    if (Number(served["astro-live-server"] ?? Number.POSITIVE_INFINITY) < server) location.reload();
    else if (Number(served["astro-live-renders"] ?? Number.POSITIVE_INFINITY) < renders) inPlace ? update(edit) : reload();
  });
  takeStyles(hmrClient, updateStyle);
  hot.send("astro-live:hello", {});
}

/**
 * A style that came with the message about it needs no import. Its module has accepted updates of itself before.
 * @param {any} hmrClient
 * @param {(id: string, css: string) => void} updateStyle
 */
function takeStyles(hmrClient, updateStyle) {
  const load = hmrClient?.importUpdatedModule;
  if (typeof load !== "function") return;
  hmrClient.importUpdatedModule = async (/** @type {any} */ change) =>
    change.style ? updateStyle(change.style.id, change.style.css) : load.call(hmrClient, change);
}

/** The HTML that this page was made of. */
async function earlier() {
  const number = served["astro-live-page"];
  const answer = number ? await fetch(`${base}@astro-live/page/${number}`) : undefined;
  if (!answer?.ok) throw new Error("the server does not have this page any more");
  return answer.text();
}
