// What pages in frames hear from the server, and how a page treats what comes into its frame
// (contract/embed.py).

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import test from "node:test";
import { builtPages } from "../../../container/astro/lib/built-pages.mjs";
import { Embedding, embeddingOf, idOf } from "../../../container/astro/lib/embedding.mjs";
import { converse, Refusal } from "../../../container/astro/lib/page/frame.js";

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
  assert.equal(
    ending(/** @type {never} */ ({ ...visit, headers: {} })),
    "",
    "not for scripts' requests",
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
  assert.deepEqual(done, ["peer"], "once");
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
