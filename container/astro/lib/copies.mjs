// Copies of what Astro's data store holds, as they are after it was written to its file and read
// again: equal, with the same references among each other, and nobody else's.

/** A value that the data store's file cannot hold, or holds in a form that is not copied here. */
export class NotCopied extends Error {}

/**
 * A copy of a value made of objects, arrays, Maps, Sets, Dates, regular expressions and primitives.
 * Throws `NotCopied` for anything else.
 * @param {unknown} value
 * @param {Map<object, object>} seen copies so far, by original
 * @returns {unknown}
 */
export function copyOf(value, seen = /** @type {Map<object, object>} */ (new Map())) {
  if (typeof value === "function" || typeof value === "symbol") throw new NotCopied(typeof value);
  if (typeof value !== "object" || value === null) return value;
  const known = seen.get(value);
  if (known) return known;
  if (Array.isArray(value)) return copyOfArray(value, seen);
  switch (Object.getPrototypeOf(value)) {
    case Object.prototype:
      return copyOfObject(value, {}, seen);
    case null:
      return copyOfObject(value, Object.create(null), seen);
    case Map.prototype:
      return copyOfMap(/** @type {Map<unknown, unknown>} */ (value), seen);
    case Set.prototype:
      return copyOfSet(/** @type {Set<unknown>} */ (value), seen);
    case Date.prototype:
      return noted(value, new Date(/** @type {Date} */ (value).getTime()), seen);
    case RegExp.prototype: {
      const { source, flags } = /** @type {RegExp} */ (value);
      return noted(value, new RegExp(source, flags), seen);
    }
    default:
      throw new NotCopied("an object of a class");
  }
}

/**
 * @template {object} T
 * @param {object} value
 * @param {T} copy
 * @param {Map<object, object>} seen
 */
function noted(value, copy, seen) {
  seen.set(value, copy);
  return copy;
}

/**
 * @param {unknown[]} value
 * @param {Map<object, object>} seen
 */
function copyOfArray(value, seen) {
  /** @type {unknown[]} */
  const copy = noted(value, [], seen);
  for (let index = 0; index < value.length; index++) {
    if (!(index in value)) throw new NotCopied("an array with holes");
    copy.push(copyOf(value[index], seen));
  }
  return copy;
}

/**
 * @param {object} value
 * @param {Record<string, unknown>} copy
 * @param {Map<object, object>} seen
 */
function copyOfObject(value, copy, seen) {
  if (Object.getOwnPropertySymbols(value).length > 0) throw new NotCopied("a property by symbol");
  seen.set(value, copy);
  for (const [key, inner] of Object.entries(value)) {
    if (key === "__proto__") throw new NotCopied(key);
    copy[key] = copyOf(inner, seen);
  }
  return copy;
}

/**
 * @param {Map<unknown, unknown>} value
 * @param {Map<object, object>} seen
 */
function copyOfMap(value, seen) {
  const copy = noted(value, new Map(), seen);
  for (const [key, inner] of value) copy.set(copyOf(key, seen), copyOf(inner, seen));
  return copy;
}

/**
 * @param {Set<unknown>} value
 * @param {Map<object, object>} seen
 */
function copyOfSet(value, seen) {
  const copy = noted(value, new Set(), seen);
  for (const inner of value) copy.add(copyOf(inner, seen));
  return copy;
}
