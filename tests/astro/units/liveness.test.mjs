// A page that cannot be live says why: each way in which Vite's client or its socket may fail is
// told apart (S27).

import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import test from "node:test";
import { noticeOf, whyNotLive } from "../../../container/astro/lib/liveness.mjs";

const HMR = { protocol: "wss", clientPort: 443, path: "/_hmr" };
const CLIENT = 'const socketHost = "host" + "/s/x/_hmr"; const wsToken = "t";';

/**
 * @type {Record<string, { client?: string, status?: number, type?: string, upgrade?: boolean,
 *   reason?: RegExp }>}
 */
const CASES = {
  live: { client: CLIENT, upgrade: true },
  "the client is not found": { status: 404, reason: /@vite\/client, is answered with 404/ },
  "the client is a page": { type: "text/html", reason: /answered with 200 text\/html/ },
  "the client connects elsewhere": {
    client: CLIENT.replace("/s/x/_hmr", "/_hmr"),
    upgrade: true,
    reason: /does not connect to \/s\/x\/_hmr/,
  },
  "the socket does not open": {
    client: CLIENT,
    upgrade: false,
    reason: /socket at \/s\/x\/_hmr does not open/,
  },
};

for (const [
  name,
  { client = "", status = 200, type = "text/javascript", upgrade, reason },
] of Object.entries(CASES)) {
  test(name, async () => {
    const server = http.createServer((_request, response) =>
      response.writeHead(status, { "content-type": type }).end(client),
    );
    server.on("upgrade", (_request, socket) =>
      upgrade
        ? socket.write(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
          )
        : socket.destroy(),
    );
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    try {
      const found = await whyNotLive({
        host: "127.0.0.1",
        port,
        base: "/s/x/",
        hmr: HMR,
        publicHost: "edit.example.com",
      });
      if (reason) assert.match(String(found), reason);
      else assert.equal(found, undefined);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
}

test("nobody listens", async () => {
  assert.match(
    String(await whyNotLive({ host: "127.0.0.1", port: 9, base: "/", hmr: HMR, publicHost: "x" })),
    /cannot be loaded/,
  );
});

test("the notice shows the reason as text, and only where there is one", () => {
  assert.equal(noticeOf(undefined), "");
  assert.ok(!noticeOf("<script>").includes("<script>"));
  assert.match(noticeOf("a reason"), /role="alert".*a reason/);
});
