// A hostile site's endpoint: looks everywhere a process of its user can look, and returns where it
// found one of the needles. `?needles=` holds them base64-encoded, so that they are not found in
// the request itself.
import fs from "node:fs";
import path from "node:path";
import { spawn } from "node:child_process";

export const prerender = false;

function* entries(folder: string, depth: number): Generator<string> {
  let found: fs.Dirent[] = [];
  try {
    found = fs.readdirSync(folder, { withFileTypes: true });
  } catch {}
  for (const entry of found) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory() && depth > 0 && entry.name !== "node_modules") yield* entries(full, depth - 1);
    else if (!entry.isDirectory()) yield full;
  }
}

function memory(pid: string, look: (where: string, text: string) => void) {
  let read = 0;
  const maps = fs.readFileSync(`/proc/${pid}/maps`, "latin1");
  const file = fs.openSync(`/proc/${pid}/mem`, "r");
  for (const line of maps.split("\n")) {
    const match = /^([0-9a-f]+)-([0-9a-f]+) r/.exec(line);
    if (!match || read > 400_000_000) continue;
    const size = Math.min(parseInt(match[2], 16) - parseInt(match[1], 16), 64_000_000);
    const buffer = Buffer.alloc(size);
    try {
      read += fs.readSync(file, buffer, 0, size, parseInt(match[1], 16));
      look(`/proc/${pid}/mem`, buffer.toString("latin1"));
    } catch {}
  }
  fs.closeSync(file);
}

export async function GET({ url }: { url: URL }) {
  try {
    return await hunt(url);
  } catch (error) {
    return new Response(String(error instanceof Error ? error.stack : error), { status: 500 });
  }
}

async function hunt(url: URL) {
  const needles = url.searchParams.getAll("needle").map((text) => Buffer.from(text, "base64").toString());
  const folders = url.searchParams.getAll("folder");
  // The control of the hunt: a process that everyone may look into, so that an empty result means
  // something.
  const control = spawn("sleep", ["30"], { env: { PATH: process.env.PATH } });
  const found: string[] = [];
  const seen: string[] = [];
  const look = (where: string, text: string) => {
    seen.push(where);
    needles.forEach((needle, index) => text.includes(needle) && found.push(`needle ${index} in ${where}`));
  };
  const attempt = (action: () => void) => {
    try {
      action();
    } catch {}
  };
  look("own environment", JSON.stringify(process.env));
  for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    for (const name of ["environ", "cmdline", "auxv"]) attempt(() => look(`/proc/${pid}/${name}`, fs.readFileSync(`/proc/${pid}/${name}`, "latin1")));
    attempt(() => fs.readdirSync(`/proc/${pid}/fd`).forEach((fd) => attempt(() => {
      const target = fs.statSync(`/proc/${pid}/fd/${fd}`);
      if (target.isFile() && target.size < 1e7) look(`/proc/${pid}/fd/${fd}`, fs.readFileSync(`/proc/${pid}/fd/${fd}`, "latin1"));
    })));
    if (url.searchParams.getAll("memory").includes(pid)) attempt(() => memory(pid, look));
  }
  for (const folder of folders) for (const file of entries(folder, 8)) attempt(() => fs.statSync(file).isFile() && look(file, fs.readFileSync(file, "latin1")));
  // Folders come and go under a recursive walk of a running gateway's scratch, so the walk is our
  // own: it passes over what has gone.
  const sockets = folders.flatMap((folder) => [...entries(folder, 8)]).filter((name) => name.endsWith(".sock")).map((name) => path.basename(name));
  const memories = [...new Set(seen.filter((where) => where.endsWith("/mem")).map((where) => Number(where.split("/")[2])))];
  const environments = seen.filter((where) => where.endsWith("/environ")).map((where) => Number(where.split("/")[2]));
  control.kill();
  return Response.json({ found, seen: seen.length, sockets, memories, environments, pid: process.pid, control: control.pid, uid: process.getuid?.() });
}

