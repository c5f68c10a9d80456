// The runner's own channel to its parent: newline-delimited JSON both ways over the socket at file descriptor 3.
// When the parent dies or closes it, the runner exits: a killed parent leaves no dev server behind.

import { fstatSync } from "node:fs";
import { Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";

const CHANNEL_FD = 3;
const LONGEST_LINE = 1 << 20;

/**
 * Open the channel. `onMessage` gets every parsed message; `onClose` runs once, when the parent is gone.
 * Returns undefined when descriptor 3 is no socket, which is the case when a person starts the runner by hand.
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
        send({ type: "log", level: "error", message: `the channel got a line that is not JSON: ${line.slice(0, 80)}` });
        continue;
      }
      onMessage(message);
    }
    if (pending.length > LONGEST_LINE) closed();
  });
  socket.on("end", closed);
  socket.on("error", closed);
  socket.on("close", closed);

  function send(message) {
    if (open) socket.write(`${JSON.stringify(message)}\n`);
  }

  return {
    send,
    /** Resolves when everything sent so far is with the kernel, so that an exit loses nothing. */
    flush: () => new Promise((resolve) => (open ? socket.write("", () => resolve()) : resolve())),
  };
}
