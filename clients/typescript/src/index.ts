// Client of Astro Live's API: edit an Astro site that a person watches.
export type { Binary } from "./binary.ts";
export {
  type AstroLive,
  astroLive,
  data,
  followLogs,
  type Options,
  type Session,
  type State,
  waitUntil,
} from "./client.ts";
export { ApiError, NotShown, shown, type Verdict } from "./errors.ts";
export type { components, operations, paths } from "./generated.ts";
export { RETRIES, type Retries } from "./retry.ts";
export { type EventOptions, type Received, type SessionEvent, streamEvents } from "./events.ts";
