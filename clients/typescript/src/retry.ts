/** How often and how long a request is repeated. */
export interface Retries {
  /** Attempts of one request, the first included. */
  readonly attempts: number;
  /** Doubled from attempt to attempt, and up to half of it left out at random. */
  readonly firstPauseMs: number;
  /** A `Retry-After` beyond is left to the caller. */
  readonly longestPauseMs: number;
  /** How long the first attempt of a request with a key is waited for, once its answer is lost. */
  readonly longestRunMs: number;
}

export const RETRIES: Retries = {
  attempts: 4,
  firstPauseMs: 200,
  longestPauseMs: 30_000,
  longestRunMs: 900_000,
};

export const KEY = "Idempotency-Key";
/** Begins the keys that the client makes: the caller does not know them, and cannot repeat a call with them. */
export const OWN_KEY = "call-";

const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);
const NOT_CONNECTED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);
/** What a balancer answers while tasks are replaced. */
const GATEWAYS = new Set([502, 503, 504]);

/** A request that knows whether its body can be sent again. */
export class Sent extends Request {
  readonly repeatable: boolean;
  /** Whether its answer is read as it comes. */
  streamed = false;

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
 * - 502, 503 or 504 of something before the gateway: those with an `Idempotency-Key`.
 * - 503 `keys-unavailable`: the gateway cannot keep keys and has done nothing. Where that was the answer to every
 *   attempt, a request with a key of the client's own is sent once without it: the session's owner may take it.
 * - 409 `key-in-progress`: the first attempt of a request with a key has not ended. It is asked about for as long as
 *   one answer may take.
 */
export function retrying(
  retries: Retries,
  inner: (request: Request) => Promise<Response> = globalThis.fetch,
  timeoutMs = 0,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const repeatable = !(request instanceof Sent) || request.repeatable;
    let waited = 0;
    let undone = true; // every attempt so far was refused because its key could not be kept
    for (let attempt = 1; ; ) {
      const last = attempt >= retries.attempts || !repeatable;
      const kept = repeatable && (!last || keyed(request)); // it may have to be sent again
      let pause: number | undefined;
      try {
        const response = await inTime(request, kept, timeoutMs, inner);
        const unended = repeatable ? inProgress(request, response) : undefined;
        if (unended !== undefined && waited < retries.longestRunMs) {
          await response.body?.cancel();
          const ms = Math.max(unended, retries.firstPauseMs / 2);
          waited += ms;
          await sleep(ms, request.signal);
          continue;
        }
        undone &&= await isNotKept(response);
        pause = last ? undefined : afterAnswer(request, response, retries);
        if (pause === undefined) {
          const own = request.headers.get(KEY)?.startsWith(OWN_KEY) ?? false;
          if (!(last && undone && repeatable && own)) return response;
          request.headers.delete(KEY);
          pause = 0;
        }
        await response.body?.cancel();
      } catch (error) {
        if (last || request.signal.aborted || !repeatableAfter(request, error)) {
          throw named(error, request);
        }
        undone &&= notConnected(error);
        pause = 0;
      }
      const backOff = Math.min(retries.firstPauseMs * 2 ** (attempt - 1), retries.longestPauseMs);
      await sleep(Math.max(pause, backOff * (0.5 + Math.random() / 2)), request.signal);
      attempt += 1;
    }
  };
}

/** One attempt, which ends when its time is up. Of an answer that is a stream, only the beginning has to come in time. */
async function inTime(
  request: Request,
  kept: boolean,
  timeoutMs: number,
  inner: (request: Request) => Promise<Response>,
): Promise<Response> {
  const sent = kept ? request.clone() : request;
  if (!timeoutMs) return inner(sent);
  if (!(request instanceof Sent && request.streamed)) {
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
    return inner(new Request(sent, { signal }));
  }
  const late = new AbortController();
  const error = new DOMException("The operation was aborted due to timeout", "TimeoutError");
  const timer = setTimeout(() => late.abort(error), timeoutMs);
  try {
    return await inner(
      new Request(sent, { signal: AbortSignal.any([request.signal, late.signal]) }),
    );
  } finally {
    clearTimeout(timer);
  }
}

function keyed(request: Request): boolean {
  return request.headers.has(KEY);
}

/** Milliseconds of a `Retry-After`; NaN when there is none. */
function retryAfter(response: Response): number {
  const text = response.headers.get("Retry-After")?.trim() ?? "";
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
}

/** Of the answers with status 409 only this one has a `Retry-After`. */
function inProgress(request: Request, response: Response): number | undefined {
  const ms = response.status === 409 && keyed(request) ? retryAfter(response) : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function afterAnswer(request: Request, response: Response, retries: Retries): number | undefined {
  const ms = retryAfter(response);
  if ((response.status === 429 || response.status === 503) && !Number.isNaN(ms)) {
    if (!IDEMPOTENT.has(request.method) && !keyed(request)) return undefined;
    return ms <= retries.longestPauseMs ? Math.max(0, ms) : undefined;
  }
  // What the gateway itself answers with 502 is about another server.
  const own = response.headers.get("Content-Type")?.includes("application/problem+json");
  return keyed(request) && !own && GATEWAYS.has(response.status) ? 0 : undefined;
}

/** Whether the gateway refused because it could not keep the key: nothing was done. */
async function isNotKept(response: Response): Promise<boolean> {
  const problem = response.headers.get("Content-Type")?.includes("application/problem+json");
  if (response.status !== 503 || !problem) return false;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  return (
    typeof body === "object" && body !== null && "code" in body && body.code === "keys-unavailable"
  );
}

function notConnected(error: unknown): boolean {
  const cause: unknown = error instanceof TypeError ? error.cause : undefined;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : "";
  return NOT_CONNECTED.has(String(code));
}

/** A network's error with the call and the address that was tried, which `fetch` leaves out. */
function named(error: unknown, request: Request): unknown {
  if (!(error instanceof TypeError)) return error;
  const { origin, pathname } = new URL(request.url);
  const message = `${request.method} ${origin}${pathname}: ${error.message}`;
  return new TypeError(message, { cause: error.cause });
}

function repeatableAfter(request: Request, error: unknown): boolean {
  if (!(error instanceof TypeError)) return false; // fetch's only error for a network that fails
  if (notConnected(error) || keyed(request)) return true;
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
