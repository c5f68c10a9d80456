// How much memory a process group uses, by /proc.

import { readdirSync, readFileSync } from "node:fs";

const PAGE = 4096;
const MEBIBYTE = 1024 * 1024;

/** Process ids of a group; empty where there is no /proc. @param {number} group */
export function membersOf(group) {
  const found = [];
  for (const name of list("/proc")) {
    if (!/^[0-9]+$/.test(name)) continue;
    // "pid (command) state parent group …", and the command may hold anything.
    const fields = read(`/proc/${name}/stat`)?.split(")").at(-1)?.trim().split(" ");
    if (fields && Number(fields[2]) === group) found.push(Number(name));
  }
  return found;
}

/**
 * Resident memory of processes in MiB; pages that they share count once for each.
 * @param {number[]} pids
 */
export function residentMib(pids) {
  return mib(pids, (pid) => Number(read(`/proc/${pid}/statm`)?.split(" ")[1] ?? 0) * PAGE);
}

/** The same with shared pages in part, where that can be read: slower. @param {number[]} pids */
export function proportionalMib(pids) {
  return mib(pids, (pid) => {
    const found = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? "");
    return found
      ? Number(found[1]) * 1024
      : Number(read(`/proc/${pid}/statm`)?.split(" ")[1] ?? 0) * PAGE;
  });
}

function mib(/** @type {number[]} */ pids, /** @type {(pid: number) => number} */ bytesOf) {
  return Math.round(pids.reduce((sum, pid) => sum + bytesOf(pid), 0) / MEBIBYTE);
}

function list(/** @type {string} */ folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(/** @type {string} */ file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
