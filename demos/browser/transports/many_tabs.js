// Seven connections of one kind to one server: which are open, which hang, and what closing one changes. Draws nothing; it
// is also what a browser without our page runs (demos/scenarios/tabs.py).
const SEVEN = 7;
const STAGGER_MS = 50; // more WebSockets at once would meet another limit, that of handshakes under way

// kind -> opens one: (address, what to call once it is open, what to call when it fails) -> what closes it
export const SLOT = {
  eventsource(url, opened, failed) {
    const source = Object.assign(new EventSource(url), { onopen: opened, onerror: failed });
    return () => source.close();
  },
  fetch(url, opened, failed) {
    const leaving = new AbortController();
    fetch(url, { signal: leaving.signal, cache: "no-store" }).then(opened, failed);
    return () => leaving.abort();
  },
  socket(url, opened, failed) {
    const socket = Object.assign(new WebSocket(url.replace(/^http/, "ws")), { onopen: opened, onerror: failed });
    return () => socket.close();
  },
};

export class Seven {
  // url: an event stream, with a query. patience: how long a connection may hang before that is what it does, ms.
  /**
   * @param {string} kind
   * @param {string} url
   * @param {number} patience
   */
  constructor(kind, url, patience, changed = () => {}) {
    this.kind = kind;
    this.url = url;
    this.patience = patience;
    this.changed = changed;
    this.left = false;
    this.took = 0;
    /** @type {any[]} */
    this.slots = [];
  }

  // Opens all, waits, closes one if others hang, and all at the end. Resolves with figures; a time that never came is null.
  async run() {
    const first = performance.now();
    try {
      for (let n = 0; n < SEVEN && !this.left; n++) {
        this.#ask(n);
        await pause(STAGGER_MS);
      }
      const last = this.slots.at(-1);
      await this.#until(() => this.slots.every(({ opened, failed }) => opened || failed));
      const opened = this.slots.filter((slot) => slot.opened).length;
      const failed = this.slots.filter((slot) => slot.failed).length;
      const found = { opened, hanging: SEVEN - opened - failed, seventh_ms: last?.opened ? last.opened - last.asked : null, let_in_ms: null };
      if (found.hanging && !this.left) found.let_in_ms = await this.#letIn(last);
      return found;
    } finally {
      this.took = performance.now() - first;
      this.close();
    }
  }

  // For good: what is not open yet is not opened any more.
  close() {
    this.left = true;
    for (const slot of this.slots) this.#close(slot);
  }

  #ask(n) {
    const slot = { asked: performance.now(), opened: null, failed: null, closed: null };
    this.slots.push(slot);
    // Addresses differ, or a browser may wait for the first answer to serve the others from.
    slot.end = SLOT[this.kind](`${this.url}&n=${n}`, () => this.#note(slot, "opened"), () => this.#note(slot, "failed"));
    this.changed();
  }

  #note(slot, what) {
    if (slot.closed || slot.opened) return;
    slot[what] = performance.now();
    this.changed();
  }

  #close(slot) {
    if (slot.closed) return;
    slot.closed = performance.now();
    slot.end();
    this.changed();
  }

  async #letIn(last) {
    this.#close(this.slots[0]);
    await this.#until(() => last.opened);
    return last.opened && last.opened - this.slots[0].closed;
  }

  async #until(holds) {
    const ends = performance.now() + this.patience;
    while (!this.left && !holds() && performance.now() < ends) await pause(10);
  }
}

export const pause = (ms) => new Promise((over) => setTimeout(over, ms));
