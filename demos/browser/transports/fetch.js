// An event stream read with fetch: what EventSource does by itself is code of ours here, and what it cannot do is possible.
// The parser is the starter project's: the server serves guide/knowledge/starter/web/event_stream.js beside this file.
import { events } from "./event_stream.js";
import { CHANNELS, envelopeOf, wait } from "./protocol.js";

// Same shape as the streams of streams.js. The reader asks for the next event when it is done with the last: a WebSocket's
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
    const heard = () => asking === this.asking && this.hooks.heard();
    for await (const message of events(answer.body, heard)) {
      if (asking !== this.asking) return;
      await this.#hear(message);
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

  /** @param {{ data: string, event: string, id: string }} message */
  #hear({ data, event, id }) {
    const lines = `${id ? `id: ${id}\n` : ""}event: ${event || "message"}\ndata: `;
    this.hooks.wire("in", `${lines}${data}`, lines.length + 2);
    if (event === "ping") this.hooks.beat();
    const envelope = envelopeOf(data);
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
