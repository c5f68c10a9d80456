// Runs in the page, as a part of Vite's client: brings the page up to date with the server's new
// HTML without a reload, so that scroll position, form input, open menus and islands stay as they
// are.
//
// Three documents are compared: what the server sent before, what it sends now, and the page as it
// lives. Only what differs between the first two is changed, and only where the page still is what
// the server had sent: a place that a script has made its own is never written over. Whatever
// cannot be taken over that way (scripts, islands, unexpected structure) ends in the reload that
// Astro asked for.

/** Elements of ours that are shown over the page. */
const OURS = /^ASTRO-LIVE-/;

/** Why the page has to be reloaded. */
class ReloadNeeded extends Error {}

/**
 * Attributes for tools: where an element stands in its file (a line more at the top changes all
 * below), how long an island took.
 */
const PASSING = ["data-astro-source-file", "data-astro-source-loc", "server-render-time"];
/** What runs or is filled by a script, or means something only while a document is parsed. */
const ACTIVE =
  "script, template, noscript, iframe, object, embed, astro-island, astro-slot, style, link, base, meta[http-equiv]";

/**
 * The function to call when the server says that the page's HTML has changed by edit number `edit`.
 * `earlier` gives the HTML that this page was made of, `reload` is the way out.
 * `places` is for who wants to know where elements stand in their files (places.js).
 * @param {{ earlier: () => Promise<string>, reload: () => void, places?: Pick<ReturnType<typeof
 *   import("./places.js").placesOf>, "take" | "renew"> }} options
 */
export function inPlaceUpdates({ earlier, reload, places }) {
  const address = here();
  /** @type {Document | undefined} */
  let before;
  let asked = 0;
  let answered = 0;
  let newest = 0;
  let shown = 0;
  let busy = false;
  let swapped = false;
  // Astro's view transitions put another page into this document.
  document.addEventListener("astro:after-swap", () => (swapped = true));

  async function update() {
    if (swapped || here() !== address) throw new ReloadNeeded("another page is shown by now");
    if (document.readyState === "loading") throw new ReloadNeeded("the page is still loading");
    if (document.querySelector("vite-error-overlay")) throw new ReloadNeeded("an error is shown");
    answered = asked;
    const edit = newest;
    /** @type {import("./places.js").Noted | undefined} */
    let fresh;
    let later = 0;
    const [old, now] = await Promise.all([
      before ?? earlier().then((html) => parsed(html)),
      currentHtml(address).then(({ html, known }) => {
        later = known;
        return parsed(html, (whole) => (fresh = places?.take(whole)));
      }),
    ]);
    const changes = changesOf(old, now, document);
    // One edit may be reported several times. One that never showed is of something else: a
    // picture, or data that a script fetches.
    if (changes.length === 0 && edit > shown)
      throw new ReloadNeeded("the edit does not show in the page's HTML");
    for (const change of changes) change();
    if (fresh) places?.renew(fresh, now);
    before = now;
    // Edits of several files may be reported one by one. The HTML had those which the server knew
    // by then: it is not reloaded when it hears of them.
    shown = changes.length > 0 ? Math.max(edit, later) : edit;
    return changes.length > 0;
  }

  return async (/** @type {number} */ edit) => {
    asked++;
    newest = Math.max(newest, edit);
    if (busy) return;
    busy = true;
    try {
      while (answered < asked)
        if (await update()) document.dispatchEvent(new Event("astro-live:update"));
    } catch (error) {
      console.debug(
        `[astro-live] the page is reloaded: ${error instanceof Error ? error.message : error}`,
      );
      reload();
    } finally {
      busy = false;
    }
  };
}

function here() {
  return location.href.split("#")[0];
}

/**
 * The page as the server has it, and the newest edit when it was asked for it.
 * @param {string} address
 */
async function currentHtml(address) {
  const answer = await fetch(address, { headers: { accept: "text/html" }, cache: "no-store" });
  const html = /^text\/html\b/.test(answer.headers.get("content-type") ?? "");
  if (answer.status !== 200 || answer.redirected || !html) {
    answer.body?.cancel(); // what nobody reads holds its connection
    throw new ReloadNeeded(`the server answers with ${answer.status}`);
  }
  return {
    html: await answer.text(),
    known: Number(answer.headers.get("x-astro-live-edit") ?? 0),
  };
}

/**
 * The document without the attributes for tools. `see` gets it with them.
 * @param {string} html
 * @param {(whole: Document) => void} [see]
 */
export function parsed(html, see = () => {}) {
  const found = new DOMParser().parseFromString(html, "text/html");
  see(found);
  for (const name of PASSING)
    for (const element of found.querySelectorAll(`[${name}]`)) element.removeAttribute(name);
  return found;
}

/**
 * What to do to `live` so that it becomes `after`, as functions to call. Throws `ReloadNeeded`
 * before anything is done.
 * @param {Document} before
 * @param {Document} after
 * @param {Document} live
 */
export function changesOf(before, after, live) {
  for (const [what, selector] of [
    ["scripts", "script"],
    ["templates", "template"],
    ["document settings", "base, meta[http-equiv]"],
  ]) {
    if (serialized(before, selector) !== serialized(after, selector))
      throw new ReloadNeeded(`its ${what} have changed`);
  }
  /** @type {(() => void)[]} */
  const changes = [];
  compare(before.documentElement, after.documentElement, live.documentElement, changes);
  return changes;
}

/**
 * @param {Document} root
 * @param {string} selector
 */
function serialized(root, selector) {
  return Array.from(root.querySelectorAll(selector), (element) => element.outerHTML).join("\n");
}

/**
 * All three are of the same kind.
 * @param {Node} before
 * @param {Node} after
 * @param {Node} live
 * @param {(() => void)[]} changes
 */
function compare(before, after, live, changes) {
  if (before.isEqualNode(after)) return;
  if (before.nodeType === Node.ELEMENT_NODE)
    compareElements(
      /** @type {Element} */ (before),
      /** @type {Element} */ (after),
      /** @type {Element} */ (live),
      changes,
    );
  else
    compareText(
      /** @type {Text} */ (before),
      /** @type {Text} */ (after),
      /** @type {Text} */ (live),
      changes,
    );
}

/**
 * @param {Element} before
 * @param {Element} after
 * @param {Element} live
 * @param {(() => void)[]} changes
 */
function compareElements(before, after, live, changes) {
  const name = before.nodeName;
  if (name === "NOSCRIPT") return; // nobody sees it, and the live one holds text instead of elements
  if (name === "SCRIPT" || name === "TEMPLATE" || name.startsWith("ASTRO-"))
    throw new ReloadNeeded(`a <${name.toLowerCase()}> has changed`);
  compareAttributes(before, after, live, changes);
  if (name === "STYLE") {
    const text = after.textContent;
    // Vite's hot update of the style may have come first.
    if (before.textContent !== text)
      changes.push(() => live.textContent !== text && (live.textContent = text));
  } else {
    compareChildren(before, after, live, changes);
  }
}

/**
 * @param {Text} before
 * @param {Text} after
 * @param {Text} live
 * @param {(() => void)[]} changes
 */
function compareText(before, after, live, changes) {
  const text = after.data;
  if (live.data === text) return;
  if (live.data !== before.data)
    throw new ReloadNeeded("a script has changed the text of the place");
  changes.push(() => (live.data = text));
}

/**
 * @param {Element} before
 * @param {Element} after
 * @param {Element} live
 * @param {(() => void)[]} changes
 */
function compareAttributes(before, after, live, changes) {
  for (const name of new Set([...before.getAttributeNames(), ...after.getAttributeNames()])) {
    const [old, now, current] = [before, after, live].map((element) => element.getAttribute(name));
    if (old === now || current === now) continue;
    if (name === "class") {
      const [gone, come] = [words(old).difference(words(now)), words(now).difference(words(old))];
      changes.push(() => (live.classList.remove(...gone), live.classList.add(...come)));
    } else if (current !== old) {
      throw new ReloadNeeded(
        `a script has changed the attribute ${name} of a <${before.localName}>`,
      );
    } else {
      changes.push(() =>
        now === null ? live.removeAttribute(name) : live.setAttribute(name, now),
      );
    }
  }
}

/** @param {string | null} text */
function words(text) {
  return new Set((text ?? "").split(/\s+/).filter(Boolean));
}

/**
 * @param {Element} before
 * @param {Element} after
 * @param {Element} live
 * @param {(() => void)[]} changes
 */
function compareChildren(before, after, live, changes) {
  const head = before.nodeName === "HEAD";
  const [old, now] = [before, after].map((parent) =>
    Array.from(head ? parent.children : parent.childNodes),
  );
  const lives = head ? counterpartsInHead(old, live) : counterparts(old, live);
  const most = Math.min(old.length, now.length);
  let start = 0;
  while (start < most && old[start].isEqualNode(now[start])) start++;
  let tail = 0;
  while (tail < most - start && old[old.length - 1 - tail].isEqualNode(now[now.length - 1 - tail]))
    tail++;
  const [gone, come] = [old.slice(start, old.length - tail), now.slice(start, now.length - tail)];
  if (gone.length === come.length && gone.every((node, at) => alike(node, come[at]))) {
    for (const [at, node] of gone.entries()) compare(node, come[at], lives[start + at], changes);
    return;
  }
  for (const node of [...gone, ...come])
    if (isActive(node))
      throw new ReloadNeeded(
        `a <${node.nodeName.toLowerCase()}> with something active came or went`,
      );
  const leaving = lives.slice(start, start + gone.length);
  if (leaving.some((node, at) => node.textContent !== gone[at].textContent))
    throw new ReloadNeeded("a script has changed what goes away");
  // What follows the last counterpart (Astro's toolbar at the end of the body) stays behind what is
  // added.
  const next =
    lives[old.length - tail] ??
    (lives.length > 0 ? (lives.at(-1)?.nextSibling ?? null) : live.firstChild);
  const arriving = come.map((node) => live.ownerDocument.importNode(node, true));
  changes.push(() => {
    for (const node of arriving) live.insertBefore(node, next);
    for (const node of leaving) node.parentNode?.removeChild(node);
  });
}

/**
 * Live nodes for the children of a body or element: the same kinds in the same order. Scripts may
 * append to it.
 * @param {Node[]} children
 * @param {Element} live
 */
function counterparts(children, live) {
  const nodes = Array.from(live.childNodes).filter(({ nodeName }) => !OURS.test(nodeName));
  const found = nodes.slice(0, children.length);
  const same =
    found.length === children.length && children.every((node, at) => alike(node, found[at]));
  const appended = nodes.length > children.length;
  if (!same || (appended && live.nodeName !== "BODY"))
    throw new ReloadNeeded(`a script has changed the content of a <${live.localName}>`);
  return found;
}

/**
 * Live elements for those of the head, where scripts and Vite add theirs in between.
 * @param {Node[]} children
 * @param {Element} live
 */
function counterpartsInHead(children, live) {
  const rest = Array.from(live.children);
  return /** @type {Element[]} */ (children).map((element) => {
    const at = rest.findIndex(
      (candidate) => alike(element, candidate) && keyOf(element) === keyOf(candidate),
    );
    if (at < 0) throw new ReloadNeeded(`a script has changed a <${element.localName}> of the head`);
    return rest.splice(0, at + 1)[at];
  });
}

/** @param {Element} element */
function keyOf(element) {
  return ["data-vite-dev-id", "src", "rel", "name", "property"]
    .map((name) => element.getAttribute(name) ?? "")
    .join("\n");
}

/**
 * @param {Node} one
 * @param {Node} other
 */
function alike(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName;
}

/** @param {Node} node */
function isActive(node) {
  return node instanceof Element && (node.matches(ACTIVE) || node.querySelector(ACTIVE) !== null);
}
