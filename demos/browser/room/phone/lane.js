// One of the two streams of a round, as this page sees it: what came and when, how often it was cut, whether it opens at all.
// Noted for the receipt, which the server counts. Draws nothing.
import { size, wait } from "../../transports/protocol.js";

const OPENS_MS = 3000; // not open by then, it is taken for blocked; it may still open
const TRIES = 3;
const MOST_EVENTS = 1500; // a receipt has at most 64 kB
const round = (ms) => Math.round(ms * 10) / 10;

export class Lane {
  // make: (hooks) -> a stream of transports/streams.js. resume: whether it has code that comes back. pause: ms before each event
  // is taken. changed: called with what has changed: "state", "text" or "counts".
  /**
   * @param {"sse" | "websocket"} transport
   * @param {{ make: (hooks: import("../../transports/protocol.js").Hooks) => any, resume: boolean, pause?: number, changed?: (what: string) => void }} about
   */
  constructor(transport, { make, resume, pause = 0, changed = () => {} }) {
    this.transport = transport;
    this.client = transport === "sse" ? "EventSource" : "WebSocket";
    this.resume = resume;
    this.pause = pause;
    this.changed = changed;
    /** @type {"waiting" | "connecting" | "open" | "reconnecting" | "closed" | "refused" | "gone" | "blocked" | "ended"} */
    this.kind = "waiting";
    /** @type {number[]} */
    this.at = [];
    /** @type {number[]} */
    this.seq = [];
    /** @type {boolean[]} */
    this.token = [];
    /** @type {[number, number | null][]} */
    this.downs = [];
    /** @type {string[]} */
    this.said = []; // text that nobody has taken yet
    /** @type {number | null} */
    this.backMs = null; // from the last cut to the first token after it
    /** @type {{ shown: string, since: number } | null} */
    this.expected = null; // what the person said last, until the agent has heard it
    /** @type {number | null} */
    this.heardMs = null;
    /** @type {Set<number>} */
    this.had = new Set(); // places of tokens that came; without ids a client may get them again
    this.tokens = this.twice = this.cuts = this.reconnects = this.fails = this.bytes = 0;
    this.began = 0;
    this.opened = this.finished = this.blocked = false;
    this.taking = Promise.resolve();
    this.timers = [];
    this.stream = make({
      state: (kind, detail) => this.#state(kind, detail),
      event: (envelope) => this.#take(envelope),
      back: () => (this.reconnects += 1),
      wire: (way, text, around) => way === "in" && (this.bytes += size(text) + (transport === "sse" ? 2 : around)),
      heard() {},
      beat() {},
      tried() {},
    });
  }

  open() {
    this.began = performance.now();
    this.stream.open();
    this.#later(() => this.#giveUp(), OPENS_MS);
  }

  close() {
    for (const timer of this.timers) clearTimeout(timer);
    this.stream.close();
  }

  // After the page was hidden: its connection may be dead without a word.
  revive() {
    if (this.resume && !this.over) this.stream.revive();
  }

  // Nothing more will come.
  get over() {
    const gone = this.kind === "refused" || this.kind === "gone" || (this.opened && this.kind === "closed");
    return this.finished || gone || this.fails >= TRIES;
  }

  get ready() {
    return this.opened || this.blocked || this.over;
  }

  get receipt() {
    const { transport, client, seq, token, reconnects, finished, resume, blocked, bytes } = this;
    const noted = { at: this.at.map(round), seq, token, started: round(this.began), reconnects, finished };
    const downs = this.downs.map(([from, to]) => [round(from), to === null ? null : round(to)]);
    return { transport, client, ...noted, resume, blocked, downs, bytes };
  }

  /**
   * @param {any} kind
   * @param {{ code?: number }} [detail]
   */
  #state(kind, { code } = {}) {
    if (this.finished) return;
    const [now, lost] = [performance.now(), kind === "reconnecting" || kind === "closed"];
    const down = this.downs.at(-1);
    if (kind === "open") {
      if (down && down[1] === null) down[1] = now;
      this.opened = true;
      this.blocked = false;
    } else if (lost && this.kind === "open" && code !== 1000) {
      this.downs.push([now, null]);
      this.cuts += 1;
      this.backMs = null;
    }
    if (!this.blocked) this.kind = kind; // what is blocked stays so until it opens
    if (lost && !this.opened) this.#failed(kind);
    this.changed("state");
  }

  // It did not open. A stream without code that comes back tries to open all the same.
  #failed(kind) {
    this.fails += 1;
    if (this.fails >= TRIES) this.#giveUp();
    else if (kind === "closed") this.#later(() => this.stream.open(), wait(this.fails - 1));
  }

  #giveUp() {
    if (this.opened || this.kind === "refused" || this.kind === "gone") return;
    this.blocked = true;
    this.kind = "blocked";
    if (this.over) this.stream.close();
    this.changed("state");
  }

  #later(act, ms) {
    this.timers.push(setTimeout(act, ms));
  }

  /** @param {string} shown */
  expects(shown) {
    this.expected ??= { shown, since: performance.now() };
  }

  // --- events ---

  #take(envelope) {
    if (!this.pause) return this.#hear(envelope);
    this.taking = this.taking.then(() => new Promise((over) => this.#later(over, this.pause))).then(() => this.#hear(envelope));
  }

  #hear({ method, seq, params }) {
    if (this.finished) return;
    const { data, node, namespace = [] } = params;
    const now = performance.now();
    const token = method === "messages" && node === "answer" && data.event === "content-block-delta" && data.delta.type === "text-delta";
    const life = method === "lifecycle" && !namespace.length;
    if (this.at.length < MOST_EVENTS) {
      this.at.push(now);
      this.seq.push(seq);
      this.token.push(token);
    }
    if (this.expected && (token ? data.delta.text.includes(this.expected.shown) : !this.expected.shown)) {
      this.heardMs ??= now - this.expected.since;
      this.expected = null;
    }
    if (token) this.#write(seq, data.delta.text, now);
    if (life && (data.event === "completed" || data.event === "failed")) this.#end();
  }

  #write(seq, text, now) {
    if (this.had.has(seq)) this.twice += 1;
    else this.tokens = this.had.add(seq).size;
    this.said.push(text);
    const cut = this.downs.at(-1);
    if (cut && this.backMs === null) {
      this.backMs = now - cut[0];
      this.changed("counts");
    }
    this.changed("text");
  }

  // EventSource would come back for more, for ever.
  #end() {
    this.finished = true;
    this.kind = "ended";
    this.close();
    this.changed("state");
  }
}
