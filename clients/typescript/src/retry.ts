/** How often and how long a request is repeated. */
export interface Retries {
  /** Attempts of one request, the first included. */
  readonly attempts: number;
  /** Doubled from attempt to attempt, and up to half of it left out at random. */
  readonly firstPauseMs: number;
  /** A `Retry-After` beyond is left to the caller. */
  readonly longestPauseMs: number;
}

export const RETRIES: Retries = { attempts: 4, firstPauseMs: 200, longestPauseMs: 30_000 };

const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);
const NOT_CONNECTED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** A request that knows whether its body can be sent again. */
export class Sent extends Request {
  readonly repeatable: boolean;

  constructor(input: RequestInfo | URL, init?: RequestInit) {
    super(input, init);
    this.repeatable = !(init?.body instanceof ReadableStream);
  }
}

/**
 * `fetch` that repeats a request where that cannot do a thing twice:
 *
 * - The connection could not be made: every request.
 * - The connection was lost: idempotent requests without `If-Match` and `If-None-Match` (their first attempt may have
 *   been made, and would refuse the second), and those with an `Idempotency-Key`.
 * - 429 or 503 with `Retry-After`: idempotent requests, and those with an `Idempotency-Key`.
 */
export function retrying(
  retries: Retries,
  inner: (request: Request) => Promise<Response> = globalThis.fetch,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const repeatable = !(request instanceof Sent) || request.repeatable;
    for (let attempt = 1; ; attempt++) {
      const last = attempt >= retries.attempts || !repeatable;
      let pause: number | undefined;
      try {
        const response = await inner(last ? request : request.clone());
        pause = last ? undefined : afterAnswer(request, response, retries);
        if (pause === undefined) return response;
        await response.body?.cancel();
      } catch (error) {
        if (last || request.signal.aborted || !repeatableAfter(request, error)) throw error;
        pause = 0;
      }
      const backOff = Math.min(retries.firstPauseMs * 2 ** (attempt - 1), retries.longestPauseMs);
      await sleep(Math.max(pause, backOff * (0.5 + Math.random() / 2)), request.signal);
    }
  };
}

function keyed(request: Request): boolean {
  return request.headers.has("Idempotency-Key");
}

function afterAnswer(request: Request, response: Response, retries: Retries): number | undefined {
  if (response.status !== 429 && response.status !== 503) return undefined;
  if (!IDEMPOTENT.has(request.method) && !keyed(request)) return undefined;
  const text = response.headers.get("Retry-After")?.trim() ?? "";
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return ms <= retries.longestPauseMs ? Math.max(0, ms) : undefined; // also of a text that is no time
}

function repeatableAfter(request: Request, error: unknown): boolean {
  if (!(error instanceof TypeError)) return false; // fetch's only error for a network that fails
  const cause: unknown = error.cause;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : "";
  if (NOT_CONNECTED.has(String(code)) || keyed(request)) return true;
  const conditional = request.headers.has("If-Match") || request.headers.has("If-None-Match");
  return IDEMPOTENT.has(request.method) && (request.method === "GET" || !conditional);
}

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
