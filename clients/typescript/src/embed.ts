// For the page that frames a session: `import { connect } from "astro-live-client/embed"`. It runs
// in browsers and uses nothing else of the client.
import {
  type Command,
  type Done,
  type Edit,
  EVENTS,
  type Event,
  type Navigated,
  type Picked,
  type ProblemAppeared,
  type ProblemHealed,
  type Ready,
  type Refused,
  VERSION,
} from "./embed-protocol.ts";
import { hasFields } from "./shapes.ts";

export type * from "./embed-protocol.ts";

export interface ConnectOptions {
  /** Of the session, exactly: `https://edit.example.com`. Nothing is sent to or taken from others. */
  readonly origin: string;
  /** For the first answer. A session that is not running starts meanwhile. */
  readonly timeoutMs?: number;
  /** For the answer to a command. */
  readonly commandMs?: number;
  /** Ends the connection, too. */
  readonly signal?: AbortSignal;
  /** Another page is shown, in the same document or in a new one. */
  readonly onNavigated?: (page: Navigated | Ready) => void;
  readonly onEdit?: (edit: Edit) => void;
  readonly onProblem?: (problem: ProblemAppeared) => void;
  readonly onHealed?: (healed: ProblemHealed) => void;
  /**
   * Whether the page follows edits now, each time that it changes: also when the frame shows something
   * else than a page of the session, such as another site.
   */
  readonly onConnection?: (live: boolean) => void;
  readonly onPicked?: (picked: Picked) => void;
  /** The selection of an element has begun or ended: the person may have pressed Escape. */
  readonly onPicking?: (on: boolean) => void;
}

/** A session in a frame. Each method's promise fails with an `EmbedError`. */
export interface Embedded {
  /** What the page said last when it began. */
  readonly page: Ready;
  /** To another page of the session, named by its address below the session's. */
  navigate(address: string): Promise<void>;
  reload(): Promise<void>;
  /**
   * Begin or end the selection of an element. It goes on over loads of the page; while one is under
   * way the frame takes no clicks (`pointer-events`).
   */
  pick(on: boolean): Promise<void>;
  /** Scroll to what is made of a place in a file; whether there is something. */
  reveal(file: string, line: number): Promise<boolean>;
  /** Stop listening. */
  close(): void;
}

/**
 * The page refused a command (`code` is the protocol's), or did not answer in time (`timeout`), the
 * connection was closed (`closed`), or `origin` is not one.
 */
export class EmbedError extends Error {
  override name = "EmbedError";
  readonly code: Refused["code"] | "timeout" | "closed" | "origin";

  constructor(code: EmbedError["code"], message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

type Unsent<Each> = Each extends unknown ? Omit<Each, "astroLive" | "id"> : never;

interface Waiting {
  readonly command: Unsent<Command>;
  readonly done: (done: Done) => void;
  readonly fail: (error: Error) => void;
}

const HELLO_MS = 400;
/** Something that was loaded and has not answered for so long is not a page of the session. */
const ABSENCE_MS = 10_000;

/**
 * Speak with the session in a frame. Resolves when its page has answered. The session has to admit
 * this page's origin (`frameAncestors`), and shows nothing in the frame otherwise.
 */
export function connect(frame: HTMLIFrameElement, options: ConnectOptions): Promise<Embedded> {
  const { origin } = options;
  if (originOf(origin) !== origin) {
    const wanted = "scheme, host and port without a path, such as https://edit.example.com";
    const message = `${JSON.stringify(origin)} is no origin: it is ${wanted}`;
    return Promise.reject(new EmbedError("origin", message));
  }
  return new Promise((resolve, reject) => {
    const connection = new FrameConnection(frame, options, resolve, reject);
    if (options.signal?.aborted) connection.close();
  });
}

/** Of an address, or undefined where it has none. */
function originOf(address: string): string | undefined {
  try {
    return new URL(address).origin;
  } catch {
    return undefined;
  }
}

class FrameConnection implements Embedded {
  readonly #frame: HTMLIFrameElement;
  readonly #options: ConnectOptions;
  readonly #begun: (connected: Embedded) => void;
  readonly #failed: (error: EmbedError) => void;
  /** Commands without an answer. A new page gets them again: none does a thing twice. */
  readonly #waiting = new Map<number, Waiting>();
  readonly #patience: ReturnType<typeof setTimeout>;
  #greeting: ReturnType<typeof setInterval> | undefined;
  #absence: ReturnType<typeof setTimeout> | undefined;
  #live: boolean | undefined;
  #page: Ready | undefined;
  /** Of the last command. Another connection to the same frame hears the answers, too. */
  #id = Math.floor(Math.random() * 2 ** 40);
  #heard: number | undefined;
  /** Problems that are not over, by id. */
  readonly #problems = new Map<string, ProblemAppeared>();
  /** What is wanted, over loads of the page. */
  #picking = false;
  /** What was told last. */
  #pickingTold = false;
  /** Until a page picks that is only loading, clicks on it would do what they do in the page. */
  #uncovered: string | undefined;
  /** Of the document that comes in place of one that has left, until it has loaded. */
  #next: "awaited" | "answered" | undefined;
  #closed = false;

  constructor(
    frame: HTMLIFrameElement,
    options: ConnectOptions,
    begun: (connected: Embedded) => void,
    failed: (error: EmbedError) => void,
  ) {
    this.#frame = frame;
    this.#options = options;
    this.#begun = begun;
    this.#failed = failed;
    window.addEventListener("message", this.#hear);
    window.addEventListener("keydown", this.#key);
    frame.addEventListener("load", this.#loaded);
    options.signal?.addEventListener("abort", this.#abort, { once: true });
    this.#patience = setTimeout(() => {
      const reason = `${options.origin} did not answer in the frame: is this page one of frameAncestors?`;
      this.#end(new EmbedError("timeout", reason));
    }, options.timeoutMs ?? 120_000);
    this.#greet();
  }

  get page(): Ready {
    if (!this.#page) throw new EmbedError("closed", "the page has not answered");
    return this.#page;
  }

  async navigate(address: string): Promise<void> {
    await this.#ask({ type: "navigate", address });
  }

  async reload(): Promise<void> {
    await this.#ask({ type: "reload" });
  }

  async pick(on: boolean): Promise<void> {
    this.#picking = on;
    if (on && this.#greeting !== undefined) this.#cover();
    try {
      await this.#ask({ type: "pick", on });
      this.#picks(on); // a page that has come meanwhile does not say so
    } catch (error) {
      this.#picking = false;
      this.#picks(false);
      throw error;
    }
  }

  async reveal(file: string, line: number): Promise<boolean> {
    return (await this.#ask({ type: "reveal", file, line })).found === true;
  }

  close(): void {
    this.#end(new EmbedError("closed", "the connection was closed"));
  }

  readonly #abort = () => this.close();

  readonly #loaded = () => {
    const answered = this.#next === "answered";
    this.#next = undefined;
    if (!answered) this.#greet();
  };

  /** A new page is in the frame, or comes: say hello until it answers. */
  readonly #greet = () => {
    clearInterval(this.#greeting);
    clearTimeout(this.#absence);
    if (this.#picking) this.#cover();
    if (this.#page) this.#absence = setTimeout(this.#absent, ABSENCE_MS);
    const hello = () => this.#post({ type: "hello", ...(this.#heard && { after: this.#heard }) });
    this.#greeting = setInterval(hello, HELLO_MS);
    hello();
  };

  readonly #absent = () => {
    this.#uncover();
    this.#follows(false);
  };

  /** A key goes to the document that has the focus, which may be this one. */
  readonly #key = (event: KeyboardEvent) => {
    if (event.key === "Escape" && this.#picking) this.pick(false).catch(() => undefined);
  };

  readonly #hear = (event: MessageEvent<unknown>) => {
    if (event.origin !== this.#options.origin) return;
    const told = checked(event.data);
    // A document that has gone is nobody's source any more.
    const own =
      event.source === this.#frame.contentWindow ||
      (event.source === null && told?.type === "leaving");
    if (told && own) this.#take(told);
  };

  #take(event: Event): unknown {
    const { onNavigated, onEdit, onProblem, onHealed, onPicked } = this.#options;
    switch (event.type) {
      case "ready":
        return this.#ready(event);
      case "done":
        return this.#waiting.get(event.id ?? 0)?.done(event);
      case "error":
        return this.#refused(event);
      case "navigated":
        return onNavigated?.(event);
      case "listening":
        this.#heard = Math.max(this.#heard ?? 0, event.number);
        return;
      case "edit":
        if (event.number <= (this.#heard ?? 0)) return; // told twice after two hellos
        this.#heard = Math.max(this.#heard ?? 0, event.number);
        return onEdit?.(event);
      case "problem":
        if (this.#problems.has(event.id)) return;
        this.#problems.set(event.id, event);
        return onProblem?.(event);
      case "healed":
        this.#problems.delete(event.id);
        return onHealed?.(event);
      case "connection":
        return this.#follows(event.live);
      case "picked":
        return onPicked?.(event);
      case "leaving":
        this.#next = "awaited";
        return this.#greet();
      case "picking":
        this.#picking = event.on;
        return this.#picks(event.on);
    }
  }

  #refused({ id = 0, code, message }: Refused): void {
    // Another page has come, and gets the command when it has answered.
    if (code !== "hello-first") this.#waiting.get(id)?.fail(new EmbedError(code, message));
    else if (this.#greeting === undefined) this.#greet();
  }

  #ready(page: Ready): void {
    if (this.#greeting === undefined) return; // the answer to a second hello
    clearInterval(this.#greeting);
    this.#greeting = undefined;
    if (this.#next === "awaited") this.#next = "answered";
    clearTimeout(this.#patience);
    clearTimeout(this.#absence);
    const first = this.#page === undefined;
    this.#page = page;
    if (first) this.#begun(this);
    else this.#options.onNavigated?.(page);
    this.#follows(page.live);
    // Those that are not over come again.
    for (const { id, problem } of this.#problems.values()) {
      const { source, file = "", page = "" } = problem;
      this.#options.onHealed?.({ astroLive: VERSION, type: "healed", id, source, file, page });
    }
    this.#problems.clear();
    for (const [id, { command }] of this.#waiting) this.#post(command, id);
    if (this.#picking) this.pick(true).catch(() => undefined);
    else this.#picks(false);
  }

  /** The page picks now, or does not. */
  #picks(on: boolean): void {
    this.#uncover();
    if (on === this.#pickingTold) return;
    this.#pickingTold = on;
    this.#options.onPicking?.(on);
  }

  #cover(): void {
    this.#uncovered ??= this.#frame.style.pointerEvents;
    this.#frame.style.pointerEvents = "none";
  }

  #uncover(): void {
    if (this.#uncovered === undefined) return;
    this.#frame.style.pointerEvents = this.#uncovered;
    this.#uncovered = undefined;
  }

  #follows(live: boolean): void {
    if (live === this.#live) return;
    this.#live = live;
    this.#options.onConnection?.(live);
  }

  #post(command: Unsent<Command>, id?: number): void {
    const message = { astroLive: VERSION, ...command, ...(id === undefined ? {} : { id }) };
    // Until the session's page is there, the frame has another origin, and the browser says so.
    this.#frame.contentWindow?.postMessage(message, this.#options.origin);
  }

  #ask(command: Unsent<Command>): Promise<Done> {
    if (this.#closed) return Promise.reject(new EmbedError("closed", "the connection was closed"));
    this.#id += 1;
    const id = this.#id;
    return new Promise<Done>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new EmbedError("timeout", `the page did not answer ${command.type}`));
        this.#waiting.delete(id);
      }, this.#options.commandMs ?? 10_000);
      const settle = () => {
        clearTimeout(timer);
        this.#waiting.delete(id);
      };
      this.#waiting.set(id, {
        command,
        done: (done) => (settle(), resolve(done)),
        fail: (error) => (settle(), reject(error)),
      });
      this.#post(command, id);
    });
  }

  #end(error: EmbedError): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#picking) this.#post({ type: "pick", on: false }); // or the page keeps its clicks
    this.#uncover();
    clearInterval(this.#greeting);
    clearTimeout(this.#patience);
    clearTimeout(this.#absence);
    window.removeEventListener("message", this.#hear);
    window.removeEventListener("keydown", this.#key);
    this.#frame.removeEventListener("load", this.#loaded);
    this.#options.signal?.removeEventListener("abort", this.#abort);
    for (const { fail } of [...this.#waiting.values()]) fail(error);
    this.#failed(error); // nobody hears of it once the first answer has come
  }
}

/** The message as it is declared, or undefined. The site's own scripts may send anything. */
function checked(data: unknown): Event | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const { astroLive, type } = data as Partial<Event>;
  if (astroLive !== VERSION || typeof type !== "string" || !Object.hasOwn(EVENTS, type))
    return undefined;
  return hasFields(data, EVENTS[type] ?? {}) ? (data as Event) : undefined;
}
