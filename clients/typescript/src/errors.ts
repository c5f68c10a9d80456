import type { components } from "./generated.ts";

export type Verdict = components["schemas"]["VerdictView"];

/** The API refused a request. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly status: number;
  /** Stable, such as `unknown-session`; the documentation explains each. */
  readonly code: string;
  /** Everything that the answer says, such as `current` when a version does not match. */
  readonly problem: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, message: string, problem: Record<string, unknown>) {
    super(`${status} ${code}: ${message}`);
    this.status = status;
    this.code = code;
    this.problem = problem;
  }

  /** From an answer that is not a success. */
  static async of(response: Response): Promise<ApiError> {
    const text = await response.text();
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      body = {};
    }
    const problem = isRecord(body) ? body : {}; // of RFC 9457, or from something before the API
    const message = problem.detail ?? response.statusText;
    const code = problem.code ?? (response.status === 304 ? "not-modified" : "http");
    return new ApiError(response.status, String(code), String(message), problem);
  }
}

/** An edit was made, and pages do not show it. */
export class NotShown extends Error {
  override name = "NotShown";
  readonly verdict: Verdict;

  constructor(verdict: Verdict) {
    const problems = verdict.problems.map((each) => `${each.file}:${each.line}: ${each.message}`);
    super([verdict.outcome, ...problems].join("; "));
    this.verdict = verdict;
  }
}

/**
 * The verdict of a write that was sent with `wait`. Throws `NotShown` unless open pages show the edit, or the server
 * renders it where none is open.
 */
export function shown(answer: { verdict?: Verdict | null }): Verdict {
  const verdict = answer.verdict;
  if (!verdict) throw new TypeError("the answer has no verdict: send the write with `wait`");
  if (verdict.outcome !== "shown" && verdict.outcome !== "rendered") throw new NotShown(verdict);
  return verdict;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
