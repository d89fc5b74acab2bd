// The lab as a Streamlit component: buttons, hints, one status line, and the life of the component. Joined with the files
// beside it into one module (demos/pages/lab.py says in which order), so that they share their names.
const KEEP_MS = 15_000; // a server that does not keep a run by then has not kept it
const STILL = window.matchMedia("(prefers-reduced-motion: reduce)");

class Lab {
  constructor(root, [sent]) {
    this.root = root.querySelector(".lab");
    this.sent = sent;
    this.words = sent.words;
    this.name = sent.scenario;
    this.scenario = SCENARIOS[sent.scenario];
    this.stage = null;
    this.voice = new Voice(this.root, this.name, this.words);
    this.$("[name=question]").value = this.words["lab.question_default"];
    // A real model has a pace of its own, and no seed.
    for (const field of this.root.querySelectorAll("[name=rate], [name=seed]")) field.disabled = !sent.paced;
    this.panes = this.scenario.panes.map((about) => {
      const { places = PLACES, bad = BAD } = this.scenario;
      const known = { id: about.transport, places, bad, ...about };
      const root = dressPane(this.$("template"), known, this.words, (response) => this.#respond(pane, response));
      this.$(".panes").append(root);
      const pane = new Pane(root, known, this.words);
      return pane;
    });
    this.root.style.setProperty("--panes", this.panes.length);
    this.$(".panes").dataset.panes = this.panes.length;
    this.timeline = new Timeline(this.$("canvas"), this.$(".legend"), this.words);
    this.form = new Form(this.root, this.name, this.scenario, this.words);
    this.buttons = new Buttons(this);
    this.wire = new Wire(this.$(".wire"), this.panes, this.words);
    this.#wire();
    this.shelf = new Shelf(this);
    this.keys = new Keys(this);
    this.voice.aside(this.scenario.aside?.(sent));
    this.idle();
    reveal();
    if (sent.remote && sent.child) this.#refuse("lab.status.remote");
    this.#switch();
  }

  $(selector) {
    return this.root.querySelector(selector);
  }

  button(name) {
    return this.$(`[data-testid="lab-${name}"]`);
  }

  // Nothing is connected, nothing has been shown; so too when a replay is put away.
  idle() {
    this.#quit();
    this.#clear("lab.result.empty");
    this.timeline.draw(this.panes);
    this.#steps(1);
    this.status(this.voice.key(this.scenario.left?.() ? "lab.status.left" : "lab.status.idle"));
    this.#switch();
  }

  // New data or a new theme. Colours come from CSS, so drawing again is all; a run that is under way keeps its settings.
  update([sent]) {
    this.sent = sent;
    requestAnimationFrame(() => this.timeline.draw());
  }

  #wire() {
    this.$("form").onsubmit = (event) => (event.preventDefault(), this.start());
    this.button("again").onclick = () => {
      const { seed } = this.$("form").elements;
      seed.value = (Number(seed.value) + 1) % 1_000_000;
      this.start();
    };
    this.button("takeup").onclick = () => this.start(true);
    this.button("drop").onclick = () => this.#act("dropped", () => this.stage.drop());
    this.button("stop").onclick = () => this.#act("stopping", () => this.stage.stop());
    for (const [name, part] of [["settings", ".fields"], ["wire", ".wire"]]) {
      this.button(name).onclick = ({ currentTarget }) => {
        const shut = this.$(part).toggleAttribute("hidden");
        currentTarget.setAttribute("aria-expanded", String(!shut));
        this.root.classList.toggle("wired", !this.wire.root.hidden);
        this.wire.draw(true);
      };
    }
    this.button("resume").onchange = ({ target }) => target.checked && this.stage?.revive();
    this.$(".choices").onchange = () => !this.busy && this.#steps(1);
    this.leave = () => this.stage?.suspend();
    this.entered = (event) => event.persisted && this.stage?.reopen();
    window.addEventListener("pagehide", this.leave);
    window.addEventListener("pageshow", this.entered);
  }

  get running() {
    return this.stage !== null && !this.stage.over;
  }

  // No other may begin: one is on, or its server still counts what is kept of it.
  get busy() {
    return this.running || this.keeping === true;
  }

  // Connected to a server, unlike a replay.
  get live() {
    return this.running && !(this.stage instanceof Replay);
  }

  status(...what) {
    this.voice.status(...what);
  }

  #steps(current) {
    this.voice.steps(current, this.form.choices.mode);
  }

  #refuse(key) {
    this.refused = true;
    this.status(key);
  }

  #switch() {
    this.buttons.switch();
    this.shelf.switch();
    const word = this.words[this.running ? "lab.count.missing" : "lab.count.lost"];
    for (const place of this.root.querySelectorAll("[data-count=lost]")) put(place.previousSibling, word);
  }

  // takeUp: goes on with the run that this page left behind when it was reloaded, instead of a new one.
  async start(takeUp = false) {
    if (this.busy || this.refused || !this.$("form").reportValidity()) return;
    const settings = { ...this.form.settings, answers: this.sent.answers, numbers: this.sent.numbers, takeUp };
    const expected = this.scenario.lasts?.(settings) ?? 3000 + (this.sent.tokens / settings.rate) * 1000;
    const changed = (what, detail) => stage === this.stage && this.#changed(what, detail);
    const resumes = () => this.button("resume").checked;
    const { silence } = this.scenario;
    const stage = new Stage({ api: this.sent.api, name: this.name, words: this.words, settings, panes: this.panes, resumes, changed, silence });
    this.begin(stage, expected, () => performance.now());
    this.status("lab.status.connecting");
    this.keeping = true; // until it is kept, nothing else begins
    try {
      const said = await stage.play(this.scenario);
      if (stage === this.stage && said) await this.#ended(stage, said);
    } finally {
      this.keeping = false;
      this.#switch();
      stage.release();
    }
  }

  // A run begins, on whatever clock.
  begin(stage, expected, now, sentence = "lab.result.running") {
    this.#quit();
    this.#clear(sentence);
    this.stage = stage;
    Object.assign(this.timeline, { expected, now });
    this.#steps(this.live ? 2 : 0); // nobody is asked to do anything in a replay
    this.#switch();
    this.#frame();
  }

  #clear(sentence) {
    for (const pane of this.panes) pane.reset();
    Object.assign(this.timeline, { started: null, ended: null });
    this.wire.clear();
    this.shelf.keep(null);
    this.$(".replayed").hidden = true;
    this.#table(false);
    put(this.$(".judged"), "");
    put(this.$(".sentence"), this.words[sentence]);
  }

  #changed(what, detail) {
    if (what === "running") this.timeline.started = this.wire.started = this.stage.started;
    if (what === "failed") {
      this.timeline.ended = this.stage.endedAt;
      put(this.$(".sentence"), this.words["lab.result.none"]);
      this.#steps(1);
    }
    const mode = this.stage.settings.mode;
    const key = pick(this.words, `scenario.${this.name}.status.${what}.${mode}`, `scenario.${this.name}.status.${what}`, `lab.status.${what}`);
    this.status(key ?? what, { reason: detail }, what);
    this.#switch();
  }

  async #act(what, act) {
    try {
      this.#steps(3);
      this.status(`lab.status.${what}`);
      await act();
    } catch (error) {
      this.status("lab.status.trouble", { reason: error.message });
    }
  }

  #respond(pane, response) {
    for (const button of pane.ask.querySelectorAll("button")) button.disabled = true;
    this.status("lab.status.answered");
    this.stage.respond(pane, response);
  }

  // Drawn per frame while a run is on; twice a second for people who asked for less motion.
  #frame() {
    const { stage } = this;
    const draw = () => {
      this.timeline.draw(this.panes);
      this.wire.draw();
      if (stage !== this.stage || stage.over) return;
      STILL.matches ? setTimeout(draw, 500) : requestAnimationFrame(draw);
    };
    draw();
  }

  #table(done) {
    table(this.$("table"), this.panes, this.sent.figures, this.words, done);
  }

  // Shows what a run has come to.
  conclude(stage, said) {
    this.timeline.ended = stage.endedAt;
    this.timeline.draw(this.panes);
    this.wire.draw(true);
    this.#switch();
    this.#steps(3);
    this.#table(true);
    const told = sentence(this.name, stage, said, this.words);
    put(this.$(".sentence"), told);
    return told;
  }

  async #ended(stage, said) {
    try {
      const told = this.conclude(stage, said);
      put(this.$(".judged"), judged(this.name, this.form.chosen("expected"), said, this.words));
      this.status("lab.status.ended", { reason: told });
      const run = { name: this.name, stage, said };
      this.shelf.keep(run);
      const kept = await request(`${this.sent.api}/evidence`, evidence(this.name, stage, said, this.words), this.words, KEEP_MS);
      if (stage === this.stage) this.shelf.keep({ ...run, evidence: kept.evidence });
      this.set("kept", { id: kept.id, scenario: this.name });
    } catch (error) {
      if (stage === this.stage) this.status("lab.status.not_kept", { reason: error.message });
    }
  }

  #quit() {
    this.stage?.leave();
    this.stage = null;
  }

  stop() {
    this.#quit();
    this.keys.stop();
    this.timeline.resize.disconnect();
    window.removeEventListener("pagehide", this.leave);
    window.removeEventListener("pageshow", this.entered);
  }
}
