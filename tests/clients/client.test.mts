// The TypeScript client against a real gateway (ASTRO_LIVE_API_URL, with a session "demo") and against a server that
// fails on purpose. tests/clients/test_typescript_client.py starts it.
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { env } from "node:process";
import { test } from "node:test";
import {
  ApiError,
  astroLive,
  data,
  followLogs,
  NotShown,
  shown,
  streamEvents,
  waitUntil,
} from "../../clients/typescript/src/index.ts";

const url = env.ASTRO_LIVE_API_URL ?? "";
const client = astroLive(url, env.ASTRO_LIVE_API_TOKEN ?? "");
const demo = { id: "demo" };

test("files of any name, as text, bytes and streams", async () => {
  for (const path of ["src/pages/[slug].astro", "src/a b/ü?#%41.txt", "public/x+y&z.bin"]) {
    const params = { path: { id: "demo", path } };
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const stream = new Blob([bytes]).stream();
    for (const [body, size] of [
      ["grüße", 7],
      [bytes, 256],
      [stream, 256],
    ] as const) {
      const written = await data(client.PUT("/sessions/{id}/files/{path}", { params, body }));
      assert.equal(written.bytes, size);
    }
    const read = await client.GET("/sessions/{id}/files/{path}", {
      params,
      parseAs: "arrayBuffer",
    });
    assert.deepEqual(new Uint8Array(read.data as ArrayBuffer), bytes);
  }
});

test("a path does not lead to another call", async () => {
  for (const path of ["../x", "a/../../x", "a//b", "/a", ""]) {
    const params = { path: { id: "demo", path } };
    await assert.rejects(client.GET("/sessions/{id}/files/{path}", { params }), /cannot be part/);
  }
  await assert.rejects(
    client.DELETE("/sessions/{id}", { params: { path: { id: ".." } } }),
    TypeError,
  );
});

test("a verdict, and a version that does not match", async () => {
  const params = { path: { id: "demo", path: "a.txt" } };
  const call = client.PUT("/sessions/{id}/files/{path}", {
    params: { ...params, query: { wait: 20 } },
    body: "one",
  });
  assert.equal(shown(await data(call)).outcome, "rendered");
  const header = { "If-Match": `"${"0".repeat(64)}"` };
  const refused = client.PUT("/sessions/{id}/files/{path}", {
    params: { ...params, header },
    body: "two",
  });
  await assert.rejects(refused, (error) => {
    assert(error instanceof ApiError);
    assert.equal(error.status, 412);
    assert(error.problem.current);
    return true;
  });
  assert.throws(() => shown({}), /no verdict/);
  const verdict = { outcome: "error" as const, pages: 1, ms: 1, problems: [] };
  assert.throws(() => shown({ verdict }), NotShown);
});

test("an archive goes out and in", async () => {
  const archive = await data(
    client.GET("/sessions/{id}/archive", { params: { path: demo }, parseAs: "stream" }),
  );
  assert(archive);
  const unpacked = client.POST("/sessions/{id}/archive", {
    params: { path: demo, query: { path: "copy" } },
    body: archive,
  });
  assert((await data(unpacked)).files > 0);
});

test("lines of the log, and a state", async () => {
  for await (const line of followLogs(client, "demo")) {
    if (line.includes("fake dev server")) break;
  }
  assert.equal((await waitUntil(client, "demo", ["ready"], 60)).id, "demo");
  await assert.rejects(waitUntil(client, "demo", ["stopped"], 0), /demo is ready, not stopped/);
});

test("events of the session", async () => {
  let first = "";
  for await (const { id, event } of streamEvents(client, "demo")) {
    assert(event.kind === "state");
    assert.equal(event.state, "ready");
    first = id;
    break;
  }
  const stop = new AbortController();
  const later = streamEvents(client, "demo", { lastEventId: first, signal: stop.signal });
  const next = later.next();
  await data(client.POST("/sessions/{id}/restart", { params: { path: demo } }));
  assert.equal((await next).value?.event.kind, "state");
  stop.abort();
  for await (const _ of later);
  await assert.rejects(streamEvents(client, "unknown").next(), ApiError);
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that answers in this order, the last answer for ever; returns what it was asked. */
async function scripted(
  answers: Handler[],
  use: (url: string) => Promise<void>,
): Promise<string[]> {
  const asked: string[] = [];
  const left = [...answers];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      asked.push(`${request.method} ${body}`);
      (left.length > 1 ? left.shift() : left[0])?.(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return asked;
}

const lost: Handler = (request) => request.socket.destroy();
const busy: Handler = (_, response) => response.writeHead(503, { "Retry-After": "0" }).end("{}");
const fine: Handler = (_, response) => response.writeHead(200).end("{}");
const hour: Handler = (_, response) => response.writeHead(503, { "Retry-After": "3600" }).end("{}");
const quick = { retries: { attempts: 3, firstPauseMs: 5 } };
const file = { path: { id: "a", path: "b" } };

test("idempotent requests are repeated, with their content", async () => {
  for (const trouble of [lost, busy]) {
    const asked = await scripted([trouble, trouble, fine], async (url) => {
      await astroLive(url, "x", quick).PUT("/sessions/{id}/files/{path}", {
        params: file,
        body: "it",
      });
    });
    assert.deepEqual(asked, ["PUT it", "PUT it", "PUT it"]);
  }
});

test("a key that could not be kept at any attempt is left out, unless it is the caller's", async () => {
  const call = { params: { path: { id: "a" } }, body: { name: "turn" } };
  const problem = { "Retry-After": "0", "Content-Type": "application/problem+json" };
  const refused: Handler = (_, response) =>
    response.writeHead(503, problem).end('{"code": "keys-unavailable"}');
  const cases: [Handler[], Record<string, string>, boolean[]][] = [
    [[refused, refused, refused, fine], {}, [true, true, true, false]],
    [[refused, lost, refused, fine], {}, [true, true, true]], // the second may have been made
    [[busy, refused, refused, fine], {}, [true, true, true]],
    [[refused, refused, refused, fine], { "Idempotency-Key": "mine" }, [true, true, true]],
  ];
  for (const [answers, headers, expected] of cases) {
    const keyed: boolean[] = [];
    const remember =
      (answer: Handler): Handler =>
      (request, response) => {
        keyed.push("idempotency-key" in request.headers);
        answer(request, response);
      };
    await scripted(answers.map(remember), async (url) => {
      const made = astroLive(url, "x", quick).POST("/sessions/{id}/checkpoints", {
        ...call,
        headers,
      });
      await made.catch(() => undefined);
    });
    assert.deepEqual(keyed, expected);
  }
});

test("a call that cannot be made twice has one key for all of its attempts", async () => {
  const keys: string[] = [];
  const remember =
    (answer: Handler): Handler =>
    (request, response) => {
      keys.push(String(request.headers["idempotency-key"]));
      answer(request, response);
    };
  const unended: Handler = (_, response) =>
    response.writeHead(409, { "Retry-After": "0" }).end("{}");
  const balancer: Handler = (_, response) => response.writeHead(502).end("<h1>Bad Gateway</h1>");
  const answers = [lost, unended, unended, unended, unended, balancer, fine].map(remember);
  const call = { params: { path: { id: "a" } }, body: { name: "turn" } };
  await scripted(answers, async (url) => {
    await astroLive(url, "x", quick).POST("/sessions/{id}/checkpoints", call);
    await astroLive(url, "x", quick).POST("/sessions/{id}/checkpoints", call);
    const own = { ...call, headers: { "Idempotency-Key": "mine" } };
    await astroLive(url, "x", quick).POST("/sessions/{id}/checkpoints", own);
  });
  assert.equal(keys.length, 9);
  assert.equal(new Set(keys.slice(0, 7)).size, 1);
  assert.match(keys[0] ?? "", /^call-[0-9a-f-]{36}$/);
  assert.equal(new Set(keys).size, 3);
  assert.equal(keys[8], "mine");
  const plain: string[] = [];
  const noted: Handler = (request, response) => {
    plain.push(String(request.headers["idempotency-key"]));
    fine(request, response);
  };
  await scripted([noted], async (url) => {
    await astroLive(url, "x", quick).POST("/sessions/{id}/start", {
      params: { path: { id: "a" } },
    });
  });
  assert.deepEqual(plain, ["undefined"]);
});

test("what the gateway itself says of another server is the caller's", async () => {
  const remote: Handler = (_, response) =>
    response.writeHead(502, { "Content-Type": "application/problem+json" }).end("{}");
  const asked = await scripted([remote], async (url) => {
    const push = astroLive(url, "x", quick).POST("/sessions/{id}/git/push", {
      params: { path: { id: "a" } },
    });
    await assert.rejects(push, ApiError);
  });
  assert.equal(asked.length, 1);
});

test("an answer that does not come in time is an error, and a stream may take longer", async () => {
  const silent: Handler = () => undefined;
  const half: Handler = (_, response) => {
    response.writeHead(200, { "Content-Type": "application/json" });
    response.write("{");
  };
  for (const answer of [silent, half]) {
    const asked = await scripted([answer], async (url) => {
      const hasty = astroLive(url, "x", { ...quick, timeoutMs: 100 });
      await assert.rejects(hasty.GET("/sessions"), { name: "TimeoutError" });
    });
    assert.equal(asked.length, 1, "a timeout is the caller's to judge");
  }
  const late: Handler = (_, response) => {
    response.writeHead(200, { "Content-Type": "text/plain" });
    response.write("one\n");
    setTimeout(() => response.end("two\n"), 2500);
  };
  await scripted([late], async (url) => {
    const lines: string[] = [];
    for await (const line of followLogs(astroLive(url, "x", { timeoutMs: 2000 }), "a"))
      lines.push(line);
    assert.deepEqual(lines, ["one", "two"]);
  });
  await scripted([silent], async (url) => {
    const logs = followLogs(astroLive(url, "x", { timeoutMs: 100 }), "a");
    await assert.rejects(logs.next(), { name: "TimeoutError" });
  });
});

test("other requests are sent once", async () => {
  const path = { id: "a" };
  const batch = { params: { path }, body: { operations: [] } };
  const key = { "Idempotency-Key": "k" };
  const match = { ...file, header: { "If-Match": '"v"' } };
  const stream = () => new Blob(["x"]).stream();
  for (const [trouble, times, call] of [
    [lost, 1, (c) => c.POST("/sessions/{id}/stop", { params: { path } })],
    [busy, 1, (c) => c.POST("/sessions/{id}/stop", { params: { path } })],
    [busy, 3, (c) => c.POST("/sessions/{id}/batch", { ...batch, headers: key })],
    [busy, 3, (c) => c.POST("/sessions/{id}/batch", batch)],
    [lost, 1, (c) => c.PUT("/sessions/{id}/files/{path}", { params: match, body: "x" })],
    [busy, 1, (c) => c.PUT("/sessions/{id}/files/{path}", { params: file, body: stream() })],
    [hour, 1, (c) => c.GET("/sessions")],
  ] as [Handler, number, (c: typeof client) => Promise<unknown>][]) {
    const asked = await scripted([trouble], async (url) => {
      await assert.rejects(call(astroLive(url, "x", quick)));
    });
    assert.equal(asked.length, times, String(call));
  }
});

test("a request that reached nobody is repeated", async () => {
  let attempts = 0;
  const fetch = async (): Promise<Response> => {
    attempts += 1;
    throw new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } });
  };
  const nobody = astroLive("http://x/api/v1", "x", { ...quick, fetch });
  await assert.rejects(nobody.POST("/sessions", { body: { id: "a" } }), (error: unknown) => {
    assert(error instanceof TypeError);
    assert.equal(error.message, "POST http://x/api/v1/sessions: fetch failed");
    assert.deepEqual(error.cause, { code: "ECONNREFUSED" });
    return true;
  });
  assert.equal(attempts, 3);
});

test("a stream of events goes on where it was lost", async () => {
  const state = '{"at": 1, "kind": "state", "state": "ready", "stage": "", "error": null}';
  const seen: (string | undefined)[] = [];
  const events =
    (...framed: string[]): Handler =>
    (request, response) => {
      seen.push(request.headers["last-event-id"]?.toString());
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.end(`retry: 5\n${framed.join("")}`);
    };
  const one = `id: a-1\nevent: state\ndata: ${state}\n\n`;
  const news = 'id: a-2\nevent: news\ndata: {"kind": "news"}\n\n';
  const end = (reason: string) =>
    `id: a-3\nevent: end\ndata: {"at": 1, "kind": "end", "reason": "${reason}"}\n\n`;
  const ids: string[] = [];
  const gateway: Handler = (_, response) => response.writeHead(502).end("<h1>Bad Gateway</h1>");
  const answers = [
    events(one, news),
    lost,
    events(end("moved")),
    gateway,
    events(one, end("deleted")),
  ];
  await scripted(answers, async (url) => {
    for await (const { id } of streamEvents(astroLive(url, "x", quick), "a")) ids.push(id);
  });
  assert.deepEqual(ids, ["a-1", "a-1"]);
  assert.deepEqual(seen, [undefined, "a-2", "a-3"]);
  const asked = await scripted([events()], async (url) => {
    await assert.rejects(
      streamEvents(astroLive(url, "x", quick), "a", { attempts: 3 }).next(),
      /without an event/,
    );
  });
  assert.equal(asked.length, 3);
});
