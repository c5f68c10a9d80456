// `astro dev` for one session, through Astro's programmatic interface.

import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { live } from "./accelerations.mjs";
import { Answers } from "./answers.mjs";
import { Embedding, embeddingOf } from "./embedding.mjs";
import { CONTENT_CONFIG, contentConfigs } from "./collections.mjs";
import { CompileAhead } from "./compile-ahead.mjs";
import { keepComponents } from "./component-memory.mjs";
import { configErrorOf, listenedTo, setupError, slowError } from "./config-errors.mjs";
import { FileEvents } from "./events.mjs";
import { withCauses } from "./failures.mjs";
import { viteCache } from "./folders.mjs";
import { Front } from "./front.mjs";
import { HmrChannel } from "./hmr-channel.mjs";
import { guardIncoming } from "./incoming.mjs";
import { noticeOf, whyNotLive } from "./liveness.mjs";
import { IdleCollector } from "./memory.mjs";
import { closeGaps } from "./module-graph.mjs";
import { baseIntegration, ownBaseOf } from "./own-base.mjs";
import { spareNativeHooks } from "./native-hooks.mjs";
import { Pages } from "./pages.mjs";
import { sessionPlugins } from "./plugins.mjs";
import { placeInStack } from "./problems.mjs";
import { Poller } from "./poll.mjs";
import { Restarts, SLOW_MS } from "./restarts.mjs";
import { answerOwnOrigin, ownHeaders } from "./self-fetch.mjs";
import { endpointOfImages } from "./served-files.mjs";
import { keepMappedStacks } from "./stacks.mjs";
import { stylesTransform } from "./styles.mjs";
import { throttled } from "./throttle.mjs";
import { renderingError } from "./trial.mjs";
import { Verdicts } from "./verdicts.mjs";
import { Viewers } from "./viewers.mjs";
import { Visitors } from "./visitors.mjs";
import { Visits } from "./visits.mjs";
import { isIgnored, skipMissingPaths } from "./watched-paths.mjs";
import { viteWatchOptions } from "./watch.mjs";
import { asError } from "./thrown.mjs";
import { PLAIN_QUIET_MS } from "./wave.mjs";

/**
 * Close code "service restart" (RFC 6455's registry at IANA): a client that knows it reconnects.
 */
const SERVICE_RESTART = 1012;
const DISMISSAL_MS = 250;
/** Between two reports that something may be wrong with the site, or not any more. */
const NOTICE_MS = 50;
/** A file that was deleted and is not there again after this long has another name, or none. */
const RENAMED_MS = 300;
/** Where Vite's own listener is, which nobody connects to. */
const LOOPBACK = "127.0.0.1";

/**
 * A dev server that restarts itself and is not back after this long has failed to, and closed the
 * old one before.
 */
const ABSENCE_MS = 30_000;

/**
 * Start the dev server of the project in `start` (the parent's message). `astro` is the Astro to
 * use: `{ module, folder, lasting, emptyHome }`, where `lasting` says whether its content
 * collections outlive a restart and `emptyHome` whether it knows the front page below a base by an
 * empty URL where trailing slashes are forbidden; `allowed` are folders outside the site that its
 * modules come from, `command` the options of `astro dev` in its own dev script. `onReport` gets
 * what `report()` gives whenever it has changed, `onRestart(reason)` is called when only another
 * process can go on, `onNoticed()` when what `check` finds may have changed, and `onViewers(viewers)` when
 * a page has come or gone, or is shown or hidden.
 *
 * Returns `{ report(), tried(), show(error), tell(event, path), stop() }`. `report()` is `{
 * notLive, overridden }`: the reason why pages cannot be live, if so, and `{ name, value }` for
 * each setting of the site that does not hold here. A server is taken for live until that has been
 * tried (`tried()` is a promise of it), beside the start and not before its end: it takes a tenth
 * of a start. A failed start closes what it had opened, so that it can be tried again.
 * @param {{ astro: { module: Pick<typeof import("astro"), "dev">, folder: string, lasting: boolean,
 *   emptyHome: boolean }, start: import("./types.d.mts").SiteStart, watch:
 *   import("./messages.mjs").WatchReport, allowed: string[], command?:
 *   import("./types.d.mts").CommandOptions, onUpdate: (update: Omit<import("./messages.mjs").Update, "type">) => void, onReport:
 *   (found: import("./types.d.mts").Found) => void, onRestart: (reason: string) => void, onNoticed:
 *   () => void, onViewers: (viewers: Omit<import("./messages.mjs").Viewers, "type">) => void, onLog:
 *   import("./types.d.mts").Log }} options
 */
export async function startDev({
  astro,
  start,
  watch,
  allowed,
  command = /** @type {import("./types.d.mts").CommandOptions} */ ({}),
  onUpdate,
  onReport,
  onRestart,
  onNoticed,
  onViewers,
  onLog,
}) {
  const base = start.base.replace(/\/$/, "");
  const { origin, host: publicHost } = new URL(start.publicUrl);
  const scratch = path.resolve(start.scratchDir);
  const inPlace = start.pageUpdates !== "reload";
  const collector = new IdleCollector({ onQuiet: () => live.store.save() });
  const noticed = throttled(() => {
    onNoticed();
    embedding?.noticed();
  }, NOTICE_MS);
  /** The session's folder: what files are named relative to. */
  const project = start.repo ?? start.root;
  const settings = embeddingOf({
    origins: start.frameAncestors ?? [],
    base: `${base}/`,
    folder: project,
  });
  const events = new FileEvents(
    start.root,
    (update) => {
      collector.active();
      const named = path.relative(project, path.join(start.root, update.path));
      onUpdate({ ...update, path: named });
      embedding?.edited({ ...update, path: named });
    },
    (event, file) => {
      live.collections.edited(event, file);
      if (event !== "change" && CONTENT_CONFIG.test(file)) void lookForCollections();
      poller.edited();
      channel.edited();
      verdicts.edited(file);
      restarts.edited(file);
      noticed();
    },
  );
  if (typeof command.config === "string") events.configuration = command.config;
  const restarts = new Restarts(start.root, command.config);
  restarts.onSlow = () => {
    slow = slowError(start.root, SLOW_MS / 1000, events.configuration);
    onLog("warn", slow.message);
    noticed();
  };
  restarts.onStuck = () =>
    replace("the configuration was edited, and the one before had not finished loading");
  const ahead = new CompileAhead(() => viteServer);
  events.onHandled = (file) => ahead.handled(file);
  events.stable.onLate = (event, file) => live.collections.edited(event, file);
  live.collections.onRead = (file) => events.read(file);
  live.collections.onUnheard = (file) => events.announce(file);
  live.collections.onComplete = () => live.store.read();
  live.store.reset();
  live.store.onChange = (file) => events.announce(file);
  live.store.onError = (error) =>
    onLog("warn", `the data store of the collections was not written: ${asError(error).message}`);
  events.isSilent = (file) => live.store.holds(file);
  Object.assign(live, {
    scratch: pathToFileURL(scratch + path.sep).href,
    watcher: events.stable,
    ignored: (/** @type {string} */ file, /** @type {string[]} */ watched) =>
      restarts.ignored(file, watched),
    restarting: (/** @type {boolean} */ underWay) => {
      if (underWay) {
        events.restarting();
        live.collections.restarting();
      }
      if (slow) noticed();
      slow = undefined;
      return restarts.restarting(underWay);
    },
    places: settings !== undefined,
  });

  const tell = (/** @type {string} */ event, /** @type {string} */ file) => {
    if (!isIgnored(viteServer?.watcher, file)) events.tell(event, file);
  };
  const poller = new Poller(project, start.watch.intervalMs, tell, {
    onWalked: (found) => events.walked(found),
  });
  const visitors = new Visitors(start.visitorConnections);
  const front = new Front(visitors);
  /** @type {Map<string, import("./messages.mjs").Overridden>} */
  const overridden = new Map();
  /** When each dev server started. @type {WeakMap<import("./types.d.mts").Server, number>} */
  const starts = new WeakMap();
  /**
   * The configuration of each, by its HTTP server, and what is known of it. Astro gives the one in
   * use that of the next before there is one.
   * @type {WeakMap<object, { config: import("./types.d.mts").Server["config"], sources: string,
   *   trailingSlash: string, images: string }>}
   */
  const configurations = new WeakMap();
  let ownBase = "";
  let trailingSlash = "";
  let images = "";
  /** Their configuration, as Astro has found it. @type {string | undefined} */
  let collections;
  /** @type {Promise<void> | undefined} */
  let looking;
  let sources = path.join(start.root, "src");
  /** @type {string | undefined} */
  let notLive;
  let checked = Promise.resolve();
  /**
   * The one that serves: after a restart has made another one, that until it is closed.
   * @type {import("./types.d.mts").Server | undefined}
   */
  let viteServer;
  /** The one that a restart has made, until it serves. @type {typeof viteServer} */
  let coming;
  /**
   * What pages have to show that is no module's error, by its source.
   * @type {Map<string, import("./types.d.mts").Shows>}
   */
  const errors = new Map();
  /**
   * The configuration takes long to load. Pages go on with the one before, so that it is not shown
   * in them.
   * @type {import("./types.d.mts").Shows | undefined}
   */
  let slow;
  let stopping = false;
  /** @type {NodeJS.Timeout | undefined} */
  let absence;
  /** Never resolves once another process has to go on. */
  let replaced = Promise.resolve();
  const report = () => ({ notLive, overridden: [...overridden.values()] });

  const channel = new HmrChannel({
    busy: () => events.busy || live.writes.busy || live.collections.busy,
    taken: (payload) => {
      const error = configErrorOf(start.root, payload, events.configuration);
      if (error)
        setImmediate(() => {
          show("config", error);
          restarts.ended();
          notifyAgain();
          // Before 7 Astro closes the server first, and has no other one then.
          if (!stopping && !viteServer?.httpServer?.listening) replace(error.message);
        });
      return error !== undefined;
    },
    transforms: inPlace ? [events.renderTransform(), stylesTransform()] : [],
    greeting: (/** @type {import("./types.d.mts").Server} */ server) => ({
      server: starts.get(server),
      renders: events.renders,
      updates: channel.updates,
      edit: events.edits,
      inPlace,
      badge: start.connectionBadge !== false,
    }),
    onSent: (payload) => {
      events.sent(payload);
      // Vite's client takes an error away with any update.
      if (payload.type === "update" && errors.size > 0) showErrors();
    },
    onNews: noticed,
  });

  const viewers = new Viewers(onViewers);
  const visits = new Visits(start.root);
  const answers = new Answers();
  const verdicts = new Verdicts({
    root: start.root,
    project,
    visits,
    answers,
    pages: () => path.join(sources, "pages"),
    onLate: noticed,
    server: () => viteServer,
    channel,
    site: () => [...errors.values(), ...(slow ? [slow] : [])],
    settled: async () => {
      await restarts.settled();
      await live.collections.settled();
      for (let known; known !== replaced; ) await (known = replaced);
    },
    render: (page, signal) => {
      const at = /** @type {import("node:net").AddressInfo | null} */ (
        viteServer?.httpServer?.address() ?? null
      );
      return at
        ? renderingError({
            host: at.address,
            port: at.port,
            path: `${base}/${page}`,
            publicHost,
            signal,
            mapStack: (error) => viteServer?.ssrFixStacktrace(error),
          })
        : Promise.resolve(undefined);
    },
  });

  const embedding = settings && new Embedding({ check: (message) => verdicts.check(message) });

  /**
   * @param {string} name
   * @param {unknown} value
   */
  function onOverridden(name, value) {
    if (!overridden.has(name))
      onLog(
        "info",
        `${name} in the site's configuration does not hold in a session (given: ${printed(value)})`,
      );
    overridden.set(name, { name, value: printed(value) });
  }

  /** @param {import("./types.d.mts").Server} server */
  function onServer(server) {
    const restarted = viteServer !== undefined;
    server.ws.on("connection", showErrors);
    starts.set(server, Date.now());
    closeGaps(server);
    spareNativeHooks(server);
    keepComponents(server);
    keepMappedStacks(server, start.root);
    skipMissingPaths(server.watcher, start.root);
    events.attach(server);
    channel.attach(server);
    viewers.attach(server);
    guardIncoming(server);
    followRestarts(server);
    coming = server;
    // Before 7 Astro has closed the one before.
    if (!viteServer?.httpServer?.listening) follow();
    server.watcher.on("error", (/** @type {unknown} */ error) => {
      onLog(
        "warn",
        `file watching: ${asError(error).message}; polling takes over where events are missing`,
      );
      poller.start();
    });
    const httpServer = /** @type {import("vite").HttpServer} */ (server.httpServer);
    configurations.set(httpServer, { config: server.config, sources, trailingSlash, images });
    front.follow(httpServer);
    httpServer.on("request", () => collector.active());
    // Astro follows the configuration again from here on, when it has restarted.
    server.watcher.on("newListener", (event) => {
      if (!httpServer.listening) return;
      if (event === "change") setImmediate(notifyAgain);
      // The last one of those that follow the configuration of collections.
      if (event === "unlinkDir") setImmediate(() => live.collections.followed());
    });
    httpServer.once("listening", () => {
      if (server === coming) follow();
      clearTimeout(absence);
      restarts.ended();
      checked = check(server, /** @type {import("node:net").AddressInfo} */ (httpServer.address()));
      if (restarted && !astro.lasting)
        replace("content collections of this release do not outlive a restart within the process");
    });
    httpServer.once("close", () => {
      if (server === viteServer) follow();
      if (!stopping)
        absence = setTimeout(
          replace,
          ABSENCE_MS,
          "the dev server did not come back from a restart",
        ).unref();
    });
  }

  /** The server that a restart has made, or the first one, is the one in use from now on. */
  function follow() {
    if (!coming) return;
    if (viteServer) {
      restarts.replaced();
      live.collections.replaced();
    }
    viteServer = coming;
    coming = undefined;
    events.follow(viteServer);
    channel.follow(viteServer);
    embedding?.attach(viteServer);
    errors.delete("config");
  }

  /**
   * Vite goes on with the server of before where it cannot make another one: a plugin failed when
   * that was there already, or an integration in `astro:server:setup`. Vite only logs it.
   * @param {import("./types.d.mts").Server} server
   */
  function followRestarts(server) {
    const restart = server.restart.bind(server);
    server.restart = async (...given) => {
      const { httpServer } = server;
      const heard = listenedTo(server.config.logger);
      try {
        return await restart(...given);
      } finally {
        heard.end();
        if (server.httpServer === httpServer) {
          const known = configurations.get(httpServer ?? {});
          if (known) ({ config: server.config, sources, trailingSlash, images } = known);
          coming?.close().catch(() => {});
          coming = undefined;
          setImmediate(() => {
            show("config", setupError(start.root, heard.errors, events.configuration));
            restarts.ended();
          }); // outside of Astro's restart, whose messages are taken
        }
        setImmediate(notifyAgain); // Vite restarts by itself, too
      }
    };
  }

  /** @param {string} reason */
  function replace(reason) {
    if (stopping) return;
    clearTimeout(absence);
    replaced = new Promise(() => {});
    onRestart(reason);
  }

  /**
   * Astro looks for the configuration of collections when it starts, and keeps those that it has had
   * one for. Many writers delete a file before they make it again.
   */
  async function lookForCollections() {
    const looked = (looking = sleep(RENAMED_MS));
    replaced = Promise.all([replaced, looked]).then(() => {});
    await looked;
    const found = contentConfigs(sources);
    if (looked === looking && collections !== undefined && found !== collections)
      replace(`the configuration of content collections is ${found || "gone"}`);
  }

  function notifyAgain() {
    const files = new Set(restarts.ready());
    events.restarted(files);
    poller.edited(); // nobody has watched between two servers before Astro 7
    for (const file of files) events.announce(file);
  }

  /**
   * Try the new server as a browser would.
   * @param {import("./types.d.mts").Server} server
   * @param {import("node:net").AddressInfo} at where it listens
   */
  async function check(server, at) {
    const { address, port } = at;
    answerOwnOrigin({ origin, base, ownBase, host: address, port });
    const before = notLive;
    const found = await whyNotLive({
      host: address,
      port,
      base: `${base}/`,
      hmr: start.hmr,
      publicHost,
      own: ownHeaders(),
    });
    // One that has been replaced or stopped meanwhile cannot answer.
    if (stopping || server !== viteServer) return;
    notLive = found;
    if (notLive === before) return;
    onLog(
      notLive ? "error" : "info",
      notLive ? `pages do not follow edits: ${notLive}` : "pages follow edits again",
    );
    onReport(report());
  }

  function showErrors() {
    const [error] = errors.values();
    if (error)
      viteServer?.ws.send({
        type: "error",
        err: /** @type {import("vite").ErrorPayload["err"]} */ (error),
      });
  }

  /**
   * Put an error that is not the site's modules' over the open pages, and over those to come;
   * without one take it away again.
   * @param {"packages" | "collections" | "config"} source
   * @param {import("./types.d.mts").Shows} [error]
   */
  function show(source, error) {
    const known = JSON.stringify(errors.get(source));
    if (error) errors.set(source, error);
    else errors.delete(source);
    if (JSON.stringify(errors.get(source)) === known) return;
    noticed();
    if (errors.size > 0) showErrors();
    else viteServer?.ws.send({ type: "full-reload", path: "*" });
  }
  live.collections.watch((error) => {
    if (!error) return show("collections");
    viteServer?.ssrFixStacktrace(/** @type {Error} */ (error)); // Astro does not before 5.18
    const told = withCauses(error.message, error, start.root).replaceAll(start.root + path.sep, "");
    const file = error.id ? path.relative(start.root, error.id) : "";
    const message = told.startsWith(file) ? told : `${file}: ${told}`;
    const thrown = placeInStack(error, start.root);
    onLog("error", message);
    show("collections", {
      message,
      stack: error.hint ?? "",
      plugin: "astro:content",
      id: error.id,
      loc: thrown?.file === error.id ? thrown : error.loc,
    });
  });

  let server;
  try {
    server = await astro.module.dev({
      root: start.root,
      mode: typeof command.mode === "string" ? command.mode : "development",
      ...(typeof command.config === "string" && { configFile: command.config }),
      ...(typeof command.site === "string" && { site: command.site }),
      base: base || "/",
      cacheDir: path.join(scratch, "astro"),
      server: { host: LOOPBACK, port: 0, open: false },
      integrations: [
        baseIntegration({
          base,
          onOverridden,
          onDone: (config) => {
            trailingSlash = config.trailingSlash;
            images = endpointOfImages(config);
            sources = fileURLToPath(config.srcDir);
            collections ??= contentConfigs(sources);
          },
          onSetup: async () => {
            const configFile = events.configuration;
            ownBase = await ownBaseOf({
              root: start.root,
              astro: astro.folder,
              configFile,
              ownBase: typeof command.base === "string" ? command.base : undefined,
            });
            if (ownBase !== base && ownBase !== "") onOverridden("base", ownBase);
          },
        }),
      ],
      vite: {
        plugins: sessionPlugins({
          onServer,
          current: () => viteServer,
          sources: () => sources,
          embedding: settings,
          store: live.store,
          collections: live.collections,
          scripts: events.scripts,
          unresolved: events.unresolved,
          addresses: {
            address: {
              base: `${base}/`,
              origin,
              hmr: start.hmr,
              allowedHosts: start.allowedHosts,
              ancestors: start.frameAncestors ?? [],
            },
            cacheDir: viteCache(scratch),
            watch: viteWatchOptions(watch, start.watch.intervalMs),
            allow: [start.root, ...allowed, viteCache(scratch)],
            ownBase: () => ownBase,
            images: () => images,
            emptyHome: () => astro.emptyHome && trailingSlash === "never",
            notice: () => noticeOf(notLive),
            onOverridden,
            onMissing: (message) => onLog("warn", message),
          },
          pages: {
            base,
            pages: new Pages(),
            visits,
            answers,
            renders: () => events.renders,
            updates: () => channel.updates,
            edits: () => events.edits,
            startOf: (started) => starts.get(started),
          },
        }),
      },
    });
  } catch (error) {
    await viteServer?.close().catch(() => {});
    throw error;
  }

  if (watch.mode === "hybrid") poller.start();
  else if (watch.mode === "native") poller.begin();
  collector.active();
  await front.listen(start.socketPath);
  return {
    report,
    tried: () => checked,
    tell: (/** @type {string} */ event, /** @type {string} */ file) => events.tell(event, file),
    tellAll: (/** @type {import("./messages.mjs").FileChange[]} */ changes) => {
      channel.wave.begin();
      for (const { event, path: file } of changes) events.tell(event, file);
      const plain = changes.length > 0 && changes.every((change) => events.isPlain(change));
      channel.wave.changed(plain ? PLAIN_QUIET_MS : undefined);
    },
    expect: () => channel.wave.begin(),
    endVisits: (/** @type {string} */ credential) => visitors.end(credential),
    describe: () => onViewers(viewers.report()),
    check: (/** @type {import("./messages.mjs").Check} */ message) => verdicts.check(message),
    show: (/** @type {{ message: string, fix?: string } | undefined} */ error) =>
      show(
        "packages",
        error && { message: error.message, stack: error.fix ?? "", plugin: "packages" },
      ),
    stop: async () => {
      stopping = true;
      clearTimeout(absence);
      poller.stop();
      collector.stop();
      viewers.stop();
      front.close();
      await Promise.all([dismiss(viteServer), live.store.save()]);
      await server.stop();
    },
  };
}

/**
 * A value of the configuration as it is shown in logs: short, and without what a certificate or key
 * may hold.
 * @param {unknown} value
 */
function printed(value) {
  return typeof value === "object" && value !== null ? "an object" : String(value).slice(0, 100);
}

/**
 * Vite breaks its WebSockets off when it ends. Close them in order first, so that an end on purpose
 * does not look like a crash.
 * @param {import("./types.d.mts").Server | undefined} server
 */
async function dismiss(server) {
  const sockets = [...(server?.ws.clients ?? [])].map((client) => client.socket);
  if (sockets.length === 0) return;
  const closed = sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
  for (const socket of sockets) socket.close(SERVICE_RESTART, "the dev server ends");
  await Promise.race([
    Promise.all(closed),
    new Promise((resolve) => setTimeout(resolve, DISMISSAL_MS)),
  ]);
}
