// Yarn 2 calls `util.isDate` when it makes a patched package (any project with `typescript` or `resolve`); Node.js 23 took it out.
// Loaded before yarn by `tools.mjs`.

const util = require("node:util");

util.isDate ??= util.types.isDate;
