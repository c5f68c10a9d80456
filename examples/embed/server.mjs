// A small editor page that shows a session in a frame. Node.js 24 and nothing else:
//
//     ASTRO_LIVE_API_URL=https://edit.example.com/api/v1 ASTRO_LIVE_API_TOKEN=… node server.mjs shop
//
// It keeps the API's credential to itself. A real editor asks who its visitor is before it gives
// away a sign-in link.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { stripTypeScriptTypes } from "node:module";

const HERE = new URL("./", import.meta.url);
/** The helper of the TypeScript client. Its types are taken off here, instead of by a build. */
const HELPER = new URL("../../clients/typescript/src/", import.meta.url);
const PAGE = { "/": ["index.html", "text/html"], "/app.js": ["app.js", "text/javascript"] };
const MODULE = /^\/helper\/((?:embed|embed-protocol|shapes)\.ts)$/;

const {
  ASTRO_LIVE_API_URL: api,
  ASTRO_LIVE_API_TOKEN: token,
  HOST = "127.0.0.1",
  PORT = "5180",
} = process.env;
const [session] = process.argv.slice(2);
if (!api || !token || !session) {
  console.error("usage: ASTRO_LIVE_API_URL=… ASTRO_LIVE_API_TOKEN=… node server.mjs SESSION");
  process.exit(2);
}

/** A sign-in link works once, so each visit gets a new one. */
async function signInLink() {
  const answer = await fetch(`${api}/sessions/${session}/tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
  });
  if (!answer.ok) throw new Error(`the API answers ${answer.status}: ${await answer.text()}`);
  return (await answer.json()).url;
}

/** @returns {Promise<[type: string, body: string]>} */
async function answerTo(method, path) {
  if (method === "POST" && path === "/link")
    return ["application/json", JSON.stringify({ url: await signInLink() })];
  const [, helper] = MODULE.exec(path) ?? [];
  if (helper)
    return ["text/javascript", stripTypeScriptTypes(await readFile(new URL(helper, HELPER), "utf8"))];
  const [file, type] = PAGE[path] ?? [];
  return file ? [type, await readFile(new URL(file, HERE), "utf8")] : ["", ""];
}

const server = createServer(async (request, response) => {
  // Another site's page must not be able to fetch a link here.
  const foreign = !["same-origin", "none", undefined].includes(request.headers["sec-fetch-site"]);
  if (request.method === "POST" && foreign) return response.writeHead(403).end();
  try {
    const [type, body] = await answerTo(request.method, request.url.split("?")[0]);
    response.writeHead(body ? 200 : 404, { "content-type": type, "cache-control": "no-store" });
    response.end(body);
  } catch (error) {
    console.error(error);
    response.writeHead(502).end();
  }
});
server.listen(Number(PORT), HOST, () => {
  console.log(`open http://${HOST}:${server.address().port}/`);
});
