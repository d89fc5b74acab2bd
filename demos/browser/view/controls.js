// Joins the lab's buttons, and what happens to the whole page, to what the lab does.
import { put } from "./elements.js";

const STILL = window.matchMedia("(prefers-reduced-motion: reduce)");
const HEADER_REM = 3.75; // Streamlit's own, which lies above the page

export class Controls {
  constructor(lab) {
    this.lab = lab;
    this.#runs();
    this.#folds();
    lab.$(".choices").onchange = () => {
      lab.named();
      if (!lab.busy) lab.steps(1);
    };
    this.leave = () => lab.run?.suspend();
    this.entered = (event) => event.persisted && lab.run?.reopen();
    window.addEventListener("pagehide", this.leave);
    window.addEventListener("pageshow", this.entered);
  }

  // What starts, cuts and ends a run.
  #runs() {
    const { lab } = this;
    lab.$("form").onsubmit = (event) => (event.preventDefault(), lab.start());
    lab.button("again").onclick = () => {
      const { seed } = lab.$("form").elements;
      seed.value = (Number(seed.value) + 1) % 1_000_000;
      lab.start();
    };
    lab.button("takeup").onclick = () => lab.start(true);
    lab.button("drop").onclick = () => lab.act("dropped", () => lab.run.drop());
    lab.button("stop").onclick = () => lab.act("stopping", () => lab.run.stop());
    lab.button("resume").onchange = ({ target }) => target.checked && lab.run?.revive();
  }

  // What opens and shuts a part of the lab.
  #folds() {
    const { lab } = this;
    for (const [name, part] of [["setup", ".setup"], ["settings", ".fields"], ["wire", ".wire"]]) {
      lab.button(name).onclick = () => this.#open(name, part, lab.$(part).hidden);
    }
  }

  #open(name, part, opened) {
    const { lab } = this;
    lab.$(part).hidden = !opened;
    lab.button(name).setAttribute("aria-expanded", String(opened));
    if (name !== "wire") return;
    lab.root.classList.toggle("wired", opened);
    lab.display.wire.draw(true);
    if (opened) lab.$(part).scrollIntoView({ block: "nearest", behavior: this.#pace });
  }

  get #pace() {
    return STILL.matches ? "auto" : "smooth";
  }

  // While a run is on and afterwards, what was chosen stands in one line, and the panes are what is seen.
  fold() {
    const { lab } = this;
    lab.root.classList.add("folded");
    lab.$(".chosen").hidden = false;
    put(lab.$(".picked"), lab.form.summary.join(" · "));
    this.#open("setup", ".setup", false);
    this.#bring();
  }

  // The status and all panes below it come into sight, under what stays at the window's upper edge, unless they are.
  #bring() {
    const [bar, status, buttons, panes] = [".bar", ".status", ".buttons", ".panes"].map((one) => this.lab.$(one));
    const sticks = getComputedStyle(buttons).position === "sticky";
    const first = sticks ? status : bar;
    const header = HEADER_REM * parseFloat(getComputedStyle(document.documentElement).fontSize);
    const edge = header + (sticks ? buttons.offsetHeight : 0);
    if (first.getBoundingClientRect().top >= edge && panes.getBoundingClientRect().bottom <= window.innerHeight) return;
    first.style.scrollMarginTop = `${edge}px`;
    first.scrollIntoView({ block: "start", behavior: this.#pace });
  }

  // Nothing has been started: all of it is there to choose from.
  unfold() {
    const { lab } = this;
    lab.root.classList.remove("folded");
    lab.$(".chosen").hidden = true;
    this.#open("setup", ".setup", true);
  }

  // Opens all that a person may fill in, to see what is wrong in it.
  reveal() {
    this.#open("setup", ".setup", true);
    this.#open("settings", ".fields", true);
  }

  stop() {
    window.removeEventListener("pagehide", this.leave);
    window.removeEventListener("pageshow", this.entered);
  }
}
