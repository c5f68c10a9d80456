// Runs in the page: a badge over it that says that its live connection is lost. It takes no room,
// needs no style sheet and no markup of the page's, and so nothing that a content security policy
// could forbid: styles are set by script, element by element.

const TEXT = "Live connection lost: edits do not show here until it is back.";
const BOX = `all: initial; position: fixed; inset: auto auto 12px 12px; z-index: 2147483647;
  display: flex; gap: 8px; align-items: center; max-width: calc(100vw - 24px); box-sizing: border-box;
  padding: 8px 12px; border-radius: 8px; background: #8a1c1c; color: #fff;
  font: 14px/1.4 system-ui, sans-serif;`;
const BUTTON = `all: initial; cursor: pointer; padding: 2px 8px; border: 1px solid #fff;
  border-radius: 6px; color: #fff; font: 14px/1.4 system-ui, sans-serif;`;

/** A function that shows the badge or takes it away. */
export function badge() {
  /** @type {HTMLElement | undefined} */
  let host;
  const hide = () => host?.remove();
  return (/** @type {boolean} */ lost) => {
    if (!lost) {
      hide();
      host = undefined;
      return;
    }
    if (host) return; // shown, or hidden by the reader until the next time
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
    box.append(TEXT, button);
  };
}
