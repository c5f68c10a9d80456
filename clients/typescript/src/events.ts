import { EventSourceParserStream } from "eventsource-parser/stream";
import { type AstroLive, data } from "./client.ts";
import { ApiError } from "./errors.ts";
import type { components } from "./generated.ts";
import { sleep } from "./retry.ts";

export type SessionEvent = components["schemas"]["Event"];

/** An event, and the id after which another stream can go on. */
export interface Received {
  readonly id: string;
  readonly event: Exclude<SessionEvent, { kind: "end" }>;
}

export interface EventOptions {
  readonly lastEventId?: string;
  readonly signal?: AbortSignal;
  /** Streams in a row without an event, after which the last error is thrown. */
  readonly attempts?: number;
}

/** Without events a comment comes every 5 seconds: a connection without one is dead. */
const SILENCE_MS = 20_000;
const LONGEST_PAUSE_MS = 30_000;
/** What a balancer answers while tasks are replaced, and a task that hands a session over. */
const PASSING = new Set([502, 503, 504]);
const KINDS = new Set([
  "state",
  "edit",
  "problem",
  "healed",
  "viewer",
  "install",
  "checkpoint",
  "lost",
  "end",
]);

/**
 * What happens to the session, until it is deleted or `signal` is aborted: lost connections are made again, and the
 * stream goes on after the last event. Kinds that are not known here are left out.
 */
export async function* streamEvents(
  client: AstroLive,
  id: string,
  options: EventOptions = {},
): AsyncGenerator<Received, void, void> {
  let lastEventId = options.lastEventId ?? "";
  let pauseMs = 1000;
  let failures = 0;
  while (!options.signal?.aborted) {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
    };
    const signals = [silence.signal, ...(options.signal ? [options.signal] : [])];
    let error: unknown;
    try {
      const stream = await data(
        client.GET("/sessions/{id}/events", {
          params: {
            path: { id },
            ...(lastEventId ? { header: { "Last-Event-ID": lastEventId } } : {}),
          },
          parseAs: "stream",
          signal: AbortSignal.any(signals),
        }),
      );
      for await (const message of events(stream, heard, (ms) => {
        pauseMs = Math.min(ms, LONGEST_PAUSE_MS);
      })) {
        failures = 0;
        lastEventId = message.id ?? lastEventId;
        if (!KINDS.has(message.event ?? "")) continue;
        const event = JSON.parse(message.data) as SessionEvent;
        if (event.kind !== "end") yield { id: lastEventId, event };
        else if (event.reason === "deleted") return;
      }
    } catch (thrown) {
      if (thrown instanceof ApiError && !PASSING.has(thrown.status)) throw thrown;
      error = thrown;
    } finally {
      clearTimeout(timer);
    }
    if (options.signal?.aborted) return;
    failures += 1;
    if (failures >= (options.attempts ?? 4))
      throw error ?? new Error("streams of events end without an event");
    await sleep(Math.min(pauseMs * 2 ** (failures - 1), LONGEST_PAUSE_MS), options.signal).catch(
      () => undefined,
    );
  }
}

function events(
  stream: ReadableStream<Uint8Array> | null,
  heard: () => void,
  onRetry: (ms: number) => void,
): ReadableStream<{ id?: string | undefined; event?: string | undefined; data: string }> {
  const body = stream ?? new ReadableStream<Uint8Array>({ start: (control) => control.close() });
  const listening = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, control) {
      heard();
      control.enqueue(piece);
    },
  });
  return body
    .pipeThrough(listening)
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .pipeThrough(new EventSourceParserStream({ onRetry }));
}
