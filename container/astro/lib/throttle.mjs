// One call for many: a burst of reasons becomes a call soon after the first, and none is lost.

/**
 * A function that has `call` called within `ms`, however often it is called itself until then.
 * @param {() => void} call
 * @param {number} ms
 */
export function throttled(call, ms) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      call();
    }, ms).unref();
  };
}
