// made by scripts/gen_embed.py from contract/embed.py; do not edit.

export const VERSION = 1;
export const BURST = 100;
export const PER_SECOND = 50;

/**
 * Fields of each command, without `astroLive` and `type`.
 * @type {Record<string, Record<string, import("./shapes.js").Shape>>}
 */
export const COMMANDS = {
  hello: {
    id: { type: "integer", min: 1, max: 9007199254740991, optional: true },
    after: { type: "integer", min: 1, max: 9007199254740991, optional: true },
  },
  navigate: {
    id: { type: "integer", min: 1, max: 9007199254740991, optional: true },
    address: { type: "string", max: 2048 },
  },
  pick: {
    id: { type: "integer", min: 1, max: 9007199254740991, optional: true },
    on: { type: "boolean" },
  },
  reload: {
    id: { type: "integer", min: 1, max: 9007199254740991, optional: true },
  },
  reveal: {
    id: { type: "integer", min: 1, max: 9007199254740991, optional: true },
    file: { type: "string", min: 1, max: 1024 },
    line: { type: "integer", min: 1, max: 10000000 },
  },
};
