// Who looks at a session: what the parent learns about the open pages (S35).

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import test from "node:test";
import { MAX_VIEWERS } from "../../../container/astro/lib/messages.mjs";
import { SEEN, Viewers } from "../../../container/astro/lib/viewers.mjs";
import { Visitors } from "../../../container/astro/lib/visitors.mjs";

/** A channel with pages that come, say something and go. */
function channel() {
  const ws = new EventEmitter();
  /** @type {unknown[]} */
  const told = [];
  const viewers = new Viewers((report) => told.push(report));
  viewers.attach(/** @type {never} */ ({ ws }));
  /** @param {Record<string, string>} headers */
  const open = (headers = {}) => {
    const socket = new EventEmitter();
    const request = { headers: { ...headers }, rawHeaders: Object.entries(headers).flat() };
    new Visitors(undefined).admit(
      /** @type {never} */ (request),
      /** @type {never} */ (new EventEmitter()),
    );
    ws.emit("connection", socket, request);
    /** @type {unknown[]} */
    const heard = [];
    const client = { socket, send: (/** @type {unknown} */ event) => heard.push(event) };
    const say = (/** @type {unknown} */ said) => ws.emit(SEEN, said, client);
    return { say, close: () => socket.emit("close"), heard, request };
  };
  return { open, viewers, told };
}

test("a page is listed from its first word to its end, with who opened it", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  const { open, viewers, told } = channel();
  const name = Buffer.from("Zoë 人").toString("base64url");
  const page = open({ "x-astro-live-visitor": "v1", "x-astro-live-viewer": name });
  assert.deepEqual(page.request.headers, {}, "the site does not get to know who asks");
  assert.deepEqual(viewers.report().viewers, []);
  page.say({ visible: true, page: "about/" });
  assert.deepEqual(page.heard, [SEEN]);
  const [{ visitor, visible, name: known, page: at }] = viewers.report().viewers;
  assert.deepEqual([visitor, known, visible, at], ["v1", "Zoë 人", true, "about/"]);
  context.mock.timers.tick(1000);
  page.close();
  context.mock.timers.tick(1000);
  assert.deepEqual(
    told.map((each) => /** @type {{ viewers: unknown[] }} */ (each).viewers.length),
    [1, 0],
  );
  viewers.stop();
});

test("a page that falls silent is not taken for visible any more", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  const { open, viewers, told } = channel();
  open().say({ visible: true, page: "" });
  for (let second = 0; second < 120; second++) context.mock.timers.tick(1000);
  assert.deepEqual(
    told.map(
      (each) => /** @type {{ viewers: { visible: boolean }[] }} */ (each).viewers[0].visible,
    ),
    [true, false],
  );
  viewers.stop();
});

test("whatever a page says, and however many there are, a report is bounded", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  const { open, viewers } = channel();
  for (const said of [undefined, null, 7, "x", { visible: "yes", page: {} }]) open().say(said);
  assert.ok(viewers.report().viewers.every(({ visible, page }) => !visible && page === ""));
  for (let number = 0; number < 100; number++)
    open().say({ visible: number === 99, page: "p".repeat(5000) });
  const { viewers: listed, more } = viewers.report();
  assert.deepEqual([listed.length, more], [MAX_VIEWERS, 105 - MAX_VIEWERS]);
  assert.equal(listed[0].visible, true, "those that are shown come first");
  assert.ok(listed.every(({ page }) => page.length <= 300));
  viewers.stop();
});
