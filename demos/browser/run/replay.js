// A saved run once more: fed into the same panes on a clock of its own, without any connection. To the lab it looks like a
// stage whose run is under way; it is never measured and never sent.
const STEP_MS = 33;
const MOST_A_STEP = 500; // a file may claim that everything came at once

class Replay {
  constructor(run, panes, changed) {
    Object.assign(this, { run, panes, changed, settings: run.settings, threads: [], started: 0, endedAt: null, over: false, speed: 1 });
    this.dropped = run.dropped ?? 0;
    this.steps = run.panes.flatMap((saved, n) => [
      ...saved.heard.map((one) => ({ t: one.t, feed: () => (one.event ? panes[n].hear(one.event) : panes[n].state(one.state, one.detail)) })),
      ...saved.wire.map((one) => ({ t: one.t, feed: () => panes[n].wired(one.way, one.text, one.around) })),
    ]);
    this.steps.sort((a, b) => a.t - b.t);
    // What came before the start was the opening of connections: little of it is worth waiting for.
    this.at = Math.max(Math.min(this.steps[0]?.t ?? 0, 0), -500);
    this.fed = 0;
  }

  play() {
    this.panes.forEach((pane, n) => Object.assign(pane, { client: this.run.panes[n].client, now: () => this.at }));
    this.#run();
  }

  #run() {
    this.before = performance.now();
    this.clock = setInterval(() => this.#step(), STEP_MS);
  }

  #step() {
    const now = performance.now();
    const until = Math.min(this.at + (now - this.before) * this.speed, this.run.lasted);
    this.before = now;
    const most = Math.min(this.fed + MOST_A_STEP, this.steps.length);
    while (this.fed < most && this.steps[this.fed].t <= until) {
      const step = this.steps[this.fed++]; // before it is fed: one that cannot be must not come again and again
      this.at = step.t; // what is fed finds the moment that it belongs to
      step.feed();
    }
    this.at = until;
    this.panes.forEach((pane, n) => this.#mark(pane, this.run.panes[n]));
    if (until >= this.run.lasted && (this.steps[this.fed]?.t ?? Infinity) > until) this.#end();
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
    this.endedAt = this.run.lasted;
    this.panes.forEach((pane, n) => {
      pane.figures = this.run.panes[n].figures;
      pane.count(this.run.panes[n].measured);
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

  // What a stage can do and a replay cannot: there is no server behind it.
  drop() {}
  stop() {}
  respond() {}
  revive() {}
  release() {}
}

// The buttons around it: save this run, open a run, faster, end.
class Shelf {
  constructor(lab) {
    Object.assign(this, { lab, last: null });
    lab.button("save").onclick = () => this.#save();
    lab.button("open").onclick = () => lab.button("file").click();
    lab.button("file").onchange = ({ target }) => this.#open(target);
    lab.button("faster").onclick = ({ currentTarget }) => {
      const faster = currentTarget.getAttribute("aria-pressed") !== "true";
      currentTarget.setAttribute("aria-pressed", String(faster));
      this.replay.speed = faster ? 4 : 1;
    };
    lab.button("end").onclick = () => lab.idle();
    this.switch();
  }

  // A run that may be saved; null: none. `evidence` is what the server kept of it.
  keep(last) {
    this.last = last;
    this.switch();
  }

  switch() {
    const { lab } = this;
    const saves = lab.scenario.saves !== false;
    lab.button("save").disabled = this.last === null || lab.running || !saves;
    lab.button("open").disabled = lab.busy;
    this.#say(this.last && !saves ? lab.words["lab.save.not"] : "", false);
  }

  #say(text, bad = true) {
    this.lab.$(".unread").classList.toggle("bad", bad);
    put(this.lab.$(".unread"), text);
  }

  #save() {
    const text = runFile(this.last);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = `streamwise-${this.last.name}-${new Date().toISOString().slice(0, 16).replace(/[^0-9]/g, "")}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  async #open(input) {
    const [file] = input.files;
    const { lab } = this;
    if (!file) return;
    try {
      if (file.size > LARGEST_BYTES) throw new Unreadable("lab.open.large");
      const run = readRun(await file.text(), lab);
      if (!lab.busy) this.#play(run);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      const { title } = error.values;
      const values = { ...error.values, mb: LARGEST_BYTES / 1e6, ...(title && { title: lab.sent.titles[title] ?? title }) };
      lab.status("lab.open.failed", { reason: fill(lab.words[error.key], values) });
      this.#say(fill(lab.words[error.key], values));
    } finally {
      input.value = ""; // the same file may be opened again
    }
  }

  #play(run) {
    const { lab } = this;
    const values = { when: `${run.taken.slice(0, 16).replace("T", " ")} UTC` };
    const told = fill(lab.words["lab.replay.of"], values);
    const replay = (this.replay = new Replay(run, lab.panes, () => {
      lab.conclude(replay, run.said);
      put(lab.$(".judged"), told);
      lab.status("lab.replay.over", values);
    }));
    lab.button("faster").setAttribute("aria-pressed", "false");
    lab.begin(replay, run.lasted, () => replay.at, "lab.result.replay");
    put(lab.$(".replayed b"), told);
    lab.$(".replayed").hidden = false;
    lab.status("lab.replay.status", values);
    lab.timeline.started = lab.wire.started = 0;
    replay.play();
    lab.root.scrollIntoView({ block: "start" });
  }
}
