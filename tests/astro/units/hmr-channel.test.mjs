// Which pages a message goes to (S1, S2).

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import {
  ASK,
  HELLO,
  HmrChannel,
  RELOAD,
  SHOWN,
  UPDATE,
} from "../../../container/astro/lib/hmr-channel.mjs";

/** A channel between a server and pages, each with what it was sent. */
function connected(
  /** @type {import("../../../container/astro/lib/types.d.mts").Transform[]} */ transforms = [],
) {
  /** @type {Map<string, Function>} */
  const listeners = new Map();
  const page = () => ({
    socket: new EventEmitter(),
    got: /** @type {any[]} */ ([]),
    send: function (/** @type {any[]} */ ...what) {
      this.got.push(what.length > 1 ? what[0] : what[0].type);
    },
  });
  const pages = [page(), page()];
  const ws = /** @type {any} */ ({
    clients: new Set(pages),
    on: (/** @type {string} */ event, /** @type {Function} */ listener) =>
      listeners.set(event, listener),
    send: (/** @type {any} */ payload) => pages.forEach((one) => one.send(payload)),
  });
  const channel = new HmrChannel({ transforms, greeting: () => ({}) });
  channel.attach(/** @type {any} */ ({ ws }));
  return {
    channel,
    ws,
    pages,
    says: (/** @type {string} */ event, /** @type {any[]} */ ...what) =>
      listeners.get(event)?.(...what),
    hello: (/** @type {object} */ client) => listeners.get(HELLO)?.({}, client),
  };
}

test("a page that is on its way is told to reload again, later, and only if it is still there", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { channel, ws, pages } = connected();
  const reload = { type: "full-reload", path: "*" };
  for (let times = 0; times < 3; times++) ws.send(reload);
  ws.send({ type: "update", updates: [] });
  assert.deepEqual(pages[0].got, ["full-reload", "update"]);
  assert.equal(channel.updates, 4);
  ws.clients.delete(pages[1]);
  context.mock.timers.tick(2000);
  assert.deepEqual(pages[0].got, ["full-reload", "update", "full-reload"]);
  assert.deepEqual(pages[1].got, ["full-reload", "update"]);
});

test("what a server sends through another of its channels is sent as all is, once", () => {
  /** @type {any[]} */
  const asked = [];
  const channel = new HmrChannel({
    transforms: [],
    greeting: () => ({}),
    taken: (payload) => asked.push(payload) > 0 && payload === "taken",
  });
  /** @type {any[]} */
  const sent = [];
  const ws = { clients: new Set(), on: () => {}, send: (/** @type {any} */ it) => sent.push(it) };
  const hot = { send: (/** @type {any} */ it) => sent.push(["not seen", it]) };
  channel.attach(/** @type {any} */ ({ ws, hot, environments: { client: { hot: ws } } }));
  hot.send("taken");
  hot.send({ type: "full-reload", path: "*" });
  ws.send({ type: "full-reload", path: "*" });
  assert.equal(asked.length, 3);
  assert.equal(channel.updates, 2);
  assert.doesNotMatch(JSON.stringify(sent), /not seen/);
});

test("a page that can be updated in place is, and others are reloaded", () => {
  const { ws, pages, hello } = connected();
  hello(pages[1]);
  pages[1].got.length = 0;
  for (let edit = 1; edit < 3; edit++) ws.send({ type: "full-reload", path: "*", inPlace: edit });
  assert.deepEqual(
    pages.map(({ got }) => got),
    [["full-reload"], [UPDATE, UPDATE]],
  );
});

test("a page with a script of ours reloads by itself, so that the reloads of all sources are one", () => {
  const { ws, pages, hello } = connected();
  hello(pages[1]);
  pages[1].got.length = 0;
  ws.send({ type: "full-reload", path: "*" });
  assert.deepEqual(
    pages.map(({ got }) => got),
    [["full-reload"], [RELOAD]],
  );
  const { ws: other, pages: others, hello: greet } = connected();
  greet(others[0]);
  others[0].got.length = 0;
  other.send({ type: "full-reload", path: "/about.html" });
  assert.deepEqual(others[0].got, ["full-reload"]);
});

test("a wave waits for a message that is still being prepared, and for those behind it", async () => {
  /** @type {(payload: any) => void} */
  let ready = () => {};
  const style = new Promise((resolve) => (ready = resolve));
  const { channel, ws, pages, hello } = connected([
    (payload) => (payload.type === "update" ? /** @type {any} */ (style) : payload),
  ]);
  hello(pages[1]);
  pages[1].got.length = 0;
  channel.wave.begin();
  ws.send({ type: "update", updates: [] });
  for (let edit = 1; edit < 60; edit++) ws.send({ type: "full-reload", path: "*", inPlace: edit });
  channel.wave.changed();
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.deepEqual(pages[1].got, []);
  ready({ type: "update", updates: [{ type: "css-update", path: "/a", acceptedPath: "/a" }] });
  await channel.wave.over();
  assert.deepEqual(pages[1].got, ["update", UPDATE]);
});

test("a page that has left for its reload before anybody asks is waited for until it is back", async () => {
  const { channel, ws, pages, says, hello } = connected();
  ws.clients.delete(pages[1]);
  says("connection", pages[0].socket);
  hello(pages[0]);
  ws.send({ type: "full-reload", path: "*" });
  ws.clients.clear();
  pages[0].socket.emit("close");
  const shown = channel.shown(performance.now() + 60_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  ws.clients.add(pages[1]);
  says("connection", pages[1].socket);
  hello(pages[1]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(pages[1].got, [HELLO, ASK]);
  says(SHOWN, { number: 1 }, pages[1]);
  assert.deepEqual(await shown, { pages: 1, pending: 0 });
});

test("nobody waits for a page that its visitor has closed, unless it was notified of an edit", async () => {
  const { channel, ws, pages, says } = connected();
  for (const { socket } of pages) says("connection", socket);
  ws.clients.clear();
  for (const { socket } of pages) socket.emit("close");
  assert.deepEqual(await channel.shown(performance.now() + 60_000), { pages: 0, pending: 0 });
});
