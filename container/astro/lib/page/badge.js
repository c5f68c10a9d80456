// Runs in the page: a badge over it that says that its live connection is lost. It takes no room,
// needs no style sheet and no markup of the page's, and so nothing that a content security policy
// could forbid: styles are set by script, element by element.

const LOST = "Live connection lost: edits do not show here until it is back.";
const ENDED =
  "Your sign-in has ended: edits do not show here any more. Open a new link to this session; its" +
  " owner can make one.";
/**
 * Answers of the gateway when the sign-in is missing, expired or revoked. It does not say which, nor
 * whether there is such a session.
 */
const REFUSED = new Set([401, 403, 404]);
/** A sign-in may end while the connection is lost for another reason. */
const AGAIN_MS = 30_000;
const BOX = `all: initial; position: fixed; inset: auto auto 12px 12px; z-index: 2147483647;
  display: flex; gap: 8px; align-items: center; max-width: calc(100vw - 24px); box-sizing: border-box;
  padding: 8px 12px; border-radius: 8px; background: #8a1c1c; color: #fff;
  font: 14px/1.4 system-ui, sans-serif;`;
const BUTTON = `all: initial; cursor: pointer; padding: 2px 8px; border: 1px solid #fff;
  border-radius: 6px; color: #fff; font: 14px/1.4 system-ui, sans-serif;`;

/** A function that shows a text in the badge, or takes it away. */
export function badge() {
  /** @type {HTMLElement | undefined} */
  let host;
  const hide = () => host?.remove();
  return (/** @type {string | undefined} */ text) => {
    hide(); // another text shows again what the reader has hidden
    if (text === undefined) return;
    host = document.createElement("astro-live-badge");
    host.dataset.astroLive = "connection";
    const box = document.createElement("div");
    box.setAttribute("role", "alert");
    box.style.cssText = BOX;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Hide";
    button.style.cssText = BUTTON;
    button.addEventListener("click", hide);
    host.attachShadow({ mode: "open" }).append(box);
    // Outside of the body, which is replaced in place, and by view transitions.
    document.documentElement.append(host);
    box.append(text, button);
  };
}

/**
 * The function to call when the connection is lost or back. A browser does not tell scripts why a
 * WebSocket was refused, so the gateway is asked for the session's state, which it gives to those
 * who are signed in. `show(text)` shows a text, or none; `ask()` gives the status with which the
 * gateway answers; `later` calls a function after some time, and gives a function that keeps it
 * from that.
 * @param {{ show: (text?: string) => void, ask: () => Promise<number>,
 *   later?: (call: () => void, ms: number) => () => void }} options
 */
export function loss({ show, ask, later = inMilliseconds }) {
  /** Tells the loss that a question was about from later ones. */
  let losses = 0;
  let lost = false;
  let cancel = () => {};
  const look = async (/** @type {number} */ about) => {
    const status = await ask().catch(() => 0); // the network, or the whole service
    if (!lost || about !== losses) return;
    if (REFUSED.has(status)) show(ENDED);
    else cancel = later(() => look(about), AGAIN_MS);
  };
  return (/** @type {boolean} */ now) => {
    if (now === lost) return;
    lost = now;
    cancel();
    show(lost ? LOST : undefined);
    if (lost) look(++losses);
  };
}

/**
 * @param {() => void} call
 * @param {number} ms
 */
function inMilliseconds(call, ms) {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}
