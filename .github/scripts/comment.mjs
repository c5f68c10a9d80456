// The two ends of .github/workflows/comment.yml: fetch what a run of `check` recorded, and post
// what was rendered from it. Both run with the right to comment. What comes from the run is bounded
// here and read as data by scripts/release/comment.py.
import { execFileSync } from "node:child_process";
import fs from "node:fs";

export const LARGEST = 8 * 1024 * 1024; // bytes of an artifact

/**
 * Write report/changes.json from the artifact of the run; nothing when it has none that can be
 * used.
 */
export async function fetchRecord({ github, context, core }, stack) {
  const run = context.payload.workflow_run;
  fs.mkdirSync("report", { recursive: true });
  const { data } = await github.rest.actions.listWorkflowRunArtifacts({
    ...context.repo,
    run_id: run.id,
    per_page: 100,
  });
  const artifact = data.artifacts.find((one) => one.name === `preview-${stack}`);
  if (!artifact || artifact.size_in_bytes > LARGEST)
    return core.notice(artifact ? "the record is too large" : "no preview was made");
  const zip = await github.rest.actions.downloadArtifact({
    ...context.repo,
    artifact_id: artifact.id,
    archive_format: "zip",
  });
  fs.writeFileSync("preview.zip", Buffer.from(zip.data));
  try {
    fs.writeFileSync(
      "report/changes.json",
      execFileSync("unzip", ["-p", "preview.zip", "changes.json"], { maxBuffer: LARGEST }),
    );
  } catch (error) {
    core.notice(`the artifact holds no usable record: ${error.message}`);
  }
}

/**
 * Post report/comment.md to the pull request whose head the run previewed, in place of an older
 * comment.
 */
export async function post({ github, context, core }, stack) {
  const run = context.payload.workflow_run;
  // Asked of GitHub, not of the artifact: a fork could name somebody else's pull request.
  const head = `${run.head_repository.owner.login}:${run.head_branch}`;
  const pulls = await github.paginate(github.rest.pulls.list, {
    ...context.repo,
    state: "open",
    head,
  });
  const pull = pulls.find((one) => one.head.sha === run.head_sha);
  if (!pull) return core.notice("the pull request has moved on");
  const marker = `<!-- astro-live preview ${stack} -->`;
  const body = `${marker}\n${fs.readFileSync("report/comment.md", "utf8")}`;
  const comments = await github.paginate(github.rest.issues.listComments, {
    ...context.repo,
    issue_number: pull.number,
  });
  const mine = comments.find((one) => one.user.type === "Bot" && one.body.startsWith(marker));
  if (mine) await github.rest.issues.updateComment({ ...context.repo, comment_id: mine.id, body });
  else await github.rest.issues.createComment({ ...context.repo, issue_number: pull.number, body });
}
