// Errors about a project's layout and packages. `code` is the error code that the parent sees.

/** A project's packages cannot be provided, or its site cannot be found. */
export class DependencyError extends Error {
  /**
   * @param {string} message what is wrong, with the package manager's own words
   * @param {string} fix what to do about it
   * @param {"install" | "config"} [code]
   */
  constructor(message, fix, code = "install") {
    super(message);
    this.name = "DependencyError";
    this.fix = fix;
    /** @type {"install" | "config"} */
    this.code = code;
  }
}
