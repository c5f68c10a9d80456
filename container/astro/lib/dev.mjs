// `astro dev` for one session, through Astro's programmatic interface.

import path from "node:path";
import { pathToFileURL } from "node:url";
import { live, patchPlugin } from "./patches.mjs";
import { prefixPlugin } from "./prefix.mjs";

/** Start the dev server and return `{ server, port, host }`. */
export async function startDev({ astro, start, watch, fail }) {
  const base = start.base.replace(/\/$/, "");
  live.base = base;
  live.origin = new URL(start.publicUrl).origin;
  const scratch = path.resolve(start.scratchDir);
  const server = await astro.dev({
    root: start.root,
    base,
    cacheDir: pathToFileURL(path.join(scratch, "astro") + path.sep).href,
    server: { host: start.host, port: 0, allowedHosts: start.allowedHosts, open: false },
    vite: {
      plugins: [
        patchPlugin(),
        prefixPlugin({
          base: start.base,
          hmr: start.hmr,
          cacheDir: path.join(scratch, "vite"),
          allowedFolders: [start.root, ...start.allowedFolders],
          watch,
          report: (message) => fail("patch-missing", message),
        }),
      ],
    },
  });
  return { server, port: server.address.port, host: start.host };
}
