// Downloads of the task's sessions, shared by content. What one session downloaded another may use
// only when it has the content that the second one's own lock file names: npm's cache keeps
// tarballs under their hash and checks it at every read. Its index, which maps names and addresses
// to hashes, stays with each session, and so do the stores of the other managers, which trust what
// they find in them.

import { existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";

const CONTENT = path.join("_cacache", "content-v2");

/**
 * This session's folder for downloads, below `scratch`, with npm's content shared through `shared`.
 * @param {string} scratch
 * @param {string | undefined} shared
 */
export function downloadCache(scratch, shared) {
  const cache = path.join(scratch, "cache");
  const link = path.join(cache, "npm", CONTENT);
  mkdirSync(path.dirname(link), { recursive: true });
  if (!shared) return cache;
  const target = path.join(shared, "npm-content");
  mkdirSync(target, { recursive: true });
  const found = lstatSync(link, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() && readlinkSync(link) === target && existsSync(link)) return cache;
  rmSync(link, { recursive: true, force: true });
  symlinkSync(target, link);
  return cache;
}
