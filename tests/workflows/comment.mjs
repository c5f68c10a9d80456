// Runs an end of comment.yml in the current folder against a GitHub of one run; prints the calls it
// made as JSON. node comment.mjs MODULE fetch|post STACK WORLD.json
import fs from "node:fs";

const [module, end, stack, worldFile] = process.argv.slice(2);
const world = JSON.parse(fs.readFileSync(worldFile, "utf8"));
const calls = [];
const call = (name, answer) => async (args) => (calls.push([name, args]), { data: answer });
const rest = {
  actions: {
    listWorkflowRunArtifacts: call("listWorkflowRunArtifacts", { artifacts: world.artifacts }),
    downloadArtifact: async () => ({ data: fs.readFileSync(world.zip) }),
  },
  pulls: { list: call("pulls.list", world.pulls) },
  issues: {
    listComments: call("listComments", world.comments),
    updateComment: call("updateComment", {}),
    createComment: call("createComment", {}),
  },
};
const github = { rest, paginate: async (method, args) => (await method(args)).data };
const context = { repo: { owner: "o", repo: "r" }, payload: { workflow_run: world.run } };
const core = { notice: (text) => calls.push(["notice", text]) };
const ends = await import(module);
await (end === "fetch" ? ends.fetchRecord : ends.post)({ github, context, core }, stack);
console.log(JSON.stringify(calls));
