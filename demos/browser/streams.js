// One thread's events over one transport: EventSource first, WebSocket below it, in the same shape. Draws nothing.
//
//   new XStream(url, hooks, resume)   open()   close()   revive()   last: the newest sequence number
//   hooks: state(kind, detail)  event(envelope)  heard()  back()      kinds: connecting open reconnecting closed refused gone
//
// A stream that was closed from outside says nothing more, whatever its connection still does.
const CHANNELS = "messages,lifecycle,tools,input";
const METHODS = ["messages", "lifecycle", "tools", "input.requested"];
const SILENCE_MS = 35000; // two heartbeats and a bit: after that the path is taken for dead
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;

class EventSourceStream {
  constructor(url, hooks) {
    Object.assign(this, { url, hooks, last: 0, opened: false, tries: 0 });
  }

  open() {
    this.hooks.state(this.opened ? "reconnecting" : "connecting");
    // A new object has forgotten its Last-Event-ID, so the position goes into the URL; a later Last-Event-ID wins over it.
    const source = (this.source = new EventSource(`${this.url}?channels=${CHANNELS}&since=${this.last}`));
    const mine = (act) => (event) => source === this.source && act(event);
    source.onopen = mine(() => this.#arrived());
    source.onerror = mine(() => (source.readyState === EventSource.CLOSED ? this.#supervise() : this.hooks.state("reconnecting")));
    source.addEventListener("ping", mine(() => this.hooks.heard()));
    for (const name of METHODS) source.addEventListener(name, mine((event) => this.#hear(event)));
  }

  #arrived() {
    if (this.opened) this.hooks.back();
    this.opened = true;
    this.tries = 0;
    this.hooks.state("open");
  }

  #hear(event) {
    this.hooks.heard();
    const envelope = JSON.parse(event.data);
    this.last = Math.max(this.last, envelope.seq);
    this.hooks.event(envelope);
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
    const why = await whyRefused(`${this.url}?channels=${CHANNELS}&since=${this.last}`, asking);
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
  constructor(url, hooks, resume) {
    Object.assign(this, { url: url.replace(/^http/, "ws"), hooks, resume, last: 0, opened: false, tries: 0, ids: 1, asked: new Map() });
  }

  open() {
    this.hooks.state(this.opened ? "reconnecting" : "connecting");
    const socket = (this.socket = new WebSocket(this.url));
    const mine = (act) => (event) => socket === this.socket && act(event);
    socket.onopen = mine(() => this.send("subscription.subscribe", { channels: CHANNELS.split(","), since: this.last }).then(() => this.#arrived(), () => {}));
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
    const frame = JSON.parse(event.data);
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
    this.socket.send(JSON.stringify({ id, method, params }));
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
