// How the pages that browsers asked for last were answered. A page that is brought up to date after
// an edit asks for its HTML again. Where that was rendered without an error, the check of the same
// edit (verdicts.mjs) need not render the page a second time.
//
// An answer counts only if the site could not tell the two requests apart by who asks: a check has
// neither cookies nor credentials. An answer with an error does not count either: the check renders
// the page itself, and finds out what the error is and where.

const MOST_PAGES = 64;
/** Headers of a request by which a site may answer one visitor otherwise than another. */
const PERSONAL = ["cookie", "authorization"];

/** @typedef {{ began: number, failed: () => void, whole: Promise<boolean> }} Answer */

export class Answers {
  /** The latest by address below the base; the latest of all come last. @type {Map<string, Answer>} */
  #latest = new Map();

  /**
   * A page is asked for. Returns what is known of its answer, unless that is for one visitor:
   * `failed()` is to be called when rendering it has failed.
   * @param {string} address below the base
   * @param {import("./types.d.mts").Request} request
   * @param {import("./types.d.mts").Response} response
   * @returns {Answer | undefined}
   */
  begin(address, request, response) {
    if (PERSONAL.some((name) => request.headers[name] !== undefined)) return undefined;
    let failed = false;
    /** @type {PromiseWithResolvers<boolean>} */
    const { promise, resolve } = Promise.withResolvers();
    // Comes also where the browser does not wait for the end.
    response.once("close", () =>
      resolve(response.writableFinished && response.statusCode === 200 && isHtml(response)),
    );
    const answer = {
      began: performance.now(),
      failed: () => {
        failed = true;
      },
      whole: promise.then((whole) => whole && !failed),
    };
    this.#latest.delete(address);
    this.#latest.set(address, answer);
    if (this.#latest.size > MOST_PAGES) this.#latest.delete(this.#latest.keys().next().value ?? "");
    return answer;
  }

  /**
   * Whether a page that was asked for at `since` or later was rendered without an error. Waits for
   * the end of its answer, until `deadline`. False where nobody has asked for the page.
   * @param {string} page below the base, as the browser has it
   * @param {{ since: number, deadline: number }} times as `performance.now()` gives them
   */
  async isWhole(page, { since, deadline }) {
    const answer = this.#latest.get(page.split("#")[0]);
    if (!answer || answer.began < since) return false;
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    /** @type {Promise<boolean>} */
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, Math.max(0, deadline - performance.now()), false);
    });
    try {
      return await Promise.race([answer.whole, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** @param {import("./types.d.mts").Response} response */
export function isHtml(response) {
  return /^text\/html\b/i.test(String(response.getHeader("content-type") ?? ""));
}
