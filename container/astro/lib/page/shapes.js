// Runs in the page: whether a value that came from outside is what its declaration says.

/**
 * Of a value. Lengths of texts are in UTF-16 units; `of` lists the values that are admitted.
 * @typedef {{ type?: string, of?: unknown[], min?: number, max?: number, optional?: boolean,
 *   fields?: Record<string, Shape>, each?: Shape }} Shape
 */

/**
 * What is wrong with the fields of an object: the name of the first that does not fit, or
 * undefined. Fields that are not declared do not fit. Nothing is read of a text but its length.
 * @param {object} value
 * @param {Record<string, Shape>} fields
 * @param {string[]} [known] names that were looked at before
 * @returns {string | undefined}
 */
export function misfit(value, fields, known = []) {
  const given = /** @type {Record<string, unknown>} */ (value);
  for (const [name, shape] of Object.entries(fields)) {
    if (given[name] === undefined || given[name] === null) {
      if (!shape.optional) return name;
    } else if (!fits(given[name], shape)) return name;
  }
  return Object.keys(given).find((name) => !Object.hasOwn(fields, name) && !known.includes(name));
}

/**
 * @param {unknown} value
 * @param {Shape} shape
 */
function fits(value, { type, of, min = 0, max = Number.POSITIVE_INFINITY, fields = {} }) {
  if (of) return of.includes(value);
  switch (type) {
    case "string":
      return typeof value === "string" && value.length >= min && value.length <= max;
    case "integer":
      return Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
    case "boolean":
      return typeof value === "boolean";
    default:
      return typeof value === "object" && misfit(value ?? {}, fields) === undefined;
  }
}
