// Who has what open: each visitor a share, and sign-ins that end with the credential that made them.

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { Visitors, whoAsked } from "../../../container/astro/lib/visitors.mjs";

const CREDENTIAL = "abcdefghijklmnop";

/**
 * A request as an HTTP server has it, and what it is answered with.
 * @param {Record<string, string>} headers
 * @returns {{ asked: any, answer: any }}
 */
function request(headers) {
  const socket = { destroyed: false, destroy: () => void (socket.destroyed = true) };
  const rawHeaders = Object.entries(headers).flat();
  const answer = Object.assign(new EventEmitter(), { destroy: socket.destroy });
  return { asked: { headers: { ...headers }, rawHeaders, socket }, answer };
}

/**
 * @param {Visitors} visitors
 * @param {string} credential
 */
function admitted(visitors, credential, visitor = "v") {
  const made = request({
    host: "x",
    "x-astro-live-visitor": visitor,
    "x-astro-live-audience": `session:shop:0123456789abcdef${credential ? `.${credential}` : ""}`,
  });
  assert.equal(visitors.admit(made.asked, made.answer), true);
  return made;
}

test("what a credential has opened ends with it, and nothing else", () => {
  const visitors = new Visitors(undefined);
  const mine = [1, 2].map((each) => admitted(visitors, CREDENTIAL, `visitor ${each}`));
  const closed = admitted(visitors, CREDENTIAL);
  closed.answer.emit("close");
  const others = [admitted(visitors, "ponmlkjihgfedcba"), admitted(visitors, "")];
  visitors.end(CREDENTIAL);
  assert.deepEqual(
    mine.map((each) => each.asked.socket.destroyed),
    [true, true],
  );
  assert.equal(closed.asked.socket.destroyed, false);
  assert.deepEqual(
    others.map((each) => each.asked.socket.destroyed),
    [false, false],
  );
});

test("what was on its way when the credential ended is closed, too", () => {
  const visitors = new Visitors(undefined);
  visitors.end(CREDENTIAL);
  const late = request({
    "x-astro-live-visitor": "v",
    "x-astro-live-audience": `session:shop:0123456789abcdef.${CREDENTIAL}`,
  });
  assert.equal(visitors.admit(late.asked, late.answer), false);
  assert.equal(late.asked.socket.destroyed, true);
});

test("the site sees neither visitor nor audience", () => {
  const visitors = new Visitors(undefined);
  const { asked } = admitted(visitors, CREDENTIAL);
  assert.deepEqual(asked.rawHeaders, ["host", "x"]);
  assert.deepEqual(asked.headers, { host: "x" });
  assert.equal(whoAsked(asked).visitor, "v");
});

test("thousands of ended credentials take no room", () => {
  const visitors = new Visitors(undefined);
  for (let number = 0; number < 3000; number++) visitors.end(`credential ${number}`);
  admitted(visitors, CREDENTIAL);
});
