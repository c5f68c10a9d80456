// Runs in a page that is shown in a frame: what it does for the page around it, and what it tells
// that page (contract/embed.py, docs/embed.md).

import { converse, Refusal } from "./frame.js";
import { picker } from "./pick.js";
import { placesOf } from "./places.js";

const LONGEST_ADDRESS = 2048;
const LONGEST_TITLE = 300;

/**
 * What the server says about the frame: who may speak, the session's base with its closing slash,
 * names of its folder on the task.
 * @typedef {{ origins: readonly string[], base: string, folders: readonly string[] }} Settings
 * @typedef {import("./frame.js").Frame & { noted: import("./places.js").Noted }} Framed
 */

/**
 * Answer the page around this one. `reload()` loads the page again; `onPeer(after)` is called
 * when somebody has begun to listen, who has heard of that edit last. Without `live` the page is a build.
 *
 * Returns `{ tell, connection, places }`: `tell(type, fields)` sends an event, `connection(alive)`
 * notes the state of the live connection.
 * @param {{ frame: Framed, settings: Settings, live: boolean, reload: () => void, onPeer: (after:
 *   number) => void }} options
 */
export function embed({ frame, settings, live, reload, onPeer }) {
  const { base } = settings;
  const places = placesOf({ ...settings, noted: frame.noted });
  /** Unknown until the first word from the server. */
  let connected = live;
  let told = "";

  const where = () => ({
    address: location.href.slice(location.origin.length + base.length).slice(0, LONGEST_ADDRESS),
    // A form or picture of the page may have this name.
    title: String(document.title).slice(0, LONGEST_TITLE),
  });
  const moved = () => {
    const now = where();
    const text = JSON.stringify(now);
    if (text === told) return;
    told = text;
    tell("navigated", now);
  };
  const pick = picker({
    describe: places.describe,
    onPicked: (fields) => tell("picked", fields),
    onChange: (on) => tell("picking", { on }),
  });
  const sources = () => {
    if (!live) throw new Refusal("not-live", "a production view has no sources");
  };

  const tell = converse({
    frame,
    origins: settings.origins,
    onPeer,
    handlers: {
      hello: () => {
        const now = where();
        told = JSON.stringify(now);
        return { mode: live ? "development" : "production", live: live && connected, ...now };
      },
      navigate: ({ address }) => {
        const to = within(String(address), base);
        later(() => location.assign(to));
        return {};
      },
      reload: () => {
        later(reload);
        return {};
      },
      pick: ({ on }) => {
        sources();
        pick(on === true);
        return {};
      },
      reveal: ({ file, line }) => {
        sources();
        const element = places.find(String(file), Number(line));
        element?.scrollIntoView({ block: "center", behavior: "instant" });
        return { found: element !== undefined };
      },
    },
  });

  // Of a router of the page, a fragment, the history. The title of the page comes with the page.
  const { navigation } = /** @type {{ navigation?: EventTarget }} */ (window);
  navigation?.addEventListener("currententrychange", () => setTimeout(moved));
  for (const name of ["popstate", "hashchange"]) addEventListener(name, () => setTimeout(moved));
  document.addEventListener("astro:page-load", moved);
  addEventListener("pagehide", () => tell("leaving", {}));

  return {
    tell,
    places,
    connection(/** @type {boolean} */ alive) {
      if (connected === alive) return;
      connected = alive;
      tell("connection", { live: alive });
    },
  };
}

/** After the answer to the command. @param {() => void} act */
function later(act) {
  setTimeout(act);
}

/**
 * The URL of an address below the session's. Throws a `Refusal` for what leads out of it.
 * @param {string} address
 * @param {string} base
 */
function within(address, base) {
  const to = /^[/\\]/.test(address) ? null : URL.parse(address, location.origin + base);
  if (to?.origin !== location.origin || !isBelow(to.pathname, base))
    throw new Refusal(
      "outside-session",
      "the address is not below the session's own; it is relative, without a slash at its start",
    );
  return to.href;
}

/**
 * Also after the gateway has read escaped slashes as slashes.
 * @param {string} path
 * @param {string} base
 */
function isBelow(path, base) {
  const read = URL.parse(path.replace(/%2f|%5c/gi, "/"), location.origin);
  return path.startsWith(base) && read?.pathname.startsWith(base) === true;
}
