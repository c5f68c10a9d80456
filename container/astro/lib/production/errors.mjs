// What can go wrong with a build or the server of one.

/**
 * The site could not be built, or its build not be served. `code` is one of the declared error
 * codes.
 */
export class BuildError extends Error {
  /**
   * @param {string} message
   * @param {string} fix
   * @param {{ stack?: string, code?: import("../messages.mjs").ErrorCode }} [more]
   */
  constructor(message, fix, { stack, code = "build" } = {}) {
    super(message);
    this.name = "BuildError";
    /** @type {import("../messages.mjs").ErrorCode} */
    this.code = code;
    this.fix = fix;
    if (stack) this.stack = stack;
  }

  /** The error that `toJSON` was made from, in another process or later. */
  static from(
    /** @type {{ message?: unknown, fix?: unknown, code?: import("../messages.mjs").ErrorCode, stack?: string }} */ {
      message,
      fix,
      code,
      stack,
    },
  ) {
    return new BuildError(String(message), String(fix ?? ""), { code, stack });
  }

  toJSON() {
    return { message: this.message, fix: this.fix, code: this.code, stack: this.stack };
  }
}
