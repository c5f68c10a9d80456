// What a site may configure that touches addresses, ports, origin, HMR or watching: each row of the
// table in docs/compatibility.md. In every row the page is served under the session's base, its
// links stay there, and an edit reaches it (S27).

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { BASE, startSite } from "./configured.mjs";

const integration = (/** @type {string} */ hooks) => `{ name: "i", hooks: { ${hooks} } }`;
const plugin = (/** @type {string} */ body) => `{ name: "p", ${body} }`;

/** @typedef {Awaited<ReturnType<typeof startSite>>} Site */
/** @typedef {{ status: number, headers: Headers, text: string }} Answer */
/** @typedef {(site: Site, page: Answer) => unknown} Check */

/**
 * Rows that need a separate site. `config` is the text of the default export, `overridden` the
 * settings that are reported as not holding, `check` looks at what is special, `home` is the
 * address of the front page and `page` its file.
 * @type {Record<string, { config: string, files?: Record<string, string>, overridden?: string[],
 *   home?: string, page?: string, check?: Check }>}
 */
const ALONE = {
  base: {
    config: `{ site: "https://me.github.io", base: "/repo" }`,
    overridden: ["base"],
    check: (_site, { text }) => {
      assert.match(
        text,
        /id="own" href="\/session\/x\/about\/"/,
        "a link written against the site's own base",
      );
      assert.match(text, /id="base"[^>]*>\/session\/x\/?</);
    },
  },
  "base set by an integration": {
    config: `{ integrations: [${integration(`"astro:config:setup": ({ updateConfig }) => updateConfig({ base: "/" })`)}] }`,
    overridden: ["base (set by an integration)"],
  },
  "base set by an integration that another one brings": {
    config: `{ integrations: [${integration(
      `"astro:config:setup": ({ updateConfig }) => updateConfig({ integrations: [${integration(
        `"astro:config:setup": ({ updateConfig }) => updateConfig({ base: "/late" })`,
      )}] })`,
    )}] }`,
  },
  "trailingSlash: always": {
    config: `{ trailingSlash: "always" }`,
    check: async (site) => {
      assert.equal((await site.get("about/")).status, 200);
      assert.equal((await site.get("about")).status, 404, "as in bare Astro");
    },
  },
  "trailingSlash: never": {
    config: `{ trailingSlash: "never" }`,
    check: async (site) => {
      assert.equal((await site.get("about")).status, 200);
      assert.equal((await site.get("about/")).status, 404, "as in bare Astro");
    },
  },
  "trailingSlash: always, with a base": {
    config: `{ trailingSlash: "always", base: "/repo/" }`,
    overridden: ["base"],
  },
  "server as a function": {
    config: `{ server: () => ({ port: 4999, headers: { "x-own": "yes" } }) }`,
    check: (_site, { headers }) => assert.equal(headers.get("x-own"), "yes"),
  },
  "server.allowedHosts: true": { config: `{ server: { allowedHosts: true } }` },
  srcDir: {
    config: `{ srcDir: "./app" }`,
    files: { "app/pages/index.astro": "<h1>Hello</h1>" },
    page: "app/pages/index.astro",
  },
  "i18n routing": {
    config: `{ i18n: { locales: ["en", "fr"], defaultLocale: "en", routing: { prefixDefaultLocale: true } } }`,
    files: {
      "src/pages/en/index.astro": "<h1>Hello</h1>",
      "src/pages/fr/index.astro": "<h1>Salut</h1>",
    },
    home: "en/",
    page: "src/pages/en/index.astro",
    check: async (site) => assert.match((await site.get("fr/")).text, /Salut/),
  },
  "vite.base": { config: `{ vite: { base: "/own/" } }`, overridden: ["vite.base"] },
  "vite.base set by a plugin": {
    config: `{ vite: { plugins: [${plugin(`config: () => ({ base: "/own/" })`)}] } }`,
    overridden: ["vite.base"],
  },
  "vite.base set when the configuration is resolved": {
    config: `{ vite: { plugins: [${plugin(`configResolved(config) { config.base = "/own/"; }`)}] } }`,
    overridden: ["vite.base (set by a plugin)"],
  },
  "vite.server.hmr: false": {
    config: `{ vite: { server: { hmr: false } } }`,
    overridden: ["vite.server.hmr"],
  },
  "vite.server.ws: false": {
    config: `{ vite: { server: { ws: false } } }`,
    overridden: ["vite.server.ws"],
  },
  "vite.server.hmr with an address": {
    config: `{ vite: { server: { hmr: { protocol: "ws", host: "localhost", port: 24999, clientPort: 24999, path: "/own" } } } }`,
    overridden: ["protocol", "host", "port", "clientPort", "path"].map(
      (name) => `vite.server.hmr.${name} or server.ws.${name}`,
    ),
  },
  "vite.server.ws with an address": {
    config: `{ vite: { server: { ws: { host: "localhost", port: 24999 } } } }`,
    overridden: ["host", "port"].map((name) => `vite.server.hmr.${name} or server.ws.${name}`),
  },
  "vite.server.hmr set by a plugin": {
    config: `{ vite: { plugins: [${plugin(`configResolved(config) { config.server.hmr = false; }`)}] } }`,
    overridden: ["vite.server.hmr (set by a plugin)"],
  },
  "vite.server.https": {
    config: `{ vite: { server: { https: { key: "k", cert: "c" } } } }`,
    overridden: ["vite.server.https"],
  },
  "vite.server.https set by a plugin (basic-ssl, mkcert)": {
    config: `{ vite: { plugins: [${plugin(`async configResolved(config) { await null; config.server.https = { key: "k", cert: "c" }; }`)}] } }`,
  },
  "vite.server.port, strictPort and host": {
    config: `{ vite: { server: { port: 4999, strictPort: true, host: "0.0.0.0" } } }`,
  },
  "vite.server.watch: null": { config: `{ vite: { server: { watch: null } } }` },
  "vite.server.watch.usePolling": {
    config: `{ vite: { server: { watch: { usePolling: true, interval: 60000 } } } }`,
    overridden: ["vite.server.watch.usePolling"],
  },
  "a watched folder that does not exist": {
    config: `{ vite: { plugins: [${plugin(`configureServer({ watcher, config }) { watcher.add(config.root + "/src/icons"); }`)}] } }`,
  },
  "vite.optimizeDeps.noDiscovery": {
    config: `{ vite: { optimizeDeps: { noDiscovery: true, include: [] } } }`,
  },
};

/**
 * Rows that do not get into each other's way, all in one site's configuration.
 * @type {Record<string, Check>}
 */
const TOGETHER = {
  "server.port, host and open": (_site, { status }) => assert.equal(status, 200),
  "server.headers": (_site, { headers }) => assert.equal(headers.get("x-own"), "yes"),
  "server.allowedHosts": (site) => assert.equal(site.report().notLive, undefined),
  publicDir: async (site) =>
    assert.equal((await site.get("own.txt", { accept: "*/*" })).text, "own"),
  "outDir and cacheDir": (site) =>
    assert.ok(!existsSync(`${site.root}/cached`), "the cache is on local disk"),
  redirects: async (site) =>
    assert.match((await site.get("old")).headers.get("location") ?? "", /^\/session\/x\/about/),
  "build.format, assets and assetsPrefix": (_site, { text }) =>
    assert.ok(!text.includes("cdn.example")),
  "image.endpoint": async (site) =>
    assert.notEqual((await site.get("_own_image", { accept: "image/*" })).status, 404),
  "devToolbar: off": (_site, { text }) => assert.ok(!text.includes("dev-toolbar")),
  "security.checkOrigin and allowedDomains": (site) =>
    assert.equal(site.report().notLive, undefined),
  prefetch: (_site, { text }) => assert.match(text, /\/session\/x\/@id\/astro:scripts\/page\.js/),
  "vite.server.hmr.overlay and timeout": async (site) => {
    const { text } = await site.get("@vite/client", { accept: "*/*" });
    assert.match(text, /hmrTimeout = 1234/);
    assert.match(text, /enableOverlay = false/);
  },
  "vite.server.origin": (site, { text }) => {
    assert.ok(!text.includes("localhost:4321"));
    assert.ok(site.report().overridden.some(({ name }) => name === "vite.server.origin"));
  },
  "vite.server.open": (_site, { status }) => assert.equal(status, 200),
  "vite.server.allowedHosts": (site) => assert.equal(site.report().notLive, undefined),
  "vite.server.cors and headers": (_site, { headers }) =>
    assert.equal(headers.get("access-control-allow-origin"), null),
  "vite.server.proxy": async (site) =>
    assert.match((await site.get("backend/a", { accept: "*/*" })).text, /asked for \/backend\/a/),
  "vite.server.watch.ignored": (_site, { status }) => assert.equal(status, 200),
  "vite.server.fs": async (site) => {
    assert.ok((await site.get("@fs/etc/passwd", { accept: "*/*" })).status >= 400);
    const names = site.report().overridden.map(({ name }) => name);
    for (const key of ["strict", "allow"]) assert.ok(names.includes(`vite.server.fs.${key}`), key);
  },
  "vite.server.warmup": (_site, { status }) => assert.equal(status, 200),
  "vite.css": (_site, { status }) => assert.equal(status, 200),
  "vite.optimizeDeps": (_site, { status }) => assert.equal(status, 200),
  "vite.cacheDir": (site) =>
    assert.ok(!existsSync(`${site.root}/cached-by-vite`), "the cache is on local disk"),
  "vite.build": (_site, { status }) => assert.equal(status, 200),
  "vite.appType and clearScreen": (_site, { status }) => assert.equal(status, 200),
  "vite.envDir and envPrefix": async (site) =>
    assert.match((await site.get("word")).text, /the word is read/),
};

const ALL = `{
  server: { port: 4999, host: true, open: true, headers: { "x-own": "yes" }, allowedHosts: ["other.example"] },
  publicDir: "./static", outDir: "./out", cacheDir: "./cached",
  redirects: { "/old": "/about" },
  build: { format: "file", assets: "_own", assetsPrefix: "https://cdn.example" },
  image: { endpoint: { route: "/_own_image" } },
  devToolbar: { enabled: false },
  security: { checkOrigin: true, allowedDomains: [{ hostname: "me.example" }] },
  prefetch: true,
  vite: {
    appType: "mpa", clearScreen: true, cacheDir: "./cached-by-vite", envDir: "./settings", envPrefix: "OWN_",
    css: { devSourcemap: true, modules: { localsConvention: "camelCase" } },
    optimizeDeps: { exclude: ["semver"], entries: [] },
    build: { assetsDir: "own", outDir: "own", manifest: true, assetsInlineLimit: 0 },
    server: {
      origin: "http://localhost:4321", open: "/about", allowedHosts: ["other.example"], cors: false, headers: { "x-own": "yes" },
      hmr: { overlay: false, timeout: 1234 }, watch: { ignored: ["**/drafts/**"] }, fs: { strict: false, allow: [".", "/"] },
      warmup: { clientFiles: ["./src/pages/*.astro"] },
      proxy: { "/backend": { target: "http://127.0.0.1:9", configure: (proxy) =>
        proxy.on("error", (_error, request, response) => response.end("asked for " + request.url)) } },
    },
  },
}`;

/**
 * What holds in every row: the page is live, and all of its URLs stay in the session.
 * @param {Site} site
 * @param {string[]} overridden
 */
async function frontPage(site, overridden = [], home = "") {
  assert.equal(site.report().notLive, undefined, "pages are live");
  const found = site.report().overridden.map((entry) => entry.name);
  assert.deepEqual(
    overridden.filter((entry) => !found.includes(entry)),
    [],
    `reported: ${found}`,
  );
  const answer = await site.get(home);
  assert.equal(answer.status, 200);
  const urls = [...answer.text.matchAll(/\b(?:href|src|component-url)="([^"]+)"/g)].map(
    ([, url]) => url,
  );
  assert.deepEqual(
    urls.filter((url) => !url.startsWith(BASE)),
    [],
    "every URL stays in the session",
  );
  const told = /id="href"[^>]*>([^<]*)/.exec(answer.text)?.[1];
  if (told) assert.ok(told.startsWith("https://"), `Astro.url is ${told}`);
  return answer;
}

/**
 * @param {Site} site
 * @param {string} [page]
 */
async function editShows(site, page, home = "") {
  await site.follow(page, page && "<h1>Hello again</h1>");
  assert.match((await site.get(home)).text, /Hello again/);
}

for (const [name, { config, files, overridden, home, page, check }] of Object.entries(ALONE)) {
  test(name, { timeout: 120_000 }, async () => {
    const site = await startSite(`export default ${config};\n`, files);
    try {
      const answer = await frontPage(site, overridden, home);
      await check?.(site, answer);
      await editShows(site, page, home);
    } finally {
      await site.stop();
    }
  });
}

test("settings that hold beside each other", { timeout: 120_000 }, async (context) => {
  const site = await startSite(`export default ${ALL};\n`, {
    "static/own.txt": "own",
    "settings/.env": "OWN_WORD=read\n",
    "src/pages/word.astro": "<p>the word is {import.meta.env.OWN_WORD}</p>",
  });
  try {
    const page = await frontPage(site);
    for (const [name, check] of Object.entries(TOGETHER))
      await context.test(name, async () => void (await check(site, page)));
    await context.test("an edit shows", () => editShows(site));
  } finally {
    await site.stop();
  }
});

test("every row is in the documentation's table, and the other way round", () => {
  const text = readFileSync(
    fileURLToPath(new URL("../../../docs/compatibility.md", import.meta.url)),
    "utf8",
  );
  const table = text.split("## What a site configures")[1]?.split("\n## ")[0] ?? "";
  const rows = [...table.matchAll(/^\| ([^|]+?) \|/gm)]
    .map(([, row]) => row.replaceAll("`", ""))
    .filter((row) => !/^(setting|-+)$/.test(row));
  assert.deepEqual([...rows].sort(), [...Object.keys(ALONE), ...Object.keys(TOGETHER)].sort());
});
