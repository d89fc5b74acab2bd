// Looks after the streams of a run, on a clock: revives those that went silent, asks after a run that nobody hears of.
const TICK_MS = 250;

export class Watch {
  constructor(run) {
    this.run = run;
    this.ticks = 0;
    this.begin();
  }

  begin() {
    this.clock = setInterval(() => this.#tick(), TICK_MS);
  }

  end() {
    clearInterval(this.clock);
  }

  // Nothing more will come into this pane.
  done(pane) {
    const runOver = pane.runOver || this.run.panes.some((other) => other.finished && other.thread === pane.thread);
    return pane.finished || pane.kind === "refused" || pane.kind === "gone" || ((pane.kind === "closed" || this.#deaf(pane)) && runOver);
  }

  // Open as far as the browser knows, silent, and nothing in the page watches for that.
  #deaf(pane) {
    return this.#silent(pane) && !pane.stream.watched();
  }

  #silent(pane) {
    return pane.kind === "open" && performance.now() - pane.heardAt > this.run.silence;
  }

  #tick() {
    for (const pane of this.run.panes) {
      pane.tell();
      if (this.#silent(pane) && pane.stream.watched()) {
        pane.alarms += 1;
        pane.stream.revive();
      }
    }
    this.ticks += 1;
    if (this.ticks % 2 === 0 && this.run.counting.counted.length) {
      if (!this.run.counting.counting) this.run.counting.count();
      this.#askAfter();
    }
    this.run.wake();
  }

  // A stream that stays closed or silent never hears of its run's end; nobody else may be listening either.
  async #askAfter() {
    const { run } = this;
    const pane = run.panes.find((pane) => pane.run && !pane.runOver && (pane.kind === "closed" || this.#deaf(pane)));
    if (!pane) return;
    const lost = (error) => ({ status: error.status === 404 ? "error" : "busy" });
    const about = await run.request(`/threads/${pane.thread}`, undefined, pane.api).catch(lost);
    pane.runOver = about.status === "idle" || about.status === "error";
    run.wake();
  }
}
