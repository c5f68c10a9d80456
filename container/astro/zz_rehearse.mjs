import { dev } from "astro";
const [tiny, real, how] = process.argv.slice(2);
const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) / 1e6; };
const opts = (root) => ({ root, logLevel: "error", server: { host: "127.0.0.1", port: 0 }, vite: { server: { watch: {} } } });
let c0 = cpu();
if (how !== "none") {
  const s = await dev(opts(tiny));
  if (how === "page") await (await fetch(`http://127.0.0.1:${s.address.port}/`)).text();
  await s.stop();
}
const c1 = cpu(), t1 = performance.now();
const s = await dev(opts(real));
const c2 = cpu(), t2 = performance.now();
const text = await (await fetch(`http://127.0.0.1:${s.address.port}/`)).text();
const c3 = cpu(), t3 = performance.now();
console.log(how.padEnd(6), `rehearsal cpu ${(c1-c0).toFixed(2)} | ready wall ${((t2-t1)/1000).toFixed(2)} cpu ${(c2-c1).toFixed(2)} | page wall ${((t3-t2)/1000).toFixed(2)} cpu ${(c3-c2).toFixed(2)} ${text.length} rss ${(process.memoryUsage.rss()/1e6).toFixed(0)}`);
process.exit(0);
