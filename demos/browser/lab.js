// The lab as a Streamlit component: buttons, hints, one status line, and the life of the component. Joined with the files
// beside it into one module (demos/pages/lab.py says in which order), so that they share their names.
const STILL = window.matchMedia("(prefers-reduced-motion: reduce)");

class Lab {
  constructor(root, [sent]) {
    this.root = root.querySelector(".lab");
    this.sent = sent;
    this.words = sent.words;
    this.name = sent.scenario;
    this.scenario = SCENARIOS[sent.scenario];
    this.stage = null;
    this.#say();
    this.panes = this.scenario.panes.map((about) => {
      const { places = PLACES, bad = BAD } = this.scenario;
      const known = { id: about.transport, places, bad, ...about };
      const root = dressPane(this.$("template"), known, this.words, (response) => this.#respond(pane, response));
      this.$(".panes").append(root);
      const pane = new Pane(root, known, this.words);
      return pane;
    });
    const { length } = this.panes;
    this.root.style.setProperty("--panes", length);
    this.root.style.setProperty("--columns", length === 4 ? 2 : length);
    this.timeline = new Timeline(this.$("canvas"), this.$(".legend"), this.words);
    this.form = new Form(this.root, this.name, this.scenario, this.words);
    this.#wire();
    this.#steps(1);
    this.status(...this.#here("lab.status.idle"));
    this.#table(false);
    put(this.$(".sentence"), this.words["lab.result.empty"]);
    this.timeline.draw(this.panes);
    if (sent.remote && sent.child) this.#refuse("lab.status.remote");
    this.#switch();
  }

  $(selector) {
    return this.root.querySelector(selector);
  }

  button(name) {
    return this.$(`[data-testid="lab-${name}"]`);
  }

  // New data or a new theme. Colours come from CSS, so drawing again is all; a run that is under way keeps its settings.
  update([sent]) {
    this.sent = sent;
    requestAnimationFrame(() => this.timeline.draw());
  }

  // A word of this scenario where it has one; else the lab's own.
  #here(key) {
    return [pick(this.words, key.replace(/^lab/, `scenario.${this.name}`), key)];
  }

  #say() {
    const template = this.$("template").content;
    for (const part of [this.root, template]) {
      for (const node of part.querySelectorAll("[data-word]")) put(node, this.#here(node.dataset.word)[0]);
      for (const node of part.querySelectorAll("[data-label]")) node.setAttribute("aria-label", this.words[node.dataset.label]);
    }
    this.$("[name=question]").value = this.words["lab.question_default"];
    // A real model has a pace of its own, and no seed.
    for (const field of this.root.querySelectorAll("[name=rate], [name=seed]")) field.disabled = !this.sent.paced;
  }

  #wire() {
    this.$("form").onsubmit = (event) => (event.preventDefault(), this.start());
    this.button("again").onclick = () => {
      const { seed } = this.$("form").elements;
      seed.value = (Number(seed.value) + 1) % 1_000_000;
      this.start();
    };
    this.button("drop").onclick = () => this.#act("dropped", () => this.stage.drop());
    this.button("stop").onclick = () => this.#act("stopping", () => this.stage.stop());
    this.button("settings").onclick = ({ currentTarget }) => {
      const shut = this.$(".fields").toggleAttribute("hidden");
      currentTarget.setAttribute("aria-expanded", String(!shut));
    };
    this.button("resume").onchange = ({ target }) => target.checked && this.stage?.revive();
    this.$(".choices").onchange = () => !this.running && this.#steps(1);
    this.leave = () => (this.stage?.close(), this.stage?.release());
    this.entered = (event) => event.persisted && this.stage?.reopen();
    window.addEventListener("pagehide", this.leave);
    window.addEventListener("pageshow", this.entered);
  }

  get running() {
    return this.stage !== null && !this.stage.over;
  }

  status(key, values = {}) {
    put(this.$(".status"), fill(this.words[key] ?? key, values));
  }

  #refuse(key) {
    this.refused = true;
    this.status(key);
  }

  #steps(current) {
    const { mode } = this.form.choices;
    for (const step of this.root.querySelectorAll("[data-step]")) {
      const n = step.dataset.step;
      put(step, pick(this.words, `scenario.${this.name}.step.${mode}.${n}`, `scenario.${this.name}.step.${n}`, `lab.step.${n}`));
      Number(n) === current ? step.setAttribute("aria-current", "step") : step.removeAttribute("aria-current");
    }
  }

  // Buttons are never hidden, only switched off: nothing moves.
  #switch() {
    const { running } = this;
    const held = this.root.getRootNode().activeElement;
    const droppable = running && this.stage.started !== null && this.stage.threads.length === 1;
    this.button("start").disabled = this.button("again").disabled = running || this.refused === true;
    this.button("drop").disabled = !droppable;
    this.button("stop").disabled = !running;
    for (const radio of this.root.querySelectorAll(".choices input, .predict input")) radio.disabled = running;
    const next = (running && this.scenario.next?.(this.stage.settings)) || "start";
    for (const name of ["start", "drop", "stop"]) this.button(name).classList.toggle("primary", name === next && !this.button(name).disabled);
    // A button that is switched off lets the keyboard's focus fall; the next one that is on catches it.
    this.adrift ||= held instanceof HTMLButtonElement && held.disabled;
    if (this.adrift && !this.button(next).disabled && !this.button(next).hidden) {
      this.adrift = false;
      this.button(next).focus({ preventScroll: true });
    }
    for (const place of this.root.querySelectorAll("[data-count=lost]")) put(place.previousSibling, this.words[running ? "lab.count.missing" : "lab.count.lost"]);
  }

  async start() {
    if (this.running || this.refused || !this.$("form").reportValidity()) return;
    const settings = { ...this.form.settings, answers: this.sent.answers, numbers: this.sent.numbers };
    for (const pane of this.panes) pane.reset();
    this.#table(false);
    put(this.$(".judged"), "");
    put(this.$(".sentence"), this.words["lab.result.running"]);
    const expected = this.scenario.lasts?.(settings) ?? 3000 + (this.sent.tokens / settings.rate) * 1000;
    Object.assign(this.timeline, { started: null, ended: null, expected });
    const changed = (what, detail) => this.#changed(what, detail);
    const resumes = () => this.button("resume").checked;
    const { silence } = this.scenario;
    const stage = (this.stage = new Stage({ api: this.sent.api, name: this.name, words: this.words, settings, panes: this.panes, resumes, changed, silence }));
    this.status("lab.status.connecting");
    this.#steps(2);
    this.#switch();
    this.#frame();
    const said = await stage.play((stage) => this.scenario.run(stage));
    if (stage === this.stage && said) await this.#ended(stage, this.scenario.outcome(stage, said));
    stage.release();
  }

  #changed(what, detail) {
    if (what === "running") this.timeline.started = this.stage.started;
    if (what === "failed") {
      this.timeline.ended = this.stage.endedAt;
      put(this.$(".sentence"), this.words["lab.result.none"]);
      this.#steps(1);
    }
    const mode = this.stage.settings.mode;
    const key = pick(this.words, `scenario.${this.name}.status.${what}.${mode}`, `scenario.${this.name}.status.${what}`, `lab.status.${what}`);
    this.status(key ?? what, { reason: detail });
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
      if (stage !== this.stage || stage.over) return;
      STILL.matches ? setTimeout(draw, 500) : requestAnimationFrame(draw);
    };
    draw();
  }

  #table(done) {
    table(this.$("table"), this.panes, this.sent.figures, this.words, done);
  }

  async #ended(stage, said) {
    this.timeline.ended = stage.endedAt;
    this.timeline.draw(this.panes);
    this.#switch();
    this.#steps(3);
    this.#table(true);
    const told = sentence(this.name, stage, said, this.words);
    put(this.$(".sentence"), told);
    put(this.$(".judged"), judged(this.name, this.form.chosen("expected"), said, this.words));
    this.status("lab.status.ended", { reason: told });
    try {
      const kept = await request(`${this.sent.api}/evidence`, evidence(this.name, stage, said, this.words), this.words);
      this.set("kept", { id: kept.id, scenario: this.name });
    } catch (error) {
      this.status("lab.status.not_kept", { reason: error.message });
    }
  }

  stop() {
    this.leave();
    this.stage = null;
    this.timeline.resize.disconnect();
    window.removeEventListener("pagehide", this.leave);
    window.removeEventListener("pageshow", this.entered);
  }
}

// Streamlit calls this for every change of data or theme, sometimes late and out of order, and calls the cleanup of calls
// that are long out of date. Only the newest call's cleanup may end the lab; only newer data may change it.
const LABS = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  let lab = LABS.get(parentElement);
  if (!lab) LABS.set(parentElement, (lab = Object.assign(new Lab(parentElement, data), { calls: 0, revision: data[0].revision })));
  const call = ++lab.calls;
  lab.set = setStateValue;
  if (data[0].revision >= lab.revision) {
    lab.revision = data[0].revision;
    lab.update(data);
  }
  return () => setTimeout(() => call === lab.calls && (lab.stop(), LABS.delete(parentElement)));
}
