// A hostile site's endpoint: tries what one site could do to another of its task, and returns for
// each attempt whether it got in. What is tried changes nothing: signal 0, files opened and closed,
// requests that only read.
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

export const prerender = false;

type Target = {
  server: number; supervisor: number; control: number; envoy: number;
  ports: number[]; socket: string; gateway: string; root: string; scratch: string; home: string; sites: string;
  session: string; address: string; host: string;
};

/** The status of a GET over a Unix socket or to an address; throws when nobody answers. */
function status(where: { socketPath?: string; host?: string; port?: number }, url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.get({ ...where, path: url, headers: { Host: host }, timeout: 30_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    request.on("error", reject);
    request.on("timeout", () => request.destroy(new Error("no answer")));
  });
}

const answered = async (found: Promise<number>, allowed: (status: number) => boolean) => {
  const code = await found;
  if (!allowed(code)) throw new Error(`status ${code}`);
};
const ok = (code: number) => code < 400;
const open = (file: string, flags: string) => fs.closeSync(fs.openSync(file, flags));
const readable = (file: string) => {
  if (fs.readFileSync(file).length === 0) throw new Error("empty");
};
const put = (folder: string) => {
  const file = path.join(folder, `.attempt-${process.pid}`);
  fs.writeFileSync(file, "x");
  fs.unlinkSync(file);
};

/** The first loopback port that answers. */
async function loopback(ports: number[], url: string, host: string): Promise<number> {
  let last: unknown = new Error("there is no port");
  for (const port of ports) {
    try {
      return await status({ host: "127.0.0.1", port }, url, host);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

/**
 * Inode of the socket that listens at 127.0.0.1:9229, as /proc/net/tcp has it (in hexadecimal);
 * undefined when nobody does.
 */
function debuggerSocket(): string | undefined {
  const lines = fs.readFileSync("/proc/self/net/tcp", "latin1").split("\n").map((line) => line.trim().split(/\s+/));
  return lines.find(([, local, , state]) => local === "0100007F:240D" && state === "0A")?.[9];
}

/**
 * A debugger's port of another process, after it was asked for by a signal. The port may be that of
 * a process elsewhere on the machine.
 */
async function inspector(pid: number): Promise<void> {
  process.kill(pid, "SIGUSR1");
  await pause(700);
  const inode = debuggerSocket();
  const own = fs.readdirSync(`/proc/${pid}/fd`).map((name) => {
    try {
      return fs.readlinkSync(`/proc/${pid}/fd/${name}`);
    } catch {
      return "";
    }
  });
  if (inode === undefined || !own.includes(`socket:[${inode}]`)) throw new Error("it does not listen for a debugger");
  await new Promise<void>((resolve, reject) => {
    const socket = net.connect(9229, "127.0.0.1", () => resolve(socket.destroy() && undefined));
    socket.on("error", reject);
  });
}

const memory = (pid: number) => {
  const line = fs.readFileSync(`/proc/${pid}/maps`, "latin1").split("\n").find((entry) => / rw-p /.test(entry));
  const file = fs.openSync(`/proc/${pid}/mem`, "r+");
  fs.readSync(file, Buffer.alloc(16), 0, 16, parseInt(line!, 16));
  fs.closeSync(file);
};

function attempts(to: Target): Record<string, () => unknown> {
  const page = `/session/${to.session}/`;
  return {
    "signal: its dev server": () => process.kill(to.server, 0),
    "signal: Envoy": () => process.kill(to.envoy, 0),
    "signal: control plane": () => process.kill(to.control, 0),
    "signal: supervisor": () => process.kill(to.supervisor, 0),
    "inspector: of its dev server": () => inspector(to.server),
    "/proc: environment of its dev server": () => readable(`/proc/${to.server}/environ`),
    "/proc: memory of its dev server": () => memory(to.server),
    "/proc: descriptors of its dev server": () => fs.readdirSync(`/proc/${to.server}/fd`),
    "/proc: its channel to the control plane": () => open(`/proc/${to.server}/fd/3`, "r+"),
    "/proc: memory of Envoy": () => memory(to.envoy),
    "/proc: environment of the control plane": () => readable(`/proc/${to.control}/environ`),
    "/proc: memory of the control plane": () => memory(to.control),
    "/proc: environment of the supervisor": () => readable(`/proc/${to.supervisor}/environ`),
    "port: its dev server's": () => answered(loopback(to.ports, page, to.host), (code) => code < 500),
    "port: its pages at Envoy, without a cookie": () => answered(status({ host: to.address, port: 4321 }, page, to.host), ok),
    "port: the API, without a credential": () => answered(status({ host: to.address, port: 8080 }, "/api/v1/sessions", to.host), ok),
    "socket: its dev server's": () => answered(status({ socketPath: to.socket }, page, to.host), (code) => code < 500),
    "socket: Envoy's admin": () => answered(status({ socketPath: `${to.gateway}/admin.sock` }, "/ready", to.host), ok),
    "socket: the control plane's, without a cookie": () => answered(status({ socketPath: `${to.gateway}/control.sock` }, page, to.host), ok),
    "file: read its project": () => readable(`${to.root}/package.json`),
    "file: write its project": () => put(to.root),
    "file: write its packages and caches": () => put(to.scratch),
    "file: write its dev server's home": () => put(to.home),
    "file: write Envoy's routes": () => open(`${to.gateway}/rds.json`, "r+"),
    "file: write its epoch and options": () => fs.mkdirSync(`${to.sites}/.sessions`, { recursive: true }),
  };
}

export async function POST({ request }: { request: Request }) {
  const to = (await request.json()) as Target;
  const outcome: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(attempts(to))) {
    try {
      await attempt();
      outcome[name] = "got in";
    } catch (error) {
      outcome[name] = String(error instanceof Error ? error.message : error);
    }
  }
  return Response.json({ uid: process.getuid?.(), outcome });
}
