// Runs in the page: brings a page back whose live connection has never opened.
//
// Vite's client waits for a server whose connection it has lost, but from Vite 6 on not for one that
// it never had. A page whose socket meets a restart of the configuration, or whose client came from
// the server before it (each has another token), would be out of date for good.

/** A page has heard from the server before this, on a busy machine too. */
const PATIENCE_MS = 4000;
/** Where a second connection opens, and nothing is heard of the first for this long, that is lost. */
const GRACE_MS = 2000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Reload the page when nothing is heard from the server although it accepts connections. Where a
 * reload does not help, the next one waits twice as long. Returns the function to call when the
 * server is heard.
 *
 * `ping()` is a promise of whether a connection opens; `tries` keeps how often the page was loaded
 * again for this, over loads; `later(call, ms)` is `setTimeout`.
 * @param {{ ping: () => Promise<boolean>, reload: () => void, tries: { get(): number, set(count:
 *   number): void }, later?: (call: () => void, ms: number) => unknown }} options
 */
export function whenUnopened({ ping, reload, tries, later = setTimeout }) {
  let heard = false;
  const look = async (/** @type {number} */ wait) => {
    if (heard) return;
    const opens = await ping();
    if (heard) return;
    if (!opens) return void later(() => look(Math.min(2 * wait, LONGEST_WAIT_MS)), wait);
    later(() => {
      if (heard) return;
      tries.set(tries.get() + 1);
      reload();
    }, GRACE_MS);
  };
  later(() => look(1000), Math.min(PATIENCE_MS * 2 ** Math.min(tries.get(), 10), LONGEST_WAIT_MS));
  return () => {
    heard = true;
    tries.set(0);
  };
}

/**
 * Whether a WebSocket opens at this address, with the protocol that Vite has for the question.
 * @param {string} url
 * @returns {Promise<boolean>}
 */
export function pings(url) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, "vite-ping");
    socket.addEventListener("open", () => {
      resolve(true);
      socket.close();
    });
    socket.addEventListener("close", () => resolve(false));
  });
}

const KEY = "astro-live:unopened";

/** A count that outlives loads of the page in this tab, where the browser keeps one. */
export const countedTries = {
  get() {
    try {
      return Number(sessionStorage.getItem(KEY) ?? 0);
    } catch {
      return 10; // nobody counts: as if nothing helped
    }
  },
  /** @param {number} count */
  set(count) {
    try {
      if (count > 0) sessionStorage.setItem(KEY, String(count));
      else sessionStorage.removeItem(KEY);
    } catch {
      // The browser keeps nothing.
    }
  },
};
