/** The body of an upload. A text is sent as UTF-8; a stream is sent as it is read, and never a second time. */
export type Binary =
  | string
  | Blob
  | ArrayBuffer
  | Uint8Array<ArrayBuffer>
  | ReadableStream<Uint8Array>;

export function isBinary(body: unknown): body is Binary {
  return (
    typeof body === "string" ||
    body instanceof Blob ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body) ||
    body instanceof ReadableStream
  );
}
