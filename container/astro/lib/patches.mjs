// Changes to Astro's own modules that no public option offers. Each is a replacement of one exact piece of text, so a release of
// Astro that moved the place is noticed: `verifyPatches` fails at start, and applying a patch that no longer fits throws.
// docs/quirks.md tells the story behind each one.

import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const SUPPORTED_ASTRO = ["7.3.5"];

// What patched code reads at run time, because modules are loaded before a session is known: the base without closing slash, the
// public origin, the scratch folder as a file URL, and a watcher that outlives restarts.
export const live = (globalThis[Symbol.for("astro-live")] ??= { base: "", origin: "", scratch: "", watcher: undefined });

const LIVE = 'globalThis[Symbol.for("astro-live")]';
const WITH_BASE = `((url) => { const { base } = ${LIVE}; return url.startsWith("/") && !url.startsWith(base + "/") ? base + url : url; })`;

export const PATCHES = [
  {
    file: "vite-plugin-app/environment.js",
    why: "URLs of islands and of component scripts are made without the base",
    find: "return resolveIdToUrl(loader, specifier, manifest.rootDir);",
    replace: `return resolveIdToUrl(loader, specifier, manifest.rootDir).then(${WITH_BASE});`,
  },
  {
    file: "runtime/server/render/head.js",
    why: "scripts in the page's head are named without the base",
    find: 'return renderElement("script", script, false);',
    replace:
      `if (typeof script.props.src === "string") script = { ...script, props: { ...script.props, src: ${WITH_BASE}(script.props.src) } };\n` +
      '    return renderElement("script", script, false);',
  },
  {
    file: "vite-plugin-astro-server/response.js",
    why: "the error page loads Vite's client, which shows the overlay, without the base",
    find: '<script type="module" src="/@vite/client"></script>',
    replace: `<script type="module" src="\${${LIVE}.base}/@vite/client"></script>`,
    count: 2,
  },
  {
    file: "vite-plugin-app/handle-request.js",
    why: "behind TLS offload Astro.url and the check of a form's Origin need the public scheme and host",
    find: "const origin = `${protocol}://${host}`;",
    replace: `const origin = ${LIVE}.origin || \`\${protocol}://\${host}\`;`,
  },
  {
    file: "content/mutable-data-store.js",
    why: "a content edit waits half a second before it is written",
    find: "const SAVE_DEBOUNCE_MS = 500;",
    replace: "const SAVE_DEBOUNCE_MS = 5;",
  },
  {
    file: "content/content-layer.js",
    why: "collections listen to a watcher that is closed when the configuration restarts",
    find: "this.#watcher = createWatcherWrapper(watcher);",
    replace: `this.#watcher = createWatcherWrapper(${LIVE}.watcher ?? watcher);`,
  },
  {
    file: "vite-plugin-utils/index.js",
    why: "Astro components of packages that lie outside the project folder are looked for inside it",
    find: '} else if (filename.startsWith("/") && !isPathInRoot(filename, fileURLToPath(root))) {',
    replace:
      '} else if (filename.startsWith("/") && !isPathInRoot(filename, fileURLToPath(root)) ' +
      '&& !process.getBuiltinModule("node:fs").existsSync(filename)) {',
  },
  {
    file: "vite-plugin-hmr-reload/index.js",
    why: "a page whose HTML alone has changed cannot be told from one that must be loaded anew, and every page is",
    find: 'server.ws.send({ type: "full-reload" });',
    replace: 'server.ws.send({ type: "full-reload", rendered: file });',
  },
  {
    file: "content/vite-plugin-content-virtual-mod.js",
    why: "so it is for pages that show a collection",
    find: 'type: "full-reload",\n      path: "*"',
    replace: 'type: "full-reload",\n      rendered: "collections.json",\n      path: "*"',
  },
  {
    file: "core/config/settings.js",
    why: "generated files (.astro) would be written into the project, which may be slow, shared or read-only",
    find: 'const dotAstroDir = new URL(".astro/", config.root);',
    replace: `const dotAstroDir = new URL(".astro/", ${LIVE}.scratch || config.root);`,
  },
];

/** A patched place was not found: this release of Astro differs from the ones the patches were written for. */
export class PatchMissing extends Error {
  constructor(patch, found) {
    super(
      `astro/dist/${patch.file}: expected ${patch.count ?? 1} × ${JSON.stringify(patch.find)}, found ${found}. ` +
        `Without this change ${patch.why}. Supported Astro: ${SUPPORTED_ASTRO.join(", ")}`,
    );
    this.name = "PatchMissing";
  }
}

const byFile = Map.groupBy(PATCHES, (patch) => patch.file);
const MODULE = /\/node_modules\/astro\/dist\/([\w/.-]+\.js)$/;

/** The patched source of a module file of Astro's, or undefined when no patch is meant for it. Throws `PatchMissing`. */
export function patchSource(filename, source) {
  const patches = byFile.get(MODULE.exec(filename)?.[1]);
  if (!patches) return undefined;
  let text = source;
  for (const patch of patches) {
    const parts = text.split(patch.find);
    if (parts.length - 1 !== (patch.count ?? 1)) throw new PatchMissing(patch, parts.length - 1);
    text = parts.join(patch.replace);
  }
  return text;
}

/** Check every patch against the files of the installed Astro at `astroDir`. Throws `PatchMissing`. */
export function verifyPatches(astroDir) {
  for (const [file, [patch]] of byFile) {
    let source;
    try {
      source = readFileSync(path.join(astroDir, "dist", file), "utf8");
    } catch {
      throw new PatchMissing(patch, "no such file");
    }
    patchSource(`/node_modules/astro/dist/${file}`, source);
  }
}

/** Patch the modules that Node itself loads. Call before Astro is imported. */
export function installPatches() {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.startsWith("file:") || !byFile.has(MODULE.exec(url)?.[1])) return loaded;
      const source = loaded.source ?? readFileSync(fileURLToPath(url));
      return { ...loaded, source: patchSource(url, source.toString()) };
    },
  });
}

/** Patch the modules that Vite loads: Astro's server runtime runs through Vite's module runner, not through Node's loader. */
export function patchPlugin() {
  return {
    name: "astro-live:patches",
    enforce: "pre",
    transform: {
      filter: { id: /\/node_modules\/astro\/dist\// },
      handler(code, id) {
        const patched = patchSource(id.split("?")[0], code);
        return patched === undefined ? undefined : { code: patched, map: null };
      },
    },
  };
}
