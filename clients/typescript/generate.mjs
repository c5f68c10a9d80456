// Writes the API's description as types: generate.mjs openapi.json target.ts (`make clients` calls it).
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";

const [source, target] = process.argv.slice(2);
const description = JSON.parse(readFileSync(source, "utf8"));
const binary = ts.factory.createTypeReferenceNode("Binary");

const types = await openapiTS(description, {
  defaultNonNullable: false, // what has a default may be left out of a request
  transform: (schema) => (schema.format === "binary" ? binary : undefined),
});

// The header Content-Type follows from the operation, not from what is sent.
const octets = Object.entries(description.paths).flatMap(([path, operations]) =>
  Object.entries(operations)
    .filter(([, operation]) => operation.requestBody?.content["application/octet-stream"])
    .map(([method]) => `${method.toUpperCase()} ${path}`),
);

// Operations with POST and PATCH that cannot be sent twice without a key.
const keyed = Object.entries(description.paths).flatMap(([path, operations]) =>
  Object.entries(operations)
    .filter(([, operation]) =>
      operation.parameters?.some((each) => each.$ref === "#/components/parameters/IdempotencyKey"),
    )
    .map(([method]) => `${method.toUpperCase()} ${path}`),
);

writeFileSync(
  target,
  `// Generated from the API's description by \`make clients\`: do not edit.
import type { Binary } from "./binary.ts";

/** Operations whose body is bytes. */
export const OCTETS: ReadonlySet<string> = new Set(${JSON.stringify(octets, null, 2)});

/** Operations that take an \`Idempotency-Key\`. */
export const KEYED: ReadonlySet<string> = new Set(${JSON.stringify(keyed, null, 2)});

${astToString(types)}`,
);
