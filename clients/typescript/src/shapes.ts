/** What a value that comes from outside has to be. Lengths of texts are in UTF-16 units. */
export interface Shape {
  readonly type?: "string" | "integer" | "number" | "boolean" | "object" | "array";
  readonly of?: readonly unknown[];
  readonly min?: number;
  readonly max?: number;
  readonly optional?: boolean;
  readonly fields?: Fields;
  readonly each?: Shape;
}
export type Fields = Readonly<Record<string, Shape>>;

/** Whether each declared field is there and what it should be. Others are not looked at. */
export function hasFields(value: object, fields: Fields): boolean {
  const given = value as Record<string, unknown>;
  return Object.entries(fields).every(([name, shape]) => {
    const field = given[name];
    return field === undefined || field === null ? shape.optional === true : fits(field, shape);
  });
}

function fits(value: unknown, shape: Shape): boolean {
  const { of, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = shape;
  if (of) return of.includes(value);
  switch (shape.type) {
    case "string":
      return typeof value === "string" && value.length >= min && value.length <= max;
    case "integer":
      return Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
    case "number":
      return Number.isFinite(value) && Number(value) >= min && Number(value) <= max;
    case "boolean":
      return typeof value === "boolean";
    case "array": {
      const { each = {} } = shape;
      return Array.isArray(value) && value.length <= max && value.every((one) => fits(one, each));
    }
    default:
      return typeof value === "object" && value !== null && hasFields(value, shape.fields ?? {});
  }
}
