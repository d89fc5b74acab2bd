// A scenario measured without a browser: asks the server for it, waits its turn, shows the report. Measures and counts nothing.
import { request } from "../transports/api.js";
import { ROWS, figure } from "../view/figures.js";
import { fill } from "../words.js";

const ASK_MS = 1000;
const MOST_FAILS = 60; // in a row; then the form is given back, and a reload asks again
const RUNS = [1, 3, 10];

class Headless {
  constructor(place, [sent], streamlit) {
    this.root = place.querySelector(".lab");
    this.sent = sent;
    this.words = sent.words;
    this.streamlit = streamlit;
    this.left = this.busy = false;
    for (const node of this.root.querySelectorAll("[data-word]")) node.textContent = this.words[node.dataset.word];
    for (const node of this.root.querySelectorAll("[data-label]")) node.setAttribute("aria-label", this.words[node.dataset.label]);
    this.form = this.root.querySelector("form");
    RUNS.forEach((runs) => {
      const label = document.createElement("label");
      const text = fill(this.words[runs === 1 ? "lab.headless.once" : "lab.headless.times"], { runs });
      label.append(Object.assign(document.createElement("input"), { type: "radio", name: "runs", value: runs, checked: runs === 3 }));
      label.append(Object.assign(document.createElement("span"), { textContent: text }));
      this.form.querySelector(".segments").append(label);
    });
    this.form.onsubmit = (event) => (event.preventDefault(), this.start());
    this.say("lab.headless.idle");
    const id = sessionStorage.getItem(this.place);
    if (id) this.follow(id, true);
  }

  // Where this tab remembers what it asked for, so that a reload finds it again.
  get place() {
    return `streamwise.measured.${this.sent.scenario}`;
  }

  say(key, values = {}) {
    this.root.querySelector(".status").textContent = fill(this.words[key], values);
  }

  hold(busy) {
    this.busy = busy;
    for (const field of this.form.elements) field.disabled = busy;
  }

  async start() {
    if (this.busy || !this.form.reportValidity()) return;
    const { runs, seed } = this.form.elements;
    const asked = { scenario: this.sent.scenario, runs: Number(runs.value), seed: Number(seed.value) };
    this.hold(true);
    this.say("lab.headless.asked");
    try {
      const { id } = await request(`${this.sent.api}/experiments`, asked, this.words);
      sessionStorage.setItem(this.place, id);
      await this.follow(id);
    } catch (error) {
      this.hold(false);
      this.say("lab.headless.refused", { reason: error.message });
    }
  }

  // To its end. `again`: this tab asked for it before, so that an answer that it is gone is no news.
  async follow(id, again = false) {
    this.hold(true);
    let [began, fails] = [null, 0];
    while (!this.left) {
      try {
        const told = await request(`${this.sent.api}/experiments/${encodeURIComponent(id)}`, undefined, this.words);
        if (this.left) return; // whoever shows it again hands it over
        fails = 0;
        if (told.state === "running") began ??= performance.now();
        if (told.state === "done" || told.state === "failed") return this.over(told);
        this.say(`lab.headless.${told.state}`, { n: told.ahead, s: Math.round((performance.now() - (began ?? 0)) / 1000) });
      } catch (error) {
        const mayComeBack = !error.status || error.status === 429 || error.status >= 500; // no answer, or one that is busy
        if (!mayComeBack) {
          sessionStorage.removeItem(this.place);
          this.hold(false);
          return this.say(again ? "lab.headless.idle" : "lab.headless.refused", { reason: error.message });
        }
        this.say("lab.headless.refused", { reason: error.message });
        if (++fails >= MOST_FAILS) return this.hold(false);
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_MS));
    }
  }

  // Handed over once, though each page of this tab that shows it finds it done.
  over(told) {
    this.hold(false);
    const old = sessionStorage.getItem(`${this.place}.handed`) === told.evidence_id;
    if (told.state === "failed") return this.say("lab.headless.failed", { reason: told.message });
    this.show(told);
    this.say(old ? "lab.headless.old" : "lab.headless.done");
    if (old) return;
    this.streamlit.set("kept", { id: told.evidence_id, scenario: this.sent.scenario });
    sessionStorage.setItem(`${this.place}.handed`, told.evidence_id);
  }

  // Nothing of what Python may send anew changes what is shown.
  update() {}

  stop() {
    this.left = true;
  }

  show({ report, runs, seed }) {
    const who = new Map(report.spreads.map((one) => [`${one.transport} ${one.client}`, one]));
    const cell = (kind, textContent, more = {}) => Object.assign(document.createElement(kind), { textContent, ...more });
    const head = cell("tr", "");
    head.append(cell("th", this.words["lab.measure"], { scope: "col" }));
    for (const { transport, client } of who.values()) head.append(cell("th", `${this.words[`lab.lane.${transport}`]}: ${client}`, { scope: "col" }));
    const rows = [...ROWS, ...this.sent.figures].filter((name) => report.spreads.some((one) => one.figure === name));
    const table = this.root.querySelector("table");
    table.tHead.replaceChildren(head);
    table.tBodies[0].replaceChildren(
      ...rows.map((name) => {
        const row = cell("tr", "");
        row.dataset.figure = name;
        row.append(cell("th", this.words[`lab.count.${name}`] ?? this.words[`figure.${name}`], { scope: "row" }));
        for (const key of who.keys()) row.append(cell("td", this.told(report.spreads.find((one) => one.figure === name && `${one.transport} ${one.client}` === key), runs)));
        return row;
      }),
    );
    this.root.querySelector(".broad").hidden = false;
    const versions = Object.entries(report.versions).map((pair) => pair.join(" ")).join(", ");
    const about = { runs, seed, last: seed + runs, first: seed + 1, where: report.where, how: report.how, versions };
    this.root.querySelector("[data-testid=headless-about]").textContent = fill(this.words[runs === 1 ? "lab.headless.about_one" : "lab.headless.about"], about);
  }

  // median [least..most]; in how many runs it could be measured, where that were not all.
  told(spread, runs) {
    if (!spread) return "–";
    const bare = (value) => figure(spread.figure, value).split(" ")[0];
    const range = runs > 1 ? ` [${bare(spread.least)}..${bare(spread.most)}]` : "";
    return `${figure(spread.figure, spread.median)}${range}${spread.runs < runs ? `, ${spread.runs}/${runs}` : ""}`;
  }
}

export const mount = (place, data, streamlit) => new Headless(place, data, streamlit);
