// The runner's own channel to its parent: newline-delimited JSON both ways over the socket at file
// descriptor 3. When the parent dies or closes it, the runner exits: a killed parent leaves no dev
// server behind. The messages are declared in contract/messages; what is longer than declared there
// is cut before it is sent.

import { fstatSync } from "node:fs";
import { Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";
import { LIMITS, MAX_LINE_BYTES } from "./messages.mjs";

/** @typedef {import("./messages.mjs").FromRunner} FromRunner */
/** @typedef {import("./messages.mjs").FromJob} FromJob */
/** @typedef {import("./messages.mjs").ToRunner} ToRunner */

const CHANNEL_FD = 3;

/**
 * The message with every text cut to its bound, and fit for JSON: a lone surrogate, which some
 * error texts hold, is none. Fields without a value are left out.
 * @template {object} Message
 * @param {Message} message
 * @param {import("./messages.mjs").Limits} [limits]
 * @returns {Message}
 */
export function bounded(
  message,
  limits = LIMITS[/** @type {FromRunner | FromJob} */ (message).type] ?? {},
) {
  /** @type {Record<string, unknown>} */
  const result = {};
  for (const [name, value] of Object.entries(message)) {
    const limit = limits[name];
    if (value === undefined || value === null) continue;
    result[name] = Array.isArray(value)
      ? value.map((entry) => boundedValue(entry, limit))
      : boundedValue(value, limit);
  }
  return /** @type {Message} */ (result);
}

/** @param {unknown} value @param {number | import("./messages.mjs").Limits | undefined} limit */
function boundedValue(value, limit) {
  if (typeof value === "string" && typeof limit === "number") return cut(value, limit);
  return typeof value === "object" && value !== null && typeof limit === "object"
    ? bounded(value, limit)
    : value;
}

/** @param {string} text @param {number} limit */
function cut(text, limit) {
  return (text.length > limit ? `${text.slice(0, limit - 1)}…` : text).toWellFormed();
}

/**
 * Open the channel. `onMessage` gets every parsed message; `onClose` runs once, when the parent is
 * gone. Returns undefined when descriptor 3 is no socket, which is the case when a person starts
 * the runner by hand.
 * @param {{ onMessage: (message: ToRunner) => void, onClose: () => void, fd?: number }} options
 */
export function openChannel({ onMessage, onClose, fd = CHANNEL_FD }) {
  try {
    if (!fstatSync(fd).isSocket()) return undefined;
  } catch {
    return undefined;
  }
  const socket = new Socket({ fd, readable: true, writable: true });
  const decoder = new StringDecoder("utf8");
  let pending = "";
  let open = true;

  function closed() {
    if (!open) return;
    open = false;
    onClose();
  }

  socket.on("data", (chunk) => {
    pending += decoder.write(chunk);
    let end;
    while ((end = pending.indexOf("\n")) >= 0) {
      const line = pending.slice(0, end);
      pending = pending.slice(end + 1);
      if (line.trim() === "") continue;
      let message;
      try {
        message = JSON.parse(line);
      } catch {
        send({
          type: "log",
          level: "error",
          message: `the channel got a line that is not JSON: ${line.slice(0, 80)}`,
        });
        continue;
      }
      onMessage(message);
    }
    if (Buffer.byteLength(pending) > MAX_LINE_BYTES) closed();
  });
  socket.on("end", closed);
  socket.on("error", closed);
  socket.on("close", closed);

  /** @param {FromRunner} message */
  function send(message) {
    if (open) socket.write(`${JSON.stringify(bounded(message))}\n`);
  }

  return {
    send,
    /** Resolves when everything sent so far is with the kernel, so that an exit loses nothing. */
    flush: () =>
      /** @type {Promise<void>} */ (
        new Promise((resolve) => (open ? socket.write("", () => resolve()) : resolve()))
      ),
  };
}
