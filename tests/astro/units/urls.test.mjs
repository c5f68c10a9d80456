// Addresses that a site writes from the root, or against its own base, lead into the session (S1,
// S27).

import assert from "node:assert/strict";
import test from "node:test";
import { asPrefix, mover } from "../../../container/astro/lib/urls.mjs";

const CASES = [
  // url, without a base of the site's own, with "/repo"
  ["/about", "/s/x/about", "/s/x/about"],
  ["/repo/about", "/s/x/repo/about", "/s/x/about"],
  ["/repo", "/s/x/repo", "/s/x/"],
  ["/repo/", "/s/x/repo/", "/s/x/"],
  ["/repo?a=1", "/s/x/repo?a=1", "/s/x/?a=1"],
  ["/repository", "/s/x/repository", "/s/x/repository"],
  ["/s/x/repo", "/s/x/repo", "/s/x/repo"],
  ["/s/xy", "/s/x/s/xy", "/s/x/s/xy"],
  ["/de/s/x/about", "/s/x/de/about", "/s/x/de/about"],
  ["/de/s/x/", "/s/x/de/", "/s/x/de/"],
  ["/de/s/x?a=1", "/s/x/de?a=1", "/s/x/de?a=1"],
  ["/repo/de/s/x/about", "/s/x/repo/de/about", "/s/x/de/about"],
  ["/de/s/xy", "/s/x/de/s/xy", "/s/x/de/s/xy"],
  ["/login?next=/s/x/about", "/s/x/login?next=/s/x/about", "/s/x/login?next=/s/x/about"],
  ["about", "about", "about"],
  ["//host/repo", "//host/repo", "//host/repo"],
  ["https://edit.example.com", "https://edit.example.com/s/x/", "https://edit.example.com/s/x/"],
  [
    "https://edit.example.com/repo/a",
    "https://edit.example.com/s/x/repo/a",
    "https://edit.example.com/s/x/a",
  ],
];

for (const [url, plain, based] of CASES) {
  test(`${url} is moved`, () => {
    const origin = "https://edit.example.com";
    assert.equal(mover({ base: "/s/x", origin })(url), plain);
    assert.equal(mover({ base: "/s/x", ownBase: "/repo", origin })(url), based);
    assert.equal(
      mover({ base: "", origin })(url),
      url,
      "nothing moves for a session on its own host",
    );
  });
}

test("on its own host only the site's base is taken off", () => {
  const move = mover({ base: "", ownBase: "/repo" });
  for (const [url, moved] of [
    ["/repo/about", "/about"],
    ["/repo", "/"],
    ["/about", "/about"],
    ["/repository", "/repository"],
  ]) {
    assert.equal(move(url), moved);
  }
});

test("a base is written in many ways", () => {
  for (const base of [undefined, "", "/", "//"]) assert.equal(asPrefix(base), "");
  for (const base of ["repo", "/repo", "repo/", "/repo/", "//repo"])
    assert.equal(asPrefix(base), "/repo");
});
