// A slow handler: every event takes the page a moment. Who is handed events faster than it can handle them, and who is not?
const HANDLING_MS = { slow: 15, fast: 0 };

export const slow = {
  panes: [
    { transport: "sse", client: "fetch", id: "fetch" },
    { transport: "sse", client: "EventSource", id: "eventsource" },
    { transport: "websocket", client: "WebSocket" },
  ],
  choices: { handling: ["slow", "fast"] },
  lasts: () => 7000,

  async play(run) {
    const takes = HANDLING_MS[run.settings.handling];
    const kinds = ["fetch", "eventsource", "socket"];
    const thread = await run.thread();
    const queues = run.panes.map(() => new Queue(takes));
    for (const queue of queues) run.hold(() => queue.close());
    await Promise.all(
      run.panes.map((pane, n) => run.open(pane, { kind: kinds[n], thread, resume: () => kinds[n] !== "fetch", watched: () => false, handle: (act) => queues[n].add(act) })),
    );
    await run.start(run.panes, { rate: 0, first_token_ms: 300, n_tokens: 6000 });
    await run.settled();
    run.panes.forEach((pane, n) => {
      pane.figure("waiting", queues[n].most);
      pane.figure("behind_ms", Math.round(queues[n].behind));
    });
  },

  outcome(run) {
    const [byFetch, , socket] = run.panes.map((pane) => pane.figures.waiting);
    const { handling } = run.settings;
    const came = socket > 3 * byFetch ? "socket" : byFetch > 3 * socket ? "fetch" : "same";
    return { came, sentence: handling, how: ["base", handling], so: so(run) };
  },
};

const so = ({ panes, settings: { handling } }) => {
  const [byFetch, source, socket] = panes.map(({ figures }) => figures.waiting);
  if (handling === "fast") return [Math.max(byFetch, source, socket) === 0 ? "nothing" : "not_fast"];
  return [Math.min(source, socket) > 2 * byFetch ? "piled" : "not_piled"];
};

// What was handed to the page and is not handled yet. One at a time, each so many milliseconds after the one before.
class Queue {
  constructor(takes) {
    this.takes = takes;
    this.waiting = [];
    this.most = this.behind = 0;
    this.timer = null;
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
