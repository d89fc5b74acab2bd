// One start of the lab: opens the streams, starts the agent, drops, stops, and lets the server count. Knows no button.
const TICK_MS = 250;

const IMPATIENT_MS = 1500;

class Run {
  constructor({ api, words, settings, panes, resumes, changed, ended }) {
    Object.assign(this, { api, words, settings, panes, resumes, changed, ended, threads: [], streams: [], dropped: 0 });
    Object.assign(this, { started: null, over: false, stopAt: null, trouble: null, ticks: 0, busy: Promise.resolve(), counting: false });
  }

  async start() {
    this.clock = setInterval(() => this.#tick(), TICK_MS);
    try {
      const two = this.settings.mode === "two";
      const first = await request(`${this.api}/threads`, {}, this.words);
      const second = two ? await request(`${this.api}/threads`, {}, this.words) : first;
      if (this.over) return;
      this.threads = [first.thread_id, second.thread_id];
      // Both listen before the agent is asked, so that nobody has a head start.
      await Promise.all(this.panes.map((pane, n) => this.#open(pane, n)));
      if (this.over) return;
      this.started = performance.now();
      this.changed("running");
      const starts = two ? [this.#command(0, "run.start"), this.#command(1, "run.start", true)] : [this.#command(0, "run.start")];
      const replies = await Promise.all(starts);
      this.panes.forEach((pane, n) => (pane.run = (replies[n] ?? replies[0]).result.run_id));
    } catch (error) {
      this.#fail(error);
    }
  }

  // Resolves once the stream is open; rejects when the server refuses it.
  #open(pane, n) {
    return new Promise((opened, refused) => {
      const Stream = pane.transport === "sse" ? EventSourceStream : SocketStream;
      const url = new URL(`${this.api}/threads/${this.threads[n]}/stream/events`, location.href).href;
      const hooks = {
        state: (kind, detail = {}) => {
          if (detail.status === 404 || detail.code === 4404) detail.reason = this.words["lab.error.expired"];
          const news = kind !== pane.kind; // a vain attempt to reconnect is none
          pane.state(kind, detail);
          if (kind === "open") opened();
          if (kind === "refused" || (kind === "closed" && this.started === null)) refused(new Refused("refused", detail.reason || this.words["lab.error.closed"], 0));
          if (news && (kind === "reconnecting" || kind === "closed")) this.changed(`${pane.transport}.${kind}`);
          this.#settle();
        },
        back: () => {
          pane.back();
          this.changed(`${pane.transport}.back`);
        },
        heard: () => (pane.heardAt = performance.now()),
        event: (envelope) => this.#event(pane, n, envelope),
      };
      this.streams[n] = new Stream(url, hooks, this.resumes);
      this.streams[n].open();
    });
  }

  #event(pane, n, envelope) {
    pane.hear(envelope);
    if (envelope.method === "input.requested") this.changed("asked");
    if (!pane.finished) return;
    this.streams[n].close(); // or EventSource would come back for more, for ever
    pane.state("ended");
    this.#settle();
  }

  #command(n, method, inBand = false) {
    const { question, seed, rate, approve, answers } = this.settings;
    const params = {
      "run.start": () => ({ input: { messages: [{ role: "user", content: question }] }, config: { configurable: { seed, rate, approve, answers } } }),
      "run.cancel": () => (this.panes[n].run ? { run_id: this.panes[n].run } : {}),
    }[method]();
    return this.#send(n, method, params, inBand);
  }

  #send(n, method, params, inBand) {
    if (inBand && this.streams[n].ready) return this.streams[n].send(method, params);
    return request(`${this.api}/threads/${this.threads[n]}/commands`, { id: 1, method, params }, this.words);
  }

  // --- what a person may do meanwhile ---

  async drop() {
    const now = performance.now();
    this.dropped = this.dropped || now;
    for (const pane of this.panes) if (pane.kind === "open") pane.marks.push({ t: now, kind: "drop" });
    await Promise.all([...new Set(this.threads)].map((id) => request(`${this.api}/threads/${id}/drop`, { how: "reset" }, this.words)));
  }

  async stop() {
    // The second half of a double click; a later press ends a run that does not answer.
    if (this.stopAt !== null && performance.now() - this.stopAt < IMPATIENT_MS) return;
    if (this.started === null || this.stopAt !== null) return this.#fail(new Refused("given_up", this.words["lab.given_up"], 0));
    this.stopAt = performance.now();
    for (const pane of this.panes) pane.hadAtStop = pane.token.filter(Boolean).length;
    const two = this.settings.mode === "two";
    await Promise.all([this.#command(0, "run.cancel"), two && this.#command(1, "run.cancel", true)]).catch((error) => this.#fail(error));
  }

  // The answer to the agent's question: by POST beside the event stream, in band on the WebSocket.
  async respond(n, response) {
    const { question } = this.panes[n];
    const params = { interrupt_id: question.id, response };
    try {
      await this.#send(n, "input.respond", params, n === 1);
    } catch (error) {
      this.panes[n].asked(null);
      this.panes[n].warn(error.message);
    }
  }

  // Resume code was switched on after the socket had closed: it may still catch up, since the server kept the log.
  revive() {
    const pane = this.panes[1];
    if (!this.over && pane.kind === "closed") this.streams[1].revive();
  }

  // --- time ---

  #tick() {
    for (const [n, pane] of this.panes.entries()) {
      pane.tell();
      const silent = pane.kind === "open" && performance.now() - pane.heardAt > SILENCE_MS;
      if (silent && (n === 0 || this.resumes())) this.streams[n].revive();
    }
    this.ticks += 1;
    if (this.ticks % 2 === 0 && this.panes.some((pane) => pane.run)) {
      if (!this.counting) this.count();
      this.#askAfter();
    }
  }

  // The server counts; the same code counts for the Python clients.
  count() {
    this.counting = true;
    this.busy = request(`${this.api}/measure`, { receipts: this.receipts() }, this.words)
      .then(({ measurements }) => measurements.forEach((measured, n) => this.panes[n].count(measured)))
      .then(() => this.#well())
      .catch((error) => this.#unwell(error))
      .finally(() => (this.counting = false));
    return this.busy;
  }

  #well() {
    if (this.trouble && !this.over) this.changed("running");
    this.trouble = null;
  }

  #unwell({ message, status }) {
    this.trouble = status === 404 ? this.words["lab.error.expired"] : message;
    if (!this.over) this.changed("trouble", this.trouble);
  }

  receipts() {
    return this.panes.map((pane, n) => ((pane.naive = n === 1 && !this.resumes()), pane.receipt(this.started, this.threads[n])));
  }

  // A socket that stays closed never hears of its run's end; nobody else may be listening either.
  async #askAfter() {
    const n = this.panes.findIndex((pane) => pane.kind === "closed" && !pane.runOver);
    if (n < 0) return;
    const about = await request(`${this.api}/threads/${this.threads[n]}`, undefined, this.words).catch((error) => ({ status: error.status === 404 ? "error" : "busy" }));
    this.panes[n].runOver = about.status === "idle" || about.status === "error";
    this.#settle();
  }

  #settle() {
    const settled = (pane, n) => {
      const runOver = pane.runOver || this.panes.some((other, m) => other.finished && this.threads[m] === this.threads[n]);
      return pane.finished || pane.kind === "refused" || pane.kind === "gone" || (pane.kind === "closed" && runOver);
    };
    if (!this.over && this.started !== null && this.panes.every(settled)) this.#finish();
  }

  async #finish() {
    this.over = true;
    this.endedAt = performance.now();
    this.close();
    await this.busy;
    await this.count();
    this.ended(this);
  }

  #fail(error) {
    if (this.over) return;
    this.over = true;
    this.endedAt = performance.now();
    this.close();
    for (const pane of this.panes) if (!pane.finished && pane.kind !== "refused") pane.state("left");
    this.changed("failed", error.message);
  }

  // --- leaving ---

  close() {
    clearInterval(this.clock);
    for (const stream of this.streams) stream?.close();
  }

  // The page came back out of the browser's cache: its streams were closed when it left.
  reopen() {
    if (this.over || this.started === null) return;
    this.clock = setInterval(() => this.#tick(), TICK_MS);
    this.panes.forEach((pane, n) => !pane.finished && this.streams[n].revive());
  }
}
