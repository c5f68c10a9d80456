// Where a session has what is made for it.

import path from "node:path";

/**
 * Vite's cache, with its bundles of packages. `node_modules` is in the path, as it is by default:
 * plugins know by it that a file is of a package, and leave it alone. The folder is not the scratch
 * folder's own `node_modules`, a link that leads to packages which sessions share and may not write.
 * @param {string} scratch the session's folder
 */
export const viteCache = (scratch) => path.join(scratch, "vite", "node_modules", ".vite");
