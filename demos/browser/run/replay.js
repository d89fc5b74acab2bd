// A saved run once more: fed into the same panes on a clock of its own, without any connection. To the lab it looks like a
// run that is under way; it is never measured and never sent.
const STEP_MS = 33;
const MOST_A_STEP = 500; // a file may claim that everything came at once

export class Replay {
  constructor(saved, panes, changed) {
    this.saved = saved;
    this.panes = panes;
    this.changed = changed;
    this.settings = saved.settings;
    this.threads = [];
    this.started = 0;
    this.endedAt = null;
    this.over = false;
    this.speed = 1;
    this.dropped = saved.dropped ?? 0;
    this.steps = saved.panes.flatMap((pane, n) => [
      ...pane.heard.map((one) => ({ t: one.t, feed: () => (one.event ? panes[n].hear(one.event) : panes[n].state(one.state, one.detail)) })),
      ...pane.wire.map((one) => ({ t: one.t, feed: () => panes[n].wired(one.way, one.text, one.around) })),
    ]);
    this.steps.sort((a, b) => a.t - b.t);
    // What came before the start was the opening of connections: little of it is worth waiting for.
    this.at = Math.max(Math.min(this.steps[0]?.t ?? 0, 0), -500);
    this.fed = 0;
  }

  play() {
    this.panes.forEach((pane, n) => Object.assign(pane, { client: this.saved.panes[n].client, now: () => this.at }));
    this.#run();
  }

  #run() {
    this.before = performance.now();
    this.clock = setInterval(() => this.#step(), STEP_MS);
  }

  #step() {
    const now = performance.now();
    const until = Math.min(this.at + (now - this.before) * this.speed, this.saved.lasted);
    this.before = now;
    const most = Math.min(this.fed + MOST_A_STEP, this.steps.length);
    while (this.fed < most && this.steps[this.fed].t <= until) {
      const step = this.steps[this.fed++]; // before it is fed: one that cannot be must not come again and again
      this.at = step.t; // what is fed finds the moment that it belongs to
      step.feed();
    }
    this.at = until;
    this.panes.forEach((pane, n) => this.#mark(pane, this.saved.panes[n]));
    if (until >= this.saved.lasted && (this.steps[this.fed]?.t ?? Infinity) > until) this.#end();
  }

  // Marks and outages are the file's: what the page would add is only that part of them which events tell.
  #mark(pane, saved) {
    pane.marks = saved.marks.filter(({ t }) => t <= this.at);
    pane.downs = saved.downs.filter(({ from }) => from <= this.at).map(({ from, to }) => ({ from, to: to !== null && to <= this.at ? to : null }));
    for (const button of pane.ask.querySelectorAll("button")) button.disabled = true;
    pane.tell();
  }

  #end() {
    this.close();
    this.over = true;
    this.endedAt = this.saved.lasted;
    this.panes.forEach((pane, n) => {
      pane.figures = this.saved.panes[n].figures;
      pane.count(this.saved.panes[n].measured);
    });
    this.changed();
  }

  close() {
    clearInterval(this.clock);
  }

  leave() {
    this.close();
  }

  suspend() {
    this.close();
  }

  reopen() {
    if (!this.over) this.#run();
  }

  // What a run can do and a replay cannot: there is no server behind it.
  drop() {}
  stop() {}
  respond() {}
  revive() {}
  release() {}
}
