// The lab as a Streamlit component: buttons, hints, one status line, and the life of the component. Joined with the files
// beside it into one module (demos/pages/lab.py says in which order), so that they share their names.
const STILL = window.matchMedia("(prefers-reduced-motion: reduce)");

class Lab {
  constructor(root, [sent]) {
    this.root = root.querySelector(".lab");
    this.sent = sent;
    this.words = sent.words;
    this.run = null;
    this.#say();
    this.panes = ["sse", "websocket"].map((transport, n) => {
      const root = dressPane(this.$("template"), transport, this.words, (response) => this.#respond(n, response));
      this.$(".panes").append(root);
      return new Pane(root, transport, this.words);
    });
    this.timeline = new Timeline(this.$("canvas"), this.$(".legend"), this.words);
    this.#wire();
    this.#steps("1");
    this.status("lab.status.idle");
    table(this.$("tbody"), null, this.words);
    put(this.$(".sentence"), this.words["lab.result.empty"]);
    this.timeline.draw(this.panes);
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

  #say() {
    const template = this.$("template").content;
    for (const part of [this.root, template]) {
      for (const node of part.querySelectorAll("[data-word]")) put(node, this.words[node.dataset.word]);
      for (const node of part.querySelectorAll("[data-label]")) node.setAttribute("aria-label", this.words[node.dataset.label]);
    }
    this.$("[name=question]").value = this.words["lab.question_default"];
    // A real model has a pace of its own, and no seed.
    for (const field of this.root.querySelectorAll("[name=rate], [name=seed]")) field.disabled = !this.sent.paced;
  }

  #wire() {
    this.$("form").onsubmit = (event) => (event.preventDefault(), this.start());
    this.button("drop").onclick = () => this.#act("dropped", () => this.run.drop());
    this.button("stop").onclick = () => this.#act("stopping", () => this.run.stop());
    this.button("settings").onclick = ({ currentTarget }) => {
      const shut = this.$(".fields").toggleAttribute("hidden");
      currentTarget.setAttribute("aria-expanded", String(!shut));
    };
    this.button("resume").onchange = ({ target }) => target.checked && this.run?.revive();
    for (const radio of this.root.querySelectorAll("[name=mode]")) radio.onchange = () => !this.running && this.#steps("1");
    this.leave = () => this.run?.close();
    this.entered = (event) => event.persisted && this.run?.reopen();
    window.addEventListener("pagehide", this.leave);
    window.addEventListener("pageshow", this.entered);
  }

  get running() {
    return this.run !== null && !this.run.over;
  }

  get mode() {
    return this.$("[name=mode]:checked").value;
  }

  status(key, values = {}) {
    put(this.$(".status"), fill(this.words[key] ?? key, values));
  }

  #steps(current) {
    for (const step of this.root.querySelectorAll("[data-step]")) {
      put(step, this.words[`lab.step.${this.mode}.${step.dataset.step}`]);
      step.dataset.step === current ? step.setAttribute("aria-current", "step") : step.removeAttribute("aria-current");
    }
  }

  // Buttons are never hidden, only switched off: nothing moves.
  #switch() {
    const { running } = this;
    const held = this.root.getRootNode().activeElement;
    this.button("start").disabled = running;
    this.button("drop").disabled = !running || this.run.started === null || this.run.settings.mode === "two";
    this.button("stop").disabled = !running;
    for (const radio of this.root.querySelectorAll("[name=mode]")) radio.disabled = running;
    const next = !running ? "start" : this.run.settings.mode === "one" ? "drop" : "stop";
    for (const name of ["start", "drop", "stop"]) this.button(name).classList.toggle("primary", name === next && !this.button(name).disabled);
    // A button that is switched off lets the keyboard's focus fall; the next one that is on catches it.
    this.adrift ||= held instanceof HTMLButtonElement && held.disabled;
    if (this.adrift && !this.button(next).disabled) {
      this.adrift = false;
      this.button(next).focus({ preventScroll: true });
    }
    for (const place of this.root.querySelectorAll("[data-count=lost]")) put(place.previousSibling, this.words[running ? "lab.count.missing" : "lab.count.lost"]);
  }

  start() {
    if (this.running) return;
    const { elements } = this.$("form");
    const settings = {
      mode: this.mode,
      question: elements.question.value.trim() || this.words["lab.question_default"],
      rate: Number(elements.rate.value),
      seed: Number(elements.seed.value),
      approve: elements.approve.checked,
      answers: this.sent.answers,
    };
    for (const pane of this.panes) pane.reset();
    table(this.$("tbody"), null, this.words);
    put(this.$(".sentence"), this.words["lab.result.running"]);
    Object.assign(this.timeline, { started: null, ended: null, expected: 3000 + (this.sent.tokens / settings.rate) * 1000 });
    const { api } = this.sent;
    const resumes = () => this.button("resume").checked;
    const changed = (what, detail) => this.#changed(what, detail);
    this.run = new Run({ api, words: this.words, settings, panes: this.panes, resumes, changed, ended: (run) => this.#ended(run) });
    this.status("lab.status.connecting");
    this.#switch();
    this.run.start();
    this.#frame();
  }

  #changed(what, detail) {
    if (what === "running") {
      this.timeline.started = this.run.started;
      if (!this.run.dropped) this.#steps("2");
    }
    if (what === "failed") {
      this.timeline.ended = this.run.endedAt;
      put(this.$(".sentence"), this.words["lab.result.none"]);
      this.#steps("1");
    }
    const key = what === "running" && this.run.settings.mode === "two" ? "two" : what;
    this.status(`lab.status.${key}`, { reason: detail });
    this.#switch();
  }

  async #act(what, act) {
    try {
      this.#steps("3");
      this.status(`lab.status.${what}`);
      await act();
    } catch (error) {
      this.status("lab.status.trouble", { reason: error.message });
    }
  }

  #respond(n, response) {
    for (const button of this.panes[n].ask.querySelectorAll("button")) button.disabled = true;
    this.status("lab.status.answered");
    this.run.respond(n, response);
  }

  // Drawn per frame while a run is on; twice a second for people who asked for less motion.
  #frame() {
    const { run } = this;
    const draw = () => {
      this.timeline.draw(this.panes);
      if (run !== this.run || run.over) return;
      STILL.matches ? setTimeout(draw, 500) : requestAnimationFrame(draw);
    };
    draw();
  }

  async #ended(run) {
    this.timeline.ended = run.endedAt;
    this.timeline.draw(this.panes);
    this.#switch();
    this.#steps("1");
    if (run.trouble || this.panes.some((pane) => pane.measured === null)) return this.#changed("failed", run.trouble ?? "");
    const said = sentence(run, this.words);
    table(this.$("tbody"), run, this.words);
    put(this.$(".sentence"), said);
    this.status("lab.status.ended", { reason: said });
    try {
      const kept = await request(`${this.sent.api}/evidence`, evidence(run, this.words), this.words);
      this.set("kept", { id: kept.id, scenario: scenario(run) });
    } catch (error) {
      this.status("lab.status.not_kept", { reason: error.message });
    }
  }

  stop() {
    this.run?.close();
    this.run = null;
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
