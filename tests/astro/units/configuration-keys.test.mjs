// Every setting of the newest Astro and Vite is either a row of the table in docs/compatibility.md
// or known to touch neither addresses nor ports, origin, HMR or watching. The names come from the
// packages' types, so a release with a new setting fails here until somebody has looked at it
// (S27).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { propertiesOf } from "./interfaces.mjs";

const MODULES = new URL("../../../container/astro/node_modules/", import.meta.url);
const ASTRO = fileURLToPath(new URL("astro/dist/types/public/config.d.ts", MODULES));
const VITE = fileURLToPath(new URL("vite/dist/node/index.d.ts", MODULES));

/**
 * By interface: settings and their rows, and settings that are handed on as they are because they
 * say what a site is made of.
 * @type {Record<string, { file: string, rows: Record<string, string>, handedOn: string }>}
 */
const SETTINGS = {
  AstroUserConfig: {
    file: ASTRO,
    rows: {
      base: "base",
      build: "build.format, assets and assetsPrefix",
      cacheDir: "outDir and cacheDir",
      devToolbar: "devToolbar: off",
      i18n: "i18n routing",
      image: "image.endpoint",
      integrations: "base set by an integration",
      outDir: "outDir and cacheDir",
      prefetch: "prefetch",
      publicDir: "publicDir",
      redirects: "redirects",
      security: "security.checkOrigin and allowedDomains",
      server: "server.port, host and open",
      site: "base",
      srcDir: "srcDir",
      trailingSlash: "trailingSlash: always",
      vite: "vite.base",
    },
    // `root` is the session's project, `adapter` and `output` matter to builds, `session` to the
    // site's own server code.
    handedOn: `adapter cache compressHTML env experimental fetchFile fonts legacy logger markdown output prerenderConflictBehavior root routeRules
      scopedStyleStrategy session`,
  },
  "ServerOptions\\$1": {
    file: VITE,
    rows: {
      fs: "vite.server.fs",
      hmr: "vite.server.hmr with an address",
      origin: "vite.server.origin",
      warmup: "vite.server.warmup",
      watch: "vite.server.watch.ignored",
      ws: "vite.server.ws with an address",
    },
    // `middlewareMode` is Astro's own; the others are of errors, source maps and other
    // environments' updates.
    handedOn:
      "forwardConsole hotUpdateEnvironments middlewareMode perEnvironmentStartEndDuringDev perEnvironmentWatchChangeDuringDev preTransformRequests sourcemapIgnoreList",
  },
  CommonServerOptions: {
    file: VITE,
    rows: {
      allowedHosts: "vite.server.allowedHosts",
      cors: "vite.server.cors and headers",
      headers: "vite.server.cors and headers",
      host: "vite.server.port, strictPort and host",
      https: "vite.server.https",
      open: "vite.server.open",
      port: "vite.server.port, strictPort and host",
      proxy: "vite.server.proxy",
      strictPort: "vite.server.port, strictPort and host",
    },
    handedOn: "",
  },
  WsOptions: {
    file: VITE,
    rows: Object.fromEntries(
      "clientPort host path port protocol server"
        .split(" ")
        .map((key) => [key, "vite.server.ws with an address"]),
    ),
    handedOn: "timeout",
  },
  HmrOptions: {
    file: VITE,
    rows: {
      ...Object.fromEntries(
        "clientPort host path port protocol server"
          .split(" ")
          .map((key) => [key, "vite.server.hmr with an address"]),
      ),
      overlay: "vite.server.hmr.overlay and timeout",
      timeout: "vite.server.hmr.overlay and timeout",
    },
    handedOn: "",
  },
  FileSystemServeOptions: {
    file: VITE,
    rows: { allow: "vite.server.fs", deny: "vite.server.fs", strict: "vite.server.fs" },
    handedOn: "",
  },
  UserConfig: {
    file: VITE,
    rows: {
      appType: "vite.appType and clearScreen",
      base: "vite.base",
      cacheDir: "vite.cacheDir",
      clearScreen: "vite.appType and clearScreen",
      css: "vite.css",
      envDir: "vite.envDir and envPrefix",
      envPrefix: "vite.envDir and envPrefix",
      optimizeDeps: "vite.optimizeDeps",
      plugins: "vite.base set by a plugin",
      publicDir: "publicDir",
      server: "vite.server.port, strictPort and host",
    },
    // `preview` is not used by a dev server; `root` and `mode` are Astro's own.
    handedOn: `assetsInclude builder customLogger devtools environments esbuild experimental future html json legacy logLevel mode oxc preview root ssr tsconfig
      worker`,
  },
  SharedEnvironmentOptions: {
    file: VITE,
    rows: { optimizeDeps: "vite.optimizeDeps" },
    handedOn: "consumer define input isBundled keepProcessEnv resolve",
  },
  CSSOptions: {
    file: VITE,
    rows: Object.fromEntries(
      "devSourcemap lightningcss modules postcss preprocessorMaxWorkers preprocessorOptions transformer"
        .split(" ")
        .map((key) => [key, "vite.css"]),
    ),
    handedOn: "",
  },
  DepOptimizationConfig: {
    file: VITE,
    rows: {
      ...Object.fromEntries(
        "disabled esbuildOptions exclude extensions holdUntilCrawlEnd ignoreOutdatedRequests include needsInterop rolldownOptions rollupOptions"
          .split(" ")
          .map((key) => [key, "vite.optimizeDeps"]),
      ),
      noDiscovery: "vite.optimizeDeps.noDiscovery",
    },
    handedOn: "",
  },
  BuildEnvironmentOptions: {
    file: VITE,
    rows: Object.fromEntries(
      `assetsDir assetsInlineLimit chunkImportMap chunkSizeWarningLimit commonjsOptions copyPublicDir createEnvironment cssCodeSplit cssMinify cssTarget
        dynamicImportVarsOptions emitAssets emptyOutDir lib license manifest minify modulePreload outDir polyfillModulePreload reportCompressedSize
        rolldownOptions rollupOptions sourcemap ssr ssrEmitAssets ssrManifest target terserOptions watch write`
        .split(/\s+/)
        .map((key) => [key, "vite.build"]),
    ),
    handedOn: "",
  },
};

const text = readFileSync(
  fileURLToPath(new URL("../../../docs/compatibility.md", import.meta.url)),
  "utf8",
);
const table = text.split("## What a site configures")[1]?.split("\n## ")[0] ?? "";
const documented = new Set(
  [...table.matchAll(/^\| ([^|]+?) \|/gm)].map(([, row]) => row.replaceAll("`", "")),
);

for (const [name, { file, rows, handedOn }] of Object.entries(SETTINGS)) {
  test(`the settings of ${name.replace(/\W.*/, "")}`, () => {
    const known = [...Object.keys(rows), ...handedOn.split(/\s+/).filter(Boolean)];
    assert.deepEqual(
      known.sort(),
      propertiesOf(file, name),
      "every setting has a row, or is handed on",
    );
    for (const row of Object.values(rows))
      assert.ok(documented.has(row), `${row} is not a row of docs/compatibility.md`);
  });
}
