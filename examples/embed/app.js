// In the editor's page. With a bundler it is `import { connect } from "astro-live-client/embed"`.
import { connect } from "./helper/embed.ts";

const at = (id) => document.getElementById(id);
const line = (text) => Object.assign(document.createElement("li"), { textContent: text });
const failed = (error) => (at("live").textContent = error.message);
const problems = new Map();
let session;

begin().catch(failed);

async function begin() {
  const answer = await fetch("link", { method: "POST" });
  if (!answer.ok) throw new Error("there is no sign-in link: the log of this page's server says why");
  const { url } = await answer.json();
  at("session").src = url;
  session = await connect(at("session"), {
    origin: new URL(url).origin,
    onNavigated: showPage,
    onConnection: (live) => (at("live").textContent = live ? "live" : "not live"),
    onEdit: ({ file, ms }) => at("edits").append(line(`${file}, shown after ${Math.round(ms)} ms`)),
    onProblem: ({ id, problem }) => {
      problems.get(id)?.remove();
      problems.set(id, line(`${problem.file}:${problem.line}: ${problem.message}`));
      at("problems").append(problems.get(id));
    },
    onHealed: ({ id }) => problems.get(id)?.remove(),
    onPicking: (on) => at("pick").setAttribute("aria-pressed", String(on)),
    onPicked: ({ tag, source, island }) => {
      at("source").textContent = source
        ? `<${tag}> is in ${source.file}, line ${source.line}${island ? `, and of ${island}` : ""}`
        : `<${tag}> is not in a file of the site`;
      session.pick(false).catch(failed);
    },
  });
  showPage(session.page);
}

/** What the page says is text of the site's author: shown as text, and never as HTML. */
function showPage({ address, title }) {
  at("address").value = address;
  document.title = `${title} – Editor`;
}

at("go").addEventListener("submit", (event) => {
  event.preventDefault();
  session?.navigate(at("address").value).catch((error) => alert(error.message));
});
at("reload").addEventListener("click", () => session?.reload().catch(failed));
at("pick").addEventListener("click", () =>
  session?.pick(at("pick").getAttribute("aria-pressed") !== "true").catch(failed),
);
