// One run of a scenario: opens streams, starts the agent, cuts, stops, and lets the server count. Knows no button and no
// scenario; a scenario's script (scenarios/NAME.js) is told what it may do here, and awaits what it waits for.
const TICK_MS = 250;
const IMPATIENT_MS = 1500;
const SCENARIOS = {}; // id -> { panes, run(stage) ... }; each file of scenarios/ adds one
const KINDS = { eventsource: EventSourceStream, socket: SocketStream, fetch: FetchStream }; // kind of stream -> its class

class Stage {
  constructor({ api, name, words, settings, panes, resumes, changed, silence = SILENCE_MS }) {
    Object.assign(this, { api, name, words, settings, panes, resumes, changed, silence, started: null, over: false, failure: null });
    Object.assign(this, { stopAt: null, dropped: 0, trouble: null, responses: [], ticks: 0, busy: Promise.resolve(), counting: false });
    Object.assign(this, { waiting: new Set(), holds: [], children: [], released: false });
    this.clock = setInterval(() => this.#tick(), TICK_MS);
  }

  // Runs a script to its end. Resolves with the outcome as the script tells it; null when it could not go on, or cannot tell.
  async play(script) {
    let ended = false;
    try {
      const found = (await script.run(this)) ?? {};
      if (this.over) return null;
      this.endedAt = performance.now();
      this.over = ended = true;
      this.close();
      await this.busy;
      if (this.counted.length) await this.count();
      const failed = this.panes.find((pane) => pane.failed && !pane.failed.startsWith("cancelled")); // a stop is no failure
      const trouble = this.trouble ?? (failed && fill(this.words["lab.failed"], { error: failed.failed }));
      if (!trouble) return script.outcome(this, found);
      this.changed("failed", trouble);
    } catch (error) {
      ended ? this.changed("failed", error.message) : this.fail(error);
    }
    return null;
  }

  get threads() {
    return [...new Set(this.panes.map((pane) => pane.thread).filter(Boolean))];
  }

  // Panes whose run is on a server that can count it.
  get counted() {
    return this.panes.filter((pane) => pane.run);
  }

  // --- what a script may do ---

  request(path, body, api = this.api) {
    return request(`${api}${path}`, body, this.words);
  }

  async thread(api = this.api) {
    return (await this.request("/threads", {}, api)).thread_id;
  }

  // A server of the scenario's own, which may be broken: a child process of the app, on a port of its own. It outlives the
  // run, since what it carried is counted there: until `release`.
  async child() {
    const { id, port } = await this.request("/children", { scenario: this.name });
    const end = () => fetch(`${this.api}/children/${id}/end`, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}", keepalive: true }).catch(() => {});
    if (this.released) end();
    this.children.push(end);
    const restart = (down_ms, more = {}) => this.request(`/children/${id}/restart`, { down_ms, ...more });
    return { id, api: `http://127.0.0.1:${port}/api`, restart };
  }

  // A child loads its agent while it already answers. What is timed there, or counted, begins once that is over.
  async warm({ api }) {
    const thread = await this.thread(api);
    const params = { input: { messages: [{ role: "user", content: "Ready?" }] }, config: { configurable: { n_tokens: 1, first_token_ms: 0 } } };
    await this.request(`/threads/${thread}/commands`, { id: 1, method: "run.start", params }, api);
    while ((await this.request(`/threads/${thread}`, undefined, api)).status === "busy") await this.wait(50);
  }

  // Puts a stream into a pane; resolves once it is open, rejects when the server refuses it. handle: when an event is
  // dealt with; at once, unless a script has reasons.
  open(pane, { kind, thread, child, api = child?.api ?? this.api, path = `/threads/${thread}/stream/events`, handle = (act) => act(), ...options }) {
    this.#here();
    Object.assign(pane, { thread, api, child: child?.id ?? null });
    return new Promise((opened, refused) => {
      let been = false; // open, ever
      const hooks = {
        state: (state, detail = {}) => {
          if (detail.status === 404 || detail.code === 4404) detail.reason = this.words["lab.error.expired"];
          const news = state !== pane.kind; // a vain attempt to reconnect is none
          pane.state(state, detail);
          been ||= state === "open";
          if (state === "open") opened(pane);
          const never = !been && (state === "closed" || state === "gone");
          if (state === "refused" || never) refused(new Refused("refused", detail.reason || this.words["lab.error.closed"], 0));
          if (news && (state === "reconnecting" || state === "closed")) this.changed(`${pane.transport}.${state}`);
          this.wake();
        },
        back: () => {
          pane.back();
          this.changed(`${pane.transport}.back`);
        },
        tried: () => (pane.tries += 1),
        heard: () => (pane.heardAt = performance.now()),
        beat: () => (pane.beats += 1),
        event: (envelope) => handle(() => this.#event(pane, envelope)),
        wire: (way, text, around) => pane.wired(way, text, around),
      };
      pane.stream = new KINDS[kind](new URL(`${api}${path}`, location.href).href, hooks, { resume: () => this.resumes(), ...options });
      pane.stream.open();
    });
  }

  // Starts a run on the thread of each pane: one for panes that share a thread. In band on a socket that has its own.
  async start(panes = this.panes, more = {}) {
    this.#here();
    this.begin();
    const { question, seed, rate, approve, answers } = this.settings;
    const configurable = { seed, rate, approve, answers, ...more };
    const params = { input: { messages: [{ role: "user", content: question }] }, config: { configurable } };
    const firsts = panes.filter((pane, n) => panes.findIndex((other) => other.thread === pane.thread) === n);
    const replies = await Promise.all(firsts.map((pane) => this.command(pane, "run.start", params, this.#alone(pane))));
    for (const pane of panes) {
      pane.run = replies[firsts.findIndex((first) => first.thread === pane.thread)].result.run_id;
      pane.runs += 1;
    }
  }

  // Goes on with a run that is under way, instead of starting one.
  takeUp(run, panes = this.panes) {
    for (const pane of panes) pane.run = run;
    this.begin();
  }

  // The clock starts: everything is timed from here.
  begin() {
    this.started ??= performance.now();
    this.changed("running");
  }

  // A command by POST, or in band where the pane is an open socket and that is wanted.
  command(pane, method, params, inBand = false) {
    if (inBand && pane.stream?.ready) return pane.stream.send(method, params);
    return this.request(`/threads/${pane.thread}/commands`, { id: 1, method, params }, pane.api);
  }

  // The answer to the agent's question: by POST beside the event stream, in band on the WebSocket. `responses` keeps when it
  // was given, by whom, and what came of it.
  async respond(pane, response, interrupt_id = pane.question.id) {
    const given = { t: performance.now(), by: pane.id, repeated: null, refused: null };
    this.responses.push(given);
    try {
      const { result } = await this.command(pane, "input.respond", { interrupt_id, response }, pane.transport === "websocket");
      given.repeated = result.repeated;
    } catch (error) {
      given.refused = error.code;
      pane.asked(null);
      pane.warn(error.message);
    }
  }

  // Cuts every stream of every thread now.
  async drop(how = "reset") {
    const now = performance.now();
    this.dropped = this.dropped || now;
    for (const pane of this.panes) if (pane.kind === "open") pane.marked("drop", now);
    const firsts = this.panes.filter((pane, n) => pane.thread && this.panes.findIndex((other) => other.thread === pane.thread) === n);
    await Promise.all(firsts.map((pane) => this.request(`/threads/${pane.thread}/drop`, { how }, pane.api)));
  }

  // What the streams of a thread meet from now on: faults at the endpoint (demos/faults), in milliseconds.
  faults(thread, faults, every = false) {
    return this.request(`/threads/${thread}/faults`, { faults, every });
  }

  // Stops every run. The second half of a double click is none; a later press gives up on a run that does not answer.
  async stop() {
    if (this.stopAt !== null && performance.now() - this.stopAt < IMPATIENT_MS) return;
    if (this.started === null || this.stopAt !== null) return this.fail(new Refused("given_up", this.words["lab.given_up"], 0));
    this.stopAt = performance.now();
    for (const pane of this.panes) pane.hadAtStop = pane.tokens;
    const firsts = this.panes.filter((pane, n) => this.panes.findIndex((other) => other.thread === pane.thread) === n);
    const stops = firsts.map((pane) => this.command(pane, "run.cancel", pane.run ? { run_id: pane.run } : {}, this.#alone(pane)));
    await Promise.all(stops).catch((error) => this.fail(error));
  }

  // Resolves with true once `test` holds; with false when so many milliseconds have passed first.
  until(test, limit = Infinity) {
    return new Promise((resolve, reject) => {
      const ends = performance.now() + limit;
      const look = () => {
        if (this.failure || this.over) return reject(this.failure ?? new Refused("over", "", 0)), true;
        if (test()) return resolve(true), true;
        return performance.now() >= ends && (resolve(false), true);
      };
      if (look()) return;
      this.waiting.add(look);
      if (limit < Infinity) setTimeout(() => this.wake(), limit + 1);
    });
  }

  wait(ms) {
    return this.until(() => false, ms);
  }

  // So many tokens in each of these panes, or as many as they will ever get.
  tokens(count, panes = this.panes) {
    return this.until(() => panes.every((pane) => pane.tokens >= count || this.done(pane)));
  }

  settled(panes = this.panes) {
    return this.until(() => panes.every((pane) => this.done(pane)));
  }

  // Nothing more will come into this pane.
  done(pane) {
    const runOver = pane.runOver || this.panes.some((other) => other.finished && other.thread === pane.thread);
    return pane.finished || pane.kind === "refused" || pane.kind === "gone" || ((pane.kind === "closed" || this.#deaf(pane)) && runOver);
  }

  // Something to be closed when the run is over or the page is left: a connection of the script's own, a timer.
  hold(close) {
    this.over ? close() : this.holds.push(close);
  }

  // --- inside ---

  #here() {
    if (this.over) throw new Refused("over", "", 0);
  }

  // Open as far as the browser knows, silent, and nothing in the page watches for that.
  #deaf(pane) {
    return pane.kind === "open" && !pane.stream.watched() && performance.now() - pane.heardAt > this.silence;
  }

  #alone(pane) {
    return pane.transport === "websocket" && this.panes.every((other) => other === pane || other.thread !== pane.thread);
  }

  #event(pane, envelope) {
    pane.hear(envelope);
    if (envelope.method === "input.requested") this.changed("asked");
    if (pane.finished && pane.kind !== "ended") {
      pane.stream.close(); // or EventSource would come back for more, for ever
      pane.state("ended");
    }
    this.wake();
  }

  wake() {
    for (const look of this.waiting) if (look()) this.waiting.delete(look);
  }

  // Resume code was switched on after the socket had closed: it may still catch up, since the server kept the log.
  revive() {
    for (const pane of this.panes) if (!this.over && pane.kind === "closed") pane.stream.revive();
  }

  #tick() {
    for (const pane of this.panes) {
      pane.tell();
      const silent = pane.kind === "open" && performance.now() - pane.heardAt > this.silence;
      if (silent && pane.stream.watched()) {
        pane.alarms += 1;
        pane.stream.revive();
      }
    }
    this.ticks += 1;
    if (this.ticks % 2 === 0 && this.counted.length) {
      if (!this.counting) this.count();
      this.#askAfter();
    }
    this.wake();
  }

  // The server counts; the same code counts for the Python clients.
  count() {
    this.counting = true;
    const counted = this.counted;
    const receipts = counted.map((pane) => pane.receipt(this.started));
    // Runs of a child are counted there, by way of our own server.
    this.busy = this.request("/measure", { receipts })
      .then(({ measurements }) => measurements.forEach((measured, n) => counted[n].count(measured)))
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

  // A stream that stays closed or silent never hears of its run's end; nobody else may be listening either.
  async #askAfter() {
    const pane = this.panes.find((pane) => pane.run && !pane.runOver && (pane.kind === "closed" || this.#deaf(pane)));
    if (!pane) return;
    const about = await this.request(`/threads/${pane.thread}`, undefined, pane.api).catch((error) => ({ status: error.status === 404 ? "error" : "busy" }));
    pane.runOver = about.status === "idle" || about.status === "error";
    this.wake();
  }

  fail(error) {
    if (this.over) return;
    this.failure = error;
    this.over = true;
    this.endedAt = performance.now();
    this.close();
    this.wake();
    for (const pane of this.panes) if (!pane.finished && pane.kind !== "refused") pane.state("left");
    this.changed("failed", error.message);
  }

  // --- leaving ---

  close() {
    clearInterval(this.clock);
    for (const pane of this.panes) pane.stream?.close();
    for (const close of this.holds.splice(0)) close();
  }

  // Nobody will count this run any more: its servers may end.
  release() {
    this.released = true;
    for (const end of this.children.splice(0)) end();
  }

  // The lab is gone, and its script with it: whatever that still waits for, it opens nothing more.
  leave() {
    this.over = true;
    this.close();
    this.release();
    this.wake();
  }

  // The page is left, perhaps for the browser's cache. What is closed here and cannot be opened again ends the run, should it return.
  suspend() {
    this.torn = this.started === null || this.holds.length > 0 || this.children.length > 0;
    this.close();
    this.release();
  }

  // The page came back out of the browser's cache: its streams were closed when it left.
  reopen() {
    if (this.over) return;
    if (this.torn) return this.fail(new Refused("left", this.words["lab.error.left"], 0));
    this.clock = setInterval(() => this.#tick(), TICK_MS);
    for (const pane of this.panes) if (!pane.finished) pane.stream?.revive();
  }
}
