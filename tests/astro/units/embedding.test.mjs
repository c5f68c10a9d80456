// What pages in frames hear from the server, and how a page treats what comes into its frame
// (contract/embed.py).

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import test from "node:test";
import { builtPages } from "../../../container/astro/lib/built-pages.mjs";
import { Embedding, embeddingOf, idOf } from "../../../container/astro/lib/embedding.mjs";
import { pagePlugin } from "../../../container/astro/lib/page-plugin.mjs";
import { converse, isNamed, Refusal } from "../../../container/astro/lib/page/frame.js";
import { framedEdits } from "../../../container/astro/lib/page/framed-edits.js";

const PROBLEM = /** @type {const} */ ({ source: "page", message: "no such thing", line: 3 });

/** @param {object[]} problems what is wrong, by the time that it is asked */
function server(problems) {
  const clients = new Set();
  const ws = Object.assign(new EventEmitter(), { clients });
  let looks = 0;
  const embedding = new Embedding({
    check: async ({ id }) => {
      looks++;
      const outcome = problems.length > 0 ? "error" : "rendered";
      return /** @type {never} */ ({ type: "checked", id, outcome, pages: 0, ms: 1, problems });
    },
  });
  embedding.attach(/** @type {never} */ ({ ws }));
  const open = () => {
    /** @type {[string, Record<string, unknown>][]} */
    const heard = [];
    const client = {
      send: (/** @type {string} */ event, /** @type {Record<string, unknown>} */ data) =>
        heard.push([event.replace("astro-live:", ""), data]),
    };
    clients.add(client);
    const watch = (told = 0) => ws.emit("astro-live:watch", { told }, client);
    return { heard, watch, close: () => clients.delete(client) };
  };
  return { embedding, open, looks: () => looks };
}

/** Until it is true; a second is long enough for timers of a tenth. @param {() => unknown} fits */
async function until(fits) {
  for (let left = 500; !fits(); left--) {
    assert.ok(left > 0, String(fits));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("nothing is looked at before a page has somebody to tell, and then as it comes and goes", async () => {
  /** @type {object[]} */
  const problems = [PROBLEM];
  const { embedding, open, looks } = server(problems);
  const silent = open();
  embedding.noticed();
  embedding.edited({ path: "a.css", kind: "css", ms: 1 });
  assert.equal(looks(), 0);
  const page = open();
  page.watch();
  await until(() => page.heard.some(([event]) => event === "wrong"));
  const [, { id, problem }] = page.heard.find(([event]) => event === "wrong") ?? ["", {}];
  assert.deepEqual(problem, {
    ...{ file: "", line: 3, column: 0, frame: "", plugin: "", fix: "", page: "" },
    ...{ source: "page", message: "no such thing" },
  });
  const second = open();
  second.watch();
  assert.ok(
    second.heard.some(([event]) => event === "wrong"),
    "one that comes later hears it, too",
  );
  problems.pop();
  embedding.noticed();
  await until(() => page.heard.some(([event]) => event === "healed"));
  assert.deepEqual(page.heard.at(-1), ["healed", { id, source: "page", file: "", page: "" }]);
  assert.deepEqual(silent.heard, []);
});

test("a page that is reloaded for an edit hears of it afterwards, and a new one of none", () => {
  const { embedding, open } = server([]);
  const first = open();
  first.watch();
  const number = Number(first.heard.find(([event]) => event === "watching")?.[1].number);
  first.close();
  embedding.edited({ path: "src/a.astro", kind: "astro", ms: 2 });
  const again = open();
  again.watch(number);
  const [event, edit] = again.heard[0];
  assert.deepEqual([event, edit.file, edit.kind], ["edit", "src/a.astro", "astro"]);
  assert.ok(Number(edit.ms) >= 2);
  const other = open();
  other.watch();
  assert.deepEqual(
    other.heard.map(([name]) => name),
    ["watching"],
  );
  for (let at = 0; at < 200; at++) embedding.edited({ path: `${at}`, kind: "css", ms: 0 });
  const late = open();
  late.watch(number);
  assert.equal(late.heard.filter(([name]) => name === "edit").length, 50, "bounded");
});

test("the id of a problem is that of the API's events", () => {
  const problem = { file: "é\n\u007f", line: 1, column: 2, frame: "", fix: "", page: "a b" };
  // hashlib.sha256(json.dumps([source, file, page, line, column, plugin, message]).encode())
  assert.equal(
    idOf({ ...problem, source: "page", plugin: 'a"b', message: "😀 \\ x" }),
    "cfb71eeb2bc91abe",
  );
});

test("without origins there is nothing in a page", () => {
  assert.equal(embeddingOf({ origins: [], base: "/", folder: "/srv" }), undefined);
  const request = /** @type {never} */ ({
    method: "GET",
    url: "/s/@astro-live/frame/begin.js",
    headers: { "sec-fetch-dest": "iframe" },
  });
  const closed = builtPages({ base: "/s", origins: [] });
  assert.equal(closed.ending(request), "");
  assert.equal(closed.answer(request, /** @type {never} */ ({})), false);
});

test("a built page has the script, which is served with what it imports and nothing else", () => {
  const { ending, answer } = builtPages({ base: "/s", origins: ["https://cms.example.com"] });
  const get = (/** @type {string} */ name) => {
    let body = "";
    const response = {
      statusCode: 0,
      setHeader() {},
      end: (/** @type {string} */ text) => (body = text),
    };
    const request = { method: "GET", url: `/s/@astro-live/frame/${name}`, headers: {} };
    assert.ok(answer(/** @type {never} */ (request), /** @type {never} */ (response)));
    return [response.statusCode, body];
  };
  const visit = { method: "GET", url: "/s/", headers: { "sec-fetch-dest": "iframe" } };
  assert.match(ending(/** @type {never} */ (visit)), /src="\/s\/@astro-live\/frame\/begin\.js"/);
  for (const headers of [{}, { "sec-fetch-dest": "document" }])
    assert.equal(
      ending(/** @type {never} */ ({ ...visit, headers })),
      "",
      "not for scripts' requests, nor outside of frames",
    );
  assert.match(String(get("begin.js")[1]), /"https:\/\/cms\.example\.com"/);
  const wanted = ["built.js"];
  for (const name of wanted) {
    const [status, body] = get(name);
    assert.equal(status, 200, name);
    for (const [, next] of String(body).matchAll(/ from "\.\/([\w-]+\.js)"/g))
      if (!wanted.includes(next)) wanted.push(next);
  }
  for (const name of ["../dev.mjs", "..%2fdev.mjs", "no.js", "", "page.mjs"])
    assert.equal(get(name)[0], 404, name);
});

/** A page of a session in a frame, with a clock. */
function framed() {
  const ours = "https://cms.example.com";
  /** @type {[message: Record<string, unknown>, to: string][]} */
  const sent = [];
  const parent = /** @type {never} */ ({
    postMessage: (/** @type {Record<string, unknown>} */ message, /** @type {string} */ to) =>
      sent.push([message, to]),
  });
  /** @type {(event: never) => void} */
  let hear = () => {};
  let time = 0;
  /** @type {string[]} */
  const done = [];
  const tell = converse({
    frame: { parent, listen: (listener) => (hear = /** @type {never} */ (listener)) },
    origins: [ours],
    now: () => time,
    onPeer: () => void done.push("peer"),
    handlers: {
      hello: () => ({ title: "t" }),
      reload: () => (done.push("reload"), {}),
      navigate: () => {
        throw new Refusal("outside-session", "no");
      },
    },
  });
  const say = (/** @type {unknown} */ data, more = {}) =>
    hear(/** @type {never} */ ({ data, origin: ours, source: parent, isTrusted: true, ...more }));
  return { tell, say, sent, done, ours, wait: (/** @type {number} */ ms) => (time += ms) };
}

test("only the page around, of an origin that is named, is heard and answered", async () => {
  const { say, sent, done, tell, ours } = framed();
  await Promise.resolve();
  const hello = { astroLive: 1, type: "hello" };
  tell("edit", {});
  say(hello, { origin: "https://evil.example.com" });
  say(hello, { origin: "https://cms.example.com.evil.example" });
  say(hello, { origin: "http://cms.example.com" });
  say(hello, { source: {} });
  say(hello, { isTrusted: false });
  for (const data of [undefined, null, 1, "hello", [], {}, { type: "hello" }]) say(data);
  assert.deepEqual(sent, []);
  say({ ...hello, id: 4 });
  assert.deepEqual(sent.pop(), [{ astroLive: 1, type: "ready", id: 4, title: "t" }, ours]);
  say(hello);
  tell("edit", { ms: 1 });
  assert.deepEqual(sent.at(-1), [{ astroLive: 1, type: "edit", ms: 1 }, ours]);
  assert.deepEqual(done, ["peer", "peer"], "at each, for who begins again");
});

test("what does not fit its declaration is refused, with the reason", async () => {
  const { say, sent, done } = framed();
  await Promise.resolve();
  const codeOf = (/** @type {unknown} */ data) => {
    sent.length = 0;
    say(data);
    return [sent[0]?.[0].code, sent[0]?.[0].id];
  };
  assert.deepEqual(codeOf({ astroLive: 1, type: "reload", id: 7 }), ["hello-first", 7]);
  assert.deepEqual(codeOf({ astroLive: 2, type: "hello", id: 8 }), ["version", 8]);
  assert.deepEqual(sent[0][0].versions, [1]);
  say({ astroLive: 1, type: "hello" });
  for (const [data, code] of /** @type {const} */ ([
    [{ type: "constructor" }, "unknown-type"],
    [{ type: {} }, "unknown-type"],
    [{ type: "reload", more: 1 }, "bad-field"],
    [{ type: "reload", id: 1.5 }, "bad-field"],
    [{ type: "navigate" }, "bad-field"],
    [{ type: "navigate", address: "x".repeat(2049) }, "bad-field"],
    [{ type: "navigate", address: ["x"] }, "bad-field"],
    [{ type: "navigate", address: "x", id: 3 }, "outside-session"],
  ]))
    assert.equal(codeOf({ astroLive: 1, ...data })[0], code, JSON.stringify(data).slice(0, 80));
  assert.deepEqual(codeOf({ astroLive: 1, type: "reload", id: 5 }), [undefined, 5]);
  assert.deepEqual(done, ["peer", "reload"]);
});

test("a burst is handled to its bound; of the rest one error a second is sent", async () => {
  const { say, sent, done, wait } = framed();
  await Promise.resolve();
  say({ astroLive: 1, type: "hello" });
  sent.length = 0;
  let read = 0;
  const reload = {
    get astroLive() {
      read++;
      return 1;
    },
    type: "reload",
  };
  for (let at = 0; at < 10_000; at++) say(reload);
  assert.equal(done.filter((each) => each === "reload").length, 99);
  assert.equal(sent.filter(([{ code }]) => code === "too-many").length, 1);
  assert.ok(read < 500, "nothing of a message that is dropped is read");
  wait(1000);
  for (let at = 0; at < 1000; at++) say(reload);
  assert.equal(done.filter((each) => each === "reload").length, 149);
  assert.equal(sent.filter(([{ code }]) => code === "too-many").length, 2);
});

/** Sources as a stack may name them, and origins that they name or do not. */
const NAMED = {
  "https://cms.example.com": [
    ["https://cms.example.com"],
    ["http://cms.example.com", "https://cms.example.com:8443", "https://cms.example.com."],
  ],
  "https://CMS.Example.com:443": [["https://cms.example.com"], ["https://cms.example.com:444"]],
  "http://localhost:80": [["http://localhost"], ["http://localhost:8080", "https://localhost"]],
  "http://localhost:5180": [["http://localhost:5180"], ["http://localhost", "null", ""]],
  "https://*.example.com": [
    ["https://cms.example.com", "https://a.b.example.com"],
    ["https://example.com", "https://notexample.com", "https://example.com.evil.test"],
  ],
  "https://*.example.com:8443": [["https://a.example.com:8443"], ["https://a.example.com"]],
};
for (const [source, [yes, no]] of Object.entries(NAMED)) {
  test(`${source} names what a browser lets frame the page, and nobody else`, () => {
    for (const origin of yes) assert.ok(isNamed(origin, ["https://other.test", source]), origin);
    for (const origin of no) assert.ok(!isNamed(origin, [source]), origin);
  });
}

test("a page that is greeted again says again what is wrong, and no edit twice", async () => {
  const server = new EventEmitter();
  /** @type {[string, unknown][]} */
  const asked = [];
  /** @type {[string, Record<string, unknown>][]} */
  const told = [];
  const watch = framedEdits({
    hot: /** @type {never} */ ({
      on: (/** @type {string} */ name, /** @type {never} */ hear) => server.on(name, hear),
      send: (/** @type {string} */ name, /** @type {unknown} */ data) => asked.push([name, data]),
    }),
    tell: (type, fields) => told.push([type, fields]),
    settled: async () => true,
  });
  watch(3);
  watch(3);
  assert.deepEqual(told, []);
  assert.deepEqual(asked, [["astro-live:watch", { told: 3 }]]);
  server.emit("astro-live:watching", { number: 5 });
  server.emit("astro-live:wrong", { id: "a" });
  server.emit("astro-live:wrong", { id: "b" });
  server.emit("astro-live:healed", { id: "a" });
  server.emit("astro-live:edit", { number: 6, file: "x", ms: 1 });
  await new Promise((resolve) => setImmediate(resolve));
  told.length = 0;
  watch(0);
  assert.equal(asked.length, 1);
  assert.deepEqual(told, [
    ["listening", { number: 6 }],
    ["problem", { id: "b" }],
  ]);
});

test("a look that fails is not the last one", async () => {
  let fails = true;
  const clients = new Set();
  const ws = Object.assign(new EventEmitter(), { clients });
  const embedding = new Embedding({
    check: async () => {
      if (fails) throw new Error("the server is closing");
      return /** @type {never} */ ({ outcome: "error", problems: [PROBLEM] });
    },
  });
  embedding.attach(/** @type {never} */ ({ ws }));
  /** @type {string[]} */
  const heard = [];
  const client = { send: (/** @type {string} */ event) => heard.push(event) };
  clients.add(client);
  ws.emit("astro-live:watch", {}, client);
  await new Promise((resolve) => setTimeout(resolve, 300));
  fails = false;
  embedding.noticed();
  await until(() => heard.includes("astro-live:wrong"));
});

test("Vite's client as pages get it also runs where there is no window", async () => {
  const embedding = { origins: ["https://cms.example.com"], base: "/s/", folders: ["/srv/s"] };
  const { handler } = pagePlugin(embedding).transform;
  const { code } = handler("export default 1;", "/x/vite/dist/client/client.mjs") ?? {};
  const client = await import(`data:text/javascript,${encodeURIComponent(code ?? "")}`);
  assert.equal(client.default, 1);
});
