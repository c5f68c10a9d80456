// What pages send by Vite's WebSocket: nothing of it ends the dev server, reads a file for its
// sender or, of visitors who may only look, reaches what plugins listen for.

import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import { createServer } from "../../../container/astro/node_modules/vite/dist/node/index.js";
import { guardIncoming } from "../../../container/astro/lib/incoming.mjs";
import { Visitors } from "../../../container/astro/lib/visitors.mjs";

const EVERYBODY = "session:shop:0123";
const LOOKS = "look-session:shop:0123.abcdefghijklmnop";

/**
 * The messages that arrive of those that a visitor with this audience sends.
 * @param {string} audience
 * @param {string[]} sent
 * @param {(raw: string) => void} [listener]
 */
function heard(audience, sent, listener = () => {}) {
  const headers = { "x-astro-live-visitor": "v", "x-astro-live-audience": audience };
  /** @type {any} */
  const request = { headers: { ...headers }, rawHeaders: Object.entries(headers).flat() };
  /** @type {any} */
  const answer = new EventEmitter();
  assert.equal(new Visitors(undefined).admit(request, answer), true);
  /** @type {any} */
  const ws = new EventEmitter();
  /** @type {string[]} */
  const logged = [];
  const logger = { error: (/** @type {string} */ text) => logged.push(text) };
  guardIncoming(/** @type {any} */ ({ ws, config: { logger } }));
  const socket = new EventEmitter();
  /** @type {string[]} */
  const arrived = [];
  socket.on("message", (raw) => {
    arrived.push(String(raw));
    listener(String(raw));
  });
  ws.emit("connection", socket, request);
  for (const message of sent) socket.emit("message", Buffer.from(message));
  let closed = false;
  socket.once("close", () => {
    closed = true;
  });
  socket.emit("close");
  assert.equal(closed, true);
  return { arrived, logged };
}

const custom = (/** @type {unknown} */ event, /** @type {unknown} */ data) =>
  JSON.stringify({ type: "custom", event, data });
const OWN = [
  custom("astro-live:hello", {}),
  custom("vite:invalidate", { path: "/a" }),
  custom("vite:forward-console", { type: "error", data: {} }),
  '{"type":"ping"}',
];
const OTHERS = [
  custom("astro-dev-toolbar:save", {}),
  custom("cms:write", undefined),
  custom(["vite:x"], {}),
  '{"type":"custom"}',
  '{"type":"save"}',
  "no json",
  "null",
];
const NOBODYS = [
  custom("vite:invoke", { id: "send:1", name: "fetchModule", data: ["/etc/passwd?raw"] }),
  custom("vite:invoke", undefined),
  custom("vite:invalidate", undefined),
  custom("vite:invalidate", { path: 1 }),
  custom("vite:forward-console", null),
  custom("astro-live:seen", "text"),
];

test("plugins hear nothing of a visitor who may only look", () => {
  assert.deepEqual(heard(LOOKS, [...OWN, ...OTHERS, ...NOBODYS]).arrived, OWN);
  const both = ["vite:client:connect", "vite:client:disconnect"].map((name) => custom(name, {}));
  assert.deepEqual(heard("look-session:shop:0123", [...OTHERS, ...both]).arrived, []);
});

test("of everybody else they hear all that is not for module runners and well formed", () => {
  const all = [...OWN, ...OTHERS];
  assert.deepEqual(heard(EVERYBODY, [...all, ...NOBODYS]).arrived, all);
  assert.deepEqual(heard("session:look-shop:0123", all).arrived, all);
});

test("a listener that throws is reported, and hears the next message", () => {
  const sent = [custom("cms:write", undefined), custom("cms:write", { path: "a" })];
  const { arrived, logged } = heard(EVERYBODY, sent, (raw) => {
    if (!JSON.parse(raw).data.path) throw new Error("never");
  });
  assert.deepEqual(arrived, sent);
  assert.equal(logged.length, 1);
  assert.match(logged[0], /could not be handled: TypeError: Cannot read properties of undefined/);
});

test("a Vite server outlives what any page sends, and gives nobody modules", async () => {
  const server = await createServer({
    configFile: false,
    logLevel: "silent",
    server: { host: "127.0.0.1", port: 0, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  guardIncoming(/** @type {any} */ (server));
  server.ws.on("site:add", ({ one, other }, client) => client.send("site:sum", one + other));
  await server.listen();
  try {
    const at = /** @type {import("node:net").AddressInfo} */ (server.httpServer?.address());
    const page = new WebSocket(
      `ws://127.0.0.1:${at.port}/?token=${server.config.webSocketToken}`,
      "vite-hmr",
    );
    /** @type {{ event?: string, data?: unknown }[]} */
    const answers = [];
    const summed = new Promise((resolve) =>
      page.addEventListener("message", ({ data }) => {
        const answer = JSON.parse(data);
        answers.push(answer);
        if (answer.event === "site:sum") resolve(answer.data);
      }),
    );
    await once(page, "open");
    for (const message of [...NOBODYS, custom("site:add", undefined), "null"]) page.send(message);
    page.send(custom("vite:invoke", { id: "send:2", name: "getBuiltins", data: [] }));
    page.send(custom("site:add", { one: 1, other: 2 }));
    assert.equal(await summed, 3);
    assert.deepEqual(
      answers.filter(({ event }) => event === "vite:invoke"),
      [],
    );
    page.close();
  } finally {
    await server.close();
  }
});
