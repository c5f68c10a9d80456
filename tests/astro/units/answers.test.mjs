// Which answers to browsers spare a check its own rendering of the page: whole ones without an
// error, asked for since the edit was handled, and of nobody in particular (S32).

import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";
import { Answers } from "../../../container/astro/lib/answers.mjs";
import { Pages, pagesMiddleware, rendering } from "../../../container/astro/lib/pages.mjs";

const BASE = "/session/demo";
const SCRIPT = { accept: "text/html" };
const NAVIGATION = { "sec-fetch-dest": "document" };
const SOON_MS = 10_000;

/** @typedef {(request: http.IncomingMessage, response: http.ServerResponse) => void} Site */

/**
 * Run `work({ answers, ask })` against a server that answers through the middleware.
 * @param {Site} site
 * @param {(given: { answers: Answers, ask: (path: string, headers: Record<string, string>, signal?:
 *   AbortSignal) => Promise<Response> }) => Promise<void>} work
 */
async function serving(site, work) {
  const answers = new Answers();
  const middleware = pagesMiddleware({ base: BASE, pages: new Pages(), renders: () => 0, answers });
  const server = http.createServer((request, response) =>
    middleware(/** @type {any} */ (request), response, () => site(request, response)),
  );
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const ask = (
    /** @type {string} */ path,
    /** @type {Record<string, string>} */ headers,
    /** @type {AbortSignal | undefined} */ signal = undefined,
  ) => fetch(`http://127.0.0.1:${port}${BASE}/${path}`, { headers, signal });
  try {
    await work({ answers, ask });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** @type {Site} */
function page(_, response) {
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end("<p>page</p>");
}

const soon = () => performance.now() + SOON_MS;

for (const [name, headers] of Object.entries({ "a script": SCRIPT, navigation: NAVIGATION }))
  test(`the page that was asked for by ${name} is whole`, async () => {
    await serving(page, async ({ answers, ask }) => {
      const since = performance.now();
      await (await ask("about?a=1", headers)).text();
      const times = { since, deadline: soon() };
      assert.equal(await answers.isWhole("about?a=1#part", times), true);
      assert.equal(await answers.isWhole("about", times), false, "another address");
      const later = { since: performance.now(), deadline: soon() };
      assert.equal(await answers.isWhole("about?a=1", later), false, "asked for before the edit");
    });
  });

/** Answers that say nothing of what a check would get. @type {Record<string, [Site, Record<string, string>]>} */
const NOTHING = {
  "an error before the end, after status 200": [
    (request, response) => {
      rendering.getStore()?.answer?.failed();
      page(request, response);
    },
    SCRIPT,
  ],
  "an error page": [
    (request, response) => {
      response.statusCode = 500;
      page(request, response);
    },
    SCRIPT,
  ],
  "a redirect": [
    (_, response) => {
      response.writeHead(302, { location: "about:blank", "content-type": "text/html" });
      response.end();
    },
    SCRIPT,
  ],
  "another type": [(_, response) => response.end("{}"), SCRIPT],
  "a visitor with a cookie": [page, { ...SCRIPT, cookie: "who=me" }],
  "a visitor with credentials": [page, { ...SCRIPT, authorization: "Basic bWU6" }],
  "a request for no page": [page, { accept: "*/*" }],
};

for (const [name, [site, headers]] of Object.entries(NOTHING))
  test(`nothing is known of a page from ${name}`, async () => {
    await serving(site, async ({ answers, ask }) => {
      const since = performance.now();
      await ask("about", headers).catch(() => {});
      assert.equal(await answers.isWhole("about", { since, deadline: soon() }), false);
    });
  });

test("an answer that is under way is waited for, until the deadline, and one that nobody waits for is not whole", async () => {
  /** @type {http.ServerResponse[]} */
  const open = [];
  /** @type {Site} */
  const slow = (_, response) => {
    response.setHeader("content-type", "text/html");
    response.write("<p>");
    open.push(response);
  };
  await serving(slow, async ({ answers, ask }) => {
    const since = performance.now();
    const ended = await ask("slow", SCRIPT);
    assert.equal(
      await answers.isWhole("slow", { since, deadline: performance.now() + 20 }),
      false,
      "the deadline comes first",
    );
    const whole = answers.isWhole("slow", { since, deadline: soon() });
    open[0].end("</p>");
    assert.equal(await whole, true);
    await ended.text();

    const given = new AbortController();
    await ask("slow", SCRIPT, given.signal);
    const broken = answers.isWhole("slow", { since, deadline: soon() });
    given.abort();
    assert.equal(await broken, false);
  });
});
