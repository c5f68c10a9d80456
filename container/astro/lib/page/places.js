// Runs in the page: which place of which file an element is made of. Astro's compiler writes it into
// the HTML (`data-astro-source-file`, `data-astro-source-loc`), Astro's toolbar takes it away from
// the page again; the start of the page notes it down before (page-plugin.mjs).

const FILE = "data-astro-source-file";
const LOC = "data-astro-source-loc";

/**
 * File and `line:column` of elements, undefined where they are known to be out of date.
 * @typedef {WeakMap<Element, [file: string, loc: string] | undefined>} Noted
 * @typedef {{ file: string, line: number, column: number }} Place
 */

/**
 * The places of a page. `noted` is what has been seen of its elements; `folders` are names of the
 * session's folder on the task, which nobody outside is told.
 * @param {{ noted: Noted, folders: readonly string[], base: string }} options
 */
export function placesOf({ noted, folders, base }) {
  /** @param {string} file */
  function inSession(file) {
    const folder = folders.find((each) => file.startsWith(`${each}/`));
    const name = folder && file.slice(folder.length + 1);
    return name && name.length <= 1024 && !/(^|\/)\.\.?(\/|$)|\0/.test(name) ? name : undefined;
  }

  /**
   * The element's own place.
   * @param {Element} element
   * @returns {Place | undefined}
   */
  function of(element) {
    const [absolute, loc] = noted.has(element)
      ? (noted.get(element) ?? [])
      : [element.getAttribute(FILE), element.getAttribute(LOC)];
    const file = inSession(absolute ?? "");
    const numbers = /^(\d{1,7}):(\d{1,7})$/.exec(loc ?? "");
    const line = Number(numbers?.[1]);
    if (!file || !numbers || line < 1) return undefined;
    return { file, line, column: Math.max(1, Number(numbers[2])) };
  }

  return {
    /**
     * `{ source, exact, island }` of an element, as contract/embed.py describes them.
     * @param {Element} element
     */
    describe(element) {
      /** @type {Element | null} */
      let at = element;
      while (at && !of(at)) at = parentOf(at);
      const source = at ? of(at) : undefined;
      const around = element.closest("astro-island");
      // What is passed into an island's slot is the page's own markup.
      const own = around && (!at || !around.contains(at) || at === around);
      const url = own ? componentUrl(around) : undefined;
      return {
        ...(source && { source }),
        exact: at === element,
        ...(url && { island: url }),
      };
    },

    /**
     * The element of the last line at or before this one.
     * @param {string} file
     * @param {number} line
     */
    find(file, line) {
      /** @type {{ element: Element, line: number } | undefined} */
      let best;
      for (const element of document.querySelectorAll("body *")) {
        const place = of(element);
        if (place?.file === file && place.line <= line && place.line > (best?.line ?? 0))
          best = { element, line: place.line };
      }
      return best?.element;
    },

    /**
     * The places that a document of the server's new HTML names.
     * @param {Document} parsed
     * @returns {Noted}
     */
    take(parsed) {
      /** @type {Noted} */
      const fresh = new WeakMap();
      for (const element of parsed.querySelectorAll(`[${FILE}]`))
        fresh.set(element, [element.getAttribute(FILE) ?? "", element.getAttribute(LOC) ?? ""]);
      return fresh;
    },

    /**
     * The live page shows what is in `now`.
     * @param {Noted} fresh of the elements of `now`
     * @param {Document} now
     */
    renew(fresh, now) {
      align(now.documentElement, document.documentElement, (from, to) =>
        noted.set(to, fresh.get(from)),
      );
    },
  };

  /** @param {Element} island */
  function componentUrl(island) {
    const url = island.getAttribute("component-url") ?? "";
    const path = URL.parse(url, location.href)?.pathname ?? "";
    const below = decoded(path.startsWith(base) ? path.slice(base.length) : path.slice(1));
    const file = below.startsWith("@fs/") ? below.slice(3) : `${folders[0]}/${below}`;
    return below === "" || /^@(?!fs\/)/.test(below) ? undefined : inSession(file);
  }
}

/** A file's name may have a `%` that stands for itself. @param {string} path */
function decoded(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** @param {Element} element */
function parentOf(element) {
  const { parentNode } = element;
  return parentNode instanceof ShadowRoot ? parentNode.host : element.parentElement;
}

/**
 * Call `pair(from, to)` for elements that are the same in both trees, in document order. Scripts may
 * have added elements to the live one.
 * @param {Element} from
 * @param {Element} to
 * @param {(from: Element, to: Element) => void} pair
 */
function align(from, to, pair) {
  pair(from, to);
  const rest = Array.from(to.children);
  let at = 0;
  for (const child of from.children) {
    const like = (/** @type {Element} */ other, /** @type {number} */ index) =>
      index >= at && other.localName === child.localName && other.id === child.id;
    let found = rest.findIndex((other, index) => like(other, index) && sameStart(child, other));
    if (found < 0) found = rest.findIndex(like);
    if (found < 0) continue;
    align(child, rest[found], pair);
    at = found + 1;
  }
}

/**
 * @param {Element} one
 * @param {Element} other
 */
function sameStart(one, other) {
  return (
    one.className === other.className &&
    one.textContent?.slice(0, 80) === other.textContent?.slice(0, 80)
  );
}
