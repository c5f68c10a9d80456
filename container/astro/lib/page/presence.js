// Runs in the page: says whether the browser shows it, and notices that nobody hears it.

/** A page that is visible says so this often, which keeps its session. */
const EVERY_MS = 30_000;
/** A connection without an answer for so long is dead, although nobody has closed it. */
const ANSWER_MS = 10_000;
/** A dev server that starts again is back, and the page loaded again, before this. */
const ABSENCE_MS = 2500;
const SEEN = "astro-live:seen";

/**
 * `page()` gives the page's address below the session's; `onConnection(alive)` is called when the
 * live connection turns out to be dead, and when it is not any more.
 * @param {{ hot: import("vite/types/hot.js").ViteHotContext, page: () => string, onConnection:
 *   (alive: boolean) => void }} options
 */
export function presence({ hot, page, onConnection }) {
  let leaving = false;
  let open = true;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const expect = (/** @type {number} */ ms) => {
    timer ??= setTimeout(() => leaving || onConnection(false), ms);
  };
  const alive = () => {
    clearTimeout(timer);
    timer = undefined;
    onConnection(true);
  };
  const shown = () => document.visibilityState === "visible";
  const say = () => {
    if (!open) return;
    hot.send(SEEN, { visible: shown(), page: page() });
    if (shown()) expect(ANSWER_MS);
  };
  hot.on(SEEN, alive);
  hot.on("vite:ws:connect", () => {
    open = true;
    say();
  });
  hot.on("vite:ws:disconnect", () => {
    open = false;
    clearTimeout(timer);
    timer = undefined;
    expect(ABSENCE_MS);
  });
  document.addEventListener("visibilitychange", say);
  document.addEventListener("astro:page-load", say);
  addEventListener("popstate", say);
  addEventListener("pagehide", () => (leaving = true));
  addEventListener("pageshow", () => (leaving = false));
  setInterval(() => shown() && say(), EVERY_MS);
  say();
}
