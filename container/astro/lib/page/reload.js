// Runs in the page: reloads, one at a time. Each call of `location.reload` begins the load again,
// so a page that is told so by several sources during a burst of edits would come late, or not at
// all while the edits go on. What comes meanwhile, the next page hears of when it says hello.

/**
 * A page that is still there after this long was kept from leaving (by its user, or an answer that
 * is no page), and may try again.
 */
const PATIENCE_MS = 15_000;

/**
 * `{ reload, begun }`: `reload()` loads the page again unless that is under way, and again if
 * it is still there in the end although it was requested again; `begun()` says that somebody else
 * has begun it. `load` does it, `later(call, ms)` is `setTimeout`.
 * @param {{ load: () => void | Promise<void>, later?: (call: () => void, ms: number) => unknown }}
 *   options
 */
export function reloads({ load, later = setTimeout }) {
  let underWay = false;
  let askedAgain = false;

  function begun() {
    if (underWay) return;
    underWay = true;
    later(() => {
      underWay = false;
      if (askedAgain) reload();
    }, PATIENCE_MS);
  }

  function reload() {
    if (underWay) {
      askedAgain = true;
      return;
    }
    askedAgain = false;
    begun();
    load();
  }

  return { reload, begun };
}
