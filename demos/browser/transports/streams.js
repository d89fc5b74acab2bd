// One thread's events over one transport: EventSource first, WebSocket below it, in the same shape. Draws nothing.
//
//   new XStream(url, hooks, options)   open()   close()   revive()   last: the newest sequence number   place: that event's id
//   hooks: state(kind, detail)  event(envelope)  heard()  beat()  tried()  back()  wire(way, text, around)
//   options of both: since, the position to begin after; asks, further parameters of the subscription
//   states: connecting open reconnecting closed refused gone
//
// A stream that was closed from outside says nothing more, whatever its connection still does.
import { Refused } from "./api.js";
import { CHANNELS, METHODS, envelopeOf, frameHead, size, wait, whyRefused } from "./protocol.js";

/** @import { Hooks } from "./protocol.js" */

export class EventSourceStream {
  // ids: false asks the server for events without ids, as tutorials send them. watched: whether the page's own clock looks
  // for a stream that has gone silent. supervised: whether the page starts a new one where the browser has given up.
  /**
   * @param {string} url
   * @param {Hooks} hooks
   * @param {{ ids?: boolean, watched?: () => boolean, supervised?: () => boolean, since?: number, asks?: object, methods?: string[] }} options
   */
  constructor(url, hooks, { ids = true, watched = () => true, supervised = () => true, since = 0, asks = {}, methods = [] } = {}) {
    this.hooks = hooks;
    this.ids = ids;
    this.watched = watched;
    this.supervised = supervised;
    this.asks = asks;
    this.methods = methods;
    this.last = since;
    /** @type {number | string} */
    this.place = since;
    this.opened = this.live = false;
    this.tries = this.timer = 0;
    /** @type {EventSource | null} */
    this.source = null;
    /** @type {AbortController | null} */
    this.asking = null;
    this.url = `${url}${url.includes("?") ? "&" : "?"}`;
  }

  get #query() {
    const query = { channels: CHANNELS, since: this.ids ? this.place : 0, ...(this.ids ? {} : { ids: 0 }), ...this.asks };
    return new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  }

  open() {
    this.hooks.state(this.opened ? "reconnecting" : "connecting");
    // A new object has forgotten its Last-Event-ID, so the position goes into the URL; a later Last-Event-ID wins over it.
    const source = (this.source = new EventSource(`${this.url}${this.#query}`));
    const mine = (act) => (event) => source === this.source && act(event);
    source.onopen = mine(() => this.#arrived());
    source.onerror = mine(() => this.#failed(source));
    source.addEventListener("ping", mine((event) => (this.hooks.heard(), this.hooks.beat(), this.#wire(event))));
    for (const name of [...METHODS, ...this.methods]) source.addEventListener(name, mine((event) => this.#hear(event)));
  }

  #arrived() {
    if (this.opened) this.hooks.tried(), this.hooks.back();
    this.opened = this.live = true;
    this.tries = 0;
    this.hooks.state("open");
  }

  // One error event for the loss, and one for each attempt after it. CLOSED: the browser has given up, for good.
  #failed(source) {
    if (this.opened && !this.live) this.hooks.tried();
    this.live = false;
    if (source.readyState !== EventSource.CLOSED) return this.hooks.state("reconnecting");
    this.supervised() ? this.#supervise() : this.hooks.state("closed");
  }

  #hear(event) {
    this.hooks.heard();
    this.#wire(event);
    const envelope = envelopeOf(event.data);
    if (envelope.type !== "event") return;
    if (envelope.seq > this.last) [this.last, this.place] = [envelope.seq, envelope.event_id];
    this.hooks.event(envelope);
  }

  // The lines as they were sent, put together again from what EventSource hands over; comments it keeps for itself.
  #wire({ type, data, lastEventId }) {
    const lines = `${type === "ping" || !this.ids ? "" : `id: ${lastEventId}\n`}event: ${type}\ndata: `;
    this.hooks.wire("in", `${lines}${data}`, size(lines) + 2); // and the blank line
  }

  // EventSource has given up, and does not say why: ask with fetch, then start a new one unless it was told to go. Not at
  // once: the browser closes the streams of a page that is left before it says so, and asking would then open another.
  #supervise() {
    this.source.close();
    this.source = null;
    this.hooks.state("reconnecting");
    this.timer = setTimeout(() => this.#ask(), wait(this.tries++));
  }

  async #ask() {
    const asking = (this.asking = new AbortController());
    this.hooks.tried();
    const why = await whyRefused(`${this.url}${this.#query}`, asking);
    if (this.asking !== asking) return;
    this.asking = null;
    if (why.status === 204) return this.hooks.state("gone");
    if (why.final) return this.hooks.state("refused", { reason: why.message, status: why.status });
    this.open();
  }

  revive() {
    this.close();
    this.open();
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.source?.close();
    this.asking = this.source = null;
  }
}

export class SocketStream {
  // resume: whether somebody wrote the code that reconnects and asks for what follows the last event.
  /**
   * @param {string} url
   * @param {Hooks} hooks
   * @param {{ resume: () => boolean, watched?: () => boolean, since?: number, asks?: object, key?: string }} options
   */
  constructor(url, hooks, { resume, watched = resume, since = 0, asks = {}, key = "" }) {
    this.key = key; // of the thread: sent before the first command, since a page cannot send it in the handshake
    this.authorized = false;
    this.url = url.replace(/^http/, "ws");
    this.hooks = hooks;
    this.resume = resume;
    this.watched = watched;
    this.asks = asks;
    this.last = since;
    /** @type {number | string} */
    this.place = since;
    this.opened = false;
    this.tries = this.timer = 0;
    this.ids = 1;
    /** @type {Map<number, { resolve: (reply: any) => void, reject: (error: Error) => void }>} */
    this.asked = new Map();
    /** @type {WebSocket | null} */
    this.socket = null;
  }

  open() {
    if (this.opened) this.hooks.tried();
    this.hooks.state(this.opened ? "reconnecting" : "connecting");
    const socket = (this.socket = new WebSocket(this.url));
    this.authorized = false;
    const mine = (act) => (event) => socket === this.socket && act(event);
    socket.onopen = mine(() => this.send("subscription.subscribe", { channels: CHANNELS.split(","), since: this.place, ...this.asks }).then(() => this.#arrived(), () => {}));
    socket.onmessage = mine((event) => this.#hear(event));
    socket.onclose = mine((event) => this.#supervise(event));
  }

  #arrived() {
    if (this.opened) this.hooks.back();
    this.opened = true;
    this.tries = 0;
    this.hooks.state("open");
  }

  #hear(event) {
    this.hooks.heard();
    this.hooks.wire("in", event.data, frameHead(size(event.data)));
    const frame = envelopeOf(event.data);
    if (frame.type === "ping") this.hooks.beat();
    if (frame.type === "event") {
      if (frame.seq > this.last) [this.last, this.place] = [frame.seq, frame.event_id];
      this.hooks.event(frame);
    } else if (this.asked.has(frame.id)) {
      const { resolve, reject } = this.asked.get(frame.id);
      this.asked.delete(frame.id);
      frame.type === "error" ? reject(new Refused(frame.error, frame.message, 200)) : resolve(frame);
    }
  }

  // The naive form ends here: nothing in the browser reconnects a WebSocket.
  #supervise({ code, reason }) {
    for (const { reject } of this.asked.values()) reject(new Refused("closed", reason, 0));
    this.asked.clear();
    this.socket = null;
    const final = code >= 4400 && code < 4500 && code !== 4408;
    if (final) return this.hooks.state("refused", { code, reason });
    if (!this.resume()) return this.hooks.state("closed", { code, reason });
    this.hooks.state("reconnecting", { code });
    this.timer = setTimeout(() => this.open(), wait(this.tries++));
  }

  // A command in band, on the socket that carries the events.
  send(method, params) {
    if (this.key && !this.authorized && !method.startsWith("subscription.")) {
      this.authorized = true;
      this.#say("thread.authorize", { key: this.key }).catch(() => {}); // refused, the command says why
    }
    return this.#say(method, params);
  }

  #say(method, params) {
    const id = this.ids++;
    const text = JSON.stringify({ id, method, params });
    this.socket.send(text);
    this.hooks.wire("out", text, frameHead(size(text)) + 4); // a client's frames carry a mask
    return new Promise((resolve, reject) => this.asked.set(id, { resolve, reject }));
  }

  get ready() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  revive() {
    clearTimeout(this.timer);
    this.socket?.close();
    this.open();
  }

  close() {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    socket?.close(1000);
  }
}
