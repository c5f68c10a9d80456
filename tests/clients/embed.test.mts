/** The helper of a page that frames a session, without a browser: the page in the frame is played here. */
import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { type ConnectOptions, connect, type Embedded } from "../../clients/typescript/src/embed.ts";

const ORIGIN = "https://edit.example.com";
const PROBLEM = { type: "problem", id: "p1", problem: { source: "module", message: "no" } };
const PLACE = { address: "", title: "t" };

type Said = Record<string, unknown>;

/** A frame, what its page is told, and a way to answer as it. */
function frame() {
  const window = new EventTarget();
  Object.assign(globalThis, { window });
  const said: Said[] = [];
  const contentWindow = { postMessage: (message: Said) => said.push(message) };
  const style = { pointerEvents: "" };
  const element = Object.assign(new EventTarget(), { contentWindow, style });
  const tell = (data: Said, more: Said = {}) => {
    const event = new Event("message");
    const fields = { data: { astroLive: 1, ...data }, origin: ORIGIN, source: contentWindow };
    for (const [name, value] of Object.entries({ ...fields, ...more }))
      Object.defineProperty(event, name, { value });
    window.dispatchEvent(event);
  };
  const ready = () => tell({ type: "ready", mode: "development", live: true, ...PLACE });
  return { element: element as unknown as HTMLIFrameElement, style, said, tell, ready };
}

let open: Embedded | undefined;
afterEach(() => open?.close());

async function connected(more: Partial<ConnectOptions> = {}) {
  const heard: unknown[] = [];
  const page = frame();
  const options: ConnectOptions = {
    origin: ORIGIN,
    onProblem: ({ id }) => heard.push(`problem ${id}`),
    onHealed: ({ id }) => heard.push(`healed ${id}`),
    onEdit: ({ number }) => heard.push(`edit ${number}`),
    ...more,
  };
  const connecting = connect(page.element, options);
  page.ready();
  const session = await connecting;
  open = session;
  return { ...page, session, heard };
}

test("what is not an origin is refused at once, and nothing is left behind", async () => {
  for (const origin of [
    `${ORIGIN}/`,
    "edit.example.com",
    "*",
    "",
    "null",
    "HTTPS://edit.example.com",
  ]) {
    const { element, said } = frame();
    await assert.rejects(connect(element, { origin }), { code: "origin" });
    assert.deepEqual(said, []);
  }
});

test("problems that are told twice are heard once, and those of a page that is greeted again stay", async () => {
  const { heard, tell, ready, element, said } = await connected();
  tell(PROBLEM);
  tell(PROBLEM);
  tell({ type: "edit", number: 7, file: "a", kind: "css", ms: 1 });
  tell({ type: "edit", number: 7, file: "a", kind: "css", ms: 1 });
  assert.deepEqual(heard.splice(0), ["problem p1", "edit 7"]);
  element.dispatchEvent(new Event("load"));
  assert.deepEqual(said.at(-1), { astroLive: 1, type: "hello", after: 7 });
  ready();
  ready();
  tell({ type: "listening", number: 7 });
  tell(PROBLEM);
  assert.deepEqual(heard, ["healed p1", "problem p1"]);
});

test("nobody else is heard", async () => {
  const { heard, tell } = await connected();
  tell(PROBLEM, { origin: "https://edit.example.com.evil.test" });
  tell(PROBLEM, { source: {} });
  tell({ ...PROBLEM, astroLive: 2 });
  tell({ type: "constructor" });
  tell({ type: "problem", id: "x".repeat(101), problem: PROBLEM.problem });
  assert.deepEqual(heard, []);
});

test("a selection ends with the connection", async () => {
  const { session, said, tell } = await connected();
  const picking = session.pick(true);
  tell({ type: "done", id: said.at(-1)?.id });
  await picking;
  session.close();
  assert.deepEqual(said.at(-1), { astroLive: 1, type: "pick", on: false });
  await assert.rejects(session.reload(), { code: "closed" });
});

test("a selection goes on in the page that comes, and until then the frame takes no clicks", async () => {
  const told: boolean[] = [];
  const { session, said, tell, ready, style, element } = await connected({
    onPicking: (on) => told.push(on),
  });
  const done = async () => {
    const { id, on } = said.filter(({ type }) => type === "pick").at(-1) ?? {};
    tell({ type: "picking", on });
    tell({ type: "done", id });
    await new Promise(setImmediate);
  };
  style.pointerEvents = "all";
  const picking = session.pick(true);
  await done();
  await picking;
  said.splice(0);
  tell({ type: "leaving" }, { source: null });
  assert.deepEqual(said, [{ astroLive: 1, type: "hello" }], "before its page has loaded");
  assert.equal(style.pointerEvents, "none");
  ready();
  assert.equal(style.pointerEvents, "none");
  await done();
  assert.equal(style.pointerEvents, "all");
  said.splice(0);
  element.dispatchEvent(new Event("load"));
  assert.deepEqual(said, [], "it has answered already");
  element.dispatchEvent(new Event("load"));
  assert.equal(said.length, 1, "one that did not say that it leaves");
  assert.deepEqual(told, [true]);
});

test("a selection that ends while another page comes is over in it", async () => {
  const told: boolean[] = [];
  const { session, said, tell, ready, style } = await connected({
    onPicking: (on) => told.push(on),
  });
  const picking = session.pick(true);
  tell({ type: "picking", on: true });
  tell({ type: "done", id: said.at(-1)?.id });
  await picking;
  tell({ type: "leaving" });
  const ending = session.pick(false);
  ready();
  tell({ type: "done", id: said.at(-1)?.id });
  await ending;
  assert.deepEqual([told, style.pointerEvents], [[true, false], ""]);
});

test("commands without an answer are made again in the page that comes, and end in time", async () => {
  const { session, said, element, ready, tell } = await connected({ commandMs: 200 });
  const going = session.navigate("about/");
  element.dispatchEvent(new Event("load"));
  ready();
  assert.equal(said.filter(({ type }) => type === "navigate").length, 2);
  tell({ type: "done", id: said.at(-1)?.id });
  await going;
  await assert.rejects(session.reload(), { code: "timeout" });
});

test("a frame that shows something else does not follow edits, and each change is told once", async () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  try {
    const lives: boolean[] = [];
    const { element, ready, tell } = await connected({ onConnection: (live) => lives.push(live) });
    element.dispatchEvent(new Event("load"));
    mock.timers.tick(9_000);
    ready();
    mock.timers.tick(60_000);
    assert.deepEqual(lives.splice(0), [true]);
    tell({ type: "connection", live: false });
    element.dispatchEvent(new Event("load"));
    mock.timers.tick(60_000);
    assert.deepEqual(lives.splice(0), [false]);
    ready();
    assert.deepEqual(lives, [true]);
    open?.close();
  } finally {
    mock.timers.reset();
  }
});

test("two connections to one frame do not take each other's answers", async () => {
  const { element, ready, tell, said, session } = await connected({ commandMs: 50 });
  const second = connect(element, { origin: ORIGIN });
  ready();
  const other = await second;
  const found = other.reveal("a", 1);
  const id = said.at(-1)?.id;
  const reloading = session.reload();
  tell({ type: "done", id, found: true });
  assert.equal(await found, true);
  await assert.rejects(reloading, { code: "timeout" });
  other.close();
});
