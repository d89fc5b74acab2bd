// A slow handler: every event takes the page a moment. Who is handed events faster than it can handle them, and who is not?
const HANDLING_MS = { slow: 15, fast: 0 };

SCENARIOS.slow = {
  panes: [
    { transport: "sse", client: "fetch", id: "fetch" },
    { transport: "sse", client: "EventSource", id: "eventsource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { handling: ["slow", "fast"] },
  lasts: () => 7000,

  async run(stage) {
    const takes = HANDLING_MS[stage.settings.handling];
    const kinds = ["fetch", "eventsource", "socket"];
    const thread = await stage.thread();
    const queues = stage.panes.map(() => new Queue(takes));
    for (const queue of queues) stage.hold(() => queue.close());
    await Promise.all(
      stage.panes.map((pane, n) => stage.open(pane, { kind: kinds[n], thread, resume: () => kinds[n] !== "fetch", watched: () => false, handle: (act) => queues[n].add(act) })),
    );
    await stage.start(stage.panes, { rate: 0, first_token_ms: 300, n_tokens: 6000 });
    await stage.settled();
    stage.panes.forEach((pane, n) => {
      pane.figure("waiting", queues[n].most);
      pane.figure("behind_ms", Math.round(queues[n].behind));
    });
  },

  outcome(stage) {
    const [byFetch, , socket] = stage.panes.map((pane) => pane.figures.waiting);
    const { handling } = stage.settings;
    const came = socket > 3 * byFetch ? "socket" : byFetch > 3 * socket ? "fetch" : "same";
    return { came, sentence: handling, how: ["base", handling] };
  },
};

// What was handed to the page and is not handled yet. One at a time, each so many milliseconds after the one before.
class Queue {
  constructor(takes) {
    Object.assign(this, { takes, waiting: [], most: 0, behind: 0, timer: null });
  }

  // Resolves once it was handled.
  add(act) {
    if (!this.takes) return act();
    return new Promise((handled) => {
      this.waiting.push({ act, handled, since: performance.now() });
      this.most = Math.max(this.most, this.waiting.length);
      this.timer ??= setTimeout(() => this.#next(), this.takes);
    });
  }

  #next() {
    const { act, handled, since } = this.waiting.shift();
    this.behind = Math.max(this.behind, performance.now() - since);
    this.timer = this.waiting.length ? setTimeout(() => this.#next(), this.takes) : null;
    act();
    handled();
  }

  close() {
    clearTimeout(this.timer);
    this.waiting.length = 0;
  }
}
