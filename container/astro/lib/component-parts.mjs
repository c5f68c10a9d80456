// The styles and scripts of an Astro component, of the version that the file has now.
//
// Astro makes them when it compiles the component for the server, keeps those of the compilation
// that ended last, and hands them out as modules. That may be an earlier version: a page asks for a
// style before the component is rendered again, or a compilation that began before an edit ends
// after one that began later. Vite then keeps the earlier style until the next edit. So what was
// compiled is compared with the file first.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";

/** Parts of components of any kind. */
const SUB_PART = /\.(?:astro|vue|svelte)\?(?:.*&)?type=/;
const PART = /\.astro\?(?:.*&)?astro&type=(?:style|script)\b/;
const COMPILER = "astro:build";
/**
 * A file that is written again and again while it is compiled is left as it is; its next event
 * comes.
 */
const ATTEMPTS = 3;

/** What Astro has compiled last, by component. */
export class Compilations {
  /** @type {Map<string, string>} */
  #latest = new Map();
  #edits = 0;

  /**
   * A file was edited: a compilation that runs may have read it, or what it imports, before.
   */
  edited() {
    this.#edits++;
    this.#latest.clear();
  }

  /**
   * @template T
   * @param {string} file
   * @param {string} source
   * @param {() => Promise<T>} compile
   */
  async run(file, source, compile) {
    const edits = this.#edits;
    try {
      const result = await compile();
      if (edits === this.#edits) this.#latest.set(file, source);
      else this.#latest.delete(file);
      return result;
    } catch (error) {
      this.#latest.delete(file);
      throw error;
    }
  }

  /**
   * @param {string} file
   * @param {string} source
   */
  isOf(file, source) {
    return this.#latest.get(file) === source;
  }
}

/**
 * Vite plugin: compiles the component first where it has been edited since. `current()` is the Vite
 * server in use.
 * @param {() => import("./types.d.mts").Server | undefined} current
 */
export function componentPartsPlugin(current) {
  const compilations = new Compilations();
  return {
    name: "astro-live:component-parts",
    enforce: /** @type {const} */ ("pre"),

    /** @param {{ plugins: readonly import("vite").Plugin[] }} config */
    configResolved({ plugins }) {
      const compiler = plugins.find(({ name }) => name === COMPILER);
      if (compiler) follow(compiler, compilations);
    },

    /** @param {import("./types.d.mts").Server} started */
    configureServer(started) {
      if (started.config.server.middlewareMode) return;
      for (const event of ["add", "change", "unlink"])
        started.watcher.on(event, () => compilations.edited());
    },

    /** @param {string} id */
    resolveId(id) {
      const server = current();
      if (server && SUB_PART.test(id)) return placeOfMissing(server.config.root, id);
    },

    load: {
      order: /** @type {const} */ ("pre"),
      /**
       * @param {string} id
       */
      async handler(id) {
        const server = current();
        if (!server || !PART.test(id)) return;
        const file = id.split("?")[0];
        await compileAgain(
          server,
          path.isAbsolute(file) ? file : path.join(server.config.root, file),
          compilations,
        );
      },
    },
  };
}

/**
 * The id of a part of a component that is not there at this moment, from its address `/src/…?…`.
 * Vite looks for files only, and takes the address for the id of what it does not find. If the part
 * can be made all the same, from memory, its module is one of no file: no edit reaches it.
 * @param {string} root
 * @param {string} id
 */
function placeOfMissing(root, id) {
  const file = id.split("?")[0];
  if (!file.startsWith("/") || file.startsWith("/@") || file.startsWith(`${root}/`))
    return undefined;
  const place = path.posix.join(root, file);
  return existsSync(place) || existsSync(file) ? undefined : root + id;
}

/**
 * Have `compilations` know what a plugin of Vite compiles. `handleHotUpdate` compiles, too, and
 * does not say so.
 * @param {object} compiler
 * @param {Compilations} compilations
 */
function follow(compiler, compilations) {
  wrap(compiler, "transform", (transform, parameters) => {
    const [source, id] = parameters.map(String);
    return id.includes(".astro") && !PART.test(id)
      ? compilations.run(id.split("?")[0], source, transform)
      : transform();
  });
  wrap(compiler, "handleHotUpdate", async (update) => {
    try {
      return await update();
    } finally {
      compilations.edited();
    }
  });
}

/**
 * @param {object} plugin
 * @param {string} hook
 * @param {(call: () => Promise<unknown>, parameters: unknown[]) => unknown} around
 */
function wrap(plugin, hook, around) {
  const hooks = /** @type {import("./types.d.mts").Fields} */ (plugin);
  const given = hooks[hook];
  const handler = given instanceof Object && "handler" in given ? given.handler : given;
  if (typeof handler !== "function") return;
  /** @type {(this: unknown, ...parameters: unknown[]) => unknown} */
  const wrapped = function (...parameters) {
    return around(async () => handler.apply(this, parameters), parameters);
  };
  hooks[hook] =
    given === handler ? wrapped : { .../** @type {object} */ (given), handler: wrapped };
}

/**
 * Compile the component in `file`, unless that was done last with what the file holds.
 * @param {import("./types.d.mts").Server} server
 * @param {string} file
 * @param {Compilations} compilations
 */
async function compileAgain(server, file, compilations) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // What is wrong with the component, its page says; and of one that is gone Astro knows nothing.
    const source = await readFile(file, "utf8").catch(() => undefined);
    if (source === undefined || compilations.isOf(file, source)) return;
    await compile(server, file, source).catch(() => {});
  }
}

/**
 * A page that is edited asks for its styles while it is rendered: both take the same compilation
 * (compile-ahead.mjs). The result of any other is thrown away.
 * @param {import("./types.d.mts").Server} server
 * @param {string} file
 * @param {string} source
 */
async function compile({ environments, pluginContainer }, file, source) {
  const servers = Object.values(environments ?? {}).filter(
    ({ config }) => config.consumer === "server",
  );
  const known =
    servers.find(({ moduleGraph }) => moduleGraph.getModuleById(file)) ?? environments?.ssr;
  const module = known?.moduleGraph.getModuleById(file);
  if (known && module && !module.transformResult) await known.transformRequest(module.url);
  else if (known) await known.pluginContainer.transform(source, file);
  else await pluginContainer.transform(source, file, { ssr: true });
}
