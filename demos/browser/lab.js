// The lab of one scenario: its panes, its run or replay, and the parts around them. `mount` is what the loader calls.
import { Replay } from "./run/replay.js";
import { Run } from "./run/run.js";
import { RunFiles } from "./run/saved_runs.js";
import { SCENARIOS } from "./scenarios/catalog.js";
import { spoiled } from "./scenarios/lessons.js";
import { request } from "./transports/api.js";
import { Buttons } from "./view/buttons.js";
import { Controls } from "./view/controls.js";
import { Display } from "./view/display.js";
import { put } from "./view/elements.js";
import { BAD, PLACES } from "./view/figures.js";
import { Form } from "./view/form.js";
import { Pane } from "./view/pane.js";
import { dressPane } from "./view/pane_elements.js";
import { PresenterKeys } from "./view/presenter_keys.js";
import { evidence, judged, lesson, sentence } from "./view/result.js";
import { reveal } from "./view/scenario_row.js";
import { StatusLine } from "./view/status_line.js";
import { pick } from "./words.js";

const KEEP_MS = 15_000; // a server that does not keep a run by then has not kept it

export class Lab {
  // streamlit: { set(name, value), trigger(name, value) }, which tell Python.
  constructor(place, [sent], streamlit) {
    this.root = place.querySelector(".lab");
    this.sent = sent;
    this.streamlit = streamlit;
    this.words = sent.words;
    this.name = sent.scenario;
    this.scenario = SCENARIOS[sent.scenario];
    this.run = null;
    this.keeping = this.refused = false;
    this.statusLine = new StatusLine(this.root, this.name, this.words);
    this.$("[name=question]").value = this.words["lab.question_default"];
    // A real model has a pace of its own, and no seed.
    for (const field of this.root.querySelectorAll("[name=rate], [name=seed]")) field.disabled = !sent.paced;
    this.panes = this.scenario.panes.map((about) => this.#pane(about));
    this.root.style.setProperty("--panes", this.panes.length);
    this.$(".panes").dataset.panes = this.panes.length;
    this.form = new Form(this.root, this.name, this.scenario, this.words, this.scenario.preferred?.(sent));
    this.buttons = new Buttons(this);
    this.display = new Display(this.root, this.panes, sent.figures, this.words);
    this.controls = new Controls(this);
    this.files = new RunFiles(this);
    this.keys = new PresenterKeys(this);
    this.statusLine.aside(this.scenario.aside?.(sent));
    this.named();
    this.idle();
    reveal();
    if (sent.remote && sent.child) this.#refuse("lab.status.remote");
    this.switch();
  }

  #pane(about) {
    const { places = PLACES, bad = BAD } = this.scenario;
    const known = { id: about.transport, places, bad, ...about };
    const root = dressPane(this.$("template"), known, this.words, (response) => this.#respond(pane, response));
    this.$(".panes").append(root);
    const pane = new Pane(root, known, this.words);
    return pane;
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
    this.display.timeline.draw(this.panes);
    this.steps(1);
    this.controls.unfold();
    this.status(this.statusLine.key(this.scenario.left?.() ? "lab.status.left" : "lab.status.idle"));
    this.switch();
  }

  // New data or a new theme. Colours come from CSS, so drawing again is all; a run that is under way keeps its settings.
  update([sent]) {
    this.sent = sent;
    requestAnimationFrame(() => this.display.timeline.draw());
  }

  get running() {
    return this.run !== null && !this.run.over;
  }

  // No other may begin: one is on, or its server still counts what is kept of it.
  get busy() {
    return this.running || this.keeping;
  }

  // Connected to a server, unlike a replay.
  get live() {
    return this.running && !(this.run instanceof Replay);
  }

  status(...what) {
    this.statusLine.status(...what);
  }

  // What reads each stream, where that is chosen: the code above a pane is the code that runs.
  named() {
    for (const [n, kind] of (this.scenario.reads?.(this.form.choices) ?? []).entries()) put(this.panes[n].root.querySelector(".api"), this.words[`lab.api.${kind}`]);
  }

  steps(current) {
    this.statusLine.steps(current, this.form.choices.mode);
  }

  #refuse(key) {
    this.refused = true;
    this.status(key);
  }

  switch() {
    this.root.classList.toggle("running", this.running);
    this.buttons.switch();
    this.files.switch();
    this.display.nameLosses(this.running);
  }

  // takeUp: goes on with the run that this page left behind when it was reloaded, instead of a new one.
  async start(takeUp = false) {
    if (this.busy || this.refused) return;
    if (!this.$("form").checkValidity()) {
      this.controls.reveal();
      this.$("form").reportValidity();
      return;
    }
    const settings = { ...this.form.settings, answers: this.sent.answers, numbers: this.sent.numbers, takeUp };
    const expected = this.scenario.lasts?.(settings) ?? 3000 + (this.sent.tokens / settings.rate) * 1000;
    const run = this.#run(settings);
    this.begin(run, expected, () => performance.now());
    this.status("lab.status.connecting");
    this.keeping = true; // until it is kept, nothing else begins
    try {
      const said = await run.play(this.scenario);
      if (run === this.run && said) await this.#ended(run, said);
    } finally {
      this.keeping = false;
      this.switch();
      run.release();
    }
  }

  #run(settings) {
    const { sent, name, words, panes, scenario } = this;
    const changed = (what, detail) => run === this.run && this.#changed(what, detail);
    const resumes = () => this.button("resume").checked;
    const run = new Run({ api: sent.api, name, words, settings, panes, resumes, changed, silence: scenario.silence });
    return run;
  }

  // A run begins, on whatever clock.
  begin(run, expected, now, sentence = "lab.result.running") {
    this.#quit();
    this.#clear(sentence);
    this.run = run;
    this.display.expect(expected, now);
    this.steps(this.live ? 2 : 0); // nobody is asked to do anything in a replay
    this.switch();
    this.controls.fold();
    this.display.follow(() => run === this.run && !run.over);
  }

  #clear(sentence) {
    this.display.clear(sentence);
    this.files.keep(null);
  }

  #changed(what, detail) {
    if (what === "running") this.display.starts(this.run.started);
    if (what === "failed") {
      this.display.fails(this.run.endedAt);
      this.steps(1);
    }
    const { mode, client } = this.run.settings;
    const key = pick(this.words, `scenario.${this.name}.status.${what}.${mode ?? client}`, `scenario.${this.name}.status.${what}`, `lab.status.${what}`);
    this.status(key ?? what, { reason: detail }, what);
    this.switch();
  }

  // A person cuts or stops the run.
  async act(what, act) {
    try {
      this.steps(3);
      this.status(`lab.status.${what}`);
      await act();
    } catch (error) {
      this.status("lab.status.trouble", { reason: error.message });
    }
  }

  #respond(pane, response) {
    for (const button of pane.ask.querySelectorAll("button")) button.disabled = true;
    this.status("lab.status.answered");
    this.run.respond(pane, response);
  }

  // Shows what a run has come to.
  conclude(run, said) {
    this.display.ends(run.endedAt);
    this.switch();
    this.steps(3);
    const told = lesson(this.name, run, said, this.words);
    // The sentence with figures tells of a run as it was meant.
    this.display.conclude(spoiled(said) ? "" : sentence(this.name, run, said, this.words), told);
    return told;
  }

  async #ended(run, said) {
    try {
      const told = this.conclude(run, said);
      this.display.judge(judged(this.name, this.form.chosen("expected"), said, this.words));
      this.status("lab.status.ended", { reason: told });
      const last = { name: this.name, run, said };
      this.files.keep(last);
      if (spoiled(said)) return; // only the page knows what its figures mean; a run that did not show its point is no evidence
      const kept = await request(`${this.sent.api}/evidence`, evidence(this.name, run, said, this.words), this.words, { patience: KEEP_MS });
      if (run === this.run) this.files.keep({ ...last, evidence: kept.evidence });
      this.streamlit.set("kept", { id: kept.id, scenario: this.name });
    } catch (error) {
      if (run === this.run) this.status("lab.status.not_kept", { reason: error.message });
    }
  }

  #quit() {
    this.run?.leave();
    this.run = null;
  }

  stop() {
    this.#quit();
    this.keys.stop();
    this.display.stop();
    this.controls.stop();
  }
}

export const mount = (place, data, streamlit) => new Lab(place, data, streamlit);
