// Visitors who may only look: what plugins listen for on Vite's WebSocket does not come from them.

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { quietLookers } from "../../../container/astro/lib/lookers.mjs";
import { Visitors } from "../../../container/astro/lib/visitors.mjs";

/** The messages that arrive of those that a visitor with this audience sends. */
function heard(/** @type {string} */ audience, /** @type {unknown[]} */ ...sent) {
  const headers = { "x-astro-live-visitor": "v", "x-astro-live-audience": audience };
  /** @type {any} */
  const request = { headers: { ...headers }, rawHeaders: Object.entries(headers).flat() };
  /** @type {any} */
  const answer = new EventEmitter();
  assert.equal(new Visitors(undefined).admit(request, answer), true);
  /** @type {any} */
  const ws = new EventEmitter();
  quietLookers(/** @type {any} */ ({ ws }));
  const socket = new EventEmitter();
  /** @type {string[]} */
  const arrived = [];
  socket.on("message", (raw) => arrived.push(String(raw)));
  ws.emit("connection", socket, request);
  for (const message of sent) socket.emit("message", Buffer.from(String(message)));
  let closed = false;
  socket.once("close", () => {
    closed = true;
  });
  socket.emit("close");
  assert.equal(closed, true);
  return arrived;
}

const OWN = [
  '{"type":"custom","event":"astro-live:hello","data":{}}',
  '{"type":"custom","event":"vite:invalidate","data":{"path":"/a"}}',
  '{"type":"ping"}',
];
const OTHERS = [
  '{"type":"custom","event":"astro-dev-toolbar:save","data":{}}',
  '{"type":"custom","event":"cms:write"}',
  '{"type":"custom","event":["vite:x"]}',
  '{"type":"custom"}',
  "no json",
  "null",
];

test("plugins hear nothing of a visitor who may only look", () => {
  assert.deepEqual(heard("look-session:shop:0123.abcdefghijklmnop", ...OWN, ...OTHERS), OWN);
  assert.deepEqual(heard("look-session:shop:0123", ...OTHERS), []);
});

test("of everybody else they hear all", () => {
  const all = [...OWN, ...OTHERS];
  assert.deepEqual(heard("session:shop:0123.abcdefghijklmnop", ...all), all);
  assert.deepEqual(heard("session:look-shop:0123", ...all), all);
});
