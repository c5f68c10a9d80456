// Runs in the page: the selection of an element. An outline follows the pointer; a click is
// reported and reaches nobody else; Escape ends it.

const OUTLINE = `all: initial; position: fixed; z-index: 2147483646; pointer-events: none;
  box-sizing: border-box; border: 2px solid #1c5fd0; border-radius: 2px;
  background: rgba(28, 95, 208, 0.12); display: none;`;
/** What a click consists of, and what would begin something else. */
const KEPT = [
  ...["pointerdown", "pointerup", "mousedown", "mouseup"],
  ...["click", "auxclick", "dblclick", "contextmenu", "dragstart"],
];
/** Nobody else hears of them, but without them no click is made of a touch. */
const HIDDEN = ["touchstart", "touchend"];
/** Do not tell the page of clicks on them: the outline takes the click in their place. */
const SILENT = "iframe, frame, object, embed, :disabled";
const LONGEST_TEXT = 200;

/**
 * A function that begins and ends the selection. `describe(element)` gives what is known of its
 * source; `onPicked(element)` gets the fields of `picked`, `onChange(on)` is called when the
 * selection begins and ends.
 * @param {{ describe: (element: Element) => object, onPicked: (fields: Record<string, unknown>) =>
 *   void, onChange: (on: boolean) => void }} options
 */
export function picker({ describe, onPicked, onChange }) {
  /** @type {HTMLElement | undefined} */
  let outline;
  /** @type {Element | undefined} */
  let over;
  let on = false;

  /** @param {Event} event */
  function targetOf(event) {
    const [first] = event.composedPath();
    const target = first === outline ? below(/** @type {PointerEvent} */ (event)) : first;
    return target instanceof Element && target !== outline ? target : undefined;
  }

  /** What the outline covers. @param {MouseEvent} event */
  function below({ clientX, clientY }) {
    return document.elementsFromPoint(clientX, clientY).find((element) => element !== outline);
  }

  function draw() {
    if (!outline) return;
    if (!outline.isConnected) document.documentElement.append(outline); // after a view transition
    const { x, y, width, height } = over?.getBoundingClientRect() ?? new DOMRect();
    Object.assign(outline.style, {
      display: over ? "block" : "none",
      "pointer-events": over?.matches(SILENT) ? "auto" : "none",
      left: `${x}px`,
      top: `${y}px`,
      width: `${width}px`,
      height: `${height}px`,
    });
  }

  const hover = (/** @type {Event} */ event) => {
    over = targetOf(event);
    draw();
  };
  const leave = () => {
    over = undefined;
    draw();
  };
  const keep = (/** @type {Event} */ event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    const target = event.type === "click" && event.isTrusted ? targetOf(event) : undefined;
    if (target) onPicked(fieldsOf(target));
  };
  const hide = (/** @type {Event} */ event) => event.stopImmediatePropagation();
  const key = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    pick(false);
  };

  /** @param {Element} target */
  function fieldsOf(target) {
    const { x, y, width, height } = target.getBoundingClientRect();
    return {
      tag: target.localName.slice(0, 100),
      text: (target.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, LONGEST_TEXT),
      box: { x, y, width, height },
      ...describe(target),
    };
  }

  /** @param {boolean} wanted */
  function pick(wanted) {
    if (on === wanted) return;
    on = wanted;
    const change = on ? addEventListener : removeEventListener;
    // Before the page's own listeners, and not passive, so that a click can be kept from them.
    const options = { capture: true, passive: false };
    change("pointermove", hover, options);
    change("pointerover", hover, options); // all that is heard of a frame within the page
    change("scroll", draw, options);
    change("resize", draw, options);
    document.documentElement[on ? "addEventListener" : "removeEventListener"]("mouseleave", leave);
    change("keydown", /** @type {EventListener} */ (key), options);
    for (const name of KEPT) change(name, keep, options);
    for (const name of HIDDEN) change(name, hide, options);
    if (on) {
      outline = document.createElement("astro-live-outline");
      outline.style.cssText = OUTLINE;
      document.documentElement.append(outline);
      window.focus(); // keys go to the document that has the focus
    } else {
      outline?.remove();
      outline = over = undefined;
    }
    onChange(on);
  }
  return pick;
}
