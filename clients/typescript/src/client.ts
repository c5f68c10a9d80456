import createClient, { type Client } from "openapi-fetch";
import { isBinary } from "./binary.ts";
import { ApiError } from "./errors.ts";
import { type components, KEYED, OCTETS, type paths } from "./generated.ts";
import { KEY, OWN_KEY, RETRIES, type Retries, retrying, Sent, sleep } from "./retry.ts";

export type AstroLive = Client<paths>;
export type Session = components["schemas"]["Session"];
export type State = Session["state"];

export interface Options {
  /**
   * For one attempt: until its answer is complete, or has begun where the answer is a stream. The error is then a
   * `DOMException` named `TimeoutError`. By default 15 minutes, because a start installs packages; 0 for none.
   */
  readonly timeoutMs?: number;
  /** How requests are repeated; what is left out stays as it is by default. */
  readonly retries?: Partial<Retries>;
  /** Instead of the global one. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

const POLL_MS = 500;
const TIMEOUT_MS = 900_000;

/**
 * Calls of the API by method and path, typed by its description. `url` ends in `/api/v1`; `token` is a credential of
 * the API. A call throws `ApiError` when the API refuses it.
 */
export function astroLive(url: string, token: string, options: Options = {}): AstroLive {
  const client = createClient<paths>({
    baseUrl: url,
    headers: { Authorization: `Bearer ${token}` },
    fetch: retrying(
      { ...RETRIES, ...options.retries },
      options.fetch,
      options.timeoutMs ?? TIMEOUT_MS,
    ),
    Request: Sent,
    pathSerializer: address,
    bodySerializer: (body: unknown) => (isBinary(body) ? body : JSON.stringify(body)),
    ...{ duplex: "half" }, // for bodies that are streams; the types of the DOM do not have it
  });
  client.use({
    onRequest({ request, schemaPath, options: { parseAs } }) {
      if (request instanceof Sent) request.streamed = parseAs === "stream";
      // One key for all attempts of a call; the API carries them out once.
      if (KEYED.has(`${request.method} ${schemaPath}`) && !request.headers.has(KEY)) {
        request.headers.set(KEY, `${OWN_KEY}${crypto.randomUUID()}`);
      }
      if (OCTETS.has(`${request.method} ${schemaPath}`)) {
        request.headers.set("Content-Type", "application/octet-stream");
      }
    },
    async onResponse({ response }) {
      if (!response.ok) throw await ApiError.of(response);
    },
  });
  return client;
}

/** What a call answers, without the wrapping of openapi-fetch: `await data(client.GET("/sessions"))`. */
export async function data<Data>(
  call: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  // Anything but a success has thrown.
  return (await call).data as Data;
}

/** The session, as soon as it is in one of `states`. Throws an error after `seconds`. */
export async function waitUntil(
  client: AstroLive,
  id: string,
  states: readonly State[],
  seconds = 600,
): Promise<Session> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const session = await data(client.GET("/sessions/{id}", { params: { path: { id } } }));
    if (states.includes(session.state)) return session;
    if (Date.now() >= deadline)
      throw new Error(`${id} is ${session.state}, not ${states.join(" or ")}`);
    await sleep(POLL_MS);
  }
}

/** The lines of the dev server's output, and each new one as it comes. */
export async function* followLogs(
  client: AstroLive,
  id: string,
  signal?: AbortSignal,
): AsyncGenerator<string, void, void> {
  const stream = await data(
    client.GET("/sessions/{id}/logs", {
      params: { path: { id }, query: { follow: "1" } },
      parseAs: "stream",
      ...(signal ? { signal } : {}),
    }),
  );
  if (!stream) return;
  let rest = "";
  for await (const text of stream.pipeThrough(
    new TextDecoderStream() as never,
  ) as ReadableStream<string>) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/**
 * The path with its parameters. Of a file's path the slashes stay. Throws for segments that a URL would resolve: the
 * request would be another call's.
 */
function address(template: string, parameters: Record<string, unknown>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const text = String(parameters[name]);
    const segments = name === "path" ? text.split("/") : [text];
    for (const segment of segments) {
      if (["", ".", ".."].includes(segment)) {
        throw new TypeError(
          `${JSON.stringify(text)} cannot be part of an address: it has a segment "${segment}"`,
        );
      }
    }
    return segments.map(encodeURIComponent).join("/");
  });
}
