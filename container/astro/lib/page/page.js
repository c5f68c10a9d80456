// Runs in the page, beside Vite's client: shows edits without a reload where that is possible, and
// notices what the page has missed.

/// <reference types="vite/client" />

import { badge, loss } from "./badge.js";
import { inPlaceUpdates } from "./in-place.js";
import { presence } from "./presence.js";
import { reloads } from "./reload.js";
import { countedTries, pings, whenUnopened } from "./unopened.js";

// Vite looks for this very text.
const hot = /** @type {import("vite/types/hot.js").ViteHotContext} */ (import.meta.hot);
/** The session's base with its closing slash: Vite serves this module as `{base}@id/…`. */
const base = import.meta.url.split("@id/")[0];
/**
 * What the server says about the answer that this page was made of. Scripts cannot read other
 * headers of the page they run in.
 */
const served = servedWith(
  /** @type {PerformanceNavigationTiming | undefined} */ (
    performance.getEntriesByType("navigation")[0]
  ),
);

/**
 * What is used of the client's own object. Vite exports no type of it, and not every release has
 * all of it.
 * @typedef {object} Client
 * @property {(event: "vite:beforeFullReload", payload: { type: "full-reload", path: string }) =>
 *   Promise<void>} notifyListeners
 * @property {(change: import("../types.d.mts").StyledUpdate) => Promise<unknown>}
 *   [importUpdatedModule]
 */

/** @param {PerformanceNavigationTiming | undefined} navigation */
function servedWith(navigation) {
  return Object.fromEntries(
    (navigation?.serverTiming ?? []).map(({ name, description }) => [name, description]),
  );
}

/** Of the answer that this page was made of. */
const status = Number(served["astro-live-status"] ?? 200);
/** What a change leads to may take a moment, for content collections above all. */
const LOOKS_MS = [150, 300, 600, 1500, 3000];

/**
 * Called by Vite's client with its own functions, and the address of its WebSocket; `hmrClient` is
 * undefined where a release has no such object.
 * @param {{ updateStyle: (id: string, css: string) => void, hmrClient: Client | undefined,
 *   socket: string, onProblem?: (hear: (problem: object) => void) => void, frame?:
 *   import("./embed.js").Framed, embedding?: import("./embed.js").Settings, framed?: typeof
 *   import("./framed.js") }} options
 *   `onProblem` takes who hears of what goes wrong in the page, from its start on; `frame` is the
 *   frame that the page is shown in, if others than the service may show it (`embedding`), and
 *   `framed` is the module for that.
 */
export function attach({ updateStyle, hmrClient, socket, onProblem, frame, embedding, framed }) {
  /** From when on another page comes in the place of this one. */
  let leaving = false;
  const { reload, begun } = reloads({
    load: async () => {
      leaving = true;
      await hmrClient?.notifyListeners("vite:beforeFullReload", { type: "full-reload", path: "*" });
      location.reload();
    },
  });
  const leave = () => {
    leaving = true;
    return begun();
  };
  const around =
    frame &&
    embedding &&
    framed?.embed({
      frame,
      settings: embedding,
      live: true,
      reload,
      onPeer: (after) => watch?.(after),
    });
  const bring = inPlaceUpdates({ reload, earlier, places: around?.places });
  /** @type {Promise<unknown>} */
  let working = Promise.resolve();
  const update = (/** @type {number} */ edit) => {
    working = Promise.all([working, bring(edit)]).then(() => {}); // without what came before
  };

  const watch =
    around &&
    framed?.framedEdits({
      hot,
      tell: around.tell,
      settled: async () => {
        await working;
        return !leaving;
      },
    });

  // Vite's client reloads as soon as this has been heard, unless it is about an HTML file, of which
  // Astro has none.
  hot.on("vite:beforeFullReload", ({ path }) => path?.endsWith(".html") || leave());
  // And where a page begins with an error over it, the first update is a reload.
  let updated = false;
  hot.on("vite:beforeUpdate", () => {
    if (!updated && document.querySelector("vite-error-overlay")) leave();
    updated = true;
  });
  hot.on("astro-live:reload", reload);
  hot.on("astro-live:update", ({ edit }) => update(edit));
  hot.on("astro-live:ask", async ({ number }) => {
    await working;
    // The page that comes in its place is asked itself.
    if (!leaving) hot.send("astro-live:shown", { number });
  });
  const heard = whenUnopened({ ping: () => pings(socket), reload, tries: countedTries });
  /** Shows nothing before the server has said that it may. */
  let warn = (/** @type {boolean} */ _lost) => {};
  const path = () => location.href.slice(location.origin.length + new URL(base).pathname.length);
  hot.on("astro-live:hello", ({ server, renders, updates, edit, inPlace, badge: wanted }) => {
    heard();
    if (wanted) warn = loss({ show: badge(), ask: signedIn });
    // A page of an earlier server whose client came from a later one is out of date, and that
    // server has no news for it. A page that was rendered before an edit and connected after the
    // message about it has missed that message.
    if (Number(served["astro-live-server"] ?? Number.POSITIVE_INFINITY) < server) return reload();
    // One that came between its HTML and its connection may be of a script, style or island that it
    // had loaded by then.
    if (Number(served["astro-live-updates"] ?? Number.POSITIVE_INFINITY) < updates) return reload();
    console.debug("[astro-live] connected.");
    if (Number(served["astro-live-renders"] ?? Number.POSITIVE_INFINITY) < renders)
      inPlace ? update(edit) : reload();
  });
  takeStyles(hmrClient, updateStyle);
  if (status >= 400) hot.on("astro-live:edited", lookAgain(reload));
  hot.send("astro-live:hello", {
    page: served["astro-live-page"],
    status,
    path: path(),
  });
  presence({
    hot,
    page: path,
    onConnection: (alive) => (warn(!alive), around?.connection(alive)),
  });
  onProblem?.((problem) => hot.send("astro-live:problem", problem));
}

/**
 * For a page that could not be rendered, or is not there: the function to call when something has
 * changed.
 * @param {() => void} reload
 */
function lookAgain(reload) {
  /** @type {ReturnType<typeof setTimeout>[]} */
  let timers = [];
  const look = async () => {
    const answer = await fetch(location.href, {
      headers: { accept: "text/html" },
      cache: "no-store",
    });
    answer.body?.cancel(); // what nobody reads holds its connection, of which a browser has six
    if (answer.status !== status) reload();
  };
  const again = () => {
    for (const timer of timers) clearTimeout(timer);
    timers = LOOKS_MS.map((wait) => setTimeout(() => look().catch(() => {}), wait));
  };
  // The change may have come while this page was on its way.
  again();
  return again;
}

/**
 * A style that came with the message about it needs no import. Its module has accepted updates of
 * itself before.
 * @param {Client | undefined} hmrClient
 * @param {(id: string, css: string) => void} updateStyle
 */
function takeStyles(hmrClient, updateStyle) {
  const load = hmrClient?.importUpdatedModule;
  if (!hmrClient || typeof load !== "function") return;
  hmrClient.importUpdatedModule = async (change) =>
    change.style ? updateStyle(change.style.id, change.style.css) : load.call(hmrClient, change);
}

/** The status with which the gateway answers: 200 to those who are signed in. */
async function signedIn() {
  const answer = await fetch(`${base}__astro_live/status`, { cache: "no-store" });
  answer.body?.cancel(); // what nobody reads holds its connection
  return answer.status;
}

/** The HTML that this page was made of. */
async function earlier() {
  const number = served["astro-live-page"];
  const answer = number ? await fetch(`${base}@astro-live/page/${number}`) : undefined;
  if (!answer?.ok) throw new Error("the server does not have this page any more");
  return answer.text();
}
