// The script at the start of a page (container/astro/lib/inside.mjs): when it is sent, and what is
// put into it.

import assert from "node:assert/strict";
import { ServerResponse } from "node:http";
import test from "node:test";
import vm from "node:vm";
import { forbidsInline, insideScript } from "../../../container/astro/lib/inside.mjs";
import { responseMiddleware } from "../../../container/astro/lib/responses.mjs";

const ORIGIN = "https://edit.example.com";

/**
 * What `fetch` is asked for by a page with the script, for each of these URLs.
 * @param {{ base: string, ownBase: string }} address
 * @param {string[]} urls
 */
async function asked(address, urls) {
  /** @type {unknown[]} */
  const seen = [];
  class Element {}
  class Form extends Element {
    submit() {}
  }
  const page = /** @type {any} */ ({
    URL,
    Request: class {},
    HTMLFormElement: Form,
    XMLHttpRequest: class {},
    EventSource: class {},
    history: { pushState() {}, replaceState() {} },
    navigator: { sendBeacon() {} },
    location: new URL(`${ORIGIN}${address.base}/deep/page`),
    document: { baseURI: `${ORIGIN}${address.base}/deep/page` },
    fetch: (/** @type {unknown} */ url) => seen.push(url),
    open() {},
    addEventListener() {},
  });
  page.window = page;
  const script = insideScript(address).replace(/^<script[^>]*>|<\/script>$/g, "");
  vm.runInNewContext(script, page);
  for (const url of urls) await page.window.fetch(url);
  return seen;
}

test("URLs from the root of the site are moved, and no others", async () => {
  const others = [
    "relative",
    "../up",
    "//other.example/a",
    "https://other.example/a",
    "/session/b/a",
    "/session/a/x",
    "data:,x",
    "http://[",
    "",
  ];
  assert.deepEqual(
    await asked({ base: "/session/a", ownBase: "" }, ["/api", `${ORIGIN}/api?x=/y#z`, ...others]),
    ["/session/a/api", "/session/a/api?x=/y#z", ...others],
  );
});

test("the site's own base is taken off", async () => {
  assert.deepEqual(
    await asked({ base: "/session/a", ownBase: "/repo" }, ["/repo/api", "/repo", "/repository"]),
    ["/session/a/api", "/session/a/", "/session/a/repository"],
  );
});

test("a base of one part has no neighbours", async () => {
  assert.deepEqual(await asked({ base: "/a", ownBase: "" }, ["/b", "/a/b"]), ["/a/b", "/a/b"]);
});

test("nothing is sent on a separate host, and no base ends the script", () => {
  assert.equal(insideScript({ base: "", ownBase: "/repo" }), "");
  assert.equal(
    insideScript({ base: "/session/a", ownBase: "/</script><b>" }).match(/<\/script>/g)?.length,
    1,
  );
});

/** @type {Record<string, boolean>} */
const POLICIES = {
  "": false,
  "frame-ancestors 'self'": false,
  "script-src 'self'": true,
  "default-src 'self'; script-src 'self' 'unsafe-inline'": true, // in doubt, none
  "script-src 'unsafe-inline' 'self'": false,
  "script-src 'unsafe-inline' 'nonce-abc'": true,
  "img-src *; default-src 'self'": true,
};
for (const [policy, forbids] of Object.entries(POLICIES)) {
  test(`a page whose policy is "${policy}" ${forbids ? "gets no script" : "gets the script"}`, () => {
    const response = new ServerResponse(/** @type {any} */ ({ method: "GET" }));
    if (policy) response.setHeader("Content-Security-Policy", policy);
    assert.equal(forbidsInline(response), forbids);
  });
}

const OURS = "frame-ancestors 'self' https://cms.example.com";
/** A site's policy, and what a browser gets. */
const FRAMING = {
  "default-src 'self'": ["default-src 'self'", OURS],
  "script-src https://frame-ancestors.test": ["script-src https://frame-ancestors.test", OURS],
  "default-src 'self'; Frame-Ancestors *": "default-src 'self'; Frame-Ancestors *",
  "frame-ancestors": "frame-ancestors",
};
for (const [policy, sent] of Object.entries({ "": undefined, ...FRAMING })) {
  test(`a page whose policy is "${policy}" can be framed by those that it or the service names`, () => {
    const response = new ServerResponse(/** @type {any} */ ({ method: "GET" }));
    const middleware = responseMiddleware(() => ({
      base: "/s",
      ownBase: "",
      ancestors: ["https://cms.example.com"],
    }));
    middleware(/** @type {any} */ ({ method: "GET", headers: {} }), response, () => {});
    response.writeHead(200, policy ? { "Content-Security-Policy": policy } : {});
    assert.deepEqual(response.getHeader("content-security-policy"), sent);
  });
}
