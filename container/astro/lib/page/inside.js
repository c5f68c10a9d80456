// Runs at the very start of a page that lies under a path: what the page's scripts name from the
// root (`location = "/about"`, `fetch("/api")`) is moved under the session's base, as links in HTML
// are (links.mjs).

/**
 * The Navigation API, as far as it is used here. Browsers from before 2026 may not have it.
 * @typedef {Event & { destination: { url: string, sameDocument: boolean }, navigationType: string,
 *   formData: FormData | null, downloadRequest: string | null }} NavigateEvent
 * @typedef {{ navigation?: { addEventListener(name: "navigate", listener: (event: NavigateEvent) =>
 *   void): void } }} Navigates
 */

/**
 * Its text is sent to pages (inside.mjs), so it uses nothing from this module. `move` comes from
 * urls.mjs; URLs below `sessions`, the path that all sessions share, are left as they are: no site
 * names another session by accident.
 * @param {{ move: (url: string) => string, sessions: string }} options
 */
export function stayInside({ move, sessions }) {
  // A router that runs the scripts of the next page's head runs this one again.
  const done = Symbol.for("astro-live inside");
  if (done in window) return;
  Object.defineProperty(window, done, { value: true });

  /**
   * The URL moved under the session's base, or undefined for one that stays as it is.
   * @param {unknown} url
   */
  const moved = (url) => {
    if (url === undefined || url === null || url === "") return undefined;
    let to;
    try {
      to = new URL(String(url), document.baseURI);
    } catch {
      return undefined; // the function that is called with it throws the right error
    }
    if (
      to.origin !== location.origin ||
      !/^https?:$/.test(to.protocol) ||
      to.pathname.startsWith(sessions)
    )
      return undefined;
    return move(to.pathname + to.search + to.hash);
  };

  // Navigation: `location`, and whatever ends in a load of another page.
  const { navigation } = /** @type {Navigates} */ (window);
  navigation?.addEventListener("navigate", (event) => {
    const { destination, navigationType } = event;
    if (
      !event.cancelable ||
      destination.sameDocument ||
      event.formData ||
      event.downloadRequest !== null
    )
      return;
    const to = /^(push|replace)$/.test(navigationType) && moved(destination.url);
    if (!to) return;
    event.preventDefault();
    navigationType === "replace" ? location.replace(to) : location.assign(to);
  });

  // Addresses that a router of the page shows, so that loading them again leads to the same page.
  for (const name of /** @type {const} */ (["pushState", "replaceState"])) {
    const native = history[name];
    history[name] = function (state, unused, url) {
      return native.call(this, state, unused, moved(url) ?? url);
    };
  }
  const { open } = window;
  window.open = (url, ...rest) => open.call(window, moved(url) ?? url, ...rest);

  // Links and forms that scripts have made. Before the page's own listeners: a router takes the
  // address from the element.
  const follow = (/** @type {Event} */ event) => {
    const link = event
      .composedPath()
      .find((part) => part instanceof HTMLAnchorElement || part instanceof HTMLAreaElement);
    const to = link instanceof HTMLElement && link.hasAttribute("href") && moved(link.href);
    if (to) /** @type {HTMLAnchorElement} */ (link).href = to;
  };
  for (const name of ["click", "auxclick"]) window.addEventListener(name, follow, true);
  const send = (
    /** @type {HTMLFormElement} */ form,
    /** @type {HTMLElement | null} */ submitter,
  ) => {
    // A field may be called `action`, so not by the properties.
    for (const [element, name] of /** @type {const} */ ([
      [form, "action"],
      [submitter, "formaction"],
    ])) {
      const to = element?.hasAttribute(name) && moved(element.getAttribute(name));
      if (to) element?.setAttribute(name, to);
    }
  };
  window.addEventListener(
    "submit",
    (event) => send(/** @type {HTMLFormElement} */ (event.target), event.submitter),
    true,
  );
  const { submit } = HTMLFormElement.prototype;
  HTMLFormElement.prototype.submit = function () {
    send(this, null);
    submit.call(this);
  };

  // Requests.
  const { fetch } = window;
  window.fetch = async (input, init) => {
    if (!(input instanceof Request)) return fetch.call(window, moved(input) ?? input, init);
    const to = moved(input.url);
    return fetch.call(window, to ? await readdressed(input, to) : input, init);
  };
  const readdressed = async (/** @type {Request} */ request, /** @type {string} */ to) => {
    const {
      method,
      headers,
      credentials,
      cache,
      redirect,
      referrerPolicy,
      integrity,
      keepalive,
      signal,
    } = request;
    // Its body as a whole: a stream may be sent over HTTP/2 only.
    const body = request.body ? await request.arrayBuffer() : undefined;
    return new Request(to, {
      method,
      headers,
      body,
      credentials,
      cache,
      redirect,
      referrerPolicy,
      integrity,
      keepalive,
      signal,
    });
  };
  const request = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (
    /** @type {string} */ method,
    /** @type {string | URL} */ url,
    /** @type {boolean} */ isAsync = true,
    /** @type {string | null | undefined} */ user = null,
    /** @type {string | null | undefined} */ password = null,
  ) {
    request.call(this, method, moved(url) ?? url, isAsync, user, password);
  };
  const beacon = navigator.sendBeacon;
  navigator.sendBeacon = (url, data) => beacon.call(navigator, moved(url) ?? url, data);
  window.EventSource = class extends EventSource {
    /**
     * @param {string | URL} url
     * @param {EventSourceInit} [init]
     */
    constructor(url, init) {
      super(moved(url) ?? url, init);
    }
  };
}
