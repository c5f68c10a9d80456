// Production mode of one session: good builds are kept and one of them is served under the
// session's URL. A build runs beside what is served, within its own limits, and takes its place
// when it is good.
//
//     production/builds.mjs   the builds on disk, and which is served
//     production/make.mjs     one build from its sources to its record
//     production/job.mjs      the process that builds, and its limits
//     production/site.mjs     the process that serves, and the connections to it

import path from "node:path";
import { StartError } from "./failures.mjs";
import { Builds } from "./production/builds.mjs";
import { BuildError } from "./production/errors.mjs";
import { fingerprintOf } from "./production/fingerprint.mjs";
import { makeBuild, telling } from "./production/make.mjs";
import { Site } from "./production/site.mjs";

/** For copying a build to the task's own disk. */
const FETCH_SECONDS = 300;

/** The session's, which builds already while it starts. @type {Production | undefined} */
let current;

/** The parent lets the build begin that waits for its turn. */
export const beginBuild = () => current?.begin();

/**
 * Start production mode for a start message. Resolves with a `Production` when something is served:
 * the build that was served last, if there is one, and else a new one. `prepare()` makes the
 * project ready to build: `{ root, astro, version, environment, packages, stop }`. `bundled` is the
 * folder of the Astro that comes with the runner. `send` takes messages for the parent, `failure`
 * makes one of an error.
 * @param {Options} options
 */
export async function startProduction({ start, prepare, bundled, send, failure }) {
  const production = new Production({ start, prepare, bundled, send, failure });
  current = production;
  process.once("exit", () => production.stop());
  try {
    await production.start();
  } catch (thrown) {
    const error = /** @type {Error} */ (thrown);
    production.stop();
    throw error;
  }
  return production;
}

/** @typedef {import("./production/make.mjs").Prepared} Prepared */

/**
 * @typedef {{ start: import("./types.d.mts").SiteStart & { repo: string }, prepare: () =>
 *   Promise<Prepared>, bundled: string, send: import("./types.d.mts").Send, failure: (error:
 *   unknown) => import("./messages.mjs").Failure }} Options
 */

class Production {
  #start;
  #prepare;
  #bundled;
  #send;
  #failure;
  #policy;
  #builds;
  #site;
  #pinned = false;
  /** @type {number | undefined} */
  #buildingPid;
  /** @type {import("./messages.mjs").Production["turn"]} */
  #turn = "none";
  /**
   * A request to build that waits for its turn.
   * @type {{ request: { publish: boolean, ask: boolean, force?: boolean }, begin: () => void } |
   *   undefined}
   */
  #waiting;
  #queue = Promise.resolve();
  /** What is being done. @type {Promise<import("./types.d.mts").Shown> | undefined} */
  #underWay;
  /**
   * What is wrong although something is served, by kind; the first is what the parent hears.
   * @type {{ server?: Error, build?: Error, keeping?: Error }}
   */
  #wrong = { server: undefined, build: undefined, keeping: undefined };
  /**
   * Of the last preparation.
   * @type {import("./messages.mjs").Packages | undefined}
   */
  packages;

  /** @param {Options} options */
  constructor({ start, prepare, bundled, send, failure }) {
    this.#start = start;
    this.#prepare = prepare;
    this.#bundled = bundled;
    this.#send = send;
    this.#failure = failure;
    if (!start.builds)
      throw new StartError(
        "internal",
        "the start message has no builds",
        "send it in production mode",
      );
    this.#policy = start.builds;
    this.#builds = new Builds({
      local: path.join(start.scratchDir, "builds"),
      kept: this.#policy.folder,
      keep: this.#policy.keep,
      keptMib: this.#policy.keptMib,
    });
    this.#site = new Site({
      cwd: start.scratchDir,
      job: (build) => this.#serveJob(build),
      onDown: (error) => this.#note("server", error),
      onUp: () => this.#note("server", undefined),
    });
  }

  /** Versions of what made the build that is served. */
  get versions() {
    const build = this.#site.current;
    if (!build) throw new Error("nothing is served");
    return { astro: build.astro, vite: build.vite };
  }

  async start() {
    const served = await this.#serveKept();
    if (!served) await this.#inTurn(() => this.#build({ publish: true, ask: true }));
    await this.#site.listen(this.#start.socketPath);
    // After the message that the session is ready.
    setImmediate(() => {
      this.describe();
      if (served && this.#policy.publishing === "on-start" && !this.#pinned)
        this.#inTurn(() => this.#build({ publish: true, ask: false })).catch(() => {});
    });
  }

  /**
   * Build again if the sources changed, or (`force`) in any case; `{ changed, build }`. A failure
   * is thrown. What is served goes on meanwhile. Where a build waits for its turn, that one becomes
   * what is asked for: it reads the sources when its turn comes.
   * @param {{ publish: boolean, force?: boolean }} options
   */
  async rebuild({ publish, force = false }) {
    const waiting = this.#waiting;
    if (!waiting) return this.#inTurn(() => this.#build({ publish, ask: true, force }));
    Object.assign(waiting.request, { publish, ask: true, force });
    return this.#underWay ?? this.#inTurn(() => this.#build({ publish, ask: true, force }));
  }

  /** A credential of the API has ended: so do the visits that it made. */
  endVisits(/** @type {string} */ credential) {
    this.#site.endVisits(credential);
  }

  /** The parent lets the build begin that waits. */
  begin() {
    this.#waiting?.begin();
  }

  /** Serve a build that is kept; `{ changed, build }`. */
  serve(/** @type {number} */ number) {
    return this.#inTurn(async () => {
      const all = await this.#builds.list();
      const build = all.find((each) => each.number === number);
      if (!build)
        throw new BuildError(
          `there is no build ${number}`,
          `choose one of ${all.map((each) => each.number).join(", ") || "those to come"}`,
        );
      const changed = this.#site.current?.number !== number;
      if (changed) await this.#show(build);
      await this.#publish(build, build !== all[0]);
      return { changed, build: number };
    });
  }

  /** Tell the parent what is served and whether a build is under way. */
  describe() {
    this.#send({
      type: "production",
      serving: this.#site.current?.number,
      pinned: this.#pinned,
      buildingPid: this.#buildingPid,
      turn: this.#turn,
    });
  }

  stop() {
    this.#site.stop();
    if (this.#buildingPid) killGroup(this.#buildingPid);
  }

  /** One thing at a time. */
  #inTurn(/** @type {() => Promise<import("./types.d.mts").Shown>} */ work) {
    const result = this.#queue.then(() => (this.#underWay = work()));
    this.#queue = result.then(
      () => {},
      () => {},
    );
    return result;
  }

  /**
   * Serve the build that was served last, or the newest one that can be; false when there is none.
   */
  async #serveKept() {
    const { build: last, pinned } = await this.#builds.published();
    if (!last) return false;
    for (const build of [
      last,
      ...(await this.#builds.list()).filter(({ number }) => number !== last.number),
    ]) {
      try {
        await this.#prepared(build);
        await this.#show(build);
        this.#pinned = pinned && build === last;
        return true;
      } catch (thrown) {
        const error = /** @type {Error} */ (thrown);
        this.#log("warn", `build ${build.number} cannot be served: ${error.message}`);
      }
    }
    return false;
  }

  /** A site that renders on demand needs its packages. */
  async #prepared(/** @type {import("./production/builds.mjs").Build} */ build) {
    if (!build.layout.server || this.packages) return;
    const project = await this.#prepare();
    this.packages = project.packages;
    project.stop();
  }

  async #show(/** @type {import("./production/builds.mjs").Build} */ build) {
    const silent = () => "";
    await telling(
      this.#send,
      "serve",
      silent,
      () => this.#builds.fetch(build.number),
      FETCH_SECONDS,
    );
    await telling(this.#send, "serve", silent, () => this.#site.show(build));
    this.#wrong.server = undefined;
    this.describe();
  }

  /** @returns {Promise<import("./messages.mjs").ServeJob>} */
  async #serveJob(/** @type {import("./production/builds.mjs").Build} */ build) {
    const { base, publicUrl, allowedHosts, scratchDir, visitorConnections, frameAncestors } =
      this.#start;
    const folder = await this.#builds.fetch(build.number);
    return {
      type: "serve-job",
      base,
      publicUrl,
      allowedHosts,
      scratchDir,
      visitorConnections,
      frameAncestors,
      astro: this.#bundled,
      build,
      folder,
      others: await this.#builds.others(build.number),
    };
  }

  /** Record what is served. The visitors see it already; a full disk does not take it from them. */
  async #publish(
    /** @type {import("./production/builds.mjs").Build} */ build,
    /** @type {boolean} */ pinned,
  ) {
    this.#pinned = pinned;
    this.describe();
    try {
      await this.#builds.store(build.number);
      await this.#builds.publish(build.number, pinned);
      await this.#builds.prune(this.#site.current?.number);
      this.#note("keeping", undefined);
    } catch (thrown) {
      const error = /** @type {Error} */ (thrown);
      const fix =
        "free space where builds are kept, and build or serve it again; until then another task, or a later start, may serve an earlier one";
      this.#note(
        "keeping",
        new BuildError(
          `build ${build.number} is served but could not be kept: ${error.message}`,
          fix,
          { code: "storage" },
        ),
      );
    }
  }

  /**
   * Build when the sources differ from those of a good build. `ask` says that a person wants it:
   * sources that were refused are tried again then.
   * @param {{ publish: boolean, ask: boolean, force?: boolean }} request
   */
  async #build(request) {
    let project;
    try {
      this.#send({ type: "progress", stage: "build", detail: "reading the sources" });
      project = await this.#prepare();
      this.packages = project.packages;
      const nothing =
        (await this.#nothingToBuild(project, request)) ??
        ((await this.#ownTurn(request)) && (await this.#nothingToBuild(project, request)));
      if (nothing) return await nothing();
      const build = await this.#make(project, await this.#fingerprint(project));
      await this.#builds.forgive().catch(() => {});
      return await this.#take(build, request.publish, true);
    } catch (thrown) {
      const error = /** @type {Error} */ (thrown);
      if (error instanceof BuildError && this.#site.current)
        error.fix += `; build ${this.#site.current.number} is served until then`;
      this.#note("build", error);
      throw error;
    } finally {
      project?.stop();
      if (this.#turn !== "none") {
        this.#turn = "none";
        this.describe();
      }
    }
  }

  #fingerprint(/** @type {Prepared} */ { root, version }) {
    const { repo, base, publicUrl } = this.#start;
    return fingerprintOf(repo, [base, publicUrl, version, path.relative(repo, root)]);
  }

  /**
   * What to do where these sources need no build; undefined where they do.
   * @param {Prepared} project @param {{ publish: boolean, ask: boolean, force?: boolean }} request
   */
  async #nothingToBuild(project, { publish, ask, force }) {
    if (force) return undefined;
    const fingerprint = await this.#fingerprint(project);
    // Not of all builds: an older one may have taken in what was elsewhere then.
    const [newest] = await this.#builds.list();
    const same = [this.#site.current, newest].find((build) => build?.fingerprint === fingerprint);
    if (same) return () => this.#take(same, publish);
    const refused = await this.#builds.refused();
    const served = this.#site.current;
    if (ask || !served || refused?.fingerprint !== fingerprint) return undefined;
    return () => {
      this.#note("build", BuildError.from(refused.error));
      return { changed: false, build: served.number };
    };
  }

  /**
   * Wait until other sessions have built; true when there was something to wait for, so that the
   * sources may be others now.
   * @param {{ publish: boolean, ask: boolean, force?: boolean }} request
   */
  async #ownTurn(request) {
    if (!this.#policy.turns) return false;
    const { promise, resolve } = Promise.withResolvers();
    this.#waiting = { request, begin: () => resolve(undefined) };
    this.#turn = "waiting";
    this.describe();
    try {
      await telling(
        this.#send,
        "build",
        () => "waiting for the builds of other sessions",
        () => promise,
      );
    } finally {
      this.#waiting = undefined;
      this.#turn = "building";
    }
    this.describe();
    return true;
  }

  /** A good build of the sources as they are: serve it, or only keep it. */
  async #take(
    /** @type {import("./production/builds.mjs").Build} */ build,
    /** @type {boolean} */ publish,
    made = false,
  ) {
    const changed = made || (publish && this.#site.current?.number !== build.number);
    if (publish && this.#site.current?.number !== build.number) {
      await this.#show(build);
    }
    if (publish) await this.#publish(build, false);
    else if (made && this.#site.current) await this.#keep(build, this.#site.current);
    this.#note("build", undefined);
    return { changed, build: build.number };
  }

  /** Keep a build that is not to be served: a start serves what is served now. */
  async #keep(
    /** @type {import("./production/builds.mjs").Build} */ build,
    /** @type {import("./production/builds.mjs").Build} */ served,
  ) {
    await this.#builds.store(build.number);
    await this.#publish(served, true);
  }

  /** Run the build's process; the record of a good build. */
  async #make(/** @type {Prepared} */ project, /** @type {string} */ fingerprint) {
    const onPid = (/** @type {number} */ pid) => {
      this.#buildingPid = pid;
      this.describe();
    };
    try {
      const { base, publicUrl, allowedHosts, scratchDir } = this.#start;
      const session = { base, publicUrl, allowedHosts, scratchDir };
      return await makeBuild({
        builds: this.#builds,
        session,
        project,
        fingerprint,
        limits: this.#policy,
        send: this.#send,
        onPid,
      });
    } finally {
      this.#buildingPid = undefined;
      this.describe();
    }
  }

  /** Note what is wrong although something is served, or (without an error) that it is over. */
  #note(
    /** @type {"server" | "build" | "keeping"} */ kind,
    /** @type {Error | undefined} */ error,
  ) {
    const before = this.#worst();
    this.#wrong[kind] = error;
    const now = this.#worst();
    if (now === before || !this.#site.current) return;
    this.#send(now ? this.#failure(now) : { type: "healed" });
  }

  #worst() {
    return this.#wrong.server ?? this.#wrong.build ?? this.#wrong.keeping;
  }

  #log(/** @type {import("./messages.mjs").LogLevel} */ level, /** @type {string} */ message) {
    this.#send({ type: "log", level, message });
  }
}

function killGroup(/** @type {number} */ pid) {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // gone
  }
}
