// One call for many: a burst of reasons becomes a call soon after the first, and none is lost.

/**
 * A function that has `call` called within `ms`, however often it is called itself until then.
 * @param {() => void} call
 * @param {number} ms
 */
export function throttled(call, ms) {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    setTimeout(() => {
      due = false;
      call();
    }, ms).unref();
  };
}
