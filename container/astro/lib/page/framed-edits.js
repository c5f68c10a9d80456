// Runs in a page that is shown in a frame: tells the page around it which edits this page shows, and
// what is wrong with the site.
//
// An edit that reloads the page is told by the page that comes in its place: the page around says
// which one it heard of last, and the server names those since. Nothing is kept in the browser, where
// a frame of another site may keep nothing.

/**
 * Returns `watch(after)`, to call when somebody has begun to listen, with the number of the last
 * edit that they have heard of; when they begin again, they are told what is still wrong.
 * `settled()` resolves when the page shows what the server has said so far, with false where another
 * page comes in its place.
 * @param {{ hot: import("vite/types/hot.js").ViteHotContext, tell: (type: string, fields:
 *   Record<string, unknown>) => void, settled: () => Promise<boolean> }} options
 */
export function framedEdits({ hot, tell, settled }) {
  let asked = false;
  /** Undefined until the server has answered. @type {{ number: number } | undefined} */
  let newest;
  /** By id. @type {Map<string, Record<string, unknown>>} */
  const wrong = new Map();
  hot.on("astro-live:edit", async ({ ms, ...edit }) => {
    const heard = performance.now();
    if (!(await settled())) return;
    const taken = ms + performance.now() - heard;
    newest &&= { number: edit.number };
    tell("edit", { ...edit, ms: Math.round(taken * 10) / 10 });
  });
  hot.on("astro-live:watching", async (listening) => {
    // Behind the edits that came before it.
    if (!(await settled())) return;
    newest = listening;
    tell("listening", listening);
  });
  hot.on("astro-live:wrong", (problem) => {
    wrong.set(problem.id, problem);
    tell("problem", problem);
  });
  hot.on("astro-live:healed", (healed) => {
    wrong.delete(healed.id);
    tell("healed", healed);
  });
  return (/** @type {number} */ after) => {
    if (!asked) {
      asked = true;
      return hot.send("astro-live:watch", { told: after });
    }
    if (!newest) return; // the server's answer is under way
    tell("listening", newest);
    for (const problem of wrong.values()) tell("problem", problem);
  };
}
