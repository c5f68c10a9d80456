// Connections that Vite breaks off when it restarts: a page of which a part was sent comes whole
// (S2).

import assert from "node:assert/strict";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { Front, PAGE_MS } from "../../../container/astro/lib/front.mjs";
import { Visitors } from "../../../container/astro/lib/visitors.mjs";

const CREDENTIAL = "abcdefghijklmnop";
const DOCUMENT = { "sec-fetch-dest": "document" };

/**
 * Ask a server behind a front, which sends `early` and breaks its connections off. Gives the answer,
 * its text so far, and what the server answers with.
 * @param {import("node:test").TestContext} context
 * @param {{ headers?: Record<string, string>, type?: string, early?: string }} options
 */
async function cut(context, { headers = DOCUMENT, type = "text/html", early = "early" }) {
  const socketPath = path.join(tmpdir(), `front-${process.pid}-${Math.random()}.sock`);
  const visitors = new Visitors(undefined);
  const front = new Front(visitors);
  const server = createServer();
  /** @type {Set<import("node:net").Socket>} */
  const sockets = new Set();
  server.on("connection", (socket) => sockets.add(socket));
  front.follow(server);
  server.listen(0, "127.0.0.1");
  await Promise.all([once(server, "listening"), front.listen(socketPath)]);
  const asked = request({ socketPath, headers });
  context.after(() => {
    asked.destroy();
    for (const socket of sockets) socket.destroy(new Error("the end of the test"));
    front.close();
    server.close();
    rmSync(socketPath, { force: true });
  });
  asked.end();
  const [, given] = await once(server, "request");
  /** @type {import("node:http").ServerResponse} */
  const response = given;
  response.setHeader("content-type", type);
  response.writeHead(200);
  let text = "";
  /** @type {PromiseWithResolvers<"whole" | "cut">} */
  const { promise: end, resolve } = Promise.withResolvers();
  asked.on("error", () => resolve("cut"));
  if (early) {
    response.write(early);
    const [answer] = await once(asked, "response");
    answer.on("data", (/** @type {Buffer} */ chunk) => (text += chunk));
    answer.on("error", () => {});
    answer.once("close", () => resolve(answer.complete ? "whole" : "cut"));
    await once(answer, "data");
  }
  const broken = () => [...sockets].map((socket) => socket.destroy());
  const closed = () =>
    Promise.all([...sockets].map((socket) => socket.destroyed || once(socket, "close")));
  return { asked, response, visitors, broken, closed, text: () => text, end };
}

test("the rest of a page is sent first", async (context) => {
  const { response, broken, closed, text, end } = await cut(context, {});
  broken();
  broken();
  response.write(", late");
  response.end(", last");
  assert.equal(await end, "whole");
  assert.equal(text(), "early, late, last");
  await closed();
});

test("nothing else is waited for: it can be asked for again", async (context) => {
  for (const options of [
    { early: "" },
    { headers: { accept: "text/html" } },
    { type: "text/event-stream" },
  ]) {
    const { broken, end } = await cut(context, options);
    broken();
    assert.equal(await end, "cut", JSON.stringify(options));
  }
});

test("a page that takes too long ends where it is", async (context) => {
  const { response, broken, text, end } = await cut(context, {});
  context.mock.timers.enable({ apis: ["setTimeout"] });
  broken();
  context.mock.timers.tick(PAGE_MS - 1);
  assert.equal(response.writableEnded, false);
  context.mock.timers.tick(1);
  assert.equal(await end, "whole");
  response.write("too late");
  assert.equal(text(), "early");
});

test("a page that nobody reads any more is not waited for", async (context) => {
  const { asked, broken, closed } = await cut(context, {});
  broken();
  asked.destroy();
  await closed();
});

test("nor is one whose sign-in ends", async (context) => {
  const { visitors, end } = await cut(context, {
    headers: {
      ...DOCUMENT,
      "x-astro-live-visitor": "v",
      "x-astro-live-audience": `session:shop:0123456789abcdef.${CREDENTIAL}`,
    },
  });
  visitors.end(CREDENTIAL);
  assert.equal(await end, "cut");
});
