// The HTML of the pages that were served lately: what a page is given back, and how much is kept
// (S1, S37).

import assert from "node:assert/strict";
import http from "node:http";
import test from "node:test";
import { Pages, pagesMiddleware } from "../../../container/astro/lib/pages.mjs";

const BASE = "/session/demo";
const BROWSER = { "sec-fetch-dest": "document" };

/**
 * Run `work(ask)` against a server that answers through the middleware.
 * @param {Pages} pages
 * @param {(request: http.IncomingMessage, response: http.ServerResponse) => void} site
 * @param {(ask: (path: string, headers?: Record<string, string>) => Promise<Response>) =>
 *   Promise<void>} work
 */
async function serving(pages, site, work) {
  const middleware = pagesMiddleware({
    base: BASE,
    pages,
    renders: () => 7,
    edits: () => 12,
    started: 3,
  });
  const server = http.createServer((request, response) =>
    middleware(/** @type {any} */ (request), response, () => site(request, response)),
  );
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  try {
    await work((path, headers = BROWSER) => fetch(`http://127.0.0.1:${port}${path}`, { headers }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** The number of a page, from its `Server-Timing`. @param {Response} answer */
const numberOf = (answer) =>
  /astro-live-page;desc="([^"]+)"/.exec(answer.headers.get("server-timing") ?? "")?.[1];

test("a page gets back the HTML that it was made of, and knows its server and how many edits that had", async () => {
  const site = (/** @type {unknown} */ _, /** @type {http.ServerResponse} */ response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.write("<p>Grüße, ");
    response.write(Buffer.from("written in "));
    response.end("pieces</p>", "utf8");
  };
  await serving(new Pages(), site, async (ask) => {
    const answer = await ask(`${BASE}/`);
    assert.equal(await answer.text(), "<p>Grüße, written in pieces</p>");
    assert.match(
      answer.headers.get("server-timing") ?? "",
      /astro-live-server;desc="3", astro-live-renders;desc="7"/,
    );
    const kept = await ask(`${BASE}/@astro-live/page/${numberOf(answer)}`, {});
    assert.equal(await kept.text(), "<p>Grüße, written in pieces</p>");
    assert.equal(kept.headers.get("cache-control"), "no-store");
    assert.equal((await ask(`${BASE}/@astro-live/page/none`, {})).status, 404);
  });
});

test("a script that asks for a page learns which edit was the newest by then", async () => {
  const site = (/** @type {unknown} */ _, /** @type {http.ServerResponse} */ response) => {
    response.end("<p>new</p>");
  };
  await serving(new Pages(), site, async (ask) => {
    const accept = "text/html";
    assert.equal((await ask(`${BASE}/`, { accept })).headers.get("x-astro-live-edit"), "12");
    assert.equal((await ask(`${BASE}/`)).headers.get("x-astro-live-edit"), null);
  });
});

/** Answers that are not kept. @type {Record<string, [Record<string, string>, number, string]>} */
const NOT_KEPT = {
  "a script's request": [{}, 200, "text/html"],
  "another type": [BROWSER, 200, "application/json"],
  "an error page": [BROWSER, 500, "text/html"],
  "a compressed page": [BROWSER, 200, "text/html;gzip"],
};

for (const [name, [headers, status, type]] of Object.entries(NOT_KEPT)) {
  test(`not kept: ${name}`, async () => {
    const pages = new Pages();
    const site = (/** @type {unknown} */ _, /** @type {http.ServerResponse} */ response) => {
      response.statusCode = status;
      response.setHeader("content-type", type.split(";")[0]);
      if (type.endsWith("gzip")) response.setHeader("content-encoding", "identity");
      response.end("<p>x</p>");
    };
    await serving(pages, site, async (ask) => {
      const answer = await ask(`${BASE}/`, headers);
      await answer.text();
      assert.equal(pages.get(numberOf(answer) ?? ""), undefined);
    });
  });
}

test("the oldest pages go, by number and by size", () => {
  const pages = new Pages();
  const numbers = Array.from({ length: 70 }, () => pages.next());
  for (const number of numbers) pages.keep(number, "x");
  assert.equal(pages.get(numbers[0]), undefined);
  assert.equal(pages.get(/** @type {string} */ (numbers.at(-1))), "x");
  pages.keep("large", "x".repeat(9 << 20));
  assert.equal(pages.get(/** @type {string} */ (numbers.at(-1))), undefined);
});

test("a page of nothing gets Vite's client, so that it follows edits; others, and what states its length, are left alone", async () => {
  const client = `<script type="module" src="${BASE}/@vite/client"></script>`;
  /**
   * What the site writes, and what the browser gets.
   * @type {[string[], Record<string, string>, string][]}
   */
  const answers = [
    [[], {}, client],
    [["<!DOCTYPE html>"], {}, `<!DOCTYPE html>${client}`],
    [["<p>text</p>"], {}, "<p>text</p>"],
    [[], { "content-length": "0" }, ""],
    [[], { "content-type": "text/plain" }, ""],
  ];
  for (const [parts, headers, expected] of answers) {
    const site = (/** @type {unknown} */ _, /** @type {http.ServerResponse} */ response) => {
      response.writeHead(200, { "content-type": "text/html", ...headers });
      for (const part of parts) response.write(part);
      response.end();
    };
    await serving(new Pages(), site, async (ask) =>
      assert.equal(await (await ask(`${BASE}/`)).text(), expected),
    );
  }
});
