// What has to be known of a build to serve it without the site's sources: they may be edited,
// broken or gone by then.

import { createRequire } from "node:module";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** @typedef {import("../messages.mjs").Layout} Layout */
/** @typedef {import("astro").AstroConfig} Config */
/** @typedef {import("astro").AstroAdapter} Adapter */

/**
 * Astro integration that notes the layout while a site is built. It comes after the site's own;
 * `layout()` gives what was noted.
 */
export function layoutRecorder() {
  /** @type {Adapter | undefined} */
  let adapter;
  /** @type {Config | undefined} */
  let config;
  /** @type {import("astro").AstroIntegration} */
  const integration = {
    name: "astro-live:layout",
    hooks: {
      "astro:config:setup": ({ config: now }) => {
        for (const one of new Set([now.adapter, ...now.integrations].flat()))
          if (one) noteAdapter(one, (found) => (adapter = found));
      },
      "astro:config:done": ({ config: now }) => {
        config = now;
      },
    },
  };
  const layout = () => {
    if (!config) throw new Error("astro build has not read its configuration");
    return layoutOf(config, adapter);
  };
  return { integration, layout };
}

/**
 * The adapter tells Astro what it is in a hook; nobody else hears of it.
 * @param {import("astro").AstroIntegration} integration @param {(adapter: Adapter) => void} note
 */
function noteAdapter(integration, note) {
  const done = integration.hooks?.["astro:config:done"];
  if (typeof done !== "function") return;
  integration.hooks["astro:config:done"] = (options) =>
    done.call(integration.hooks, {
      ...options,
      setAdapter: (adapter) => {
        note(adapter);
        options.setAdapter(adapter);
      },
    });
}

/** @param {Config} config @param {Adapter | undefined} adapter @returns {Layout} */
function layoutOf(config, adapter) {
  const out = fileURLToPath(config.outDir);
  const within = (/** @type {string | URL} */ url) => path.relative(out, fileURLToPath(url));
  const common = {
    trailingSlash: config.trailingSlash,
    format: config.build.format,
    assets: config.build.assets,
    headers: textsOf(config.server?.headers),
  };
  const entry = new URL(config.build.serverEntry, config.build.server);
  if (adapter && existsSync(fileURLToPath(entry))) {
    return {
      ...common,
      client: within(config.build.client),
      server: within(entry),
      preview: previewOf(adapter, config),
    };
  }
  const inClient = adapter?.adapterFeatures?.preserveBuildClientDir === true;
  return { ...common, client: inClient ? within(config.build.client) : "" };
}

function previewOf(/** @type {Adapter} */ adapter, /** @type {Config} */ config) {
  const entry = adapter.previewEntrypoint?.toString();
  if (!entry?.startsWith("file:")) return entry;
  // An adapter of the site's own repository, or one that names its file.
  return createRequire(config.root).resolve(fileURLToPath(entry));
}

function textsOf(/** @type {Config["server"]["headers"]} */ headers) {
  return Object.fromEntries(
    Object.entries(headers ?? {}).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value]] : [],
    ),
  );
}

/**
 * The URL of an adapter's preview module for a build in `folder`, or undefined where it is not
 * there any more.
 */
export function previewUrl(/** @type {Layout} */ layout, /** @type {string} */ folder) {
  if (!layout.preview) return undefined;
  try {
    return pathToFileURL(createRequire(path.join(folder, "build.json")).resolve(layout.preview))
      .href;
  } catch {
    return undefined;
  }
}

/** Number and bytes of the files below a folder. */
export function sizeOf(/** @type {string} */ folder) {
  let files = 0;
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    files++;
    bytes += statSync(path.join(entry.parentPath, entry.name)).size;
  }
  return { files, bytes };
}
