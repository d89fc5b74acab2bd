// An event stream read with fetch: what EventSource does by itself is code of ours here, and what it cannot do is possible.
// The parser follows the HTML standard, section 9.2.6, as demos/protocol/sse.py does; tests hold the two to the same streams.
import { CHANNELS, wait } from "./protocol.js";

export class EventStreamParser {
  constructor() {
    this.utf8 = new TextDecoder();
    this.lastEventId = this.rest = this.event = this.id = "";
    this.afterCr = false;
    this.comments = 0;
    /** @type {number | null} */
    this.retry = null;
    /** @type {string[]} */
    this.data = [];
  }

  // The events that these bytes complete; they may be cut anywhere. The decoder drops a byte order mark at the beginning.
  /** @param {Uint8Array} bytes */
  feed(bytes) {
    let text = this.utf8.decode(bytes, { stream: true });
    if (text === "") return [];
    if (this.afterCr && text[0] === "\n") text = text.slice(1); // a CRLF that was cut in two
    this.afterCr = text.endsWith("\r");
    const lines = (this.rest + text).split(/\r\n|\r|\n/);
    this.rest = lines.pop();
    return lines.map((line) => (line ? this.#field(line) : this.#dispatch())).filter(Boolean);
  }

  /** @param {string} line */
  #field(line) {
    const colon = line.indexOf(":");
    if (colon === 0) return void (this.comments += 1);
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.data.push(value);
    else if (name === "event") this.event = value;
    else if (name === "id" && !value.includes("\0")) this.id = value;
    else if (name === "retry" && /^[0-9]+$/.test(value)) this.retry = Number(value);
  }

  #dispatch() {
    this.lastEventId = this.id; // an id without data counts as well
    const { data, event, id } = this;
    Object.assign(this, { data: [], event: "" });
    return data.length ? { data: data.join("\n"), event: event || "message", lastEventId: id } : null;
  }
}

// Same shape as the streams of streams.js. The reader asks for the next piece when it is done with the last: a WebSocket's
// messages come whether somebody waits for them or not; here what is not taken stays in the browser, then in the network,
// then with the sender.
export class FetchStream {
  // headers: what goes with every request, such as Authorization. resume: whether somebody wrote the code that comes back.
  /**
   * @param {string} url
   * @param {import("./protocol.js").Hooks} hooks
   * @param {{ resume: () => boolean, headers?: Record<string, string>, watched?: () => boolean, since?: number, asks?: object }} options
   */
  constructor(url, hooks, { resume, headers = {}, watched = resume, since = 0, asks = {} }) {
    this.url = url;
    this.hooks = hooks;
    this.resume = resume;
    this.headers = headers;
    this.watched = watched;
    this.asks = asks;
    this.last = since;
    /** @type {number | string} */
    this.place = since;
    this.opened = false;
    this.tries = 0;
    /** @type {AbortController | null} */
    this.asking = null;
    this.timer = 0;
  }

  open() {
    if (this.opened) this.hooks.tried();
    this.hooks.state(this.opened ? "reconnecting" : "connecting");
    const asking = (this.asking = new AbortController());
    this.#read(asking).catch(() => {}).then(() => asking === this.asking && this.#supervise());
  }

  /** @param {AbortController} asking */
  async #read(asking) {
    const body = JSON.stringify({ channels: CHANNELS.split(","), since: this.place, ...this.asks });
    const headers = { "Content-Type": "application/json", Accept: "text/event-stream", ...this.headers };
    const answer = await fetch(this.url, { method: "POST", headers, body, cache: "no-store", signal: asking.signal });
    if (!answer.ok) return this.#refused(asking, answer);
    this.#arrived();
    const parser = new EventStreamParser();
    const reader = answer.body.getReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      if (asking !== this.asking) return;
      this.hooks.heard();
      const messages = parser.feed(piece.value);
      for (; parser.comments > 0; parser.comments -= 1) this.hooks.beat(); // a heartbeat may be a comment, which is no event
      const handled = messages.map((message) => this.#hear(message));
      await Promise.all(handled);
    }
  }

  /**
   * @param {AbortController} asking
   * @param {Response} answer
   */
  async #refused(asking, answer) {
    const { status } = answer;
    const said = await answer.json().catch(() => ({}));
    if (asking !== this.asking || status >= 500 || status === 408) return;
    this.asking = null;
    this.hooks.state("refused", { reason: said.message ?? `HTTP ${status}`, status });
  }

  #arrived() {
    if (this.opened) this.hooks.back();
    this.opened = true;
    this.tries = 0;
    this.hooks.state("open");
  }

  /** @param {{ data: string, event: string, lastEventId: string }} message */
  #hear({ data, event, lastEventId }) {
    const lines = `${lastEventId ? `id: ${lastEventId}\n` : ""}event: ${event}\ndata: `;
    this.hooks.wire("in", `${lines}${data}`, lines.length + 2);
    const envelope = JSON.parse(data);
    if (event === "ping") this.hooks.beat();
    if (envelope.type !== "event") return;
    if (envelope.seq > this.last) [this.last, this.place] = [envelope.seq, envelope.event_id];
    return this.hooks.event(envelope);
  }

  // The naive form ends here: nothing in the browser repeats a fetch.
  #supervise() {
    this.asking = null;
    if (!this.resume()) return this.hooks.state("closed");
    this.hooks.state("reconnecting");
    this.timer = setTimeout(() => this.open(), wait(this.tries++));
  }

  revive() {
    this.close();
    this.open();
  }

  close() {
    clearTimeout(this.timer);
    const asking = this.asking;
    this.asking = null;
    asking?.abort();
  }
}
