// What pages hear about files that were changed together: one message for all of them.

const LOOK_MS = 2;
/**
 * What one look adds to the quiet time at most. On a busy machine the process may be kept from
 * running for longer than that time is: what is due (Astro's store tells its entries from a timer)
 * has not come late then, it has not had its turn.
 */
const LOOKED_MS = LOOK_MS + 1;
/** Nothing is under way for this long: all that follows of the changes has come. */
const QUIET_MS = 30;
/** The same for changes all of whose listeners are known to have ended when nothing is under way. */
export const PLAIN_QUIET_MS = 4;
/** From the first change to the message, whatever is still under way. */
const LONGEST_MS = 10_000;

/** @typedef {import("./types.d.mts").Payload} Payload */

/** Gathers updates and reloads while a wave is under way. */
export class Wave {
  #busy;
  /** @type {Payload[] | undefined} */
  #held;
  #due = 0;
  #announced = false;
  #quiet = 0;
  /** For how long nothing has been under way, in milliseconds in which the process has looked. */
  #still = 0;
  #looked = 0;
  /** Resolves at the end of the wave. @type {PromiseWithResolvers<void>} */
  #end = Promise.withResolvers();
  /** Called with what is to be sent, at the end. @type {(payloads: Payload[]) => void} */
  onEnd = () => {};

  /**
   * `busy()` tells whether listeners are still at work on a change.
   * @param {() => boolean} busy
   */
  constructor(busy) {
    this.#busy = busy;
  }

  /** Files are about to be changed. `changed` says that they have been. */
  begin() {
    this.#announced = true;
    this.#start();
  }

  /**
   * The changes have been made and reported. What follows of them has come when nothing was under
   * way for `quiet` milliseconds.
   */
  changed(quiet = QUIET_MS) {
    this.#announced = false;
    this.#still = 0;
    this.#start();
    this.#quiet = Math.max(this.#quiet, quiet);
  }

  /**
   * Whether the message is held back, to be sent with the others.
   * @param {Payload} payload
   */
  takes(payload) {
    if (!this.#held || (payload.type !== "update" && payload.type !== "full-reload")) return false;
    this.#held.push(payload);
    this.#still = 0;
    return true;
  }

  /** Resolves when no wave is under way. */
  async over() {
    while (this.#held) await this.#end.promise;
  }

  #start() {
    if (this.#held) return;
    this.#held = [];
    this.#looked = performance.now();
    this.#due = this.#looked + LONGEST_MS;
    this.#quiet = 0;
    this.#look();
  }

  /** After timers that are due by then, and what they have put off to the end of this turn. */
  #lookLater() {
    setTimeout(() => setImmediate(() => this.#look()), LOOK_MS).unref();
  }

  #look() {
    const now = performance.now();
    this.#still = this.#busy() ? 0 : this.#still + Math.min(now - this.#looked, LOOKED_MS);
    this.#looked = now;
    const over = !this.#announced && this.#still > this.#quiet;
    if (!over && now < this.#due) return this.#lookLater();
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#announced = false;
    this.onEnd(merged(held));
    this.#end.resolve();
    this.#end = Promise.withResolvers();
  }
}

/**
 * The fewest messages that say the same. A reload brings everything, so nothing else is said with
 * one; of reloads that pages may make in place the last edit counts.
 * @param {Payload[]} payloads
 * @returns {Payload[]}
 */
export function merged(payloads) {
  const reloads = payloads.filter(({ type }) => type === "full-reload");
  const whole = reloads.find(({ inPlace }) => inPlace === undefined);
  if (whole) return [whole];
  /** @type {Map<string, import("vite").Update>} */
  const updates = new Map();
  for (const payload of payloads)
    if (payload.type === "update")
      for (const update of payload.updates)
        updates.set(`${update.type} ${update.path} ${update.acceptedPath}`, update);
  const last = reloads.sort((one, other) => (one.inPlace ?? 0) - (other.inPlace ?? 0)).at(-1);
  return [
    ...(updates.size > 0
      ? [/** @type {Payload} */ ({ type: "update", updates: [...updates.values()] })]
      : []),
    ...(last ? [last] : []),
  ];
}
