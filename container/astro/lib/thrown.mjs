// What was thrown. JavaScript lets a program throw anything at all, and a site does.

/**
 * A value as text. Not every object can be made one: `Object.create(null)` cannot.
 * @param {unknown} value
 */
export function asText(value) {
  try {
    return String(value);
  } catch {
    return "an object without a text";
  }
}

/**
 * An object that was thrown as it is, and of anything else an error that says it.
 * @param {unknown} thrown
 * @returns {import("./types.d.mts").Thrown}
 */
export function asError(thrown) {
  return thrown instanceof Object
    ? /** @type {import("./types.d.mts").Thrown} */ (thrown)
    : new Error(asText(thrown));
}
