// What a person may choose before a run: a prediction, the scenario's variants, pace and seed. Starts nothing.
import { fill } from "../words.js";
import { put } from "./elements.js";

export class Form {
  // preferred: the options that stand chosen at first, by group; the first of a group where it names none.
  constructor(root, name, scenario, words, preferred = {}) {
    this.root = root;
    this.name = name;
    this.scenario = scenario;
    this.words = words;
    this.form = root.querySelector("form");
    const { choices = {}, actions = [], fields = [] } = scenario;
    const word = (key) => this.#word(key);
    const legend = root.querySelector(".predict legend");
    put(legend, word("predict"));
    const begins = `scenario.${name}.predict.`;
    for (const key of Object.keys(words).filter((key) => key.startsWith(begins))) legend.parentNode.append(radio("expected", key.slice(begins.length), words[key]));
    for (const [group, options] of Object.entries(choices)) {
      const set = Object.assign(document.createElement("fieldset"), { className: "segments" });
      set.dataset.testid = `lab-${group}`;
      set.append(Object.assign(document.createElement("legend"), { className: "unseen", textContent: word(group) }));
      const first = options.includes(preferred[group]) ? preferred[group] : options[0];
      for (const option of options) set.append(radio(group, option, word(`${group}.${option}`), option === first));
      root.querySelector(".choices").append(set);
    }
    const offered = { takeup: "button", drop: "button", stop: "button", resume: "label" };
    for (const [action, kind] of Object.entries(offered)) root.querySelector(`[data-testid=lab-${action}]`).closest(kind).hidden = !actions.includes(action);
    for (const field of root.querySelectorAll("[data-field]")) field.hidden = !fields.includes(field.dataset.field);
  }

  chosen(group) {
    return this.root.querySelector(`[name=${group}]:checked`)?.value;
  }

  get choices() {
    return Object.fromEntries(Object.keys(this.scenario.choices ?? {}).map((group) => [group, this.chosen(group)]));
  }

  // What was chosen, in few words: the variants, the seed where there is one, and what is expected.
  get summary() {
    const { seed } = this.form.elements;
    const said = Object.entries(this.choices).map(([group, option]) => this.#word(`${group}.${option}`));
    if (!seed.disabled) said.push(fill(this.words["lab.setup.seed"], { seed: seed.value }));
    const expected = this.chosen("expected");
    if (expected) said.push(fill(this.words["lab.setup.expected"], { expected: this.#word(`predict.${expected}`) }));
    return said;
  }

  #word(key) {
    return this.words[`scenario.${this.name}.${key}`];
  }

  get settings() {
    const { question, rate, seed, approve } = this.form.elements;
    return {
      ...this.choices,
      question: question.value.trim() || this.words["lab.question_default"],
      rate: Number(rate.value),
      seed: Number(seed.value),
      approve: approve.checked && (this.scenario.fields ?? []).includes("approve"),
    };
  }
}

const radio = (name, value, text, checked = false) => {
  const label = document.createElement("label");
  label.append(Object.assign(document.createElement("input"), { type: "radio", name, value, checked }), Object.assign(document.createElement("span"), { textContent: text }));
  return label;
};
