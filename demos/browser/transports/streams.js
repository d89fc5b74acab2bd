// One thread's events over one transport: EventSource first, WebSocket below it, in the same shape. Draws nothing.
//
//   new XStream(url, hooks, options)   open()   close()   revive()   last: the newest sequence number
//   hooks: state(kind, detail)  event(envelope)  heard()  beat()  tried()  back()  wire(way, text, around)
//   options of both: since, the position to begin after; asks, further parameters of the subscription
//   states: connecting open reconnecting closed refused gone
//
// A stream that was closed from outside says nothing more, whatever its connection still does.
const CHANNELS = "messages,lifecycle,tools,input";
const METHODS = ["messages", "lifecycle", "tools", "input.requested"];
const SILENCE_MS = 35000; // two heartbeats and a bit: after that the path is taken for dead
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;

class EventSourceStream {
  // ids: false asks the server for events without ids, as tutorials send them. watched: whether the page's own clock looks
  // for a stream that has gone silent. supervised: whether the page starts a new one where the browser has given up.
  constructor(url, hooks, { ids = true, watched = () => true, supervised = () => true, since = 0, asks = {}, methods = [] } = {}) {
    Object.assign(this, { hooks, ids, watched, supervised, asks, methods, last: since, opened: false, live: false, tries: 0 });
    this.url = `${url}${url.includes("?") ? "&" : "?"}`;
  }

  get #query() {
    return new URLSearchParams({ channels: CHANNELS, since: this.ids ? this.last : 0, ...(this.ids ? {} : { ids: 0 }), ...this.asks });
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
    const envelope = JSON.parse(event.data);
    this.last = Math.max(this.last, envelope.seq);
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

class SocketStream {
  // resume: whether somebody wrote the code that reconnects and asks for what follows the last event.
  constructor(url, hooks, { resume, watched = resume, since = 0, asks = {} }) {
    Object.assign(this, { url: url.replace(/^http/, "ws"), hooks, resume, watched, asks, last: since, opened: false, tries: 0, ids: 1, asked: new Map() });
  }

  open() {
    if (this.opened) this.hooks.tried();
    this.hooks.state(this.opened ? "reconnecting" : "connecting");
    const socket = (this.socket = new WebSocket(this.url));
    const mine = (act) => (event) => socket === this.socket && act(event);
    socket.onopen = mine(() => this.send("subscription.subscribe", { channels: CHANNELS.split(","), since: this.last, ...this.asks }).then(() => this.#arrived(), () => {}));
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
    const frame = JSON.parse(event.data);
    if (frame.type === "ping") this.hooks.beat();
    if (frame.type === "event") {
      this.last = Math.max(this.last, frame.seq);
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

// Bytes of a text as UTF-8, which both transports send.
const UTF8 = new TextEncoder();
const size = (text) => UTF8.encode(text).length;

// Bytes before a frame's payload (RFC 6455, section 5.2): the length takes 0, 2 or 8 further bytes; a server's frame has no mask.
const frameHead = (length) => (length < 126 ? 2 : length < 65536 ? 4 : 10);

// Doubling waits with chance in them, so that a thousand clients do not come back in the same moment.
const wait = (tries) => Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries) * (0.5 + Math.random() / 2);

async function whyRefused(url, asking) {
  try {
    const answer = await fetch(url, { signal: asking.signal });
    const { status } = answer;
    const final = status >= 400 && status < 500 && status !== 408;
    if (status < 400) return { status, final };
    const said = await answer.json().catch(() => ({}));
    return { status, final, message: said.message ?? `HTTP ${status}` };
  } catch {
    return { status: 0, final: false };
  } finally {
    asking.abort();
  }
}
